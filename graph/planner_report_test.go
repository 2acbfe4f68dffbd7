package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/telemetry"
)

// nodes asks for objects of several types at once, some of which are another's, nobody's or asked for twice.
func (g *documentOf) nodes() string {
	types := slices.Sorted(maps.Keys(g.refs))
	types = slices.DeleteFunc(types, func(typ string) bool { return len(g.refs[typ]) == 0 })
	var ids []string
	for range g.IntN(6) {
		typ := types[g.IntN(len(types))]
		ids = append(ids, g.ref(typ))
		for g.IntN(3) == 0 {
			ids = append(ids, g.ref(typ))
		}
	}
	typ := types[g.IntN(len(types))]
	ids = append(ids, g.ref(typ), g.ref(typ))
	return `nodes(ids: ["` + strings.Join(ids, `", "`) + `"]) { ... on ` + typ + " " + g.object(typ, 3) + " ... on Node { id } __typename }"
}

// report asks for sums of sales, of what can't be told together at times.
func (g *documentOf) report() string {
	var groups []string
	for range g.IntN(3) {
		some := []string{
			"DAY", "STORE", "MONTH", "WEEK", "REGISTER", "CASHIER", "PRODUCT", "CATEGORY", "BRAND_TODAY", "TENDER", "TAX_RATE",
			"CUSTOMER_GROUP", "HOUR", "WEEKDAY", "DISCOUNT_REASON", "SUPPLIER",
		}
		groups = append(groups, some[g.IntN(len(some))])
	}
	slices.Sort(groups)
	input := `from: "2026-01-01", to: "2027-06-30", groupBy: [` + strings.Join(slices.Compact(groups), ", ") + "]"
	input += []string{"", "", ", compareWith: LAST_YEAR", `, storeIds: ["` + g.ref("Store") + `"]`}[g.IntN(4)]
	input += []string{"", "", ", sort: NET_DESC", ", sort: MARGIN_DESC"}[g.IntN(4)]
	rows := "rows" + []string{"", "(first: 3)", "(first: $n)", "(first: 20001)"}[min(3, g.IntN(12))]
	parts := []string{"from to __typename " + rows + " " + g.object("SalesReportRow", 3)}
	for _, part := range []string{"totals", "subtotals"} {
		if g.IntN(3) == 0 {
			parts = append(parts, part+" "+g.object("SalesReportRow", 2))
		}
	}
	if g.IntN(2) == 0 {
		parts = append(parts, "rowCount previousFrom before: previousTo")
	}
	return "salesReport(input: {" + input + "}) { report { " + strings.Join(parts, " ") + " } userErrors { code message field } }"
}

// otherReport asks for stock, or for tills' variances.
func (g *documentOf) otherReport() string {
	input := `from: "2026-01-01", to: "2027-06-30"` + []string{"", "", `, storeIds: ["` + g.ref("Store") + `"]`}[g.IntN(3)]
	rows := "rows" + []string{"", "(first: 3)", "(first: $n)", "(first: 20001)"}[min(3, g.IntN(12))]
	const asked = "%s(input: {%s}) { report { from rowCount %s } userErrors { code message field } }"
	if g.IntN(2) == 0 {
		return fmt.Sprintf(asked, "tillVarianceReport", input, rows+" "+g.object("TillVarianceReportRow", 3))
	}
	input += []string{"", "", ", sort: UNITS_DESC", ", sort: VALUE_AT_COST_DESC"}[g.IntN(4)]
	return fmt.Sprintf(asked, "stockReport", input,
		rows+" "+g.object("StockReportRow", 3)+" totals "+g.object("StockReportTotal", 1))
}

// sums has reports made of what is there, but for the receipts of one store, which are added to the sums when asked for.
func (w *twoWays) sums(t *testing.T) {
	t.Helper()
	w.folded(t, "store_id <> $2")
	w.waiting(t, "store_id = $2")
}

// folded puts receipts into the sums, and waiting has them wait for it.
func (b *bundle) folded(t testing.TB, which string) {
	t.Helper()
	b.waiting(t, which)
	must(t, b.folder(t).Sweep(t.Context()))
}

func (b *bundle) waiting(t testing.TB, which string) {
	t.Helper()
	b.db.Exec(t, "insert into report_pending (tenant_id, store_id, sale_id, kind) select tenant_id, store_id, id, 'SALE' from sales "+
		"where tenant_id = $1 and $2::uuid is not null and "+which+" on conflict do nothing", b.A.ID.UUID(), b.A.Stores[0].ID.UUID())
}

// TestReportsAreWrittenWhole: the rows of a report are read in one round trip whatever they name of their stores, and
// their measures are shown to whom the resolvers show them.
func TestReportsAreWrittenWhole(t *testing.T) {
	t.Parallel()
	w := bothWays(t)
	must(t, w.folder(t).Sweep(t.Context()))
	const query = `query($by: [SalesReportDimension!]!) { salesReport(input: {from: "2026-01-01", to: "2027-06-30", groupBy: $by}) {
		report { rows(first: 20000) { group { day store { id%s } } figures { net { amount currencyCode } saleCount%s } } } } }`
	people := w.people(t)
	for _, who := range people { // who is known is not asked about again
		w.alike(t, who, `{ viewer { role } }`, nil)
	}
	// The owner's report is a large one, which reads sums and receipts at once; the manager's, of one store, is small.
	for name, test := range map[string]struct {
		store, figures string
		who            string
		whole          bool
		want           cost
	}{
		"the stores' ids":     {"", "", "owner", true, cost{Statements: 3, RoundTrips: 1}},
		"the stores' names":   {" name", "", "owner", true, cost{Statements: 5, RoundTrips: 2}},
		"costs":               {"", " margin { amount } marginRate", "owner", true, cost{Statements: 3, RoundTrips: 1}},
		"costs of a manager":  {"", " cost { amount }", "manager", true, cost{Statements: 2, RoundTrips: 1}},
		"who may see no sums": {"", "", "cashier", false, cost{}},
	} {
		before, left := w.counted(t)
		a := w.alike(t, people[test.who], fmt.Sprintf(query, test.store, test.figures), vars{"by": []string{"DAY", "STORE"}})
		whole, resolved := w.counted(t)
		rows, _ := a.at("salesReport", "report", "rows").([]any)
		if (whole == before+1) != test.whole || (resolved == left) != test.whole || (len(rows) > 1) != test.whole {
			t.Errorf("%s: %d as a whole, %d not, %d rows: %s", name, whole-before, resolved-left, len(rows), a.Raw)
		}
		if test.whole && a.cost != test.want {
			t.Errorf("%s: %+v, want %+v", name, a.cost, test.want)
		}
	}
}

// TestNodesAreOneRoundTrip whatever their types.
func TestNodesAreOneRoundTrip(t *testing.T) {
	t.Parallel()
	metrics := telemetry.New()
	w := &twoWays{metrics: metrics, bundle: setup(t, func(c *graph.Config) { c.Metrics = metrics })}
	a := w.post(t, w.owner(t), fmt.Sprintf(`{ nodes(ids: [%q, %q, %q, %q]) { id ... on Product { name barcodes brand { name } } ... on Store { code }
		... on User { customRole { name } } } }`, w.A.Products[0], w.A.Stores[0].ID, w.B.Products[0], w.A.Owner), nil).ok(t)
	if whole, left := w.counted(t); whole != 1 || left != 0 {
		t.Errorf("%d as a whole, %d not: %s", whole, left, a.Raw)
	}
	same(t, a.at("nodes", 0, "id"), w.A.Products[0].String())
	same(t, a.at("nodes", 1, "id"), w.A.Stores[0].ID.String())
	same(t, a.at("nodes", 2), nil)
	same(t, a.at("nodes", 3, "id"), w.A.Owner.String())
	if want := (cost{Statements: 5, RoundTrips: 1}); a.cost != want {
		t.Errorf("%+v, want %+v", a.cost, want)
	}
}
