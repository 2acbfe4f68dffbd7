package catalog

import (
	"context"
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// mostRows is how many rows a call may bring.
const mostRows = 1000

// PriceListItemInput is the price of a product in a price list.
type PriceListItemInput struct {
	ProductID id.Product
	Price     money.Decimal
}

// PriceListItemsSetInput is prices to add to a price list or to change.
type PriceListItemsSetInput struct {
	Items []PriceListItemInput
}

// PriceListItemsRemoveInput is the products whose prices are taken out.
type PriceListItemsRemoveInput struct {
	ProductIDs []id.Product
}

// SetPriceListItems adds prices to a price list, or changes them: in three statements, whatever their number.
//
// Errors: problems INVALID, PRODUCT_NOT_FOUND and NOT_FOUND.
func (c *Catalog) SetPriceListItems(ctx context.Context, of id.PriceList, in PriceListItemsSetInput) (*PriceList, error) {
	items := in.Items
	products := make([]id.Product, len(items))
	for i, item := range items {
		products[i] = item.ProductID
	}
	return c.changeItems(ctx, of, products, "items", func(
		problems *errs.Problems, tx *postgres.Tx, list *PriceList, there map[id.Product]bool,
	) postgres.Statement {
		rows := make([]*PriceListItem, len(items))
		for i, item := range items {
			if !there[item.ProductID] {
				problems.Add(productNotFound, errs.Path("items", i, "productId"), "There is no such product.")
			}
			rows[i] = &PriceListItem{
				PriceListID: list.ID, ProductID: item.ProductID, CurrencyCode: list.CurrencyCode, UpdatedAt: c.now(),
				PriceMinor: form.Price(problems, item.Price, list.CurrencyCode, "items", i, "price"),
			}
		}
		return postgres.Exec(nil, tx.Insert(&rows).
			On("CONFLICT (tenant_id, price_list_id, product_id) DO UPDATE").
			Set("price = EXCLUDED.price").Set("updated_at = EXCLUDED.updated_at"))
	})
}

// RemovePriceListItems takes prices out of a price list; products that it has no price for are left alone.
//
// Errors: problems INVALID and NOT_FOUND.
func (c *Catalog) RemovePriceListItems(
	ctx context.Context, of id.PriceList, in PriceListItemsRemoveInput,
) (*PriceList, error) {
	products := in.ProductIDs
	return c.changeItems(ctx, of, products, "productIds", func(
		problems *errs.Problems, tx *postgres.Tx, list *PriceList, there map[id.Product]bool,
	) postgres.Statement {
		for i, product := range products {
			if !there[product] {
				problems.Add(productNotFound, errs.Path("productIds", i), "There is no such product.")
			}
		}
		return postgres.Exec(nil, tx.Delete((*PriceListItem)(nil)).
			Where("?TableAlias.price_list_id = ?", list.ID).
			Where("?TableAlias.product_id = ANY (?::uuid[])", postgres.UUIDs(products)))
	})
}

// changeItems finds the list and which of the products are there, and runs one change.
func (c *Catalog) changeItems(
	ctx context.Context, of id.PriceList, products []id.Product, field string,
	change func(*errs.Problems, *postgres.Tx, *PriceList, map[id.Product]bool) postgres.Statement,
) (*PriceList, error) {
	var checked errs.Problems
	if n := len(products); n < 1 || n > mostRows {
		checked.Add(form.Invalid, []string{field}, "Give 1 to %d at once.", mostRows)
		return nil, checked
	}
	checkOnce(&checked, products, field)
	var list *PriceList
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := slices.Clone(checked)
		var rows []*Product
		if err := tx.Send(ctx,
			lockList(tx, of, &list),
			postgres.Rows(&rows, tx.Select((*Product)(nil)).Column("id").
				Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(products))),
		); err != nil {
			return err
		}
		if list == nil {
			return noList()
		}
		there := make(map[id.Product]bool, len(rows))
		for _, row := range rows {
			there[row.ID] = true
		}
		statement := change(&problems, tx, list, there)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, statement)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func checkOnce(problems *errs.Problems, products []id.Product, field string) {
	seen := make(map[id.Product]bool, len(products))
	for i, product := range products {
		if seen[product] {
			problems.Add(form.Invalid, errs.Path(field, i), "This product stands here twice.")
		}
		seen[product] = true
	}
}
