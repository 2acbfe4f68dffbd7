package receipt

import (
	"strings"

	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// What is printed, the same as text and as a page. All of it is plain.

// row is a label, and what stands at the other end of its line.
type row struct {
	indent        int
	label, amount string
}

// head says where the receipt is from.
func (r *Receipt) head() []string {
	list := rows(r.Header())
	if r.Store.Name != r.Company.Name {
		list = append(list, plain(r.Store.Name))
	}
	list = append(list, rows(r.Store.Address)...)
	if r.Store.Phone != "" {
		list = append(list, "Tel. "+plain(r.Store.Phone))
	}
	if r.TaxNumber() != "" {
		list = append(list, "Tax no. "+plain(r.TaxNumber()))
	}
	return list
}

// about says which receipt it is, who sold, and to whom.
func (r *Receipt) about() []row {
	list := []row{
		{label: r.title() + " " + number(r.Sale.ReceiptNumber), amount: plain(r.Register.Name)},
		{label: r.LocalTime()},
		{label: "No. " + plain(r.Reference())},
	}
	if r.Cashier != nil {
		list = append(list, row{label: "Served by " + plain(r.Cashier.Name)})
	}
	if r.Customer != nil && r.Customer.Name != "" {
		list = append(list, row{label: "Customer " + plain(r.Customer.Name)})
	}
	if r.Customer != nil && r.Customer.TaxNumber != "" {
		list = append(list, row{label: "Customer's tax no. " + plain(r.Customer.TaxNumber)})
	}
	return list
}

// void says when and why the sale was voided; nil where it wasn't.
func (r *Receipt) void() []string {
	if r.Sale.Status != sale.Voided {
		return nil
	}
	list := []string{"*** VOID ***"}
	if r.Sale.VoidedAt != nil {
		list = append(list, r.at(*r.Sale.VoidedAt))
	}
	if r.Sale.VoidReason != nil {
		list = append(list, rows(*r.Sale.VoidReason)...)
	}
	return list
}

// item is a line: what it was, how much of it at which price, and what was taken off.
func (r *Receipt) item(line *sale.Line) []row {
	list := r.goods(line)
	list = append(list, row{
		indent: 1,
		label:  line.Quantity().String() + unit(line.Unit) + " x " + r.amount(line.UnitPriceMinor),
		amount: r.amount(line.GrossMinor),
	})
	for _, b := range line.Batches {
		lot := "Lot " + plain(b.Lot)
		if b.Expires != "" {
			lot += ", until " + b.Expires
		}
		list = append(list, row{indent: 1, label: lot})
	}
	given := r.LineDiscounts[line.ID]
	for _, d := range given {
		list = append(list, r.off(1, d))
	}
	if len(given) == 0 && line.DiscountMinor != 0 {
		list = append(list, row{indent: 1, label: "Discount", amount: r.amount(-line.DiscountMinor)})
	}
	// What comes back has its share of the discounts that it was sold with.
	if line.Kind == sale.ReturnLine && line.OrderDiscountMinor != 0 {
		list = append(list, row{indent: 1, label: "Discount", amount: r.amount(-line.OrderDiscountMinor)})
	}
	return list
}

// goods name what was sold, and for what comes back, of which receipt it was and why.
func (r *Receipt) goods(line *sale.Line) []row {
	if line.Kind != sale.ReturnLine {
		return []row{{label: plain(line.ProductName)}}
	}
	list := []row{{label: "Returned: " + plain(line.ProductName)}}
	if line.OriginalLineID != nil {
		if of := r.Originals[*line.OriginalLineID]; of != nil {
			list = append(list, row{
				indent: 1,
				label:  "of " + plain(reference(of.Sale, of.Store, of.Register)) + ", " + of.Sale.BusinessDate.String(),
			})
		}
	}
	if line.ReturnReason != nil {
		list = append(list, row{indent: 1, label: plain(*line.ReturnReason)})
	}
	return list
}

// off is a discount with its reason.
func (r *Receipt) off(indent int, d *sale.AppliedDiscount) row {
	label := "Discount"
	if rate := d.Rate(); rate != nil {
		label += " " + d.RatePPM.String()
	}
	return row{indent: indent, label: label + ": " + plain(d.Reason), amount: r.amount(-d.AmountMinor)}
}

// totals are the rows above the total. The items and these come to the total.
func (r *Receipt) totals() []row {
	var list []row
	sums := r.sums()
	if sums.order != 0 {
		list = append(list, row{label: "Sum", amount: r.amount(sums.items)})
		for _, d := range r.Discounts {
			list = append(list, r.off(0, d))
		}
		if len(r.Discounts) == 0 {
			list = append(list, row{label: "Discount", amount: r.amount(-sums.order)})
		}
	}
	// The tax stands apart where the prices don't have it in them.
	if added := r.Sale.TotalMinor - r.Sale.RoundingMinor - (sums.items - sums.order); added != 0 || !r.Sale.PricesIncludeTax {
		list = append(list,
			row{label: "Subtotal", amount: r.amount(sums.items - sums.order)}, row{label: "Tax", amount: r.amount(added)})
	}
	if r.Sale.RoundingMinor != 0 {
		list = append(list, row{label: "Rounding", amount: r.amount(r.Sale.RoundingMinor)})
	}
	return list
}

// sums are what the lines come to with what stands below them, and what the discounts on the sale as a whole take off.
type sums struct{ items, order int64 }

func (r *Receipt) sums() sums {
	var s sums
	for _, line := range r.Lines {
		s.items += line.GrossMinor - line.DiscountMinor
		if line.Kind == sale.ReturnLine {
			s.items -= line.OrderDiscountMinor
		} else {
			s.order += line.OrderDiscountMinor
		}
	}
	return s
}

func (r *Receipt) total() row {
	return row{label: "TOTAL " + string(r.Sale.CurrencyCode), amount: r.amount(r.Sale.TotalMinor)}
}

// paid are the rows below the total: what was handed over, the change, and what was paid out.
func (r *Receipt) paid() []row {
	var list []row
	for _, p := range r.Payments {
		label, paid := method(p.Method), p.TenderedMinor
		if paid < 0 {
			label, paid = "Paid out: "+label, -paid
		}
		if p.Reference != "" {
			label += " " + plain(p.Reference)
		}
		list = append(list, row{label: label, amount: r.amount(paid)})
	}
	if r.Sale.ChangeMinor != 0 {
		list = append(list, row{label: "Change", amount: r.amount(r.Sale.ChangeMinor)})
	}
	return list
}

// taxRows are what was sold at each rate, and its tax.
func (r *Receipt) taxRows() []row {
	var list []row
	for _, t := range r.Taxes {
		name := plain(strings.TrimSpace(t.Name+" "+t.Code)) + " " + t.RatePPM.String()
		list = append(list, row{label: name + " on " + r.amount(t.BaseMinor), amount: r.amount(t.AmountMinor)})
	}
	if r.UntaxedMinor != 0 {
		list = append(list, row{label: "Without tax " + r.amount(r.UntaxedMinor), amount: r.amount(0)})
	}
	return list
}

// balanceRows are what is left of gift cards, and of what the customer has.
func (r *Receipt) balanceRows() []row {
	var list []row
	for _, b := range r.Balances {
		after := b.BalanceAfter().String()
		switch b.Ledger {
		case ledger.GiftCard:
			label := "Gift card"
			if b.GiftCardLastFour != nil {
				label += " ..." + plain(*b.GiftCardLastFour)
			}
			list = append(list, row{label: label + ", left", amount: after})
		case ledger.StoreCredit:
			list = append(list, row{label: "Store credit, left", amount: after})
		case ledger.Account:
			list = append(list, row{label: "On account, owed", amount: after})
		case ledger.Points:
			if b.changeMinor != 0 {
				list = append(list, row{label: "Loyalty points, of this sale", amount: b.Change().String()})
			}
			list = append(list, row{label: "Loyalty points, all", amount: after})
		}
	}
	return list
}
