package catalog

import (
	"context"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// ProductAvailabilitySetInput says whether a store sells a product.
type ProductAvailabilitySetInput struct {
	ProductID id.Product
	StoreID   id.Store
	Sold      bool
}

// SetAvailability says whether a store of the request sells a product.
//
// Errors: problems STORE_NOT_FOUND and PRODUCT_NOT_FOUND.
func (c *Catalog) SetAvailability(ctx context.Context, in ProductAvailabilitySetInput) (*Product, error) {
	var product *Product
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var store *company.Store
		if err := tx.Send(ctx,
			postgres.Row(&store, tx.Select((*company.Store)(nil)).Where("?TableAlias.id = ?", in.StoreID)),
			postgres.Row(&product, tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", in.ProductID)),
		); err != nil {
			return err
		}
		var problems errs.Problems
		if store == nil {
			problems.Add(storeNotFound, []string{"storeId"}, "There is no such store.")
		}
		if product == nil {
			problems.Add(productNotFound, []string{"productId"}, "There is no such product.")
		}
		if err := problems.Err(); err != nil {
			return err
		}
		row := &availability{ProductID: in.ProductID, Sold: in.Sold, UpdatedAt: c.now()}
		row.StoreID = in.StoreID
		return tx.Finish(ctx, postgres.Exec(nil, tx.Insert(row).
			On("CONFLICT (tenant_id, product_id, store_id) DO UPDATE").
			Set("sold = EXCLUDED.sold").Set("updated_at = EXCLUDED.updated_at")))
	})
	if err != nil {
		return nil, err
	}
	return product, nil
}

// SoldIn says which products are sold in which stores: one statement, whatever their number. What the request may not
// see is neither.
func (c *Catalog) SoldIn(ctx context.Context, places []At) (map[At]*bool, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	products, stores := make([]id.Product, len(places)), make([]id.Store, len(places))
	for i, place := range places {
		products[i], stores[i] = place.Product, place.Store
	}
	var rows []*asked
	if err := h.Read(ctx, postgres.Rows(&rows, h.Select((*company.Store)(nil)).
		ColumnExpr("ask.position, EXISTS (?) AS excluded", h.Select((*availability)(nil)).
			Where("?TableAlias.store_id = ask.store_id AND ?TableAlias.product_id = ask.product_id AND NOT ?TableAlias.sold")).
		Join("JOIN unnest(?::uuid[], ?::uuid[]) WITH ORDINALITY AS ask (product_id, store_id, position) ON ask.store_id = store.id",
			postgres.UUIDs(products), postgres.UUIDs(stores)))); err != nil {
		return nil, err
	}
	sold := make(map[At]*bool, len(rows))
	for _, row := range rows {
		sells := !row.Excluded
		sold[places[row.Position-1]] = &sells
	}
	return sold, nil
}
