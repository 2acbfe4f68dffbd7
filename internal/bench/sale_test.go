package bench

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/seed"
)

// TestLimitSellsAsTheServer sells the same goods by hand and by the server: both leave the same rows behind, in the same
// tables, but for what names them, counts them and tells the time.
func TestLimitSellsAsTheServer(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	fill(t, d, seed.BulkOptions{Companies: 4, Sales: 40})
	w, q := open(t, d), request(t, "M1")
	r := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // nothing is secret
	for _, shop := range w.shops {
		list, err := prepare(q, []*Shop{shop}, 1, r)
		must(t, err)
		var made [2]map[string][]string
		for i, s := range []*side{w.server, w.limit} {
			answer, err := s.post(t.Context(), q, shop, list[0].body)
			must(t, err)
			made[i] = w.rowsOf(t, saleIn(t, answer), i*saleQuantity*thousandths)
		}
		if _, told := w.sold.Load(id.Company(shop.Company)); !told {
			t.Error("nobody is told to add up what the limit has sold")
		}
		for _, table := range slices.Sorted(maps.Keys(made[0])) {
			ours, theirs := made[0][table], made[1][table]
			if len(ours) == 0 && table != "sale_line_taxes" || !slices.Equal(ours, theirs) {
				t.Errorf("%s: the server leaves\n%s\nand the limit\n%s", table, strings.Join(ours, "\n"), strings.Join(theirs, "\n"))
			}
		}
	}
	if n := pgtest.Value[int](t, d, `select count(*) from inventory_levels l where quantity <> (select sum(m.quantity)
		from stock_movements m where m.tenant_id = l.tenant_id and m.level_id = l.id) or movement_count <> (select count(*)
		from stock_movements m where m.tenant_id = l.tenant_id and m.level_id = l.id)`); n != 0 {
		t.Errorf("%d levels aren't what has moved", n)
	}
	if n := pgtest.Value[int](t, d, `select count(*) from receipt_counters c where next_number <> 1 + (select count(*)
		from sales s where s.tenant_id = c.tenant_id and s.register_id = c.register_id)`); n != 0 {
		t.Errorf("%d registers have left out a number", n)
	}
}

// TestNobodysShopIsMeasured finds a company that isn't made up.
func TestNobodysShopIsMeasured(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	fill(t, d, seed.BulkOptions{Companies: 2, Sales: 4})
	conn, err := pgx.Connect(t.Context(), d.OwnerURL)
	must(t, err)
	defer func() { must(t, conn.Close(t.Context())) }()
	if shops, err := Shops(t.Context(), conn, 10); err != nil || len(shops) != 2 {
		t.Fatalf("%d companies, %v", len(shops), err)
	}
	d.Exec(t, "update users set email = 'owner@shop.test' where email = 'owner@bulk-0002.example'")
	if _, err := Shops(t.Context(), conn, 10); !errors.Is(err, ErrNotMade) {
		t.Errorf("a company of somebody's: %v", err)
	}
}

func saleIn(t *testing.T, answer []byte) id.Sale {
	t.Helper()
	var read struct {
		Data struct {
			SaleRecord struct{ Sale struct{ ID string } }
		}
	}
	must(t, json.Unmarshal(answer, &read))
	return id.Sale(wireID(read.Data.SaleRecord.Sale.ID))
}

// rowsOf are the rows of a sale by their tables. Stock went down by so much since before the first sale.
func (w *world) rowsOf(t *testing.T, sale id.Sale, since int) map[string][]string {
	t.Helper()
	const changing = `'{id,sale_id,sale_line_id,receipt_number,occurred_at,recorded_at,created_at,key,request_hash,sequence,level_id,at,xid,
		request_id,address,operation,object_id}'::text[]`
	made := map[string][]string{}
	for table, where := range map[string]string{
		"sales": "id = $1", "sale_lines": "sale_id = $1", "sale_line_taxes": "sale_id = $1", "payments": "sale_id = $1",
		"sale_idempotency_keys": "sale_id = $1", "audit_events": "object_id = $1",
	} {
		made[table] = pgtest.Values[string](t, w.db, "select (to_jsonb(r) - "+changing+" - '{became}'::text[])::text from "+table+
			" r where "+where+" order by 1", sale.UUID())
	}
	made["stock_movements"] = pgtest.Values[string](t, w.db, "select (to_jsonb(r) - "+changing+
		" || jsonb_build_object('quantity_after', r.quantity_after + $2))::text from stock_movements r where sale_id = $1 order by 1",
		sale.UUID(), since)
	// What waits to be added to the reports may have been added by now.
	made["reports"] = pgtest.Values[string](t, w.db, `select (exists (select from report_pending where sale_id = $1 and kind = 'SALE')
		or exists (select from report_hours h join sales s on s.tenant_id = h.tenant_id and s.business_date = h.business_date
			and s.store_id = h.store_id and s.register_id = h.at_register_id where s.id = $1))::text`, sale.UUID())
	made["trail"] = pgtest.Values[string](t, w.db, `select string_agg(distinct k, ',' order by k) from audit_events,
		jsonb_object_keys(became) k where object_id = $1`, sale.UUID())
	return made
}
