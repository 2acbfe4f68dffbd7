package report

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
)

// VarianceInput says which tills.
type VarianceInput struct {
	From, To civil.Date
	StoreIDs []id.Store
}

func (in *VarianceInput) validate(p *errs.Problems, scope *tenancy.Scope) []id.Store {
	return (&Input{From: in.From, To: in.To, StoreIDs: in.StoreIDs}).validate(p, scope)
}

// VarianceRow is what was off when a person's drawer was counted, in one store and of one way of paying.
type VarianceRow struct {
	StoreID  id.Store       `bun:"store_id"`
	PersonID *id.User       `bun:"person_id"`
	Currency money.Currency `bun:"currency_code"`
	Method   string         `bun:"method"`
	Counts   int64          `bun:"counts"`
	OverSum  int64          `bun:"over_sum"`
	ShortSum int64          `bun:"short_sum"`
}

// CurrencyCode is the store's.
func (r *VarianceRow) CurrencyCode() money.Currency { return r.Currency }

// Over is what was too much.
func (r *VarianceRow) Over() *money.Money { return amount(r.OverSum, r.Currency) }

// Short is what was missing, as an amount above zero.
func (r *VarianceRow) Short() *money.Money { return amount(r.ShortSum, r.Currency) }

// Net is what was too much less what was missing.
func (r *VarianceRow) Net() *money.Money { return amount(r.OverSum-r.ShortSum, r.Currency) }

// Variances are what was asked for.
type Variances struct {
	From, To civil.Date
	rows     []*VarianceRow
}

// RowCount is how many rows there are.
func (v *Variances) RowCount() int { return len(v.rows) }

// Rows are the first so many rows.
//
// Errors: BAD_USER_INPUT, where that is none or too many.
func (v *Variances) Rows(first *int) ([]*VarianceRow, error) { return firstOf(v.rows, first) }

// Variances adds up what was off in tills that were closed, of the business days of their sessions: by who had the drawer
// when it was counted. What a count found at a hand-over is of who gave it, and not again of who closed.
//
// Errors: problems form.Invalid, storeNotFound, rangeTooLong, tooManyRows; FORBIDDEN for a register.
func (r *Reports) Variances(ctx context.Context, in VarianceInput) (*Variances, error) {
	h, err := r.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Scope().Whole(); err != nil {
		return nil, err
	}
	var p errs.Problems
	of := span{stores: in.validate(&p, h.Scope()), from: in.From, to: in.To}
	if err := p.Err(); err != nil {
		return nil, err
	}
	out := &Variances{From: in.From, To: in.To}
	if err := h.Read(ctx, postgres.Rows(&out.rows, variances(h, of))); err != nil {
		return nil, err
	}
	if len(out.rows) > mostRows {
		return nil, errs.Problems{{
			Code: tooManyRows, Field: []string{"to"}, Message: "This has too many rows: take a shorter period or fewer stores.",
		}}
	}
	return out, nil
}

func variances(h *postgres.Handle, of span) *bun.SelectQuery {
	// The index knows instants, the business day is that of the opening.
	const slack = 2
	sessions := of.limit(h.Select((*till.Session)(nil)), "till_session").Where("till_session.status = ?", string(till.Closed)).
		Where("till_session.opened_at >= ?", of.from.Add(-slack).String()).Where("till_session.opened_at < ?", of.to.Add(slack+1).String())
	// Each count of a session has all that was off since its beginning; what it adds to the one before is of its drawer.
	counts := h.Select((*till.Count)(nil)).
		ColumnExpr("till_count.store_id, till_count.currency_code, e ->> 'method' AS method").
		ColumnExpr("CASE till_count.kind WHEN ? THEN giver.holder_id ELSE s.holder_id END AS person_id", string(till.ToHandOver)).
		ColumnExpr("off - coalesce(lag(off) OVER (PARTITION BY till_count.session_id, e ->> 'method' ORDER BY till_count.number), 0) AS off").
		Join("JOIN (?) AS s ON s.id = till_count.session_id", sessions).
		Join("LEFT JOIN (?) AS taker ON taker.session_id = till_count.session_id AND taker.count_number = till_count.number",
			h.Select((*till.Holder)(nil))).
		Join("LEFT JOIN (?) AS giver ON giver.session_id = till_count.session_id AND giver.position = taker.position - 1",
			h.Select((*till.Holder)(nil))).
		Join("CROSS JOIN LATERAL jsonb_array_elements(till_count.tenders) AS e").
		Join("CROSS JOIN LATERAL (SELECT (e ->> 'counted')::bigint - (e ->> 'expected')::bigint AS off) AS o").
		Where("till_count.kind = ? OR till_count.number = s.count_number", string(till.ToHandOver))
	return h.NewSelect().TableExpr("(?) AS c", counts).
		ColumnExpr("c.store_id, c.person_id, c.currency_code, c.method, count(*) AS counts").
		ColumnExpr("coalesce(sum(c.off) FILTER (WHERE c.off > 0), 0)::bigint AS over_sum").
		ColumnExpr("coalesce(-sum(c.off) FILTER (WHERE c.off < 0), 0)::bigint AS short_sum").
		GroupExpr("c.store_id, c.person_id, c.currency_code, c.method").
		OrderExpr("c.currency_code, coalesce(-sum(c.off) FILTER (WHERE c.off < 0), 0) DESC, c.store_id, c.person_id, c.method").
		Limit(mostRows + 1)
}
