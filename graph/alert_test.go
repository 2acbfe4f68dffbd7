package graph_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const createAlert = `mutation($input: ReportAlertCreateInput!) { reportAlertCreate(input: $input) {
	alert { id kind store { id } threshold createdAt } userErrors { code field message } } }`

const deleteAlert = `mutation($id: ID!) { reportAlertDelete(id: $id) { deletedId userErrors { code field message } } }`

func setupAlerts(t *testing.T) *filing {
	t.Helper()
	f := setupFiling(t)
	f.db.Exec(t, "update users set email_verified = true")
	f.db.Exec(t, "delete from report_alerts")
	f.db.Exec(t, "delete from report_schedules")
	return f
}

func (f *filing) alert(t testing.TB, token string, in vars) *answer {
	t.Helper()
	return f.post(t, token, createAlert, vars{"input": in}).done(t, "reportAlertCreate")
}

// looked has the alerts looked at now, by several servers, and gives what was found in all.
func (f *filing) looked(t testing.TB) []string {
	t.Helper()
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
	return pgtest.Values[string](t, f.db, "select message || case when told_at is null then ' UNTOLD' else '' end from report_notices order by found_at, message")
}

// TestAlertsOfADay: voids and discounts above a share are told once a day and store, below it they aren't.
func TestAlertsOfADay(t *testing.T) {
	t.Parallel()
	f := setupAlerts(t)
	owner := f.owner(t)
	register := f.A.Stores[0].Registers[0].ID
	in := order(register, "discounted", "", item(f.A.Products[0], "4"))
	in["discounts"] = []vars{{"kind": "PERCENT", "value": "50", "reason": "friend"}}
	in["payments"] = []vars{pay("CASH", "10000")}
	sold := f.sell(t, owner, in)
	in = order(register, "voided", "", item(f.A.Products[0], "2"))
	in["payments"] = []vars{pay("CASH", "10000")}
	f.void(t, owner, f.sell(t, owner, in).at("saleRecord", "sale", "id"), "by mistake")
	_ = sold
	store := f.A.Stores[0].ID.String()
	f.alert(t, owner, vars{"kind": "DISCOUNTS_ABOVE", "threshold": "10", "storeId": store})
	f.alert(t, owner, vars{"kind": "DISCOUNTS_ABOVE", "threshold": "100", "storeId": store})
	f.alert(t, owner, vars{"kind": "VOIDS_ABOVE", "threshold": "1.5", "storeId": store})
	f.alert(t, owner, vars{"kind": "VOIDS_ABOVE", "threshold": "99", "storeId": store})
	f.now = time.Now().UTC()
	found := f.looked(t)
	if len(found) != 2 || !strings.Contains(fmt.Sprint(found), "Discounts of ") || !strings.Contains(fmt.Sprint(found), "Voids of ") || strings.Contains(fmt.Sprint(found), "UNTOLD") {
		t.Fatalf("%q", found)
	}
	if n := f.letterCount(t); n != 2 {
		t.Errorf("%d letters", n)
	}
	f.now = f.now.Add(11 * time.Minute)
	if found := f.looked(t); len(found) != 2 || f.letterCount(t) != 2 {
		t.Errorf("%q, %d letters", found, f.letterCount(t))
	}
	a := f.post(t, owner, `{ reportNotices(first: 1) { kind store { id } message toldAt } }`, nil).ok(t)
	same(t, a.at("reportNotices", 0, "store", "id"), store)
	f.logs.quiet(t)
}

// TestAlertBelowUsual: an hour that sold less than four of its kind before is told, one that sold as much isn't.
func TestAlertBelowUsual(t *testing.T) {
	t.Parallel()
	f := setupAlerts(t)
	owner := f.owner(t)
	store := f.A.Stores[0]
	f.now = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)
	hour := f.now.Add(-time.Hour)
	sums := func(day time.Time, net int64) {
		f.db.Exec(t, `insert into report_hours (tenant_id, store_id, business_date, currency_code, hour, at_register_id, cashier_id, rounding, sale_count, return_count,
				gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided)
			values ($1, $2, $3::date, 'KES', extract(hour from $4::timestamptz at time zone (select time_zone from stores where id = $2)), $5, $6, 0, 1, 0, $7, 0, 0, $7, 0, 1000, 0, 0, 0, 0, 0)`,
			f.A.ID.UUID(), store.ID.UUID(), day.Format(time.DateOnly), hour, store.Registers[0].ID.UUID(), store.Cashier.UUID(), net)
	}
	for week := 1; week <= 4; week++ {
		sums(hour.AddDate(0, 0, -7*week), 100_000)
	}
	sums(hour.AddDate(0, 0, -3), 9_000_000) // another day of the week
	sums(hour, 69_999)
	f.alert(t, owner, vars{"kind": "SALES_BELOW_USUAL", "threshold": "30.001", "storeId": store.ID.String()})
	if found := f.looked(t); len(found) != 0 {
		t.Errorf("%q", found)
	}
	f.alert(t, owner, vars{"kind": "SALES_BELOW_USUAL", "threshold": "30", "storeId": store.ID.String()})
	if found := f.looked(t); len(found) != 1 || !strings.Contains(found[0], "699.99 KES") || !strings.Contains(found[0], "1000.00 KES is usual") {
		t.Errorf("%q", found)
	}
	f.now = f.now.Add(15 * time.Minute)
	if found := f.looked(t); len(found) != 1 || f.letterCount(t) != 1 {
		t.Errorf("%q", found)
	}
	f.logs.quiet(t)
}

// TestAlertsOfStockAndTills: what is low is told once, and again after it wasn't; a till that is off is told once.
func TestAlertsOfStockAndTills(t *testing.T) {
	t.Parallel()
	f := setupAlerts(t)
	owner := f.owner(t)
	s := f.A.Stores[0]
	low := func(threshold any) {
		f.db.Exec(t, "update inventory_levels set low_stock_threshold = null where tenant_id = $1", f.A.ID.UUID())
		f.db.Exec(t, "update inventory_levels set low_stock_threshold = $2, quantity = 1000, reserved = 0 where id = $1", s.Levels[0].UUID(), threshold)
	}
	low(2000)
	f.alert(t, owner, vars{"kind": "LOW_STOCK", "storeId": s.ID.String()})
	if found := f.looked(t); len(found) != 1 || !strings.Contains(found[0], "1 of ") {
		t.Fatalf("%q", found)
	}
	for want, threshold := range []any{2: 500, 3: 2000} {
		if threshold == nil {
			continue
		}
		f.now = f.now.Add(11 * time.Minute)
		low(threshold)
		if found := f.looked(t); len(found) != want-1 || f.letterCount(t) != want-1 {
			t.Errorf("%v: %q", threshold, found)
		}
	}
	f.db.Exec(t, "delete from report_alerts")
	f.db.Exec(t, "delete from till_counts where session_id = $1", s.Registers[0].TillSession.UUID())
	f.db.Exec(t, "update till_sessions set status = 'CLOSED', counted_at = now(), count_number = 1, closed_at = now() where id = $1", s.Registers[0].TillSession.UUID())
	f.db.Exec(t, `insert into till_counts (tenant_id, store_id, register_id, session_id, number, kind, currency_code, counted_by_id, counted_at, tenders)
		values ($1, $2, $3, $4, 1, 'CLOSE', 'KES', $5, now(), '[{"method": "CASH", "counted": 9000, "expected": 10050}, {"method": "CARD", "counted": 5, "expected": 5}]')`,
		f.A.ID.UUID(), s.ID.UUID(), s.Registers[0].ID.UUID(), s.Registers[0].TillSession.UUID(), s.Cashier.UUID())
	before := f.letterCount(t)
	f.alert(t, owner, vars{"kind": "VARIANCE_ABOVE", "threshold": "10.5", "storeId": s.ID.String()})
	if found := f.looked(t); len(found) != 0 {
		t.Errorf("%q", found)
	}
	f.alert(t, owner, vars{"kind": "VARIANCE_ABOVE", "threshold": "10.499", "storeId": s.ID.String()})
	for range 2 {
		if found := f.looked(t); len(found) != 1 || !strings.Contains(found[0], "-10.50 KES in CASH") || f.letterCount(t) != before+1 {
			t.Errorf("%q", found)
		}
		f.now = f.now.Add(11 * time.Minute)
	}
	f.logs.quiet(t)
}

// TestAlertsEnd with the access of who wanted to hear, and by their own hand alone.
func TestAlertsEnd(t *testing.T) {
	t.Parallel()
	f := setupAlerts(t)
	manager := f.manager(t)
	one := f.alert(t, manager, vars{"kind": "LOW_STOCK"}).at("reportAlertCreate", "alert", "id")
	f.post(t, f.owner(t), deleteAlert, vars{"id": one}).refused(t, "reportAlertDelete", "deletedId", "NOT_FOUND id")
	same(t, f.post(t, manager, deleteAlert, vars{"id": one}).done(t, "reportAlertDelete").at("reportAlertDelete", "deletedId"), one)
	f.alert(t, manager, vars{"kind": "LOW_STOCK"})
	f.db.Exec(t, "update inventory_levels set low_stock_threshold = 1000000000 where tenant_id = $1", f.A.ID.UUID())
	for _, message := range f.looked(t) {
		if strings.Contains(message, pgtest.CanaryA2) {
			t.Errorf("a manager is told of another store: %s", message)
		}
	}
	f.db.Exec(t, "update users set role = 'CASHIER' where id = $1", f.A.Manager.UUID())
	f.now = f.now.Add(11 * time.Minute)
	f.looked(t)
	if n := pgtest.Value[int](t, f.db, "select count(*) from report_alerts"); n != 0 {
		t.Errorf("%d are left", n)
	}
	in := vars{"kind": "VOIDS_ABOVE", "threshold": "100.001", "storeId": f.B.Stores[0].ID.String()}
	f.post(t, f.owner(t), createAlert, vars{"input": in}).refused(t, "reportAlertCreate", "alert", "STORE_NOT_FOUND storeId", "INVALID threshold")
	f.post(t, f.owner(t), createAlert, vars{"input": vars{"kind": "VOIDS_ABOVE"}}).refused(t, "reportAlertCreate", "alert", "INVALID threshold")
	f.post(t, f.owner(t), createAlert, vars{"input": vars{"kind": "LOW_STOCK", "threshold": "1"}}).refused(t, "reportAlertCreate", "alert", "INVALID threshold")
	if a := f.post(t, f.owner(t), `{ reportNotices(first: 101) { id } }`, nil); a.code() != "BAD_USER_INPUT" {
		t.Error(a.Raw)
	}
	if a := f.post(t, f.owner(t), `{ reportNotices { id } }`, nil).ok(t); a.cost != (cost{Statements: 2, RoundTrips: 1}) {
		t.Errorf("%+v", a.cost)
	}
	f.logs.quiet(t)
}
