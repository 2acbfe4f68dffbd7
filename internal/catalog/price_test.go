package catalog

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// TestPricesOfAPageReadThatPage: of 6,000 products with prices of all sources, those of a page are looked up and no others.
func TestPricesOfAPageReadThatPage(t *testing.T) {
	t.Parallel()
	const products, most = 6_000, 1_200
	s := open(t)
	tenant, store := s.A.ID.UUID(), s.A.Stores[0].ID
	s.db.Exec(t, "alter database "+s.db.Name+" set session_replication_role = replica")
	s.db.Super().Reset()
	s.db.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price)
		select $1, gen_random_uuid(), 'BIG-' || n, 'Article ' || n, 'EACH', 'KES', n from generate_series(1, $2) n`, tenant, products)
	s.db.Exec(t, `insert into store_prices (tenant_id, store_id, id, product_id, currency_code, price)
		select $1, $2, gen_random_uuid(), id, 'KES', 7 from products where tenant_id = $1 and sku like 'BIG-%'`, tenant, store.UUID())
	s.db.Exec(t, `insert into price_list_items (tenant_id, price_list_id, product_id, currency_code, price)
		select $1, $2, id, 'KES', 5 from products where tenant_id = $1 and sku like 'BIG-%'`, tenant, s.A.PriceList.UUID())
	s.db.Exec(t, "update price_lists set valid_from = null, valid_until = null where tenant_id = $1", tenant)
	s.db.Exec(t, "analyze")
	h, err := s.pool.Bind(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := func() *bun.SelectQuery {
		return h.Select((*Product)(nil)).Column("id").OrderExpr("?TableAlias.name, ?TableAlias.id").Limit(50)
	}
	some := `('{` + s.A.Products[0].UUID().String() + `,` + s.A.Products[1].UUID().String() + `}')::uuid[]`
	for name, page := range map[string]*bun.SelectQuery{
		"a page":             first(),
		"what is pointed at": h.NewSelect().Distinct().ColumnExpr("pointed.id").TableExpr("(?) AS pointed", first()),
		"some":               h.Select((*Product)(nil)).Column("id").Where("product.id = ANY (" + some + ")"),
	} {
		plan := s.db.ExplainQuery(t, h, pricesAt(h, At{Store: store}, time.Now()).Base().
			ColumnExpr("price.*").Join("JOIN (?) AS parent ON parent.id = price.product_id", page))
		var read int
		if at := buffers.FindStringSubmatch(plan); at != nil {
			_, _ = fmt.Sscan(at[1], &read)
		}
		if regexp.MustCompile(`Seq Scan on (products|store_prices|price_list_items)`).MatchString(plan) || read == 0 || read > most {
			t.Errorf("%s reads %d pages:\n%s", name, read, plan)
		}
	}
}
