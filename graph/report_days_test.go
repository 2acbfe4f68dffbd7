package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// randomDay is a day of a store, made up: sales on time and late, returns of goods and of old sales, voids, and products
// that change their category, while somebody folds.
type randomDay struct {
	*bundle

	dice     *rand.Rand
	tills    []till
	products []id.Product
	category []string
	// sold are the receipts of today, back the lines of which goods can come back.
	sold []any
	back []vars
	n    int
}

func (d *randomDay) key() string { d.n++; return fmt.Sprintf("%d", d.n) }

func (d *randomDay) pick() till { return d.tills[d.dice.IntN(len(d.tills))] }

// step is something that happens in a shop.
func (d *randomDay) step(t *testing.T) {
	t.Helper()
	switch n := d.dice.IntN(20); {
	case n < 11:
		d.sell(t, n < 2)
	case n < 14 && len(d.back) > 0:
		d.takeBack(t)
	case n < 16 && len(d.sold) > 0:
		i := d.dice.IntN(len(d.sold))
		a := d.void(t, d.owner(t), d.sold[i], "by mistake")
		d.sold = slices.Delete(d.sold, i, i+1)
		if codes := a.codes("saleVoid"); len(codes) > 0 && codes[0] != "ALREADY_RETURNED id" {
			t.Fatal(a.Raw)
		}
	case n < 18:
		product, category := d.products[d.dice.IntN(len(d.products))], d.category[d.dice.IntN(len(d.category))]
		d.db.Exec(t, "update products set category_id = $1, version = version + 1 where id = $2", uuidOf(t, category), product.UUID())
	default:
		d.agree(t)
	}
}

func uuidOf(t testing.TB, text string) [16]byte {
	t.Helper()
	ref, err := id.Parse(text)
	must(t, err)
	return ref.UUID
}

func (d *randomDay) sell(t *testing.T, late bool) {
	t.Helper()
	at := d.pick()
	var lines []vars
	for range 1 + d.dice.IntN(3) {
		line := item(d.products[d.dice.IntN(len(d.products))], fmt.Sprint(1+d.dice.IntN(3)))
		if d.dice.IntN(4) == 0 {
			line["discounts"] = []vars{{"kind": "PERCENT", "value": "5", "reason": []string{"friend", "old"}[d.dice.IntN(2)]}}
		}
		lines = append(lines, line)
	}
	in := order(at.register, d.key(), "", lines...)
	if d.dice.IntN(5) == 0 {
		in["discounts"] = []vars{{"kind": "FIXED", "value": "1", "reason": "coupon"}}
	}
	if late {
		in["occurredAt"] = time.Now().Add(-time.Duration(1+d.dice.IntN(72)) * time.Hour).UTC().Format(time.RFC3339)
	}
	in["payments"] = []vars{{"method": "CARD", "amount": "1"}, pay("CASH", "10000")}
	a := d.bundle.sell(t, d.owner(t), in)
	if !late {
		d.sold = append(d.sold, a.at("saleRecord", "sale", "id"))
	}
	sold, _ := a.at("saleRecord", "sale", "lines").([]any)
	for _, line := range sold {
		line, _ := line.(map[string]any)
		d.back = append(d.back, vars{"saleLineId": line["id"], "quantity": "1", "restock": d.dice.IntN(3) > 0, "at": at.register.String()})
	}
}

func (d *randomDay) takeBack(t *testing.T) {
	t.Helper()
	i := d.dice.IntN(len(d.back))
	line := d.back[i]
	d.back = slices.Delete(d.back, i, i+1)
	in := vars{"idempotencyKey": d.key(), "registerId": line["at"], "returns": []vars{{
		"saleLineId": line["saleLineId"], "quantity": "1", "restock": line["restock"],
	}}}
	calculated := d.post(t, d.owner(t), `query($input: SaleCalculateInput!) { saleCalculate(input: $input) {
		calculation { total { amount } } userErrors { code } } }`, vars{"input": calculable(in)}).ok(t)
	total, _ := calculated.at("saleCalculate", "calculation", "total", "amount").(string)
	if list, _ := calculated.at("saleCalculate", "userErrors").([]any); len(list) > 0 || total == "" {
		return // it was voided, or came back
	}
	if amount := strings.TrimPrefix(total, "-"); strings.Trim(amount, "0.") != "" {
		in["payments"] = []vars{pay("CASH", amount)}
	}
	done := d.post(t, d.owner(t), recordSale, vars{"input": in}).ok(t)
	for _, code := range done.codes("saleRecord") {
		t.Fatalf("%s: %s", code, done.Raw)
	}
}

// agree compares what a report says at this moment with the receipts.
func (d *randomDay) agree(t *testing.T) {
	t.Helper()
	from, to := time.Now().AddDate(0, 0, -5).UTC().Format(time.DateOnly), time.Now().AddDate(0, 0, 2).UTC().Format(time.DateOnly)
	got := told(t, d.bundle.report(t, d.owner(t), vars{"from": from, "to": to, "groupBy": []string{"STORE", "DAY"}}).
		at("salesReport", "report", "rows"), []string{"STORE", "DAY"})
	rows, err := d.db.Super().Query(t.Context(), `select concat_ws('|', s.currency_code, s.store_id, s.business_date),
			concat_ws(' ', sum(l.gross) filter (where l.kind = 'SALE'), sum(l.subtotal), sum(l.tax),
				sum(l.quantity) filter (where l.kind = 'SALE'), count(distinct s.id) filter (where l.kind = 'SALE'))
		from sales s join sale_lines l on l.sale_id = s.id
		where s.tenant_id = $1 and s.status = 'COMPLETED' and s.business_date between $2::date and $3::date group by s.currency_code, s.store_id, s.business_date`,
		d.A.ID.UUID(), from, to)
	must(t, err)
	want := map[string]string{}
	var of, sum string
	_, err = pgx.ForEachRow(rows, []any{&of, &sum}, func() error { want[of] = sum; return nil })
	must(t, err)
	for of, sum := range want {
		parts := strings.Fields(got[of])
		if len(parts) != 7 || strings.Join([]string{parts[0], parts[2], parts[3], parts[5], parts[6]}, " ") != sum {
			t.Fatalf("%s: %q, by hand %q", of, got[of], sum)
		}
	}
}

// TestReportsOfRandomDays: whatever happens in the shops, and however far the folding is, reports are what the receipts
// say; and so they are once everything is folded, by several at once.
func TestReportsOfRandomDays(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1} { // more of them, and whatever the clocks do, in internal/report
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
			d := &randomDay{bundle: b, dice: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // repeatable
			d.tills = []till{b.till(t, b.A, "KES", 160_000, true), b.till(t, b.A, "KES", 82_500, false)}
			for range 6 {
				d.products = append(d.products, b.product(t, b.A, goods{price: 500 + d.dice.Int64N(5000), untaxed: d.dice.IntN(4) == 0}))
			}
			d.category = []string{b.A.Category.String(), b.newCategory(t, "Second", nil), b.newCategory(t, "Third", nil)}
			folder := b.folder(t)
			ctx, cancel := context.WithCancel(t.Context())
			var folding sync.WaitGroup
			for range 2 {
				folding.Go(func() {
					for ctx.Err() == nil {
						if err := folder.Sweep(ctx); err != nil && ctx.Err() == nil {
							t.Error(err)
						}
						time.Sleep(5 * time.Millisecond)
					}
				})
			}
			for range 120 {
				d.step(t)
			}
			b.verified(t, b.A)
			cancel()
			folding.Wait()
			b.verified(t, b.A)
			must(t, folder.Sweep(t.Context()))
			if n := pgtest.Value[int](t, b.db, "select count(*) from report_pending"); n != 0 {
				t.Errorf("%d are left", n)
			}
			d.agree(t)
			b.verified(t, b.A)
			b.verified(t, b.B)
			for what, sql := range map[string]string{
				"returns": "select count(*) from sale_lines where kind = 'RETURN'", "voids": "select count(*) from sales where status = 'VOIDED'",
				"late":       "select count(*) from sales where recorded_at > occurred_at + interval '30 minutes'",
				"categories": "select count(distinct category_id) - 1 from sale_lines",
			} {
				if pgtest.Value[int](t, b.db, sql) == 0 {
					t.Errorf("these days have no %s", what)
				}
			}
			b.logs.quiet(t)
		})
	}
}

// TestVerifyFindsWhatIsWrong is the control: a cent in any of the sums is found.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.folder(t).Sweep(t.Context()))
	b.verified(t, b.A)
	for table, figure := range map[string]string{
		"report_days": "net", "report_hours": "rounding", "report_products": "cost", "report_categories": "sold",
		"report_brands": "net", "report_suppliers": "back", "report_customers": "rounding",
		"report_tenders": "amount", "report_taxes": "tax", "report_reasons": "discount",
		"report_tender_hours": "amount", "report_tender_customers": "sale_count",
	} {
		b.db.Exec(t, "update "+table+" set "+figure+" = "+figure+" + 1 where tenant_id = $1 and business_date <> '2000-01-01'", b.A.ID.UUID())
	}
	found := b.differences(t, b.A)
	for _, sums := range []string{"days", "hours", "products", "categories", "brands", "suppliers", "customers", "tenders", "taxes", "reasons", "tender hours", "tender customers"} {
		if !slices.ContainsFunc(found, func(text string) bool { return strings.HasPrefix(text, sums+" ") }) {
			t.Errorf("nothing is found of %s: %v", sums, found)
		}
	}
}

// TestBusinessDayOfASale: what is sold before a business day begins counts for the day before, on the store's clocks;
// its hour is that of the clocks.
func TestBusinessDayOfASale(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	b.decide(t, vars{"businessDayStart": 240})
	register := b.A.Stores[0].Registers[0].ID
	for i, c := range []struct {
		at, day string
		hour    int
	}{
		{"2026-03-09T00:59:59Z", "2026-03-08", 3}, {"2026-03-09T01:00:00Z", "2026-03-09", 4},
	} {
		in := order(register, fmt.Sprint(i), "100", item(b.A.Products[0], "1"))
		in["occurredAt"] = c.at
		same(t, b.sell(t, b.cashier(t, 0), in).at("saleRecord", "sale", "businessDate"), c.day)
		a := b.report(t, b.owner(t), vars{"from": c.day, "to": c.day, "groupBy": []string{"HOUR"}})
		same(t, a.at("salesReport", "report", "rows", 0, "group", "hour"), c.hour)
		same(t, a.at("salesReport", "report", "rowCount"), 1)
	}
}
