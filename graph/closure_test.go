package graph_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/closure"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	deleteCompany = `mutation($password: String!) { companyDelete(password: $password) { company { slug deletionDueAt }
		userErrors { code field message } } }`
	keepCompany   = `mutation { companyDeletionCancel { company { deletionDueAt } userErrors { code field message } } }`
	exportCompany = `mutation($password: String!) { companyExport(password: $password) { path expiresAt userErrors { code field message } } }`
)

// closing is a server with what lets companies go.
type closing struct {
	*bundle
	hooks    *httptest.Server
	closures *closure.Closures
	now      time.Time
}

func setupClosing(t *testing.T) *closing {
	t.Helper()
	b := &closing{now: time.Now().UTC().Truncate(time.Microsecond)}
	b.bundle = setupLogin(t, func(c *graph.Config) { c.Now = func() time.Time { return b.now } })
	b.hooks, b.closures = b.besides(t), b.server.Closures
	return b
}

// rows are a company's, of every table that has a tenant, and its entry in the directory: how many, and all they say.
func (b *bundle) rows(t testing.TB, company id.Company) (counts map[string]int, texts map[string]string) {
	t.Helper()
	counts, texts = map[string]int{}, map[string]string{}
	tables := pgtest.Values[string](t, b.db, `select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'tenant_id' and not a.attisdropped`)
	if len(tables) < 50 {
		t.Fatalf("%d tables alone are companies'", len(tables))
	}
	for _, table := range append(tables, "company_directory") {
		column := map[bool]string{true: "company_id", false: "tenant_id"}[table == "company_directory"]
		counts[table] = pgtest.Value[int](t, b.db, "select count(*) from "+table+" where "+column+" = $1", company.UUID())
		texts[table] = pgtest.Value[string](t, b.db, "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from "+table+
			" t where "+column+" = $1", company.UUID())
	}
	return counts, texts
}

func TestCompanyIsDeleted(t *testing.T) {
	t.Parallel()
	b := setupClosing(t)
	owner := b.loggedIn(t, "owner")
	refused := func(token, query string, variables vars) {
		t.Helper()
		if a := b.post(t, token, query, variables); a.code() != "FORBIDDEN" {
			t.Errorf("%s: %s", query, a.Raw)
		}
	}
	for _, token := range []string{b.manager(t), b.cashier(t, 0)} {
		refused(token, deleteCompany, vars{"password": password})
		refused(token, keepCompany, nil)
		refused(token, exportCompany, vars{"password": password})
	}
	b.post(t, owner.access, deleteCompany, vars{"password": "wrong"}).refused(t, "companyDelete", "company", "INVALID_PASSWORD password")
	b.post(t, owner.access, keepCompany, nil).refused(t, "companyDeletionCancel", "company", "NOT_ASKED ")
	asked := b.post(t, owner.access, deleteCompany, vars{"password": password}).done(t, "companyDelete")
	due := b.now.Add(30 * 24 * time.Hour)
	same(t, asked.at("companyDelete", "company"), vars{"slug": "acme", "deletionDueAt": due.Format(time.RFC3339Nano)})
	if letter := b.letterTo(t, "owner@acme.example"); !strings.Contains(letter.subject, "acme will be deleted") {
		t.Errorf("%q", letter)
	}
	b.post(t, owner.access, deleteCompany, vars{"password": password}).refused(t, "companyDelete", "company", "ALREADY_ASKED ")
	// All works as before, and nothing goes before its time.
	must(t, b.closures.Purge(t.Context()))
	b.post(t, b.cashier(t, 0), `{ sales { totalCount } }`, nil).ok(t)
	b.post(t, owner.access, keepCompany, nil).done(t, "companyDeletionCancel")
	if n := pgtest.Value[int](t, b.db, "select count(*) from company_directory where deletion_due_at is not null"); n != 0 {
		t.Error("what was taken back is still due")
	}
	b.post(t, owner.access, deleteCompany, vars{"password": password}).done(t, "companyDelete")
	// When it is due, all of A is gone, and of B not a byte is another.
	before, _ := b.rows(t, b.A.ID)
	others, texts := b.rows(t, b.B.ID)
	for table, n := range before {
		if (n == 0 || others[table] == 0) && !slices.Contains([]string{"company_features", "company_settings_changes"}, table) {
			t.Errorf("there is nothing of A or B in %s, so that nothing is proved of it", table)
		}
	}
	b.db.Exec(t, "update companies set deletion_asked_at = now() - interval '2 days', deletion_due_at = now() - interval '1 minute' where tenant_id = $1",
		b.A.ID.UUID())
	var wait sync.WaitGroup
	for range 3 { // several servers at once
		wait.Go(func() {
			if err := b.closures.Purge(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	after, _ := b.rows(t, b.A.ID)
	for table, n := range after {
		if n != 0 {
			t.Errorf("%d rows of A are left in %s", n, table)
		}
	}
	if _, left := b.rows(t, b.B.ID); !maps.Equal(left, texts) {
		for table := range texts {
			if left[table] != texts[table] {
				t.Errorf("B's rows in %s are others:\n%s\n%s", table, left[table], texts[table])
			}
		}
	}
	for _, token := range []string{owner.access, b.cashier(t, 0)} {
		if a := b.post(t, token, `{ viewer { role } }`, nil); a.code() != "UNAUTHENTICATED" {
			t.Error(a.Raw)
		}
	}
	if got := strings.Count(b.logs.String(), "a company was deleted"); got != 1 {
		t.Errorf("%d deletions are in the log", got)
	}
	// The name is free again, and begins with nothing.
	b.post(t, "", signUp, founding("acme", nil)).done(t, "companySignUp")
}

// What the database refuses: others ask, and what isn't due goes.
func TestDeletionIsTheOwners(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, who := range []any{b.A.Manager.UUID(), b.B.Owner.UUID(), nil} {
		tx, err := b.db.Super().Begin(t.Context())
		must(t, err)
		_, err = tx.Exec(t.Context(), "select tillgraph.enter($1, '{}', $2, null)", b.A.ID.UUID(), who)
		must(t, err)
		if _, err = tx.Exec(t.Context(), "update companies set deletion_asked_at = now(), deletion_due_at = now()"); err == nil ||
			!strings.Contains(err.Error(), "only an owner") {
			t.Errorf("by %v: %v", who, err)
		}
		must(t, tx.Rollback(t.Context()))
	}
	tx, err := b.db.Super().Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	_, err = tx.Exec(t.Context(), "select tillgraph.enter($1, '{}', $2, null)", b.A.ID.UUID(), b.A.Owner.UUID())
	must(t, err)
	if _, err = tx.Exec(t.Context(), "select tillgraph.company_purge($1)", b.A.ID.UUID()); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("who has a scope deletes a company: %v", err)
	}
	if done := pgtest.Value[bool](t, b.db, "select tillgraph.company_purge($1)", b.A.ID.UUID()); done {
		t.Error("a company was deleted that isn't due")
	}
}

// fetch follows a link.
func (b *closing) fetch(t testing.TB, path string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.hooks.URL+path, nil)
	must(t, err)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, body
}

func TestCompanyExport(t *testing.T) {
	t.Parallel()
	b := setupClosing(t)
	owner := b.loggedIn(t, "owner")
	b.post(t, owner.access, exportCompany, vars{"password": "wrong"}).refused(t, "companyExport", "path", "INVALID_PASSWORD password")
	link := func() string {
		a := b.post(t, owner.access, exportCompany, vars{"password": password}).done(t, "companyExport")
		path, _ := a.at("companyExport", "path").(string)
		return path
	}
	path := link()
	status, body := b.fetch(t, path)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	must(t, err)
	counts, _ := b.rows(t, b.A.ID)
	seen := map[string]bool{}
	for _, file := range archive.File {
		f, err := file.Open()
		must(t, err)
		text, err := io.ReadAll(f)
		must(t, err)
		table := strings.TrimSuffix(file.Name, ".jsonl")
		seen[table] = true
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		if len(text) == 0 {
			lines = nil
		}
		if len(lines) != counts[table] {
			t.Errorf("%d of %d rows of %s", len(lines), counts[table], table)
		}
		for _, line := range lines {
			var row map[string]any
			must(t, json.Unmarshal([]byte(line), &row))
			if row["tenant_id"] != b.A.ID.UUID().String() {
				t.Errorf("%s: %s", table, line)
			}
			for column := range row {
				if strings.HasSuffix(column, "hash") && table != "app_documents" || column == "secret" { // documents go by theirs
					t.Errorf("%s has %s", table, column)
				}
			}
		}
		if strings.Contains(string(text), pgtest.CanaryB) {
			t.Errorf("%s has another company's", table)
		}
	}
	var left []string
	for table := range counts {
		if !seen[table] {
			left = append(left, table)
		}
	}
	slices.Sort(left)
	if secret := []string{
		"company_directory", "device_pairings", "email_verifications", "login_challenges", "password_resets", "refresh_tokens",
		"register_keys", "user_credentials", "user_pins", "user_recovery_codes", "user_second_factors",
	}; !slices.Equal(left, secret) {
		t.Errorf("left out are %v, and not %v", left, secret)
	}
	// A link is nobody else's, for a while, and of an owner.
	for _, bad := range []string{"/export/x", "/export/", path[:len(path)-3], path + "AAAA", strings.ToUpper(path)} {
		if status, _ := b.fetch(t, bad); status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, status)
		}
	}
	b.now = b.now.Add(15 * time.Minute)
	if status, _ := b.fetch(t, path); status != http.StatusNotFound {
		t.Errorf("a link that is too old: %d", status)
	}
	path = link()
	b.db.Exec(t, "update users set role = 'MANAGER' where id = $1", b.A.Owner.UUID())
	if status, _ := b.fetch(t, path); status != http.StatusNotFound {
		t.Errorf("a link of who is an owner no more: %d", status)
	}
	if strings.Contains(b.logs.String(), path[8:60]) {
		t.Error("the log holds the link")
	}
	// What is sealed for something else is no link.
	text, err := auth.NewKey(strings.NewReader(strings.Repeat("k", 100)))
	must(t, err)
	if status, _ := b.fetch(t, "/export/"+text); status != http.StatusNotFound {
		t.Errorf("somebody else's seal: %d", status)
	}
	b.logs.quiet(t)
}
