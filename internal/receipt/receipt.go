// Package receipt prints sales: what a customer takes home, as text for a receipt printer and as HTML.
//
// A receipt is made of the sale as it was recorded and of the company, store and people as they are now. It shows
// only what adds up: items less discounts, with the tax where prices are without it, and the rounding, are the total;
// the taxes are those of the lines; and what was paid less the change and what was paid out is the total.
package receipt

import (
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// Receipt is a sale and what is printed with it.
type Receipt struct {
	Sale     *sale.Sale
	Lines    []*sale.Line
	Payments []*sale.Payment
	// Taxes are the sale's by rate, the highest first.
	Taxes []*sale.LineTax
	// Discounts are those on the sale as a whole, LineDiscounts those on its lines, in the order they were given.
	Discounts     []*sale.AppliedDiscount
	LineDiscounts map[id.SaleLine][]*sale.AppliedDiscount
	// UntaxedMinor is what was sold without any tax.
	UntaxedMinor int64
	// Balances are what the sale left of gift cards and, for who may see customers, of the customer's balances.
	Balances []*Balance

	Company  *company.Company
	Settings *company.Settings
	Store    *company.Store
	Register *company.Register
	// Cashier is nil where the register acted by itself.
	Cashier *staff.User
	// Customer is nil where there is none, and where who asks may not see customers.
	Customer *customer.Customer
	// Originals are the sales that the goods of the return lines were sold with, as far as they may be seen.
	Originals map[id.SaleLine]*Original
}

// Original is the receipt that goods came back of.
type Original struct {
	Sale     *sale.Sale
	Store    *company.Store
	Register *company.Register
}

// Balance is what a sale did to a gift card or to a balance of its customer.
type Balance struct {
	Ledger ledger.Kind
	// GiftCardLastFour is nil for balances of customers.
	GiftCardLastFour *string
	// CurrencyCode is nil for points.
	CurrencyCode *money.Currency

	changeMinor, afterMinor int64
}

// Change is what the sale added, in the currency or in points.
func (b *Balance) Change() money.Decimal { return b.decimal(b.changeMinor) }

// BalanceAfter is what it left.
func (b *Balance) BalanceAfter() money.Decimal { return b.decimal(b.afterMinor) }

func (b *Balance) decimal(minor int64) money.Decimal {
	if b.CurrencyCode == nil {
		return money.Whole(minor)
	}
	return money.Money{Minor: minor, Currency: *b.CurrencyCode}.Amount()
}

// balances sums up what a sale did to balances, in the order in which it did: to gift cards, and to its customer's
// where those are to be seen.
func balances(entries []*ledger.Entry, cards map[id.GiftCard]*giftcard.GiftCard, customers bool) []*Balance {
	type owner struct {
		kind ledger.Kind
		card id.GiftCard
	}
	var list []*Balance
	of := map[owner]*Balance{}
	for _, e := range entries {
		if e.GiftCardID == nil && !customers {
			continue
		}
		key := owner{kind: e.Ledger}
		if e.GiftCardID != nil {
			key.card = *e.GiftCardID
		}
		b := of[key]
		if b == nil {
			b = &Balance{Ledger: e.Ledger, CurrencyCode: e.Currency}
			if card := cards[key.card]; card != nil {
				b.GiftCardLastFour = &card.LastFour
			}
			of[key], list = b, append(list, b)
		}
		b.changeMinor += e.AmountMinor
		b.afterMinor = e.BalanceMinor
	}
	return list
}

// Kind says what a receipt is of.
type Kind string

// The kinds of receipts.
const (
	Sold      Kind = "SALE"
	Returned  Kind = "RETURN"
	Exchanged Kind = "EXCHANGE"
)

// Kind is a return where all goods came back, an exchange where some did, and a sale otherwise.
func (r *Receipt) Kind() Kind {
	back := 0
	for _, line := range r.Lines {
		if line.Kind == sale.ReturnLine {
			back++
		}
	}
	switch {
	case back == 0:
		return Sold
	case back == len(r.Lines):
		return Returned
	default:
		return Exchanged
	}
}

// CompanyName is the name of the company.
func (r *Receipt) CompanyName() string { return r.Company.Name }

// Header are the company's lines above the receipt.
func (r *Receipt) Header() string { return r.Settings.ReceiptHeader }

// Footer are the company's lines below the receipt.
func (r *Receipt) Footer() string { return r.Settings.ReceiptFooter }

// TaxNumber is the company's.
func (r *Receipt) TaxNumber() string { return r.Settings.TaxNumber }

// Reference names the sale in the company: the codes of store and register, and the number.
func (r *Receipt) Reference() string { return reference(r.Sale, r.Store, r.Register) }

func reference(s *sale.Sale, store *company.Store, register *company.Register) string {
	return store.Code + "/" + register.Code + "/" + number(s.ReceiptNumber)
}

// LocalTime is when the sale happened, in the store's time zone, as printed.
func (r *Receipt) LocalTime() string { return r.at(r.Sale.OccurredAt) }

func (r *Receipt) at(t time.Time) string { return t.In(r.place()).Format("2006-01-02 15:04 MST") }

func (r *Receipt) place() *time.Location { return civil.Place(r.Store.TimeZone) }

// Untaxed is what was sold without any tax.
func (r *Receipt) Untaxed() *money.Money {
	return &money.Money{Minor: r.UntaxedMinor, Currency: r.Sale.CurrencyCode}
}

func (r *Receipt) amount(minor int64) string {
	return money.Money{Minor: minor, Currency: r.Sale.CurrencyCode}.Amount().String()
}

// method is a way to pay as customers know it.
func method(m sale.Method) string {
	switch m {
	case sale.Cash:
		return "Cash"
	case sale.Card:
		return "Card"
	case sale.MobileMoney:
		return "Mobile money"
	case sale.GiftCard:
		return "Gift card"
	case sale.StoreCredit:
		return "Store credit"
	case sale.Account:
		return "On account"
	case sale.LoyaltyPoints:
		return "Loyalty points"
	}
	return string(m)
}

// unit is what stands behind a quantity; pieces have nothing.
func unit(u catalog.Unit) string {
	switch u {
	case catalog.Each:
		return ""
	case "KILOGRAM":
		return " kg"
	case "LITRE":
		return " l"
	case "METRE":
		return " m"
	}
	return " " + strings.ToLower(string(u))
}

// title is the first word of a receipt.
func (r *Receipt) title() string {
	switch r.Kind() {
	case Returned:
		return "Return"
	case Exchanged:
		return "Exchange"
	case Sold:
	}
	return "Receipt"
}
