package sale

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
)

// The codes of the problems that Record can find, beside form.Invalid.
const (
	registerRequired    = "REGISTER_REQUIRED"
	registerNotFound    = "REGISTER_NOT_FOUND"
	registerClosed      = "REGISTER_CLOSED"
	storeClosed         = "STORE_CLOSED"
	productNotFound     = "PRODUCT_NOT_FOUND"
	productArchived     = "PRODUCT_ARCHIVED"
	productNotSoldHere  = "PRODUCT_NOT_SOLD_HERE"
	productHasVariants  = "PRODUCT_HAS_VARIANTS"
	priceMissing        = "PRICE_MISSING"
	quantityNotPositive = "QUANTITY_NOT_POSITIVE"
	quantityNotWhole    = "QUANTITY_NOT_WHOLE"
	tooPrecise          = "TOO_PRECISE"
	tooLarge            = "TOO_LARGE"
	amountNotPositive   = "AMOUNT_NOT_POSITIVE"
	paymentTooSmall     = "PAYMENT_TOO_SMALL"
	changeNotAllowed    = "CHANGE_NOT_ALLOWED"
	occurredInFuture    = "OCCURRED_IN_FUTURE"
	stockInsufficient   = "STOCK_INSUFFICIENT"
	keyReused           = "IDEMPOTENCY_KEY_REUSED"
	refundMismatch      = "REFUND_MISMATCH"
	methodNotAllowed    = "PAYMENT_METHOD_NOT_ALLOWED"
	customerRequired    = "CUSTOMER_REQUIRED"
	customerNotFound    = "CUSTOMER_NOT_FOUND"
	currencyMismatch    = "CURRENCY_MISMATCH"
	balanceTooLow       = "BALANCE_TOO_LOW"
	creditLimitExceeded = "CREDIT_LIMIT_EXCEEDED" //nolint:gosec // a code, and no credential
	pointsNotWhole      = "POINTS_NOT_WHOLE"
	giftCardNotFound    = "GIFT_CARD_NOT_FOUND"
	giftCardBlocked     = "GIFT_CARD_BLOCKED"
	giftCardExpired     = "GIFT_CARD_EXPIRED"
	// balanceSpent is of a void: what the sale put on a card or gave as store credit is spent already.
	balanceSpent       = "BALANCE_SPENT"
	discountTooLarge   = "DISCOUNT_TOO_LARGE"
	overrideNotAllowed = "PRICE_OVERRIDE_NOT_ALLOWED"
	approvalNotFound   = "APPROVAL_NOT_FOUND"
	approvalNotGiven   = "APPROVAL_NOT_GIVEN"
	approvalExpired    = "APPROVAL_EXPIRED"
	approvalUsed       = "APPROVAL_USED"
	approvalTooSmall   = "APPROVAL_TOO_SMALL"
	lotNotTracked      = "LOT_NOT_TRACKED"
	lotRequired        = "LOT_REQUIRED"
)

const (
	mostLines    = 500
	mostPayments = 20
	// Tills' clocks run a little ahead.
	clockSkew = 5 * time.Minute
)

// RecordInput is a sale to be recorded.
type RecordInput struct {
	IdempotencyKey string
	RegisterID     *id.Register
	CustomerID     *id.Customer
	Lines          []RecordLineInput
	// Returns are goods that come back.
	Returns    []ReturnInput
	Payments   []PaymentInput
	OccurredAt *time.Time
	Note       *string
	// ReceiptNumber is the till's own number; nil takes the next.
	ReceiptNumber *int
	// ParkedSaleID is the parked sale that is carried on.
	ParkedSaleID *id.ParkedSale
	// Discounts come off the sale as a whole.
	Discounts []DiscountInput
	// ApprovalIDs are what a second person allowed.
	ApprovalIDs []id.Approval
}

// RecordLineInput names a product by id or by barcode, and how much.
type RecordLineInput struct {
	ProductID *id.Product
	Barcode   *string
	Quantity  money.Decimal
	// GiftCardCode names the card that a line of gift card money is put on, GiftCardAmount how much.
	GiftCardCode   *string
	GiftCardAmount *money.Decimal
	// UnitPrice is a price of one's own, and PriceReason why.
	UnitPrice   *money.Decimal
	PriceReason *string
	Discounts   []DiscountInput
	// LotNumber names the batch that the goods are of.
	LotNumber *string
}

// PaymentInput is what a customer hands over.
type PaymentInput struct {
	Method    Method
	Amount    money.Decimal
	Reference *string
	// GiftCardCode names the card that pays.
	GiftCardCode *string
}

// validate finds what is wrong with the input by itself.
func (in RecordInput) validate(now time.Time) errs.Problems {
	var p errs.Problems
	form.Text(&p, in.IdempotencyKey, 1, 100, "idempotencyKey")
	in.checkNumber(&p)
	in.validateBasket(&p, now)
	return p
}

// validateBasket finds what is wrong with what is sold and how it is paid.
func (in RecordInput) validateBasket(p *errs.Problems, now time.Time) {
	form.OptionalText(p, in.Note, 500, "note")
	if in.OccurredAt != nil && in.OccurredAt.After(now.Add(clockSkew)) {
		p.Add(occurredInFuture, []string{"occurredAt"}, "A sale can't happen later than now.")
	}
	if in.OccurredAt != nil && in.OccurredAt.Year() < 2000 {
		p.Add(form.Invalid, []string{"occurredAt"}, "This is too long ago.")
	}
	if n := len(in.Lines) + len(in.Returns); n < 1 || n > mostLines {
		p.Add(form.Invalid, []string{"lines"}, "A sale has 1 to %d lines, with what comes back.", mostLines)
		return // a list of any length must not make an answer of any length
	}
	if len(in.Payments) > mostPayments {
		p.Add(form.Invalid, []string{"payments"}, "A sale has at most %d payments.", mostPayments)
		return
	}
	validateDiscounts(p, in.Discounts, "discounts")
	in.validateApprovals(p)
	for i, line := range in.Lines {
		line.validate(p, i)
	}
	for i, back := range in.Returns {
		back.validate(p, i)
	}
	for i, payment := range in.Payments {
		payment.validate(p, i)
	}
}

func (l RecordLineInput) validate(p *errs.Problems, i int) {
	if (l.ProductID == nil) == (l.Barcode == nil) {
		p.Add(form.Invalid, errs.Path("lines", i), "Give either productId or barcode.")
	}
	if l.Barcode != nil {
		form.Text(p, *l.Barcode, 1, 64, "lines", i, "barcode")
	}
	l.validatePrice(p, i)
	if l.LotNumber != nil {
		form.Text(p, *l.LotNumber, 1, inventory.LongestLot, "lines", i, "lotNumber")
	}
	validateDiscounts(p, l.Discounts, "lines", i, "discounts")
	_, err := l.Quantity.Milli()
	switch {
	case l.Quantity.Sign() <= 0:
		p.Add(quantityNotPositive, errs.Path("lines", i, "quantity"), "A quantity must be above zero.")
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, errs.Path("lines", i, "quantity"), "A quantity has at most three decimals.")
	case err != nil:
		p.Add(tooLarge, errs.Path("lines", i, "quantity"), "This quantity is too large.")
	}
}

// validatePrice checks a price of one's own, as far as that goes without the store's currency.
func (l RecordLineInput) validatePrice(p *errs.Problems, i int) {
	switch {
	case l.UnitPrice == nil && l.PriceReason == nil:
	case l.UnitPrice == nil:
		p.Add(form.Invalid, errs.Path("lines", i, "priceReason"), "There is no unitPrice to give a reason for.")
	case l.PriceReason == nil:
		p.Add(form.Invalid, errs.Path("lines", i, "priceReason"), "A price of one's own needs a reason.")
	default:
		form.Text(p, *l.PriceReason, 1, 200, "lines", i, "priceReason")
	}
	if l.UnitPrice != nil && l.UnitPrice.Sign() < 0 {
		p.Add(form.Invalid, errs.Path("lines", i, "unitPrice"), "A price must not be below zero.")
	}
}

func (in PaymentInput) validate(p *errs.Problems, i int) {
	if in.Amount.Sign() <= 0 {
		p.Add(amountNotPositive, errs.Path("payments", i, "amount"), "An amount must be above zero.")
	}
	form.OptionalText(p, in.Reference, 100, "payments", i, "reference")
	if in.Method == MobileMoney && (in.Reference == nil || strings.TrimSpace(*in.Reference) == "") {
		p.Add(form.Invalid, errs.Path("payments", i, "reference"), "Mobile money needs its reference.")
	}
	in.checkCard(p, i)
}

// hash tells one input from another: a key that comes again with the same input is the same sale.
func (in RecordInput) hash(register id.Register) ([]byte, error) {
	// What is new is left out where it isn't used: sales from before keep their hash.
	type line struct {
		Product, Barcode, Quantity   string
		GiftCardCode, GiftCardAmount string           `json:",omitempty"`
		UnitPrice, PriceReason       string           `json:",omitempty"`
		Lot                          string           `json:",omitempty"`
		Discounts                    []discountHashed `json:",omitempty"`
	}
	type payment struct {
		Method, Amount, Reference string
		GiftCardCode              string `json:",omitempty"`
	}
	canonical := struct {
		Register   string
		Lines      []line
		Payments   []payment
		OccurredAt string
		Note       string
		// Sales from before tills numbered their receipts keep their hash.
		ReceiptNumber *int             `json:",omitempty"`
		Parked        string           `json:",omitempty"` // left out where there is none: sales from before keep their hash
		Customer      string           `json:",omitempty"`
		Returns       []returnHash     `json:",omitempty"`
		Discounts     []discountHashed `json:",omitempty"`
		Approvals     []string         `json:",omitempty"`
	}{Register: register.String(), Approvals: in.approvalTexts()}
	if in.CustomerID != nil {
		canonical.Customer = in.CustomerID.String()
	}
	canonical.ReceiptNumber = in.ReceiptNumber
	canonical.Discounts = hashDiscounts(in.Discounts)
	for _, l := range in.Lines {
		c := line{Quantity: l.Quantity.Canonical(), Discounts: hashDiscounts(l.Discounts)}
		if l.UnitPrice != nil {
			c.UnitPrice = l.UnitPrice.Canonical()
		}
		if l.PriceReason != nil {
			c.PriceReason = *l.PriceReason
		}
		if l.LotNumber != nil {
			c.Lot = *l.LotNumber
		}
		if l.ProductID != nil {
			c.Product = l.ProductID.String()
		}
		if l.Barcode != nil {
			c.Barcode = *l.Barcode
		}
		if l.GiftCardCode != nil {
			c.GiftCardCode = *l.GiftCardCode
		}
		if l.GiftCardAmount != nil {
			c.GiftCardAmount = l.GiftCardAmount.Canonical()
		}
		canonical.Lines = append(canonical.Lines, c)
	}
	for _, p := range in.Payments {
		c := payment{Method: string(p.Method), Amount: p.Amount.Canonical()}
		if p.Reference != nil {
			c.Reference = *p.Reference
		}
		if p.GiftCardCode != nil {
			c.GiftCardCode = *p.GiftCardCode
		}
		canonical.Payments = append(canonical.Payments, c)
	}
	if in.OccurredAt != nil {
		canonical.OccurredAt = in.OccurredAt.UTC().Format(time.RFC3339Nano)
	}
	if in.Note != nil {
		canonical.Note = *in.Note
	}
	for _, r := range in.Returns {
		canonical.Returns = append(canonical.Returns, r.hashed())
	}
	if in.ParkedSaleID != nil {
		canonical.Parked = in.ParkedSaleID.String()
	}
	raw, err := json.Marshal(canonical)
	if err != nil {
		return nil, fmt.Errorf("hash the input: %w", err)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// discountHashed is what tells one discount from another.
type discountHashed struct{ Kind, Value, Reason string }

func hashDiscounts(in []DiscountInput) (list []discountHashed) {
	for _, d := range in {
		list = append(list, discountHashed{string(d.Kind), d.Value.Canonical(), d.Reason})
	}
	return list
}
