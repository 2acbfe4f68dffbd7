package receipt

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Receipts gathers what is printed with sales.
type Receipts struct{ db *postgres.DB }

// New makes Receipts.
func New(db *postgres.DB) *Receipts { return &Receipts{db: db} }

// Of gives the receipts of those of the sales that the request may see: in one round trip, of as many statements for
// a page of sales as for one.
func (r *Receipts) Of(ctx context.Context, sales []id.Sale) (map[id.Sale]*Receipt, error) {
	h, err := r.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	l := &look{h: h, ids: postgres.UUIDs(sales)}
	if err := h.Read(ctx, l.statements()...); err != nil {
		return nil, err
	}
	return l.receipts(), nil
}

// look is what there is of several sales.
type look struct {
	h   *postgres.Handle
	ids any

	sales     []*sale.Sale
	lines     []*sale.Line
	payments  []*sale.Payment
	taxes     []*sale.LineTax
	discounts []*sale.AppliedDiscount
	entries   []*ledger.Entry
	cards     []*giftcard.GiftCard
	stores    []*company.Store
	registers []*company.Register
	people    []*staff.User
	own       *company.Company
	settings  *company.Settings
	// customers are those of the sales, and the survivors of the doubles among them.
	customers []*customer.Customer
	// originals are the sold lines that return lines take back, and the sales that they belong to.
	originals     []*sale.Line
	originalSales []*sale.Sale
}

// of selects the sales' rows of a model, in an order.
func (l *look) of(model any, order string) *bun.SelectQuery {
	return l.h.Select(model).Where("?TableAlias.sale_id = ANY (?::uuid[])", l.ids).OrderExpr(order)
}

// named is a column of the sales, for what they refer to.
func (l *look) named(column string) *bun.SelectQuery {
	return l.h.Select((*sale.Sale)(nil)).ColumnExpr("?TableAlias.?", bun.Ident(column)).
		Where("?TableAlias.id = ANY (?::uuid[])", l.ids)
}

// takenFrom are the lines that the sales take back.
func (l *look) takenFrom() *bun.SelectQuery {
	return l.h.Select((*sale.Line)(nil)).Column("original_line_id").
		Where("?TableAlias.sale_id = ANY (?::uuid[])", l.ids).Where("?TableAlias.original_line_id IS NOT NULL")
}

// originally is a column of the sales that those lines belong to.
func (l *look) originally(column string) *bun.SelectQuery {
	lines := l.h.Select((*sale.Line)(nil)).Column("sale_id").Where("line.id IN (?)", l.takenFrom())
	return l.h.Select((*sale.Sale)(nil)).ColumnExpr("?TableAlias.?", bun.Ident(column)).Where("sale.id IN (?)", lines)
}

func (l *look) statements() []postgres.Statement {
	h := l.h
	statements := []postgres.Statement{
		postgres.Rows(&l.sales, h.Select((*sale.Sale)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", l.ids)),
		postgres.Rows(&l.lines, l.of((*sale.Line)(nil), "?TableAlias.sale_id, ?TableAlias.line_number")),
		postgres.Rows(&l.payments, l.of((*sale.Payment)(nil), "?TableAlias.sale_id, ?TableAlias.position")),
		postgres.Rows(&l.taxes, l.of((*sale.LineTax)(nil), "?TableAlias.sale_id, ?TableAlias.sale_line_id, ?TableAlias.position")),
		postgres.Rows(&l.discounts, l.of((*sale.AppliedDiscount)(nil), "?TableAlias.sale_id, ?TableAlias.position")),
		postgres.Rows(&l.entries, l.of((*ledger.Entry)(nil), "?TableAlias.id")),
		postgres.Rows(&l.cards, h.Select((*giftcard.GiftCard)(nil)).Where("gift_card.id IN (?)",
			h.Select((*ledger.Entry)(nil)).Column("gift_card_id").Where("?TableAlias.sale_id = ANY (?::uuid[])", l.ids))),
		postgres.Rows(&l.stores, h.Select((*company.Store)(nil)).
			Where("store.id IN (?)", l.named("store_id")).WhereOr("store.id IN (?)", l.originally("store_id"))),
		postgres.Rows(&l.registers, h.Select((*company.Register)(nil)).
			Where("register.id IN (?)", l.named("register_id")).WhereOr("register.id IN (?)", l.originally("register_id"))),
		postgres.Rows(&l.people, h.Select((*staff.User)(nil)).Where("person.id IN (?)", l.named("cashier_id"))),
		postgres.Row(&l.own, h.Select((*company.Company)(nil))),
		company.ReadSettings(h, &l.settings),
		postgres.Rows(&l.originals, h.Select((*sale.Line)(nil)).Where("line.id IN (?)", l.takenFrom())),
		postgres.Rows(&l.originalSales, h.Select((*sale.Sale)(nil)).Where("sale.id IN (?)", l.originally("id"))),
	}
	if h.Scope().Can(tenancy.CustomerRead) {
		into := h.Select((*customer.Customer)(nil)).Column("merged_into_id").Where("customer.id IN (?)", l.named("customer_id"))
		statements = append(statements, postgres.Rows(&l.customers, h.Select((*customer.Customer)(nil)).
			Where("customer.id IN (?)", l.named("customer_id")).WhereOr("customer.id IN (?)", into)))
	}
	return statements
}

// receipts puts together what belongs together.
func (l *look) receipts() map[id.Sale]*Receipt {
	stores := keyed(l.stores, func(s *company.Store) id.Store { return s.ID })
	registers := keyed(l.registers, func(r *company.Register) id.Register { return r.ID })
	customers := keyed(l.customers, func(c *customer.Customer) id.Customer { return c.ID })
	people := keyed(l.people, func(u *staff.User) id.User { return u.ID })
	cards := keyed(l.cards, func(c *giftcard.GiftCard) id.GiftCard { return c.ID })
	originals := l.originalsByLine(stores, registers)
	lines := grouped(l.lines, func(row *sale.Line) id.Sale { return row.SaleID })
	payments := grouped(l.payments, func(row *sale.Payment) id.Sale { return row.SaleID })
	taxes := grouped(l.taxes, func(row *sale.LineTax) id.Sale { return row.SaleID })
	discounts := grouped(l.discounts, func(row *sale.AppliedDiscount) id.Sale { return row.SaleID })
	entries := grouped(l.entries, func(row *ledger.Entry) id.Sale { return *row.SaleID })
	receipts := map[id.Sale]*Receipt{}
	for _, s := range l.sales {
		r := &Receipt{
			Sale: s, Lines: lines[s.ID], Payments: payments[s.ID], Taxes: sale.TaxSummary(taxes[s.ID]),
			Company: l.own, Settings: l.settings, Store: stores[s.StoreID], Register: registers[s.RegisterID],
			Originals: originals,
		}
		if r.Company == nil || r.Store == nil || r.Register == nil {
			continue
		}
		r.leaveUntaxed(taxes[s.ID])
		r.discounted(discounts[s.ID])
		if s.CashierID != nil {
			r.Cashier = people[*s.CashierID]
		}
		seesCustomer := l.h.Scope().CanAt(tenancy.CustomerRead, s.StoreID)
		if seesCustomer && s.CustomerID != nil {
			r.Customer = survivor(customers, *s.CustomerID)
		}
		r.Balances = balances(entries[s.ID], cards, seesCustomer)
		receipts[s.ID] = r
	}
	return receipts
}

// leaveUntaxed sums up the lines that have none of the taxes.
func (r *Receipt) leaveUntaxed(taxes []*sale.LineTax) {
	taxed := grouped(taxes, func(t *sale.LineTax) id.SaleLine { return t.LineID })
	for _, line := range r.Lines {
		if len(taxed[line.ID]) == 0 {
			r.UntaxedMinor += line.SubtotalMinor
		}
	}
}

// discounted parts the discounts by what they are on.
func (r *Receipt) discounted(all []*sale.AppliedDiscount) {
	r.LineDiscounts = map[id.SaleLine][]*sale.AppliedDiscount{}
	for _, d := range all {
		if d.LineID == nil {
			r.Discounts = append(r.Discounts, d)
		} else {
			r.LineDiscounts[*d.LineID] = append(r.LineDiscounts[*d.LineID], d)
		}
	}
}

// survivor is a customer, or who they were merged into.
func survivor(customers map[id.Customer]*customer.Customer, of id.Customer) *customer.Customer {
	c := customers[of]
	if c != nil && c.MergedIntoID != nil {
		return customers[*c.MergedIntoID]
	}
	return c
}

func (l *look) originalsByLine(
	stores map[id.Store]*company.Store, registers map[id.Register]*company.Register,
) map[id.SaleLine]*Original {
	sales := keyed(l.originalSales, func(s *sale.Sale) id.Sale { return s.ID })
	originals := map[id.SaleLine]*Original{}
	for _, line := range l.originals {
		s := sales[line.SaleID]
		if s == nil || stores[s.StoreID] == nil || registers[s.RegisterID] == nil {
			continue
		}
		originals[line.ID] = &Original{Sale: s, Store: stores[s.StoreID], Register: registers[s.RegisterID]}
	}
	return originals
}

func keyed[K comparable, T any](rows []*T, key func(*T) K) map[K]*T {
	by := make(map[K]*T, len(rows))
	for _, row := range rows {
		by[key(row)] = row
	}
	return by
}

func grouped[K comparable, T any](rows []*T, key func(*T) K) map[K][]*T {
	by := map[K][]*T{}
	for _, row := range rows {
		by[key(row)] = append(by[key(row)], row)
	}
	return by
}
