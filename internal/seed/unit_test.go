package seed

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEAN13(t *testing.T) {
	t.Parallel()
	// The check digits are those of real and worked examples.
	for want, c := range map[string]struct {
		prefix string
		number int
	}{
		"4006381333931": {"4006381", 33393},
		"6160000010004": {"616", 1000},
	} {
		if got := ean13(c.prefix, c.number); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestIDsRiseAndCarryTheTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := &idMaker{dice: newDice(rapid.Uint64().Draw(t, "seed"))}
		at := time.UnixMilli(rapid.Int64Range(1, 1<<47).Draw(t, "at"))
		last := ids.next(at)
		if sec, nsec := last.Time().UnixTime(); last.Version() != 7 || time.Unix(sec, nsec).UnixMilli() != at.UnixMilli() {
			t.Fatalf("%s for %s", last, at)
		}
		for range rapid.IntRange(0, 9000).Draw(t, "count") {
			next := ids.next(at)
			if bytes.Compare(last[:], next[:]) >= 0 {
				t.Fatalf("%s after %s", next, last)
			}
			last = next
		}
	})
}

func TestPlanBulk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		companies := rapid.IntRange(1, 500).Draw(t, "companies")
		sales := rapid.Int64Range(0, 10_000_000).Draw(t, "sales")
		var sum int64
		for _, plan := range planBulk(rapid.Uint64().Draw(t, "seed"), companies, sales) {
			sum += plan.sales
			if plan.stores < 1 || plan.stores > maxBulkStores || plan.products < minBulkProducts ||
				plan.products > maxBulkProducts || plan.sales < 0 {
				t.Fatalf("%+v", plan)
			}
		}
		if sum != sales {
			t.Fatalf("%d sales planned of %d", sum, sales)
		}
	})
}

func TestDemoProductsAreSound(t *testing.T) {
	t.Parallel()
	for _, spec := range demoCompanies() {
		var skus []string
		for _, p := range spec.products {
			if p.price <= 0 || p.sku == "" || slices.Contains(skus, p.sku) {
				t.Errorf("%s: %+v", spec.slug, p)
			}
			skus = append(skus, p.sku)
		}
		for _, s := range spec.stores {
			for sku := range s.prices {
				if !slices.Contains(skus, sku) {
					t.Errorf("%s has a price for %s, which isn't sold", s.code, sku)
				}
			}
		}
	}
}

func TestTenderCoversTheTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec := rapid.SampledFrom(demoCompanies()).Draw(t, "company")
		total := rapid.Int64Range(1, 1_000_000).Draw(t, "total")
		trade := &trade{
			dice: newDice(rapid.Uint64().Draw(t, "seed")), company: &company{companySpec: spec},
			store: &store{storeSpec: spec.stores[0]},
		}
		var amount int64
		for _, p := range trade.pay(nil, total) {
			amount += p.amount
			if p.amount <= 0 || p.tendered < p.amount {
				t.Fatalf("%+v", p)
			}
		}
		if amount != total {
			t.Fatalf("paid %d of %d", amount, total)
		}
	})
}
