package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// names are what somebody can name of theirs: ids by the type of object, and keys by their sort.
type names map[string]string

const (
	// cursors are places in lists: each list has its own.
	cursors = "cursor"
	// nothing is named by a query that only lists what there is.
	nothing = ""
)

var (
	// idsByName are the types of the ids whose name doesn't say it.
	idsByName = map[string]string{"cashier": "User", "toUser": "User", "into": "Customer", "parent": "Category", "object": "Product", "batch": "StockBatch"}

	// keysByName are what the texts name by which something is found, or which only one may have.
	keysByName = map[string]string{
		"barcode": "barcode", "barcodes": "barcode", "sku": "sku", "email": "email", "companySlug": "slug",
		"giftCardCode": "giftCardCode", "idempotencyKey": "idempotencyKey", "search": "search", "prefix": "prefix", "host": "host",
		"after": cursors, "before": cursors, "staffNumber": "staffNumber", "lastFour": "lastFour",
		"externalReference": "externalReference", "storeCode": "storeCode", "registerCode": "registerCode", "name": "name",
		"code": "code", "app": "appName", "phone": "phone", "brandName": "brandName", "supplierName": "supplierName",
		"discountReasons": "note", "lotNumber": "lot", "number": "lot",
	}
	// searched are the keys that lists are searched by, by the filter's type.
	searched = map[string]string{"CategoryFilter": "name", "CustomerFilter": "buyer"}
	// texts name nothing: they are written down, or they are secrets that only their owner can have. The address of a
	// company that signs up is everybody's to know: it is a host name.
	texts = []string{
		"accentColor", "address", "manifest", "challenge", "countryCode", "description", "label", "logoUrl", "newPassword", "note", "notes",
		"objectType", "operation", "oldPassword", "optionNames", "optionValues", "ownerEmail", "ownerName", "ownerPassword", "password", "pin", "pollToken",
		"priceReason", "primaryColor", "reason", "receiptFooter", "receiptHeader", "reference", "refreshToken", "slug", "storeName",
		"supplierReference", "taxNumber", "timeZone", "token", "type",
	}

	// valid are values that a field of this name takes.
	valid = map[string]string{
		"timeZone": `"Africa/Nairobi"`, "manifest": `"{\"attack\": \"query Attack { viewer { role } }\"}"`, "password": `"correct horse battery"`, "email": `"` + anew + `@acme.example"`,
		"unitPrice": `"100"`, "pin": `"2580"`, "countryCode": `"KE"`, "host": `"` + anew + `.example"`, "phone": `"+254 711 222 333"`,
		"expiresBefore": `"2100-01-01"`, "from": `"2026-01-01"`, "to": `"2026-12-31"`, "hours.from": `"2026-03-01"`, "hours.to": `"2026-03-20"`, "oldPassword": `"correct horse battery"`,
	}
	// always are optional fields without which nothing is looked up.
	always = []string{
		"SaleRecordInput.lines", "SaleRecordInput.registerId", "SaleRecordInput.payments", "SaleCalculateInput.lines",
		"SaleCalculateInput.registerId", "SaleLineInput.productId", "ParkedSaleCreateInput.registerId",
		"ParkedSaleLineInput.productId", "SaleReturnLineInput.saleLineId", "UserInviteInput.storeIds",
		"StoreRoleInput.role", "ProductUpsertRow.sku", "ProductUpsertRow.name", "ProductUpsertRow.basePrice",
		"SalesReportInput.groupBy",
	}
	// apart are fields that must not stand beside another.
	apart = map[string]string{
		"SaleLineInput.productId": "barcode", "SaleReturnLineInput.saleLineId": "productId", "SaleRecordInput.lines": "returns",
		"ParkedSaleLineInput.productId": "barcode", "SaleCalculateInput.lines": "returns",
	}

	// ofOneRegister are the kinds of which a register must not learn another's.
	ofOneRegister = []string{"Sale", "SaleLine", "Payment", "SaleDiscount", "TillSession", "DrawerMovement", "ZReport"}
	// ofOneStore are the kinds of which the people of one store must not learn those of another.
	ofOneStore = []string{
		"Store", "Register", "StorePrice", "InventoryLevel", "StockMovement", "StockBatch", "Sale", "SaleLine", "Payment", "ReceiptConflict",
		"ParkedSale", "Approval", "TillSession", "DrawerMovement", "ZReport", "UserInvitation", "TimeEntry", "StoreTaxRate",
		"SaleDiscount", "ReportNotice", "AuditEvent", "AuditAccess", "idempotencyKey", "storeCode",
	}
)

// isObject says that what is named is an object, by its id, and not by a key.
func isObject(kind string) bool { return kind != nothing && unicode.IsUpper(rune(kind[0])) }

// namesOf are a company's, of one of its registers.
func namesOf(c *pgtest.Company, store, register int) names {
	n := names{}
	for typ, object := range objectsOf(c, &c.Stores[store], &c.Stores[store].Registers[register]) {
		n[typ] = object.String()
	}
	s := &c.Stores[store]
	maps.Copy(n, names{
		"barcode": c.Barcodes[0], "sku": "SKU-" + c.Slug, "email": fmt.Sprintf("cashier%d@%s.example", store+1, c.Slug), "slug": c.Slug,
		"giftCardCode": c.Customer.Code, "idempotencyKey": s.Registers[register].Key, "search": "word" + c.Slug, "prefix": c.Prefix,
		"host": c.Slug + ".test", "staffNumber": "7" + fmt.Sprint(len(c.Slug)), "lastFour": c.Customer.Code[len(c.Customer.Code)-4:],
		"externalReference": "ERP-" + c.Slug, "storeCode": storeCode(c, store), "registerCode": storeCode(c, 0) + "R",
		"name": "Drinks " + c.Slug, "code": storeCode(c, store), "phone": c.Customer.Phone, "note": "note " + c.Slug,
		"buyer": "buyer" + c.Slug, "lot": "LOT " + c.Slug, "appName": "pos-" + c.Slug,
		"brandName": "Brand " + c.Slug, "supplierName": "Supplier " + c.Slug,
	})
	return n
}

// objectsOf are the fixture's examples by the type of object.
func objectsOf(c *pgtest.Company, s *pgtest.Store, r *pgtest.Register) map[string]fmt.Stringer {
	return map[string]fmt.Stringer{
		"Company": c.ID, "Store": s.ID, "Register": r.ID, "User": s.Cashier, "Category": c.Category, "Product": c.Products[0],
		"StorePrice": s.Price, "InventoryLevel": s.Levels[0], "StockMovement": s.Receipt, "StockBatch": s.Batch,
		"Sale": r.Sale, "SaleLine": r.Lines[0],
		"Payment": r.Payment, "CustomRole": c.CustomRole, "ReceiptConflict": r.Conflict, "CompanyDomain": c.Domain, "App": c.App,
		"Brand": c.Labels.Brand, "Supplier": c.Labels.Supplier, "CustomerGroup": c.Labels.Group,
		"ParkedSale": s.Parked, "Approval": s.Approval, "PriceList": c.PriceList, "TillSession": r.TillSession,
		"DrawerMovement": r.DrawerMovement, "ZReport": r.ZReport, "Customer": c.Customer.ID, "GiftCard": c.Customer.GiftCard,
		"LedgerEntry": c.Customer.Credit, "UserInvitation": s.Invitation, "Session": c.Session, "TimeEntry": s.TimeEntry,
		"TaxCategory": c.TaxCategory, "TaxRate": c.TaxRate, "StoreTaxRate": s.TaxRate, "SaleDiscount": r.Discount,
		"SupportAccess": c.Support, "ReportExport": c.Export, "ReportSchedule": c.Schedule, "ReportAlert": c.Alert,
		"ReportNotice": s.Notice, "AuditEvent": s.AuditEvent, "AuditAccess": s.AuditAccess,
	}
}

// storeCode is the code of a store, which no other company's has.
func storeCode(c *pgtest.Company, store int) string {
	return strings.ToUpper(c.Slug[:1]) + strconv.Itoa(store+1)
}

// distinguish gives company B, and the second store of A, keys that nobody else has, and B amounts that are its alone.
func (b *bundle) distinguish(t testing.TB) {
	t.Helper()
	for _, c := range []*pgtest.Company{&b.A, &b.B} {
		for i, s := range c.Stores {
			b.db.Exec(t, "update stores set code = $2 where id = $1", s.ID.UUID(), storeCode(c, i))
			b.db.Exec(t, "update registers set code = $2 where id = $1", s.Registers[0].ID.UUID(), storeCode(c, 0)+"R")
		}
		b.db.Exec(t, "update products set sku = $2, external_reference = $3 where id = $1", c.Products[0].UUID(), "SKU-"+c.Slug, "ERP-"+c.Slug)
		b.db.Exec(t, "update users set staff_number = $2 where id = $1", c.Stores[0].Cashier.UUID(), "7"+fmt.Sprint(len(c.Slug)))
		b.db.Exec(t, "update company_domains set host = $2 where tenant_id = $1", c.ID.UUID(), c.Slug+".test")
		b.db.Exec(t, "update categories set name = $2 where id = $1", c.Category.UUID(), "Drinks "+c.Slug)
		b.db.Exec(t, "insert into categories (tenant_id, id, parent_id, name) values ($1, $2, $3, $4)",
			c.ID.UUID(), id.New[id.Category]().UUID(), c.Category.UUID(), "Juices "+c.Slug)
		b.db.Exec(t, "update customers set external_reference = $2 where tenant_id = $1", c.ID.UUID(), "ERP-"+c.Slug)
		b.db.Exec(t, "update brands set name = $2 where tenant_id = $1", c.ID.UUID(), "Brand "+c.Slug)
		b.db.Exec(t, "update suppliers set name = $2 where tenant_id = $1", c.ID.UUID(), "Supplier "+c.Slug)
	}
	// Figures of the year that reports are asked for.
	for _, table := range []string{"days", "hours", "products", "categories", "brands", "suppliers", "customers"} {
		b.db.Exec(t, "update report_"+table+" set business_date = '2026-02-03', sale_count = 1, gross = 100, net = 100")
		b.db.Exec(t, "update report_"+table+" set gross = 77712340, net = 77712340 where tenant_id = $1", b.B.ID.UUID())
	}
	for column, table := range map[string]string{
		"price": "products", "store_prices.price": "store_prices", "balance": "gift_cards", "store_credit": "customers",
	} {
		_, plain, ok := strings.Cut(column, ".")
		if !ok {
			plain = column
		}
		b.db.Exec(t, "update "+table+" set "+plain+" = $2 where tenant_id = $1", b.B.ID.UUID(), 77_712_300+int64(len(table)))
	}
}

// made is a name that nobody has: of an object a new one each time; of keys always the same, so that an attacker who makes
// something by it meets it later, as they do what they made by another's.
func (n names) made(kind string) string {
	if isObject(kind) {
		prefix, _, _ := strings.Cut(n[kind], "_")
		return id.Any{Prefix: prefix, UUID: uuid.Must(uuid.NewV7())}.String()
	}
	switch kind {
	case "email":
		return "nobody@acme.example"
	case "host":
		return "nobody.example"
	case "prefix":
		return "27"
	case "phone":
		return "+254 799 000 111"
	case "staffNumber", "lastFour":
		return "4711"
	case "code", "storeCode", "registerCode":
		return "N9"
	case "giftCardCode":
		return "NOBO7777"
	}
	return "nobodys-" + strings.ToLower(kind)
}

// freshKey is a key that nobody has and nobody asked for before.
func freshKey(kind string, i int) string {
	made := names{}.made(kind)
	number := fmt.Sprintf("%03d", i%1000)
	switch kind {
	case "email", "host":
		return "n" + number + made
	case "prefix":
		return "2" + number[2:]
	case "code", "storeCode", "registerCode":
		return "N" + number
	}
	return made[:len(made)-3] + number
}

// some are the names of some kinds.
func (n names) some(kinds []string) names {
	some := names{}
	for kind, name := range n {
		if slices.Contains(kinds, kind) {
			some[kind] = name
		}
	}
	return some
}
