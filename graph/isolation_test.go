package graph_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// things are what a client can name of somebody's, by kind.
type things map[string]string

func nothings() things {
	all := things{
		"company": fresh[id.Company](), "store": fresh[id.Store](), "register": fresh[id.Register](), "user": fresh[id.User](),
		"category": fresh[id.Category](), "product": fresh[id.Product](), "price": fresh[id.StorePrice](),
		"level": fresh[id.InventoryLevel](), "movement": fresh[id.StockMovement](), "batch": fresh[id.StockBatch](), "sale": fresh[id.Sale](), "line": fresh[id.SaleLine](), "payment": fresh[id.Payment](), "custom-role": fresh[id.CustomRole](),
		"conflict": fresh[id.ReceiptConflict](),
		"barcode":  "made-up", "word": "nothing", "cursor": "bWFkZSB1cA", "filter-user": fresh[id.User](), "filter-register": fresh[id.Register](),
		"domain": fresh[id.CompanyDomain](), "support": fresh[id.SupportAccess](),
		"export": fresh[id.ReportExport](), "schedule": fresh[id.ReportSchedule](), "alert": fresh[id.ReportAlert](),
		"returned-sale": fresh[id.Sale](), "parked": fresh[id.ParkedSale](), "approval": fresh[id.Approval](), "returned-line": fresh[id.SaleLine](),
		"notice": fresh[id.ReportNotice](), "audit-event": fresh[id.AuditEvent](), "audit-access": fresh[id.AuditAccess](),
		"price-list": fresh[id.PriceList](), "prefix": "27",
		"till": fresh[id.TillSession](), "drawer": fresh[id.DrawerMovement](), "z-report": fresh[id.ZReport](),
	}
	maps.Copy(all, customerNothings())
	maps.Copy(all, peopleNothings())
	maps.Copy(all, taxThings(nil, 0, 0))
	return all
}

// thingsOf are a company's, of one of its registers, which it calls by kind; all kinds where none are named.
func thingsOf(c *pgtest.Company, store, register int, kinds ...string) things {
	s := &c.Stores[store]
	r := &s.Registers[register]
	all := things{
		"company": c.ID.String(), "store": s.ID.String(), "register": r.ID.String(), "user": s.Cashier.String(),
		"category": c.Category.String(), "product": c.Products[0].String(), "price": s.Price.String(), "level": s.Levels[0].String(), "movement": s.Receipt.String(), "batch": s.Batch.String(),
		"sale": r.Sale.String(), "line": r.Lines[0].String(), "payment": r.Payment.String(), "barcode": c.Barcodes[0],
		"conflict": r.Conflict.String(),
		"word":     "word" + c.Slug, "filter-user": s.Cashier.String(), "filter-register": r.ID.String(),
		"domain": c.Domain.String(), "support": c.Support.String(),
		"export": c.Export.String(), "schedule": c.Schedule.String(), "alert": c.Alert.String(),
		"returned-sale": r.Sale.String(), "parked": s.Parked.String(), "approval": s.Approval.String(), "returned-line": r.Lines[0].String(),
		"notice": s.Notice.String(), "audit-event": s.AuditEvent.String(), "audit-access": s.AuditAccess.String(),
		"till": r.TillSession.String(), "drawer": r.DrawerMovement.String(), "z-report": r.ZReport.String(),
		"custom-role": c.CustomRole.String(),
		"price-list":  c.PriceList.String(), "prefix": c.Prefix,
	}
	maps.Copy(all, customerThings(c))
	maps.Copy(all, peopleThings(c, s))
	maps.Copy(all, taxThings(c, store, register))
	if len(kinds) == 0 {
		return all
	}
	some := things{}
	for _, kind := range kinds {
		some[kind] = all[kind]
	}
	return some
}

// actor is somebody of company A, and what they must not learn of.
type actor struct {
	name, token string
	hidden      map[string]things
	// canaries are texts that they must not read.
	canaries []string
	own      things
}

// A register sees what its store's other registers sold as far as a return needs it, and so these are another kind.
var ofAStore = []string{
	"conflict",
	"store", "register", "price", "level", "movement", "batch", "sale", "line", "payment", "filter-user", "filter-register",
	"returned-sale", "returned-line", "parked", "approval", "audit-event", "audit-access",
	"till", "drawer", "z-report",
	"invitation", "time",
	"store-tax-rate", "discount",
}

func (b *bundle) actors(t testing.TB) []actor {
	t.Helper()
	others := thingsOf(&b.B, 0, 0)
	others["cursor"] = b.foreignCursor(t)
	always := []string{pgtest.CanaryB, "bistro", b.B.ID.String(), b.B.Stores[0].ID.String()}
	inOne := append(slices.Clone(always), pgtest.CanaryA2, b.A.Stores[1].ID.String())
	inTwo := append(slices.Clone(always), b.A.Stores[0].ID.String())
	register := b.A.Stores[0].Registers[0]
	return []actor{
		{"owner", b.owner(t), map[string]things{"B": others}, always, thingsOf(&b.A, 0, 0)},
		{
			"manager", b.manager(t),
			map[string]things{"B": others, "store 2": thingsOf(&b.A, 1, 0, ofAStore...)},
			inOne, thingsOf(&b.A, 0, 0),
		},
		{
			"cashier of store 1", b.cashier(t, 0),
			map[string]things{"B": others, "store 2": thingsOf(&b.A, 1, 0, ofAStore...)},
			inOne, thingsOf(&b.A, 0, 0),
		},
		{
			"cashier of store 2", b.cashier(t, 1),
			map[string]things{"B": others, "store 1": thingsOf(&b.A, 0, 0, ofAStore...)},
			inTwo, thingsOf(&b.A, 1, 0),
		},
		{
			"register", b.device(t, b.A, register),
			map[string]things{
				"B": others, "store 2": thingsOf(&b.A, 1, 0, ofAStore...),
				"register 2": thingsOf(&b.A, 0, 1, "sale", "line", "payment", "discount", "conflict", "filter-register", "till", "drawer", "z-report"),
			},
			append(slices.Clone(inOne), b.A.Stores[0].Registers[1].Sale.String()), thingsOf(&b.A, 0, 0),
		},
	}
}

// foreignCursor is the end of company B's list of products.
func (b *bundle) foreignCursor(t testing.TB) string {
	t.Helper()
	a := b.post(t, b.token(t, b.B, b.B.Owner), `{ products(first: 1) { pageInfo { endCursor } } }`, nil).ok(t)
	cursor, _ := a.at("products", "pageInfo", "endCursor").(string)
	return cursor
}

// probe names something of a kind in one place of the schema.
type probe struct {
	kind, place, query string
	// control says that with no layer the probe tells something for certain.
	control bool
}

// details are what is asked of a thing, by type.
var details = map[string]string{
	"Company":    `name stores { nodes { name } totalCount } settings { receiptHeader version }`,
	"Store":      `name sales { totalCount nodes { note } } registers { nodes { name } } inventory { totalCount }`,
	"Register":   `name sales { totalCount } store { name }`,
	"User":       `name`,
	"CustomRole": `name`,
	"TillSession": `number approvalReason store { name } register { name } counts { note } zReport { approvalReason }
		drawerMovements { totalCount nodes { reason } } sales { totalCount nodes { note } } amendments { totalCount }
		xReport { openingFloat { amount } }`,
	"DrawerMovement": `reason tillSession { number }`,
	"ZReport":        `number approvalReason store { name } tillSession { number } figures { total { amount } }`,
	"TimeEntry":      `worker: user { name } where: store { name } breaks { startedAt } changes { reason }`,
	"UserInvitation": `invited: user { name } inviter: invitedBy { name }`,
	"Session":        `userAgent loggedInAt: register { name }`,
	"Category":       `name products { totalCount nodes { name } } children { totalCount }`,
	"Product": `name barcodes storePrices { totalCount nodes { price { amount } } }
		inventory { totalCount }`,
	"StorePrice":      `price { amount } store { name } product { name }`,
	"InventoryLevel":  `quantity store { name } movements { totalCount nodes { note } }`,
	"StockMovement":   `note supplierReference level { quantity } store { name } product { name } user { name } sale { note }`,
	"StockBatch":      `lotNumber kept: store { name } goods: product { name } note`,
	"Sale":            `note discounts { reason } taxes { name } lines { productName } payments { reference } cashier { name } store { name } register { name }`,
	"ReceiptConflict": `idempotencyKey of: sale { note } register { name } cashier { name }`,
	"SaleLine":        `productName discounts { reason } taxes { name } product { name }`,
	"SupportAccess":   `grounds: reason acts { totalCount nodes { action } }`,
	"CompanyDomain":   `host recordValue`,
	"Approval":        `reason store { name } till: register { name } asked: requestedBy { name } decidedBy { name } used: sale { note } waits: lines { product { name } }`,
	"AuditAccess":     `operation reached: stores { name } asker: user { name }`,
	"AuditEvent":      `operator changed: changes { field before after } whose: store { name } who: user { name } why: reason`,
	"ParkedSale":      `label customer { name } store { name } register { name } parkedBy { name } sale { note } lines { quantity product { name } }`,
	"Payment":         `reference giftCard { lastFour }`,
	"Customer": `name phone email sales { totalCount nodes { note } } purchases { sales }
		ledgerEntries { totalCount nodes { note sale { note } } }`,
	"GiftCard":    `lastFour note balance { amount } ledgerEntries { totalCount nodes { note } }`,
	"LedgerEntry": `note amount customer { name } giftCard { lastFour } sale { note } user { name }`,
	"PriceList":   `name in: stores { name } items { totalCount nodes { price { amount } product { name } } }`,
}

var everyDetail = sync.OnceValue(func() string {
	text := "__typename"
	all := taxDetails()
	maps.Copy(all, details)
	for typ, fields := range all {
		text += " ... on " + typ + " { " + fields + " }"
	}
	return text
})

// probes are the places of ids, barcodes, words and cursors; own is who asks.
func probes(own things) []probe {
	var list []probe
	add := func(control bool, kind, place, query string) {
		list = append(list, probe{kind: kind, place: place, query: query, control: control})
	}
	for _, kind := range []string{
		"conflict",
		"company", "store", "register", "user", "category", "product", "price", "level", "movement", "batch", "sale", "line", "payment", "custom-role",
		"parked",
		"price-list",
		"till", "drawer", "z-report",
	} {
		add(true, kind, "Query.node(id)", `query($id: ID!) { node(id: $id) { id `+everyDetail()+` } }`)
		add(true, kind, "Query.nodes(ids)", `query($id: ID!) { nodes(ids: ["`+own["product"]+`", $id, $id]) { id `+everyDetail()+` } }`)
	}
	for field, kind := range map[string]string{
		"store": "store", "register": "register", "category": "category", "product": "product", "sale": "sale", "tillSession": "till", "zReport": "z-report",
	} {
		name := strings.ToUpper(field[:1]) + field[1:]
		add(true, kind, "Query."+field+"(id)", `query($id: ID!) { `+field+`(id: $id) { id `+details[name]+` } }`)
	}
	for _, kind := range []string{"notice", "alert", "schedule", "export"} { // a person's own, whatever holds else
		add(false, kind, "Query.node(id)", `query($id: ID!) { node(id: $id) { __typename } }`)
	}
	product := own["product"]
	// The gate says by itself which sales these are, whatever holds else.
	add(false, "returned-sale", "Query.saleForReturn(saleId)",
		`query($id: ID!) { saleForReturn(saleId: $id) { saleId storeName lines { saleLineId productName } } }`)
	add(true, "store", "SaleFilter.storeId", `query($id: ID!) { sales(filter: {storeId: $id}) { totalCount nodes { note } pageInfo { endCursor } } }`)
	add(true, "filter-register", "SaleFilter.registerId", `query($id: ID!) { sales(filter: {registerId: $id}) { totalCount nodes { note } } }`)
	add(true, "filter-user", "SaleFilter.cashierId", `query($id: ID!) { sales(filter: {cashierId: $id}, sort: OCCURRED_AT_ASC) { totalCount edges { cursor } } }`)
	add(true, "store", "ParkedSaleFilter.storeId", `query($id: ID!) { parkedSales(filter: {storeId: $id}) { totalCount nodes { label } } }`)
	add(true, "store", "RegisterFilter.storeId", `query($id: ID!) { registers(filter: {storeId: $id}) { totalCount nodes { name } } }`)
	add(true, "category", "ProductFilter.categoryId", `query($id: ID!) { products(filter: {categoryId: $id}) { totalCount nodes { name } } }`)
	add(true, "store", "Product.price(storeId)", `query($id: ID!) { product(id: "`+product+`") { price(storeId: $id) { source price { amount } } }
		products { nodes { price(storeId: $id) { source } } } }`)
	add(true, "barcode", "Query.productByBarcode(barcode)", `query($id: String!) { productByBarcode(barcode: $id) { id name } }`)
	add(true, "word", "ProductFilter.search", `query($id: String!) { products(filter: {search: $id}) { totalCount nodes { name } } }`)
	add(false, "cursor", "after", `query($id: String!) { products(after: $id) { totalCount nodes { name } pageInfo { hasNextPage } } }`)
	add(false, "cursor", "before", `query($id: String!) { products(last: 5, before: $id) { totalCount nodes { name } } }`)
	add(false, "cursor", "Category.products(after)", `query($id: String!) { categories { nodes { products(after: $id) { nodes { name } } } } }`)
	list = append(list, accessProbes(own)...)
	list = append(list, customerProbes(own)...)
	list = append(list, catalogueProbes(own)...)
	list = append(list, stockProbes()...)
	list = append(list, reportProbes()...)
	list = append(list, peopleProbes()...)
	list = append(list, domainProbes(own)...)
	list = append(list, supportProbes(own)...)
	list = append(list, approvalProbes(own)...)
	list = append(list, auditProbes()...)
	for _, list := range []string{"TillSession", "ZReport"} {
		field := strings.ToLower(list[:1]) + list[1:] + "s"
		add(true, "store", list+"Filter.storeId", `query($id: ID!) { `+field+`(filter: {storeId: $id}) { totalCount nodes { id } } }`)
		add(true, "filter-register", list+"Filter.registerId", `query($id: ID!) { `+field+`(filter: {registerId: $id}) { totalCount nodes { id } } }`)
	}
	return slices.Concat(list, mutations(own), stockMutations(own), taxProbes(own))
}

// mutations are the places in what changes something. None of these changes anything where the thing isn't there.
func mutations(own things) []probe {
	var list []probe
	add := func(kind, place, field, result string) {
		text := "ID!"
		if kind == "barcode" {
			text = "String!"
		}
		list = append(list, probe{kind: kind, place: place, query: fmt.Sprintf(
			`mutation($id: %s) { %s { %s userErrors { code field message } } }`, text, field, result)})
	}
	store, product, register := own["store"], own["product"], own["register"]
	add("sale", "Mutation.saleVoid(id)", `saleVoid(id: $id, input: {reason: "x"})`, `sale { note voidReason }`)
	add("store", "Mutation.storeUpdate(id)", `storeUpdate(id: $id, input: {version: 1, name: "x"})`, `store { name }`)
	add("store", "RegisterCreateInput.storeId", `registerCreate(input: {storeId: $id, code: "R1", name: "x"})`, `register { name }`)
	add("register", "Mutation.registerKeyRotate(id)", `registerKeyRotate(id: $id)`, `deviceKey register { name }`)
	add("category", "ProductCreateInput.categoryId", `productCreate(input: {sku: "x", name: "x", basePrice: "1", categoryId: $id})`, `product { id }`)
	add("product", "Mutation.productUpdate(id)", `productUpdate(id: $id, input: {version: 1, name: "x"})`, `product { name version }`)
	add("category", "ProductUpdateInput.categoryId", `productUpdate(id: "`+product+`", input: {version: 1, categoryId: $id})`, `product { id }`)
	add("store", "StorePriceSetInput.storeId", `storePriceSet(input: {storeId: $id, productId: "`+product+`", price: "1"})`, `storePrice { id }`)
	add("product", "StorePriceSetInput.productId", `storePriceSet(input: {storeId: "`+store+`", productId: $id, price: "1"})`, `storePrice { id }`)
	add("store", "Mutation.storePriceRemove(storeId)", `storePriceRemove(storeId: $id, productId: "`+product+`")`, `product { id }`)
	add("product", "Mutation.storePriceRemove(productId)", `storePriceRemove(storeId: "`+store+`", productId: $id)`, `product { id }`)
	add("parked", "Mutation.parkedSaleUpdate(id)", `parkedSaleUpdate(id: $id, input: {version: 1, label: "x"})`, `parkedSale { label }`)
	add("parked", "Mutation.parkedSaleDiscard(id)", `parkedSaleDiscard(id: $id)`, `parkedSale { label }`)
	add("filter-register", "ParkedSaleCreateInput.registerId",
		`parkedSaleCreate(input: {idempotencyKey: "p", registerId: $id, lines: [{productId: "`+product+`", quantity: "1"}]})`, `parkedSale { id }`)
	add("product", "ParkedSaleLineInput.productId",
		`parkedSaleCreate(input: {idempotencyKey: "p", registerId: "`+register+`", lines: [{productId: $id, quantity: "1"}]})`, `parkedSale { id }`)
	const counts = `tenders: [{method: CASH, amount: "0"}]`
	add("filter-register", "TillOpenInput.registerId", `tillOpen(input: {idempotencyKey: "p", registerId: $id, openingFloat: "1"})`, `tillSession { id }`)
	add("till", "Mutation.tillMovementRecord(id)",
		`tillMovementRecord(id: $id, input: {idempotencyKey: "p", kind: NO_SALE, reason: "x"})`, `tillSession { id } drawerMovement { id }`)
	add("till", "Mutation.tillHandOver(id)",
		`tillHandOver(id: $id, input: {idempotencyKey: "p", toUserId: "`+own["user"]+`"})`, `tillSession { id }`)
	add("filter-user", "TillHandOverInput.toUserId",
		`tillHandOver(id: "`+own["till"]+`", input: {idempotencyKey: "p", toUserId: $id})`, `tillSession { id }`)
	add("till", "Mutation.tillCountCommit(id)", `tillCountCommit(id: $id, input: {idempotencyKey: "p", `+counts+`})`, `tillSession { id }`)
	add("till", "Mutation.tillApprove(id)", `tillApprove(id: $id, input: {reason: "x"})`, `tillSession { id }`)
	add("till", "Mutation.tillClose(id)", `tillClose(id: $id)`, `tillSession { id } zReport { id }`)
	const cash = `payments: [{method: CASH, amount: "1000"}]`
	add("filter-register", "SaleRecordInput.registerId",
		`saleRecord(input: {idempotencyKey: "p", registerId: $id, `+cash+`, lines: [{productId: "`+product+`", quantity: "1"}]})`, `sale { id }`)
	add("parked", "SaleRecordInput.parkedSaleId",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", parkedSaleId: $id, `+cash+`, lines: [{productId: "`+product+`", quantity: "1"}]})`, `sale { id }`)
	add("returned-line", "SaleReturnLineInput.saleLineId",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", `+cash+`, returns: [{saleLineId: $id, quantity: "1", restock: true}]})`, `sale { id }`)
	add("product", "SaleReturnLineInput.productId",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", `+cash+`, returns: [{productId: $id, quantity: "1", restock: true}]})`, `sale { id }`)
	add("product", "SaleLineInput.productId",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", `+cash+`, lines: [{productId: $id, quantity: "1"}]})`, `sale { id }`)
	add("barcode", "SaleLineInput.barcode",
		`saleRecord(input: {idempotencyKey: "p", registerId: "`+register+`", `+cash+`, lines: [{barcode: $id, quantity: "1"}]})`, `sale { id }`)
	return list
}

// TestEveryIDIsProbed: an argument or input field that takes an id or a cursor and that no probe names would be a hole.
func TestEveryIDIsProbed(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	probed := map[string]bool{}
	for _, p := range probes(nothings()) {
		probed[p.place] = true
	}
	for _, d := range own(s) {
		for _, f := range fieldsOf(d) {
			if d.Kind == ast.InputObject && f.Type.Name() == "ID" && !probed[d.Name+"."+f.Name] {
				t.Errorf("no probe of %s.%s", d.Name, f.Name)
			}
			for _, a := range f.Arguments {
				if place := fmt.Sprintf("%s.%s(%s)", d.Name, f.Name, a.Name); a.Type.Name() == "ID" && !probed[place] {
					t.Errorf("no probe of %s", place)
				}
			}
		}
	}
	for kind := range nothings() {
		if !slices.ContainsFunc(probes(nothings()), func(p probe) bool { return p.kind == kind }) {
			t.Errorf("no probe of a %s", kind)
		}
	}
}

var requestID = regexp.MustCompile(`"requestId":"[^"]*"`)

// seen is an answer without what differs between any two.
func (a *answer) seen() string {
	return fmt.Sprint(a.Status, requestID.ReplaceAllString(a.Raw, `"requestId":""`))
}

// leak is what an actor could tell.
type leak struct{ actor, whose, place, kind, told string }

// leaks looks for what others can be learned of: an answer about something hidden that is not the answer about nothing, or a canary.
func (b *bundle) leaks(t testing.TB, actors []actor, writes bool) []leak {
	t.Helper()
	var leaks []leak
	none := nothings()
	for _, who := range actors {
		sing := func(whose string, p probe, a *answer) {
			for _, canary := range who.canaries {
				if strings.Contains(a.Raw, canary) {
					leaks = append(leaks, leak{who.name, whose, p.place, p.kind, "the text " + canary})
				}
			}
		}
		for _, p := range probes(who.own) {
			if !writes && strings.HasPrefix(p.query, "mutation") {
				continue
			}
			control := b.post(t, who.token, p.query, vars{"id": none[p.kind]})
			sing("nobody's", p, control)
			for whose, hidden := range who.hidden {
				thing, ok := hidden[p.kind]
				if !ok {
					continue
				}
				a := b.post(t, who.token, p.query, vars{"id": thing})
				sing(whose, p, a)
				if a.seen() != control.seen() {
					leaks = append(leaks, leak{who.name, whose, p.place, p.kind, a.seen() + "\n    instead of " + control.seen()})
				}
			}
		}
		for _, query := range sweeps {
			sing("everybody's", probe{place: query}, b.post(t, who.token, query, nil))
		}
	}
	return leaks
}

// sweeps list all that there is to see.
var sweeps = []string{
	`{ stockMovements { totalCount edges { cursor } nodes { id note supplierReference store { name } product { name } user { name }
		register { name } sale { id note } level { movements { nodes { id note sale { id } } } } } } lowStock { totalCount nodes { store { id name } } } }`,
	`{ viewer { user { name } register { name } company { name slug } stores { nodes { id name } totalCount } } company { name slug settings { receiptHeader taxNumber } } }`,
	`{ stores { totalCount edges { cursor } nodes { id name ` + details["Store"] + ` } } }`,
	`{ registers { totalCount nodes { id nextReceiptNumber lastReceiptNumber receiptGaps { totalCount nodes { from to } }
		receiptConflicts { totalCount nodes { id idempotencyKey cashier { name } sale { note } } } } } }`,
	`{ registers { totalCount nodes { id name store { id name } sales { nodes { id note } } } } }`,
	`{ sales { totalCount edges { cursor } nodes { id note store { id name } register { name } cashier { name }
		lines { productName product { name storePrices { nodes { store { id } } } } } payments { reference } } } }`,
	`{ products { totalCount nodes { name barcodes category { name } storePrices { nodes { store { id name } } }
		inventory { nodes { store { id name } } } } } }`,
	`{ products(filter: {search: "cola"}, sort: UPDATED_AT_DESC) { totalCount nodes { name } } }`,
	`{ customers { totalCount nodes { id name ` + details["Customer"] + ` } } giftCards { totalCount nodes { id ` + details["GiftCard"] + ` } } }`,
	`{ sales { nodes { id customer { name } payments { giftCard { lastFour } } } } }`,
	`{ priceLists { totalCount nodes { name stores { id name } items { nodes { product { name } } } } } barcodeRules { nodes { prefix } } }`,
	`{ categories { totalCount nodes { name products { nodes { name } } children { nodes { name } } } } }`,
	`{ taxCategories { totalCount nodes { name rates { name } rateHistory { nodes { name } } storeRates { totalCount nodes { name store { name } } } } } }`,
	`{ users { totalCount nodes { name email customRole { name } storeRoles { store { id name } role } } } }`,
	`{ tillSessions { totalCount edges { cursor } nodes { id ` + details["TillSession"] + ` } } registers { nodes { tillSession { id } } } }`,
	`{ zReports { totalCount edges { cursor } nodes { id ` + details["ZReport"] + ` } } }`,
	`{ customRoles { totalCount nodes { name permissions } } }`,
	`{ company { supportAccesses { totalCount nodes { id reason acts { nodes { action } } } } supportActs { totalCount nodes { action } } } }`,
	`{ company { domains { id host recordValue } } }`,
	`{ approvals { totalCount nodes { id ` + details["Approval"] + ` } } }`,
	`{ company { settingsChanges { totalCount nodes { version changedBy { name } changes { setting before after } } } } }`,
	`{ parkedSales { totalCount nodes { id label store { name } register { name } parkedBy { name } lines { product { name } } } } }`,
	`{ timeEntries { totalCount nodes { id user { name } store { id name } changes { reason } } }
		hours(from: "2026-03-01", to: "2026-03-03") { totalMinutes days { store { id name } user { name } } } }`,
	reportSweep,
	`{ userInvitations { totalCount nodes { id user { name email security { pinSet } } } } viewer { sessions { totalCount nodes { id address } } } }`,
}

func (b *bundle) disableRowLevelSecurity(t testing.TB) {
	t.Helper()
	tables := pgtest.Values[string](t, b.db, "select relname::text from pg_class where relrowsecurity")
	if len(tables) < 15 {
		t.Fatalf("row-level security is on for %v alone", tables)
	}
	for _, table := range tables {
		b.db.Exec(t, "alter table "+table+" disable row level security")
	}
}

func setupLayers(t *testing.T, scoping, rows bool) *bundle {
	t.Helper()
	d := pgtest.New(t)
	b := setupOn(t, d, func(c *graph.Config) {
		c.DB = d.Open(t, graph.Models(), func(c *postgres.Config) { c.ProveWithoutScoping = !scoping })
	})
	if !rows {
		b.disableRowLevelSecurity(t)
	}
	return b
}

// TestIsolation asks for everything of others that a client can name, by everybody, with both layers and with each
// alone: bun's scoping, and the policies of the database.
func TestIsolation(t *testing.T) {
	t.Parallel()
	for _, layers := range []struct {
		name          string
		scoping, rows bool
	}{{"both", true, true}, {"policies-alone", false, true}, {"scoping-alone", true, false}} {
		t.Run(layers.name, func(t *testing.T) {
			t.Parallel()
			b := setupLayers(t, layers.scoping, layers.rows)
			actors := b.actors(t)
			books := b.books(t)
			for _, l := range b.leaks(t, actors, true) {
				t.Errorf("%s learns of %s %s at %s: %s", l.actor, l.whose, l.kind, l.place, l.told)
			}
			b.unchanged(t, books)
			b.logs.quiet(t)
		})
	}
}

// TestIsolationIsWhatHolds is the control: with neither layer each probe tells something, and the canaries sing.
func TestIsolationIsWhatHolds(t *testing.T) {
	t.Parallel()
	b := setupLayers(t, false, false)
	told, sung := map[string]bool{}, map[string]bool{}
	for _, l := range b.leaks(t, b.actors(t), false) {
		told[l.place+" of "+l.kind] = true
		for _, canary := range []string{pgtest.CanaryB, pgtest.CanaryA2, "bistro"} {
			if strings.HasSuffix(l.told, canary) {
				sung[canary] = true
			}
		}
	}
	for _, p := range probes(nothings()) {
		if p.control && !told[p.place+" of "+p.kind] {
			t.Errorf("the probe at %s of a %s tells nothing without any isolation", p.place, p.kind)
		}
	}
	if len(sung) != 3 {
		t.Errorf("the canaries that sang are %v", sung)
	}
}

// TestARegisterSeesItsOwnReceipts, and the people of its store see those of all registers.
func TestARegisterSeesItsOwnReceipts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.A.Stores[0]
	const query = `{ sales { totalCount nodes { id } } stores { nodes { sales { totalCount nodes { id } } } }
		registers { nodes { id sales { totalCount nodes { id } } } } }`
	device := b.post(t, b.device(t, b.A, s.Registers[1]), query, nil).ok(t)
	mine := vars{"totalCount": 1, "nodes": []vars{{"id": s.Registers[1].Sale}}}
	same(t, device.Data, vars{
		"sales": mine, "stores": vars{"nodes": []vars{{"sales": mine}}},
		"registers": vars{"nodes": []vars{
			{"id": s.Registers[0].ID, "sales": vars{"totalCount": 0, "nodes": []vars{}}}, {"id": s.Registers[1].ID, "sales": mine},
		}},
	})
	if cashier := b.post(t, b.cashier(t, 0), query, nil).ok(t); cashier.at("sales", "totalCount") != 2.0 {
		t.Errorf("the cashier sees %v", cashier.at("sales"))
	}
	if owner := b.post(t, b.owner(t), query, nil).ok(t); owner.at("sales", "totalCount") != 4.0 {
		t.Errorf("the owner sees %v", owner.at("sales"))
	}
}

// TestWhoSeesWhom: who has all stores sees everybody, others see who shares a store with them.
func TestWhoSeesWhom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const query = `{ users { totalCount nodes { id email } } }`
	if a := b.post(t, b.owner(t), query, nil).ok(t); a.at("users", "totalCount") != 4.0 {
		t.Errorf("the owner sees %s", a.Raw)
	}
	same(t, b.post(t, b.manager(t), query, nil).ok(t).at("users", "nodes"), []vars{
		{"id": b.A.Stores[0].Cashier, "email": "cashier1@acme.example"}, {"id": b.A.Manager, "email": "manager@acme.example"},
	})
	// Owners have all stores without a row that says so: narrowed to one they see who works there.
	narrowed := b.post(t, b.owner(t), query, nil, "X-Store-ID", b.A.Stores[1].ID.String()).ok(t)
	same(t, narrowed.at("users", "nodes"), []vars{{"id": b.A.Stores[1].Cashier, "email": "cashier2@acme.example"}})
}
