package graph

import (
	"context"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
)

func (l *loaders) linesOfSale() loader.Loader[id.Sale, []*sale.Line] { return l.lines }

func levelRelations() relations[inventory.Level] {
	store := func(l *inventory.Level) id.Store { return l.StoreID }
	return relations[inventory.Level]{"InventoryLevel", map[string]ask[inventory.Level]{
		"store":       to((*loaders).stores, store),
		"averageCost": to((*loaders).stores, store), // which has the currency
		"product":     to((*loaders).products, func(l *inventory.Level) id.Product { return l.ProductID }),
		"movements": pages(func(l *loaders) *loader.Pages[id.InventoryLevel, inventory.Movement] { return l.movementsOfLevel },
			func(l *inventory.Level) id.InventoryLevel { return l.ID }),
	}}.and(levelBatchRelations())
}

func movementRelations() relations[inventory.Movement] {
	store := func(m *inventory.Movement) id.Store { return m.StoreID }
	return relations[inventory.Movement]{"StockMovement", map[string]ask[inventory.Movement]{
		"store":    to((*loaders).stores, store),
		"unitCost": to((*loaders).stores, store), // which has the currency
		"product":  to((*loaders).products, func(m *inventory.Movement) id.Product { return m.ProductID }),
		"batches": to(func(l *loaders) loader.Loader[id.StockMovement, []*inventory.Part] { return l.parts },
			func(m *inventory.Movement) id.StockMovement { return m.ID }),
		"level": to(func(l *loaders) loader.Loader[id.InventoryLevel, *inventory.Level] { return l.level },
			func(m *inventory.Movement) id.InventoryLevel { return m.LevelID }),
		"register": maybe((*loaders).registers, func(m *inventory.Movement) *id.Register { return m.RegisterID }),
		"user": maybe(func(l *loaders) loader.Loader[id.User, *staff.User] { return l.user },
			func(m *inventory.Movement) *id.User { return m.UserID }),
		"sale": maybe(func(l *loaders) loader.Loader[id.Sale, *sale.Sale] { return l.sale },
			func(m *inventory.Movement) *id.Sale { return m.SaleID }),
	}}
}

// warmStock warms the lists of a payload.
func warmStock(ctx context.Context, levels []*inventory.Level, movements []*inventory.Movement) {
	warm(ctx, levels, levelRelations(), fieldsAt(ctx, "levels"))
	warm(ctx, movements, movementRelations(), fieldsAt(ctx, "movements"))
}

// unitCost shows a cost in the currency of the store that it is in.
func unitCost(ctx context.Context, store id.Store, cost *money.Cost) (*money.UnitCost, error) {
	if cost == nil {
		return nil, nil //nolint:nilnil // it isn't known
	}
	of, err := must(load(ctx).store.Get(ctx, store))
	if err != nil {
		return nil, err
	}
	return costIn(of, cost), nil
}

// costIn is a cost in the currency of a store, nil where it isn't known.
func costIn(store *company.Store, cost *money.Cost) *money.UnitCost {
	if cost == nil {
		return nil
	}
	return &money.UnitCost{Cost: *cost, Currency: store.CurrencyCode}
}
