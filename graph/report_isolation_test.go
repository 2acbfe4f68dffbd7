package graph_test

import (
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
)

// reportProbes are the places of ids in what is asked of reports.
func reportProbes() []probe {
	const head = `query($id: ID!) { salesReport(input: {from: "2026-01-01", to: "2035-01-01", `
	const tail = `}) { report { rowCount totals { figures { net { amount } saleCount } } } userErrors { code field message } } }`
	list := []probe{{kind: "store", place: "SalesReportInput.storeIds", query: head + `storeIds: [$id], groupBy: [STORE]` + tail}}
	for field, kind := range map[string]string{
		"registerIds": "register", "cashierIds": "filter-user", "productIds": "product", "categoryIds": "category",
		"categoryTodayIds": "category", "brandIds": "brand", "brandTodayIds": "brand", "supplierIds": "supplier",
		"supplierTodayIds": "supplier", "customerGroupIds": "group",
	} {
		list = append(list, probe{
			kind: kind, place: "SalesReportFilter." + field, query: head + `filter: {` + field + `: [$id]}` + tail,
		})
	}
	const days = `from: "2026-01-01", to: "2035-01-01", `
	list = append(list,
		probe{kind: "store", place: "StockReportInput.storeIds", query: `query($id: ID!) { stockReport(input: {` + days +
			`storeIds: [$id]}) { report { rowCount totals { valueAtPrice { amount } } } userErrors { code field message } } }`},
		probe{kind: "category", place: "StockReportInput.categoryIds", query: `query($id: ID!) { stockReport(input: {` + days +
			`categoryIds: [$id]}) { report { rowCount totals { valueAtPrice { amount } } } userErrors { code field message } } }`},
		probe{kind: "store", place: "TillVarianceReportInput.storeIds", query: `query($id: ID!) { tillVarianceReport(input: {` + days +
			`storeIds: [$id]}) { report { rowCount rows { net { amount } } } userErrors { code field message } } }`},
		probe{kind: "store", place: "ReportScheduleCreateInput.storeId", query: `mutation($id: ID!) { reportScheduleCreate(input: {
			kind: WEEKLY, timeZone: "Africa/Nairobi", minuteOfDay: 420, storeId: $id}) { schedule { store { name } } userErrors { code field message } } }`},
		probe{kind: "store", place: "ReportAlertCreateInput.storeId", query: `mutation($id: ID!) { reportAlertCreate(input: {
			kind: LOW_STOCK, storeId: $id}) { alert { store { name } } userErrors { code field message } } }`},
		probe{kind: "alert", place: "Mutation.reportAlertDelete(id)", query: `mutation($id: ID!) {
			reportAlertDelete(id: $id) { userErrors { code field message } } }`},
		probe{kind: "schedule", place: "Mutation.reportScheduleDelete(id)", query: `mutation($id: ID!) {
			reportScheduleDelete(id: $id) { userErrors { code field message } } }`},
	)
	return append(list, probe{kind: "export", place: "Mutation.reportExportCancel(id)", query: `mutation($id: ID!) {
		reportExportCancel(id: $id) { export { failure progress } userErrors { code field message } } }`})
}

// reportSweep asks for reports of all that there is.
const reportSweep = `{ a: salesReport(input: {from: "2026-01-01", to: "2035-01-01", groupBy: [STORE, REGISTER, CASHIER]}) { report {
		rows { group { store { id name } register { id name } cashier { id name } } figures { net { amount } tenders { method } } } } }
	b: salesReport(input: {from: "2026-01-01", to: "2035-01-01", groupBy: [PRODUCT, CATEGORY]}) { report {
		rows { group { product { id name } category { id name } } figures { net { amount } } } } }
	e: salesReport(input: {from: "2000-01-01", to: "2009-01-01", groupBy: [BRAND, BRAND_TODAY, SUPPLIER]}) { report {
		rows { group { brand { name } brandToday { name } supplier { name } supplierToday { name } } } } }
	f: salesReport(input: {from: "2000-01-01", to: "2009-01-01", groupBy: [CUSTOMER_GROUP]}) { report { rows { group { customerGroup { name } } } } }
	c: salesReport(input: {from: "2000-01-01", to: "2009-01-01", groupBy: [TAX_RATE]}) { report { rows { group { taxRate { name } } } } }
	d: salesReport(input: {from: "2026-01-01", to: "2035-01-01", groupBy: [DISCOUNT_REASON]}) { report {
		rows { group { discountReason } } } } reportExports { id failure }
	reportSchedules { id store { id name } } reportAlerts { id store { id name } } reportNotices { id message store { id name } }
	stockReport(input: {from: "2026-01-01", to: "2035-01-01"}) { report { rows { store { id name } product { id name } quantity } } }
	tillVarianceReport(input: {from: "2026-01-01", to: "2035-01-01"}) { report { rows { store { id name } person { id name } net { amount } } } } }`

// A manager's report is of their stores; asking for another store is asking for none that there is.
func TestReportsOfAManager(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.MaxComplexity = 1 << 30 })
	own, other := b.A.Stores[0].ID.String(), b.A.Stores[1].ID.String()
	all := vars{"from": "2026-01-01", "to": "2035-01-01", "groupBy": []string{"STORE"}}
	stores := func(token string, input vars) (ids []any) {
		rows, _ := b.report(t, token, input).at("salesReport", "report", "rows").([]any)
		for _, row := range rows {
			row, _ := row.(map[string]any)
			group, _ := row["group"].(map[string]any)
			store, _ := group["store"].(map[string]any)
			ids = append(ids, store["id"])
		}
		return ids
	}
	if got := stores(b.manager(t), all); !slices.Equal(got, []any{own}) {
		t.Errorf("a manager's stores: %v", got)
	}
	if got := stores(b.owner(t), all); len(got) != 2 {
		t.Errorf("an owner's stores: %v", got)
	}
	asked := vars{"from": "2026-01-01", "to": "2035-01-01", "storeIds": []string{own, other}}
	if got := stores(b.owner(t), vars{"from": "2026-01-01", "to": "2035-01-01", "groupBy": []string{"STORE"}, "storeIds": []string{other}}); !slices.Equal(got, []any{other}) {
		t.Errorf("an owner asked for one: %v", got)
	}
	a := b.post(t, b.manager(t), salesReport, vars{"input": asked}).ok(t)
	if got := a.codes("salesReport"); !slices.Equal(got, []string{"STORE_NOT_FOUND storeIds.1"}) || a.at("salesReport", "report") != nil {
		t.Error(a.Raw)
	}
	// An owner who narrows the request to a store has that one.
	a = b.post(t, b.owner(t), salesReport, vars{"input": asked}, "X-Store-ID", own).ok(t)
	if got := a.codes("salesReport"); !slices.Equal(got, []string{"STORE_NOT_FOUND storeIds.1"}) {
		t.Error(a.Raw)
	}
	for who, token := range map[string]string{"a cashier": b.cashier(t, 0), "a register": b.device(t, b.A, b.A.Stores[0].Registers[0])} {
		if a := b.post(t, token, salesReport, vars{"input": all}); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", who, a.Raw)
		}
	}
	b.logs.quiet(t)
}
