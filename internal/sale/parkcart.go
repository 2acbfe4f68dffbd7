package sale

import (
	"errors"
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// ParkedDiscount is a discount that a parked sale is to get. What it comes to is known when the sale is made.
type ParkedDiscount struct {
	Kind DiscountKind `json:"kind"`
	// Text is the amount in the store's currency, or the percentage.
	Text   string `json:"value"`
	Reason string `json:"reason"`
}

// Value is the amount in the store's currency, or the percentage.
func (d *ParkedDiscount) Value() (money.Decimal, error) { return money.ParseDecimal(d.Text) }

// parkedDiscounts are the discounts that a parked sale keeps of its input, with what is wrong with them.
func parkedDiscounts(p *errs.Problems, in []DiscountInput, currency money.Currency, path ...any) []*ParkedDiscount {
	before := len(*p)
	validateDiscounts(p, in, path...)
	list := []*ParkedDiscount{}
	if len(in) > mostDiscounts {
		return list
	}
	for i, given := range in {
		read := &AppliedDiscount{Kind: given.Kind, CurrencyCode: currency}
		if !read.read(p, given.Value, errs.Path(append(slices.Clone(path), i, "value")...)) || len(*p) > before {
			continue
		}
		kept := &ParkedDiscount{Kind: given.Kind, Reason: strings.TrimSpace(given.Reason)}
		if read.ValueMinor != nil {
			kept.Text = amount(*read.ValueMinor, currency).Amount().String()
		} else {
			kept.Text = read.Rate().String()
		}
		list = append(list, kept)
	}
	return list
}

// UnitPrice is the price that somebody made up, nil where the product's counts.
func (l *ParkedLine) UnitPrice() *money.Money {
	if l.UnitPriceMinor == nil || l.CurrencyCode == nil {
		return nil
	}
	return amount(*l.UnitPriceMinor, *l.CurrencyCode)
}

// cart keeps what an input says of a line beside its goods.
func (l *ParkedLine) cart(p *errs.Problems, in ParkLineInput, currency money.Currency, i int) {
	before := len(*p)
	RecordLineInput{UnitPrice: in.UnitPrice, PriceReason: in.PriceReason}.validatePrice(p, i)
	if in.UnitPrice != nil {
		minor, ok := handPrice(p, *in.UnitPrice, currency, i)
		if ok && len(*p) == before {
			reason := strings.TrimSpace(*in.PriceReason)
			l.UnitPriceMinor, l.CurrencyCode, l.PriceReason = &minor, &currency, &reason
		}
	}
	l.Discounts = parkedDiscounts(p, in.Discounts, currency, "lines", i, "discounts")
}

// handPrice reads a price of one's own.
func handPrice(p *errs.Problems, given money.Decimal, currency money.Currency, i int) (minor int64, ok bool) {
	minor, err := given.Minor(currency)
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, errs.Path("lines", i, "unitPrice"), "%s has %d decimals.", currency, currency.Decimals())
	case err != nil:
		p.Add(tooLarge, errs.Path("lines", i, "unitPrice"), "This price is too large.")
	}
	return minor, err == nil && minor >= 0
}

// buyer is the customer that a parked sale keeps: who was named, or the one that they were merged into.
func (f *parking) buyer(p *errs.Problems, named *id.Customer) *id.Customer {
	if named == nil {
		return nil
	}
	if f.customer == nil || f.customer.ErasedAt != nil {
		p.Add(customerNotFound, []string{"customerId"}, "There is no such customer.")
		return nil
	}
	return &f.customer.ID
}
