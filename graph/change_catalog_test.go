package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	productFields = "sku name description unit basePrice taxable status externalReference version barcodes category"
	productParts  = `sku name description unit basePrice { amount } taxable status externalReference version barcodes category { name }`
	createProduct = `mutation($input: ProductCreateInput!) { productCreate(input: $input) {
		product { id ` + productParts + ` } userErrors { code field message } } }`
	updateProduct = `mutation($id: ID!, $input: ProductUpdateInput!) { productUpdate(id: $id, input: $input) {
		product { id ` + productParts + ` } userErrors { code field message } } }`
	setPrice = `mutation($input: StorePriceSetInput!) { storePriceSet(input: $input) {
		storePrice { id version price { amount currencyCode } store { code } product { sku } } userErrors { code field message } } }`
	removePrice = `mutation($store: ID!, $product: ID!) { storePriceRemove(storeId: $store, productId: $product) {
		product { sku } userErrors { code field message } } }`
)

// found lists the SKUs that a search finds.
func (b *bundle) found(t testing.TB, token, search string) string {
	t.Helper()
	a := b.post(t, token, `query($search: String!) { products(filter: {search: $search}) { nodes { sku } } }`,
		vars{"search": search}).ok(t)
	var skus []string
	for _, node := range a.at("products", "nodes").([]any) {
		skus = append(skus, node.(map[string]any)["sku"].(string))
	}
	slices.Sort(skus)
	return strings.Join(skus, " ")
}

func TestProductCreate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	a := b.post(t, owner, createProduct, vars{"input": vars{
		"sku": " CB-7 ", "name": "Crème Brûlée Größe", "description": "Sweet", "categoryId": b.A.Category.String(), "unit": "KILOGRAM",
		"basePrice": "12.5", "taxable": false, "barcodes": []string{"222", " 111 "}, "externalReference": "ext",
	}}).done(t, "productCreate")
	if got := a.texts(productFields, "productCreate", "product"); got !=
		"CB-7 Crème Brûlée Größe Sweet KILOGRAM 12.50 false ACTIVE ext 1 [111 222] Drinks acme" {
		t.Error(got)
	}
	for search, want := range map[string]string{
		"creme": "CB-7", "CRÈME": "CB-7", "brul": "CB-7", "brulee creme": "CB-7", "grosse": "CB-7", "Gröss": "CB-7", "cb-7": "CB-7",
		"cb": "CB-7", "7 cre": "CB-7", "  crème,brûlée! ": "CB-7", "rème": "", "creme cola": "", "cola": "SKU-1 SKU-2", "SKU-2 ": "",
		"": "CB-7 SKU-1 SKU-2", "!": "", "%": "", "creme%": "CB-7", "' or 1=1": "",
	} {
		if got := b.found(t, owner, search); got != want {
			t.Errorf("search %q finds %q; want %q", search, got, want)
		}
	}
	if got := b.found(t, b.token(t, b.B, b.B.Owner), "creme"); got != "" {
		t.Errorf("the other company finds %q", got)
	}
	for _, code := range []string{"111", "222"} {
		if a := b.post(t, b.cashier(t, 1), `query($c: String!) { productByBarcode(barcode: $c) { sku } }`, vars{"c": code}).ok(t); a.at("productByBarcode", "sku") != "CB-7" {
			t.Errorf("barcode %s: %s", code, a.Raw)
		}
	}
	sold := b.sell(t, b.cashier(t, 0), order(b.A.Stores[0].Registers[0].ID, "k", "3.13", vars{"barcode": "111", "quantity": "0.25"}))
	if got := sold.texts("total tax", "saleRecord", "sale"); got != "3.13 0.00" {
		t.Error(got)
	}
	a = b.post(t, owner, createProduct, vars{"input": vars{"sku": "plain", "name": "Plain", "basePrice": "0"}}).done(t, "productCreate")
	if got := a.texts(productFields, "productCreate", "product"); got != "plain Plain  EACH 0.00 true ACTIVE <nil> 1 [] <nil>" {
		t.Error(got)
	}
}

func TestProductCreateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "update products set external_reference = 'mine' where id = $1", b.A.Products[0].UUID())
	b.db.Exec(t, "update products set external_reference = 'theirs', sku = 'THEIRS' where id = $1", b.B.Products[0].UUID())
	before := b.books(t)
	in := func(change ...any) vars {
		input := vars{"sku": "N", "name": "N", "basePrice": "1"}
		for i := 0; i+1 < len(change); i += 2 {
			input[change[i].(string)] = change[i+1]
		}
		return vars{"input": input}
	}
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{in("sku", ""), []string{"INVALID sku"}},
		{in("sku", "a\x00b"), []string{"INVALID sku"}},
		{in("sku", strings.Repeat("s", 65)), []string{"INVALID sku"}},
		{in("sku", "SKU-1"), []string{"TAKEN sku"}},
		{in("sku", " SKU-2 "), []string{"TAKEN sku"}},
		{in("name", ""), []string{"INVALID name"}},
		{in("name", strings.Repeat("é", 201)), []string{"INVALID name"}},
		{in("description", strings.Repeat("é", 5001)), []string{"INVALID description"}},
		{in("basePrice", "-0.01"), []string{"INVALID basePrice"}},
		{in("basePrice", "0.001"), []string{"INVALID basePrice"}},
		{in("basePrice", "10000000000.01"), []string{"INVALID basePrice"}},
		{in("categoryId", id.New[id.Category]().String()), []string{"CATEGORY_NOT_FOUND categoryId"}},
		{in("categoryId", b.B.Category.String()), []string{"CATEGORY_NOT_FOUND categoryId"}},
		{in("externalReference", "mine"), []string{"TAKEN externalReference"}},
		{in("externalReference", " "), []string{"INVALID externalReference"}},
		{in("barcodes", []string{"1", ""}), []string{"INVALID barcodes.1"}},
		{in("barcodes", []string{"1", " 1"}), []string{"INVALID barcodes.1"}},
		{in("barcodes", []string{"a\x00b", "c\x00", "1"}), []string{"INVALID barcodes.0", "INVALID barcodes.1"}},
		{in("barcodes", []string{strings.Repeat("1", 65)}), []string{"INVALID barcodes.0"}},
		{in("barcodes", many), []string{"INVALID barcodes"}},
		{in("barcodes", []string{"new", "", "new", " " + b.A.Barcodes[0]}), []string{"INVALID barcodes.1", "INVALID barcodes.2", "TAKEN barcodes.3"}},
		{
			in("sku", "SKU-1", "name", "", "basePrice", "-1", "categoryId", b.B.Category.String(), "externalReference", "mine", "barcodes", b.A.Barcodes),
			[]string{
				"INVALID name", "INVALID basePrice", "TAKEN sku", "TAKEN externalReference", "TAKEN barcodes.0", "TAKEN barcodes.1",
				"CATEGORY_NOT_FOUND categoryId",
			},
		},
	} {
		b.post(t, b.owner(t), createProduct, c.input).refused(t, "productCreate", "product", c.want...)
	}
	b.unchanged(t, before)
	// What another company uses is free here, and its answer is the one for what nobody uses.
	b.post(t, b.owner(t), createProduct, in("sku", "THEIRS", "externalReference", "theirs", "barcodes", b.B.Barcodes)).done(t, "productCreate")
}

func TestProductUpdate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	product := b.A.Products[0].String()
	version := 1
	update := func(input vars) string {
		input["version"] = version
		version++
		return b.post(t, b.owner(t), updateProduct, vars{"id": product, "input": input}).done(t, "productUpdate").
			texts(productFields, "productUpdate", "product")
	}
	barcode := b.A.Barcodes[0]
	if got := update(vars{}); got != "SKU-1 Cola 1 acme  EACH 100.00 true ACTIVE <nil> 2 ["+barcode+"] Drinks acme" {
		t.Errorf("nothing set: %s", got)
	}
	if got := update(vars{
		"sku": "Z 9", "name": "Señor Zumo", "description": "d", "categoryId": b.A.Category.String(), "basePrice": "1.5", "taxable": false,
		"status": "ARCHIVED", "barcodes": []string{"9", barcode}, "externalReference": "ext",
	}); got != "Z 9 Señor Zumo d EACH 1.50 false ARCHIVED ext 3 [9 "+barcode+"] Drinks acme" {
		t.Errorf("all set: %s", got)
	}
	for search, want := range map[string]string{"cola": "SKU-2", "SKU-1": "", "senor": "Z 9", "ZUMO SEN": "Z 9", "z": "Z 9", "z 9": "Z 9", "wordacme": "SKU-2"} {
		if got := b.found(t, b.owner(t), search); got != want {
			t.Errorf("search %q finds %q; want %q", search, got, want)
		}
	}
	if got := update(vars{"barcodes": []string{"8"}}); !strings.Contains(got, "[8]") {
		t.Errorf("barcodes replaced: %s", got)
	}
	// The barcode that it gave up is free for another.
	b.post(t, b.owner(t), updateProduct, vars{"id": b.A.Products[1].String(), "input": vars{"version": 1, "barcodes": []string{"9"}}}).done(t, "productUpdate")
	if got := update(vars{"description": nil, "categoryId": nil, "externalReference": nil, "barcodes": nil}); got !=
		"Z 9 Señor Zumo  EACH 1.50 false ARCHIVED <nil> 5 [] <nil>" {
		t.Errorf("emptied: %s", got)
	}
	if got := update(vars{"barcodes": []string{}}); !strings.Contains(got, "[]") {
		t.Errorf("no barcodes: %s", got)
	}
	kept := b.post(t, b.cashier(t, 1), `query($id: ID!) { product(id: $id) { `+productParts+` } }`, vars{"id": product}).ok(t)
	if got := kept.texts(productFields, "product"); got != "Z 9 Señor Zumo  EACH 1.50 false ARCHIVED <nil> 6 [] <nil>" {
		t.Errorf("kept: %s", got)
	}
	// A change that says nothing of the name leaves the words as they should be.
	if got := b.found(t, b.owner(t), "senor"); got != "Z 9" {
		t.Errorf("after all: %q", got)
	}
}

func TestProductUpdateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "update products set external_reference = 'second' where id = $1", b.A.Products[1].UUID())
	b.db.Exec(t, "update products set external_reference = 'theirs', sku = 'THEIRS' where id = $1", b.B.Products[0].UUID())
	product := b.A.Products[0].String()
	update := func(id string, input vars) *answer {
		if input["version"] == nil {
			input["version"] = 1
		}
		return b.post(t, b.owner(t), updateProduct, vars{"id": id, "input": input})
	}
	before := b.books(t)
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{vars{"sku": nil, "name": nil, "basePrice": nil, "taxable": nil, "status": nil}, []string{
			"INVALID sku", "INVALID name", "INVALID basePrice", "INVALID taxable", "INVALID status",
		}},
		{vars{"sku": "", "name": "\x00", "description": "\x1b", "basePrice": "1.005", "externalReference": "", "barcodes": []string{""}}, []string{
			"INVALID sku", "INVALID name", "INVALID description", "INVALID basePrice", "INVALID externalReference", "INVALID barcodes.0",
		}},
		{vars{"sku": "SKU-2", "externalReference": "second", "barcodes": []string{b.A.Barcodes[0], b.A.Barcodes[1]}}, []string{
			"TAKEN sku", "TAKEN externalReference", "TAKEN barcodes.1",
		}},
		{vars{"categoryId": b.B.Category.String()}, []string{"CATEGORY_NOT_FOUND categoryId"}},
	} {
		update(product, c.input).refused(t, "productUpdate", "product", c.want...)
	}
	a := update(product, vars{"version": 7, "name": "Lost", "sku": "SKU-2"}).ok(t)
	if got := a.codes("productUpdate"); !slices.Equal(got, []string{"CONFLICT version"}) {
		t.Errorf("%q", got)
	}
	if got := a.texts(productFields, "productUpdate", "product"); got !=
		"SKU-1 Cola 1 acme  EACH 100.00 true ACTIVE <nil> 1 ["+b.A.Barcodes[0]+"] Drinks acme" {
		t.Errorf("the current product: %s", got)
	}
	madeUp := update(id.New[id.Product]().String(), vars{"name": "n"})
	madeUp.refused(t, "productUpdate", "product", "NOT_FOUND id")
	if a := update(b.B.Products[0].String(), vars{"name": "n"}); a.Raw != madeUp.Raw {
		t.Errorf("%s; the made-up one: %s", a.Raw, madeUp.Raw)
	}
	b.unchanged(t, before)
	update(product, vars{"sku": "THEIRS", "externalReference": "theirs", "barcodes": b.B.Barcodes}).done(t, "productUpdate")
}

// Of many changes at once that are based on one version exactly one is made, its words and barcodes included.
func TestProductUpdateAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	product := b.A.Products[0].String()
	token := b.owner(t)
	for version := 1; version <= 8; version++ {
		answers := together(t, 4, func(i int) (*answer, error) {
			return b.ask(t.Context(), token, updateProduct, vars{"id": product, "input": vars{
				"version": version, "name": fmt.Sprintf("round%d by%d", version, i), "barcodes": []string{fmt.Sprint(version, "-", i)},
			}})
		})
		won := ""
		for i, a := range answers {
			if len(a.ok(t).codes("productUpdate")) == 0 {
				won += fmt.Sprint(i)
			}
		}
		if len(won) != 1 {
			t.Fatalf("version %d: won by %q", version, won)
		}
		for _, a := range answers {
			if got := a.at("productUpdate", "product", "name"); got != fmt.Sprintf("round%d by%s", version, won) {
				t.Errorf("%s won: %s", won, a.Raw)
			}
		}
		words := pgtest.Values[string](t, b.db, "select word from product_words where product_id = $1 order by 1", b.A.Products[0].UUID())
		want := []string{"1", "by" + won, fmt.Sprint("round", version), "sku", "sku-1", fmt.Sprint(version, "-", won), fmt.Sprint(version), won}
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(words, want) {
			t.Errorf("words: %q, want %q", words, want)
		}
		if got := pgtest.Values[string](t, b.db, "select barcode from product_barcodes where product_id = $1", b.A.Products[0].UUID()); len(got) != 1 || got[0] != fmt.Sprint(version, "-", won) {
			t.Errorf("barcodes: %q", got)
		}
	}
}

// Two that want one SKU, or one barcode, at once: one gets it and the other is told.
func TestProductCreateAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.owner(t)
	for round := range 8 {
		answers := together(t, 4, func(i int) (*answer, error) {
			return b.ask(t.Context(), token, createProduct, vars{"input": vars{
				"sku": fmt.Sprint("same", round), "name": fmt.Sprint("by", i), "basePrice": "1", "barcodes": []string{fmt.Sprint("code", round)},
			}})
		})
		won := 0
		for _, a := range answers {
			codes := a.ok(t).codes("productCreate")
			if len(codes) == 0 {
				won++
				continue
			}
			for _, code := range codes {
				if !strings.HasPrefix(code, "TAKEN ") {
					t.Error(a.Raw)
				}
			}
		}
		if won != 1 {
			t.Errorf("%d of 4 were created", won)
		}
	}
	b.logs.quiet(t)
}

func TestStorePrices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.A.Stores[0].ID, b.A.Stores[1].ID
	product := b.A.Products[1]
	in := func(store id.Store, product id.Product, price string) vars {
		return vars{"input": vars{"storeId": store.String(), "productId": product.String(), "price": price}}
	}
	price := func(store id.Store) string {
		return b.post(t, b.owner(t), `query($p: ID!, $s: ID!) { product(id: $p) { price(storeId: $s) { source price { amount currencyCode } } } }`,
			vars{"p": product.String(), "s": store.String()}).ok(t).texts("source price", "product", "price")
	}
	for i, amount := range []string{"7", "7.50", "0"} {
		a := b.post(t, b.manager(t), setPrice, in(first, product, amount)).done(t, "storePriceSet")
		if got := a.texts("version price", "storePriceSet", "storePrice"); got != fmt.Sprint(i+1, " ", []string{"7.00", "7.50", "0.00"}[i]) {
			t.Error(got)
		}
	}
	if got := price(first) + ", " + price(second); got != "STORE 0.00, BASE 100.00" {
		t.Error(got)
	}
	sold := b.sell(t, b.cashier(t, 0), order(b.A.Stores[0].Registers[0].ID, "k", "", item(product, "3")))
	if got := sold.texts("total", "saleRecord", "sale"); got != "0.00" {
		t.Errorf("sold for %s", got)
	}
	remove := func(token string, store id.Store, product id.Product) *answer {
		return b.post(t, token, removePrice, vars{"store": store.String(), "product": product.String()})
	}
	if a := remove(b.manager(t), first, product).done(t, "storePriceRemove"); a.at("storePriceRemove", "product", "sku") != "SKU-2" {
		t.Error(a.Raw)
	}
	if got := price(first); got != "BASE 100.00" {
		t.Error(got)
	}
	before := b.books(t)
	remove(b.manager(t), first, product).refused(t, "storePriceRemove", "product", "NOT_FOUND productId")
	for _, c := range []struct {
		variables vars
		want      []string
	}{
		{in(first, product, "-1"), []string{"INVALID price"}},
		{in(first, product, "0.001"), []string{"INVALID price"}},
		{in(first, product, "99999999999"), []string{"INVALID price"}},
		{in(first, b.B.Products[0], "1"), []string{"PRODUCT_NOT_FOUND productId"}},
		{in(first, id.New[id.Product](), "1"), []string{"PRODUCT_NOT_FOUND productId"}},
		{in(second, product, "1"), []string{"STORE_NOT_FOUND storeId"}},
		{in(b.B.Stores[0].ID, b.B.Products[0], "1"), []string{"STORE_NOT_FOUND storeId", "PRODUCT_NOT_FOUND productId"}},
		{in(id.New[id.Store](), id.New[id.Product](), "1"), []string{"STORE_NOT_FOUND storeId", "PRODUCT_NOT_FOUND productId"}},
	} {
		b.post(t, b.manager(t), setPrice, c.variables).refused(t, "storePriceSet", "storePrice", c.want...)
	}
	madeUp := remove(b.manager(t), id.New[id.Store](), id.New[id.Product]())
	madeUp.refused(t, "storePriceRemove", "product", "STORE_NOT_FOUND storeId", "PRODUCT_NOT_FOUND productId")
	if a := remove(b.manager(t), b.B.Stores[0].ID, b.B.Products[0]); a.Raw != madeUp.Raw {
		t.Error(a.Raw)
	}
	remove(b.manager(t), second, b.A.Products[0]).refused(t, "storePriceRemove", "product", "STORE_NOT_FOUND storeId")
	b.unchanged(t, before)
	// In the store's currency, with its decimals.
	kuwait := b.till(t, b.A, "KWD", 0, true)
	a := b.post(t, b.owner(t), setPrice, in(kuwait.store, product, "1.255")).done(t, "storePriceSet")
	if got := a.texts("amount currencyCode", "storePriceSet", "storePrice", "price"); got != "1.255 KWD" {
		t.Error(got)
	}
	if got := price(kuwait.store); got != "STORE 1.255" {
		t.Error(got)
	}
	// Two that set one price at once both succeed, one after the other.
	token := b.owner(t)
	versions := map[any]bool{}
	for _, a := range together(t, 5, func(i int) (*answer, error) {
		return b.ask(t.Context(), token, setPrice, in(second, product, fmt.Sprint(i)))
	}) {
		versions[a.done(t, "storePriceSet").at("storePriceSet", "storePrice", "version")] = true
	}
	if len(versions) != 5 {
		t.Errorf("versions %v", versions)
	}
}
