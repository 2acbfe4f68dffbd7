package sale

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// In whatever steps goods come back, each step's taxes are the tax that goes back, and all of them are the line's.
func TestTaxesBackAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var sold []*LineTax
		var whole int64
		for range rapid.IntRange(1, 4).Draw(t, "taxes") {
			amount := rapid.Int64Range(0, 500).Draw(t, "amount")
			sold = append(sold, &LineTax{AmountMinor: amount, Compound: rapid.Bool().Draw(t, "compound")})
			whole += amount
		}
		sums := make([]int64, len(sold))
		for before := int64(0); before < whole; {
			back := rapid.Int64Range(1, whole-before).Draw(t, "back")
			subtotal := rapid.Int64Range(0, 10_000).Draw(t, "subtotal")
			var step int64
			for i, part := range taxesBack(sold, subtotal, before, back) {
				sums[i] += part.Amount
				if want := -subtotal; !part.Compound && part.Base != want || part.Compound && part.Base != want+step {
					t.Fatalf("tax %d is laid on %d", i, part.Base)
				}
				step += part.Amount
			}
			if step != -back {
				t.Fatalf("%d went back for %d", step, back)
			}
			before += back
		}
		for i, sum := range sums {
			if sum != -sold[i].AmountMinor {
				t.Fatalf("%d of %d went back", sum, sold[i].AmountMinor)
			}
		}
	})
}

func TestSummary(t *testing.T) {
	t.Parallel()
	got := summary([]*LineTax{
		{Name: "VAT", RatePPM: 80_000, BaseMinor: 100, AmountMinor: 8},
		{Name: "VAT", RatePPM: 160_000, BaseMinor: 100, AmountMinor: 16},
		{Name: "VAT", RatePPM: 80_000, BaseMinor: -50, AmountMinor: -4},
		{Name: "VAT", RatePPM: 80_000, Inclusive: true, BaseMinor: 1, AmountMinor: 1},
	})
	if len(got) != 3 || got[0].BaseMinor != 100 || got[0].AmountMinor != 16 || got[1].BaseMinor != 50 || got[1].AmountMinor != 4 ||
		!got[2].Inclusive {
		t.Errorf("%+v", got)
	}
	if got := summary(nil); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// What is left for cash becomes a number of coins, at most half a coin away, and nothing else is rounded.
func TestCashRounding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		coin := rapid.SampledFrom([]int64{0, 1, 5, 10, 100}).Draw(t, "coin")
		total := rapid.Int64Range(-5000, 5000).Draw(t, "total")
		sign := int64(1)
		if total < 0 {
			sign = -1
		}
		var payments []*Payment
		due, cash := total, false
		for range rapid.IntRange(0, 3).Draw(t, "payments") {
			p := &Payment{
				Method:        rapid.SampledFrom([]Method{Cash, Card, StoreCredit}).Draw(t, "method"),
				TenderedMinor: sign * rapid.Int64Range(1, 4000).Draw(t, "tendered"),
			}
			payments = append(payments, p)
			cash = cash || p.Method == Cash
			if p.Method != Cash {
				due -= p.TenderedMinor
			}
		}
		got := cashRounding(total, payments, coin)
		switch {
		case coin <= 1 || len(payments) > 0 && (!cash || due*sign <= 0):
			if got != 0 {
				t.Fatalf("%d is rounded by %d without cash or coins", total, got)
			}
		case len(payments) == 0:
			if got != 0 && (got != -total || 2*total*sign >= coin) {
				t.Fatalf("%d is rounded by %d without a payment", total, got)
			}
		case (due+got)%coin != 0 || got*2 > coin || got*2 < -coin || got*2 == coin && sign < 0 || got*2 == -coin && sign > 0:
			t.Fatalf("%d of %d becomes %d", due, total, due+got)
		}
	})
}

// drafted is a draft of lines that are calculated, by somebody who may give no more off than everybody.
func drafted(t *rapid.T, lines []LineInput, order []Discount, limit int64) errs.Problems {
	d := &draft{sale: &Sale{CurrencyCode: "KES"}}
	for _, line := range lines {
		d.add(&Line{ID: id.New[id.SaleLine](), Kind: SaleLine}, line)
		for range line.Discounts {
			d.offs = append(d.offs, off{AppliedDiscount: &AppliedDiscount{Kind: Percent}, line: len(d.lines) - 1})
		}
	}
	for range order {
		d.offs = append(d.offs, off{AppliedDiscount: &AppliedDiscount{Kind: Fixed}, line: -1})
	}
	var p errs.Problems
	if !d.calculate(&p, order) {
		t.Fatal(p)
	}
	d.limitDiscounts(&p, limit)
	return p
}

// A percentage within the limit is never refused, however it is rounded and spread; and neither is the most that a
// refusal names.
func TestDiscountLimitProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, ppm).Draw(t, "limit")
		rate := func(most int64) money.PPM { return money.PPM(rapid.Int64Range(0, most).Draw(t, "rate")) } //nolint:gosec // a share
		var lines []LineInput
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			lines = append(lines, LineInput{
				Quantity: milli, UnitPrice: rapid.OneOf(rapid.Int64Range(0, 30), rapid.Int64Range(0, 1_000_000)).Draw(t, "price"),
			})
		}
		order := []Discount{{Kind: Percent, Rate: rate(limit)}}
		if p := drafted(t, lines, order, limit); len(p) > 0 {
			t.Fatalf("%v off %v with a limit of %d: %v", order, lines, limit, p)
		}
		for i := range lines {
			lines[i].Discounts = []Discount{{Kind: Percent, Rate: rate(limit)}}
		}
		if p := drafted(t, lines, nil, limit); len(p) > 0 {
			t.Fatalf("%v with a limit of %d: %v", lines, limit, p)
		}
		p := drafted(t, lines, []Discount{{Kind: Percent, Rate: money.MaxPPM}}, limit)
		if len(p) == 0 {
			return
		}
		most, _ := p[0].Details["maximumDiscount"].(*money.Money)
		if p := drafted(t, lines, []Discount{{Kind: Fixed, Minor: most.Minor}}, limit); len(p) > 0 {
			t.Fatalf("%s was the most that may be taken off %v: %v", most, lines, p)
		}
	})
}
