package sale

import (
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

// settle checks that payments cover a total, and takes the change out of the cash. Where money goes back, refunds
// come to the total exactly.
func settle(p *errs.Problems, payments []*Payment, total int64, currency money.Currency) (change int64) {
	if total < 0 || slices.ContainsFunc(payments, (*Payment).isRefund) {
		refund(p, payments, total, currency)
		return 0
	}
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

func (p *Payment) isRefund() bool { return p.TenderedMinor < 0 }

// payBack turns payments into what goes back to the customer.
func payBack(payments []*Payment) {
	for _, payment := range payments {
		payment.TenderedMinor = -payment.TenderedMinor
		payment.AmountMinor = payment.TenderedMinor
	}
}

func refund(p *errs.Problems, payments []*Payment, total int64, currency money.Currency) {
	still := total
	for _, payment := range payments {
		still -= payment.AmountMinor
	}
	if still != 0 {
		due(p, refundMismatch, still, currency, "The refunds do not come to what the customer gets back.")
	}
}
