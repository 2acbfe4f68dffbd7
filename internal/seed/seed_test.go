package seed_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/seed"
)

func options(hashed *int) seed.Options {
	return seed.Options{
		Now:    func() time.Time { return time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC) },
		Logger: slog.New(slog.DiscardHandler),
		Seed:   7,
		HashPassword: func(_ context.Context, password string) (string, error) {
			*hashed++
			return "hash of " + password, nil
		},
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	db := newTestDB(t)
	owner, super := connect(t, db.owner), connect(t, db.super)
	if empty, err := seed.Empty(t.Context(), owner); err != nil || !empty {
		t.Fatalf("empty: %v, %v", empty, err)
	}
	var hashed int
	first, err := seed.Demo(t.Context(), owner, options(&hashed))
	if err != nil {
		t.Fatal(err)
	}
	checkConsistency(t.Context(), t, super)
	if n := count(t.Context(), t, super, "sales"); n != first.Sales || n < 6000 || n > 10_000 {
		t.Errorf("%d sales, reported as %d", n, first.Sales)
	}
	if len(first.Made) != 3 || hashed != 1 || len(first.Accounts) != count(t.Context(), t, super, "users") {
		t.Errorf("made %v, hashed %d times, %d accounts", first.Made, hashed, len(first.Accounts))
	}

	again, err := seed.Demo(t.Context(), owner, options(&hashed))
	if err != nil {
		t.Fatal(err)
	}
	if again.Made != nil || hashed != 1 || !slices.Equal(again.Accounts, first.Accounts) {
		t.Errorf("the second run made %v, hashed %d times, accounts %v", again.Made, hashed, again.Accounts)
	}
}

func TestDemoShowsWhatItShould(t *testing.T) {
	t.Parallel()
	db := newTestDB(t)
	var hashed int
	if _, err := seed.Demo(t.Context(), connect(t, db.owner), options(&hashed)); err != nil {
		t.Fatal(err)
	}
	super := connect(t, db.super)
	for what, query := range map[string]string{
		"the same milk at 3.49 and 3.99": `
			select p.price = 349 and o.price = 399 from products p join store_prices o on o.product_id = p.id
			join stores s on s.id = o.store_id where p.sku = 'MLK-WHL-HG' and s.code = 'BOULDER'`,
		"about 120 products": `
			select count(*) between 110 and 135 from products p join companies c using (tenant_id) where c.slug = 'savanna'`,
		"weighed goods are sold in grams": `
			select count(*) > 100 from sale_lines where unit = 'KILOGRAM' and quantity % 1000 <> 0`,
		"all three ways to pay":      `select count(distinct method) = 3 from payments`,
		"some pay in two ways":       `select count(*) > 10 from payments where position = 2`,
		"some sales give change":     `select count(*) > 500 from sales where change > 0`,
		"sales of today, not beyond": `select max(occurred_at) between '2026-11-20 05:00Z' and '2026-11-20 12:34:56Z' from sales`,
		"90 days":                    `select count(distinct business_date) = 90 from sales`,
		"evenings are busier than mornings": `
			select count(*) filter (where h between 17 and 19) > 2 * count(*) filter (where h between 8 and 10)
			from (select extract(hour from s.occurred_at at time zone t.time_zone) as h from sales s
				join stores t on t.id = s.store_id) v`,
		"tills of today are open, and the first one in any case": `
			select count(*) filter (where status = 'OPEN' and business_date = '2026-11-20') >= 3
				and count(*) filter (where status <> 'CLOSED' and business_date <> '2026-11-20') = 0 from till_sessions`,
		"the days before are closed":   `select count(*) > 800 from till_z_reports`,
		"some counts were approved of": `select count(*) between 5 and 200 from till_sessions where approved_by_id is not null`,
		"drawers are used for more than sales": `
			select count(distinct kind) = 4 from drawer_movements`,
		"categories form a tree": `select count(*) filter (where parent_id is not null) > 15 from categories`,
	} {
		var ok bool
		if err := super.QueryRow(t.Context(), query).Scan(&ok); err != nil || !ok {
			t.Errorf("%s: %v, %v", what, ok, err)
		}
	}
}

func TestDemoIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	var prints []string
	for range 2 {
		db := newTestDB(t)
		var hashed int
		if _, err := seed.Demo(t.Context(), connect(t, db.owner), options(&hashed)); err != nil {
			t.Fatal(err)
		}
		prints = append(prints, fingerprint(t, connect(t, db.super)))
	}
	if prints[0] != prints[1] {
		t.Error("two runs with one seed differ")
	}
}

// fingerprint is a hash over all sales, lines, payments, levels and movements.
func fingerprint(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	sum := sha256.New()
	for _, table := range []string{"sales", "sale_lines", "payments", "inventory_levels", "stock_movements", "users"} {
		var all string
		query := "select string_agg(md5(v::text), '' order by v.id) from " + pgx.Identifier{table}.Sanitize() + " v"
		if err := conn.QueryRow(t.Context(), query).Scan(&all); err != nil {
			t.Fatal(err)
		}
		sum.Write([]byte(all))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func TestBulk(t *testing.T) {
	t.Parallel()
	db := newTestDB(t)
	super := connect(t, db.super)
	var hashed int
	var last seed.Progress
	o := seed.BulkOptions{
		Options: options(&hashed), Companies: 6, Sales: 3000, Batch: 70, Progress: func(p seed.Progress) { last = p },
	}
	dial := func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, db.owner) }
	if err := seed.Bulk(t.Context(), dial, o); err != nil {
		t.Fatal(err)
	}
	checkConsistency(t.Context(), t, super)
	sales := count(t.Context(), t, super, "sales")
	if sales != 3000 || last.Done != 3000 || count(t.Context(), t, super, "companies") != 6 {
		t.Errorf("%d sales, progress %+v", sales, last)
	}

	if err := seed.Bulk(t.Context(), dial, o); !errors.Is(err, seed.ErrCompaniesExist) {
		t.Errorf("the second run: %v", err)
	}
	if _, err := seed.Demo(t.Context(), connect(t, db.owner), o.Options); !errors.Is(err, seed.ErrNotEmpty) {
		t.Errorf("a demo beside: %v", err)
	}
	if n := count(t.Context(), t, super, "sales"); n != sales {
		t.Errorf("a refused run wrote %d sales", n-sales)
	}
}

// A check that can't fail proves nothing.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	db := newTestDB(t)
	var hashed int
	if _, err := seed.Demo(t.Context(), connect(t, db.owner), options(&hashed)); err != nil {
		t.Fatal(err)
	}
	super := connect(t, db.super)
	sale := "(select id from sales where change > 0 order by id desc limit 1)"
	for _, damage := range []string{
		"update inventory_levels set quantity = quantity + 1 where id = (select min(id::text)::uuid from inventory_levels)",
		"update stock_movements set quantity_after = 0 where sale_id = " + sale,
		"delete from stock_movements where sale_id = " + sale,
		"delete from sale_lines where sale_id = " + sale,
		"delete from payments where sale_id = " + sale,
		"update payments set tendered = tendered + 1 where sale_id = " + sale,
		"update sales set receipt_number = receipt_number + 100000 where id = " + sale,
		"update receipt_counters set next_number = next_number + 1",
		"update products set price = price + 1",
		"update stores set time_zone = 'Pacific/Kiritimati'",
		"delete from user_stores",
		"delete from product_words",
	} {
		tx, err := super.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), damage); err != nil {
			t.Fatalf("%s: %v", damage, err)
		}
		if len(violations(t.Context(), t, super)) == 0 {
			t.Errorf("not found: %s", damage)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBulkRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, o := range []seed.BulkOptions{{Companies: 0}, {Companies: 10_000}, {Companies: 1, Sales: -1}} {
		if err := seed.Bulk(t.Context(), nil, o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
