package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Shop is whom requests are made for: a company's owner, with a store, a register and goods of theirs.
type Shop struct {
	Company, Owner  uuid.UUID
	Stores          []uuid.UUID
	Store, Register uuid.UUID
	Products        []uuid.UUID
	Token           string
	// From and To are thirty days that end with the company's last sale.
	From, To time.Time
}

// Shops reads up to most shops out of a seeded database, over a connection as the owner of its tables. Companies without
// sales are left out.
//
// Errors: ErrNothingToMeasure; ErrNotMade where any of them isn't made up, by its owner's address in a domain that nobody
// can have.
func Shops(ctx context.Context, conn *pgx.Conn, most int) ([]*Shop, error) {
	rows, err := conn.Query(ctx, `select company_id from company_directory order by slug limit $1`, most)
	if err != nil {
		return nil, fmt.Errorf("list the companies: %w", err)
	}
	companies, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list the companies: %w", err)
	}
	var shops []*Shop
	for _, company := range companies {
		shop, err := shopOf(ctx, conn, company)
		if err != nil {
			return nil, err
		}
		if shop != nil {
			shops = append(shops, shop)
		}
	}
	if len(shops) == 0 {
		return nil, fmt.Errorf("no company has sold anything: %w", ErrNothingToMeasure)
	}
	return shops, nil
}

// shopOf names the company to the database first: its row-level security binds the owner of the tables too.
func shopOf(ctx context.Context, conn *pgx.Conn, company uuid.UUID) (*Shop, error) {
	shop := &Shop{Company: company}
	var last time.Time
	var made bool
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local app.tenant_id = '%s'", company)); err != nil {
			return fmt.Errorf("enter the company: %w", err)
		}
		// The stores' ids are what the policies of the other tables ask for.
		if err := tx.QueryRow(ctx, `select array(select id from stores where tenant_id = $1 order by code)`, company).Scan(&shop.Stores); err != nil {
			return fmt.Errorf("read the stores: %w", err)
		}
		if _, err := tx.Exec(ctx, `select set_config('app.store_ids', $1::uuid[]::text, true)`, shop.Stores); err != nil {
			return fmt.Errorf("enter the stores: %w", err)
		}
		return tx.QueryRow(ctx, `select u.id, u.email like '%@%.example', s.store_id, s.register_id, s.business_date, array(
				select p.id from products p where p.tenant_id = $1 and p.status = 'ACTIVE' and p.unit = 'EACH'
				and p.type = 'GOODS' and p.option_names = '{}' and exists (select from inventory_levels l
				where l.tenant_id = $1 and l.store_id = s.store_id and l.product_id = p.id) order by p.sku limit 200)
			from users u, lateral (select store_id, register_id, business_date from sales where tenant_id = $1
				order by occurred_at desc limit 1) s
			where u.tenant_id = $1 and u.role = 'OWNER' order by u.email limit 1`, company).
			Scan(&shop.Owner, &made, &shop.Store, &shop.Register, &last, &shop.Products)
	})
	if errorsIsNoRows(err) {
		return nil, nil //nolint:nilnil // it has sold nothing
	}
	if err != nil {
		return nil, fmt.Errorf("read the company %s: %w", company, err)
	}
	if !made {
		return nil, ErrNotMade
	}
	if len(shop.Products) < len(saleGoodsNames()) {
		return nil, fmt.Errorf("the company %s has too few goods: %w", company, ErrNothingToMeasure)
	}
	shop.From, shop.To = last.AddDate(0, 0, -29), last
	return shop, nil
}

// Settled says that reports' sums hold all receipts of the shops.
func Settled(ctx context.Context, conn *pgx.Conn, shops []*Shop) (settled bool, err error) {
	settled = true
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		for _, s := range shops {
			b.Queue(`select set_config('app.tenant_id', $1::uuid::text, true), set_config('app.store_ids', $2::uuid[]::text, true)`,
				s.Company, s.Stores)
			b.Queue("select exists (select from report_pending where tenant_id = $1)", s.Company).QueryRow(func(row pgx.Row) error {
				var waiting bool
				err := row.Scan(&waiting)
				settled = settled && !waiting
				return err //nolint:wrapcheck // it is below
			})
		}
		return tx.SendBatch(ctx, b).Close() //nolint:wrapcheck // it is below
	})
	if err != nil {
		return false, fmt.Errorf("look for receipts that aren't in the sums: %w", err)
	}
	return settled, nil
}
