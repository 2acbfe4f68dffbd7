package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func (b *bundle) readLabels(t *testing.T, ask asker) {
	t.Helper()
	l := b.A.Labels
	for _, table := range []string{"brands", "suppliers", "customer_groups"} {
		b.db.Exec(t, "update "+table+" set external_reference = 'ERP-B1' where tenant_id = $1", b.A.ID.UUID())
	}
	const fields = `id name externalReference version createdAt updatedAt`
	a := ask(t, b.owner(t), `{ brand(id: "`+l.Brand.String()+`") { `+fields+` } brands `+pages+`
		supplier(id: "`+l.Supplier.String()+`") { `+fields+` } suppliers `+pages+`
		nodes(ids: ["`+l.Supplier.String()+`", "`+l.Group.String()+`"]) { ... on Supplier { externalReference } ... on CustomerGroup { externalReference } }
		customerGroup(id: "`+l.Group.String()+`") { `+fields+` } customerGroups `+pages+`
		product(id: "`+b.A.Products[1].String()+`") { brand { id } supplier { id } }
		customer(id: "`+b.A.Customer.ID.String()+`") { customerGroup { id } }
		products(filter: {brandId: "`+l.Brand.String()+`", supplierId: "`+l.Supplier.String()+`"}) { nodes { id } }
		customers(filter: {customerGroupId: "`+l.Group.String()+`"}) { nodes { id } } }`)
	same(t, a.at("brand"), vars{
		"id": l.Brand, "name": "Brand acme", "externalReference": "ERP-B1", "version": 1,
		"createdAt": b.when(t, "created_at", "brands", l.Brand), "updatedAt": b.when(t, "updated_at", "brands", l.Brand),
	})
	same(t, a.at("brands", "nodes"), []vars{{"id": l.Brand}})
	same(t, a.at("supplier", "name"), "Supplier acme")
	same(t, a.at("suppliers", "nodes"), []vars{{"id": l.Supplier}})
	same(t, a.at("customerGroup", "name"), "Group acme")
	same(t, a.at("customerGroups", "nodes"), []vars{{"id": l.Group}})
	same(t, a.at("product"), vars{"brand": vars{"id": l.Brand}, "supplier": vars{"id": l.Supplier}})
	same(t, a.at("customer"), vars{"customerGroup": vars{"id": l.Group}})
	same(t, a.at("products", "nodes"), []vars{{"id": b.A.Products[1]}})
	same(t, a.at("customers", "nodes"), []vars{{"id": b.A.Customer.ID}})
}

// sameCodes compares the codes and paths of user errors.
func sameCodes(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestLabels makes, changes and removes brands, suppliers and groups of customers.
func TestLabels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for field, test := range map[string]struct{ there, used, other string }{
		"brand":         {"Brand acme", b.A.Labels.Brand.String() + " HAS_PRODUCTS", b.B.Labels.Brand.String()},
		"supplier":      {"Supplier acme", b.A.Labels.Supplier.String() + " HAS_PRODUCTS", b.B.Labels.Supplier.String()},
		"customerGroup": {"Group acme", b.A.Labels.Group.String() + " HAS_CUSTOMERS", b.B.Labels.Group.String()},
	} {
		typ := strings.ToUpper(field[:1]) + field[1:]
		create := func(token string, input vars) *answer {
			return b.post(t, token, `mutation($input: `+typ+`CreateInput!) { `+field+`Create(input: $input) {
				`+field+` { id name externalReference version } userErrors { code field message } } }`, vars{"input": input})
		}
		update := func(key any, input vars) *answer {
			return b.post(t, b.owner(t), `mutation($id: ID!, $input: `+typ+`UpdateInput!) { `+field+`Update(id: $id, input: $input) {
				`+field+` { id name externalReference version } userErrors { code field message } } }`, vars{"id": key, "input": input}).ok(t)
		}
		remove := func(key any) *answer {
			return b.post(t, b.owner(t), `mutation($id: ID!) { `+field+`Delete(id: $id) { deletedId userErrors { code field message } } }`,
				vars{"id": key}).ok(t)
		}
		a := create(b.owner(t), vars{"name": " New ", "externalReference": "N1"}).ok(t)
		key := a.at(field+"Create", field, "id")
		same(t, a.at(field+"Create", field), vars{"id": key, "name": "New", "externalReference": "N1", "version": 1})
		if a.cost != (cost{Statements: 5, RoundTrips: 2}) {
			t.Errorf("%s: %+v", field, a.cost)
		}
		same(t, update(key, vars{"version": 1, "name": "Newer"}).at(field+"Update", field),
			vars{"id": key, "name": "Newer", "externalReference": "N1", "version": 2})
		for want, refused := range map[string]*answer{
			"INVALID name":                       create(b.owner(t), vars{"name": " "}),
			"TAKEN name":                         create(b.owner(t), vars{"name": test.there}),
			"TAKEN externalReference":            create(b.owner(t), vars{"name": "x", "externalReference": "N1"}),
			"TAKEN name,TAKEN externalReference": create(b.owner(t), vars{"name": test.there, "externalReference": "N1"}),
			"INVALID externalReference,INVALID name": create(b.owner(t),
				vars{"name": strings.Repeat("x", 201), "externalReference": ""}),
		} {
			got := refused.ok(t).codes(field + "Create")
			slices.Sort(got)
			expected := strings.Split(want, ",")
			slices.Sort(expected)
			if !slices.Equal(got, expected) || refused.at(field+"Create", field) != nil {
				t.Errorf("%s: %s", want, refused.Raw)
			}
		}
		conflict := update(key, vars{"version": 1, "name": "Stale"})
		sameCodes(t, conflict.codes(field+"Update"), "CONFLICT version")
		same(t, conflict.at(field+"Update", field, "name"), "Newer")
		sameCodes(t, update(key, vars{"version": 2, "name": test.there}).codes(field+"Update"), "TAKEN name")
		sameCodes(t, update(key, vars{"version": 2, "name": nil}).codes(field+"Update"), "INVALID name")
		same(t, update(key, vars{"version": 2, "externalReference": nil}).at(field+"Update", field, "externalReference"), nil)
		sameCodes(t, update(test.other, vars{"version": 1, "name": "x"}).codes(field+"Update"), "NOT_FOUND id")
		used, code, _ := strings.Cut(test.used, " ")
		sameCodes(t, remove(used).codes(field+"Delete"), code+" id")
		sameCodes(t, remove(test.other).codes(field+"Delete"), "NOT_FOUND id")
		same(t, remove(key).at(field+"Delete", "deletedId"), key)
		sameCodes(t, remove(key).codes(field+"Delete"), "NOT_FOUND id")
	}
	if a := b.post(t, b.cashier(t, 0), `mutation { brandCreate(input: {name: "x"}) { userErrors { code } } }`, nil); a.code() != "FORBIDDEN" {
		t.Error(a.Raw)
	}
	b.logs.quiet(t)
}

// TestProductsOfBrands: products and customers take brands, suppliers and groups that are there, an import by name.
func TestProductsOfBrands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	upsert := func(row vars) *answer {
		return b.post(t, b.owner(t), `mutation($input: ProductsUpsertInput!) { productsUpsert(input: $input) {
			results { action product { brand { name } supplier { name } } } userErrors { code field message } } }`,
			vars{"input": vars{"by": "SKU", "rows": []vars{row}}}).ok(t)
	}
	row := vars{"sku": "IMP-1", "name": "Imported", "basePrice": "1", "brandName": " Brand acme ", "supplierName": "Supplier acme"}
	made := vars{"brand": vars{"name": "Brand acme"}, "supplier": vars{"name": "Supplier acme"}}
	same(t, upsert(row).at("productsUpsert", "results", 0), vars{"action": "CREATED", "product": made})
	same(t, upsert(row).at("productsUpsert", "results", 0), vars{"action": "UNCHANGED", "product": made})
	same(t, upsert(vars{"sku": "IMP-1", "brandName": nil}).at("productsUpsert", "results", 0),
		vars{"action": "UPDATED", "product": vars{"brand": nil, "supplier": vars{"name": "Supplier acme"}}})
	sameCodes(t, upsert(vars{"sku": "IMP-1", "brandName": "brand acme", "supplierName": "Supplier bistro " + pgtest.CanaryB}).codes("productsUpsert"),
		"BRAND_NOT_FOUND rows.0.brandName", "SUPPLIER_NOT_FOUND rows.0.supplierName")
	a := b.post(t, b.owner(t), `mutation($brand: ID!, $supplier: ID!) { productCreate(input: {sku: "x", name: "x", basePrice: "1",
		brandId: $brand, supplierId: $supplier}) { userErrors { code field } } }`,
		vars{"brand": fresh[id.Brand](), "supplier": b.B.Labels.Supplier.String()}).ok(t)
	sameCodes(t, a.codes("productCreate"), "BRAND_NOT_FOUND brandId", "SUPPLIER_NOT_FOUND supplierId")
	a = b.post(t, b.owner(t), `mutation { customerCreate(input: {name: "x", customerGroupId: "`+b.B.Labels.Group.String()+`"}) {
		userErrors { code field } } }`, nil).ok(t)
	sameCodes(t, a.codes("customerCreate"), "CUSTOMER_GROUP_NOT_FOUND customerGroupId")
	b.logs.quiet(t)
}

// TestReportsByLabels: what was sold stays with the brand, the supplier and the group that it was sold as, whatever
// becomes of them, folded or not; and is of today's where that is asked for.
func TestReportsByLabels(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	b.db.Exec(t, "update sales set occurred_at = '2020-01-01Z', business_date = '2020-01-01'")
	register, product, l := b.A.Stores[0].Registers[0].ID, b.A.Products[1], b.A.Labels
	in := order(register, "a", "100", item(product, "1"))
	in["customerId"] = b.A.Customer.ID.String()
	b.sell(t, b.cashier(t, 0), in)
	second := b.post(t, b.owner(t), `mutation { brandCreate(input: {name: "Second"}) { brand { id } } }`, nil).ok(t).at("brandCreate", "brand", "id")
	b.post(t, b.owner(t), `mutation($id: ID!, $brand: ID!) { productUpdate(id: $id, input: {version: 1, brandId: $brand, supplierId: null}) {
		product { brand { id } } userErrors { code } } }`, vars{"id": product.String(), "brand": second}).ok(t)
	b.post(t, b.owner(t), `mutation($id: ID!) { customerUpdate(id: $id, input: {version: 1, customerGroupId: null}) { userErrors { code } } }`,
		vars{"id": b.A.Customer.ID.String()}).ok(t)
	b.sell(t, b.cashier(t, 0), order(register, "b", "300", item(product, "3")))

	day := inDays(0)
	groupsBy := func(by string, filter vars) map[string]any {
		input := vars{"from": inDays(-9), "to": day, "groupBy": strings.Split(by, " ")}
		if filter != nil {
			input["filter"] = filter
		}
		rows, _ := b.report(t, b.owner(t), input).at("salesReport", "report", "rows").([]any)
		found := map[string]any{}
		for _, row := range rows {
			row, _ := row.(map[string]any)
			group, _ := row["group"].(map[string]any)
			figures, _ := row["figures"].(map[string]any)
			key := ""
			for _, field := range []string{"brand", "brandToday", "supplier", "supplierToday", "customerGroup"} {
				if of, is := group[field].(map[string]any); is {
					key += of["id"].(string) //nolint:forcetypeassert // an id
				}
			}
			count := figures["saleCount"]
			if count == nil {
				count = "*"
			}
			found[key] = []any{figures["unitsSold"], count}
		}
		return found
	}
	first := l.Brand.String()
	for _, folded := range []bool{false, true} {
		if folded {
			must(t, b.folder(t).Sweep(t.Context()))
		}
		for by, want := range map[string]map[string]any{
			"BRAND":              {first: []any{"1", 1}, second.(string): []any{"3", 1}}, //nolint:forcetypeassert // an id
			"BRAND_TODAY":        {second.(string): []any{"4", "*"}},                     //nolint:forcetypeassert // an id
			"SUPPLIER":           {l.Supplier.String(): []any{"1", 1}, "": []any{"3", 1}},
			"SUPPLIER_TODAY":     {"": []any{"4", "*"}},
			"CUSTOMER_GROUP":     {l.Group.String(): []any{"1", 1}, "": []any{"3", 1}},
			"BRAND SUPPLIER":     {first + l.Supplier.String(): []any{"1", "*"}, second.(string): []any{"3", "*"}}, //nolint:forcetypeassert // an id
			"CUSTOMER_GROUP DAY": {l.Group.String(): []any{"1", 1}, "": []any{"3", 1}},
		} {
			same(t, groupsBy(by, nil), want)
		}
		same(t, groupsBy("STORE", vars{"brandIds": []string{first}}), map[string]any{"": []any{"1", 1}})
		same(t, groupsBy("STORE", vars{"supplierIds": []string{l.Supplier.String()}}), map[string]any{"": []any{"1", 1}})
		same(t, groupsBy("STORE", vars{"brandTodayIds": []string{first}}), map[string]any{})
		same(t, groupsBy("STORE", vars{"supplierTodayIds": []string{l.Supplier.String()}}), map[string]any{})
		same(t, groupsBy("STORE", vars{"customerGroupIds": []string{l.Group.String()}}), map[string]any{"": []any{"1", 1}})
		b.verified(t, b.A)
	}
	// From the ledger.
	for _, by := range []string{"BRAND HOUR", "SUPPLIER CASHIER", "CUSTOMER_GROUP HOUR", "CUSTOMER_GROUP PRODUCT", "CUSTOMER_GROUP TENDER", "BRAND TAX_RATE"} {
		b.report(t, b.owner(t), vars{"from": day, "to": day, "groupBy": strings.Split(by, " ")})
	}
	b.logs.quiet(t)
}
