package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// plant is a leak put there on purpose, and where the generated attack must meet it.
type plant struct {
	// alter makes the database leak, where the statements don't hold either.
	alter string
	// unscoped says that the statements' own predicates are gone.
	unscoped bool
	// through makes the server leak: it stands in front of it and alters what passes.
	through func(t *testing.T, b *bundle, next http.Handler) http.Handler
	// who meets it, and where.
	who   int
	place string
	kind  string
}

const (
	// byTenantAlone is a policy that forgot the stores.
	byTenantAlone = `using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))`
	// noPolicy is no policy at all.
	noPolicy = `alter table %s disable row level security;`
)

func without(tables ...string) string {
	var sql strings.Builder
	for _, table := range tables {
		sql.WriteString(strings.Replace(noPolicy, "%s", table, 1))
	}
	return sql.String()
}

func weakened(table string) string {
	return "drop policy scope on " + table + "; create policy scope on " + table + " for all " + byTenantAlone
}

// plants are the kinds of leaks that servers of many companies are known to have. There are no subscriptions in the
// schema, so that none of them can leak.
var plants = map[string]plant{
	"a look-up without its predicate": {
		alter: without("customers"), unscoped: true, place: "Query.customer(id)", kind: "Customer",
	},
	"a node of any company": {
		alter: without("gift_cards"), unscoped: true, place: "Query.node(id)", kind: "GiftCard",
	},
	"a list that filters by what is given alone": {
		alter: without("registers"), unscoped: true, place: "Query.registers(filter.storeId)", kind: "Store",
	},
	"a key that is looked up in all companies": {
		alter: without("products", "product_barcodes"), unscoped: true, place: "Query.productByBarcode(barcode)", kind: "barcode",
	},
	"a policy that forgot the stores": {
		alter: weakened("sales"), unscoped: true, who: aManager, place: "Query.sale(id)", kind: "Sale",
	},
	"a policy that forgot the registers": {
		alter: weakened("payments"), unscoped: true, who: aRegister, place: "Query.node(id)", kind: "Payment",
	},
	"a key that is unique in all companies": {
		alter: "create unique index planted on products (sku) where sku <> 'SKU-2'", place: "Mutation.productCreate(input.sku)", kind: "sku",
	},
	"a person who is unique in all companies": {
		alter: "create unique index planted on users (email)", place: "Mutation.userInvite(input.email)", kind: "email",
	},
	"a foreign key that tells what there is": {
		alter: without("categories"), unscoped: true, place: "Mutation.productCreate(input.categoryId)", kind: "Category",
	},
	"a change without its predicate": {
		alter: without("stores"), unscoped: true, place: "Mutation.storeUpdate(id)", kind: "Store",
	},
	"a batch that writes over another's rows": {
		alter: `create function planted() returns trigger language plpgsql security definer as $$ begin
				update products set name = new.name where sku = new.sku and tenant_id <> new.tenant_id;
				return new;
			end $$;
			create trigger planted before insert on products for each row execute function planted()`,
		place: "Mutation.productsUpsert(input.rows.sku)", kind: "sku",
	},
	"a report with another's figures": {
		through: adding, place: "Query.salesReport", kind: nothing,
	},
	"a count of what isn't shown":       {through: counting, place: "Query.sales(filter.storeId)", kind: "Store"},
	"an error that quotes the database": {through: quoting, place: "Mutation.productUpdate(id)", kind: "Product"},
	"an answer kept for the next company": {
		through: keeping, place: "Query.product(id)", kind: "Product",
	},
	"a place in another's list":                 {through: turning, place: "Query.products(after)", kind: cursors},
	"a refusal that says that there is a thing": {through: refusing, place: "Query.node(id)", kind: "Sale"},
	"a look-up that fails where a thing is":     {through: failing, place: "Mutation.customerUpdate(id)", kind: "Customer"},
}

// TestPlantedLeaksAreFound: an attack that finds nothing proves something only if it finds what is there.
func TestPlantedLeaksAreFound(t *testing.T) {
	t.Parallel()
	if len(plants) < 12 {
		t.Errorf("only %d kinds", len(plants))
	}
	for name, p := range plants {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			b := setupSiege(t, !p.unscoped)
			who := b.attacker(t, p.who)
			var at []slot
			for _, s := range who.all(t) {
				if s.place == p.place && s.kind == p.kind {
					at = append(at, s)
				}
			}
			if len(at) != 1 {
				t.Fatalf("there are %d places %s of a %s", len(at), p.place, p.kind)
			}
			sound := func() bool {
				before := who.foreign(t, b)
				found := who.attack(t, b, at)
				after := who.foreign(t, b)
				for table := range before {
					if before[table] != after[table] {
						return false
					}
				}
				return len(found) == 0 && len(who.depends(t, b, at)) == 0
			}
			// Without the leak nothing is found: what is found with it is the leak.
			if p.through != nil && p.kind != nothing && !sound() {
				t.Error("something was found before the leak was there")
			}
			if p.alter != "" {
				b.db.Exec(t, p.alter)
			}
			if p.through != nil {
				b.front(t, p.through)
			}
			if sound() {
				t.Errorf("the leak at %s was not found", p.place)
			}
		})
	}
}

// front puts a handler in front of the server.
func (b *bundle) front(t *testing.T, through func(*testing.T, *bundle, http.Handler) http.Handler) {
	t.Helper()
	behind := b.url
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), r.Method, behind, r.Body)
		must(t, err)
		request.Header = r.Header.Clone()
		// The transport's own, which it undoes again.
		request.Header.Del("Accept-Encoding")
		answer, err := http.DefaultClient.Do(request)
		must(t, err)
		body, err := io.ReadAll(answer.Body)
		must(t, errors.Join(err, answer.Body.Close()))
		passOn(w, answer.Header, answer.StatusCode, string(body))
	})
	srv := httptest.NewServer(through(t, b, next))
	t.Cleanup(srv.Close)
	b.url = srv.URL
}

// itsID stands for the request's id in what is put into an answer.
const itsID = "REQUEST-ID"

func passOn(w http.ResponseWriter, header http.Header, status int, body string) {
	for name, values := range header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// altered lets a function change the answers of a handler, which sees the request's body as well.
func altered(next http.Handler, change func(asked, answered string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(asked))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		text := change(string(asked), answer.Body.String())
		passOn(w, answer.Header(), answer.Code, strings.ReplaceAll(text, itsID, answer.Header().Get("X-Request-Id")))
	})
}

// theirs says that a request names something of company B.
func (b *bundle) theirs(asked string) bool {
	for _, name := range namesOf(&b.B, 0, 0) {
		if strings.Contains(asked, `\"`+name+`\"`) {
			return true
		}
	}
	return false
}

// adding counts another's sales in.
func adding(t *testing.T, b *bundle, next http.Handler) http.Handler {
	t.Helper()
	return altered(next, func(_, answered string) string {
		theirs := pgtest.Value[int](t, b.db, "select count(*)::int from sales where tenant_id = $1", b.B.ID.UUID())
		return regexp.MustCompile(`"saleCount":\d+`).ReplaceAllStringFunc(answered, func(field string) string {
			name, count, _ := strings.Cut(field, ":")
			n, _ := strconv.Atoi(count)
			return name + ":" + strconv.Itoa(n+theirs)
		})
	})
}

func counting(_ *testing.T, b *bundle, next http.Handler) http.Handler {
	return altered(next, func(asked, answered string) string {
		if b.theirs(asked) {
			return strings.Replace(answered, `"totalCount":0`, `"totalCount":2`, 1)
		}
		return answered
	})
}

func quoting(t *testing.T, b *bundle, next http.Handler) http.Handler {
	names := pgtest.Value[string](t, b.db, "select name from products where id = $1", b.B.Products[0].UUID())
	return altered(next, func(asked, answered string) string {
		if !b.theirs(asked) {
			return answered
		}
		text, _ := json.Marshal(map[string]any{"data": nil, "errors": []any{map[string]any{
			"message": "duplicate key: " + names, "extensions": map[string]any{"code": "INTERNAL", "requestId": itsID},
		}}})
		return string(text)
	})
}

// keeping answers by what was asked alone, whoever asks. Company B has asked before.
func keeping(t *testing.T, b *bundle, next http.Handler) http.Handler {
	t.Helper()
	token := b.token(t, b.B, b.B.Owner)
	var mu sync.Mutex
	kept := map[string]*httptest.ResponseRecorder{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		answer, ok := kept[string(asked)]
		if !ok {
			own := r.Clone(r.Context())
			own.Body = io.NopCloser(bytes.NewReader(asked))
			if b.theirs(string(asked)) {
				own.Header.Set("Authorization", "Bearer "+token)
			}
			answer = httptest.NewRecorder()
			next.ServeHTTP(answer, own)
			kept[string(asked)] = answer
		}
		passOn(w, answer.Header(), answer.Code, answer.Body.String())
	})
}

// turning goes on in another's list where the place is in another's.
func turning(t *testing.T, b *bundle, next http.Handler) http.Handler {
	t.Helper()
	token := b.token(t, b.B, b.B.Owner)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		if after := regexp.MustCompile(`, after: \\"[^"]*\\"`); after.Match(asked) {
			asked = after.ReplaceAll(asked, nil)
			r.Header.Set("Authorization", "Bearer "+token)
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(asked)), int64(len(asked))
		next.ServeHTTP(w, r)
	})
}

func refusing(_ *testing.T, b *bundle, next http.Handler) http.Handler {
	return altered(next, func(asked, answered string) string {
		if b.theirs(asked) {
			return `{"data":{"node":null},"errors":[{"message":"This is not yours.","path":["node"],"extensions":{"code":"FORBIDDEN","requestId":"` + itsID + `"}}]}`
		}
		return answered
	})
}

func failing(_ *testing.T, b *bundle, next http.Handler) http.Handler {
	return altered(next, func(asked, answered string) string {
		if b.theirs(asked) {
			return strings.ReplaceAll(answered, "NOT_FOUND", "CONFLICT")
		}
		return answered
	})
}
