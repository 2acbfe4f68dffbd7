// Package sale records sales: what was sold at which price and tax, how it was paid, under which receipt number.
package sale

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any {
	return []any{
		(*Gap)(nil), (*Conflict)(nil),
		(*Sale)(nil), (*Line)(nil), (*Payment)(nil), (*idempotencyKey)(nil), (*Returned)(nil),
		(*Parked)(nil), (*ParkedLine)(nil),
		(*LineTax)(nil), (*AppliedDiscount)(nil),
	}
}

// Status says what became of a sale.
type Status string

// The statuses of sales.
const (
	// Completed is a sale that was sold and paid.
	Completed Status = "COMPLETED"
	// Voided is a sale that was taken back on the day it was made; it keeps its number.
	Voided Status = "VOIDED"
)

// Sale is a completed sale. Amounts are minor units of its currency.
type Sale struct {
	bun.BaseModel `bun:"table:sales,alias:sale"`
	postgres.RegisterOwned

	ID               id.Sale        `bun:"id,pk"`
	ReceiptNumber    int64          `bun:"receipt_number"`
	Status           Status         `bun:"status"`
	CashierID        *id.User       `bun:"cashier_id"`
	CurrencyCode     money.Currency `bun:"currency_code"`
	PricesIncludeTax bool           `bun:"prices_include_tax"`
	// DiscountMinor is the sum of all discounts, SubtotalMinor what is left after them and before tax.
	DiscountMinor int64 `bun:"discount_total"`
	SubtotalMinor int64 `bun:"subtotal"`
	TaxMinor      int64 `bun:"tax_total"`
	// RoundingMinor is what rounding to the smallest coin adds.
	RoundingMinor int64 `bun:"rounding"`
	// TotalMinor is below zero when the customer gets money back.
	TotalMinor    int64 `bun:"total"`
	TenderedMinor int64 `bun:"tendered"`
	ChangeMinor   int64 `bun:"change"`
	// RefundedMinor is what was paid out for returned goods: total is tendered less change less refunded.
	RefundedMinor int64           `bun:"refunded"`
	CustomerID    *id.Customer    `bun:"customer_id"`
	TillSessionID *id.TillSession `bun:"till_session_id"`
	// TillAmendment says that the sale came when its session was closed.
	TillAmendment bool       `bun:"till_amendment"`
	Note          string     `bun:"note"`
	OccurredAt    time.Time  `bun:"occurred_at"`
	RecordedAt    time.Time  `bun:"recorded_at"`
	BusinessDate  civil.Date `bun:"business_date"`
	// CustomerGroupID is the group that the customer was in.
	CustomerGroupID *id.CustomerGroup `bun:"customer_group_id"`
	// LocalHour is the hour on the store's clocks, for reports.
	LocalHour  int        `bun:"local_hour"`
	VoidedAt   *time.Time `bun:"voided_at"`
	VoidedByID *id.User   `bun:"voided_by_id"`
	VoidReason *string    `bun:"void_reason"`
	// VoidTillSessionID is the session whose drawer the money went back from.
	VoidTillSessionID *id.TillSession `bun:"void_till_session_id"`

	// Owner is whose list the sale was read for: the customer's it was sold to, or of the one they became; or a sale's of
	// which it took goods back.
	Owner uuid.UUID `bun:"owner_id,scanonly"`
}

// Subtotal is the sum of the lines before tax.
func (s *Sale) Subtotal() *money.Money { return amount(s.SubtotalMinor, s.CurrencyCode) }

// Tax is the sum of the lines' taxes.
func (s *Sale) Tax() *money.Money { return amount(s.TaxMinor, s.CurrencyCode) }

// Discount is what all discounts took off.
func (s *Sale) Discount() *money.Money { return amount(s.DiscountMinor, s.CurrencyCode) }

// Rounding is what rounding to the smallest coin added.
func (s *Sale) Rounding() *money.Money { return amount(s.RoundingMinor, s.CurrencyCode) }

// Total is what the customer owed.
func (s *Sale) Total() *money.Money { return amount(s.TotalMinor, s.CurrencyCode) }

// Tendered is what the customer handed over.
func (s *Sale) Tendered() *money.Money { return amount(s.TenderedMinor, s.CurrencyCode) }

// Change is what the customer got back in cash.
func (s *Sale) Change() *money.Money { return amount(s.ChangeMinor, s.CurrencyCode) }

// Refunded is what was paid out for returned goods.
func (s *Sale) Refunded() *money.Money { return amount(s.RefundedMinor, s.CurrencyCode) }

// IsNode marks Sale as the schema's Node.
func (*Sale) IsNode() {}

func amount(minor int64, c money.Currency) *money.Money {
	return &money.Money{Minor: minor, Currency: c}
}

// LineKind says which way the goods of a line went.
type LineKind string

// The kinds of lines.
const (
	SaleLine   LineKind = "SALE"
	ReturnLine LineKind = "RETURN"
)

// Line is one line of a receipt, as it was sold. What comes back stands with a quantity and amounts below zero.
type Line struct {
	bun.BaseModel `bun:"table:sale_lines,alias:line"`
	postgres.RegisterOwned

	ID         id.SaleLine `bun:"id,pk"`
	SaleID     id.Sale     `bun:"sale_id"`
	LineNumber int         `bun:"line_number"`
	Kind       LineKind    `bun:"kind"`
	// OriginalLineID is the line that a return takes back; nil without a receipt.
	OriginalLineID *id.SaleLine `bun:"original_line_id"`
	// Restocked says whether returned goods went back on the shelf; nil for what is sold.
	Restocked    *bool      `bun:"restocked"`
	ReturnReason *string    `bun:"return_reason"`
	ProductID    id.Product `bun:"product_id"`
	ProductName  string     `bun:"product_name"`
	// CategoryID, BrandID and SupplierID are what the product was of.
	CategoryID     *id.Category        `bun:"category_id"`
	BrandID        *id.Brand           `bun:"brand_id"`
	SupplierID     *id.Supplier        `bun:"supplier_id"`
	SKU            string              `bun:"sku"`
	Unit           catalog.Unit        `bun:"unit"`
	CurrencyCode   money.Currency      `bun:"currency_code"`
	Milli          int64               `bun:"quantity"`
	UnitPriceMinor int64               `bun:"unit_price"`
	PriceSource    catalog.PriceSource `bun:"price_source"`
	// PriceReason says why somebody sold at a price of their own.
	PriceReason *string   `bun:"price_reason"`
	TaxRatePPM  money.PPM `bun:"tax_rate_ppm"`
	// GrossMinor is quantity times price before any discount; DiscountMinor the line's own discounts and
	// OrderDiscountMinor its share of the sale's.
	GrossMinor         int64 `bun:"gross"`
	DiscountMinor      int64 `bun:"discount"`
	OrderDiscountMinor int64 `bun:"order_discount"`
	SubtotalMinor      int64 `bun:"subtotal"`
	TaxMinor           int64 `bun:"tax"`
	TotalMinor         int64 `bun:"total"`
	// CostMinor is what the goods cost the shop; nil where it isn't known.
	CostMinor *int64 `bun:"cost"`
	// GiftCardID is the card that the line put money on; nil for other lines.
	GiftCardID *id.GiftCard `bun:"gift_card_id"`

	// Batches are what the goods were of, as it was when they were sold; empty for what has no batches.
	Batches []*LineBatch `bun:"batches,type:jsonb,nullzero"`

	// lot is the batch that was named of it, and portion what the stock makes of it.
	lot     string
	portion *inventory.Portion
	// goods are what the line sells or takes back, while it is being recorded.
	goods *catalog.Scanned
	// card is the code of that card while the sale is recorded.
	card giftcard.Code
}

// Quantity is how much was sold, in the unit.
func (l *Line) Quantity() money.Decimal { return money.Quantity(l.Milli) }

// UnitPrice is the price of one unit.
func (l *Line) UnitPrice() *money.Money { return amount(l.UnitPriceMinor, l.CurrencyCode) }

// TaxRate is the tax in percent.
func (l *Line) TaxRate() money.Decimal { return l.TaxRatePPM.Percent() }

// Gross is quantity times price.
func (l *Line) Gross() *money.Money { return amount(l.GrossMinor, l.CurrencyCode) }

// Discount is what the line's own discounts took off.
func (l *Line) Discount() *money.Money { return amount(l.DiscountMinor, l.CurrencyCode) }

// OrderDiscount is the line's share of the sale's discounts.
func (l *Line) OrderDiscount() *money.Money { return amount(l.OrderDiscountMinor, l.CurrencyCode) }

// Subtotal is the line before tax.
func (l *Line) Subtotal() *money.Money { return amount(l.SubtotalMinor, l.CurrencyCode) }

// Tax is the line's tax.
func (l *Line) Tax() *money.Money { return amount(l.TaxMinor, l.CurrencyCode) }

// Total is the line with tax.
func (l *Line) Total() *money.Money { return amount(l.TotalMinor, l.CurrencyCode) }

// IsNode marks Line as the schema's Node.
func (*Line) IsNode() {}

// Method is a way to pay.
type Method string

// The ways to pay.
const (
	Cash          Method = "CASH"
	Card          Method = "CARD"
	MobileMoney   Method = "MOBILE_MONEY"
	GiftCard      Method = "GIFT_CARD"
	StoreCredit   Method = "STORE_CREDIT"
	Account       Method = "ACCOUNT"
	LoyaltyPoints Method = "LOYALTY_POINTS"
)

// Payment is one way in which a sale was paid.
type Payment struct {
	bun.BaseModel `bun:"table:payments,alias:payment"`
	postgres.RegisterOwned

	ID            id.Payment     `bun:"id,pk"`
	SaleID        id.Sale        `bun:"sale_id"`
	Position      int            `bun:"position"`
	Method        Method         `bun:"method"`
	CurrencyCode  money.Currency `bun:"currency_code"`
	TenderedMinor int64          `bun:"tendered"`
	AmountMinor   int64          `bun:"amount"`
	Reference     string         `bun:"reference"`
	// GiftCardID is the card that paid; nil for other ways.
	GiftCardID *id.GiftCard `bun:"gift_card_id"`

	// card is the code of that card while the sale is recorded.
	card giftcard.Code
}

// Amount is the part that went to the sale.
func (p *Payment) Amount() *money.Money { return amount(p.AmountMinor, p.CurrencyCode) }

// Tendered is what was handed over.
func (p *Payment) Tendered() *money.Money { return amount(p.TenderedMinor, p.CurrencyCode) }

// IsNode marks Payment as the schema's Node.
func (*Payment) IsNode() {}

type idempotencyKey struct {
	bun.BaseModel `bun:"table:sale_idempotency_keys,alias:idempotency_key"`
	postgres.RegisterOwned

	Key         string    `bun:"key"`
	RequestHash []byte    `bun:"request_hash"`
	SaleID      id.Sale   `bun:"sale_id"`
	CreatedAt   time.Time `bun:"created_at"`
}

// The pages of this package's lists, as the schema names them.
type (
	Connection = page.Connection[Sale]
	Edge       = page.Edge[Sale]
)

// Sort is the order of a list of sales.
type Sort string

// The orders.
const (
	NewestFirst Sort = "OCCURRED_AT_DESC"
	OldestFirst Sort = "OCCURRED_AT_ASC"
)

func (s Sort) order() page.Order[Sale] {
	return page.Order[Sale]{Name: "sale-" + string(s), Desc: s != OldestFirst, Columns: []page.Column[Sale]{
		{Name: "occurred_at", Type: page.Instant, Value: func(s *Sale) string { return page.InstantText(s.OccurredAt) }},
		{Name: "id", Type: page.UUID, Value: func(s *Sale) string { return s.ID.UUID().String() }},
	}}
}

// RecordCode says why a sale was not recorded.
type RecordCode string

// RecordUserError says why a sale was not recorded, with the amount that a till reacts to.
type RecordUserError struct{ errs.User[RecordCode] }

// MaximumDiscount is the most that may be taken off; nil where it isn't about that.
func (e RecordUserError) MaximumDiscount() *money.Money {
	most, _ := e.Details["maximumDiscount"].(*money.Money)
	return most
}

// AmountDue is what is still to be paid, or too much as a negative amount; nil where it isn't about that.
func (e RecordUserError) AmountDue() *money.Money {
	due, _ := e.Details["amountDue"].(*money.Money)
	return due
}

// BalanceAvailable is what a gift card or a customer's balance can still pay; nil where it isn't about that.
func (e RecordUserError) BalanceAvailable() *money.Money {
	available, _ := e.Details["balanceAvailable"].(*money.Money)
	return available
}

// PointsAvailable are the customer's points; nil where it isn't about that.
func (e RecordUserError) PointsAvailable() *int {
	points, ok := e.Details["pointsAvailable"].(int64)
	if !ok {
		return nil
	}
	n := int(points)
	return &n
}

// QuantityReturnable is how much of a line can still come back; nil where it isn't about that.
func (e RecordUserError) QuantityReturnable() *money.Decimal {
	quantity, _ := e.Details["quantityReturnable"].(*money.Decimal)
	return quantity
}
