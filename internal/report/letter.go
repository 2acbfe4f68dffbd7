package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	sending    = "SENDING"
	sent       = "SENT"
	notSent    = "FAILED"
	mailRetry  = 5 * time.Minute
	mailGiveUp = 20
)

// letter sends the letter of the schedule that has waited the longest. A letter is sent once a period: what is known to
// have gone out isn't sent again. A server that is lost between the mail server's yes and taking that down leaves a letter
// that the next one sends again, since SMTP can't be asked.
func (w *Worker) letter(ctx context.Context) (bool, error) {
	s, d, err := w.takeSchedule(ctx)
	if err != nil || s == nil {
		return false, err
	}
	if d.Status != sending {
		s.advance()
		return true, w.keepSchedule(ctx, s, s.Claim-1, nil)
	}
	message, err := w.write(ctx, s)
	if errors.Is(err, errAccess) {
		return true, w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, tx.Delete((*Schedule)(nil)).Where("?TableAlias.id = ?", s.ID)))
		})
	}
	if err == nil {
		err = w.Mail.Send(ctx, *message)
	}
	now, mine := w.Now(), s.Claim
	switch {
	case err == nil:
		d.Status, d.EndedAt, s.LastSentAt = sent, &now, &now
		s.advance()
	case ctx.Err() != nil:
		return false, ctx.Err() // somebody takes it over
	default:
		w.Logger.LogAttrs(ctx, slog.LevelError, "a report was not sent", slog.String("schedule", s.ID.String()), slog.Any("error", err))
		if s.DueAt = now.Add(mailRetry); d.Attempts >= mailGiveUp {
			d.Status, d.EndedAt = notSent, &now
			s.advance()
		}
	}
	return true, w.keepSchedule(ctx, s, mine, d)
}

// takeSchedule takes a schedule up that is due, and says of which period a letter is being sent.
func (w *Worker) takeSchedule(ctx context.Context) (*Schedule, *delivery, error) {
	var s *Schedule
	var d *delivery
	err := w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		s, d = nil, nil
		now := w.Now()
		err := tx.Send(ctx, postgres.Row(&s, tx.Select((*Schedule)(nil)).Where("schedule.due_at <= ?", now).
			OrderExpr("schedule.due_at, schedule.id").Limit(1).For("UPDATE SKIP LOCKED")))
		if err != nil || s == nil {
			return err
		}
		s.catchUp(now)
		s.Claim++
		s.DueAt = now.Add(lease)
		begun := &delivery{ScheduleID: s.ID, Period: s.Period, Status: sending, Attempts: 1, BegunAt: now}
		return tx.Finish(ctx, postgres.Exec(nil, updateSchedule(tx.Handle, s)),
			postgres.Row(&d, tx.Insert(begun).On("CONFLICT (tenant_id, schedule_id, period) DO UPDATE").
				Set("attempts = delivery.attempts + 1").Returning("*")))
	})
	return s, d, err
}

func (w *Worker) keepSchedule(ctx context.Context, s *Schedule, mine int64, d *delivery) error {
	return w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var n int64
		err := tx.Send(ctx, postgres.Exec(&n, updateSchedule(tx.Handle, s).Where("?TableAlias.claim = ?", mine)))
		if err != nil || n == 0 || d == nil {
			return err
		}
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(d).Column("status", "ended_at").
			Where("?TableAlias.schedule_id = ?", d.ScheduleID).Where("?TableAlias.period = ?", d.Period)))
	})
}

func updateSchedule(h *postgres.Handle, s *Schedule) *bun.UpdateQuery {
	return h.Update(s).Column("period", "last_sent_at", "due_at", "claim").Where("?TableAlias.id = ?", s.ID)
}

// reader is the scope of a person who gets figures unasked, as of now.
//
// Errors: errAccess, where they may see none.
func (w *Worker) reader(ctx context.Context, company id.Company, user id.User, only *id.Store) (*tenancy.Scope, error) {
	scope, err := w.DB.PersonScope(ctx, postgres.Person{Company: company, User: user})
	if errors.Is(err, postgres.ErrNoAccess) {
		return nil, errAccess
	}
	if err != nil {
		return nil, err
	}
	stores, _ := scope.Across(tenancy.ReportRead, nil)
	if len(stores) == 0 || only != nil && !scope.CanAt(tenancy.ReportRead, *only) {
		return nil, errAccess
	}
	return scope, nil
}

// write writes a letter, as the person with the access that they have now.
func (w *Worker) write(ctx context.Context, s *Schedule) (*mail.Message, error) {
	scope, err := w.reader(ctx, s.TenantID, s.UserID, s.StoreID)
	if err != nil {
		return nil, err
	}
	ctx = tenancy.With(ctx, scope)
	h, err := w.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	before := PreviousPeriod
	in := Input{From: s.Period, To: s.Kind.last(s.Period), GroupBy: []Dimension{ByStore}, CompareWith: &before}
	if s.StoreID != nil {
		in.StoreIDs = []id.Store{*s.StoreID}
	}
	found, err := w.reports.Sales(ctx, in, Want{Totals: true})
	if err != nil {
		return nil, err
	}
	named, err := inGroups(found.rows).names(ctx, h)
	if err != nil {
		return nil, err
	}
	var who *addressee
	if err := h.Read(ctx, postgres.Row(&who, addresseeOf(h, s.UserID))); err != nil {
		return nil, err
	}
	if who == nil || !who.EmailVerified {
		return nil, errAccess
	}
	when := in.From.String()
	if in.To != in.From {
		when += " to " + in.To.String()
	}
	return &mail.Message{
		To: who.Email, Subject: scope.CompanySlug + ": sales of " + when, Text: letterText(who.Name, when, found, named),
	}, nil
}

func letterText(name, when string, found *Report, named *names) string {
	var text strings.Builder
	fmt.Fprintf(&text, "Hello %s,\n\nthe sales of %s:\n\n", name, when)
	if len(found.rows) == 0 {
		text.WriteString("Nothing was sold.\n\n")
	}
	for _, row := range found.rows {
		text.WriteString(letterLine(named.name(row.Group().StoreID()), row))
	}
	for _, row := range found.Totals {
		text.WriteString("\n" + letterLine("All in "+string(row.CurrencyCode()), row))
	}
	text.WriteString("\nYou get this because you asked for it. To end it, delete the report's schedule.\n")
	return text.String()
}

func letterLine(title string, row *Row) string {
	f := row.Figures
	net, _ := f.Net()
	tax, _ := f.Tax()
	line := fmt.Sprintf("%s: net %s, tax %s", oneLine(title), net, tax)
	if n, told := f.SaleCount(); told {
		line += fmt.Sprintf(", %d sales", n)
	}
	if change := row.Change(); change != nil {
		before, _ := row.Previous.Net()
		line += fmt.Sprintf(" (before: %s%s)", before, signed(change.NetRate()))
	}
	return line + "\n"
}

func signed(rate money.Decimal, told bool) string {
	switch {
	case !told:
		return ""
	case rate.Sign() > 0:
		return ", +" + rate.String() + "%"
	default:
		return ", " + rate.String() + "%"
	}
}

// oneLine keeps a name from being more than a name.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
