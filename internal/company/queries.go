package company

import (
	"context"
	"io"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Companies answers for the company of the request, its stores and its registers.
type Companies struct {
	db   *postgres.DB
	now  func() time.Time
	rand io.Reader
}

// New makes Companies. The random source makes device keys; it must be safe for concurrent use.
func New(db *postgres.DB, now func() time.Time, rand io.Reader) *Companies {
	return &Companies{db: db, now: now, rand: rand}
}

// Companies gives the companies with these ids: there is never more than the request's own.
func (c *Companies) Companies(ctx context.Context, ids []id.Company) ([]*Company, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Company](ctx, h, "tenant_id", ids)
}

// StoresByID gives those of the stores that the request may see.
func (c *Companies) StoresByID(ctx context.Context, ids []id.Store) ([]*Store, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Store](ctx, h, "id", ids)
}

// Stores lists the request's stores by name.
func (c *Companies) Stores(ctx context.Context, a page.Args) (*StoreConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*Store)(nil)) }, storesByName(), a)
}

// RegistersByID gives those of the registers that the request may see.
func (c *Companies) RegistersByID(ctx context.Context, ids []id.Register) ([]*Register, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Register](ctx, h, "id", ids)
}

// CountersOf gives the receipt counters of those of the registers that the request may see.
func (c *Companies) CountersOf(ctx context.Context, ids []id.Register) ([]*ReceiptCounter, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[ReceiptCounter](ctx, h, "register_id", ids)
}

// RegisterFilter says which registers to list.
type RegisterFilter struct {
	StoreID *id.Store
	Status  *OpenStatus
}

// Registers lists the registers of the request's stores by name.
func (c *Companies) Registers(ctx context.Context, f *RegisterFilter, a page.Args) (*RegisterConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q := h.Select((*Register)(nil))
		if f != nil && f.StoreID != nil {
			q.Where("?TableAlias.store_id = ?", *f.StoreID)
		}
		if f != nil && f.Status != nil {
			q.Where("?TableAlias.status = ?", string(*f.Status))
		}
		return q
	}
	return page.List(ctx, h, base, registersByName(), a)
}

// RegistersOfStores lists the registers of each of several stores.
func (c *Companies) RegistersOfStores(
	ctx context.Context, stores []id.Store, a page.Args,
) (map[id.Store]*RegisterConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Register, id.Store]{
		Column: "store_id", Of: func(r *Register) id.Store { return r.StoreID },
	}
	return page.PerParent(ctx, h, stores, parents,
		func() *bun.SelectQuery { return h.Select((*Register)(nil)) }, registersByName(), a)
}
