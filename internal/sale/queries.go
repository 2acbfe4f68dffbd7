package sale

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Sales records and reads sales.
type Sales struct {
	db  *postgres.DB
	now func() time.Time
	// told is called with the company after one of its sales was recorded or voided.
	told func(id.Company)
}

// New makes Sales. Told, where it is given, is called with the company after one of its sales was recorded or voided;
// it must not wait.
func New(db *postgres.DB, now func() time.Time, told func(id.Company)) *Sales {
	if told == nil {
		told = func(id.Company) {}
	}
	return &Sales{db: db, now: now, told: told}
}

// ByID gives those of the sales that the request may see.
func (s *Sales) ByID(ctx context.Context, ids []id.Sale) ([]*Sale, error) {
	return byKey[Sale](ctx, s.db, "id", ids, "")
}

// LinesByID gives those of the lines that the request may see.
func (s *Sales) LinesByID(ctx context.Context, ids []id.SaleLine) ([]*Line, error) {
	return byKey[Line](ctx, s.db, "id", ids, "")
}

// PaymentsByID gives those of the payments that the request may see.
func (s *Sales) PaymentsByID(ctx context.Context, ids []id.Payment) ([]*Payment, error) {
	return byKey[Payment](ctx, s.db, "id", ids, "")
}

// LinesOf gives the lines of several sales, in the order of their receipts.
func (s *Sales) LinesOf(ctx context.Context, sales []id.Sale) ([]*Line, error) {
	return byKey[Line](ctx, s.db, "sale_id", sales, "?TableAlias.sale_id, ?TableAlias.line_number")
}

// PaymentsOf gives the payments of several sales, in the order they were entered.
func (s *Sales) PaymentsOf(ctx context.Context, sales []id.Sale) ([]*Payment, error) {
	return byKey[Payment](ctx, s.db, "sale_id", sales, "?TableAlias.sale_id, ?TableAlias.position")
}

func byKey[T any, K ~[16]byte](ctx context.Context, db *postgres.DB, column string, keys []K, order string) ([]*T, error) {
	h, err := db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[T](ctx, h, column, keys, func(q *bun.SelectQuery) *bun.SelectQuery {
		if order == "" {
			return q
		}
		return q.OrderExpr(order)
	})
}

// Filter says which sales to list.
type Filter struct {
	StoreID       *id.Store
	RegisterID    *id.Register
	CashierID     *id.User
	OccurredFrom  *time.Time
	OccurredUntil *time.Time
	ReceiptNumber *int
	Status        *Status
}

func (f *Filter) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if f == nil {
		return q
	}
	if f.StoreID != nil {
		q.Where("?TableAlias.store_id = ?", *f.StoreID)
	}
	if f.RegisterID != nil {
		q.Where("?TableAlias.register_id = ?", *f.RegisterID)
	}
	if f.CashierID != nil {
		q.Where("?TableAlias.cashier_id = ?", *f.CashierID)
	}
	if f.OccurredFrom != nil {
		q.Where("?TableAlias.occurred_at >= ?", *f.OccurredFrom)
	}
	if f.OccurredUntil != nil {
		q.Where("?TableAlias.occurred_at < ?", *f.OccurredUntil)
	}
	if f.ReceiptNumber != nil {
		q.Where("?TableAlias.receipt_number = ?", *f.ReceiptNumber)
	}
	if f.Status != nil {
		q.Where("?TableAlias.status = ?", *f.Status)
	}
	return q
}

// List lists the sales that the request may see.
func (s *Sales) List(ctx context.Context, f *Filter, sort Sort, a page.Args) (*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery { return f.limit(h.Select((*Sale)(nil))) }
	return page.List(ctx, h, base, sort.order(), a)
}

// OfStores lists the sales of each of several stores, the newest first.
func (s *Sales) OfStores(ctx context.Context, stores []id.Store, a page.Args) (map[id.Store]*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Sale, id.Store]{Column: "store_id", Of: func(s *Sale) id.Store { return s.StoreID }}
	return page.PerParent(ctx, h, stores, parents,
		func() *bun.SelectQuery { return h.Select((*Sale)(nil)) }, NewestFirst.order(), a)
}

// OfCustomers lists what each of several customers bought, as themselves or as a double, the newest first.
func (s *Sales) OfCustomers(
	ctx context.Context, customers []id.Customer, a page.Args,
) (map[id.Customer]*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Sale, id.Customer]{
		Through: customer.Own(h, "customer_id"), Of: func(s *Sale) id.Customer { return id.Customer(s.Owner) },
	}
	return page.PerParent(ctx, h, customers, parents,
		func() *bun.SelectQuery { return h.Select((*Sale)(nil)) }, NewestFirst.order(), a)
}

// PurchasesOf sums what each of several customers bought, by currency. Voided sales don't count.
func (s *Sales) PurchasesOf(ctx context.Context, customers []id.Customer) ([]*customer.Purchases, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	bought := customer.Own(h, "customer_id")(h.Select((*Sale)(nil))).
		ColumnExpr("?TableAlias.currency_code, sum(?TableAlias.total)::bigint AS total").
		ColumnExpr("count(*) AS receipts, max(?TableAlias.occurred_at) AS last_at").
		Where("?TableAlias.status = ?", string(Completed)).GroupExpr("?TableAlias.currency_code")
	var rows []*customer.Purchases
	err = h.Read(ctx, postgres.Rows(&rows, h.NewSelect().ColumnExpr("parent.id AS customer_id, bought.*").
		TableExpr("unnest(?::uuid[]) AS parent (id)", postgres.UUIDs(customers)).
		Join("CROSS JOIN LATERAL (?) AS bought", bought).OrderExpr("parent.id, bought.currency_code")))
	return rows, err
}

// OfRegisters lists the sales of each of several registers, the newest first.
func (s *Sales) OfRegisters(
	ctx context.Context, registers []id.Register, a page.Args,
) (map[id.Register]*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Sale, id.Register]{
		Column: "register_id", Of: func(s *Sale) id.Register { return s.RegisterID },
	}
	return page.PerParent(ctx, h, registers, parents,
		func() *bun.SelectQuery { return h.Select((*Sale)(nil)) }, NewestFirst.order(), a)
}
