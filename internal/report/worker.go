package report

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// companiesAtOnce is how many companies one look is at.
const companiesAtOnce = 50

// Worker does what is due: letters, alerts, pages of files, and the deletion of those that expired. Several may run, of several servers:
// whoever takes something up has it for a while, and what they don't finish is taken up again.
type Worker struct {
	*Files
}

// NewWorker makes a Worker, which does nothing until it runs.
func NewWorker(f *Files) *Worker { return &Worker{Files: f} }

// Run works every so often until ctx ends.
func (w *Worker) Run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := w.Work(ctx); err != nil && ctx.Err() == nil {
			w.Logger.ErrorContext(ctx, "reports that are due were not made", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Work does all that is due now: of each company one thing after another, so that none waits for another's many.
func (w *Worker) Work(ctx context.Context) error {
	for {
		due, err := w.DB.ReportsDue(ctx, w.Now(), companiesAtOnce)
		if err != nil {
			return err
		}
		did := false
		var failures []error
		for _, company := range due {
			one, err := w.once(ctx, company)
			did = did || one
			failures = append(failures, err)
		}
		if err := errors.Join(failures...); err != nil || !did {
			return err
		}
	}
}

// once does one thing of a company, and where there is none lets it rest until the next is due.
func (w *Worker) once(ctx context.Context, company *postgres.Reporting) (did bool, err error) {
	ctx = tenancy.With(ctx, company.Scope())
	for _, task := range []func(context.Context) (bool, error){w.letter, w.watch, w.export} {
		if did, err = task(ctx); did || err != nil {
			return did, err
		}
	}
	return false, w.DB.ReportsRest(ctx, company.Company)
}

// export makes the next page of the export that has waited the longest, or deletes one that expired.
func (w *Worker) export(ctx context.Context) (bool, error) {
	e, err := w.take(ctx)
	if err != nil || e == nil {
		return false, err
	}
	if e.Status != ExportWaiting || !w.Now().Before(e.ExpiresAt) {
		return true, w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, tx.Delete((*Export)(nil)).Where("?TableAlias.id = ?", e.ID)))
		})
	}
	cells, err := w.next(ctx, e)
	if err != nil && ctx.Err() != nil {
		return false, ctx.Err() // somebody takes it over
	}
	return true, w.keep(ctx, e, cells, err)
}

// take takes an export up that is due.
func (w *Worker) take(ctx context.Context) (*Export, error) {
	var e *Export
	err := w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		e = nil
		now := w.Now()
		err := tx.Send(ctx, postgres.Row(&e, tx.Select((*Export)(nil)).Where("export.due_at <= ?", now).
			OrderExpr("export.due_at, export.id").Limit(1).For("UPDATE SKIP LOCKED")))
		if err != nil || e == nil {
			return err
		}
		e.Claim++
		e.DueAt = now.Add(lease)
		return tx.Finish(ctx, postgres.Exec(nil, w.update(tx.Handle, e)))
	})
	return e, err
}

// errAccess says that who asked may not have it any more.
var errAccess = errors.New("who asked has no access any more")

// next makes the page that comes next, as who asked and with the access that they have now.
func (w *Worker) next(ctx context.Context, e *Export) ([][]string, error) {
	scope, err := w.DB.PersonScope(ctx, postgres.Person{Company: e.TenantID, User: e.AskedByID})
	if errors.Is(err, postgres.ErrNoAccess) || err == nil && !e.may(scope) {
		return nil, errAccess
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(tenancy.With(ctx, scope), lease)
	defer cancel()
	return w.page(ctx, e, e.Subject.of.cut()[e.PagesDone])
}

// keep keeps a page, or that it failed, unless somebody else has the export by now.
func (w *Worker) keep(ctx context.Context, e *Export, cells [][]string, failed error) (err error) {
	mine := e.Claim
	problems, expected := errors.AsType[errs.Problems](failed)
	if failed == nil && e.Rows+len(cells) > mostFileRows {
		failed, problems, expected = errTooLarge, errTooLarge, true
	}
	switch {
	case errors.Is(failed, errAccess):
		w.end(e, ExportCancelled, "")
	case expected:
		w.end(e, ExportFailed, problems[0].Message)
	case failed != nil:
		w.Logger.LogAttrs(ctx, slog.LevelError, "a page of a report failed", slog.String("export", e.ID.String()), slog.Any("error", failed))
		if e.Failures++; e.Failures >= exportTries {
			w.end(e, ExportFailed, "It could not be made. Ask for it again.")
			break
		}
		e.DueAt = w.Now().Add(time.Duration(e.Failures) * exportRetry)
	default:
		e.PagesDone++
		e.Rows += len(cells)
		e.Failures = 0
		if e.DueAt = w.Now(); e.PagesDone == e.PageCount {
			w.end(e, ExportReady, "")
		}
	}
	page := &exportPage{ExportID: e.ID, Number: e.PagesDone}
	if failed != nil {
		page = nil
	} else if page.Content, err = squeeze(cells); err != nil {
		return err
	}
	return w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var n int64
		if err := tx.Send(ctx, postgres.Exec(&n, w.update(tx.Handle, e).Where("?TableAlias.claim = ?", mine))); err != nil || n == 0 || page == nil {
			return err
		}
		return tx.Finish(ctx, tx.Add(page))
	})
}
