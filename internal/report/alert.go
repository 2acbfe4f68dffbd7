package report

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// AlertKind is what somebody wants to hear of.
type AlertKind string

// The kinds.
const (
	SalesBelowUsual AlertKind = "SALES_BELOW_USUAL"
	VoidsAbove      AlertKind = "VOIDS_ABOVE"
	DiscountsAbove  AlertKind = "DISCOUNTS_ABOVE"
	VarianceAbove   AlertKind = "VARIANCE_ABOVE"
	LowStock        AlertKind = "LOW_STOCK"
)

const (
	// mostAlerts is how many a person has, mostNotices how many of what was found are listed.
	mostAlerts  = 20
	mostNotices = 100
	// wholePercent is all of something, in thousandths of a percent.
	wholePercent = 100_000

	tooManyAlerts = "TOO_MANY_ALERTS"
)

// Alert is something in the figures that a person wants to hear of.
type Alert struct {
	bun.BaseModel `bun:"table:report_alerts,alias:alert"`
	postgres.TenantOwned

	ID     id.ReportAlert `bun:"id,pk"`
	UserID id.User        `bun:"user_id"`
	Kind   AlertKind      `bun:"kind"`
	// StoreID is nil for all stores that the person may see.
	StoreID        *id.Store `bun:"only_store_id"`
	ThresholdMilli int64     `bun:"threshold"`
	CreatedAt      time.Time `bun:"created_at"`
	DueAt          time.Time `bun:"due_at"`
	Claim          int64     `bun:"claim"`
}

// Threshold is a percentage, or an amount in the store's currency; nil where there is none to set.
func (a *Alert) Threshold() *money.Decimal {
	if a.Kind == LowStock {
		return nil
	}
	threshold := money.Quantity(a.ThresholdMilli)
	return &threshold
}

// Notice is what an alert found.
type Notice struct {
	bun.BaseModel `bun:"table:report_notices,alias:notice"`
	postgres.StoreOwned

	ID      id.ReportNotice `bun:"id,pk"`
	AlertID id.ReportAlert  `bun:"alert_id"`
	// Subject is what it is about: an hour, a day, a session, a product.
	Subject string     `bun:"subject"`
	Message string     `bun:"message"`
	FoundAt time.Time  `bun:"found_at"`
	ToldAt  *time.Time `bun:"told_at"`
	EndedAt *time.Time `bun:"ended_at"`
	Kind    AlertKind  `bun:"kind"`
}

// AlertInput says what somebody wants to hear of.
type AlertInput struct {
	Kind      AlertKind
	StoreID   *id.Store
	Threshold *money.Decimal
}

func (in *AlertInput) validate(p *errs.Problems, scope *tenancy.Scope) (milli int64) {
	if in.StoreID != nil && (!scope.CanAt(tenancy.ReportRead, *in.StoreID) ||
		in.Kind == LowStock && !scope.CanAt(tenancy.InventoryRead, *in.StoreID)) {
		p.Add(storeNotFound, []string{"storeId"}, "There is no such store.")
	}
	if in.Kind == LowStock {
		if in.Threshold != nil {
			p.Add(form.Invalid, []string{"threshold"}, "Each product has its own: lowStockThresholdSet sets it.")
		}
		return 0
	}
	if in.Threshold == nil {
		p.Add(form.Invalid, []string{"threshold"}, "This is needed.")
		return 0
	}
	milli, err := in.Threshold.Milli()
	if err != nil || milli < 0 || in.Kind != VarianceAbove && milli > wholePercent {
		p.Add(form.Invalid, []string{"threshold"}, "This is no percentage from 0 to 100, or no amount, with at most three decimals.")
	}
	return milli
}

// Alert has the caller told of something.
//
// Errors: problems form.Invalid, storeNotFound, addressNotVerified, tooManyAlerts; FORBIDDEN.
func (f *Files) Alert(ctx context.Context, in AlertInput) (*Alert, error) {
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := person(h)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	threshold := in.validate(&p, scope)
	if err := p.Err(); err != nil {
		return nil, err
	}
	now := f.Now()
	a := &Alert{
		ID: id.New[id.ReportAlert](), UserID: scope.User, Kind: in.Kind, StoreID: in.StoreID, ThresholdMilli: threshold,
		CreatedAt: now, DueAt: now,
	}
	if err := f.subscribe(ctx, a, f.alerts(h, scope), mostAlerts, tooManyAlerts); err != nil {
		return nil, err
	}
	return a, nil
}

func (*Files) alerts(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
	return h.Select((*Alert)(nil)).Where("alert.user_id = ?", scope.User)
}

// Alerts are the caller's, the oldest first.
//
// Errors: FORBIDDEN.
func (f *Files) Alerts(ctx context.Context) ([]*Alert, error) {
	return own[Alert](ctx, f, func(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
		return f.alerts(h, scope).OrderExpr("alert.created_at, alert.id").Limit(mostAlerts)
	})
}

// Notices are what the caller's alerts found, the latest first.
//
// Errors: FORBIDDEN; BAD_USER_INPUT.
func (f *Files) Notices(ctx context.Context, first *int) ([]*Notice, error) {
	n := mostNotices
	if first != nil {
		n = *first
	}
	if n < 1 || n > mostNotices {
		return nil, errs.New(errs.BadUserInput, "first must be 1 to %d.", mostNotices)
	}
	return own[Notice](ctx, f, func(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
		return f.notices(h, scope).OrderExpr("notice.found_at DESC, notice.id DESC").Limit(int64(n))
	})
}

func (f *Files) notices(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
	return h.Select((*Notice)(nil)).ColumnExpr("notice.*").
		Join("JOIN (?) AS own ON own.id = notice.alert_id", f.alerts(h, scope))
}

// Unalert ends one of the caller's, with what it found.
//
// Errors: the problem notSubscribed, also for another person's; FORBIDDEN.
func (f *Files) Unalert(ctx context.Context, key id.ReportAlert) (*id.ReportAlert, error) {
	if err := f.unsubscribe(ctx, (*Alert)(nil), key.Any()); err != nil {
		return nil, err
	}
	return &key, nil
}
