package receipt

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// recorded is a sale as it could have been recorded, of which all figures fit.
func recorded(t *rapid.T) *Receipt {
	currency := rapid.SampledFrom([]money.Currency{"KES", "UGX", "KWD"}).Draw(t, "currency")
	inclusive := rapid.Bool().Draw(t, "inclusive")
	r := sample()
	r.Sale = &sale.Sale{ID: id.Sale{15: 1}, ReceiptNumber: 1, CurrencyCode: currency, PricesIncludeTax: inclusive}
	r.Lines, r.Payments, r.Taxes, r.Discounts, r.LineDiscounts, r.Balances, r.UntaxedMinor = nil, nil, nil, nil,
		map[id.SaleLine][]*sale.AppliedDiscount{}, nil, 0
	tax := &sale.LineTax{Name: "VAT", RatePPM: 160000, CurrencyCode: currency}
	var orderDiscount int64
	for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
		line := drawnLine(t, i, inclusive)
		r.Lines = append(r.Lines, line)
		r.Sale.SubtotalMinor += line.SubtotalMinor
		r.Sale.TaxMinor += line.TaxMinor
		if line.TaxMinor == 0 {
			r.UntaxedMinor += line.SubtotalMinor
		} else {
			tax.BaseMinor, tax.AmountMinor = tax.BaseMinor+line.SubtotalMinor, tax.AmountMinor+line.TaxMinor
		}
		if line.Kind == sale.SaleLine {
			orderDiscount += line.OrderDiscountMinor
		}
		if line.DiscountMinor > 0 {
			r.LineDiscounts[line.ID] = []*sale.AppliedDiscount{{AmountMinor: line.DiscountMinor, Reason: "line"}}
		}
	}
	if tax.BaseMinor != 0 || tax.AmountMinor != 0 {
		r.Taxes = []*sale.LineTax{tax}
	}
	if orderDiscount > 0 {
		first := rapid.Int64Range(0, orderDiscount).Draw(t, "first")
		r.Discounts = []*sale.AppliedDiscount{{AmountMinor: first, Reason: "a"}, {AmountMinor: orderDiscount - first, Reason: "b"}}
	}
	r.Sale.RoundingMinor = rapid.Int64Range(-49, 49).Draw(t, "rounding")
	r.Sale.TotalMinor = r.Sale.SubtotalMinor + r.Sale.TaxMinor + r.Sale.RoundingMinor
	if r.Sale.TotalMinor < 0 {
		r.Payments = []*sale.Payment{{Method: sale.Cash, TenderedMinor: r.Sale.TotalMinor}}
		return r
	}
	card := rapid.Int64Range(0, r.Sale.TotalMinor).Draw(t, "card")
	r.Sale.ChangeMinor = rapid.Int64Range(0, 5000).Draw(t, "change")
	r.Payments = []*sale.Payment{
		{Method: sale.Card, TenderedMinor: card},
		{Method: sale.Cash, TenderedMinor: r.Sale.TotalMinor - card + r.Sale.ChangeMinor},
	}
	return r
}

func drawnLine(t *rapid.T, i int, inclusive bool) *sale.Line {
	line := &sale.Line{
		ID: id.SaleLine{15: byte(i + 1)}, Kind: sale.SaleLine, ProductName: "Goods", Unit: "EACH", Milli: 1000,
		GrossMinor: rapid.Int64Range(0, 10_000_000).Draw(t, "gross"),
	}
	line.DiscountMinor = rapid.Int64Range(0, line.GrossMinor).Draw(t, "discount")
	line.OrderDiscountMinor = rapid.Int64Range(0, line.GrossMinor-line.DiscountMinor).Draw(t, "order")
	left := line.GrossMinor - line.DiscountMinor - line.OrderDiscountMinor
	line.SubtotalMinor = left
	if rapid.Bool().Draw(t, "taxed") {
		line.TaxMinor = left * 16 / 116
		if inclusive {
			line.SubtotalMinor -= line.TaxMinor
		}
	}
	line.TotalMinor = line.SubtotalMinor + line.TaxMinor
	if rapid.Bool().Draw(t, "back") {
		line.Kind = sale.ReturnLine
		for _, n := range []*int64{
			&line.Milli, &line.GrossMinor, &line.DiscountMinor, &line.OrderDiscountMinor, &line.SubtotalMinor, &line.TaxMinor, &line.TotalMinor,
		} {
			*n = -*n
		}
	}
	return line
}

// figures are the amounts at the ends of a section's lines, in minor units, by what stands before them.
func figures(t *rapid.T, section string, decimals int) (labels []string, amounts []int64) {
	for line := range strings.SplitSeq(strings.TrimSpace(section), "\n") {
		fields := strings.Fields(line)
		last := fields[len(fields)-1]
		whole, fraction, pointed := strings.Cut(last, ".")
		if len(fields) == 1 || len(fraction) != decimals || pointed != (decimals > 0) {
			continue
		}
		amount, err := strconv.ParseInt(whole+fraction, 10, 64)
		if err != nil {
			continue
		}
		labels, amounts = append(labels, strings.Join(fields[:len(fields)-1], " ")), append(amounts, amount)
	}
	return labels, amounts
}

// What is printed adds up, and comes to the sale's own figures: a customer can check it with a pencil.
func TestPrintedFiguresAreTheSales(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := recorded(t)
		printed, err := r.Text(rapid.SampledFrom([]int{Narrow, Wide}).Draw(t, "columns"))
		if err != nil {
			t.Fatal(err)
		}
		decimals := r.Sale.CurrencyCode.Decimals()
		sections := strings.Split(printed, strings.Repeat("-", Narrow))
		var parts []string
		for _, s := range sections {
			if s = strings.Trim(s, "-\n"); s != "" {
				parts = append(parts, s)
			}
		}
		// The head, what it is, the items, the totals, the taxes.
		_, items := figures(t, parts[2], decimals)
		var sum int64
		for _, amount := range items {
			sum += amount
		}
		labels, amounts := figures(t, parts[3], decimals)
		below, paid := int64(0), int64(0)
		total := false
		for i, label := range labels {
			switch {
			case label == "Sum" || label == "Subtotal":
				if amounts[i] != sum+below {
					t.Fatalf("%s is %d, not %d, in\n%s", label, amounts[i], sum+below, printed)
				}
			case strings.HasPrefix(label, "TOTAL"):
				total = true
				if amounts[i] != r.Sale.TotalMinor || amounts[i] != sum+below {
					t.Fatalf("the total of %d is printed as %d, below %d, in\n%s", r.Sale.TotalMinor, amounts[i], sum+below, printed)
				}
			case label == "Change" || strings.HasPrefix(label, "Paid out"):
				paid -= amounts[i]
			case total:
				paid += amounts[i]
			default:
				if label == "Tax" && amounts[i] != r.Sale.TaxMinor {
					t.Fatalf("a tax of %d in\n%s", r.Sale.TaxMinor, printed)
				}
				below += amounts[i]
			}
		}
		if !total || paid != r.Sale.TotalMinor {
			t.Fatalf("paid %d of %d in\n%s", paid, r.Sale.TotalMinor, printed)
		}
		if len(r.Taxes) > 0 {
			if _, taxes := figures(t, parts[4], decimals); taxes[0] != r.Sale.TaxMinor {
				t.Fatalf("a tax of %d in\n%s", r.Sale.TaxMinor, printed)
			}
		}
	})
}
