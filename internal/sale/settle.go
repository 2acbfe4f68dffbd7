package sale

import (
	"errors"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
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
	}
	return payments
}

// worthless says that a payment was refused already: it must not stand in what is said to be due.
func (p *Payment) worthless() bool { return p.TenderedMinor <= 0 }

// settle checks that payments cover a total, and takes the change out of the cash.
func settle(p *errs.Problems, payments []*Payment, total int64, currency money.Currency) (change int64) {
	change = -total
	var cash int64
	for _, payment := range payments {
		change += payment.TenderedMinor
		if payment.Method == Cash {
			cash += payment.TenderedMinor
		}
	}
	switch {
	case change < 0:
		due(p, paymentTooSmall, -change, currency, "The payments do not cover the total.")
	case change > cash:
		due(p, changeNotAllowed, cash-change, currency, "More was paid than is due, and change is given for cash only.")
	}
	giveBack(payments, change)
	return change
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
