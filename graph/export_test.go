package graph_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/report"
)

const exportFields = `export { id format status background progress rowCount failure finishedAt expiresAt link { path expiresAt } }
	userErrors { code field message }`

const exportReport = `mutation($input: SalesReportExportInput!) { salesReportExport(input: $input) { ` + exportFields + ` } }`

const exports = `{ reportExports { id kind format status background progress rowCount failure requestedAt finishedAt expiresAt link { path expiresAt } } }`

const cancelExport = `mutation($id: ID!) { reportExportCancel(id: $id) { ` + exportFields + ` } }`

// filing is a server with files, and who makes those that are made in the background.
type filing struct {
	*bundle

	hooks  *httptest.Server
	worker *report.Worker
	config graph.Config
	now    time.Time
}

func setupFiling(t *testing.T) *filing {
	t.Helper()
	f := &filing{now: time.Now().UTC().Truncate(time.Microsecond)}
	f.bundle = setupLogin(t, func(c *graph.Config) {
		c.Now = func() time.Time { return f.now }
		c.MaxComplexity = 1 << 30
		f.config = *c
	})
	f.hooks, f.worker = f.besides(t), f.server.Reports
	return f
}

// newWorker is that of another server.
func (f *filing) newWorker(t testing.TB) *report.Worker {
	t.Helper()
	another, err := graph.New(f.config)
	must(t, err)
	return another.Reports
}

// fetch follows a link.
func (f *filing) fetch(t testing.TB, path any) (status int, header http.Header, body []byte) {
	t.Helper()
	text, ok := path.(string)
	if !ok {
		t.Fatalf("there is no link: %v", path)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.hooks.URL+text, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	body, err = io.ReadAll(response.Body)
	must(t, err)
	must(t, response.Body.Close())
	return response.StatusCode, response.Header, body
}

func (f *filing) export(t testing.TB, token string, report vars, more vars) *answer {
	t.Helper()
	in := vars{"report": report, "format": "CSV"}
	maps.Copy(in, more)
	return f.post(t, token, exportReport, vars{"input": in}).done(t, "salesReportExport")
}

func link(a *answer) any { return a.at("salesReportExport", "export", "link", "path") }

func wide(groupBy ...string) vars {
	return vars{"from": "2026-01-01", "to": "2027-12-31", "groupBy": append([]string{}, groupBy...)}
}

// table reads a CSV file.
func table(t testing.TB, body []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	must(t, err)
	return rows
}

// TestExportIsTheReport: what a file says is what the report says, in both formats, made at once and in the background.
func TestExportIsTheReport(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	owner := f.loggedIn(t, "owner").access
	f.db.Exec(t, "update products set name = '=HYPERLINK(\"http://x\")', sku = '+1' where tenant_id = $1 and id = $2", f.A.ID.UUID(), f.A.Products[0].UUID())
	f.db.Exec(t, "update stores set name = '@SUM(1+1)*cmd|'' /C calc''!A0' where tenant_id = $1 and id = $2", f.A.ID.UUID(), f.A.Stores[0].ID.UUID())
	for _, in := range []vars{
		wide("STORE", "DAY"), wide("PRODUCT"), wide("TENDER"), wide("TAX_RATE"), wide("DAY", "STORE"), wide("WEEK"), wide("STORE", "MONTH", "CATEGORY"),
		wide("REGISTER", "CASHIER"), wide(), wide("DISCOUNT_REASON"), wide("CATEGORY_TODAY"),
		{"from": "2026-01-01", "to": "2027-12-31", "groupBy": []string{"STORE"}, "compareWith": "LAST_YEAR", "sort": "NET_DESC"},
	} {
		a := f.report(t, owner, in)
		rows, _ := a.at("salesReport", "report", "rows").([]any)
		for _, background := range []bool{false, true} {
			made := f.export(t, owner, in, vars{"background": background})
			if background {
				same(t, made.at("salesReportExport", "export", "status"), "WAITING")
				same(t, made.at("salesReportExport", "export", "link"), nil)
				must(t, f.worker.Work(t.Context()))
				made = f.post(t, owner, exports, nil).ok(t)
				same(t, made.at("reportExports", 0, "rowCount"), len(rows))
				made.Data = map[string]any{"salesReportExport": map[string]any{"export": made.at("reportExports", 0)}}
			}
			same(t, made.at("salesReportExport", "export", "status"), "READY")
			same(t, made.at("salesReportExport", "export", "progress"), 100)
			status, header, body := f.fetch(t, link(made))
			if status != http.StatusOK || header.Get("Content-Type") != "text/csv; charset=utf-8" || header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%v: %d %v %s", in, status, header, body)
			}
			f.says(t, in, rows, table(t, body))
			f.post(t, owner, cancelExport, vars{"id": made.at("salesReportExport", "export", "id")}).done(t, "reportExportCancel")
			f.db.Exec(t, "delete from report_exports where tenant_id = $1", f.A.ID.UUID())
		}
		made := f.export(t, owner, in, vars{"format": "XLSX"})
		status, _, body := f.fetch(t, link(made))
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		book, err := excelize.OpenReader(bytes.NewReader(body))
		must(t, err)
		cells, err := book.GetRows("Report")
		must(t, err)
		f.says(t, in, rows, cells)
		for i := range cells {
			for j := range cells[i] {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				must(t, err)
				if formula, err := book.GetCellFormula("Report", at); err != nil || formula != "" {
					t.Errorf("%s is a formula: %s %v", at, formula, err)
				}
			}
		}
		f.db.Exec(t, "delete from report_exports where tenant_id = $1", f.A.ID.UUID())
	}
	f.logs.quiet(t)
}

// says compares a file with the rows of the report.
func (*filing) says(t testing.TB, in vars, rows []any, cells [][]string) {
	t.Helper()
	if len(cells) != len(rows)+1 {
		t.Fatalf("%v: %d rows, the report has %d", in, len(cells)-1, len(rows))
	}
	for title, path := range map[string][]any{
		"Net": {"figures", "net", "amount"}, "Tendered": {"figures", "tendered", "amount"}, "Sales": {"figures", "saleCount"},
		"Cost": {"figures", "cost", "amount"}, "Units": {"figures", "units"}, "Day": {"group", "day"}, "Tax name": {"group", "taxRate", "name"},
		"Currency": {"currencyCode"}, "Tender": {"group", "tender"},
	} {
		for j, head := range cells[0] {
			if head != title {
				continue
			}
			for i, row := range rows {
				a := &answer{Data: map[string]any{"row": row}}
				want, _ := a.at(append([]any{"row"}, path...)...).(string)
				if n, ok := a.at(append([]any{"row"}, path...)...).(float64); ok {
					want = strconv.Itoa(int(n))
				}
				got := ""
				if j < len(cells[i+1]) {
					got = cells[i+1][j]
				}
				if got != want && !sameNumber(got, want) {
					t.Errorf("%v: %s of row %d: %q, want %q", in, title, i, got, want)
				}
			}
		}
	}
	for _, row := range cells[1:] {
		for j, text := range row {
			if text != "" && strings.ContainsAny(text[:1], "=+@") && (cells[0][j] != "SKU" && cells[0][j] != "Product" && cells[0][j] != "Store") {
				t.Errorf("%s: %q", cells[0][j], text)
			}
			if strings.ContainsAny(text, "eE") && cells[0][j] == "Net" {
				t.Errorf("a number is not plain: %q", text)
			}
		}
	}
}

func sameNumber(a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err == nil && err2 == nil && x == y
}

// TestExportIsInert: no text of a company's is a formula in a file.
func TestExportIsInert(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	owner := f.loggedIn(t, "owner").access
	for _, begin := range []string{"=", "+", "-", "@"} {
		f.db.Exec(t, "update products set name = $3 where tenant_id = $1 and id = $2", f.A.ID.UUID(), f.A.Products[0].UUID(), begin+"1+cmd,\"x\"")
		_, _, body := f.fetch(t, link(f.export(t, owner, wide("PRODUCT"), nil)))
		found := false
		for _, row := range table(t, body) {
			found = found || row[1] == "'"+begin+"1+cmd,\"x\""
		}
		if !found {
			t.Errorf("%s: %s", begin, body)
		}
	}
}

// TestExportLinkIsTheAskers: a link works for as long as who made it has what they had, and for nothing else.
func TestExportLinkIsTheAskers(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	for _, c := range []struct {
		what string
		do   func(pair)
	}{
		{"a login that ended", func(p pair) { f.post(t, p.access, logout, nil).ok(t) }},
		{"a person who is deactivated", func(pair) {
			f.db.Exec(t, "update users set status = 'DEACTIVATED' where id = $1", f.A.Manager.UUID())
		}},
		{"another role", func(pair) { f.db.Exec(t, "update users set role = 'AUDITOR' where id = $1", f.A.Manager.UUID()) }},
		{"a store that isn't theirs any more", func(pair) {
			f.db.Exec(t, "delete from user_stores where user_id = $1", f.A.Manager.UUID())
		}},
		{"what was taken back", func(p pair) {
			id := f.post(t, p.access, exports, nil).ok(t).at("reportExports", 0, "id")
			same(t, f.post(t, p.access, cancelExport, vars{"id": id}).done(t, "reportExportCancel").at("reportExportCancel", "export", "status"), "CANCELLED")
			f.post(t, p.access, cancelExport, vars{"id": id}).refused(t, "reportExportCancel", "export", "ALREADY_DONE id")
		}},
		{"a link of long ago", func(pair) { f.now = f.now.Add(16 * time.Minute) }},
	} {
		f.db.Exec(t, "update users set status = 'ACTIVE', role = 'MANAGER' where id = $1", f.A.Manager.UUID())
		f.db.Exec(t, "insert into user_stores (tenant_id, user_id, store_id) values ($1, $2, $3) on conflict do nothing", f.A.ID.UUID(), f.A.Manager.UUID(), f.A.Stores[0].ID.UUID())
		p := f.loggedIn(t, "manager")
		made := f.export(t, p.access, wide("STORE"), nil)
		status, _, body := f.fetch(t, link(made))
		if status != http.StatusOK || len(table(t, body)) != 2 {
			t.Fatalf("%s: before: %d %s", c.what, status, body)
		}
		c.do(p)
		if status, _, body := f.fetch(t, link(made)); status != http.StatusNotFound || !strings.Contains(string(body), "works no more") {
			t.Errorf("%s: %d %s", c.what, status, body)
		}
	}
	f.now = time.Now().UTC()
	owner := f.loggedIn(t, "owner").access
	made := f.export(t, owner, wide("STORE"), nil)
	path, _ := link(made).(string)
	for _, other := range []string{path[:len(path)-4] + "AAAA", path + "x", "/report/x", "/report/" + strings.Repeat("A", 300)} {
		if status, _, _ := f.fetch(t, other); status != http.StatusNotFound {
			t.Errorf("%s: %d", other, status)
		}
	}
	// Nobody else sees it, or takes it back.
	for who, token := range map[string]string{"the manager": f.manager(t), "B's owner": f.token(t, f.B, f.B.Owner)} {
		a := f.post(t, token, exports, nil).ok(t)
		f.post(t, token, cancelExport, vars{"id": made.at("salesReportExport", "export", "id")}).refused(t, "reportExportCancel", "export", "NOT_FOUND id")
		list, _ := a.at("reportExports").([]any)
		for _, one := range list {
			one, _ := one.(map[string]any)
			if one["id"] == made.at("salesReportExport", "export", "id") {
				t.Errorf("%s sees the owner's", who)
			}
		}
	}
	f.logs.quiet(t)
}

// TestExportRefuses: what is wrong is said with its place; registers have no files, and nobody has too many.
func TestExportRefuses(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	owner := f.owner(t)
	f.post(t, owner, exportReport, vars{"input": vars{"format": "CSV", "report": vars{
		"from": "2026-01-02", "to": "2026-01-01", "storeIds": []string{f.B.Stores[0].ID.String()},
	}}}).refused(t, "salesReportExport", "export", "INVALID report.to", "STORE_NOT_FOUND report.storeIds.0")
	f.post(t, owner, exportReport, vars{"input": vars{"format": "CSV", "report": wide("TENDER", "PRODUCT")}}).
		refused(t, "salesReportExport", "export", "COMBINATION_NOT_POSSIBLE report.groupBy")
	f.post(t, owner, exportReport, vars{"input": vars{"format": "CSV", "report": wide("PRODUCT", "HOUR")}}).
		refused(t, "salesReportExport", "export", "RANGE_TOO_LONG report.to")
	for _, token := range []string{f.cashier(t, 0), f.device(t, f.A, f.A.Stores[0].Registers[0])} {
		if a := f.post(t, token, exportReport, vars{"input": vars{"format": "CSV", "report": wide("STORE")}}); a.code() != "FORBIDDEN" {
			t.Error(a.Raw)
		}
	}
	for range 20 - pgtest.Value[int](t, f.db, "select count(*) from report_exports where asked_by_id = $1", f.A.Owner.UUID()) {
		f.export(t, owner, wide("STORE"), nil)
	}
	f.post(t, owner, exportReport, vars{"input": vars{"format": "CSV", "report": wide("STORE")}}).refused(t, "salesReportExport", "export", "TOO_MANY_EXPORTS ")
	// They go when they expire.
	f.now = f.now.Add(25 * time.Hour)
	must(t, f.worker.Work(t.Context()))
	if n := pgtest.Value[int](t, f.db, "select count(*) from report_exports where status = 'READY'"); n != 0 {
		t.Errorf("%d are left", n)
	}
	if n := pgtest.Value[int](t, f.db, "select count(*) from company_directory where report_due_at < '2099-01-01'"); n != 0 {
		t.Errorf("%d companies have something due", n)
	}
	f.logs.quiet(t)
}

// TestExportIsMadeOnce: several servers make a file together, page by page, each page once; what one of them began and
// left is taken up by another, and who comes too late changes nothing.
func TestExportIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	owner := f.loggedIn(t, "owner").access
	f.export(t, owner, wide("DAY", "STORE"), vars{"background": true})
	pages := pgtest.Value[int](t, f.db, "select page_count from report_exports where status = 'WAITING'")
	if pages < 20 {
		t.Fatalf("%d pages", pages)
	}
	// Somebody took it up and died.
	f.db.Exec(t, "update report_exports set claim = claim + 1, due_at = $1 where status = 'WAITING'", f.now.Add(2*time.Minute))
	must(t, f.worker.Work(t.Context()))
	same(t, f.post(t, owner, exports, nil).ok(t).at("reportExports", 0, "progress"), 0)
	f.now = f.now.Add(3 * time.Minute)
	var wait sync.WaitGroup
	for range 3 {
		worker := f.newWorker(t)
		wait.Go(func() {
			if err := worker.Work(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	must(t, f.worker.Work(t.Context()))
	a := f.post(t, owner, exports, nil).ok(t)
	same(t, a.at("reportExports", 0, "status"), "READY")
	if n := pgtest.Value[int](t, f.db, "select count(*) from report_export_pages p join report_exports e on e.id = p.export_id where e.status = 'READY'"); n != pages {
		t.Errorf("%d of %d pages", n, pages)
	}
	rows, _ := f.report(t, owner, wide("DAY", "STORE")).at("salesReport", "report", "rows").([]any)
	_, _, body := f.fetch(t, a.at("reportExports", 0, "link", "path"))
	f.says(t, wide("DAY", "STORE"), rows, table(t, body))
	f.logs.quiet(t)
}

// TestNothingDueIsOverlooked: a company isn't laid to rest while something of it becomes due, in a transaction that isn't
// over yet.
func TestNothingDueIsOverlooked(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	f.export(t, f.loggedIn(t, "owner").access, wide("DAY"), vars{"background": true})
	f.db.Exec(t, "update report_exports set due_at = $1 where status = 'WAITING'", f.now.Add(time.Minute))
	f.db.Exec(t, "update company_directory set report_due_at = $1", f.now.Add(-time.Minute))
	tx, err := f.db.Super().Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), "update report_exports set due_at = $1 where status = 'WAITING'", f.now)
	must(t, err)
	rested := make(chan error, 1)
	go func() { rested <- f.config.DB.ReportsRest(t.Context(), f.A.ID) }()
	waits := `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`
	for len(rested) == 0 && !pgtest.Value[bool](t, f.db, waits) {
		time.Sleep(time.Millisecond)
	}
	must(t, tx.Commit(t.Context()))
	must(t, <-rested)
	if due := pgtest.Value[time.Time](t, f.db, "select report_due_at from company_directory where company_id = $1", f.A.ID.UUID()); due.After(f.now) {
		t.Errorf("it is due %s later", due.Sub(f.now))
	}
	f.logs.quiet(t)
}

// TestExportEndsWithAccess: what waits is cancelled when who asked has no access any more.
func TestExportEndsWithAccess(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	manager := f.manager(t)
	for _, end := range []string{
		"update users set role = 'CASHIER' where id = $1", "delete from user_stores where user_id = $1", "update users set status = 'DEACTIVATED' where id = $1",
	} {
		f.db.Exec(t, "update users set role = 'MANAGER', status = 'ACTIVE' where id = $1", f.A.Manager.UUID())
		f.db.Exec(t, "insert into user_stores (tenant_id, user_id, store_id) values ($1, $2, $3) on conflict do nothing", f.A.ID.UUID(), f.A.Manager.UUID(), f.A.Stores[0].ID.UUID())
		f.export(t, manager, wide("DAY"), vars{"background": true})
		f.db.Exec(t, end, f.A.Manager.UUID())
		must(t, f.worker.Work(t.Context()))
		if got := pgtest.Values[string](t, f.db, "select status || ' ' || pages_done from report_exports where asked_by_id = $1", f.A.Manager.UUID()); len(got) != 1 || got[0] != "CANCELLED 0" {
			t.Errorf("%s: %v", end, got)
		}
		f.db.Exec(t, "delete from report_exports where asked_by_id = $1", f.A.Manager.UUID())
	}
	f.logs.quiet(t)
}

// TestExportCost pins what files ask of the database.
func TestExportCost(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	owner := f.owner(t)
	a := f.export(t, owner, wide("STORE"), nil)
	if want := (cost{Statements: 5, RoundTrips: 2}); a.cost != want {
		t.Errorf("to ask: %+v, want %+v", a.cost, want)
	}
	f.post(t, owner, exports, nil).ok(t) // asking changed when the company's files are due, so that it was looked up anew
	a = f.post(t, owner, exports, nil).ok(t)
	if want := (cost{Statements: 2, RoundTrips: 1}); a.cost != want {
		t.Errorf("to list: %+v, want %+v", a.cost, want)
	}
}

// readFiles has what is kept of files and letters, and what tills and stock come to.
func (b *bundle) readFiles(t *testing.T, ask asker) {
	t.Helper()
	const period = `from: "2026-01-01", to: "2027-12-31"`
	made := b.post(t, b.owner(t), exportReport, vars{"input": vars{"report": wide("STORE"), "format": "CSV"}}).done(t, "salesReportExport")
	a := ask(t, b.owner(t), exports)
	same(t, a.at("reportExports", 0, "id"), made.at("salesReportExport", "export", "id"))
	same(t, a.at("reportExports", 1, "failure"), "problem acme")
	a = ask(t, b.owner(t), `{ reportSchedules { id kind timeZone minuteOfDay store { id } nextAt lastSentAt createdAt } }`)
	same(t, a.at("reportSchedules", 0), vars{
		"id": b.A.Schedule.String(), "kind": "WEEKLY", "timeZone": "Africa/Nairobi", "minuteOfDay": 420, "store": vars{"id": b.A.Stores[0].ID.String()},
		"nextAt": "2100-01-11T07:00:00+03:00", "lastSentAt": "2026-01-12T00:00:00Z", "createdAt": "2026-01-01T00:00:00Z",
	})
	a = ask(t, b.owner(t), `{ reportAlerts { id kind store { id } threshold createdAt } reportNotices { id kind store { id } message foundAt toldAt } }`)
	same(t, a.at("reportAlerts", 0), vars{
		"id": b.A.Alert.String(), "kind": "VOIDS_ABOVE", "store": vars{"id": b.A.Stores[0].ID.String()}, "threshold": "5", "createdAt": "2026-01-01T00:00:00Z",
	})
	same(t, a.at("reportNotices", 1, "message"), "Voids of acme")
	a = ask(t, b.owner(t), `{ stockReport(input: {`+period+`, sort: UNITS_ASC}) { report { from to rowCount rows { store { id } product { id } currencyCode
		quantity unitsSold sellThrough valueAtCost { amount } valueAtPrice { amount } } totals { currencyCode productCount sellThrough
		valueAtCost { amount } countWithoutCost valueAtPrice { amount } } } userErrors { code field message } } }`)
	same(t, a.at("stockReport", "userErrors"), []any{})
	a = ask(t, b.owner(t), `{ tillVarianceReport(input: {`+period+`}) { report { from to rowCount rows { store { id } person { id } method currencyCode
		counts over { amount } short { amount } net { amount } } } userErrors { code field message } } }`)
	same(t, a.at("tillVarianceReport", "userErrors"), []any{})
	for _, report := range []string{"stockReport", "tillVarianceReport"} {
		ask(t, b.owner(t), `{ `+report+`(input: {from: "2026-01-02", to: "2026-01-01"}) { report { from } userErrors { code field message } } }`)
	}
}
