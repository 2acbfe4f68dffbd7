package report

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// pay pays a receipt in one way or in two.
func (r *randomShops) pay(rt *rapid.T, batch *pgx.Batch, shop randomShop, sale uuid.UUID, total int64) {
	first := total
	if rapid.Bool().Draw(rt, "in two ways") {
		first = total / 2
	}
	ways := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"CASH", "CARD", "MOBILE_MONEY"}), 2, 2, rapid.ID).Draw(rt, "ways")
	for i, amount := range []int64{first, total - first} {
		if amount == 0 {
			continue
		}
		batch.Queue(`insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code, tendered, amount)
			values ($1, $2, $3, gen_random_uuid(), $4, $5, $6, $7, $8, $8)`,
			r.tenant.UUID(), shop.id, shop.register, sale, i+1, ways[i], shop.currency, amount)
	}
}

// tenderGroupings are what ways of paying are compared by, alone and beside other groups: each grain that has them.
var tenderGroupings = [][]Dimension{
	{}, {ByStore, ByDay}, {ByHour}, {ByCustomerGroup}, {ByWeekday, ByHour}, {ByHour, ByRegister}, {ByRegister}, {ByCustomerGroup, ByWeek},
}

// agreeOnTenders compares what was paid in each way beside the groups of a long report with the ledger, and the same as
// groups of their own.
func (r *randomShops) agreeOnTenders(rt *rapid.T, by []Dimension, from time.Time) {
	first := civil.Of(from, time.UTC)
	in := Input{From: first.Add(-300), To: first.Add(60), GroupBy: by, StoreIDs: r.scope.Stores()}
	made, err := New(r.pool).Sales(r.ctx, in, Want{Tenders: true})
	if err != nil {
		rt.Fatal(err)
	}
	beside := map[string]string{}
	for _, row := range made.rows {
		for _, t := range row.Figures.Tenders {
			beside[r.tenderKey(row, len(by), t.Method)] = fmt.Sprint(t.minor, t.SaleCount)
		}
	}
	want := r.paid(rt, by)
	if !maps.Equal(beside, want) {
		rt.Fatalf("tenders beside %v:\n%v\nthe ledger says\n%v", by, beside, want)
	}
	in.GroupBy = append(append([]Dimension{}, by...), ByTender)
	if made, err = New(r.pool).Sales(r.ctx, in, Want{}); err != nil {
		rt.Fatal(err)
	}
	alone := map[string]string{}
	for _, row := range made.rows {
		alone[r.tenderKey(row, len(by), row.key.of[len(by)])] = fmt.Sprint(row.Figures.Amount, row.Figures.Sales)
	}
	if !maps.Equal(alone, want) {
		rt.Fatalf("tenders by %v:\n%v\nthe ledger says\n%v", by, alone, want)
	}
}

func (*randomShops) tenderKey(row *Row, groups int, method string) string {
	of := []string{string(row.key.currency)}
	for i := range groups {
		of = append(of, strings.ReplaceAll(row.key.of[i], nobody, ""))
	}
	return strings.Join(append(of, method), "|")
}

func (r *randomShops) paid(rt *rapid.T, by []Dimension) map[string]string {
	keys := []string{"s.currency_code"}
	for _, d := range by {
		keys = append(keys, "coalesce("+byHand[d]+"::text, '')")
	}
	keys = append(keys, "p.method")
	rows, err := r.db.Super().Query(r.ctx, `select concat_ws('|', `+strings.Join(keys, ", ")+`), concat_ws(' ', sum(p.amount), count(distinct s.id))
		from sales s join payments p on p.sale_id = s.id join stores o on o.id = s.store_id
		where s.store_id = any ($1) and s.status = 'COMPLETED' group by `+strings.Join(keys, ", "), []uuid.UUID{r.shops[0].id, r.shops[1].id})
	if err != nil {
		rt.Fatal(err)
	}
	sums := map[string]string{}
	var of, sum string
	if _, err = pgx.ForEachRow(rows, []any{&of, &sum}, func() error { sums[of] = sum; return nil }); err != nil {
		rt.Fatal(err)
	}
	return sums
}

// TestReceiptsAreCountedOnce: a product that came back as several things counts its receipt once, folded or not, voided
// too; where receipts can't be counted once there is no count.
func TestReceiptsAreCountedOnce(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	s := f.A.Stores[0]
	tenant, store, register, product := f.A.ID.UUID(), s.ID.UUID(), s.Registers[0].ID.UUID(), f.A.Products[0].UUID()
	pool := d.Open(t, Models())
	ctx := pgtest.Context(t, tenancy.New(tenancy.Spec{Company: f.A.ID, Role: tenancy.Owner, Stores: f.A.StoreIDs()}))
	var receipts []uuid.UUID
	for n := range 2 {
		sale := uuid.New()
		receipts = append(receipts, sale)
		d.Exec(t, `insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code, prices_include_tax, subtotal, tax_total,
				total, tendered, refunded, change, occurred_at, business_date, local_hour)
			values ($1, $2, $3, $4, $5, 'KES', true, -300, 0, -300, 0, 300, 0, '2026-02-03T09:00:00Z', '2026-02-03', 12)`,
			tenant, store, register, sale, 900+n)
		for i, brand := range []any{f.A.Labels.Brand.UUID(), nil, nil} {
			d.Exec(t, `insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, kind, restocked, product_id, product_name, sku,
					unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, gross, discount, subtotal, tax, total, brand_id)
				values ($1, $2, $3, gen_random_uuid(), $4, $5, 'RETURN', false, $6, 'P', 'S', 'EACH', 'KES', -1000, 1, 'BASE', 0, -100, 0, -100, 0, -100, $7)`,
				tenant, store, register, sale, i+1, product, brand)
		}
		d.Exec(t, "insert into report_pending (tenant_id, store_id, sale_id, kind) values ($1, $2, $3, 'SALE')", tenant, store, sale)
	}
	day := civil.Date{Year: 2026, Month: 2, Day: 3}
	const no = -1
	check := func(by []Dimension, filter *Filter, returns, voids int) {
		t.Helper()
		made, err := New(pool).Sales(ctx, Input{From: day, To: day, GroupBy: by, Filter: filter}, Want{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range made.rows {
			got := [2]int{no, no}
			for i, of := range []func(*Figures) (int, bool){(*Figures).ReturnCount, (*Figures).VoidCount} {
				if n, told := of(row.Figures); told {
					got[i] = n
				}
			}
			if got != [2]int{returns, voids} {
				t.Errorf("by %v: %d returns and voids; want %d, %d", by, got, returns, voids)
			}
		}
		if len(made.rows) == 0 {
			t.Errorf("by %v: no rows", by)
		}
	}
	all := func(returns, voids int) {
		t.Helper()
		check([]Dimension{ByProduct}, nil, returns, voids)
		check([]Dimension{ByProduct, ByHour}, nil, returns, voids) // from the ledger
		check([]Dimension{ByProduct, ByBrandToday}, nil, returns, voids)
		check([]Dimension{ByProduct, ByBrand}, nil, no, no)
		check([]Dimension{ByProduct}, &Filter{BrandIDs: []id.Brand{f.A.Labels.Brand}}, no, no)
	}
	all(2, 0)
	for _, void := range []bool{false, true} {
		if void {
			d.Exec(t, "update sales set status = 'VOIDED', voided_at = now(), void_reason = 'x' where id = $1", receipts[0])
			d.Exec(t, "insert into report_pending (tenant_id, store_id, sale_id, kind) values ($1, $2, $3, 'VOID')", tenant, store, receipts[0])
			all(1, 1)
		}
		for n := 1; n > 0; {
			var err error
			if n, err = pool.FoldReports(ctx, f.A.ID, foldMost); err != nil {
				t.Fatal(err)
			}
		}
		if void {
			all(1, 1)
		} else {
			all(2, 0)
		}
	}
	if found, err := New(pool).Verify(ctx); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}
