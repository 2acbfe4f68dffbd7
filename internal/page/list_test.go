package page_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// names repeat, so that the order must fall back on ids, and are hard to carry.
var names = []string{"Cola", "cola", "Cola", `O'Neil "x" \`, "Crème 🍮", "a?b $1 ?0", "zz -- ;", "Ångström", " ", "<&>"}

type bundle struct {
	*pgtest.Fixture
	db      *pgtest.Database
	catalog *catalog.Catalog
	ctx     context.Context
}

const many = 60

// setup makes a company with many products in few names, instants and categories.
func setup(t *testing.T) *bundle {
	t.Helper()
	d, f := pgtest.Filled(t)
	b := &bundle{Fixture: f, db: d}
	b.catalog = catalog.New(d.Open(t, catalog.Models()), time.Now)
	b.ctx = pgtest.Context(t, b.A.OwnerScope())
	company := b.A.ID.UUID()
	categories := []id.Category{b.A.Category, id.New[id.Category](), id.New[id.Category]()}
	for i, c := range categories[1:] {
		d.Exec(t, "insert into categories (tenant_id, id, parent_id, name) values ($1, $2, $3, $4)",
			company, c.UUID(), b.A.Category.UUID(), fmt.Sprintf("Sub %d", i))
	}
	for i := range many {
		d.Exec(t, `insert into products (tenant_id, id, sku, name, category_id, unit, currency_code, price, created_at, updated_at)
			values ($1, $2, $3, $4, $5, 'EACH', 'KES', 1, $6, $7)`, company, id.New[id.Product]().UUID(), fmt.Sprintf("M%d", i),
			names[i%len(names)], categories[i%len(categories)].UUID(),
			time.Unix(1_700_000_000, int64(i%7)*1000), time.Unix(1_700_000_000, int64(i%3)*1000))
	}
	return b
}

func (b *bundle) ids(t *testing.T, where, order string) []string {
	t.Helper()
	return pgtest.Values[string](t, b.db,
		"select id::text from products where tenant_id = $1 and "+where+" order by "+order, b.A.ID.UUID())
}

func texts(c *catalog.ProductConnection) []string {
	list := make([]string, len(c.Edges))
	for i, p := range c.Nodes() {
		list[i] = p.ID.UUID().String()
	}
	return list
}

var orders = map[catalog.Sort]string{
	catalog.NameAsc: "name, id", catalog.NameDesc: "name desc, id desc",
	catalog.CreatedAtAsc: "created_at, id", catalog.CreatedAtDesc: "created_at desc, id desc",
	catalog.UpdatedAtAsc: "updated_at, id", catalog.UpdatedAtDesc: "updated_at desc, id desc",
}

// TestEachRowOnce walks a list in pages of random sizes, forward or backward, and must meet every row once.
func TestEachRowOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := map[catalog.Sort][]string{}
	for sort, order := range orders {
		want[sort] = b.ids(t, "true", order)
	}
	rapid.Check(t, func(t *rapid.T) {
		sort := rapid.SampledFrom(slices.Sorted(keys(orders))).Draw(t, "sort")
		backward := rapid.Bool().Draw(t, "backward")
		var got []string
		var cursor *string
		for {
			n := rapid.IntRange(1, 25).Draw(t, "size")
			a := page.Args{Total: true, First: &n, After: cursor}
			if backward {
				a = page.Args{Total: true, Last: &n, Before: cursor}
			}
			c, err := b.catalog.Products(b.ctx, nil, sort, a)
			if err != nil {
				t.Fatal(err)
			}
			if c.TotalCount != len(want[sort]) {
				t.Fatalf("%d in total, want %d", c.TotalCount, len(want[sort]))
			}
			more, behind, next := c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage, c.PageInfo.EndCursor
			if backward {
				got = append(texts(c), got...)
				more, behind, next = behind, more, c.PageInfo.StartCursor
			} else {
				got = append(got, texts(c)...)
			}
			if behind != (cursor != nil) {
				t.Fatalf("there is something behind: %v, with a cursor: %v", behind, cursor != nil)
			}
			if more != (len(got) < len(want[sort])) {
				t.Fatalf("more: %v, after %d of %d", more, len(got), len(want[sort]))
			}
			if more && len(c.Edges) != n {
				t.Fatalf("a page of %d has %d", n, len(c.Edges))
			}
			if !more {
				break
			}
			cursor = next
		}
		if !slices.Equal(got, want[sort]) {
			t.Fatalf("met %q, want %q", got, want[sort])
		}
	})
}

func keys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestEveryCursorIsAPlace starts behind each edge of a page, and before it.
func TestEveryCursorIsAPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all, err := b.catalog.Products(b.ctx, nil, catalog.NameAsc, page.Args{First: new(page.Max)})
	if err != nil || len(all.Edges) != many+2 {
		t.Fatalf("%d products, %v", len(all.Edges), err)
	}
	want := texts(all)
	for i, edge := range all.Edges {
		after, err := b.catalog.Products(b.ctx, nil, catalog.NameAsc, page.Args{First: new(3), After: &edge.Cursor})
		if err != nil || !slices.Equal(texts(after), want[i+1:min(i+4, len(want))]) {
			t.Fatalf("after %d: %v, %v", i, texts(after), err)
		}
		before, err := b.catalog.Products(b.ctx, nil, catalog.NameAsc, page.Args{Last: new(3), Before: &edge.Cursor})
		if err != nil || !slices.Equal(texts(before), want[max(i-3, 0):i]) {
			t.Fatalf("before %d: %v, %v", i, texts(before), err)
		}
	}
}

func TestEmptyPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, a := range map[string]page.Args{"first": {First: new(0)}, "last": {Last: new(0)}} {
		c, err := b.catalog.Products(b.ctx, nil, catalog.NameAsc, a)
		if err != nil || len(c.Edges) != 0 || c.Nodes() == nil || c.PageInfo.StartCursor != nil || c.PageInfo.EndCursor != nil {
			t.Errorf("%s: %+v, %v", name, c, err)
			continue
		}
		if more := c.PageInfo.HasNextPage || c.PageInfo.HasPreviousPage; !more {
			t.Errorf("%s: an empty page of a list that has rows says that there are none", name)
		}
	}
	none := id.New[id.Category]()
	c, err := b.catalog.Products(b.ctx, &catalog.ProductFilter{CategoryID: &none}, catalog.NameAsc, page.Args{Total: true})
	if err != nil || len(c.Edges) != 0 || c.TotalCount != 0 || *c.PageInfo != (page.Info{}) {
		t.Errorf("an empty list: %+v, %v", c, err)
	}
}

// TestPagesOfManyParents compares what one statement answers for many parents with a statement for each.
func TestPagesOfManyParents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var parents []id.Category
	for _, text := range pgtest.Values[[16]byte](t, b.db, "select id from categories where tenant_id = $1", b.A.ID.UUID()) {
		parents = append(parents, id.Category(text))
	}
	parents = append(parents, id.New[id.Category](), b.B.Category)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 25).Draw(t, "size")
		a := page.Args{First: &n, Total: rapid.Bool().Draw(t, "total")}
		if rapid.Bool().Draw(t, "backward") {
			a.First, a.Last = nil, &n
		}
		if rapid.Bool().Draw(t, "cursor") {
			one, err := b.catalog.ProductsOf(b.ctx, parents[:1], page.Args{First: new(rapid.IntRange(1, 20).Draw(t, "place"))})
			if err != nil {
				t.Fatal(err)
			}
			end := one[parents[0]].PageInfo.EndCursor
			if a.First != nil {
				a.After = end
			} else {
				a.Before = end
			}
		}
		all, err := b.catalog.ProductsOf(b.ctx, parents, a)
		if err != nil || len(all) != len(parents) {
			t.Fatalf("%d pages, %v", len(all), err)
		}
		for _, parent := range parents {
			one, err := b.catalog.ProductsOf(b.ctx, []id.Category{parent}, a)
			if err != nil {
				t.Fatal(err)
			}
			flat, err := b.catalog.Products(b.ctx, &catalog.ProductFilter{CategoryID: &parent}, catalog.NameAsc, a)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tell(all[parent]), tell(one[parent]); got != want {
				t.Fatalf("%s: among many\n%s\nalone\n%s", parent, got, want)
			}
			if got, want := tell(all[parent]), tell(flat); got != want {
				t.Fatalf("%s: by parent\n%s\nby filter\n%s", parent, got, want)
			}
		}
	})
}

func tell(c *catalog.ProductConnection) string {
	var cursors []string
	for _, e := range c.Edges {
		cursors = append(cursors, e.Cursor)
	}
	return fmt.Sprintf("%s\n%s\n%d %v %v", strings.Join(texts(c), " "), strings.Join(cursors, " "), c.TotalCount,
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage)
}

// TestForeignCursors hands in cursors of other lists.
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	end := func(ctx context.Context, sort catalog.Sort) *string {
		c, err := b.catalog.Products(ctx, nil, sort, page.Args{First: new(1)})
		if err != nil {
			t.Fatal(err)
		}
		return c.PageInfo.EndCursor
	}
	categories, err := b.catalog.Categories(b.ctx, nil, page.Args{First: new(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, cursor := range map[string]*string{
		"another order's":   end(b.ctx, catalog.NameDesc),
		"another column's":  end(b.ctx, catalog.CreatedAtAsc),
		"another list's":    categories.PageInfo.EndCursor,
		"another company's": end(pgtest.Context(t, b.B.OwnerScope()), catalog.NameAsc),
		"garbage":           new("garbage"),
		"nothing":           new(""),
	} {
		if _, err := b.catalog.Products(b.ctx, nil, catalog.NameAsc, page.Args{After: cursor}); errs.CodeOf(err) != errs.BadUserInput {
			t.Errorf("%s: %v", name, err)
		}
		_, err := b.catalog.ProductsOf(b.ctx, []id.Category{b.A.Category}, page.Args{After: cursor})
		if errs.CodeOf(err) != errs.BadUserInput {
			t.Errorf("%s, by parent: %v", name, err)
		}
	}
}

// TestPostgresTakesWhatCursorsHold gives PostgreSQL every value that a cursor may carry.
func TestPostgresTakesWhatCursorsHold(t *testing.T) {
	t.Parallel()
	super := pgtest.New(t).Super()
	held := 0
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom([]page.Type{page.Text, page.UUID, page.Instant, page.Number, page.Date}).Draw(rt, "type")
		value := map[page.Type]*rapid.Generator[string]{
			page.Text:    rapid.String(),
			page.UUID:    rapid.StringMatching(`[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
			page.Instant: rapid.StringMatching(`(0000|0001|2026|9999)-(01|02|12)-(01|28|30|31)T(00|23|24):(00|59):(00|59|60)([.,][0-9]{1,9})?(Z|[+-](00|03|15|16|23):(00|30|59))`),
			page.Number:  rapid.StringMatching(`[+-]?[0-9]{1,20}`),
			page.Date:    rapid.StringMatching(`[0-9]{4}-[01][0-9]-[0-3][0-9]`),
		}[typ].Draw(rt, "value")
		if !typ.Holds(value) {
			return
		}
		held++
		var same bool
		if err := super.QueryRow(t.Context(), "select $1::text::"+string(typ)+" is not null", value).Scan(&same); err != nil || !same {
			rt.Fatalf("%q is no %s: %v", value, typ, err)
		}
	})
	if held < 10 {
		t.Errorf("only %d values were tried", held)
	}
	if page.Type("json").Holds("{}") {
		t.Error("an unknown type holds something")
	}
}
