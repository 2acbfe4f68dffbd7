package sale

import (
	"errors"
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/money"
)

// tenders reads what was handed over, in the currency of the sale.
func tenders(p *errs.Problems, in []PaymentInput, currency money.Currency) []*Payment {
	payments := make([]*Payment, len(in))
	for i, input := range in {
		minor, err := input.Amount.Minor(currency)
		switch {
		case errors.Is(err, money.ErrTooPrecise):
			p.Add(tooPrecise, errs.Path("payments", i, "amount"), "%s has %d decimals.", currency, currency.Decimals())
		case err != nil:
			p.Add(tooLarge, errs.Path("payments", i, "amount"), "This amount is too large.")
		}
		payments[i] = &Payment{
			Position: i + 1, Method: input.Method, CurrencyCode: currency, TenderedMinor: minor, AmountMinor: minor,
		}
		if input.Reference != nil {
			payments[i].Reference = strings.TrimSpace(*input.Reference)
		}
		if input.GiftCardCode != nil {
			payments[i].card, _ = giftcard.ParseCode(*input.GiftCardCode) // said already
		}
	}
	return payments
}

// worthless says that a payment was refused already: it must not stand in what is said to be due.
func (p *Payment) worthless() bool { return p.TenderedMinor <= 0 }

// at is where a payment stands in the input.
func (p *Payment) at(field string) []string { return errs.Path("payments", p.Position-1, field) }

// accepted checks the ways to pay against the company's settings: those for refunds, where money goes back.
func accepted(p *errs.Problems, payments []*Payment, settings *company.Settings, back bool) {
	allowed, what := settings.PaymentMethods, "takes no payment"
	if back {
		allowed, what = settings.RefundMethods, "gives no money back"
	}
	for _, payment := range payments {
		switch {
		case payment.Method == LoyaltyPoints && settings.LoyaltyValueMinor == nil:
			p.Add(methodNotAllowed, payment.at("method"), "The company's points pay nothing.")
		case !slices.Contains(allowed, string(payment.Method)):
			p.Add(methodNotAllowed, payment.at("method"), "The company %s this way.", what)
		}
	}
}

// checkCard finds what is wrong with a payment's code by itself.
func (in PaymentInput) checkCard(p *errs.Problems, i int) {
	field := errs.Path("payments", i, "giftCardCode")
	switch {
	case in.Method != GiftCard && in.GiftCardCode != nil:
		p.Add(form.Invalid, field, "Only a gift card has a code.")
	case in.Method != GiftCard:
	case in.GiftCardCode == nil:
		p.Add(form.Invalid, field, "A gift card pays by its code.")
	default:
		if _, ok := giftcard.ParseCode(*in.GiftCardCode); !ok {
			p.Add(giftCardNotFound, field, "There is no such gift card.")
		}
	}
}

// ofCustomer says that a way to pay is a balance of the customer.
func (m Method) ofCustomer() bool { return m == StoreCredit || m == Account || m == LoyaltyPoints }
