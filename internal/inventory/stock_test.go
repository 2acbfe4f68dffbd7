package inventory_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func models() []any {
	return append(append(inventory.Models(), catalog.Models()...), company.Models()...)
}

// Reservations add up, also of what the store never had, and end at zero whoever gives back too much.
func TestReservations(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	db := d.Open(t, models())
	ctx := pgtest.Context(t, f.A.OwnerScope())
	store, known, fresh := f.A.Stores[0].ID, f.A.Products[0], id.New[id.Product]()
	d.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price) values ($1, $2, 'F', 'F', 'EACH', 'KES', 1)`,
		f.A.ID.UUID(), fresh.UUID())
	reserved := func(product id.Product) int64 {
		return pgtest.Value[int64](t, d, "select reserved from inventory_levels where store_id = $1 and product_id = $2",
			store.UUID(), product.UUID())
	}
	goods := func(known3, fresh3 int64) []inventory.Reservation {
		return []inventory.Reservation{{ProductID: fresh, Milli: fresh3}, {ProductID: known, Milli: known3 - 1}, {ProductID: known, Milli: 1}}
	}
	write := func(fn func(tx *postgres.Tx) []postgres.Statement) {
		t.Helper()
		if err := db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error { return tx.Finish(ctx, fn(tx)...) }); err != nil {
			t.Fatal(err)
		}
	}
	var after []*inventory.Level
	for range 2 {
		write(func(tx *postgres.Tx) []postgres.Statement {
			return inventory.Reserve(tx.Handle, store, goods(3000, 2000), time.Now(), &after)
		})
	}
	if len(after) != 2 || reserved(known) != 6000 || reserved(fresh) != 4000 {
		t.Errorf("%v: %d and %d are put aside", after, reserved(known), reserved(fresh))
	}
	for _, level := range after {
		if level.ProductID == fresh && level.AvailableMilli() != -4000 || level.ProductID == known && level.AvailableMilli() != 44000 {
			t.Errorf("%+v", level)
		}
	}
	write(func(tx *postgres.Tx) []postgres.Statement {
		return inventory.Release(tx.Handle, store, goods(1000, 9000), time.Now())
	})
	if reserved(known) != 5000 || reserved(fresh) != 0 {
		t.Errorf("%d and %d are put aside still", reserved(known), reserved(fresh))
	}
	if n := pgtest.Value[int](t, d, "select count(*) from inventory_levels where store_id <> $1 and reserved <> 0", store.UUID()); n != 0 {
		t.Errorf("%d levels of others have reservations", n)
	}
}

// The lists use their indexes as the restricted role: among 8,000 levels and as many movements they read a page.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	a, stores := f.A.ID.UUID(), f.A.Stores
	for i := range 2 {
		d.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price)
			select $1, gen_random_uuid(), 'X' || $2::int || n, 'X', 'EACH', 'KES', 1 from generate_series(1, 2000) n`, a, i)
	}
	for _, s := range stores {
		d.Exec(t, `insert into inventory_levels (tenant_id, store_id, id, product_id, quantity, movement_count, low_stock_threshold)
			select $1, $2, gen_random_uuid(), id, row_number() over () % 1000, 1, 5 from products where tenant_id = $1 and sku like 'X%'`,
			a, s.ID.UUID())
		d.Exec(t, `insert into stock_movements (tenant_id, store_id, id, level_id, product_id, sequence, kind, quantity, quantity_after,
				occurred_at, recorded_at)
			select tenant_id, store_id, gen_random_uuid(), id, product_id, 1, 'OPENING', 1, quantity, now(), now() - random() * interval '90 days'
			from inventory_levels where store_id = $1 and quantity < 1000`, s.ID.UUID())
	}
	d.Exec(t, "vacuum analyze")
	product := pgtest.Value[[16]byte](t, d, "select id from products where sku = 'X0500'")
	const scoped = `select * from %s where "tenant_id" = '%[2]s' and (%[3]s or "store_id" = any ('{%[4]s}'::uuid[]))`
	owner, cashier := f.A.OwnerScope(), f.A.CashierScope(0)
	for _, by := range []struct {
		name  string
		scope *tenancy.Scope
		every string
	}{{"owner", owner, "true"}, {"cashier", cashier, "false"}} {
		levels := fmt.Sprintf(scoped, "inventory_levels", a, by.every, by.scope.StoresText())
		movements := fmt.Sprintf(scoped, "stock_movements", a, by.every, by.scope.StoresText())
		for what, c := range map[string]struct{ sql, index string }{
			"low stock of a store": {
				fmt.Sprintf(`select * from (%s) level where level.low_stock and level.store_id = '%s'
					order by level.store_id, level.product_id limit 51`, levels, stores[0].ID.UUID()), "inventory_levels_low",
			},
			"low stock": {
				fmt.Sprintf(`select * from (%s) level where level.low_stock order by level.store_id, level.product_id limit 51`, levels),
				"inventory_levels_low",
			},
			"the last movements of a store": {
				fmt.Sprintf(`select * from (%s) m where m.store_id = '%s' order by m.recorded_at desc, m.id desc limit 51`,
					movements, stores[0].ID.UUID()), "stock_movements_by_store",
			},
			"the last movements of a product": {
				fmt.Sprintf(`select * from (%s) m where m.product_id = '%x' order by m.recorded_at desc, m.id desc limit 51`,
					movements, product), "stock_movements_by_product",
			},
			"the last movements of a level": {
				fmt.Sprintf(`select * from (%s) m where m.level_id = '%s' order by m.sequence desc limit 51`,
					movements, stores[0].Levels[0].UUID()), "stock_movements_tenant_id_level_id_sequence_key",
			},
		} {
			plan := d.Explain(t, by.scope, c.sql)
			if !strings.Contains(plan, c.index) || strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s by the %s doesn't use %s:\n%s", what, by.name, c.index, plan)
			}
		}
	}
}
