package catalog

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
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
// see is neither. Who takes the statement over reads it of other products, in the first place's store.
func (c *Catalog) SoldIn(ctx context.Context, places []At) (map[At]*bool, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if taken, err := page.Take(ctx, func() page.Source { return soldAt(h, places[0]) }); taken {
		return nil, err
	}
	products, stores := make([]id.Product, len(places)), make([]id.Store, len(places))
	for i, place := range places {
		products[i], stores[i] = place.Product, place.Store
	}
	var rows []*askedSold
	if err := h.Read(ctx, postgres.Rows(&rows, sold(h, h.Select((*Product)(nil)).
		Join("JOIN unnest(?::uuid[], ?::uuid[]) WITH ORDINALITY AS ask (product_id, store_id, position) ON ask.product_id = product.id",
			postgres.UUIDs(products), postgres.UUIDs(stores)).
		Join("JOIN (?) AS at ON at.id = ask.store_id", h.Select((*company.Store)(nil)))).
		ColumnExpr("ask.position"))); err != nil {
		return nil, err
	}
	sells := make(map[At]*bool, len(rows))
	for _, row := range rows {
		sells[places[row.Position-1]] = &row.Sold
	}
	return sells, nil
}

// askedSold says whether a product is sold, with the place in the list of what was asked.
type askedSold struct {
	availability

	Position int `bun:"position"`
}

// sold has a query of products that is joined with scoped stores as "at" say whether they are sold there, as availability does.
func sold(h *postgres.Handle, q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("product.id AS product_id, at.id AS store_id, NOT EXISTS (?) AS sold", unsold(h))
}

// unsold are the places where a product isn't sold, of those of a query of products that is joined with stores as "at".
func unsold(h *postgres.Handle) *bun.SelectQuery {
	return h.Select((*availability)(nil)).
		Where("?TableAlias.store_id = at.id AND ?TableAlias.product_id = product.id AND NOT ?TableAlias.sold")
}

// soldAt says of all products whether they are sold at a place.
func soldAt(h *postgres.Handle, at At) page.Source {
	return page.Source{Row: reflect.TypeFor[availability](), Handle: h, Column: "product_id", Base: func() *bun.SelectQuery {
		return h.NewSelect().TableExpr("(?) AS availability", sold(h, at.in(h)))
	}}
}
