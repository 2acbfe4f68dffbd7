package catalog

import (
	"context"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// The codes of problems of several mutations of this package.
const (
	categoryNotFound = "CATEGORY_NOT_FOUND"
	productNotFound  = "PRODUCT_NOT_FOUND"
	storeNotFound    = "STORE_NOT_FOUND"
	overlaps         = "OVERLAPS"
)

// StorePriceSetInput is a store's own price for a product: its standing price, or with From one for a time.
type StorePriceSetInput struct {
	StoreID   id.Store
	ProductID id.Product
	Price     money.Decimal
	From      *time.Time
	Until     *time.Time
}

// SetStorePrice gives a product a price of its own in a store of the request, or changes the one that begins at the
// same instant.
//
// Errors: problems INVALID, STORE_NOT_FOUND, PRODUCT_NOT_FOUND and OVERLAPS.
func (c *Catalog) SetStorePrice(ctx context.Context, in StorePriceSetInput) (*StorePrice, error) {
	now := c.now()
	var set *StorePrice
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var problems errs.Problems
		from, until := period(&problems, in.From, in.Until)
		if from == nil && until != nil {
			problems.Add(form.Invalid, []string{"from"}, "A price that ends needs an instant at which it begins.")
		}
		store, others, err := place(ctx, tx, &problems, in.StoreID, in.ProductID)
		if err != nil {
			return err
		}
		price := &StorePrice{
			ID: id.New[id.StorePrice](), ProductID: in.ProductID, ValidFrom: from, ValidUntil: until,
			Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		price.StoreID = in.StoreID
		if store != nil {
			price.CurrencyCode = store.CurrencyCode
			price.PriceMinor = form.Price(&problems, in.Price, store.CurrencyCode, "price")
		}
		price.checkOverlap(&problems, others)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, postgres.Row(&set, tx.Insert(price).
			On("CONFLICT (tenant_id, store_id, product_id, valid_from) DO UPDATE").
			Set("price = EXCLUDED.price").Set("currency_code = EXCLUDED.currency_code").
			Set("valid_until = EXCLUDED.valid_until").
			Set("updated_at = EXCLUDED.updated_at").Set("version = ?TableAlias.version + 1").
			Returning("?TableAlias.*")))
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// period reads when something begins and ends, to the microsecond that the database keeps.
func period(problems *errs.Problems, from, until *time.Time) (begin, end *time.Time) {
	begin, end = instant(problems, from, "from"), instant(problems, until, "until")
	if begin != nil && end != nil && !end.After(*begin) {
		problems.Add(form.Invalid, []string{"until"}, "This must be later than it begins.")
	}
	return begin, end
}

func instant(problems *errs.Problems, at *time.Time, field string) *time.Time {
	const first, last = 2000, 9999
	if at == nil {
		return nil
	}
	kept := at.UTC().Truncate(time.Microsecond)
	if kept.Year() < first || kept.Year() > last {
		problems.Add(form.Invalid, []string{field}, "This must be between the years %d and %d.", first, last)
	}
	return &kept
}

// checkOverlap compares a price for a time with the store's others for the product; that which begins at the same
// instant is the one to be changed.
func (p *StorePrice) checkOverlap(problems *errs.Problems, others []*StorePrice) {
	if p.ValidFrom == nil {
		return
	}
	for _, other := range others {
		if other.ValidFrom == nil || other.ValidFrom.Equal(*p.ValidFrom) {
			continue
		}
		if before(*other.ValidFrom, p.ValidUntil) && before(*p.ValidFrom, other.ValidUntil) {
			problems.Add(overlaps, []string{"from"}, "The store has a price from %s that counts at the same time.",
				other.ValidFrom.Format(time.RFC3339))
			return
		}
	}
}

// before says that an instant comes before an end, which may be never.
func before(at time.Time, end *time.Time) bool { return end == nil || at.Before(*end) }

// place finds the store and the product of a price and the prices that are there, and holds the product so that two
// prices at once don't overlap.
func place(
	ctx context.Context, tx *postgres.Tx, problems *errs.Problems, store id.Store, product id.Product,
) (*company.Store, []*StorePrice, error) {
	var s *company.Store
	var p *Product
	var prices []*StorePrice
	if err := tx.Send(ctx,
		postgres.Row(&s, tx.Select((*company.Store)(nil)).Where("?TableAlias.id = ?", store)),
		postgres.Row(&p, tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", product).For("NO KEY UPDATE")),
		postgres.Rows(&prices, tx.Select((*StorePrice)(nil)).
			Where("?TableAlias.store_id = ?", store).Where("?TableAlias.product_id = ?", product)),
	); err != nil {
		return nil, nil, err
	}
	if s == nil {
		problems.Add(storeNotFound, []string{"storeId"}, "There is no such store.")
	}
	if p == nil {
		problems.Add(productNotFound, []string{"productId"}, "There is no such product.")
	}
	return s, prices, nil
}

// RemoveStorePrice takes a store's own price away: the standing one, or that which begins at an instant. It gives the
// product, for which the other prices count again.
//
// Errors: problems STORE_NOT_FOUND, PRODUCT_NOT_FOUND and NOT_FOUND.
func (c *Catalog) RemoveStorePrice(
	ctx context.Context, store id.Store, product id.Product, from *time.Time,
) (*Product, error) {
	var p *Product
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var problems errs.Problems
		from := instant(&problems, from, "from")
		if _, _, err := place(ctx, tx, &problems, store, product); err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		var removed int64
		if err := tx.Send(ctx,
			postgres.Exec(&removed, tx.Delete((*StorePrice)(nil)).
				Where("?TableAlias.store_id = ?", store).Where("?TableAlias.product_id = ?", product).
				Where("?TableAlias.valid_from IS NOT DISTINCT FROM ?", from)),
			postgres.Row(&p, tx.Select((*Product)(nil)).Where("?TableAlias.id = ?", product)),
		); err != nil {
			return err
		}
		if removed == 0 {
			return errs.Problems{{
				Code: form.NotFound, Field: []string{"productId"},
				Message: "The store has no such price of its own for the product.",
			}}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}
