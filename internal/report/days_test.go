package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const dayStart = 240 // minutes: business days begin at four

// randomShops are stores of their own, in time zones whose clocks change or don't, with what was sold in them.
type randomShops struct {
	t        *testing.T
	db       *pgtest.Database
	pool     *postgres.DB
	tenant   id.Company
	shops    []randomShop
	scope    *tenancy.Scope
	ctx      context.Context
	labels   map[string][]uuid.UUID
	products []uuid.UUID
	sold     []uuid.UUID // receipts that aren't voided
	lines    []soldGoods
	n        int
}

type randomShop struct {
	id, register   uuid.UUID
	zone, currency string
}

// soldGoods is a line that can come back, with what it was sold as.
type soldGoods struct {
	product uuid.UUID
	labels  [3]*uuid.UUID // category, brand, supplier
	minor   int64
}

func (r *randomShops) open(rt *rapid.T) {
	r.shops, r.sold, r.lines = nil, nil, nil
	var stores []id.Store
	for range 2 {
		r.n++
		shop := randomShop{
			uuid.UUID(id.New[id.Store]()), uuid.UUID(id.New[id.Register]()),
			rapid.SampledFrom([]string{"Africa/Nairobi", "Europe/Berlin", "America/New_York", "Pacific/Auckland"}).Draw(rt, "zone"),
			rapid.SampledFrom([]string{"KES", "EUR"}).Draw(rt, "currency"),
		}
		r.db.Exec(r.t, `insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm, prices_include_tax)
			values ($1, $2, $3, $3, $4, $5, 0, true)`, r.tenant.UUID(), shop.id, fmt.Sprintf("X%d", r.n), shop.zone, shop.currency)
		r.db.Exec(r.t, "insert into registers (tenant_id, store_id, id, code, name) values ($1, $2, $3, 'R1', 'R')",
			r.tenant.UUID(), shop.id, shop.register)
		r.shops, stores = append(r.shops, shop), append(stores, id.Store(shop.id))
	}
	r.scope = tenancy.New(tenancy.Spec{Company: r.tenant, Role: tenancy.Owner, Stores: stores})
	r.ctx = pgtest.Context(r.t, r.scope)
}

// receipt puts a receipt of lines into the ledger, with what it carries for the sums. The day and the hour are those of
// the store's clocks, as a sale has them.
func (r *randomShops) receipt(rt *rapid.T, from time.Time, goods []soldGoods, kind string) {
	shop := rapid.SampledFrom(r.shops).Draw(rt, "shop")
	place, err := time.LoadLocation(shop.zone)
	if err != nil {
		rt.Fatal(err)
	}
	at := from.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(rt, "minute")) * time.Minute)
	key := uuid.UUID(id.New[id.Sale]())
	var net, tax int64
	sign := map[string]int64{"SALE": 1, "RETURN": -1}[kind]
	for _, g := range goods {
		net += sign * g.minor
		tax += sign * (g.minor / 10)
	}
	rounding := int64(rapid.IntRange(-2, 2).Draw(rt, "rounding"))
	total := net + tax + rounding
	var group *uuid.UUID
	if i := rapid.IntRange(0, len(r.labels["group"])).Draw(rt, "group"); i > 0 {
		group = &r.labels["group"][i-1]
	}
	r.n++
	batch := &pgx.Batch{}
	batch.Queue(`insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code, prices_include_tax, subtotal,
			tax_total, rounding, total, tendered, refunded, change, occurred_at, business_date, local_hour, customer_group_id)
		values ($1, $2, $3, $4, $5, $6, true, $7, $8, $9, $10, greatest($10::bigint, 0), greatest(-$10::bigint, 0), 0, $11, $12::date, $13, $14)`,
		r.tenant.UUID(), shop.id, shop.register, key, r.n, shop.currency, net, tax, rounding, total, at,
		civil.BusinessDay(at, place, dayStart).String(), at.In(place).Hour(), group)
	for i, g := range goods {
		off := g.minor / 20
		var restocked *bool
		if kind == "RETURN" {
			restocked = new(bool)
		}
		batch.Queue(`insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, kind, restocked, product_id,
				product_name, sku, unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, gross, discount, subtotal,
				tax, total, cost, category_id, brand_id, supplier_id)
			values ($1, $2, $3, gen_random_uuid(), $4, $5, $6, $7, $8, 'P', 'S', 'EACH', $9, $10, 1, 'BASE', 0, $11, $12, $13, $14,
				$13 + $14::bigint, $15, $16, $17, $18)`,
			r.tenant.UUID(), shop.id, shop.register, key, i+1, kind, restocked, g.product, shop.currency, sign*1000,
			sign*(g.minor+off), sign*off, sign*g.minor, sign*(g.minor/10), sign*(g.minor/2), g.labels[0], g.labels[1], g.labels[2])
	}
	r.pay(rt, batch, shop, key, total)
	batch.Queue("insert into report_pending (tenant_id, store_id, sale_id, kind) values ($1, $2, $3, 'SALE')", r.tenant.UUID(), shop.id, key)
	if err := r.db.Super().SendBatch(r.ctx, batch).Close(); err != nil {
		rt.Fatal(err)
	}
	r.sold = append(r.sold, key)
}

// step is something that happens in the shops.
func (r *randomShops) step(rt *rapid.T, from time.Time) {
	switch what := rapid.SampledFrom([]string{"sell", "sell", "return", "void", "relabel", "fold"}).Draw(rt, "what"); {
	case what == "sell":
		var goods []soldGoods
		for range rapid.IntRange(1, 3).Draw(rt, "lines") {
			goods = append(goods, r.goods(rt))
		}
		r.receipt(rt, from, goods, "SALE")
		r.lines = append(r.lines, goods...)
	case what == "return" && len(r.lines) > 0:
		goods := rapid.SliceOfN(rapid.SampledFrom(r.lines), 1, 3).Draw(rt, "lines")
		for i := range goods { // what came back was sold at different times, and as different things
			goods[i].labels = [3]*uuid.UUID{r.label(rt, "category"), r.label(rt, "brand"), r.label(rt, "supplier")}
		}
		r.receipt(rt, from, goods, "RETURN")
	case what == "void" && len(r.sold) > 0:
		i := rapid.IntRange(0, len(r.sold)-1).Draw(rt, "receipt")
		r.db.Exec(r.t, "update sales set status = 'VOIDED', voided_at = now(), void_reason = 'x' where id = $1", r.sold[i])
		r.db.Exec(r.t, "insert into report_pending (tenant_id, store_id, sale_id, kind) select tenant_id, store_id, id, 'VOID' from sales where id = $1", r.sold[i])
		r.sold = slices.Delete(r.sold, i, i+1)
	case what == "relabel":
		r.db.Exec(r.t, "update products set category_id = $2, brand_id = $3, supplier_id = $4 where id = $1",
			rapid.SampledFrom(r.products).Draw(rt, "product"), r.label(rt, "category"), r.label(rt, "brand"), r.label(rt, "supplier"))
	case what == "fold":
		if _, err := r.pool.FoldReports(r.ctx, r.tenant, rapid.IntRange(1, 4).Draw(rt, "most")); err != nil {
			rt.Fatal(err)
		}
	}
}

// label is one of a kind, or none.
func (r *randomShops) label(rt *rapid.T, kind string) *uuid.UUID {
	i := rapid.IntRange(0, len(r.labels[kind])).Draw(rt, kind)
	if i == 0 {
		return nil
	}
	return &r.labels[kind][i-1]
}

// goods are of a product as it is now.
func (r *randomShops) goods(rt *rapid.T) soldGoods {
	g := soldGoods{product: rapid.SampledFrom(r.products).Draw(rt, "product"), minor: int64(rapid.IntRange(20, 5000).Draw(rt, "net"))}
	if err := r.db.Super().QueryRow(r.ctx, "select category_id, brand_id, supplier_id from products where id = $1", g.product).
		Scan(&g.labels[0], &g.labels[1], &g.labels[2]); err != nil {
		rt.Fatal(err)
	}
	return g
}

// byHand says what a dimension is in SQL that knows nothing of how sums are kept.
var byHand = map[Dimension]string{
	ByStore: "s.store_id", ByRegister: "s.register_id", ByHour: "extract(hour from s.occurred_at at time zone o.time_zone)::int",
	ByDay: "(s.occurred_at at time zone o.time_zone - interval '4 hours')::date", ByProduct: "l.product_id",
	ByWeekday:  "extract(isodow from s.occurred_at at time zone o.time_zone - interval '4 hours')::int",
	ByWeek:     "date_trunc('week', s.occurred_at at time zone o.time_zone - interval '4 hours')::date",
	ByCategory: "l.category_id", ByBrand: "l.brand_id", BySupplier: "l.supplier_id", ByCustomerGroup: "s.customer_group_id",
	ByCategoryToday: "p.category_id", ByBrandToday: "p.brand_id", BySupplierToday: "p.supplier_id",
}

// groupings are what the sums are compared by: each grain, and what is added up from the ledger.
var groupings = [][]Dimension{
	{},
	{ByStore, ByDay},
	{ByWeek},
	{ByHour},
	{ByWeekday, ByHour},
	{ByRegister},
	{ByCategory},
	{ByBrand},
	{BySupplier},
	{ByCustomerGroup},
	{ByProduct, ByDay},
	{ByBrand, BySupplier},
	{ByCategoryToday},
	{ByBrandToday, ByDay},
	{BySupplierToday},
	{ByBrand, ByHour},
	{ByCustomerGroup, ByProduct},
	{ByCustomerGroup, ByHour},
}

// agree compares a report with the ledger.
func (r *randomShops) agree(rt *rapid.T, by []Dimension, from time.Time) {
	first := civil.Of(from, time.UTC)
	in := Input{From: first.Add(-3), To: first.Add(6), GroupBy: by, StoreIDs: r.scope.Stores()}
	made, err := New(r.pool).Sales(r.ctx, in, Want{})
	if err != nil {
		rt.Fatal(err)
	}
	counts := choose(needed(by, nil)).counts(by, nil)
	got := map[string]string{}
	for _, row := range made.rows {
		of, s := []string{string(row.key.currency)}, row.Figures.sums
		for i := range by {
			of = append(of, strings.ReplaceAll(row.key.of[i], nobody, ""))
		}
		text := fmt.Sprint(s.Gross, s.Discount, s.Returned, s.Net, s.Tax, s.Sold, s.Back, s.Cost)
		if counts {
			text += fmt.Sprint(" ", s.Sales, s.Returns, s.Voids)
		}
		got[strings.Join(of, "|")] = text
	}
	if want := r.ledger(rt, by, counts); !maps.Equal(got, want) {
		rt.Fatalf("by %v:\n%v\nthe ledger says\n%v", by, got, want)
	}
}

func (r *randomShops) ledger(rt *rapid.T, by []Dimension, counts bool) map[string]string {
	keys := []string{"s.currency_code"}
	for _, d := range by {
		keys = append(keys, "coalesce("+byHand[d]+"::text, '')")
	}
	count := ""
	if counts {
		count = ", count(distinct s.id) filter (where done and l.kind = 'SALE'), count(distinct s.id) filter (where done and l.kind = 'RETURN'), count(distinct s.id) filter (where not done)"
	}
	rows, err := r.db.Super().Query(r.ctx, `select concat_ws('|', `+strings.Join(keys, ", ")+`), concat_ws(' ',
			coalesce(sum(l.gross) filter (where done and l.kind = 'SALE'), 0), coalesce(sum(l.discount) filter (where done and l.kind = 'SALE'), 0),
			coalesce(sum(l.discount - l.gross) filter (where done and l.kind = 'RETURN'), 0), coalesce(sum(l.subtotal) filter (where done), 0),
			coalesce(sum(l.tax) filter (where done), 0), coalesce(sum(l.quantity) filter (where done and l.kind = 'SALE'), 0),
			coalesce(-sum(l.quantity) filter (where done and l.kind = 'RETURN'), 0), coalesce(sum(l.cost) filter (where done), 0)`+count+`)
		from sales s cross join lateral (select s.status = 'COMPLETED' as done) x join sale_lines l on l.sale_id = s.id
			join stores o on o.id = s.store_id join products p on p.id = l.product_id
		where s.store_id = any ($1) group by `+strings.Join(keys, ", "), []uuid.UUID{r.shops[0].id, r.shops[1].id})
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

// TestSumsOfRandomDays: whatever happens in shops of several time zones and currencies around the days on which clocks
// change, and however far the folding is, reports are what the ledger says.
func TestSumsOfRandomDays(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	r := &randomShops{t: t, db: d, pool: d.Open(t, Models()), tenant: f.A.ID, labels: map[string][]uuid.UUID{}}
	for _, product := range f.A.Products {
		r.products = append(r.products, product.UUID())
	}
	for kind, table := range map[string]string{"category": "categories", "brand": "brands", "supplier": "suppliers", "group": "customer_groups"} {
		d.Exec(t, "insert into "+table+" (tenant_id, id, name) values ($1, gen_random_uuid(), 'Second')", f.A.ID.UUID())
		for _, key := range pgtest.Values[[16]byte](t, d, "select id from "+table+" where tenant_id = $1 order by id", f.A.ID.UUID()) {
			r.labels[kind] = append(r.labels[kind], key)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		r.open(rt)
		from := rapid.SampledFrom([]time.Time{
			time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC),
			time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
		}).Draw(rt, "from")
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			r.step(rt, from)
			r.agree(rt, rapid.SampledFrom(groupings).Draw(rt, "by"), from)
			r.agreeOnTenders(rt, rapid.SampledFrom(tenderGroupings).Draw(rt, "tenders by"), from)
		}
		for _, by := range groupings {
			r.agree(rt, by, from)
		}
		for _, by := range tenderGroupings {
			r.agreeOnTenders(rt, by, from)
		}
		for n := 1; n > 0; {
			var err error
			if n, err = r.pool.FoldReports(r.ctx, r.tenant, foldMost); err != nil {
				rt.Fatal(err)
			}
		}
		for _, by := range groupings {
			r.agree(rt, by, from)
		}
		for _, by := range tenderGroupings {
			r.agreeOnTenders(rt, by, from)
		}
	})
	var stores []id.Store
	for _, store := range pgtest.Values[[16]byte](t, d, "select id from stores where tenant_id = $1", f.A.ID.UUID()) {
		stores = append(stores, id.Store(store))
	}
	whole := tenancy.With(t.Context(), tenancy.New(tenancy.Spec{Company: f.A.ID, Role: tenancy.Owner, Stores: stores}))
	if found, err := New(r.pool).Verify(whole); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}
