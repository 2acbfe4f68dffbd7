package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// customerLoaders are the look-ups of customers, gift cards and their ledgers.
type customerLoaders struct {
	customer loader.Loader[id.Customer, *customer.Customer]
	group    loader.Loader[id.CustomerGroup, *customer.Group]
	// buyer gives the customer that an id stands for: that of a double the one it was merged into.
	buyer     loader.Loader[id.Customer, *customer.Customer]
	giftCard  loader.Loader[id.GiftCard, *giftcard.GiftCard]
	entry     loader.Loader[id.LedgerEntry, *ledger.Entry]
	purchases loader.Loader[id.Customer, []*customer.Purchases]

	salesOfCustomer   *loader.Pages[id.Customer, sale.Sale]
	entriesOfCustomer *loader.Pages[id.Customer, ledger.Entry]
	entriesOfCard     *loader.Pages[id.GiftCard, ledger.Entry]
}

func (r *Resolver) newCustomerLoaders() customerLoaders {
	return customerLoaders{
		customer: loader.ByKey(warmRows(r.customers.ByID, customerRelations()),
			func(c *customer.Customer) id.Customer { return c.ID }),
		group: loader.ByKey(r.customers.GroupsByID, func(g *customer.Group) id.CustomerGroup { return g.ID }),
		buyer: loader.Of(func(ctx context.Context, ids []id.Customer) (map[id.Customer]*customer.Customer, error) {
			current, err := r.customers.Current(ctx, ids)
			if err == nil {
				warm(ctx, slices.Collect(maps.Values(current)), customerRelations(), graphql.CollectFieldsCtx(ctx, nil))
			}
			return current, err
		}),
		giftCard: loader.ByKey(warmRows(r.giftCards.ByID, giftCardRelations()),
			func(c *giftcard.GiftCard) id.GiftCard { return c.ID }),
		entry: loader.ByKey(warmRows(r.ledgers.ByID, entryRelations()), func(e *ledger.Entry) id.LedgerEntry { return e.ID }),
		purchases: loader.Grouped(r.sales.PurchasesOf,
			func(p *customer.Purchases) id.Customer { return p.CustomerID }),

		salesOfCustomer:   warmed(r.sales.OfCustomers, saleRelations()),
		entriesOfCustomer: warmed(r.customers.Entries, entryRelations()),
		entriesOfCard:     warmed(r.ledgers.OfCards, entryRelations()),
	}
}

// The loaders that several relations ask.
func (l *loaders) customers() loader.Loader[id.Customer, *customer.Customer] { return l.customer }
func (l *loaders) groups() loader.Loader[id.CustomerGroup, *customer.Group]  { return l.group }
func (l *loaders) buyers() loader.Loader[id.Customer, *customer.Customer]    { return l.buyer }
func (l *loaders) giftCards() loader.Loader[id.GiftCard, *giftcard.GiftCard] { return l.giftCard }

func customerRelations() relations[customer.Customer] {
	key := func(c *customer.Customer) id.Customer { return c.ID }
	return relations[customer.Customer]{"Customer", map[string]ask[customer.Customer]{
		"history":       historyAsk(key),
		"customerGroup": maybe((*loaders).groups, func(c *customer.Customer) *id.CustomerGroup { return c.CustomerGroupID }),
		"mergedInto":    maybe((*loaders).customers, func(c *customer.Customer) *id.Customer { return c.MergedIntoID }),
		"purchases":     to(func(l *loaders) loader.Loader[id.Customer, []*customer.Purchases] { return l.purchases }, key),
		"sales":         pages(func(l *loaders) *loader.Pages[id.Customer, sale.Sale] { return l.salesOfCustomer }, key),
		"ledgerEntries": pages(func(l *loaders) *loader.Pages[id.Customer, ledger.Entry] { return l.entriesOfCustomer },
			key),
	}}
}

func giftCardRelations() relations[giftcard.GiftCard] {
	return relations[giftcard.GiftCard]{"GiftCard", map[string]ask[giftcard.GiftCard]{
		"ledgerEntries": pages(func(l *loaders) *loader.Pages[id.GiftCard, ledger.Entry] { return l.entriesOfCard },
			func(c *giftcard.GiftCard) id.GiftCard { return c.ID }),
	}}
}

func entryRelations() relations[ledger.Entry] {
	return relations[ledger.Entry]{"LedgerEntry", map[string]ask[ledger.Entry]{
		"customer": maybe((*loaders).buyers, func(e *ledger.Entry) *id.Customer { return e.CustomerID }),
		"giftCard": maybe((*loaders).giftCards, func(e *ledger.Entry) *id.GiftCard { return e.GiftCardID }),
		"sale": maybe(func(l *loaders) loader.Loader[id.Sale, *sale.Sale] { return l.sale },
			func(e *ledger.Entry) *id.Sale { return e.SaleID }),
		"user": maybe(func(l *loaders) loader.Loader[id.User, *staff.User] { return l.user },
			func(e *ledger.Entry) *id.User { return e.UserID }),
	}}
}

func paymentRelations() relations[sale.Payment] {
	return relations[sale.Payment]{"Payment", map[string]ask[sale.Payment]{
		"giftCard": maybe((*loaders).giftCards, func(p *sale.Payment) *id.GiftCard { return p.GiftCardID }),
	}}
}
