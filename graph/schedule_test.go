package graph_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const scheduleReport = `mutation($input: ReportScheduleCreateInput!) { reportScheduleCreate(input: $input) {
	schedule { id kind timeZone minuteOfDay store { id } nextAt lastSentAt } userErrors { code field message } } }`

const unscheduleReport = `mutation($id: ID!) { reportScheduleDelete(id: $id) { deletedId userErrors { code field message } } }`

func (f *filing) letterCount(t testing.TB) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(f.letters, "*.eml"))
	must(t, err)
	return len(files)
}

// TestLetterOncePerDay: a letter goes out when it is time, once, whoever of several servers sends it; a day later another.
func TestLetterOncePerDay(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	f.db.Exec(t, "update users set email_verified = true")
	f.db.Exec(t, "delete from report_schedules")
	owner := f.loggedIn(t, "owner").access
	a := f.post(t, owner, scheduleReport, vars{"input": vars{"kind": "DAILY_CLOSE", "timeZone": "Africa/Nairobi", "minuteOfDay": 360}}).done(t, "reportScheduleCreate")
	next, err := time.Parse(time.RFC3339, a.at("reportScheduleCreate", "schedule", "nextAt").(string))
	must(t, err)
	if !next.After(f.now) || next.After(f.now.Add(24*time.Hour)) {
		t.Fatalf("the next letter is at %s, now is %s", next, f.now)
	}
	f.now = next.Add(-time.Second)
	must(t, f.worker.Work(t.Context()))
	if n := f.letterCount(t); n != 0 {
		t.Fatalf("%d letters before the time", n)
	}
	f.now = next.Add(time.Second)
	f.config.Now = func() time.Time { return f.now }
	var wait sync.WaitGroup
	for range 4 {
		worker := f.newWorker(t)
		wait.Go(func() {
			if err := worker.Work(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := f.letterCount(t); n != 1 {
		t.Fatalf("%d letters", n)
	}
	place, err := time.LoadLocation("Africa/Nairobi")
	must(t, err)
	day := next.In(place).AddDate(0, 0, -1).Format(time.DateOnly)
	letter := f.letterTo(t, "owner@acme.example")
	if letter.subject != "acme: sales of "+day || !strings.Contains(letter.text, "the sales of "+day) {
		t.Errorf("%q", letter)
	}
	sales := f.report(t, owner, vars{"from": day, "to": day, "groupBy": []string{"STORE"}})
	if rows, _ := sales.at("salesReport", "report", "rows").([]any); len(rows) == 0 && !strings.Contains(letter.text, "Nothing was sold") {
		t.Errorf("%q", letter)
	}
	must(t, f.worker.Work(t.Context()))
	if n := f.letterCount(t); n != 0 {
		t.Fatalf("%d more letters", n)
	}
	// Nobody was there for a week: one letter, of the last day.
	f.now = next.Add(7*24*time.Hour + time.Minute)
	must(t, f.worker.Work(t.Context()))
	if n := f.letterCount(t); n != 1 {
		t.Fatalf("%d letters after a week", n)
	}
	if letter := f.letterTo(t, "owner@acme.example"); !strings.Contains(letter.subject, next.In(place).AddDate(0, 0, 6).Format(time.DateOnly)) {
		t.Errorf("%q", letter)
	}
	if got := pgtest.Values[string](t, f.db, "select status || attempts from report_deliveries order by period"); strings.Join(got, " ") != "SENT1 SENT1" {
		t.Errorf("%v", got)
	}
	f.logs.quiet(t)
}

// TestLetterSays has a day's figures in a letter, of the stores that the person sees.
func TestLetterSays(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	f.db.Exec(t, "update users set email_verified = true")
	f.db.Exec(t, "delete from report_schedules")
	day := pgtest.Value[string](t, f.db, "select max(business_date)::text from sales where tenant_id = $1 and store_id = $2", f.A.ID.UUID(), f.A.Stores[0].ID.UUID())
	f.post(t, f.manager(t), scheduleReport, vars{"input": vars{"kind": "DAILY_CLOSE", "timeZone": "UTC", "minuteOfDay": 0}}).done(t, "reportScheduleCreate")
	f.db.Exec(t, "update report_schedules set period = $1::date, due_at = $2", day, f.now)
	date, err := time.Parse(time.DateOnly, day)
	must(t, err)
	f.now = date.AddDate(0, 0, 1).Add(time.Hour)
	if time.Now().After(f.now) {
		f.now = time.Now().UTC()
		f.db.Exec(t, "update report_schedules set period = $1::date, due_at = $2", f.now.AddDate(0, 0, -1).Format(time.DateOnly), f.now.Add(-time.Minute))
		f.db.Exec(t, "update report_schedules set due_at = due_at")
	}
	must(t, f.worker.Work(t.Context()))
	letter := f.letterTo(t, "manager@acme.example")
	at := pgtest.Value[string](t, f.db, "select period::text from report_deliveries order by period desc limit 1")
	want := f.report(t, f.manager(t), vars{"from": at, "to": at, "groupBy": []string{"STORE"}})
	rows, _ := want.at("salesReport", "report", "rows").([]any)
	if len(rows) > 0 {
		net, _ := want.at("salesReport", "report", "rows", 0, "figures", "net", "amount").(string)
		if !strings.Contains(letter.text, "net "+net+" KES") || strings.Contains(letter.text, pgtest.CanaryA2) {
			t.Errorf("%q, want net %s", letter.text, net)
		}
	}
	f.logs.quiet(t)
}

// postOffice fails, until it doesn't.
type postOffice struct {
	mail.Sender

	works bool
}

func (b *postOffice) Send(ctx context.Context, m mail.Message) error {
	if !b.works {
		return errors.New("the mail server is away")
	}
	return b.Sender.Send(ctx, m)
}

// TestLetterAgain: what wasn't sent is tried again, and a server that was lost is stood in for.
func TestLetterAgain(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	f.db.Exec(t, "update users set email_verified = true")
	f.db.Exec(t, "delete from report_schedules")
	server := &postOffice{Sender: f.config.Mail}
	f.config.Mail = server
	worker := f.newWorker(t)
	f.post(t, f.owner(t), scheduleReport, vars{"input": vars{"kind": "WEEKLY", "timeZone": "America/New_York", "minuteOfDay": 420, "storeId": f.A.Stores[0].ID.String()}}).
		done(t, "reportScheduleCreate")
	f.now = f.now.AddDate(0, 0, 8)
	must(t, worker.Work(t.Context()))
	must(t, worker.Work(t.Context()))
	if got := pgtest.Value[string](t, f.db, "select status || attempts from report_deliveries"); got != "SENDING1" || f.letterCount(t) != 0 {
		t.Fatalf("%s, %d letters", got, f.letterCount(t))
	}
	server.works = true
	f.now = f.now.Add(6 * time.Minute)
	// Another server took it up, and was lost before it sent anything.
	f.db.Exec(t, "update report_schedules set claim = claim + 1, due_at = $1", f.now.Add(2*time.Minute))
	must(t, worker.Work(t.Context()))
	if n := f.letterCount(t); n != 0 {
		t.Fatalf("%d letters while somebody else sends it", n)
	}
	f.now = f.now.Add(3 * time.Minute)
	must(t, worker.Work(t.Context()))
	if got := pgtest.Value[string](t, f.db, "select status || attempts from report_deliveries"); got != "SENT2" || f.letterCount(t) != 1 {
		t.Errorf("%s, %d letters", got, f.letterCount(t))
	}
	if !strings.Contains(f.logs.String(), "a report was not sent") {
		t.Error("the log doesn't say so")
	}
}

// TestLettersEndWithAccess: who sees no reports any more gets none, and the schedule is gone.
func TestLettersEndWithAccess(t *testing.T) {
	t.Parallel()
	f := setupFiling(t)
	f.db.Exec(t, "update users set email_verified = true")
	for _, end := range []string{
		"update users set role = 'CASHIER' where id = $1", "delete from user_stores where user_id = $1", "update users set status = 'DEACTIVATED' where id = $1",
		"update users set email_verified = false where id = $1",
	} {
		f.db.Exec(t, "delete from report_schedules")
		f.db.Exec(t, "update users set role = 'MANAGER', status = 'ACTIVE', email_verified = true where id = $1", f.A.Manager.UUID())
		f.db.Exec(t, "insert into user_stores (tenant_id, user_id, store_id) values ($1, $2, $3) on conflict do nothing", f.A.ID.UUID(), f.A.Manager.UUID(), f.A.Stores[0].ID.UUID())
		f.post(t, f.manager(t), scheduleReport, vars{"input": vars{"kind": "DAILY_CLOSE", "timeZone": "UTC", "minuteOfDay": 0}}).done(t, "reportScheduleCreate")
		f.db.Exec(t, end, f.A.Manager.UUID())
		f.now = f.now.AddDate(0, 0, 2)
		must(t, f.worker.Work(t.Context()))
		if n := pgtest.Value[int](t, f.db, "select count(*) from report_schedules"); n != 0 || f.letterCount(t) != 0 {
			t.Errorf("%s: %d schedules, %d letters", end, n, f.letterCount(t))
		}
	}
	f.logs.quiet(t)
}

// TestScheduleRefuses: what is wrong is said with its place, and nobody ends another's.
func TestScheduleRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := vars{"kind": "WEEKLY", "timeZone": "Mars/Olympus", "minuteOfDay": 1440, "storeId": b.A.Stores[1].ID.String()}
	b.post(t, b.manager(t), scheduleReport, vars{"input": in}).
		refused(t, "reportScheduleCreate", "schedule", "INVALID timeZone", "INVALID minuteOfDay", "STORE_NOT_FOUND storeId")
	b.db.Exec(t, "update users set email_verified = false")
	in = vars{"kind": "WEEKLY", "timeZone": "Africa/Nairobi", "minuteOfDay": 1}
	b.post(t, b.manager(t), scheduleReport, vars{"input": in}).refused(t, "reportScheduleCreate", "schedule", "ADDRESS_NOT_VERIFIED ")
	b.db.Exec(t, "update users set email_verified = true")
	for range 10 {
		b.post(t, b.manager(t), scheduleReport, vars{"input": in}).done(t, "reportScheduleCreate")
	}
	b.post(t, b.manager(t), scheduleReport, vars{"input": in}).refused(t, "reportScheduleCreate", "schedule", "TOO_MANY_SCHEDULES ")
	b.post(t, b.manager(t), unscheduleReport, vars{"id": b.A.Schedule.String()}).refused(t, "reportScheduleDelete", "deletedId", "NOT_FOUND id")
	a := b.post(t, b.owner(t), unscheduleReport, vars{"id": b.A.Schedule.String()}).done(t, "reportScheduleDelete")
	same(t, a.at("reportScheduleDelete", "deletedId"), b.A.Schedule.String())
	if a.cost.Statements > 6 {
		t.Errorf("%+v", a.cost)
	}
	for _, token := range []string{b.cashier(t, 0), b.device(t, b.A, b.A.Stores[0].Registers[0])} {
		if a := b.post(t, token, scheduleReport, vars{"input": in}); a.code() != "FORBIDDEN" {
			t.Error(a.Raw)
		}
	}
	b.logs.quiet(t)
}
