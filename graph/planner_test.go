package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/telemetry"
)

// twoWays are two servers on one database: one that reads whole, and one that resolves field by field.
type twoWays struct {
	*bundle

	resolvers *bundle
	metrics   *telemetry.Metrics
}

func bothWays(t *testing.T) *twoWays {
	t.Helper()
	d, f := pgtest.Filled(t)
	w := &twoWays{metrics: telemetry.New()}
	open := func(c *graph.Config) { c.MaxComplexity, c.Metrics = 1<<30, w.metrics }
	w.bundle = serveOn(t, d, f, open)
	w.resolvers = serveOn(t, d, f, func(c *graph.Config) { c.MaxComplexity, c.ResolversOnly = 1<<30, true })
	w.fill(t)
	w.odd(t)
	w.priced(t)
	w.belongings(t)
	w.sums(t)
	return w
}

// odd adds what is rare: texts that are hard to write, what is null, negative or empty, and a tree of everything.
func (w *twoWays) odd(t *testing.T) {
	t.Helper()
	a := w.A.ID.UUID()
	w.db.Exec(t, `update products set name = E'O\'Neil "x" \\ \t\n\u0001 Crème 🍮 <&> ' || sku, description = repeat('é', 20),
		option_names = '{Size,"a \"b\" \\ c"}' where tenant_id = $1 and sku = 'N1'`, a)
	w.db.Exec(t, `update products set parent_id = (select id from products where tenant_id = $1 and sku = 'N1'),
		option_values = array['S', sku], variant_key = sku where tenant_id = $1 and sku in ('N2', 'N3', 'N4')`, a)
	w.db.Exec(t, `update products set category_id = null, external_reference = sku, cost = 7, negative_stock_allowed = false
		where tenant_id = $1 and sku in ('N5', 'N6')`, a)
	w.db.Exec(t, `insert into categories (tenant_id, id, parent_id, name)
		select $1, ('018f0000-0010-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $2, 'Below ' || n from generate_series(1, 5) n`,
		a, w.A.Category.UUID())
	w.db.Exec(t, `insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code, prices_include_tax,
			subtotal, tax_total, total, tendered, change, refunded, note, occurred_at, business_date)
		select $1, $2, $3, ('018f0000-0011-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 5000 + n, 'KES', true, -100, 0, -100, 0, 0, 100,
			E'a "note"\n', '2027-01-01T00:00:00.123456Z', '2027-01-01' from generate_series(1, 3) n`,
		a, w.A.Stores[0].ID.UUID(), w.A.Stores[0].Registers[0].ID.UUID())
	// One who is a cashier in one store and little in another: what needs a permission reaches the one alone.
	w.db.Exec(t, "insert into user_stores (tenant_id, store_id, user_id, role, custom_role_id) values ($1, $2, $3, 'CUSTOM', $4)",
		a, w.A.Stores[0].ID.UUID(), w.A.Stores[1].Cashier.UUID(), w.A.CustomRole.UUID())
	w.db.Exec(t, "update users set email_verified = true, staff_number = '7' where tenant_id = $1 and id = $2", a, w.A.Owner.UUID())
	w.db.Exec(t, "analyze")
}

// counted reads how many fields of Query went a way.
func (w *twoWays) counted(t *testing.T) (whole, left int) {
	t.Helper()
	r := httptest.NewRecorder()
	w.metrics.Handler().ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	text, err := io.ReadAll(r.Body)
	must(t, err)
	for _, m := range regexp.MustCompile(`tillgraph_root_fields_total\{because="([^"]*)",way="(\w+)"\} (\d+)`).FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.Atoi(m[3])
		must(t, err)
		if m[2] == "planner" {
			whole += n
			continue
		}
		left += n
		t.Logf("left to the resolvers for %s: %d", m[1], n)
	}
	return whole, left
}

// person asks both servers as the same person or register.
type person struct{ whole, left string }

func (w *twoWays) people(t *testing.T) map[string]person {
	t.Helper()
	device := w.device(t, w.A, w.A.Stores[0].Registers[0])
	return map[string]person{
		"owner":    {w.owner(t), w.resolvers.owner(t)},
		"manager":  {w.manager(t), w.resolvers.manager(t)},
		"cashier":  {w.cashier(t, 0), w.resolvers.cashier(t, 0)},
		"split":    {w.cashier(t, 1), w.resolvers.cashier(t, 1)},
		"register": {device, device},
		"other":    {w.token(t, w.B, w.B.Owner), w.resolvers.token(t, w.B, w.B.Owner)},
	}
}

var requestIDs = regexp.MustCompile(`,?"requestId":"[^"]*"`)

// alike fails the test where the two ways differ in a byte of the data or in what they say of errors.
func (w *twoWays) alike(t *testing.T, who person, query string, variables vars) *answer {
	t.Helper()
	whole, left := w.post(t, who.whole, query, variables), w.resolvers.post(t, who.left, query, variables)
	if whole.Status != left.Status || compared(whole) != compared(left) {
		t.Errorf("%s\n%v\nas a whole: %s\nby field:   %s", query, variables, whole.Raw, left.Raw)
	}
	if len(whole.Data) == 1 && whole.RoundTrips > left.RoundTrips {
		t.Errorf("%s\ncosts %+v as a whole and %+v by field", query, whole.cost, left.cost)
	}
	return whole
}

// comparable is an answer without what differs from one to the next: the request, and in which order fields failed.
func compared(a *answer) string {
	var errors []string
	for _, e := range a.Errors {
		errors = append(errors, fmt.Sprint(e.Message, e.Path, e.Extensions["code"]))
	}
	slices.Sort(errors)
	raw := a.Raw
	if len(errors) > 0 {
		raw = raw[strings.LastIndex(raw, `],"data":`)+1:]
	}
	return requestIDs.ReplaceAllString(raw, "") + strings.Join(errors, "\n")
}

// TestBothWaysAnswerAlike asks for what random documents select, as different people.
func TestBothWaysAnswerAlike(t *testing.T) {
	t.Parallel()
	w := bothWays(t)
	people := w.people(t)
	names := []string{"owner", "owner", "manager", "cashier", "split", "register", "other"}
	refs := w.refs(t)
	const documents = 250
	valid := 0
	for n := range documents {
		//nolint:gosec // nothing is secret
		g := &documentOf{Rand: rand.New(rand.NewPCG(uint64(n), 7)), schema: schemaOf(t), refs: refs, wild: n%6 == 0, plain: n%3 == 1}
		query := g.document()
		a := w.alike(t, people[names[g.IntN(len(names))]], query, vars{"yes": true, "no": false, "n": g.IntN(4)})
		for range 2 { // Again, as somebody else with other variables: what is kept of a plan is nobody's.
			w.alike(t, people[names[g.IntN(len(names))]], query, vars{"yes": g.IntN(2) == 0, "no": g.IntN(2) == 0, "n": g.IntN(4)})
		}
		if a.Status == http.StatusOK && a.Data != nil {
			valid++
		} else if strings.Contains(a.Raw, "GRAPHQL_VALIDATION_FAILED") {
			t.Errorf("the document is not valid: %s\n%s", query, a.Raw)
		}
		if t.Failed() {
			return
		}
	}
	whole, left := w.counted(t)
	t.Logf("%d documents, %d with data; %d fields were read as a whole and %d were not", documents, valid, whole, left)
	if whole < left || valid < documents/2 {
		t.Errorf("too few were read as a whole: %d, and %d were not", whole, left)
	}
}

// refs are ids of objects by type, of this company and of another.
func (w *twoWays) refs(t *testing.T) map[string][]string {
	t.Helper()
	refs := map[string][]string{
		"Store": {w.A.Stores[0].ID.String(), w.A.Stores[1].ID.String(), w.B.Stores[0].ID.String()},
	}
	for typ, table := range map[string]string{
		"Product": "products", "Sale": "sales", "Register": "registers", "Category": "categories", "SaleLine": "sale_lines",
		"Payment": "payments", "StorePrice": "store_prices", "InventoryLevel": "inventory_levels", "Customer": "customers",
		"CustomerGroup": "customer_groups", "Brand": "brands", "Supplier": "suppliers", "GiftCard": "gift_cards",
		"TaxCategory": "tax_categories",
	} {
		for _, v := range pgtest.Values[[16]byte](t, w.db, "(select id from "+table+" where tenant_id = $1 order by id limit 4) union all (select id from "+
			table+" where tenant_id = $1 order by id desc limit 3) union all (select id from "+table+" where tenant_id <> $1 limit 1)", w.A.ID.UUID()) {
			ref, _ := id.OfType(typ, v)
			refs[typ] = append(refs[typ], ref.String())
		}
	}
	return refs
}

// documentOf makes a random document that is valid by the schema.
type documentOf struct {
	*rand.Rand

	schema    *ast.Schema
	refs      map[string][]string
	wild      bool // it asks for all fields that there are, and not for those alone that are read as a whole
	plain     bool // it has no fragments and conditions, and selects nothing twice
	aliases   int
	fragments []string
}

func (g *documentOf) document() string {
	var roots []string
	for range 1 + g.IntN(2) {
		roots = append(roots, g.root())
	}
	used := ""
	for _, variable := range []struct{ name, typ string }{{"yes", "Boolean!"}, {"no", "Boolean!"}, {"n", "Int"}} {
		named := regexp.MustCompile(`\$` + variable.name + `\b`)
		if named.MatchString(strings.Join(roots, " ") + strings.Join(g.fragments, " ")) {
			used += "$" + variable.name + ": " + variable.typ + " "
		}
	}
	if used != "" {
		used = "(" + used + ")"
	}
	return "query Q" + used + " { " + strings.Join(roots, " ") + " } " + strings.Join(g.fragments, " ")
}

func (g *documentOf) root() string {
	g.aliases++
	alias := fmt.Sprintf("r%d: ", g.aliases)
	lists := []string{
		"products", "categories", "sales", "stores", "registers", "users", "customers", "customerGroups", "brands", "suppliers",
		"taxCategories",
	}
	ones := []string{"Product", "Category", "Sale", "Store", "Register"}
	switch g.IntN(8) {
	case 2:
		return alias + g.nodes()
	case 3:
		if g.IntN(3) == 0 {
			return alias + g.otherReport()
		}
		return alias + g.report()
	case 0:
		typ := ones[g.IntN(len(ones))]
		return alias + strings.ToLower(typ) + `(id: "` + g.ref(typ) + `") ` + g.object(typ, 3)
	case 1:
		types := slices.Concat(ones, []string{"SaleLine", "Payment", "StorePrice", "InventoryLevel"})
		typ := types[g.IntN(len(types))]
		return alias + `node(id: "` + g.ref(typ) + `") { ... on ` + typ + " " + g.object(typ, 3) + ` ... on Node { id } __typename ... on Store { code } }`
	default:
		name := lists[g.IntN(len(lists))]
		field := g.schema.Query.Fields.ForName(name)
		var filter string
		switch name {
		case "sales":
			filter = []string{"", `filter: {storeId: "` + g.ref("Store") + `"}`, "sort: OCCURRED_AT_ASC", "filter: {receiptNumber: 120}"}[g.IntN(4)]
		case "products":
			filter = []string{
				"", `filter: {search: "te"}`, `filter: {categoryId: "` + g.ref("Category") + `", includeSubcategories: true}`,
				`filter: {soldInStoreId: "` + g.ref("Store") + `"}, sort: CREATED_AT_DESC`,
			}[g.IntN(4)]
		case "registers":
			filter = []string{"", "filter: {status: OPEN}"}[g.IntN(2)]
		}
		return alias + name + g.page(filter) + " " + g.object(field.Type.Name(), 4)
	}
}

func (g *documentOf) ref(typ string) string { return g.refs[typ][g.IntN(len(g.refs[typ]))] }

// page are the arguments of a connection, wrong ones at times.
func (g *documentOf) page(more string) string {
	args := []string{"", "first: 3", "first: 1", "last: 2", "first: 0", "first: 5", "first: $n", "last: 1", "first: 2, after: null"}
	if g.IntN(40) == 0 {
		args = []string{"first: 251", "first: -1", "first: 1, last: 1", `after: "nothing"`, `before: "x", last: 1`}
	}
	arg := args[g.IntN(len(args))]
	if arg == "" && more == "" {
		arg = "first: 4"
	}
	return "(" + strings.Trim(arg+", "+more, ", ") + ")"
}

// quiet are the fields that are not read as a whole.
var quiet = []string{
	"history", "receipt", "customer", "storeRoles", "security", "marginRate", "netWithoutCost", "stockBatches", "purchases", "rates",
	"unbatched", "xReport", "zReport", "holders", "counts", "approvalRequired", "stores",
}

func (g *documentOf) object(typ string, depth int) string {
	def := g.schema.Types[typ]
	var fields []string
	for range 1 + g.IntN(5) {
		f := g.one(def)
		if strings.HasPrefix(f.Name, "__") || !g.wild && slices.Contains(quiet, f.Name) || depth <= 0 && g.composite(f) {
			continue
		}
		if text := g.field(f, depth); text != "" {
			fields = append(fields, g.dressed(typ, text))
		}
	}
	if len(fields) == 0 || g.IntN(6) == 0 {
		fields = append(fields, "__typename")
	}
	return "{ " + strings.Join(fields, " ") + " }"
}

func (g *documentOf) composite(f *ast.FieldDefinition) bool {
	kind := g.schema.Types[f.Type.Name()].Kind
	return kind != ast.Scalar && kind != ast.Enum && f.Type.Name() != "Money" && f.Type.Name() != "PageInfo"
}

// field selects one, under a name of its own: it may be selected again in another way.
func (g *documentOf) field(f *ast.FieldDefinition, depth int) string {
	args := ""
	switch {
	case f.Arguments.ForName("first") != nil:
		args = g.page("")
	case f.Arguments.ForName("storeId") != nil:
		args = `(storeId: "` + g.ref("Store") + `"`
		if f.Arguments.ForName("at") != nil {
			args += []string{"", "", ", at: null", `, at: "2026-06-15T12:00:00+03:00"`, `, at: "2025-01-01T00:00:00Z"`}[g.IntN(5)]
		}
		args += ")"
	case slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }):
		return ""
	}
	g.aliases++
	name := fmt.Sprintf("f%d: %s%s", g.aliases, f.Name, args)
	def := g.schema.Types[f.Type.Name()]
	switch {
	case def.Kind == ast.Scalar || def.Kind == ast.Enum:
		if g.IntN(2) == 0 && args == "" && !g.plain {
			return f.Name
		}
		return name
	case def.Kind != ast.Object:
		return ""
	case args == "" && !g.plain && g.IntN(3) == 0:
		return f.Name + " " + g.object(def.Name, depth-1) + " " + f.Name + " " + g.object(def.Name, 0)
	default:
		return name + " " + g.object(def.Name, depth-1)
	}
}

// dressed puts a selection into fragments and under conditions.
func (g *documentOf) dressed(typ, text string) string {
	if g.plain {
		return text
	}
	switch g.IntN(12) {
	case 0:
		return "... on " + typ + " { " + text + " }"
	case 1:
		return "... @include(if: $yes) { " + text + " __typename }"
	case 2:
		return "... @skip(if: $yes) { " + text + " }"
	case 3:
		return "... @include(if: $no) { " + text + " }"
	case 4:
		name := fmt.Sprintf("F%d", len(g.fragments))
		g.fragments = append(g.fragments, "fragment "+name+" on "+typ+" { "+text+" }")
		return "..." + name + " ..." + name
	default:
		return text
	}
}

// TestAPlannedListIsOneSnapshot: while sales are made, none is seen without its line.
func TestAPlannedListIsOneSnapshot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		var err error
		for n := 0; ctx.Err() == nil && err == nil; n++ {
			_, err = b.db.Super().Exec(ctx, `with s as (insert into sales (tenant_id, store_id, register_id, id, receipt_number, currency_code,
					prices_include_tax, subtotal, tax_total, total, tendered, change, occurred_at, business_date)
				values ($1, $2, $3, $4, $5, 'KES', true, 100, 0, 100, 100, 0, now(), '2026-01-01') returning *)
				insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id, product_name, sku, unit,
					currency_code, quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax, total, gross)
				select tenant_id, store_id, register_id, $4, id, 1, $6, 'Tea', 'N', 'EACH', 'KES', 1000, 100, 'BASE', 0, 100, 0, 100, 100 from s`,
				b.A.ID.UUID(), store.ID.UUID(), store.Registers[0].ID.UUID(), id.New[id.Sale]().UUID(), 10_000+n, b.A.Products[0].UUID())
		}
		done <- err
	}()
	seen := 0
	for asked := 0; asked < 150 || seen == 0 && len(done) == 0; asked++ { // a busy machine may be long in making one
		a := b.post(t, b.owner(t), `{ sales(first: 3, filter: {storeId: "`+store.ID.String()+`"}) { nodes { receiptNumber lines { id } } } }`, nil).ok(t)
		for i := range a.at("sales", "nodes").([]any) {
			if n, _ := a.at("sales", "nodes", i, "receiptNumber").(float64); n < 10_000 {
				continue
			}
			seen++
			if lines, _ := a.at("sales", "nodes", i, "lines").([]any); len(lines) != 1 {
				t.Fatalf("a sale without its line: %s", a.Raw)
			}
		}
	}
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) || seen == 0 {
		t.Errorf("%d sales seen that were made meanwhile: %v", seen, err)
	}
}

// TestMutationsAreNotPlanned: what a mutation answers comes from what it wrote.
func TestMutationsAreNotPlanned(t *testing.T) {
	t.Parallel()
	metrics := telemetry.New()
	w := &twoWays{metrics: metrics, bundle: setup(t, func(c *graph.Config) { c.Metrics = metrics })}
	a := w.post(t, w.owner(t), `mutation { productCreate(input: {sku: "NEW", name: "New", basePrice: "1"}) { product { name category { name } }
		userErrors { code } } }`, nil)
	if whole, left := w.counted(t); whole != 0 || left != 1 { // the mutation itself
		t.Errorf("%d and %d fields of Query, after %s", whole, left, a.Raw)
	}
	w.post(t, w.owner(t), `{ product(id: "`+w.A.Products[0].String()+`") { name } }`, nil).ok(t)
	if whole, left := w.counted(t); whole != 1 || left != 1 {
		t.Errorf("then %d and %d", whole, left)
	}
}

// TestWhatOneRootSeesIsNotAnothers: rows that were read for one field with a part of their columns are nobody else's.
func TestWhatOneRootSeesIsNotAnothers(t *testing.T) {
	t.Parallel()
	w := bothWays(t)
	product := w.A.Products[0].String()
	for range 5 {
		w.alike(t, w.people(t)["owner"], `{ a: node(id: "`+product+`") { ... on Product { sku } } b: product(id: "`+product+`") { id barcodes name }
			c: nodes(ids: ["`+product+`"]) { ... on Product { name description createdAt } } d: product(id: "`+product+`") { name } }`, nil)
	}
}
