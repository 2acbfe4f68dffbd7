package demoday

import (
	"cmp"
	"fmt"
	"slices"
)

// slip is a receipt: as the script reckons it, or as the server has it.
type slip struct {
	id     string
	number int64
	lines  []*slipLine
	pays   []payment
	// discount is what all discounts took off.
	discount                   int64
	net, tax, rounding, total  int64
	tendered, change, refunded int64
	// who bought, which the script alone knows.
	who *customer
}

// slipLine is what was sold, or below zero what came back.
type slipLine struct {
	id     string
	sku    string
	back   bool
	milli  int64
	price  int64
	source string
	// gross is before discounts, off the line's own ones, share its part in those of the whole.
	gross, off, share int64
	net, tax, total   int64
	taxes             []levied

	// of, load and card are the script's alone: what it was, and the money on a gift card.
	of   *product
	card string
	// came is what came back of it so far, as positive numbers.
	came struct{ milli, off, share, net, tax int64 }
	// from is the line that came back.
	from    *slipLine
	restock bool
}

// payment is one way in which a slip was paid, below zero where money went back.
type payment struct {
	method           string
	tendered, amount int64
	card             string
}

// saleFields read a receipt whole.
const saleFields = `id receiptNumber status lines { ` + lineFields + ` id }
	payments { method amount { amount } tendered { amount } } refunded { amount } ` + totalFields

// lineFields and totalFields are those that a calculation has as well.
const (
	lineFields = `kind sku quantity unitPrice { amount } priceSource gross { amount } discount { amount }
		orderDiscount { amount } subtotal { amount } tax { amount } total { amount }
		taxes { name code rate compound base { amount } amount { amount } }`
	totalFields = `discount { amount } subtotal { amount } tax { amount } rounding { amount } total { amount }
		tendered { amount } change { amount }`
)

// soldSale is what saleFields bring.
type soldSale struct {
	ID, Status    string
	ReceiptNumber int64
	Lines         []struct {
		ID, Kind, SKU, PriceSource                                      string
		Quantity                                                        thousandths
		UnitPrice, Gross, Discount, OrderDiscount, Subtotal, Tax, Total minor
		Taxes                                                           []soldTax
	}
	Payments []struct {
		Method           string
		Amount, Tendered minor
	}
	Discount, Subtotal, Tax, Rounding, Total, Tendered, Change, Refunded minor
}

type soldTax struct {
	Name, Code   string
	Rate         rate
	Compound     bool
	Base, Amount minor
}

// slip is the receipt that was read.
func (s *soldSale) slip() *slip {
	read := &slip{
		id: s.ID, number: s.ReceiptNumber, discount: int64(s.Discount), net: int64(s.Subtotal), tax: int64(s.Tax),
		rounding: int64(s.Rounding), total: int64(s.Total), tendered: int64(s.Tendered), change: int64(s.Change),
		refunded: int64(s.Refunded),
	}
	for _, l := range s.Lines {
		line := &slipLine{
			id: l.ID, sku: l.SKU, back: l.Kind == "RETURN", milli: int64(l.Quantity), price: int64(l.UnitPrice),
			source: l.PriceSource, gross: int64(l.Gross), off: int64(l.Discount), share: int64(l.OrderDiscount),
			net: int64(l.Subtotal), tax: int64(l.Tax), total: int64(l.Total),
		}
		for _, t := range l.Taxes {
			line.taxes = append(line.taxes, levied{
				levy: levy{name: t.Name, code: t.Code, ppm: int64(t.Rate), compound: t.Compound},
				base: int64(t.Base), amount: int64(t.Amount),
			})
		}
		read.lines = append(read.lines, line)
	}
	for _, p := range s.Payments {
		read.pays = append(read.pays, payment{method: p.Method, tendered: int64(p.Tendered), amount: int64(p.Amount)})
	}
	return read
}

// differ says how the server's receipt differs from the script's.
func differ(own, server *slip) []string {
	var list []string
	unequal := func(what string, own, server int64) {
		if own != server {
			list = append(list, fmt.Sprintf("%s is %s, not %s", what, pretty(server), pretty(own)))
		}
	}
	unequal("the discount", own.discount, server.discount)
	unequal("the net", own.net, server.net)
	unequal("the tax", own.tax, server.tax)
	unequal("the rounding", own.rounding, server.rounding)
	unequal("the total", own.total, server.total)
	unequal("what was tendered", own.tendered, server.tendered)
	unequal("the change", own.change, server.change)
	unequal("what was refunded", own.refunded, server.refunded)
	if len(own.lines) != len(server.lines) {
		return append(list, fmt.Sprintf("it has %d lines, not %d", len(server.lines), len(own.lines)))
	}
	for i, line := range own.lines {
		for _, what := range line.differ(server.lines[i]) {
			list = append(list, fmt.Sprintf("line %d: %s", i+1, what))
		}
	}
	if !slices.EqualFunc(own.pays, server.pays, payment.equal) {
		list = append(list, fmt.Sprintf("it was paid %v, not %v", server.pays, own.pays))
	}
	return list
}

func (p payment) equal(o payment) bool {
	p.card, o.card = "", ""
	return p == o
}

func (l *slipLine) differ(server *slipLine) []string {
	var list []string
	if l.sku != server.sku || l.back != server.back || l.source != server.source {
		list = append(list, fmt.Sprintf("it is %s at %s, not %s at %s", server.sku, server.source, l.sku, l.source))
	}
	if l.milli != server.milli {
		list = append(list, fmt.Sprintf("the quantity is %s, not %s", quantity(server.milli), quantity(l.milli)))
	}
	own := [...]int64{l.price, l.gross, l.off, l.share, l.net, l.tax, l.total}
	theirs := [...]int64{server.price, server.gross, server.off, server.share, server.net, server.tax, server.total}
	for i, what := range [...]string{"price", "gross", "discount", "share of discounts", "net", "tax", "total"} {
		if own[i] != theirs[i] {
			list = append(list, fmt.Sprintf("the %s is %s, not %s", what, pretty(theirs[i]), pretty(own[i])))
		}
	}
	if !slices.Equal(l.taxes, server.taxes) {
		list = append(list, fmt.Sprintf("the taxes are %v, not %v", server.taxes, l.taxes))
	}
	return list
}

// taxesOf adds up a slip's taxes by name, code and rate.
func (s *slip) taxesOf() []levied {
	type kind struct {
		name, code string
		ppm        int64
	}
	sums := map[kind]*levied{}
	for _, line := range s.lines {
		for _, t := range line.taxes {
			k := kind{t.name, t.code, t.ppm}
			if sums[k] == nil {
				sums[k] = &levied{levy: t.levy}
			}
			sums[k].base += t.base
			sums[k].amount += t.amount
		}
	}
	var list []levied
	for _, t := range sums {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b levied) int {
		return cmp.Or(cmp.Compare(a.ppm, b.ppm), cmp.Compare(a.name, b.name))
	})
	return list
}
