package report

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// IsNode marks Export as the schema's Node.
func (*Export) IsNode() {}

// IsNode marks Schedule as the schema's Node.
func (*Schedule) IsNode() {}

// IsNode marks Alert as the schema's Node.
func (*Alert) IsNode() {}

// IsNode marks Notice as the schema's Node.
func (*Notice) IsNode() {}

// ExportsByID gives those of the caller's exports.
func (f *Files) ExportsByID(ctx context.Context, ids []id.ReportExport) ([]*Export, error) {
	return ofThePerson[Export](ctx, f, ids, "export", f.exports)
}

// SchedulesByID gives those of the caller's schedules.
func (f *Files) SchedulesByID(ctx context.Context, ids []id.ReportSchedule) ([]*Schedule, error) {
	return ofThePerson[Schedule](ctx, f, ids, "schedule", f.schedules)
}

// AlertsByID gives those of the caller's alerts.
func (f *Files) AlertsByID(ctx context.Context, ids []id.ReportAlert) ([]*Alert, error) {
	return ofThePerson[Alert](ctx, f, ids, "alert", f.alerts)
}

// NoticesByID gives those of what the caller's alerts found.
func (f *Files) NoticesByID(ctx context.Context, ids []id.ReportNotice) ([]*Notice, error) {
	return ofThePerson[Notice](ctx, f, ids, "notice", f.notices)
}

// ofThePerson reads those of a person's own. Who is nobody in particular has none.
func ofThePerson[T any, K ~[16]byte](
	ctx context.Context, f *Files, ids []K, alias string, of func(*postgres.Handle, *tenancy.Scope) *bun.SelectQuery,
) ([]*T, error) {
	rows, err := own[T](ctx, f, func(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
		return of(h, scope).Where("?.id = ANY (?::uuid[])", bun.Ident(alias), postgres.UUIDs(ids))
	})
	if errs.CodeOf(err) == errs.Forbidden {
		return nil, nil
	}
	return rows, err
}

// own reads rows of the person who asks.
//
// Errors: FORBIDDEN where that is nobody in particular.
func own[T any](
	ctx context.Context, f *Files, of func(*postgres.Handle, *tenancy.Scope) *bun.SelectQuery,
) ([]*T, error) {
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := person(h)
	if err != nil {
		return nil, err
	}
	rows := []*T{}
	return rows, h.Read(ctx, postgres.Rows(&rows, of(h, scope)))
}
