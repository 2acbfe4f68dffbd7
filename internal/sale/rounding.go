package sale

import "github.com/tillgraph/tillgraph/internal/money"

// cashRounding is what rounding adds to a sale's total, so that what is settled in cash can be paid in the coins
// that there are: the part of the total that no other payment covers goes to the nearest multiple of the smallest
// coin, halves away from zero. Nothing is rounded where no payment is in cash, or where the others cover it all.
// The same holds for money that goes back. Less than half the smallest coin needs no payment: that is rounded away.
func cashRounding(total int64, payments []*Payment, coin int64) int64 {
	due, cash := total, int64(0)
	for _, payment := range payments {
		if payment.Method == Cash {
			cash += payment.TenderedMinor
			continue
		}
		due -= payment.TenderedMinor
	}
	if cash > 0 && due > 0 || cash < 0 && due < 0 || len(payments) == 0 && toCoin(due, coin) == 0 {
		return toCoin(due, coin) - due
	}
	return 0
}

// toCoin is the nearest multiple of the smallest coin, halves away from zero; 0 for a coin rounds nothing.
func toCoin(due, coin int64) int64 {
	if coin <= 1 {
		return due
	}
	count, err := money.MulDiv(due, 1, coin)
	if err != nil {
		return due // an amount is far below what could fail
	}
	return count * coin
}

// round makes the sale's total one that can be paid.
func (d *draft) round(coin int64) {
	d.sale.RoundingMinor = cashRounding(d.sale.TotalMinor, d.payments, coin)
	d.sale.TotalMinor += d.sale.RoundingMinor
}
