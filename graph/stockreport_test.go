package graph_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const stockReport = `query($input: StockReportInput!) { stockReport(input: $input) { report { rowCount rows(first: 20000) { store { id }
	product { id } currencyCode quantity unitsSold sellThrough valueAtCost { amount } valueAtPrice { amount } }
	totals { currencyCode productCount sellThrough valueAtCost { amount } countWithoutCost valueAtPrice { amount } } }
	userErrors { code field message } } }`

const tillVariances = `query($input: TillVarianceReportInput!) { tillVarianceReport(input: $input) { report { rowCount rows {
	store { id } person { id } method currencyCode counts over { amount } short { amount } net { amount } } }
	userErrors { code field message } } }`

// TestStockReport compares what a report says with the levels and the receipts, row by row.
func TestStockReport(t *testing.T) {
	t.Parallel()
	b, companies := demo(t)
	today := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	period := vars{"from": today.AddDate(0, 0, -20).Format(time.DateOnly), "to": today.Format(time.DateOnly)}
	for slug, c := range companies {
		rows, err := b.db.Super().Query(t.Context(), `select 'k' || i.store_id || i.product_id, i.quantity::bigint,
				coalesce(sum(l.quantity) filter (where s.id is not null), 0)::bigint, coalesce(i.average_cost, p.cost * 10000)
			from inventory_levels i join products p on p.id = i.product_id
			left join sale_lines l on l.tenant_id = i.tenant_id and l.store_id = i.store_id and l.product_id = i.product_id
			left join sales s on s.id = l.sale_id and s.status = 'COMPLETED' and s.business_date between $2::date and $3::date
			where i.tenant_id = $1 group by i.store_id, i.product_id, i.quantity, i.average_cost, p.cost`,
			c.ID.UUID(), period["from"], period["to"])
		must(t, err)
		type line struct {
			quantity, sold int64
			cost           *int64
		}
		want := map[string]line{}
		var key string
		var l line
		_, err = pgx.ForEachRow(rows, []any{&key, &l.quantity, &l.sold, &l.cost}, func() error { want[key] = l; return nil })
		must(t, err)
		a := b.post(t, b.token(t, c, c.Owner), stockReport, vars{"input": period}).ok(t)
		list, _ := a.at("stockReport", "report", "rows").([]any)
		if len(list) == 0 || len(list) != len(want) {
			t.Fatalf("%s: %d rows, want %d", slug, len(list), len(want))
		}
		sold := 0
		for i := range list {
			at := func(path ...any) any { return a.at(append([]any{"stockReport", "report", "rows", i}, path...)...) }
			store, product := at("store", "id").(string), at("product", "id").(string)
			w := want["k"+uuidText(t, store)+uuidText(t, product)]
			if got := milliOf(t, at("quantity")); got != w.quantity {
				t.Errorf("%s: %d, want %d", slug, got, w.quantity)
			}
			if got := milliOf(t, at("unitsSold")); got != w.sold {
				t.Errorf("%s: sold %d, want %d", slug, got, w.sold)
			}
			if w.sold != 0 {
				sold++
			}
			// One price is asked of the catalogue itself.
			if i%40 == 0 {
				p := b.post(t, b.token(t, c, c.Owner), `{ product(id: "`+product+`") { price(storeId: "`+store+`") { price { amount } } } }`, nil).ok(t)
				price, _ := p.at("product", "price", "price", "amount").(string)
				value, _ := at("valueAtPrice", "amount").(string)
				if got, want := float(t, value), float(t, price)*float64(max(w.quantity, 0))/1000; got-want > 0.01 || want-got > 0.01 {
					t.Errorf("%s: worth %v, want %v", slug, got, want)
				}
			}
			if value, _ := at("valueAtCost", "amount").(string); w.cost != nil {
				places := map[bool]float64{true: 1, false: 100}[!strings.Contains(value, ".")]
				if got, want := float(t, value)*places, float64(max(w.quantity, 0))*float64(*w.cost)/1000/10000; got-want > 0.51 || want-got > 0.51 {
					t.Errorf("%s: cost %v, want %v", slug, got, want)
				}
			}
		}
		if sold == 0 {
			t.Errorf("%s sold nothing", slug)
		}
	}
	b.logs.quiet(t)
}

func uuidText(t testing.TB, text string) string {
	t.Helper()
	u := uuidOf(t, text)
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func float(t testing.TB, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	must(t, err)
	return n
}

func milliOf(t testing.TB, value any) int64 {
	t.Helper()
	text, _ := value.(string)
	n := float(t, text) * 1000
	if n < 0 {
		return int64(n - 0.5)
	}
	return int64(n + 0.5)
}

// TestStockReportOfThose: who may not see costs, or stock, doesn't; what is ordered by costs is refused to them.
func TestStockReportOfThose(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	period := vars{"from": "2026-01-01", "to": "2027-01-01"}
	sorted := func(by string) vars { return vars{"from": "2026-01-01", "to": "2027-01-01", "sort": by} }
	for _, by := range []string{"GROUP", "UNITS_ASC", "UNITS_DESC", "SELL_THROUGH_ASC", "VALUE_AT_PRICE_DESC", "VALUE_AT_COST_DESC"} {
		a := b.post(t, b.owner(t), stockReport, vars{"input": sorted(by)}).ok(t)
		if codes := a.codes("stockReport"); len(codes) > 0 {
			t.Error(a.Raw)
		}
		if n := pgtest.Value[int](t, b.db, "select count(*) from inventory_levels where tenant_id = $1", b.A.ID.UUID()); a.at("stockReport", "report", "rowCount") != float64(n) {
			t.Errorf("%s: %d levels: %s", by, n, a.Raw)
		}
	}
	a := b.post(t, b.manager(t), stockReport, vars{"input": period})
	rows, _ := a.at("stockReport", "report", "rows").([]any)
	for i := range rows {
		if a.at("stockReport", "report", "rows", i, "store", "id") != b.A.Stores[0].ID.String() {
			t.Error(a.Raw)
		}
	}
	if len(rows) == 0 {
		t.Error(a.Raw)
	}
	for _, token := range []string{b.cashier(t, 0), b.device(t, b.A, b.A.Stores[0].Registers[0])} {
		for query, in := range map[string]vars{stockReport: period, tillVariances: period} {
			if a := b.post(t, token, query, vars{"input": in}); a.code() != "FORBIDDEN" {
				t.Error(a.Raw)
			}
		}
	}
	in := vars{"from": "2026-01-01", "to": "2027-01-01", "storeIds": []string{b.A.Stores[1].ID.String()}}
	b.post(t, b.manager(t), stockReport, vars{"input": in}).refused(t, "stockReport", "report", "STORE_NOT_FOUND storeIds.0")
	b.post(t, b.manager(t), tillVariances, vars{"input": in}).refused(t, "tillVarianceReport", "report", "STORE_NOT_FOUND storeIds.0")
	b.post(t, b.owner(t), `{ viewer { role } }`, nil).ok(t) // a device's new key has everybody looked up once more
	if a := b.post(t, b.owner(t), stockReport, vars{"input": period}).ok(t); a.cost != (cost{Statements: 6, RoundTrips: 2}) {
		t.Errorf("the report asks %+v", a.cost)
	}
	if a := b.post(t, b.owner(t), tillVariances, vars{"input": period}).ok(t); a.cost != (cost{Statements: 4, RoundTrips: 2}) {
		t.Errorf("the report asks %+v", a.cost)
	}
	b.logs.quiet(t)
}

// TestTillVariances: what a hand-over's count found is of who gave the drawer, and the rest of who closed it.
func TestTillVariances(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.A.Stores[0]
	r := s.Registers[0]
	tenant, store, register := b.A.ID.UUID(), s.ID.UUID(), r.ID.UUID()
	b.db.Exec(t, "delete from till_z_reports where tenant_id = $1", tenant)
	b.db.Exec(t, "update till_sessions set status = 'CLOSED', counted_at = '2026-05-04T20:00:00Z', count_number = 2, closed_at = '2026-05-04T20:00:00Z', opened_at = '2026-05-04T06:00:00Z', business_date = '2026-05-04', holder_id = $2 where id = $1",
		r.TillSession.UUID(), b.A.Manager.UUID())
	b.db.Exec(t, "delete from till_counts where session_id = $1", r.TillSession.UUID())
	b.db.Exec(t, "delete from till_holders where session_id = $1", r.TillSession.UUID())
	for position, holder := range map[int]any{1: s.Cashier.UUID(), 2: b.A.Manager.UUID()} {
		var count *int
		if position == 2 {
			count = new(1)
		}
		b.db.Exec(t, "insert into till_holders (tenant_id, store_id, register_id, session_id, position, holder_id, since, count_number) values ($1, $2, $3, $4, $5, $6, '2026-05-04T06:00:00Z', $7)",
			tenant, store, register, r.TillSession.UUID(), position, holder, count)
	}
	for number, c := range map[int]struct{ kind, tenders string }{
		1: {"HAND_OVER", `[{"method": "CASH", "counted": 9000, "expected": 10000}]`},
		2: {"CLOSE", `[{"method": "CASH", "counted": 19300, "expected": 20000}, {"method": "CARD", "counted": 500, "expected": 550}]`},
	} {
		b.db.Exec(t, "insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code, counted_by_id, counted_at, tenders) values ($1, $2, $3, $4, $5, $6, 'KES', $7, '2026-05-04T12:00:00Z', $8)",
			tenant, store, register, r.TillSession.UUID(), number, c.kind, b.A.Manager.UUID(), c.tenders)
	}
	a := b.post(t, b.owner(t), tillVariances, vars{"input": vars{"from": "2026-05-04", "to": "2026-05-04"}}).ok(t)
	got := map[string]string{}
	rows, _ := a.at("tillVarianceReport", "report", "rows").([]any)
	for i := range rows {
		at := func(path ...any) any {
			return a.at(append([]any{"tillVarianceReport", "report", "rows", i}, path...)...)
		}
		got[fmt.Sprint(at("person", "id"), at("method"))] = fmt.Sprint(at("counts"), " ", at("over", "amount"), " ", at("short", "amount"), " ", at("net", "amount"))
	}
	want := map[string]string{
		s.Cashier.String() + "CASH": "1 0.00 10.00 -10.00", b.A.Manager.String() + "CASH": "1 3.00 0.00 3.00",
		b.A.Manager.String() + "CARD": "1 0.00 0.50 -0.50",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}
