package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	createCategory = `mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id version } userErrors { code field message } } }`
	updateCategory = `mutation($id: ID!, $input: CategoryUpdateInput!) { categoryUpdate(id: $id, input: $input) {
		category { id version name parent { id } } userErrors { code field message } } }`
	upsertProducts = `mutation($input: ProductsUpsertInput!) { productsUpsert(input: $input) {
		results { index action product { sku name version } userErrors { code field message } } userErrors { code field message } } }`
)

func (b *bundle) newCategory(t testing.TB, name string, parent any) string {
	t.Helper()
	a := b.post(t, b.owner(t), createCategory, vars{"input": vars{"name": name, "parentId": parent}}).ok(t)
	made, ok := a.at("categoryCreate", "category", "id").(string)
	if !ok {
		t.Fatal(a.Raw)
	}
	return made
}

// Of two moves at once, each of which is right by itself, never both are made: there would be a cycle.
func TestCategoriesNeverMakeACycle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	for round := range 6 {
		one, two := b.newCategory(t, "one", nil), b.newCategory(t, "two", nil)
		answers := together(t, 2, func(i int) (*answer, error) {
			of, under := one, two
			if i == 1 {
				of, under = two, one
			}
			return b.ask(t.Context(), owner, updateCategory, vars{"id": of, "input": vars{"version": 1, "parentId": under}})
		})
		moved := 0
		for _, a := range answers {
			if codes := a.ok(t).codes("categoryUpdate"); len(codes) == 0 {
				moved++
			} else if !slices.Equal(codes, []string{"CYCLE parentId"}) {
				t.Errorf("round %d: %s", round, a.Raw)
			}
		}
		if moved != 1 {
			t.Fatalf("round %d: %d of two moves were made", round, moved)
		}
	}
	own := b.newCategory(t, "own", nil)
	if a := b.post(t, owner, updateCategory, vars{"id": own, "input": vars{"version": 1, "parentId": own}}).ok(t); !slices.Equal(a.codes("categoryUpdate"), []string{"CYCLE parentId"}) {
		t.Error(a.Raw)
	}
	at := own
	for range 9 {
		at = b.newCategory(t, "deeper", at)
	}
	if a := b.post(t, owner, createCategory, vars{"input": vars{"name": "too deep", "parentId": at}}).ok(t); !slices.Equal(a.codes("categoryCreate"), []string{"TOO_DEEP parentId"}) {
		t.Error(a.Raw)
	}
	above := b.newCategory(t, "above", nil)
	if a := b.post(t, owner, updateCategory, vars{"id": own, "input": vars{"version": 1, "parentId": above}}).ok(t); !slices.Equal(a.codes("categoryUpdate"), []string{"TOO_DEEP parentId"}) {
		t.Error(a.Raw)
	}
	remove := func(of string) []string {
		return b.post(t, owner, `mutation($id: ID!) { categoryDelete(id: $id) { deletedId userErrors { code field message } } }`, vars{"id": of}).ok(t).codes("categoryDelete")
	}
	if got := remove(own); !slices.Equal(got, []string{"HAS_CHILDREN id"}) {
		t.Error(got)
	}
	if got := remove(b.A.Category.String()); !slices.Equal(got, []string{"HAS_PRODUCTS id"}) {
		t.Error(got)
	}
	if got := remove(at); len(got) != 0 {
		t.Error(got)
	}
	if got := remove(at); !slices.Equal(got, []string{"NOT_FOUND id"}) {
		t.Error(got)
	}
}

// A price counts from its start until just before its end, lists before the store's price before the base price.
func TestPriceResolution(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, store := b.owner(t), b.A.Stores[0].ID.String()
	product := b.product(t, b.A, goods{price: 1000}).String()
	set := func(price, from, until any) *answer {
		return b.post(t, owner, setPrice, vars{"input": vars{"storeId": store, "productId": product, "price": price, "from": from, "until": until}}).ok(t)
	}
	set("9", nil, nil).done(t, "storePriceSet")
	set("8", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z").done(t, "storePriceSet")
	set("7", "2026-02-01T00:00:00Z", nil).done(t, "storePriceSet")
	for _, c := range []struct{ from, until, want any }{
		{"2026-01-31T23:59:59.999999Z", "2026-02-01T00:00:00Z", "OVERLAPS from"},
		{"2027-01-01T00:00:00Z", nil, "OVERLAPS from"},
		{"2025-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", "OVERLAPS from"},
		{nil, "2030-01-01T00:00:00Z", "INVALID from"},
		{"2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "INVALID until"},
	} {
		if a := set("1", c.from, c.until); !slices.Equal(a.codes("storePriceSet"), []string{c.want.(string)}) {
			t.Errorf("%v to %v: %s", c.from, c.until, a.Raw)
		}
	}
	list := func(name string, priority int, from, until any, price string) {
		t.Helper()
		a := b.post(t, owner, `mutation($input: PriceListCreateInput!) { priceListCreate(input: $input) { priceList { id } userErrors { code field message } } }`,
			vars{"input": vars{"name": name, "priority": priority, "from": from, "until": until, "storeIds": []string{store}}}).ok(t)
		made, _ := a.at("priceListCreate", "priceList", "id").(string)
		b.post(t, owner, `mutation($id: ID!, $input: PriceListItemsSetInput!) { priceListItemsSet(id: $id, input: $input) { priceList { id } userErrors { code field message } } }`,
			vars{"id": made, "input": vars{"items": []vars{{"productId": product, "price": price}}}}).done(t, "priceListItemsSet")
	}
	list("Spring", 1, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "6")
	list("Flash", 2, "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", "5")
	for at, want := range map[string]string{
		"2025-12-31T23:59:59.999999Z": "STORE 9.00", "2026-01-01T00:00:00Z": "STORE 8.00", "2026-01-31T23:59:59.999999Z": "STORE 8.00",
		"2026-02-01T00:00:00Z": "STORE 7.00", "2026-02-28T23:59:59.999999Z": "STORE 7.00", "2026-03-01T00:00:00Z": "PRICE_LIST 6.00",
		"2026-03-09T23:59:59.999999Z": "PRICE_LIST 6.00", "2026-03-10T00:00:00Z": "PRICE_LIST 5.00", "2026-03-11T00:00:00Z": "PRICE_LIST 6.00",
		"2026-03-31T23:59:59.999999Z": "PRICE_LIST 6.00", "2026-04-01T00:00:00Z": "STORE 7.00",
	} {
		a := b.post(t, owner, `query($at: DateTime) { product(id: "`+product+`") { price(storeId: "`+store+`", at: $at) { source price { amount } } } }`, vars{"at": at}).ok(t)
		if got := a.texts("source price", "product", "price"); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	input := order(b.A.Stores[0].Registers[0].ID, "then", "5", vars{"productId": product, "quantity": "1"})
	input["occurredAt"] = "2026-03-10T12:00:00Z"
	if got := b.sell(t, b.cashier(t, 0), input).texts("total", "saleRecord", "sale"); got != "5.00" {
		t.Errorf("sold at %s", got)
	}
}

// Codes of scales are read by the company's rules, a UPC-A is its EAN-13, and spaces don't matter.
func TestScans(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, cashier, register := b.owner(t), b.cashier(t, 0), b.A.Stores[0].Registers[0].ID
	rule := func(prefix, kind string, decimals int) {
		b.post(t, owner, `mutation($input: BarcodeRuleSetInput!) { barcodeRuleSet(input: $input) { barcodeRule { prefix } userErrors { code field message } } }`,
			vars{"input": vars{"prefix": prefix, "itemDigits": 5, "valueDigits": 5, "valueKind": kind, "decimals": decimals}}).done(t, "barcodeRuleSet")
	}
	rule("21", "WEIGHT", 3)
	rule("22", "PRICE", 2)
	add := func(sku, unit, price string, codes ...string) {
		b.post(t, owner, createProduct, vars{"input": vars{"sku": sku, "name": sku, "unit": unit, "basePrice": price, "taxable": false, "barcodes": codes}}).done(t, "productCreate")
	}
	add("cheese", "KILOGRAM", "1000", "2112345", eanOf("225432100000"))
	add("soap", "EACH", "50", "036000291452")
	for i, c := range []struct{ code, quantity, want, line string }{
		{"2112345002506", "1", "250.00", "0.25 1000.00 BASE"},
		{" 2112345002506\n", "2", "500.00", "0.5 1000.00 BASE"},
		{"2254321012348", "1", "12.34", "0.012 1000.00 BARCODE"},
		{"0036000291452", "3", "150.00", "3 50.00 BASE"},
		{"036000291452 ", "1", "50.00", "1 50.00 BASE"},
	} {
		check := c.code
		if trimmed := strings.TrimSpace(c.code); len(trimmed) == 13 && trimmed[0] == '2' {
			check = strings.Replace(c.code, trimmed, eanOf(trimmed[:12]), 1)
		}
		a := b.sell(t, cashier, order(register, fmt.Sprint(i), "1000", vars{"barcode": check, "quantity": c.quantity}))
		line := a.texts("quantity unitPrice priceSource", "saleRecord", "sale", "lines", 0)
		if got := a.texts("total", "saleRecord", "sale"); got != c.want || line != c.line {
			t.Errorf("%q: %s of %s; want %s of %s", c.code, got, line, c.want, c.line)
		}
	}
	wrong := eanOf("211234500250")
	wrong = wrong[:12] + string('0'+(wrong[12]-'0'+1)%10)
	for code, want := range map[string]string{wrong: "PRODUCT_NOT_FOUND lines.0.barcode", eanOf("219999900250"): "PRODUCT_NOT_FOUND lines.0.barcode"} {
		a := b.post(t, cashier, recordSale, vars{"input": order(register, code, "1000", vars{"barcode": code, "quantity": "1"})}).ok(t)
		if got := a.codes("saleRecord"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", code, got)
		}
	}
	half := b.post(t, cashier, recordSale, vars{"input": order(register, "half", "1000", vars{"barcode": eanOf("211234500250"), "quantity": "0.5"})}).ok(t)
	if got := half.codes("saleRecord"); !slices.Equal(got, []string{"QUANTITY_NOT_WHOLE lines.0.quantity"}) {
		t.Error(got)
	}
	if a := b.post(t, owner, createProduct, vars{"input": vars{"sku": "x", "name": "x", "basePrice": "1", "barcodes": []string{"4006381333932", "36000291452", "0036000291452"}}}).ok(t); !slices.Equal(a.codes("productCreate"), []string{"INVALID barcodes.0", "TAKEN barcodes.2"}) {
		t.Error(a.Raw)
	}
	if got := b.found(t, owner, "036000291452"); got != "soap" {
		t.Errorf("the search finds %q", got)
	}
	b.sound(t)
}

func eanOf(payload string) string {
	sum := 0
	for i, digit := range payload {
		sum += int(digit-'0') * (1 + 2*(i%2))
	}
	return payload + string(rune('0'+(10-sum%10)%10))
}

// A product with options is sold through its variants, whose values are unlike.
func TestVariants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	create := func(sku string, more vars) *answer {
		input := vars{"sku": sku, "name": sku, "basePrice": "10"}
		maps.Copy(input, more)
		return b.post(t, owner, createProduct, vars{"input": input}).ok(t)
	}
	parent := create("shirt", vars{"optionNames": []string{"Size", "Colour"}}).done(t, "productCreate").at("productCreate", "product", "id").(string)
	create("shirt-xl", vars{"parentId": parent, "optionValues": []string{"XL", "Red"}}).done(t, "productCreate")
	for _, c := range []struct {
		more vars
		want string
	}{
		{vars{"parentId": parent, "optionValues": []string{"xl", "RED"}}, "TAKEN optionValues"},
		{vars{"parentId": parent, "optionValues": []string{"XL"}}, "INVALID optionValues"},
		{vars{"parentId": parent}, "INVALID optionValues"},
		{vars{"optionValues": []string{"XL"}}, "INVALID optionValues"},
		{vars{"parentId": b.A.Products[0].String(), "optionValues": []string{"XL"}}, "INVALID parentId"},
		{vars{"parentId": b.B.Products[0].String(), "optionValues": []string{"XL"}}, "PARENT_NOT_FOUND parentId"},
		{vars{"parentId": id.New[id.Product]().String(), "optionValues": []string{"XL"}}, "PARENT_NOT_FOUND parentId"},
		{vars{"optionNames": []string{"a", "A"}}, "INVALID optionNames.1"},
	} {
		if a := create("other", c.more); !slices.Equal(a.codes("productCreate"), []string{c.want}) {
			t.Errorf("%v: %s", c.more, a.Raw)
		}
	}
	if a := b.post(t, owner, updateProduct, vars{"id": parent, "input": vars{"version": 1, "optionNames": []string{"Size"}}}).ok(t); !slices.Equal(a.codes("productUpdate"), []string{"HAS_VARIANTS optionNames"}) {
		t.Error(a.Raw)
	}
	b.post(t, owner, updateProduct, vars{"id": parent, "input": vars{"version": 1, "optionNames": []string{"Size", "Color"}}}).done(t, "productUpdate")
}

// A thousand rows cost as many statements as one, and each policy does what it says.
func TestProductsUpsert(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	upsert := func(policy, by string, rows ...vars) *answer {
		return b.post(t, owner, upsertProducts, vars{"input": vars{"by": by, "errorPolicy": policy, "rows": rows}}).ok(t)
	}
	actions := func(a *answer) string {
		var texts []string
		results, _ := a.at("productsUpsert", "results").([]any)
		for _, r := range results {
			texts = append(texts, fmt.Sprint(r.(vars)["action"]))
		}
		return strings.Join(texts, " ")
	}
	bad := []vars{
		{"sku": "A", "name": "Apple", "basePrice": "1", "barcodes": []string{"96385074"}},
		{"sku": "B", "name": "", "basePrice": "1"},
		{"sku": "C"},
		{"sku": "D", "name": "d", "basePrice": "1"},
		{"sku": "D", "name": "d", "basePrice": "1"},
		{"sku": "SKU-1", "name": "Cola new"},
		{"sku": "E", "name": "e", "basePrice": "1", "barcodes": []string{b.A.Barcodes[1]}, "categoryId": b.B.Category.String()},
	}
	want := []string{
		"INVALID rows.1.name", "INVALID rows.2.basePrice", "INVALID rows.2.name", "DUPLICATE rows.3.sku", "DUPLICATE rows.4.sku",
		"CATEGORY_NOT_FOUND rows.6.categoryId", "TAKEN rows.6.barcodes.0",
	}
	before := b.books(t)
	a := upsert("REJECT_EVERYTHING", "SKU", bad...)
	if got := a.codes("productsUpsert"); !slices.Equal(got, want) || strings.Trim(actions(a), "<nil> ") != "" {
		t.Errorf("%q, %s", got, actions(a))
	}
	b.unchanged(t, before)
	a = upsert("KEEP_GOOD_ROWS", "SKU", bad...)
	if got := actions(a); got != "CREATED <nil> <nil> <nil> <nil> UPDATED <nil>" || !slices.Equal(a.codes("productsUpsert"), want) {
		t.Errorf("%s: %s", got, a.Raw)
	}
	if got := actions(upsert("KEEP_GOOD_ROWS", "SKU", bad...)); got != "UNCHANGED <nil> <nil> <nil> <nil> UNCHANGED <nil>" {
		t.Error(got)
	}
	if got := b.found(t, owner, "96385074"); got != "A" {
		t.Errorf("the barcode finds %q", got)
	}
	if got := b.found(t, owner, "new cola"); got != "SKU-1" {
		t.Errorf("the new name finds %q", got)
	}
	rows := func(n int, price string) []vars {
		list := make([]vars, n)
		for i := range list {
			list[i] = vars{"externalReference": fmt.Sprint("ref", i), "sku": fmt.Sprint("many", i), "name": fmt.Sprint("Many of them ", i), "basePrice": price, "barcodes": []string{fmt.Sprint("many-", i)}}
		}
		return list
	}
	one := upsert("REJECT_EVERYTHING", "EXTERNAL_REFERENCE", rows(1, "1")...).Statements
	if all := upsert("REJECT_EVERYTHING", "EXTERNAL_REFERENCE", rows(1000, "1")...).Statements; all > one+2 {
		t.Errorf("a thousand rows cost %d statements, one %d", all, one)
	}
	answers := together(t, 3, func(i int) (*answer, error) {
		return b.ask(t.Context(), owner, upsertProducts, vars{"input": vars{"by": "EXTERNAL_REFERENCE", "rows": rows(1000, fmt.Sprint(i+2))}})
	})
	for _, a := range answers {
		if codes := a.ok(t).codes("productsUpsert"); len(codes) > 0 {
			t.Errorf("at once: %q", codes)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from products where sku like 'many%' and version = 4 and tenant_id = $1", b.A.ID.UUID()); n != 1000 {
		t.Errorf("%d products were changed three times", n)
	}
	for _, n := range []int{0, 1001} {
		if a := upsert("KEEP_GOOD_ROWS", "SKU", rows(n, "1")...); !slices.Equal(a.codes("productsUpsert"), []string{"INVALID rows"}) {
			t.Errorf("%d rows: %.200s", n, a.Raw)
		}
	}
}

// A store doesn't sell what it was told not to, and lists without it.
func TestAvailability(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, store := b.owner(t), b.A.Stores[0].ID.String()
	set := func(sold bool) {
		b.post(t, owner, `mutation($input: ProductAvailabilitySetInput!) { productAvailabilitySet(input: $input) { product { id } userErrors { code field message } } }`,
			vars{"input": vars{"productId": b.A.Products[0].String(), "storeId": store, "sold": sold}}).done(t, "productAvailabilitySet")
	}
	listed := func() any {
		return b.post(t, owner, `{ products(filter: {soldInStoreId: "`+store+`"}) { totalCount } }`, nil).ok(t).at("products", "totalCount")
	}
	set(false)
	a := b.post(t, owner, recordSale, vars{"input": order(b.A.Stores[0].Registers[0].ID, "k", "100", item(b.A.Products[0], "1"))}).ok(t)
	if got := a.codes("saleRecord"); !slices.Equal(got, []string{"PRODUCT_NOT_SOLD_HERE lines.0.productId"}) || listed() != 1.0 {
		t.Errorf("%q, %v listed", got, listed())
	}
	set(true)
	b.sell(t, owner, order(b.A.Stores[0].Registers[0].ID, "k", "100", item(b.A.Products[0], "1")))
	if listed() != 2.0 {
		t.Errorf("%v listed", listed())
	}
}
