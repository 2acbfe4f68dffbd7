package catalog

import (
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	mostListStores   = 1000
	highestPriority  = 1000
	currencyMismatch = "CURRENCY_MISMATCH"
)

// PriceListCreateInput is a new price list.
type PriceListCreateInput struct {
	Name         string
	CurrencyCode *money.Currency
	Status       PriceListStatus
	Priority     int
	From         *time.Time
	Until        *time.Time
	StoreIDs     []id.Store
}

// CreatePriceList adds a price list without prices.
//
// Errors: problems INVALID, STORE_NOT_FOUND and CURRENCY_MISMATCH.
func (c *Catalog) CreatePriceList(ctx context.Context, in PriceListCreateInput) (*PriceList, error) {
	var checked errs.Problems
	now := c.now()
	list := &PriceList{
		ID: id.New[id.PriceList](), Name: form.Text(&checked, in.Name, 1, 200, "name"), Status: in.Status,
		Priority: in.Priority, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	list.ValidFrom, list.ValidUntil = period(&checked, in.From, in.Until)
	list.check(&checked)
	checkStores(&checked, in.StoreIDs)
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := append(errs.Problems{}, checked...)
		var own *company.Company
		var stores []*company.Store
		if err := tx.Send(ctx,
			postgres.Row(&own, tx.Select((*company.Company)(nil))),
			postgres.Rows(&stores, storesByID(tx.Handle, in.StoreIDs)),
		); err != nil {
			return err
		}
		if own == nil {
			return errs.New(errs.NotFound, "There is no such company.")
		}
		list.CurrencyCode = own.CurrencyCode
		if in.CurrencyCode != nil {
			list.CurrencyCode = *in.CurrencyCode
		}
		list.checkStores(&problems, in.StoreIDs, stores)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, append([]postgres.Statement{tx.Add(list)}, list.join(tx, in.StoreIDs)...)...)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// PriceListUpdateInput is what to change of a price list; what is not set stays.
type PriceListUpdateInput struct {
	Version  int
	Name     graphql.Omittable[*string]
	Status   graphql.Omittable[*PriceListStatus]
	Priority graphql.Omittable[*int]
	From     graphql.Omittable[*time.Time]
	Until    graphql.Omittable[*time.Time]
	StoreIDs graphql.Omittable[[]id.Store]
}

func (in PriceListUpdateInput) apply(problems *errs.Problems, l *PriceList) {
	if v, ok := form.Required(problems, in.Name, "name"); ok {
		l.Name = form.Text(problems, v, 1, 200, "name")
	}
	if v, ok := form.Required(problems, in.Status, "status"); ok {
		l.Status = v
	}
	if v, ok := form.Required(problems, in.Priority, "priority"); ok {
		l.Priority = v
	}
	from, until := l.ValidFrom, l.ValidUntil
	if v, ok := in.From.ValueOK(); ok {
		from = v
	}
	if v, ok := in.Until.ValueOK(); ok {
		until = v
	}
	l.ValidFrom, l.ValidUntil = period(problems, from, until)
	l.check(problems)
}

func (l *PriceList) check(problems *errs.Problems) {
	if l.Priority < -highestPriority || l.Priority > highestPriority {
		problems.Add(form.Invalid, []string{"priority"}, "This must be from %d to %d.", -highestPriority, highestPriority)
	}
}

// UpdatePriceList changes a price list. The stores that are given take the place of those that the request sees. With
// a CONFLICT problem it gives the list as it is.
//
// Errors: problems INVALID, STORE_NOT_FOUND, CURRENCY_MISMATCH, NOT_FOUND and CONFLICT.
func (c *Catalog) UpdatePriceList(ctx context.Context, of id.PriceList, in PriceListUpdateInput) (*PriceList, error) {
	var list *PriceList
	given, move := in.StoreIDs.ValueOK()
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var stores []*company.Store
		if err := tx.Send(ctx, lockList(tx, of, &list), postgres.Rows(&stores, storesByID(tx.Handle, given))); err != nil {
			return err
		}
		if list == nil {
			return noList()
		}
		if list.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"},
				Message: "Somebody else changed the price list in the meantime.",
			}}
		}
		var problems errs.Problems
		in.apply(&problems, list)
		checkStores(&problems, given)
		list.checkStores(&problems, given, stores)
		if err := problems.Err(); err != nil {
			return err
		}
		list.Version++
		list.UpdatedAt = c.now()
		statements := []postgres.Statement{postgres.Exec(nil, tx.Update(list).Where("?TableAlias.id = ?", list.ID))}
		if move {
			statements = append(statements,
				postgres.Exec(nil, tx.Delete((*priceListStore)(nil)).Where("?TableAlias.price_list_id = ?", list.ID)))
			statements = append(statements, list.join(tx, given)...)
		}
		return tx.Finish(ctx, statements...)
	})
	var problems errs.Problems
	if errors.As(err, &problems) && problems[0].Code == form.Conflict {
		return list, err
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// DeletePriceList removes a price list with its prices.
//
// Errors: problems NOT_FOUND.
func (c *Catalog) DeletePriceList(ctx context.Context, of id.PriceList) error {
	return c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var removed int64
		q := tx.Delete((*PriceList)(nil)).Where("?TableAlias.id = ?", of)
		if err := tx.Send(ctx, postgres.Exec(&removed, q)); err != nil {
			return err
		}
		if removed == 0 {
			return noList()
		}
		return nil
	})
}

func noList() error {
	return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such price list."}}
}

func lockList(tx *postgres.Tx, of id.PriceList, list **PriceList) postgres.Statement {
	return postgres.Row(list, tx.Select((*PriceList)(nil)).Where("?TableAlias.id = ?", of).For("NO KEY UPDATE"))
}

func storesByID(h *postgres.Handle, ids []id.Store) *bun.SelectQuery {
	return h.Select((*company.Store)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids[:min(len(ids), mostListStores)]))
}

// checkStores checks the list of stores by itself.
func checkStores(problems *errs.Problems, ids []id.Store) {
	if len(ids) > mostListStores {
		problems.Add(form.Invalid, []string{"storeIds"}, "A price list has at most %d stores at once.", mostListStores)
		return
	}
	seen := map[id.Store]bool{}
	for i, store := range ids {
		if seen[store] {
			problems.Add(form.Invalid, errs.Path("storeIds", i), "This store stands here twice.")
		}
		seen[store] = true
	}
}

// checkStores compares the stores that were given with those that are there.
func (l *PriceList) checkStores(problems *errs.Problems, ids []id.Store, stores []*company.Store) {
	if len(ids) > mostListStores {
		return // said already
	}
	byID := make(map[id.Store]*company.Store, len(stores))
	for _, store := range stores {
		byID[store.ID] = store
	}
	for i, store := range ids {
		switch there := byID[store]; {
		case there == nil:
			problems.Add(storeNotFound, errs.Path("storeIds", i), "There is no such store.")
		case there.CurrencyCode != l.CurrencyCode:
			problems.Add(currencyMismatch, errs.Path("storeIds", i), "The store sells in %s and the list is in %s.",
				there.CurrencyCode, l.CurrencyCode)
		}
	}
}

// join makes a list count in stores.
func (l *PriceList) join(tx *postgres.Tx, stores []id.Store) []postgres.Statement {
	if len(stores) == 0 {
		return nil
	}
	rows := make([]*priceListStore, len(stores))
	for i, store := range stores {
		rows[i] = &priceListStore{PriceListID: l.ID}
		rows[i].StoreID = store
	}
	return []postgres.Statement{tx.Add(&rows)}
}

// PriceListFilter says which price lists to list.
type PriceListFilter struct {
	Status  *PriceListStatus
	StoreID *id.Store
}

// PriceLists lists the company's price lists by name.
func (c *Catalog) PriceLists(ctx context.Context, f *PriceListFilter, a page.Args) (*PriceListConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery {
		q := h.Select((*PriceList)(nil))
		if f != nil && f.Status != nil {
			q.Where("?TableAlias.status = ?", string(*f.Status))
		}
		if f != nil && f.StoreID != nil {
			q.Where("price_list.id IN (?)", h.Select((*priceListStore)(nil)).Column("price_list_id").
				Where("?TableAlias.store_id = ?", *f.StoreID))
		}
		return q
	}, listsByName(), a)
}

// PriceListsByID gives those of the price lists that are the company's.
func (c *Catalog) PriceListsByID(ctx context.Context, ids []id.PriceList) ([]*PriceList, error) {
	return byID[PriceList](ctx, c.db, ids)
}

// ItemsOfLists lists the prices of each of several price lists.
func (c *Catalog) ItemsOfLists(
	ctx context.Context, lists []id.PriceList, a page.Args,
) (map[id.PriceList]*PriceListItemConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	of := page.Parents[PriceListItem, id.PriceList]{
		Column: "price_list_id", Of: func(i *PriceListItem) id.PriceList { return i.PriceListID },
	}
	return page.PerParent(ctx, h, lists, of,
		func() *bun.SelectQuery { return h.Select((*PriceListItem)(nil)) }, itemsByProduct(), a)
}

type listedStore struct {
	company.Store

	PriceListID id.PriceList `bun:"price_list_id"`
}

// StoresOfLists gives the stores in which price lists count, of those that the request sees, by name.
func (c *Catalog) StoresOfLists(ctx context.Context, lists []id.PriceList) (map[id.PriceList][]*company.Store, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var rows []*listedStore
	if err := h.Read(ctx, postgres.Rows(&rows, h.Select((*company.Store)(nil)).
		ColumnExpr("store.*, there.price_list_id").
		Join("JOIN (?) AS there ON there.store_id = store.id", h.Select((*priceListStore)(nil)).
			Where("?TableAlias.price_list_id = ANY (?::uuid[])", postgres.UUIDs(lists))).
		OrderExpr("store.name, store.id"))); err != nil {
		return nil, err
	}
	stores := make(map[id.PriceList][]*company.Store, len(lists))
	for _, list := range lists {
		stores[list] = []*company.Store{}
	}
	for _, row := range rows {
		stores[row.PriceListID] = append(stores[row.PriceListID], &row.Store)
	}
	return stores, nil
}
