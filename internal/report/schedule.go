package report

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// ScheduleKind is what is sent, and how often.
type ScheduleKind string

// The kinds.
const (
	DailyClose ScheduleKind = "DAILY_CLOSE"
	Weekly     ScheduleKind = "WEEKLY"
)

const (
	// mostSchedules is how many a person has.
	mostSchedules = 10
	lastMinute    = 24*60 - 1

	tooManySchedules   = "TOO_MANY_SCHEDULES"
	notSubscribed      = "NOT_FOUND"
	addressNotVerified = "ADDRESS_NOT_VERIFIED"
)

// Schedule is a report that a person gets by mail every so often.
type Schedule struct {
	bun.BaseModel `bun:"table:report_schedules,alias:schedule"`
	postgres.TenantOwned

	ID       id.ReportSchedule `bun:"id,pk"`
	UserID   id.User           `bun:"user_id"`
	Kind     ScheduleKind      `bun:"kind"`
	TimeZone string            `bun:"time_zone"`
	// MinuteOfDay is when it is sent, in minutes after midnight.
	MinuteOfDay int `bun:"minute_of_day"`
	// StoreID is nil for all stores that the person may see.
	StoreID    *id.Store  `bun:"only_store_id"`
	CreatedAt  time.Time  `bun:"created_at"`
	Period     civil.Date `bun:"period"`
	LastSentAt *time.Time `bun:"last_sent_at"`
	DueAt      time.Time  `bun:"due_at"`
	Claim      int64      `bun:"claim"`
}

// delivery is a letter: of one schedule there is one a period.
type delivery struct {
	bun.BaseModel `bun:"table:report_deliveries,alias:delivery"`
	postgres.TenantOwned

	ScheduleID id.ReportSchedule `bun:"schedule_id"`
	Period     civil.Date        `bun:"period"`
	Status     string            `bun:"status"`
	Attempts   int               `bun:"attempts"`
	BegunAt    time.Time         `bun:"begun_at"`
	EndedAt    *time.Time        `bun:"ended_at"`
}

// addressee is who letters go to.
type addressee struct {
	bun.BaseModel `bun:"table:users,alias:addressee"`
	postgres.TenantOwned

	ID            id.User `bun:"id,pk"`
	Name          string  `bun:"name"`
	Email         string  `bun:"email"`
	EmailVerified bool    `bun:"email_verified"`
}

func addresseeOf(h *postgres.Handle, user id.User) *bun.SelectQuery {
	return h.Select((*addressee)(nil)).Column("id", "name", "email", "email_verified").Where("addressee.id = ?", user)
}

// last is the last day of what a letter is of.
func (k ScheduleKind) last(period civil.Date) civil.Date { return period.Add(k.days() - 1) }

func (k ScheduleKind) days() int {
	if k == Weekly {
		return 7
	}
	return 1
}

// current is the period that a day is in.
func (k ScheduleKind) current(day civil.Date) civil.Date {
	if k == Weekly {
		return day.Add(-sinceMonday(day))
	}
	return day
}

// sentAt is when the letter of a period goes out: on the day after it.
func (s *Schedule) sentAt(period civil.Date) time.Time {
	place := civil.Place(s.TimeZone)
	day := s.Kind.last(period).Add(1)
	return time.Date(day.Year, day.Month, day.Day, 0, s.MinuteOfDay, 0, 0, place)
}

// NextAt is when the next letter goes out.
func (s *Schedule) NextAt() time.Time { return s.sentAt(s.Period) }

// begin sets the first period: that which is under way now.
func (s *Schedule) begin(now time.Time) {
	place := civil.Place(s.TimeZone)
	s.Period = s.Kind.current(civil.Of(now, place))
	for before := s.Period.Add(-s.Kind.days()); s.sentAt(before).After(now); before = s.Period.Add(-s.Kind.days()) {
		s.Period = before
	}
	s.DueAt = s.sentAt(s.Period)
}

// catchUp skips the periods whose letters nobody sent in time, but for the last.
func (s *Schedule) catchUp(now time.Time) {
	for next := s.Period.Add(s.Kind.days()); !s.sentAt(next).After(now); next = s.Period.Add(s.Kind.days()) {
		s.Period = next
	}
}

// advance goes on to the next period.
func (s *Schedule) advance() {
	s.Period = s.Period.Add(s.Kind.days())
	s.DueAt = s.sentAt(s.Period)
	s.Claim++
}

// ScheduleInput asks for a report by mail.
type ScheduleInput struct {
	Kind        ScheduleKind
	TimeZone    string
	MinuteOfDay int
	StoreID     *id.Store
}

func (in *ScheduleInput) validate(p *errs.Problems, scope *tenancy.Scope) {
	in.TimeZone = form.TimeZone(p, in.TimeZone, "timeZone")
	if in.MinuteOfDay < 0 || in.MinuteOfDay > lastMinute {
		p.Add(form.Invalid, []string{"minuteOfDay"}, "This must be 0 to %d.", lastMinute)
	}
	if in.StoreID != nil && !scope.CanAt(tenancy.ReportRead, *in.StoreID) {
		p.Add(storeNotFound, []string{"storeId"}, "There is no such store.")
	}
}

// Schedule has a report sent to the caller every so often.
//
// Errors: problems form.Invalid, storeNotFound, addressNotVerified, tooManySchedules; FORBIDDEN.
func (f *Files) Schedule(ctx context.Context, in ScheduleInput) (*Schedule, error) {
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := person(h)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	in.validate(&p, scope)
	if err := p.Err(); err != nil {
		return nil, err
	}
	now := f.Now()
	s := &Schedule{
		ID: id.New[id.ReportSchedule](), UserID: scope.User, Kind: in.Kind, TimeZone: in.TimeZone, MinuteOfDay: in.MinuteOfDay,
		StoreID: in.StoreID, CreatedAt: now,
	}
	s.begin(now)
	if err := f.subscribe(ctx, s, f.schedules(h, scope), mostSchedules, tooManySchedules); err != nil {
		return nil, err
	}
	return s, nil
}

// subscribe keeps what a person wants to get by mail, where their address is verified and they haven't too many already.
func (f *Files) subscribe(ctx context.Context, row any, own *bun.SelectQuery, most int, tooMany string) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var n int
		var who *addressee
		err := tx.Send(ctx, postgres.Row(&who, addresseeOf(tx.Handle, tx.Scope().User)),
			postgres.Value(&n, own.Clone().ColumnExpr("count(*)")))
		switch {
		case err != nil:
			return err
		case who == nil || !who.EmailVerified:
			return errs.Problems{{
				Code: addressNotVerified, Field: []string{}, Message: "Verify your e-mail address first: figures go to no other.",
			}}
		case n >= most:
			return errs.Problems{{Code: tooMany, Field: []string{}, Message: fmt.Sprintf("You have %d already.", n)}}
		}
		return tx.Finish(ctx, tx.Add(row))
	})
}

// unsubscribe deletes what a person wanted, where it is theirs.
func (f *Files) unsubscribe(ctx context.Context, model any, key id.Any) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		scope, err := person(tx.Handle)
		if err != nil {
			return err
		}
		var n int64
		err = tx.Send(ctx, postgres.Exec(&n, tx.Delete(model).Where("?TableAlias.id = ?", key.UUID).
			Where("?TableAlias.user_id = ?", scope.User)))
		if err == nil && n == 0 {
			return errs.Problems{{Code: notSubscribed, Field: []string{"id"}, Message: "There is none with this id."}}
		}
		return err
	})
}

func (*Files) schedules(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
	return h.Select((*Schedule)(nil)).Where("schedule.user_id = ?", scope.User)
}

// Schedules are the caller's, the oldest first.
//
// Errors: FORBIDDEN.
func (f *Files) Schedules(ctx context.Context) ([]*Schedule, error) {
	return own[Schedule](ctx, f, func(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
		return f.schedules(h, scope).OrderExpr("schedule.created_at, schedule.id").Limit(mostSchedules)
	})
}

// Unschedule ends one of the caller's.
//
// Errors: the problem notSubscribed, also for another person's; FORBIDDEN.
func (f *Files) Unschedule(ctx context.Context, key id.ReportSchedule) (*id.ReportSchedule, error) {
	if err := f.unsubscribe(ctx, (*Schedule)(nil), key.Any()); err != nil {
		return nil, err
	}
	return &key, nil
}
