package catalog

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// shop is a company with very many products.
type shop struct {
	*pgtest.Fixture
	db      *pgtest.Database
	pool    *postgres.DB
	catalog *Catalog
	ctx     context.Context
}

func open(t testing.TB) *shop {
	t.Helper()
	d, f := pgtest.Filled(t)
	s := &shop{Fixture: f, db: d, pool: d.Open(t, append(company.Models(), Models()...))}
	s.catalog = New(s.pool, time.Now)
	s.ctx = pgtest.Context(t, s.A.OwnerScope())
	return s
}

const many = 50_000

// stock gives the company its products: all have the word "article", half of them "even", one in a hundred a brand,
// and each an own number, SKU and barcode.
func (s *shop) stock(t testing.TB) {
	t.Helper()
	tenant := s.A.ID.UUID()
	s.db.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price)
		select $1, gen_random_uuid(), 'BIG-' || n, 'Article ' || n || ' Brand' || n % 100 || case n % 2 when 0 then ' Even' else ' Odd' end,
			'EACH', 'KES', n from generate_series(1, $2) n`, tenant, many)
	s.db.Exec(t, "analyze products") // or the foreign keys are checked by reading all of it for each row
	s.db.Exec(t, `insert into product_barcodes (tenant_id, barcode, code, product_id)
		select $1, 'B' || p.price, 'B' || p.price, p.id from products p where p.tenant_id = $1 and p.sku like 'BIG-%'`, tenant)
	s.db.Exec(t, `insert into product_words (tenant_id, word, product_id)
		select distinct $1::uuid, w.word, p.id from products p
			cross join lateral unnest(string_to_array(lower(p.name), ' ') || array[lower(p.sku), 'big', 'b' || p.price]) as w(word)
		where p.tenant_id = $1 and p.sku like 'BIG-%'`, tenant)
	s.db.Exec(t, "analyze product_words")
	s.db.Exec(t, "analyze product_barcodes")
}

// searches are what people look for, with how many products there are.
var searches = []struct {
	text  string
	found int
}{
	{"article 12345", 1}, // a word that all have and one that few have
	{"12345 even article brand45", 0},
	{"12346 even article brand46", 1},
	{"brand46 even", 500},
	{"brand46 odd", 0},
	{"art", many},
	{"even", many / 2},
	{"articel", 0}, //nolint:misspell // it finds nothing
	{"bíg-4999", 11},
	{"B31415", 1},
	{"article even brand", many / 2},
	{"brand1 3141", 10},
}

// plan explains a page of a search as the restricted role runs it.
func (s *shop) plan(t testing.TB, search string) string {
	t.Helper()
	h, err := s.pool.Bind(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	q, err := (&ProductFilter{Search: &search}).limit(h, h.Select((*Product)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s.db.ExplainQuery(t, h, q.OrderExpr("?TableAlias.name, ?TableAlias.id").Limit(page.Default+1))
}

var (
	scansAll  = regexp.MustCompile(`Seq Scan on (products|product_words)`)
	usesWords = regexp.MustCompile(`Index (Only )?Scan using (product_words_pkey|product_words_by_product)`)
	buffers   = regexp.MustCompile(`Buffers: shared hit=(\d+)`)
)

// TestSearchUsesItsIndex asks among 50,000 products as the restricted role, under row-level security.
func TestSearchUsesItsIndex(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.stock(t)
	for _, search := range searches {
		plan := s.plan(t, search.text)
		if scansAll.MatchString(plan) || !usesWords.MatchString(plan) {
			t.Errorf("%q doesn't use the index of words:\n%s", search.text, plan)
		}
		// Pages of memory, which don't depend on how busy the machine is: a look at all words takes thousands.
		var pages int
		if at := buffers.FindStringSubmatch(plan); at != nil {
			_, _ = fmt.Sscan(at[1], &pages)
		}
		const most = 6000
		if pages == 0 || pages > most {
			t.Errorf("%q reads %d pages:\n%s", search.text, pages, plan)
		}
		c, err := s.catalog.Products(s.ctx, &ProductFilter{Search: &search.text}, NameAsc, page.Args{Total: true})
		if err != nil || c.TotalCount != search.found || len(c.Edges) != min(search.found, page.Default) {
			t.Errorf("%q finds %d, %v; want %d", search.text, c.TotalCount, err, search.found)
		}
	}
}

// BenchmarkSearch is a page of products found by words, among 50,000 of one company.
func BenchmarkSearch(b *testing.B) {
	s := open(b)
	s.stock(b)
	for _, search := range searches {
		b.Run(strings.ReplaceAll(search.text, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.catalog.Products(s.ctx, &ProductFilter{Search: &search.text}, NameAsc, page.Args{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
