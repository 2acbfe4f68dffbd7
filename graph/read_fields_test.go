package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// same compares a part of an answer with what it should be, both as JSON.
func same(t testing.TB, got, want any) {
	t.Helper()
	text, err := json.Marshal(want)
	must(t, err)
	var plainWant any
	must(t, json.Unmarshal(text, &plainWant))
	if !reflect.DeepEqual(got, plainWant) {
		gotText, _ := json.Marshal(got)
		t.Errorf("got  %s\nwant %s", gotText, text)
	}
}

// when reads an instant of a row as the graph writes it.
func (b *bundle) when(t testing.TB, column, table string, rowID [16]byte) string {
	t.Helper()
	at := pgtest.Value[time.Time](t, b.db, "select "+column+" from "+table+" where id = $1", rowID)
	return at.UTC().Format(time.RFC3339Nano)
}

func kes(amount string) vars { return vars{"amount": amount, "currencyCode": "KES"} }

const pages = `{ edges { cursor node { id } } nodes { id } totalCount
	pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`

// detail gives the fixture's rows values in every column.
func (b *bundle) detail(t testing.TB) {
	t.Helper()
	s := b.A.Stores[0]
	b.db.Exec(t, `update stores set tax_rate_ppm = 82500, address = E'1 Main St\nNairobi', phone = '+254 1', external_reference = 'ERP-S1',
		version = 3 where id = $1`, s.ID.UUID())
	b.db.Exec(t, `update registers set key_rotated_at = '2026-02-03T04:05:06.789Z', external_reference = 'ERP-R1' where id = $1`,
		s.Registers[0].ID.UUID())
	b.db.Exec(t, `update products set unit = 'KILOGRAM', taxable = false, status = 'ARCHIVED', description = 'By weight.',
		external_reference = 'ERP-P1', version = 2, price = 5 where id = $1`, b.A.Products[1].UUID())
	b.db.Exec(t, `insert into categories (tenant_id, id, parent_id, name, external_reference)
		values ($1, '018f0000-0000-7000-8000-000000000001', $2, 'Soft', 'ERP-C1')`, b.A.ID.UUID(), b.A.Category.UUID())
	b.db.Exec(t, `update sale_lines set quantity = 1250, unit = 'KILOGRAM', price_source = 'STORE', tax_rate_ppm = 1 where id = $1`,
		s.Registers[0].Lines[1].UUID())
	b.db.Exec(t, `update payments set method = 'MOBILE_MONEY', tendered = 20050, amount = 20000 where id = $1`, s.Registers[0].Payment.UUID())
	b.db.Exec(t, `update sales set tendered = 20050, change = 50, occurred_at = '2026-03-08T22:30:00.25Z', business_date = '2026-03-09'
		where id = $1`, s.Registers[0].Sale.UUID())
	b.db.Exec(t, `update inventory_levels set quantity = -1500 where id = $1`, s.Levels[1].UUID())
}

type asker = func(t *testing.T, token, query string) *answer

// TestEveryField selects every field that a query can reach, and knows what most of them hold.
func TestEveryField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.detail(t)
	covered := map[string]bool{}
	ask := func(t *testing.T, token, query string) *answer {
		t.Helper()
		a := b.post(t, token, query, nil).ok(t)
		for field := range a.covered {
			covered[field] = true
		}
		return a
	}
	for _, test := range []struct {
		name string
		run  func(t *testing.T, ask asker)
	}{
		{"reports", b.readReports}, // before the others sell something
		{"files and letters", b.readFiles},
		{"company", b.readCompany},
		{"settings", b.readSettings},
		{"plan", b.readPlan},
		{"domains", b.readDomains},
		{"support", b.readSupport},
		{"stores", b.readStores},
		{"registers", b.readRegisters},
		{"catalogue", b.readCatalogue},
		{"price lists", b.readPriceLists},
		{"variants", b.readVariants},
		{"scans", b.readScans},
		{"prices and stock", b.readPrices},
		{"sales", b.readSales},
		{"series", b.readSeries},
		{"receipts", b.readReceipts},
		{"stock", b.readStock},
		{"returns", b.readReturns},
		{"parked", b.readParked},
		{"tills", b.readTills},
		{"late payments", b.readLatePayments},
		{"people", b.readPeople},
		{"customers", b.readCustomers},
		{"accounts", b.readAccounts},
		{"hours", b.readHours},
		{"approvals", b.readApprovals},
		{"roles", b.readRoles},
		{"taxes", b.readTaxes},
		{"a calculation", b.readCalculation},
		{"nodes", b.readNodes},
		{"audit", b.readAudit},
		{"signals", b.readSignals},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "-"), func(t *testing.T) { test.run(t, ask) })
	}
	// What only a write finds out, under its locks: the tests of saleRecord select these.
	written := []string{
		"SaleRecordUserError.nextReceiptNumber", "SaleRecordUserError.quantityAvailable",
		"SaleRecordUserError.quantityReturnable",
	}
	for _, field := range readable(schemaOf(t)) {
		if !covered[field] && !slices.Contains(written, field) {
			t.Errorf("no document of this test selects %s", field)
		}
	}
}

// readable are the fields that queries reach, as Type.field.
func readable(s *ast.Schema) []string {
	var fields []string
	seen := map[string]bool{}
	var visit func(of *ast.Definition)
	visit = func(of *ast.Definition) {
		if seen[of.Name] || strings.HasPrefix(of.Name, "__") {
			return
		}
		seen[of.Name] = true
		for _, possible := range s.GetPossibleTypes(of) {
			visit(possible)
		}
		for _, f := range of.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			if of.Kind == ast.Object {
				fields = append(fields, of.Name+"."+f.Name)
			}
			visit(s.Types[f.Type.Name()])
		}
	}
	visit(s.Query)
	slices.Sort(fields)
	return fields
}

func (b *bundle) readCompany(t *testing.T, ask asker) {
	b.db.Exec(t, `update companies set deletion_asked_at = '2026-01-02T03:04:05Z', deletion_due_at = '2036-02-03T04:05:06Z'
		where tenant_id = $1`, b.A.ID.UUID())
	a := ask(t, b.owner(t), `{ company { id slug name countryCode currencyCode status businessType deletionDueAt createdAt stores `+pages+` } }`)
	company, _ := a.at("company").(vars)
	stores, _ := company["stores"].(vars)
	delete(company, "stores")
	at := pgtest.Value[time.Time](t, b.db, "select created_at from companies where tenant_id = $1", b.A.ID.UUID())
	same(t, company, vars{
		"id": b.A.ID, "slug": "acme", "name": "acme", "countryCode": "KE", "currencyCode": "KES", "status": "ACTIVE",
		"businessType": "RETAIL", "deletionDueAt": "2036-02-03T04:05:06Z", "createdAt": at.UTC().Format(time.RFC3339Nano),
	})
	same(t, stores["nodes"], []vars{{"id": b.A.Stores[0].ID}, {"id": b.A.Stores[1].ID}})
	same(t, stores["totalCount"], 2)
	edges, _ := stores["edges"].([]any)
	same(t, stores["pageInfo"], vars{
		"hasNextPage": false, "hasPreviousPage": false,
		"startCursor": edges[0].(vars)["cursor"], "endCursor": edges[1].(vars)["cursor"],
	})
}

func (b *bundle) readStores(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	a := ask(t, b.owner(t), `{ store(id: "`+s.ID.String()+`") { id code name timeZone currencyCode taxRate pricesIncludeTax cashRounding { amount currencyCode } address phone
		status externalReference version createdAt updatedAt
		registers { nodes { name } } sales { nodes { id } } inventory `+pages+` } stores `+pages+` }`)
	store, _ := a.at("store").(vars)
	inventory, _ := store["inventory"].(vars)
	delete(store, "inventory")
	same(t, store, vars{
		"id": s.ID, "code": "S1", "name": "acme", "timeZone": "Africa/Nairobi", "currencyCode": "KES", "taxRate": "8.25",
		"pricesIncludeTax": true, "cashRounding": kes("0.00"), "address": "1 Main St\nNairobi", "phone": "+254 1", "status": "OPEN",
		"externalReference": "ERP-S1", "version": 3,
		"createdAt": b.when(t, "created_at", "stores", s.ID), "updatedAt": b.when(t, "updated_at", "stores", s.ID),
		"registers": vars{"nodes": []vars{{"name": "Register 1 acme"}, {"name": "Register 2 acme"}}},
		"sales":     vars{"nodes": []vars{{"id": s.Registers[1].Sale}, {"id": s.Registers[0].Sale}}}, // the newest first
	})
	same(t, inventory["nodes"], []vars{{"id": s.Levels[0]}, {"id": s.Levels[1]}})
	same(t, inventory["totalCount"], 2)
	same(t, a.at("stores", "totalCount"), 2)
}

func (b *bundle) readRegisters(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	a := ask(t, b.owner(t), `{ register(id: "`+r.ID.String()+`") { id code name status store { code } externalReference keyRotatedAt version
		createdAt updatedAt sales { nodes { id } totalCount } }
		registers(filter: {storeId: "`+b.A.Stores[1].ID.String()+`", status: OPEN}) `+pages+`
		closed: registers(filter: {status: CLOSED}) { totalCount nodes { id } } }`)
	same(t, a.at("register"), vars{
		"id": r.ID, "code": "R1", "name": "Register 1 acme", "status": "OPEN", "store": vars{"code": "S1"},
		"externalReference": "ERP-R1", "keyRotatedAt": "2026-02-03T04:05:06.789Z", "version": 1,
		"createdAt": b.when(t, "created_at", "registers", r.ID), "updatedAt": b.when(t, "updated_at", "registers", r.ID),
		"sales": vars{"nodes": []vars{{"id": r.Sale}}, "totalCount": 1},
	})
	same(t, a.at("registers", "nodes"), []vars{{"id": b.A.Stores[1].Registers[0].ID}, {"id": b.A.Stores[1].Registers[1].ID}})
	same(t, a.at("closed"), vars{"totalCount": 0, "nodes": []vars{}})
}

func (b *bundle) readCatalogue(t *testing.T, ask asker) {
	const product = `id sku name description category { name } unit basePrice { amount currencyCode } taxable status barcodes
		externalReference version createdAt updatedAt`
	weighed, cola := b.A.Products[1], b.A.Products[0]
	a := ask(t, b.owner(t), `{ product(id: "`+weighed.String()+`") { `+product+` }
		productByBarcode(barcode: "`+b.A.Barcodes[0]+`") { `+product+` }
		none: productByBarcode(barcode: "0") { id }
		products(sort: NAME_DESC) `+pages+`
		found: products(filter: {search: "COL 2 acm", categoryId: "`+b.A.Category.String()+`", status: ARCHIVED}) { nodes { id } }
		missed: products(filter: {search: "cola fanta"}) { nodes { id } }
		category(id: "`+b.A.Category.String()+`") { id name parent { id } externalReference version createdAt updatedAt
			children { totalCount edges { node { name externalReference parent { name } children { nodes { id } } } } }
			products `+pages+` }
		categories `+pages+` }`)
	same(t, a.at("product"), vars{
		"id": weighed, "sku": "SKU-2", "name": "Cola 2 acme", "description": "By weight.", "category": vars{"name": "Drinks acme"},
		"unit": "KILOGRAM", "basePrice": kes("0.05"), "taxable": false, "status": "ARCHIVED", "barcodes": b.A.Barcodes[1:],
		"externalReference": "ERP-P1", "version": 2,
		"createdAt": b.when(t, "created_at", "products", weighed), "updatedAt": b.when(t, "updated_at", "products", weighed),
	})
	same(t, a.at("productByBarcode"), vars{
		"id": cola, "sku": "SKU-1", "name": "Cola 1 acme", "description": "", "category": vars{"name": "Drinks acme"},
		"unit": "EACH", "basePrice": kes("100.00"), "taxable": true, "status": "ACTIVE", "barcodes": b.A.Barcodes[:1],
		"externalReference": nil, "version": 1,
		"createdAt": b.when(t, "created_at", "products", cola), "updatedAt": b.when(t, "updated_at", "products", cola),
	})
	same(t, a.at("none"), nil)
	same(t, a.at("products", "nodes"), []vars{{"id": weighed}, {"id": cola}})
	same(t, a.at("missed", "nodes"), []vars{})
	b.readCategories(t, a)
}

func (b *bundle) readCategories(t *testing.T, a *answer) {
	t.Helper()
	category, _ := a.at("category").(vars)
	products, _ := category["products"].(vars)
	delete(category, "products")
	same(t, category, vars{
		"id": b.A.Category, "name": "Drinks acme", "parent": nil, "externalReference": nil, "version": 1,
		"createdAt": b.when(t, "created_at", "categories", b.A.Category), "updatedAt": b.when(t, "updated_at", "categories", b.A.Category),
		"children": vars{"totalCount": 1, "edges": []vars{{"node": vars{
			"name": "Soft", "externalReference": "ERP-C1", "parent": vars{"name": "Drinks acme"}, "children": vars{"nodes": []vars{}},
		}}}},
	})
	same(t, products["nodes"], []vars{{"id": b.A.Products[0]}, {"id": b.A.Products[1]}})
	same(t, a.at("categories", "totalCount"), 2)
}

func (b *bundle) readPrices(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	b.db.Exec(t, "update stores set currency_code = 'UGX' where id = $1", b.A.Stores[1].ID.UUID())
	b.db.Exec(t, "update store_prices set currency_code = 'UGX' where id = $1", b.A.Stores[1].Price.UUID())
	ids := fmt.Sprintf(`here: price(storeId: "%s") { source price { amount currencyCode } }
		there: price(storeId: "%s") { source price { amount currencyCode } }`, s.ID, b.A.Stores[1].ID)
	a := ask(t, b.owner(t), `{ cola: product(id: "`+b.A.Products[0].String()+`") { `+ids+`
			storePrices(first: 1) `+pages+` inventory(last: 1) `+pages+` }
		other: product(id: "`+b.A.Products[1].String()+`") { `+ids+` }
		node(id: "`+s.Price.String()+`") { ... on StorePrice { id store { code } product { sku } price { amount currencyCode }
			version createdAt updatedAt } }
		level: node(id: "`+s.Levels[1].String()+`") { ... on InventoryLevel { id store { code } product { sku } quantity updatedAt } } }`)
	same(t, a.at("cola", "here"), vars{"source": "STORE", "price": kes("90.00")})
	same(t, a.at("cola", "there"), vars{"source": "STORE", "price": vars{"amount": "9000", "currencyCode": "UGX"}})
	same(t, a.at("other", "here"), vars{"source": "BASE", "price": kes("0.05")})
	same(t, a.at("other", "there"), nil) // the catalogue's currency is not the store's
	same(t, a.at("cola", "storePrices", "nodes"), []vars{{"id": s.Price}})
	same(t, a.at("cola", "storePrices", "totalCount"), 2)
	same(t, a.at("cola", "inventory", "nodes"), []vars{{"id": b.A.Stores[1].Levels[0]}})
	same(t, a.at("node"), vars{
		"id": s.Price, "store": vars{"code": "S1"}, "product": vars{"sku": "SKU-1"}, "price": kes("90.00"), "version": 1,
		"createdAt": b.when(t, "created_at", "store_prices", s.Price), "updatedAt": b.when(t, "updated_at", "store_prices", s.Price),
	})
	same(t, a.at("level"), vars{
		"id": s.Levels[1], "store": vars{"code": "S1"}, "product": vars{"sku": "SKU-2"}, "quantity": "-1.5",
		"updatedAt": b.when(t, "updated_at", "inventory_levels", s.Levels[1]),
	})
}

func (b *bundle) readSales(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	const money = `{ amount currencyCode }`
	a := ask(t, b.owner(t), `{ sale(id: "`+r.Sale.String()+`") { id receiptNumber status store { id } register { id } cashier { id }
		lines { id lineNumber product { id } productName sku unit quantity unitPrice `+money+` priceSource taxRate
			subtotal `+money+` tax `+money+` total `+money+` }
		payments { id position method amount `+money+` tendered `+money+` reference }
		pricesIncludeTax subtotal `+money+` tax `+money+` total `+money+` tendered `+money+` change `+money+`
		note occurredAt recordedAt businessDate }
		sales(filter: {registerId: "`+r.ID.String()+`", cashierId: "`+s.Cashier.String()+`", receiptNumber: 1,
			occurredFrom: "2026-03-08T22:30:00.25Z", occurredUntil: "2026-03-09T01:30:00.26+03:00"}, sort: OCCURRED_AT_ASC) `+pages+`
		before: sales(filter: {occurredUntil: "2026-03-08T22:30:00.25Z"}) { totalCount }
		store(id: "`+s.ID.String()+`") { sales `+pages+` } }`)
	line := func(i int, more vars) vars {
		l := vars{
			"id": r.Lines[i], "lineNumber": i + 1, "product": vars{"id": b.A.Products[i]}, "productName": "Cola acme", "sku": "SKU",
			"unit": "EACH", "quantity": "1", "unitPrice": kes("100.00"), "priceSource": "BASE", "taxRate": "16",
			"subtotal": kes("86.21"), "tax": kes("13.79"), "total": kes("100.00"),
		}
		maps.Copy(l, more)
		return l
	}
	same(t, a.at("sale"), vars{
		"id": r.Sale, "receiptNumber": 1, "status": "COMPLETED", "store": vars{"id": s.ID}, "register": vars{"id": r.ID},
		"cashier": vars{"id": s.Cashier},
		"lines": []vars{
			line(0, nil), line(1, vars{"unit": "KILOGRAM", "quantity": "1.25", "priceSource": "STORE", "taxRate": "0.0001"}),
		},
		"payments": []vars{{
			"id": r.Payment, "position": 1, "method": "MOBILE_MONEY", "amount": kes("200.00"), "tendered": kes("200.50"),
			"reference": "ref acme",
		}},
		"pricesIncludeTax": true, "subtotal": kes("172.42"), "tax": kes("27.58"), "total": kes("200.00"), "tendered": kes("200.50"),
		"change": kes("0.50"), "note": "note acme", "occurredAt": "2026-03-08T22:30:00.25Z",
		"recordedAt":   b.when(t, "recorded_at", "sales", r.Sale),
		"businessDate": civil.Date{Year: 2026, Month: 3, Day: 9}.String(),
	})
	same(t, a.at("sales", "nodes"), []vars{{"id": r.Sale}})
	same(t, a.at("before", "totalCount"), 0)
	same(t, a.at("store", "sales", "totalCount"), 2)
}

func (b *bundle) readPeople(t *testing.T, ask asker) {
	a := ask(t, b.owner(t), `{ viewer { role permissions user { id name email role status version createdAt } register { id } company { slug }
		stores { nodes { code } } } users `+pages+` }`)
	same(t, a.at("viewer"), vars{
		"role":        "OWNER",
		"permissions": tenancy.New(tenancy.Spec{Role: tenancy.Owner}).Permissions(),
		"user": vars{
			"id": b.A.Owner, "name": "owner of acme", "email": "owner@acme.example", "role": "OWNER", "status": "ACTIVE",
			"version": 1, "createdAt": b.when(t, "created_at", "users", b.A.Owner),
		},
		"register": nil, "company": vars{"slug": "acme"}, "stores": vars{"nodes": []vars{{"code": "S1"}, {"code": "S2"}}},
	})
	same(t, a.at("users", "nodes"), []vars{
		{"id": b.A.Stores[0].Cashier}, {"id": b.A.Stores[1].Cashier}, {"id": b.A.Manager}, {"id": b.A.Owner},
	})
	register := b.A.Stores[0].Registers[0]
	device := ask(t, b.device(t, b.A, register), `{ viewer { role user { id } register { id } stores { nodes { id } } } }`)
	same(t, device.at("viewer"), vars{
		"role": "REGISTER", "user": nil, "register": vars{"id": register.ID}, "stores": vars{"nodes": []vars{{"id": b.A.Stores[0].ID}}},
	})
}

func (b *bundle) readNodes(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	ids := []any{
		r.Payment, b.A.ID, s.ID, r.ID, b.A.Owner, b.A.Category, b.A.Products[0], s.Price, s.Levels[0], s.Receipt, r.Sale, r.Lines[1], s.ID, b.A.CustomRole,
		s.Parked,
		b.A.Customer.ID, b.A.Customer.GiftCard, b.A.Customer.Issued,
		b.A.PriceList,
		r.TillSession, r.DrawerMovement, r.ZReport,
		b.A.Session, s.Invitation, s.TimeEntry,
		b.A.TaxCategory, b.A.TaxRate, s.TaxRate, r.Discount,
	}
	names := []string{
		"Payment", "Company", "Store", "Register", "User", "Category", "Product", "StorePrice", "InventoryLevel", "StockMovement", "Sale", "SaleLine", "Store", "CustomRole",
		"ParkedSale",
		"Customer", "GiftCard", "LedgerEntry",
		"PriceList",
		"TillSession", "DrawerMovement", "ZReport",
		"Session", "UserInvitation", "TimeEntry",
		"TaxCategory", "TaxRate", "StoreTaxRate", "SaleDiscount",
	}
	ids, names = append(ids, r.Conflict, b.A.Domain, b.A.Support), append(names, "ReceiptConflict", "CompanyDomain", "SupportAccess")
	ids, names = append(ids, s.Approval), append(names, "Approval")
	ids, names = append(ids, b.A.Export, b.A.Schedule), append(names, "ReportExport", "ReportSchedule")
	ids, names = append(ids, b.A.Alert, s.Notice), append(names, "ReportAlert", "ReportNotice")
	ids, names = append(ids, s.AuditEvent, s.AuditAccess), append(names, "AuditEvent", "AuditAccess")
	var texts []string
	var want []vars
	for i, v := range ids {
		texts = append(texts, fmt.Sprint(v))
		want = append(want, vars{"__typename": names[i], "id": v})
	}
	a := b.post(t, b.owner(t), `query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`, vars{"ids": texts}).ok(t)
	same(t, a.at("nodes"), want)
	for i, text := range texts {
		one := ask(t, b.owner(t), `{ node(id: "`+text+`") { __typename id } nodes(ids: []) { id } }`)
		same(t, one.at("node"), want[i])
	}
	ask(t, b.owner(t), `{ nodes(ids: ["`+texts[0]+`"]) { id } }`)
	implementors := map[string]bool{}
	for _, name := range names {
		implementors[name] = true
	}
	for _, possible := range schemaOf(t).GetPossibleTypes(schemaOf(t).Types["Node"]) {
		if !implementors[possible.Name] {
			t.Errorf("node(id) is not tried for %s", possible.Name)
		}
	}
}

// TestTotalsAreCountedWhenSelected also in fragments and by another name, and only then.
func TestTotalsAreCountedWhenSelected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plain := b.post(t, b.owner(t), `{ stores { nodes { id } } }`, nil).ok(t).Statements
	for _, query := range []string{
		`{ stores { nodes { id } totalCount } }`, `{ stores { nodes { id } n: totalCount } }`,
		`{ stores { nodes { id } ... on StoreConnection { totalCount } } }`, `{ stores { nodes { id } ...F } } fragment F on StoreConnection { totalCount }`,
		`{ stores { nodes { id } totalCount @include(if: true) } }`,
	} {
		a := b.post(t, b.owner(t), query, nil).ok(t)
		if a.Statements != plain+1 || !strings.Contains(a.Raw, ":2") {
			t.Errorf("%s: %d statements, %s", query, a.Statements, a.Raw)
		}
	}
	if a := b.post(t, b.owner(t), `{ stores { nodes { id } totalCount @skip(if: true) } }`, nil).ok(t); a.Statements != plain {
		t.Errorf("a total that is skipped costs %d statements", a.Statements-plain)
	}
}
