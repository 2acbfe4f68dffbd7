package graph_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// target is what an attacker names: ids and keys of somebody else's, or made up ones of the same kinds.
type target struct {
	Conflict                                                                                                                   string
	Company, Store, Register, User, Category, Product, Price, Level, Movement, Sale, Line, Payment, Barcode, Word, Key, Parked string
	PriceList, Prefix                                                                                                          string

	Till, Drawer, ZReport string

	Customer, Phone, GiftCard, GiftCode, Entry, TaxCategory, TaxRate, StoreTaxRate, Discount string
}

// attacks are all fields and arguments that take an id or a key, each answer being a value that must not tell
// somebody else's from a made-up one.
func attacks(x target) map[string]string {
	list := map[string]string{
		"store":            `{ store(id: "` + x.Store + `") { id name } }`,
		"register":         `{ register(id: "` + x.Register + `") { id name } }`,
		"product":          `{ product(id: "` + x.Product + `") { id name } }`,
		"category":         `{ category(id: "` + x.Category + `") { id name } }`,
		"sale":             `{ sale(id: "` + x.Sale + `") { id note } }`,
		"barcode":          `{ productByBarcode(barcode: "` + x.Barcode + `") { id name } }`,
		"search":           `{ products(filter: {search: "` + x.Word + `"}) { totalCount nodes { name } } }`,
		"filter category":  `{ products(filter: {categoryId: "` + x.Category + `"}) { totalCount nodes { name } } }`,
		"filter store":     `{ registers(filter: {storeId: "` + x.Store + `"}) { totalCount nodes { name } } }`,
		"sales of store":   `{ sales(filter: {storeId: "` + x.Store + `"}) { totalCount nodes { note } } }`,
		"sales of till":    `{ sales(filter: {registerId: "` + x.Register + `"}) { totalCount nodes { note } } }`,
		"sales of cashier": `{ sales(filter: {cashierId: "` + x.User + `"}) { totalCount nodes { note } } }`,
		"price": `{ products(first: 1) { nodes { price(storeId: "` + x.Store +
			`") { source price { amount } } } } }`,
		"store update":    `mutation { storeUpdate(id: "` + x.Store + `", input: {version: 1, name: "Taken over"}) { store { name } userErrors { code field message } } }`,
		"register create": `mutation { registerCreate(input: {storeId: "` + x.Store + `", code: "X", name: "X"}) { register { id } userErrors { code field message } } }`,
		"key rotate":      `mutation { registerKeyRotate(id: "` + x.Register + `") { deviceKey userErrors { code field message } } }`,
		"product update":  `mutation { productUpdate(id: "` + x.Product + `", input: {version: 1, name: "Taken over"}) { product { name } userErrors { code field message } } }`,
		"product create":  `mutation { productCreate(input: {sku: "N", name: "N", basePrice: "1", categoryId: "` + x.Category + `"}) { product { name } userErrors { code field message } } }`,
		"price set":       `mutation { storePriceSet(input: {storeId: "` + x.Store + `", productId: "` + x.Product + `", price: "1"}) { storePrice { id } userErrors { code field message } } }`,
		"price remove":    `mutation { storePriceRemove(storeId: "` + x.Store + `", productId: "` + x.Product + `") { product { id } userErrors { code field message } } }`,
		"till":            `{ tillSession(id: "` + x.Till + `") { id number } }`,
		"z report":        `{ zReport(id: "` + x.ZReport + `") { id number } }`,
		"till open":       `mutation { tillOpen(input: {idempotencyKey: "` + x.Key + `", registerId: "` + x.Register + `", openingFloat: "1"}) { tillSession { id } userErrors { code field message } } }`,
		"till move":       `mutation { tillMovementRecord(id: "` + x.Till + `", input: {idempotencyKey: "` + x.Key + `", kind: NO_SALE, reason: "x"}) { tillSession { id } userErrors { code field message } } }`,
		"till count":      `mutation { tillCountCommit(id: "` + x.Till + `", input: {idempotencyKey: "` + x.Key + `", tenders: [{method: CASH, amount: "1"}]}) { tillSession { id } userErrors { code field message } } }`,
		"till approve":    `mutation { tillApprove(id: "` + x.Till + `", input: {reason: "x"}) { tillSession { id } userErrors { code field message } } }`,
		"till close":      `mutation { tillClose(id: "` + x.Till + `") { tillSession { id } userErrors { code field message } } }`,
		"till to":         `mutation { tillHandOver(id: "` + x.Till + `", input: {idempotencyKey: "` + x.Key + `", toUserId: "` + x.User + `"}) { tillSession { id } userErrors { code field message } } }`,
		"sell there":      `mutation { saleRecord(input: {idempotencyKey: "` + x.Key + `", registerId: "` + x.Register + `", lines: [{productId: "` + x.Product + `", quantity: "1"}], payments: [{method: CASH, amount: "1000"}]}) { sale { id } userErrors { code field message } } }`,
	}
	list["sale void"] = `mutation { saleVoid(id: "` + x.Sale + `", input: {reason: "x"}) { sale { note } userErrors { code field message } } }`
	list["parked update"] = `mutation { parkedSaleUpdate(id: "` + x.Parked + `", input: {version: 1, label: "Taken over"}) { parkedSale { label } userErrors { code field message } } }`
	list["parked discard"] = `mutation { parkedSaleDiscard(id: "` + x.Parked + `") { parkedSale { label } userErrors { code field message } } }`
	list["parked of store"] = `{ parkedSales(filter: {storeId: "` + x.Store + `"}) { totalCount nodes { label } } }`
	list["return there"] = `mutation { saleRecord(input: {idempotencyKey: "r", registerId: "` + x.Register + `", returns: [{saleLineId: "` + x.Line + `", quantity: "1", restock: true}], payments: [{method: CASH, amount: "100"}]}) { sale { id } userErrors { code field message } } }`
	list["sale for return"] = `{ saleForReturn(saleId: "` + x.Sale + `") { saleId storeName lines { productName } } }`
	maps.Copy(list, stockAttacks(x))
	maps.Copy(list, reportAttacks(x))
	for kind, ref := range map[string]string{
		"conflict": x.Conflict,
		"movement": x.Movement,
		"company":  x.Company, "store": x.Store, "register": x.Register, "user": x.User, "category": x.Category,
		"product": x.Product, "price": x.Price, "level": x.Level, "sale": x.Sale, "line": x.Line, "payment": x.Payment, "parked": x.Parked,
		"till": x.Till, "drawer": x.Drawer, "z": x.ZReport,
	} {
		list["node "+kind] = `{ node(id: "` + ref + `") { __typename id } nodes(ids: ["` + ref + `"]) { __typename id } }`
	}
	maps.Copy(list, catalogueAttacks(x))
	maps.Copy(list, customerAttacks(x))
	return list
}

func targetIn(c pgtest.Company, store, register int) target {
	s := c.Stores[store]
	r := s.Registers[register]
	return target{
		Conflict: r.Conflict.String(),
		Company:  c.ID.String(), Store: s.ID.String(), Register: r.ID.String(), User: s.Cashier.String(),
		Category: c.Category.String(), Product: c.Products[0].String(), Price: s.Price.String(),
		Movement: s.Receipt.String(),
		Level:    s.Levels[0].String(), Sale: r.Sale.String(), Line: r.Lines[0].String(), Payment: r.Payment.String(),
		Barcode: c.Barcodes[0], Word: "word" + c.Slug, Key: r.Key, Parked: s.Parked.String(),
		PriceList: c.PriceList.String(), Prefix: c.Prefix,
		Till: r.TillSession.String(), Drawer: r.DrawerMovement.String(), ZReport: r.ZReport.String(),
		Customer: c.Customer.ID.String(), Phone: c.Customer.Phone, GiftCard: c.Customer.GiftCard.String(), GiftCode: c.Customer.Code,
		Entry: c.Customer.Credit.String(), TaxCategory: c.TaxCategory.String(), TaxRate: c.TaxRate.String(),
		StoreTaxRate: s.TaxRate.String(), Discount: r.Discount.String(),
	}
}

func madeUp() target {
	return target{
		Conflict: id.New[id.ReceiptConflict]().String(),
		Company:  id.New[id.Company]().String(), Store: id.New[id.Store]().String(),
		Register: id.New[id.Register]().String(), User: id.New[id.User]().String(),
		Category: id.New[id.Category]().String(), Product: id.New[id.Product]().String(),
		Price: id.New[id.StorePrice]().String(), Level: id.New[id.InventoryLevel]().String(), Movement: id.New[id.StockMovement]().String(),
		Sale: id.New[id.Sale]().String(), Line: id.New[id.SaleLine]().String(), Payment: id.New[id.Payment]().String(),
		Barcode: "nosuchcode", Word: "nosuchword", Key: "key of nobody", Parked: id.New[id.ParkedSale]().String(),
		PriceList: id.New[id.PriceList]().String(), Prefix: "27",
		Till: id.New[id.TillSession]().String(), Drawer: id.New[id.DrawerMovement]().String(), ZReport: id.New[id.ZReport]().String(),
		Customer: id.New[id.Customer]().String(), Phone: "+254 711 000 000", GiftCard: id.New[id.GiftCard]().String(), GiftCode: "NOSUCHCARD1",
		Entry: id.New[id.LedgerEntry]().String(), TaxCategory: id.New[id.TaxCategory]().String(), TaxRate: id.New[id.TaxRate]().String(),
		StoreTaxRate: id.New[id.StoreTaxRate]().String(), Discount: id.New[id.SaleDiscount]().String(),
	}
}

// another is what a store's people may see of their own company, and so isn't attacked with another store's ids:
// the catalogue and the people are the company's.
func another(name string) bool {
	switch name {
	case "movements of product", "product", "category", "barcode", "search", "filter category", "product update", "product create",
		"node company", "node user", "node category", "node product":
		return true
	}
	return strings.HasPrefix(name, "company's ")
}

var requestIDs = regexp.MustCompile(`"requestId":"[^"]*"`)

func anonymous(raw string) string { return requestIDs.ReplaceAllString(raw, "") }

// attack sends every attack as every actor of company A, with ids that aren't theirs and with made-up ones. Leaks
// are the answers that differ or that carry a canary.
func (b *bundle) attack(t *testing.T) (leaks []string) {
	t.Helper()
	actors := map[string]string{
		"owner": b.owner(t), "manager": b.manager(t), "cashier": b.cashier(t, 0),
		"register": b.device(t, b.A, b.A.Stores[0].Registers[0]),
	}
	for actor, token := range actors {
		none := attacks(madeUp())
		foreign := map[string]map[string]string{"company": attacks(targetIn(b.B, 0, 0))}
		if actor != "owner" {
			own := targetIn(b.A, 1, 0)
			own.Product, own.Category = b.A.Products[1].String(), b.A.Category.String()
			foreign["store"] = attacks(own)
		}
		for whose, list := range foreign {
			for name, query := range list {
				if whose == "store" && another(name) {
					continue
				}
				reference := none[name]
				if whose == "store" {
					// The product is the attacker's own, and so is what is the company's; only the store is made up.
					x, own := madeUp(), targetIn(b.A, 1, 0)
					x.Product = b.A.Products[1].String()
					x.Customer, x.GiftCode, x.TaxCategory = own.Customer, own.GiftCode, own.TaxCategory
					reference = attacks(x)[name]
				}
				got, want := anonymous(b.post(t, token, query, nil).Raw), anonymous(b.post(t, token, reference, nil).Raw)
				if got != want {
					leaks = append(leaks, fmt.Sprintf("%s, another %s, %s:\n got %s\nwant %s", actor, whose, name, got, want))
				}
				canaries := []string{pgtest.CanaryB, "bistro"}
				if actor != "owner" {
					canaries = append(canaries, pgtest.CanaryA2)
				}
				for _, canary := range canaries {
					if strings.Contains(got, canary) {
						leaks = append(leaks, fmt.Sprintf("%s, another %s, %s: a canary in %s", actor, whose, name, got))
					}
				}
			}
		}
	}
	return leaks
}

// foreignRows is all that company B and the second store of A have, to compare before and after.
func (b *bundle) foreignRows(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, table := range pgtest.Values[string](t, b.db,
		`select table_name::text from information_schema.columns
		where table_schema = 'public' and column_name = 'tenant_id' order by 1`) {
		all.WriteString(pgtest.Value[string](t, b.db, fmt.Sprintf(
			`select %s || coalesce(string_agg(r::text, ';' order by r::text), '') from %q r where tenant_id = '%s'`,
			"'"+table+": '", table, b.B.ID.UUID())))
	}
	for _, table := range []string{
		"registers",
		"sales",
		"sale_lines",
		"payments",
		"store_prices",
		"inventory_levels",
		"stock_movements",
		"parked_sales",
		"parked_sale_lines",
		"product_availability",
		"price_list_stores",
		"till_sessions",
		"till_counts",
		"drawer_movements",
		"till_z_reports",
		"receipt_gaps",
		"receipt_conflicts",
	} {
		all.WriteString(pgtest.Value[string](t, b.db, fmt.Sprintf(
			`select coalesce(string_agg(r::text, ';' order by r::text), '') from %q r where store_id = '%s'`,
			table, b.A.Stores[1].ID.UUID())))
	}
	return all.String()
}

func (b *bundle) holds(t *testing.T) {
	t.Helper()
	before := b.foreignRows(t)
	for _, leak := range b.attack(t) {
		t.Error(leak)
	}
	if b.foreignRows(t) != before {
		t.Error("rows of another company or store were changed")
	}
}

// unscoped is a server whose statements aren't scoped: row-level security alone holds.
func unscoped(t *testing.T) *bundle {
	t.Helper()
	d := pgtest.New(t)
	db := d.Open(t, graph.Models(), func(c *postgres.Config) { c.ProveWithoutScoping = true })
	return setupOn(t, d, func(c *graph.Config) { c.DB = db })
}

const disableRowSecurity = `do $$ declare r record; begin
	for r in select oid::regclass as t from pg_class where relkind = 'r' and relrowsecurity loop
		execute format('alter table %s disable row level security', r.t);
	end loop; end $$`

func TestNothingOfAnotherIsSeenOrChanged(t *testing.T) {
	t.Parallel()
	setup(t).holds(t)
}

func TestIsolationHoldsWithoutRowLevelSecurity(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, disableRowSecurity)
	b.holds(t)
}

func TestIsolationHoldsWithoutScopedStatements(t *testing.T) {
	t.Parallel()
	unscoped(t).holds(t)
}

// TestWithoutEitherLayerTheAttackIsSeen is the control: the attack finds what there is to find.
func TestWithoutEitherLayerTheAttackIsSeen(t *testing.T) {
	t.Parallel()
	b := unscoped(t)
	b.db.Exec(t, disableRowSecurity)
	if leaks := b.attack(t); len(leaks) < 20 {
		t.Errorf("only %d leaks were seen: %v", len(leaks), leaks)
	}
}
