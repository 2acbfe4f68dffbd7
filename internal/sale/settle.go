package sale

import (
	"errors"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

// settle turns what was handed over into payments that cover a total, and the change in cash.
func settle(p *errs.Problems, in []PaymentInput, total int64, currency money.Currency) (payments []*Payment, change int64) {
	var tendered, cash int64
	before := len(*p)
	for i, input := range in {
		minor, err := input.Amount.Minor(currency)
		switch {
		case errors.Is(err, money.ErrTooPrecise):
			p.Add(tooPrecise, errs.Path("payments", i, "amount"), "%s has %d decimals.", currency, currency.Decimals())
		case err != nil:
			p.Add(tooLarge, errs.Path("payments", i, "amount"), "This amount is too large.")
		}
		payment := &Payment{
			Position: i + 1, Method: input.Method, CurrencyCode: currency, TenderedMinor: minor, AmountMinor: minor,
		}
		if input.Reference != nil {
			payment.Reference = *input.Reference
		}
		payments = append(payments, payment)
		tendered += minor
		if input.Method == Cash {
			cash += minor
		}
	}
	if len(*p) > before {
		return nil, 0
	}
	change = tendered - total
	switch {
	case change < 0:
		due(p, paymentTooSmall, -change, currency, "The payments do not cover the total.")
	case change > cash:
		due(p, changeNotAllowed, cash-change, currency, "More was paid than is due, and change is given for cash only.")
	}
	giveBack(payments, change)
	return payments, change
}

func due(p *errs.Problems, code string, minor int64, currency money.Currency, message string) {
	*p = append(*p, errs.Problem{
		Code: code, Field: []string{"payments"}, Message: message,
		Details: map[string]any{"amountDue": amount(minor, currency)},
	})
}

// giveBack takes the change out of the cash payments, the last one first.
func giveBack(payments []*Payment, change int64) {
	for i := len(payments) - 1; i >= 0 && change > 0; i-- {
		if payments[i].Method != Cash {
			continue
		}
		part := min(change, payments[i].AmountMinor)
		payments[i].AmountMinor -= part
		change -= part
	}
}
