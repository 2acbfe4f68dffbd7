package sale

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

func decimal(t interface{ Fatal(args ...any) }, text string) money.Decimal {
	d, err := money.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Whatever was handed over: what is refused is refused with the very amount, and what isn't adds up, gives change
// out of cash alone and takes no more of a payment than there was.
func TestSettleProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, 1000).Draw(t, "total")
		payments := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *Payment {
			minor := rapid.Int64Range(1, 600).Draw(t, "tendered")
			return &Payment{
				Method: rapid.SampledFrom([]Method{Cash, Card, MobileMoney}).Draw(t, "method"), TenderedMinor: minor, AmountMinor: minor,
			}
		}), 0, 6).Draw(t, "payments")
		var tendered, cash int64
		for _, p := range payments {
			tendered += p.TenderedMinor
			if p.Method == Cash {
				cash += p.TenderedMinor
			}
		}
		var problems errs.Problems
		change := settle(&problems, payments, total, "KES")
		wrong, due := "", int64(0)
		switch {
		case tendered < total:
			wrong, due = paymentTooSmall, total-tendered
		case tendered-total > cash:
			wrong, due = changeNotAllowed, total+cash-tendered
		}
		if wrong != "" {
			amount, _ := problems[0].Details["amountDue"].(*money.Money)
			if len(problems) != 1 || problems[0].Code != wrong || amount == nil || *amount != (money.Money{Minor: due, Currency: "KES"}) {
				t.Fatalf("%v, due %v; want %s of %d", problems, amount, wrong, due)
			}
			return
		}
		if len(problems) > 0 || change != tendered-total {
			t.Fatalf("change %d of %d for %d: %v", change, tendered, total, problems)
		}
		var kept int64
		for i, p := range payments {
			if p.AmountMinor < 0 || p.AmountMinor > p.TenderedMinor || p.Method != Cash && p.AmountMinor != p.TenderedMinor {
				t.Fatalf("payment %d by %s keeps %d of %d", i, p.Method, p.AmountMinor, p.TenderedMinor)
			}
			kept += p.AmountMinor
		}
		if kept != total {
			t.Fatalf("%d stays in the till for %d", kept, total)
		}
	})
}

// What goes back is the total exactly, in whatever ways, and stands below zero.
func TestRefundProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(1, 500), 1, 6).Draw(t, "refunds")
		off := rapid.Int64Range(-3, 3).Draw(t, "off")
		payments := make([]*Payment, len(parts))
		var sum int64
		for i, minor := range parts {
			payments[i] = &Payment{Method: StoreCredit, TenderedMinor: minor, AmountMinor: minor}
			sum += minor
		}
		total := -sum + off
		if total >= 0 {
			return
		}
		payBack(payments)
		var problems errs.Problems
		if change := settle(&problems, payments, total, "KES"); change != 0 {
			t.Fatalf("change %d of a refund", change)
		}
		if off == 0 != (len(problems) == 0) {
			t.Fatalf("%d of %d: %v", -sum, total, problems)
		}
		if off != 0 {
			if still, _ := problems[0].Details["amountDue"].(*money.Money); problems[0].Code != refundMismatch || still.Minor != off {
				t.Fatalf("%v, %v; want %d", problems, still, off)
			}
		}
		var kept int64
		for _, p := range payments {
			if p.AmountMinor >= 0 || p.TenderedMinor != p.AmountMinor {
				t.Fatalf("%+v", p)
			}
			kept += p.AmountMinor
		}
		if kept != -sum {
			t.Fatalf("%d went back of %d", kept, sum)
		}
	})
}

func TestTenders(t *testing.T) {
	t.Parallel()
	reference := " r "
	var problems errs.Problems
	payments := tenders(&problems, []PaymentInput{
		{Method: Cash, Amount: decimal(t, "1.50")},
		{Method: Card, Amount: decimal(t, "2"), Reference: &reference},
		{Method: Cash, Amount: decimal(t, "0.001")},
		{Method: Cash, Amount: decimal(t, "10000000000.01")},
	}, "KES")
	if p := payments[0]; p.TenderedMinor != 150 || p.AmountMinor != 150 || p.Position != 1 || p.Reference != "" {
		t.Errorf("%+v", p)
	}
	if p := payments[1]; p.TenderedMinor != 200 || p.Method != Card || p.Position != 2 || p.Reference != "r" {
		t.Errorf("%+v", p)
	}
	if len(problems) != 2 || problems[0].Code != tooPrecise || problems[1].Code != tooLarge || problems[1].Field[1] != "3" {
		t.Errorf("%v", problems)
	}
	if p := tenders(&problems, []PaymentInput{{Method: Cash, Amount: decimal(t, "3")}}, "UGX")[0]; p.TenderedMinor != 3 || p.CurrencyCode != "UGX" {
		t.Errorf("%+v", p)
	}
}
