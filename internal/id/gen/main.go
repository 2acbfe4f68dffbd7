// Command gen writes the ids' types: one Go type a kind of object, alike but for its name and prefix. They are no
// instances of one generic type because gqlgen names its marshalers by a type's name without its arguments.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"os"
	"text/template"
)

//go:embed kinds.go.tmpl
var source string

type kind struct{ Name, Prefix, Of string }

// kinds are all kinds of objects; the prefix stands before the id on the wire.
func kinds() []kind {
	return []kind{
		{"Company", "comp", "a company"},
		{"Store", "store", "a store"},
		{"Register", "reg", "a register"},
		{"User", "user", "a person who works for a company"},
		{"Category", "cat", "a category of products"},
		{"Brand", "brand", "who makes products"},
		{"Supplier", "supp", "who delivers products"},
		{"Product", "prod", "a product"},
		{"StorePrice", "sprice", "a store's own price for a product"},
		{"InventoryLevel", "level", "a stock level"},
		{"StockMovement", "move", "a movement of stock"},
		{"StockBatch", "batch", "a batch of goods of one lot in a store"},
		{"StockBatchPart", "bpart", "the part of a movement of stock that was of a batch"},
		{"StockOperation", "stkop", "movements of stock that were asked for together"},
		{"Sale", "sale", "a sale"},
		{"SaleLine", "line", "a line of a sale"},
		{"Payment", "pay", "a payment of a sale"},
		{"ReceiptConflict", "twice", "a sale refused because its number was taken"},
		{"SaleDiscount", "disc", "a discount of a sale"},
		{"ParkedSale", "park", "a parked sale"},
		{"TaxCategory", "taxcat", "a tax category"},
		{"TaxRate", "tax", "a tax rate"},
		{"StoreTaxRate", "stax", "a tax rate of one store"},
		{"PriceList", "plist", "a price list"},
		{"Customer", "cust", "a customer"},
		{"CustomerGroup", "cgroup", "a group of customers"},
		{"GiftCard", "gift", "a gift card"},
		{"LedgerEntry", "entry", "an entry of a customer's or gift card's ledger"},
		{"TillSession", "till", "a till session"},
		{"DrawerMovement", "drawer", "a movement of a cash drawer"},
		{"CustomRole", "role", "a role that a company made itself"},
		{"ZReport", "zrep", "the report that closes a till session"},
		{"Session", "sess", "a login"},
		{"RefreshToken", "rtok", "a refresh token"},
		{"UserInvitation", "invite", "an invitation of a person"},
		{"PasswordReset", "reset", "a link that sets a new password"},
		{"EmailVerification", "everify", "a link that verifies an address"},
		{"LoginChallenge", "chal", "a login that waits for its second factor"},
		{"CompanyDomain", "domain", "a host of a company's own"},
		{"App", "app", "a front end of a company's own"},
		{"SupportAccess", "support", "an operator's access to a company"},
		{"SupportAct", "act", "something that an operator did to a company"},
		{"Approval", "appr", "something that waits for a second person"},
		{"SettingsChange", "setchg", "a change of the settings"},
		{"TimeEntry", "time", "a person's time on the clock"},
		{"TimeBreak", "break", "a break of a person's time on the clock"},
		{"TimeEntryChange", "timechg", "a correction of a person's time on the clock"},
		{"DevicePairing", "pair", "a till that asks to be let in"},
		{"AuditEvent", "audit", "a record of a change"},
		{"AuditAccess", "access", "a record of an access"},
		{"ReportExport", "rexp", "a report as a file"},
		{"ReportSchedule", "rsched", "a report that is sent every so often"},
		{"ReportAlert", "ralert", "something in the figures that an owner wants to hear of"},
		{"ReportNotice", "rnote", "what an alert found"},
	}
}

func run() error {
	tmpl, err := template.New("kinds").Parse(source)
	if err != nil {
		return fmt.Errorf("parse the template: %w", err)
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, kinds()); err != nil {
		return fmt.Errorf("execute the template: %w", err)
	}
	code, err := format.Source(out.Bytes())
	if err != nil {
		return fmt.Errorf("format: %w", err)
	}
	return os.WriteFile("kinds_gen.go", code, 0o600)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
