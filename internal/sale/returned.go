package sale

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Returned is what came back of a sold line, and what was paid back for it, in minor units.
type Returned struct {
	bun.BaseModel `bun:"table:returned_quantities,alias:returned"`
	postgres.TenantOwned

	LineID id.SaleLine `bun:"sale_line_id,pk"`
	// SoldMilli and Milli are in thousandths of the product's unit.
	SoldMilli          int64 `bun:"sold"`
	Milli              int64 `bun:"returned"`
	DiscountMinor      int64 `bun:"discount"`
	OrderDiscountMinor int64 `bun:"order_discount"`
	SubtotalMinor      int64 `bun:"subtotal"`
	TaxMinor           int64 `bun:"tax"`
	// Voided says that the goods are back because the sale was voided.
	Voided  bool `bun:"voided"`
	Version int  `bun:"version"`
}

// inOrder sorts rows by their lines, so that two transactions lock them in one order.
func inOrder(rows []*Returned) {
	slices.SortFunc(rows, func(a, b *Returned) int { return slices.Compare(a.LineID[:], b.LineID[:]) })
}

// takeBack builds the statement that adds to what came back. Each row holds what comes back now and the version
// that this was reckoned from; where somebody was faster, the row doesn't come back in taken.
func takeBack(h *postgres.Handle, rows []*Returned, taken *[]*Returned) postgres.Statement {
	return postgres.Rows(taken, h.Insert(&rows).
		On("CONFLICT (tenant_id, sale_line_id) DO UPDATE").
		Set("returned = ?TableAlias.returned + EXCLUDED.returned").
		Set("discount = ?TableAlias.discount + EXCLUDED.discount").
		Set("order_discount = ?TableAlias.order_discount + EXCLUDED.order_discount").
		Set("subtotal = ?TableAlias.subtotal + EXCLUDED.subtotal").
		Set("tax = ?TableAlias.tax + EXCLUDED.tax").
		Set("version = EXCLUDED.version").
		Where("?TableAlias.version = EXCLUDED.version - 1").
		Where("NOT ?TableAlias.voided").
		Where("?TableAlias.returned + EXCLUDED.returned <= ?TableAlias.sold").
		Returning("?TableAlias.sale_line_id"))
}

// handOut builds the statement that takes returns off what came back, because they are voided. Where somebody else
// voided them in the meantime there may be less, and the row stays as it is: the transaction isn't to be committed.
func handOut(h *postgres.Handle, rows []*Returned, given *[]*Returned) postgres.Statement {
	return postgres.Rows(given, h.Insert(&rows).
		On("CONFLICT (tenant_id, sale_line_id) DO UPDATE").
		Set("returned = ?TableAlias.returned - EXCLUDED.returned").
		Set("discount = ?TableAlias.discount - EXCLUDED.discount").
		Set("order_discount = ?TableAlias.order_discount - EXCLUDED.order_discount").
		Set("subtotal = ?TableAlias.subtotal - EXCLUDED.subtotal").
		Set("tax = ?TableAlias.tax - EXCLUDED.tax").
		Set("version = ?TableAlias.version + 1").
		Where("?TableAlias.returned >= EXCLUDED.returned").
		Returning("?TableAlias.sale_line_id"))
}

// takeAll builds the statement that takes all of lines back because their sale is voided. A line of which some came
// back before doesn't come back in taken.
func takeAll(h *postgres.Handle, rows []*Returned, taken *[]*Returned) postgres.Statement {
	return postgres.Rows(taken, h.Insert(&rows).
		On("CONFLICT (tenant_id, sale_line_id) DO UPDATE").
		Set("voided = EXCLUDED.voided").
		Set("version = ?TableAlias.version + 1").
		Where("?TableAlias.returned = 0").
		Returning("?TableAlias.sale_line_id"))
}

// ReturnedQuantity is how much of the line came back, in the unit; before is what is known of that, nil for nothing.
func (l *Line) ReturnedQuantity(before *Returned) *money.Decimal {
	var back int64
	switch {
	case l.Kind != SaleLine || before == nil:
	case before.Voided:
		back = l.Milli
	default:
		back = before.Milli
	}
	quantity := money.Quantity(back)
	return &quantity
}

// ReturnableQuantity is how much of the line can still come back, in the unit.
func (l *Line) ReturnableQuantity(before *Returned) *money.Decimal {
	quantity := money.Quantity(l.returnable(before))
	return &quantity
}

// ReturnedOf gives what came back of those of the lines of which anything did.
func (s *Sales) ReturnedOf(ctx context.Context, lines []id.SaleLine) ([]*Returned, error) {
	return byKey[Returned](ctx, s.db, "sale_line_id", lines, "")
}

// ReturnsOf gives, for each of several sales, those of the request's sales that took goods of it back.
func (s *Sales) ReturnsOf(ctx context.Context, sales []id.Sale) (map[id.Sale][]*Sale, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Sale, id.Sale]{
		Through: func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("sale.id IN (?)", h.Select((*Line)(nil)).Column("sale_id").
				Join("JOIN (?) AS original ON original.id = line.original_line_id", h.Select((*Line)(nil)).Column("id", "sale_id")).
				Where("original.sale_id = parent.id"))
		},
		Of: func(s *Sale) id.Sale { return id.Sale(s.Owner) },
	}
	return page.AllPerParent(ctx, h, sales, parents,
		func() *bun.SelectQuery { return h.Select((*Sale)(nil)) }, OldestFirst.order())
}
