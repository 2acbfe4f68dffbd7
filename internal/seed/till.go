package seed

// payment is one tender of a sale.
type payment struct {
	method           string
	tendered, amount int64
	reference        string
}

// pay settles a total: mostly by one tender, now and then by mobile money and cash together.
func (t *trade) pay(payments []payment, total int64) []payment {
	methods := [3]string{methodCash, methodCard, methodMobile}
	method := methods[newWheel(t.store.mix[:]).spin(t.dice)]
	if method == methodCash && t.store.mix[2] > 0 && total > 20*t.company.coins[0] && t.chance(0.04) {
		part := total / 2 / t.company.coins[0] * t.company.coins[0]
		payments = append(payments, t.exact(methodMobile, part))
		total -= part
	}
	if method != methodCash {
		return append(payments, t.exact(method, total))
	}
	return append(payments, payment{method: methodCash, tendered: t.tender(total), amount: total})
}

func (t *trade) exact(method string, amount int64) payment {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
	length := 6
	if method == methodMobile {
		length = 10
	}
	reference := make([]byte, length)
	for i := range reference {
		reference[i] = letters[t.IntN(len(letters))]
	}
	return payment{method: method, tendered: amount, amount: amount, reference: string(reference)}
}

// tender is what a customer hands over in cash: counted out in coins, or in notes of one kind that are not too
// large for it.
func (t *trade) tender(total int64) int64 {
	coins := t.company.coins
	unit := coins[0]
	if t.chance(0.75) {
		fitting := 1
		for fitting < len(coins) && coins[fitting] <= 12*total {
			fitting++
		}
		unit = coins[t.IntN(fitting)]
	}
	return (total + unit - 1) / unit * unit
}
