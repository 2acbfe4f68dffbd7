package graph_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// otherExport is a report beside that of sales, how a file of it is asked for, and where the query has what its columns say.
type otherExport struct {
	mutation, input, kind, file string
	query                       string
	rows                        []any
	cells                       map[string][]any
}

var otherExports = map[string]otherExport{
	"stock": {
		mutation: "stockReportExport", input: "StockReportExportInput", kind: "STOCK", file: "stock",
		query: `query($input: StockReportInput!) { stockReport(input: $input) { report { rows(first: 20000) { store { code name } product { sku name }
			currencyCode quantity unitsSold sellThrough valueAtCost { amount } valueAtPrice { amount } } } userErrors { code } } }`,
		rows: []any{"stockReport", "report", "rows"},
		cells: map[string][]any{
			"Store code": {"store", "code"}, "Store": {"store", "name"}, "SKU": {"product", "sku"}, "Product": {"product", "name"},
			"Currency": {"currencyCode"}, "Quantity": {"quantity"}, "Units sold": {"unitsSold"}, "Sell-through %": {"sellThrough"},
			"Value at cost": {"valueAtCost", "amount"}, "Value at price": {"valueAtPrice", "amount"},
		},
	},
	"variances": {
		mutation: "tillVarianceReportExport", input: "TillVarianceReportExportInput", kind: "TILL_VARIANCES", file: "till-variances",
		query: `query($input: TillVarianceReportInput!) { tillVarianceReport(input: $input) { report { rows(first: 20000) { store { code name } person { name }
			method currencyCode counts over { amount } short { amount } net { amount } } } userErrors { code } } }`,
		rows: []any{"tillVarianceReport", "report", "rows"},
		cells: map[string][]any{
			"Store code": {"store", "code"}, "Store": {"store", "name"}, "Person": {"person", "name"}, "Tender": {"method"},
			"Currency": {"currencyCode"}, "Counts": {"counts"}, "Over": {"over", "amount"}, "Short": {"short", "amount"}, "Net": {"net", "amount"},
		},
	},
	"Z reports": {
		mutation: "zReportsExport", input: "ZReportsExportInput", kind: "Z_REPORTS", file: "z-reports",
		query: `{ zReports(first: 250) { nodes { number store { code name } register { code name } businessDate openedAt closedAt closedBy { name }
			countedBy { name } approvedBy { name } approvalReason figures { saleCount returnCount voidCount voided { amount } gross { amount } discounts { amount }
			returns { amount } net { amount } tax { amount } rounding { amount } total { currencyCode amount } openingFloat { amount } paidIn { amount }
			paidOut { amount } cashDrops { amount } noSaleCount tenders { method amount { amount } expected { amount } counted { amount } variance { amount } } } } } }`,
		rows: []any{"zReports", "nodes"},
		cells: map[string][]any{
			"Store code": {"store", "code"}, "Store": {"store", "name"}, "Register code": {"register", "code"}, "Register": {"register", "name"},
			"Number": {"number"}, "Day": {"businessDate"}, "Opened at": {"openedAt"}, "Closed at": {"closedAt"}, "Closed by": {"closedBy", "name"},
			"Counted by": {"countedBy", "name"}, "Approved by": {"approvedBy", "name"}, "Approval reason": {"approvalReason"},
			"Currency": {"figures", "total", "currencyCode"}, "Sales": {"figures", "saleCount"}, "Receipts with returns": {"figures", "returnCount"},
			"Voids": {"figures", "voidCount"}, "Voided": {"figures", "voided", "amount"}, "Gross": {"figures", "gross", "amount"},
			"Discounts": {"figures", "discounts", "amount"}, "Returns": {"figures", "returns", "amount"}, "Net": {"figures", "net", "amount"},
			"Tax": {"figures", "tax", "amount"}, "Rounding": {"figures", "rounding", "amount"}, "Total": {"figures", "total", "amount"},
			"Opening float": {"figures", "openingFloat", "amount"}, "Paid in": {"figures", "paidIn", "amount"}, "Paid out": {"figures", "paidOut", "amount"},
			"Cash drops": {"figures", "cashDrops", "amount"}, "Drawer openings": {"figures", "noSaleCount"},
		},
	},
}

func (o otherExport) ask(t testing.TB, f *filing, token string, report vars, more vars) *answer {
	t.Helper()
	in := vars{"report": report, "format": "CSV"}
	maps.Copy(in, more)
	return f.post(t, token, `mutation($input: `+o.input+`!) { `+o.mutation+`(input: $input) { export { kind id status background progress rowCount link { path } }
		userErrors { code field message } } }`, vars{"input": in})
}

// want are the rows of the query as a file with these columns has them.
func (o otherExport) want(t testing.TB, a *answer, head []string) [][]string {
	t.Helper()
	list, _ := a.at(o.rows...).([]any)
	rows := make([][]string, len(list))
	for i, row := range list {
		of := &answer{Data: map[string]any{"row": row}}
		for _, title := range head {
			path := o.cells[title]
			if path == nil {
				rows[i] = append(rows[i], tenderOf(of, title))
				continue
			}
			rows[i] = append(rows[i], cell(of.at(append([]any{"row"}, path...)...)))
		}
	}
	return rows
}

// tenderOf is what a Z report has of a way of paying.
func tenderOf(z *answer, title string) string {
	method, what, _ := strings.Cut(title, " ")
	if what == "" {
		what = "amount"
	}
	tenders, _ := z.at("row", "figures", "tenders").([]any)
	for i := range tenders {
		if z.at("row", "figures", "tenders", i, "method") == method {
			return cell(z.at("row", "figures", "tenders", i, what, "amount"))
		}
	}
	return ""
}

func cell(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strconv.Itoa(int(value))
	default:
		return ""
	}
}

// sameRows compares a file with rows, which numbers may be written differently in.
func sameRows(t testing.TB, what string, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: %d rows, want %d: %v", what, len(got), len(want), got)
	}
	for i := range want {
		for j, text := range want[i] {
			has := ""
			if j < len(got[i]) {
				has = got[i][j]
			}
			if has != text && !sameNumber(has, text) {
				t.Errorf("%s: row %d, column %d: %q, want %q", what, i, j, has, text)
			}
		}
	}
}

// setupOthers is a company with stock in stores of two currencies, of which the second comes first, and tills that were
// closed over some time.
func setupOthers(t *testing.T) *filing {
	t.Helper()
	f := setupFiling(t)
	a := &f.A
	f.db.Exec(t, "update stores set currency_code = 'USD' where id = $1", a.Stores[0].ID.UUID())
	f.db.Exec(t, "update products set name = '=1+1' where id = $1", a.Products[0].UUID())
	f.db.Exec(t, "update products set cost = 4200 where tenant_id = $1", a.ID.UUID())
	f.db.Exec(t, "update till_z_reports set approval_reason = '@SUM(1)' where tenant_id = $1", a.ID.UUID())
	for i := range a.Stores {
		for j, r := range a.Stores[i].Registers {
			day := time.Date(2026, time.Month(1+i), 5+j, 0, 0, 0, 0, time.UTC)
			f.db.Exec(t, "update till_z_reports set business_date = $2, closed_at = $3 where id = $1", r.ZReport.UUID(), day, day.Add(20*time.Hour))
			f.db.Exec(t, `update till_sessions set status = 'CLOSED', counted_at = $2, count_number = 2, closed_at = $2, opened_at = $3, business_date = $4,
				holder_id = $5 where id = $1`, r.TillSession.UUID(), day.Add(20*time.Hour), day.Add(6*time.Hour), day, a.Stores[i].Cashier.UUID())
			f.db.Exec(t, "delete from till_counts where session_id = $1", r.TillSession.UUID())
			f.db.Exec(t, "delete from till_holders where session_id = $1", r.TillSession.UUID())
			f.db.Exec(t, `insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code, counted_by_id, counted_at, tenders)
				select tenant_id, store_id, register_id, id, 2, 'CLOSE', currency_code, $2, closed_at, $3 from till_sessions where id = $1`,
				r.TillSession.UUID(), a.Owner.UUID(), fmt.Sprintf(`[{"method": "CASH", "counted": %d, "expected": 20000}]`, 19000+700*(2*i+j)))
		}
	}
	return f
}

// TestExportIsTheOtherReports: files of stock, of tills' variances and of Z reports say what the queries say, column by
// column, in both formats, made at once and in the background.
func TestExportIsTheOtherReports(t *testing.T) {
	t.Parallel()
	f := setupOthers(t)
	owner := f.loggedIn(t, "owner").access
	period := vars{"from": "2026-01-01", "to": "2027-12-31"}
	sorted := vars{"from": "2026-01-01", "to": "2027-12-31", "sort": "VALUE_AT_COST_DESC"}
	for _, c := range []struct {
		name  string
		in    vars
		parts int
	}{{"stock", period, len(f.A.Stores)}, {"stock", sorted, 1}, {"variances", period, 1}, {"Z reports", period, 24}} {
		o := otherExports[c.name]
		a := f.post(t, owner, o.query, map[bool]vars{true: {"input": c.in}, false: nil}[c.name != "Z reports"]).ok(t)
		for _, more := range []vars{nil, {"background": true}, {"format": "XLSX"}} {
			made := o.ask(t, f, owner, c.in, more).done(t, o.mutation)
			same(t, made.at(o.mutation, "export", "kind"), o.kind)
			path := made.at(o.mutation, "export", "link", "path")
			if more["background"] == true {
				if parts := pgtest.Value[int](t, f.db, "select page_count from report_exports where status = 'WAITING'"); parts != c.parts {
					t.Errorf("%s: %d parts, want %d", c.name, parts, c.parts)
				}
				must(t, f.worker.Work(t.Context()))
				path = f.post(t, owner, exports, nil).ok(t).at("reportExports", 0, "link", "path")
			}
			status, header, body := f.fetch(t, path)
			if name := header.Get("Content-Disposition"); status != http.StatusOK || !strings.Contains(name, `"`+o.file+`-2026-01-01-2027-12-31.`) {
				t.Fatalf("%s: %d %s %s", c.name, status, name, body)
			}
			f.db.Exec(t, "delete from report_exports where tenant_id = $1", f.A.ID.UUID())
			var cells [][]string
			if more["format"] == "XLSX" {
				book, err := excelize.OpenReader(bytes.NewReader(body))
				must(t, err)
				cells, err = book.GetRows("Report")
				must(t, err)
			} else {
				cells = table(t, body)
				for i, row := range cells { // a text that begins like a formula has an apostrophe
					for j := range row {
						cells[i][j] = strings.TrimPrefix(row[j], "'")
					}
				}
			}
			for title := range o.cells {
				if !strings.Contains("|"+strings.Join(cells[0], "|")+"|", "|"+title+"|") {
					t.Errorf("%s has no column %s", c.name, title)
				}
			}
			want := o.want(t, a, cells[0])
			if c.name == "Z reports" { // the list has the newest first, a file the oldest day
				for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
					want[i], want[j] = want[j], want[i]
				}
			}
			sameRows(t, fmt.Sprint(c.name, more), cells[1:], want)
		}
	}
	_, _, body := f.fetch(t, otherExports["stock"].ask(t, f, owner, period, nil).done(t, "stockReportExport").at("stockReportExport", "export", "link", "path"))
	if !bytes.Contains(body, []byte(",'=1+1,")) {
		t.Errorf("a name is a formula: %s", body)
	}
	f.logs.quiet(t)
}

// TestExportOfOthersIsTheAskers: files hold what who asks may see: their stores, costs by permission, what they may see of
// stock and of tills; of a store, a register and a category of others as little as of made-up ones.
func TestExportOfOthersIsTheAskers(t *testing.T) {
	t.Parallel()
	f := setupOthers(t)
	period := vars{"from": "2026-01-01", "to": "2027-12-31"}
	with := func(more vars) vars {
		in := maps.Clone(period)
		maps.Copy(in, more)
		return in
	}
	as := func(role, permissions string) string {
		f.db.Exec(t, "update custom_roles set permissions = $2::text[] where id = $1", f.A.CustomRole.UUID(), permissions)
		f.db.Exec(t, "update users set role = $2, custom_role_id = case $2 when 'CUSTOM' then $3::uuid end where id = $1",
			f.A.Manager.UUID(), role, f.A.CustomRole.UUID())
		return f.loggedIn(t, "manager").access
	}
	file := func(token, name string, in vars) [][]string {
		o := otherExports[name]
		made := o.ask(t, f, token, in, nil).done(t, o.mutation)
		status, _, body := f.fetch(t, made.at(o.mutation, "export", "link", "path"))
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, body)
		}
		f.db.Exec(t, "delete from report_exports where tenant_id = $1", f.A.ID.UUID())
		return table(t, body)
	}
	manager := as("MANAGER", "{SALE_READ}")
	for name := range otherExports {
		for _, row := range file(manager, name, period)[1:] {
			if row[0] != pgtest.Value[string](t, f.db, "select code from stores where id = $1", f.A.Stores[0].ID.UUID()) {
				t.Errorf("%s: the manager sees %v", name, row)
			}
		}
		for _, store := range []string{f.A.Stores[1].ID.String(), f.B.Stores[0].ID.String()} {
			o := otherExports[name]
			o.ask(t, f, manager, with(vars{"storeIds": []string{store}}), nil).refused(t, o.mutation, "export", "STORE_NOT_FOUND report.storeIds.0")
			o.ask(t, f, manager, vars{"from": "2026-01-02", "to": "2026-01-01"}, nil).refused(t, o.mutation, "export", "INVALID report.to")
		}
	}
	owner := f.loggedIn(t, "owner").access
	for name, in := range map[string]vars{"stock": {"categoryIds": []string{f.B.Category.String()}}, "Z reports": {"registerIds": []string{f.B.Stores[0].Registers[0].ID.String()}}} {
		if rows := file(owner, name, with(in)); len(rows) != 1 {
			t.Errorf("%s of another company: %v", name, rows)
		}
	}
	if rows := file(owner, "Z reports", with(vars{"registerIds": []string{f.A.Stores[1].Registers[0].ID.String()}})); len(rows) != 2 {
		t.Errorf("Z reports of a register: %v", rows)
	}
	plain := as("CUSTOM", "{REPORT_READ,INVENTORY_READ}")
	if head := strings.Join(file(plain, "stock", period)[0], ","); strings.Contains(head, "cost") || !strings.Contains(head, "Value at price") {
		t.Errorf("costs without the permission: %s", head)
	}
	stock := otherExports["stock"]
	if a := stock.ask(t, f, plain, with(vars{"sort": "VALUE_AT_COST_DESC"}), nil); a.code() != "FORBIDDEN" {
		t.Errorf("ordered by costs without the permission: %s", a.Raw)
	}
	if rows := file(plain, "Z reports", period); len(rows) != 1 {
		t.Errorf("Z reports without TILL_USE: %v", rows)
	}
	if rows := file(as("CUSTOM", "{REPORT_READ,TILL_USE}"), "stock", period); len(rows) != 1 {
		t.Errorf("stock without INVENTORY_READ: %v", rows)
	}
	for name, o := range otherExports {
		if a := o.ask(t, f, f.cashier(t, 1), period, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s by a cashier: %s", name, a.Raw)
		}
		if a := o.ask(t, f, f.device(t, f.A, f.A.Stores[0].Registers[0]), period, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%s by a register: %s", name, a.Raw)
		}
	}
	// The links and what waits end with a permission that the report needs.
	for name, without := range map[string]string{"stock": "{REPORT_READ,TILL_USE}", "Z reports": "{REPORT_READ,INVENTORY_READ}"} {
		token, o := as("CUSTOM", "{REPORT_READ,INVENTORY_READ,TILL_USE}"), otherExports[name]
		made := o.ask(t, f, token, period, nil).done(t, o.mutation)
		o.ask(t, f, token, period, vars{"background": true}).done(t, o.mutation)
		f.db.Exec(t, "update custom_roles set permissions = $2::text[] where id = $1", f.A.CustomRole.UUID(), without)
		if status, _, _ := f.fetch(t, made.at(o.mutation, "export", "link", "path")); status != http.StatusNotFound {
			t.Errorf("%s after the permission: %d", name, status)
		}
		must(t, f.worker.Work(t.Context()))
		if got := pgtest.Values[string](t, f.db, "select status || ' ' || pages_done from report_exports where background and asked_by_id = $1", f.A.Manager.UUID()); len(got) != 1 || got[0] != "CANCELLED 0" {
			t.Errorf("%s in the background: %v", name, got)
		}
		f.db.Exec(t, "delete from report_exports where tenant_id = $1", f.A.ID.UUID())
	}
	f.logs.quiet(t)
}

// TestExportOfOthersCost pins what files of the other reports ask of the database.
func TestExportOfOthersCost(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	owner := f.owner(t)
	for name, want := range map[string]cost{
		"stock": {Statements: 7, RoundTrips: 3}, "variances": {Statements: 5, RoundTrips: 2}, "Z reports": {Statements: 5, RoundTrips: 2},
	} {
		// Asking changes when the company's files are due, so that it is looked up anew.
		f.post(t, owner, `{ viewer { role } }`, nil).ok(t)
		o := otherExports[name]
		if a := o.ask(t, f, owner, vars{"from": "2026-01-01", "to": "2026-12-31"}, nil).done(t, o.mutation); a.cost != want {
			t.Errorf("%s: %+v, want %+v", name, a.cost, want)
		}
	}
}
