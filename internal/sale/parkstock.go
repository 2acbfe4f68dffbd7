package sale

import (
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// reserving puts the goods of new lines aside, where the company wants that and there is stock of them.
type reserving struct {
	settings *company.Settings
	lines    []*ParkedLine
	after    []*inventory.Level
}

// reserve marks the lines whose goods are put aside.
func (s *Parked) reserve(settings *company.Settings, lines []*ParkedLine) *reserving {
	s.Reserved = settings.ParkedSaleReserves
	for _, line := range lines {
		if s.Reserved && line.product.Stocked() {
			line.ReservedMilli = line.Milli
		}
	}
	return &reserving{settings: settings, lines: lines}
}

func (r *reserving) statements(tx *postgres.Tx, store id.Store, now time.Time) []postgres.Statement {
	return inventory.Reserve(tx.Handle, store, reservations(r.lines), now, &r.after)
}

// check refuses what isn't there of products that aren't sold short.
func (r *reserving) check() error {
	var p errs.Problems
	after := map[id.Product]*inventory.Level{}
	for _, level := range r.after {
		after[level.ProductID] = level
	}
	for _, line := range r.lines {
		level := after[line.ProductID]
		if line.ReservedMilli == 0 || level == nil || level.AvailableMilli() >= 0 ||
			line.product.MayRunShort(r.settings.NegativeStockAllowed) {
			continue
		}
		left := money.Quantity(max(level.AvailableMilli()+line.ReservedMilli, 0))
		p = append(p, errs.Problem{
			Code: stockInsufficient, Field: errs.Path("lines", line.LineNumber-1, "quantity"),
			Message: fmt.Sprintf("Only %s of this product are available.", left),
		})
	}
	return p.Err()
}

// reservations are what lines have put aside.
func reservations(lines []*ParkedLine) []inventory.Reservation {
	var goods []inventory.Reservation
	for _, line := range lines {
		if line.ReservedMilli > 0 {
			goods = append(goods, inventory.Reservation{ProductID: line.ProductID, Milli: line.ReservedMilli})
		}
	}
	return goods
}

// mostLapsed is how many parked sales that nobody carried on in time are ended with one sale.
const mostLapsed = 20

// lapsed reads the lines of the store's parked sales whose time is over and whose goods are still put aside. Nothing
// watches the clock: the next sale or parked sale of the store gives the goods free.
func lapsed(h *postgres.Handle, store *bun.SelectQuery, now time.Time, lines *[]*ParkedLine) postgres.Statement {
	over := h.Select((*Parked)(nil)).Column("id").Where("parked.store_id = (?)", store).
		Where("?TableAlias.reserved").Where("?TableAlias.expires_at <= ?", now).
		OrderExpr("?TableAlias.expires_at").Limit(mostLapsed)
	return postgres.Rows(lines, h.Select((*ParkedLine)(nil)).Where("parked_line.parked_sale_id IN (?)", over))
}

// lapse ends the parked sales of lines. changed is how many that were: fewer than ended says, when somebody else was
// faster with one of them.
func lapse(h *postgres.Handle, lines []*ParkedLine, now time.Time, changed *int64) (ended int64, s []postgres.Statement) {
	seen := map[id.ParkedSale]bool{}
	var ids []id.ParkedSale
	for _, line := range lines {
		if !seen[line.ParkedSaleID] {
			seen[line.ParkedSaleID] = true
			ids = append(ids, line.ParkedSaleID)
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return int64(len(ids)), []postgres.Statement{postgres.Exec(changed, h.Update((*Parked)(nil)).
		Set("status = ?", ParkedExpired).Set("reserved = FALSE").Set("version = ?TableAlias.version + 1").
		Set("updated_at = ?", now).
		Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids)).
		Where("?TableAlias.reserved").Where("?TableAlias.expires_at <= ?", now))}
}

// giveFree ends what lapsed in the store, together with the sale.
func (d *draft) giveFree(lines []*ParkedLine) {
	if len(lines) == 0 {
		return
	}
	for _, goods := range reservations(lines) {
		d.stock.Release(goods.ProductID, goods.Milli)
	}
	var changed, ended int64
	d.effects = append(d.effects, effect{
		first: func(tx *postgres.Tx) (s []postgres.Statement) {
			ended, s = lapse(tx.Handle, lines, d.sale.RecordedAt, &changed)
			return s
		},
		stale: func() bool { return changed != ended },
	})
}
