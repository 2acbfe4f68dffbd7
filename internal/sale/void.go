package sale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
)

// The codes of the problems that Void can find, beside form.Invalid, form.NotFound and tenancy.Suspended.
const (
	otherDay        = "OTHER_DAY"
	alreadyReturned = "ALREADY_RETURNED"
)

// VoidInput says why a sale is voided.
type VoidInput struct {
	Reason string
}

// errVoided says that somebody else voided a sale while we were about to.
var errVoided = errors.New("the sale was voided in the meantime")

// voiding is a sale about to be voided.
type voiding struct {
	sale     *Sale
	lines    []*Line
	payments []*Payment
	entries  []*ledger.Entry
	store    *company.Store
	settings *company.Settings

	moved []*inventory.Movement
	stock *inventory.Moves
	// sold are rows for what the sale sold, given what it took back.
	sold, given []*Returned
	effects     []effect
}

// Void takes a sale back on the day it was made: it keeps its number, its goods go back on the shelf or, where it
// took goods back, off it, and what it did to gift cards and customers is undone. A sale that was voided before is
// answered as it is.
//
// Errors: problems form.Invalid, form.NotFound, tenancy.Suspended, otherDay, alreadyReturned, balanceSpent; nothing is written.
func (s *Sales) Void(ctx context.Context, sale id.Sale, in VoidInput) (*Sale, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var problems errs.Problems
	reason := form.Text(&problems, in.Reason, 1, 500, "reason")
	v, err := s.lookToVoid(ctx, sale)
	if err != nil {
		return nil, err
	}
	if v.sale == nil || v.store == nil {
		problems.Add(form.NotFound, []string{"id"}, "There is no such sale.")
		return nil, problems
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	if v.sale.Status != Voided {
		v.check(&problems, scope, now)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if v.sale.Status == Voided {
		return v.sale, nil
	}
	v.sale.Status, v.sale.VoidedAt, v.sale.VoidReason = Voided, &now, &reason
	if !scope.User.IsZero() {
		v.sale.VoidedByID = &scope.User
	}
	v.undo()
	v.effects = append(v.effects, reversal(v.entries, v.settings, now, v.sale.VoidedByID))
	v.effects = append(v.effects, v.tillSession(), v.report())
	err = s.db.Write(ctx, v.write)
	if errors.Is(err, errVoided) {
		return one(s.ByID(ctx, []id.Sale{sale}))
	}
	if err == nil {
		s.told(scope.Company)
	}
	return v.sale, err
}

func one(sales []*Sale, err error) (*Sale, error) {
	if err != nil {
		return nil, err
	}
	if len(sales) == 0 {
		return nil, errors.New("a sale is gone")
	}
	return sales[0], nil
}

// lookToVoid reads a sale in one round trip.
func (s *Sales) lookToVoid(ctx context.Context, sale id.Sale) (*voiding, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	v := &voiding{}
	itsStore := h.Select((*Sale)(nil)).Column("store_id").Where("?TableAlias.id = ?", sale)
	return v, h.Read(ctx,
		postgres.Row(&v.sale, h.Select((*Sale)(nil)).Where("?TableAlias.id = ?", sale)),
		postgres.Rows(&v.lines, h.Select((*Line)(nil)).
			Where("?TableAlias.sale_id = ?", sale).OrderExpr("?TableAlias.line_number")),
		postgres.Rows(&v.payments, h.Select((*Payment)(nil)).
			Where("?TableAlias.sale_id = ?", sale).OrderExpr("?TableAlias.position")),
		inventory.OfSale(h, sale, &v.moved),
		postgres.Row(&v.store, h.Select((*company.Store)(nil)).Where("store.id = (?)", itsStore)),
		company.ReadSettings(h, &v.settings),
		ledger.OfSale(h, sale, &v.entries),
	)
}

func (v *voiding) check(p *errs.Problems, scope *tenancy.Scope, now time.Time) {
	scope.MaySell(p)
	if civil.BusinessDay(now, civil.Place(v.store.TimeZone), v.settings.BusinessDayStart) != v.sale.BusinessDate {
		p.Add(otherDay, []string{"id"}, "A sale is voided on the day it was made; take the goods back instead.")
	}
}

// undo says what moves back: what was sold, and what was taken back and restocked.
func (v *voiding) undo() {
	given := map[id.SaleLine]*Returned{}
	for _, line := range v.lines {
		if line.Kind == SaleLine {
			v.sold = append(v.sold, &Returned{LineID: line.ID, SoldMilli: line.Milli, Voided: true, Version: 1})
		}
		if line.OriginalLineID != nil {
			addReturned(given, line)
		}
	}
	for _, row := range given {
		v.given = append(v.given, row)
	}
	inOrder(v.sold)
	inOrder(v.given)
	v.stock = inventory.NewMoves(inventory.Occasion{
		StoreID: v.sale.StoreID, UserID: v.sale.VoidedByID, RegisterID: &v.sale.RegisterID, SaleID: &v.sale.ID,
		Note: *v.sale.VoidReason, OccurredAt: *v.sale.VoidedAt, RecordedAt: *v.sale.VoidedAt, Happened: true,
	})
	back := v.restocked()
	for _, m := range v.moved {
		v.stock.Add(inventory.Change{
			ProductID: m.ProductID, Kind: inventory.Void, Milli: -m.Milli, UnitCost: m.Cost,
			Portions: v.portions(m, back),
		})
	}
}

// addReturned adds a line that came back to what its original is to get.
func addReturned(rows map[id.SaleLine]*Returned, line *Line) {
	row := rows[*line.OriginalLineID]
	if row == nil {
		row = &Returned{LineID: *line.OriginalLineID, Version: 1}
		rows[row.LineID] = row
	}
	row.Milli -= line.Milli
	row.SoldMilli = row.Milli // the row is there already and knows better
	row.DiscountMinor -= line.DiscountMinor
	row.OrderDiscountMinor -= line.OrderDiscountMinor
	row.SubtotalMinor -= line.SubtotalMinor
	row.TaxMinor -= line.TaxMinor
}

// write voids in one round trip, and writes what follows and commits in another. The register's counter is locked
// first, as a sale does: a till session isn't closed in between.
func (v *voiding) write(ctx context.Context, tx *postgres.Tx) error {
	var voided int64
	var sold, given []*Returned
	first := []postgres.Statement{
		postgres.Exec(nil, tx.Select((*company.ReceiptCounter)(nil)).Column("next_number").
			Where("?TableAlias.register_id = ?", v.sale.RegisterID).For("UPDATE")),
		postgres.Exec(&voided, tx.Update(v.sale).
			Column("status", "voided_at", "voided_by_id", "void_reason", "void_till_session_id").
			Value("void_till_session_id", "(?)", till.OpenID(tx.Handle, v.sale.RegisterID)).
			Where("?TableAlias.id = ?", v.sale.ID).Where("?TableAlias.status = ?", Completed)),
	}
	first = append(first, v.stock.Lock(tx.Handle)...)
	if len(v.sold) > 0 {
		first = append(first, takeAll(tx.Handle, v.sold, &sold))
	}
	if len(v.given) > 0 {
		first = append(first, handOut(tx.Handle, v.given, &given))
	}
	for _, e := range v.effects {
		if e.first != nil {
			first = append(first, e.first(tx)...)
		}
	}
	if err := tx.Send(ctx, first...); err != nil {
		return err
	}
	if voided == 0 {
		return errVoided
	}
	if len(given) != len(v.given) {
		return fmt.Errorf("the return %s took back more than is known of", v.sale.ID)
	}
	if err := v.checkEffects(len(sold)); err != nil {
		return err
	}
	if err := v.stock.Apply(); err != nil {
		return fmt.Errorf("move the stock: %w", err)
	}
	last := v.stock.Write(tx.Handle)
	for _, e := range v.effects {
		if e.last != nil {
			last = append(last, e.last(tx)...)
		}
	}
	return tx.Finish(ctx, last...)
}

func (v *voiding) checkEffects(sold int) error {
	var problems errs.Problems
	if sold != len(v.sold) {
		problems.Add(alreadyReturned, []string{"id"}, "Goods of this sale came back already.")
	}
	for _, e := range v.effects {
		if e.check != nil {
			e.check(&problems)
		}
	}
	return problems.Err()
}
