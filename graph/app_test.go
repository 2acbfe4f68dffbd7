package graph_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/app"
)

const (
	registerApp = `mutation($input: AppRegisterInput!) { appRegister(input: $input) { app { id name documentRule documents { totalCount nodes { documentId hash operations registeredAt } } } added removed userErrors { code field message } } }`
	updateApp   = `mutation($id: ID!, $rule: DocumentRule!) { appUpdate(id: $id, documentRule: $rule) { app { documentRule } userErrors { code field message } } }`
	removeApp   = `mutation($id: ID!) { appRemove(id: $id) { removedId userErrors { code field message } } }`
	decideDocs  = `mutation($rule: DocumentRule!) { companyDocumentsUpdate(documentRule: $rule) { documentRule userErrors { code field message } } }`

	whoDocument    = "query Who { viewer { role } }"
	storesDocument = "query Stores { stores { totalCount } }"
)

func (b *bundle) readApps(t *testing.T, ask asker) {
	a := ask(t, b.owner(t), `{ company { documentRule apps { id name documentRule registeredAt createdAt
		documents(first: 1) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { documentId } }
			nodes { documentId hash operations registeredAt } } } } }`)
	same(t, a.at("company", "documentRule"), "ANY")
	same(t, a.at("company", "apps", 0, "name"), "pos-acme")
	same(t, a.at("company", "apps", 0, "documents", "nodes", 0, "documentId"), "document-acme")
	same(t, a.at("company", "apps", 0, "documents", "nodes", 0, "operations"), []any{"Who"})
	owner := b.owner(t)
	ask(t, owner, `mutation { appRegister(input: {app: "office", manifest: "{\"office\": \"{ viewer { role } }\"}"}) { app { id } added removed userErrors { code message field } } }`)
	ask(t, owner, `mutation { appRegister(input: {app: "", manifest: ""}) { userErrors { code message field } } }`)
	ask(t, owner, `mutation { appUpdate(id: "`+b.A.App.String()+`", documentRule: ANY) { app { id } userErrors { code message field } } }`)
	ask(t, owner, `mutation { appUpdate(id: "`+b.B.App.String()+`", documentRule: ANY) { userErrors { code message field } } }`)
	ask(t, owner, `mutation { companyDocumentsUpdate(documentRule: ANY) { documentRule userErrors { code message field } } }`)
	made := b.register(t, owner, "gone", map[string]string{"gone": "{ viewer { role } }"}).at("appRegister", "app", "id").(string)
	ask(t, owner, `mutation { appRemove(id: "`+made+`") { removedId userErrors { code message field } } }`)
	ask(t, owner, `mutation { appRemove(id: "`+made+`") { userErrors { code message field } } }`)
	b.db.Exec(t, "delete from company_features where feature = 'REGISTERED_DOCUMENTS'")
	theirs := b.token(t, b.B, b.B.Owner)
	b.db.Exec(t, "delete from app_documents where tenant_id = $1", b.B.ID.UUID())
	ask(t, theirs, `mutation { companyDocumentsUpdate(documentRule: REGISTERED) { userErrors { code message field } } }`)
}

func manifest(t testing.TB, documents map[string]string) string {
	t.Helper()
	text, err := json.Marshal(documents)
	must(t, err)
	return string(text)
}

func (b *bundle) register(t testing.TB, token, name string, documents map[string]string, more ...any) *answer {
	t.Helper()
	input := vars{"app": name, "manifest": manifest(t, documents)}
	for i := 0; i+1 < len(more); i += 2 {
		input[more[i].(string)] = more[i+1]
	}
	return b.post(t, token, registerApp, vars{"input": input}).ok(t)
}

// named asks by a body, as whoever has the token.
func (b *bundle) named(t *testing.T, token, body string, headers ...string) *answer {
	t.Helper()
	if token == "" {
		token = "x"
	}
	headers = append(headers, "Authorization", "Bearer "+token)
	return b.raw(t, "POST", "", "application/json", body, headers...)
}

// TestRegisteredDocuments: a company's apps name what they have registered in every way that clients have, in all of its
// servers at once, and nobody else learns of it.
func TestRegisteredDocuments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := serveOn(t, b.db, b.Fixture)
	owner, cashier := b.owner(t), other.cashier(t, 0)
	theirs := b.token(t, b.B, b.B.Owner)
	registered := b.register(t, owner, "pos", map[string]string{"who-1": whoDocument, "sha256:" + app.Hash(storesDocument): storesDocument})
	same(t, registered.at("appRegister", "added"), 2)
	if registered.Statements > 14 || registered.RoundTrips > 6 {
		t.Errorf("registering takes %d statements in %d round trips", registered.Statements, registered.RoundTrips)
	}
	hash := app.Hash(whoDocument)
	bodies := []string{
		`{"documentId": "who-1"}`, `{"documentId": "sha256:` + hash + `"}`, `{"id": "who-1"}`, `{"doc_id": "who-1", "query": null}`,
		`{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "` + hash + `"}}}`,
		`{"documentId": "who-1", "query": "` + whoDocument + `"}`,
	}
	for _, body := range bodies {
		same(t, other.named(t, cashier, body).ok(t).at("viewer", "role"), "CASHIER")
		same(t, other.named(t, cashier, body, "X-App", "pos").ok(t).at("viewer", "role"), "CASHIER")
	}
	for _, parameter := range []string{"documentId", "id", "doc_id"} {
		same(t, b.raw(t, "GET", "?"+parameter+"=who-1&operationName=Who", "", "", "Authorization", "Bearer "+owner).ok(t).at("viewer", "role"), "OWNER")
	}
	text := other.post(t, cashier, whoDocument, nil).ok(t)
	again := other.named(t, cashier, bodies[0]).ok(t)
	if again.Statements != text.Statements {
		t.Errorf("named it takes %d statements, sent %d", again.Statements, text.Statements)
	}
	for _, body := range bodies[:5] {
		unknown := b.named(t, theirs, strings.NewReplacer("who-1", "who-2", hash, strings.Repeat("0", 64)).Replace(body))
		for name, token := range map[string]string{"another company": theirs, "nobody": ""} {
			for _, header := range []string{"", "pos", "pos-acme", "pos-bistro"} {
				a := b.named(t, token, body, "X-App", header)
				if a.code() != "PERSISTED_QUERY_NOT_FOUND" || a.seen() != unknown.seen() || a.Status != unknown.Status {
					t.Errorf("%s with %q asks %s: %s", name, header, body, a.Raw)
				}
			}
		}
	}
	if a := b.named(t, owner, bodies[0], "X-App", "pos-acme"); a.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("of another app: %s", a.Raw)
	}
	for _, body := range []string{`{"documentId": "a b"}`, `{"documentId": 7}`, `{"id": 7}`, `{"documentId": "who-1", "query": "{ __typename }"}`} {
		if a := b.named(t, owner, body); a.code() != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", body, a.Raw)
		}
	}
	// What a server has kept ends with the app.
	id := registered.at("appRegister", "app", "id")
	b.post(t, owner, removeApp, vars{"id": id}).done(t, "appRemove")
	if a := other.named(t, cashier, bodies[0]); a.code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("of an app that is gone: %s", a.Raw)
	}
	b.post(t, owner, removeApp, vars{"id": id}).refused(t, "appRemove", "removedId", "NOT_FOUND id")
	b.logs.quiet(t)
}

// TestDocumentsAreHeldToTheSchema: each wrong document is named, and nothing is registered.
func TestDocumentsAreHeldToTheSchema(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	deep := "query Deep { store(id: \"" + b.A.Stores[0].ID.String() + "\") " + strings.Repeat("{ registers { nodes { store ", 6) + "{ id }" + strings.Repeat(" } } }", 6) + " }"
	a := b.register(t, owner, "pos", map[string]string{
		"fine": whoDocument, "field": "query Wrong { viewer { nothing } }", "syntax": "query {", "deep": deep,
		"long": "{ viewer { role } } #" + strings.Repeat("x", 65<<10),
	})
	fields := strings.Join(a.codes("appRegister"), "\n")
	for _, want := range []string{"field", "syntax", "deep", "long"} {
		if !strings.Contains(fields, "INVALID input.manifest."+want) {
			t.Errorf("%s isn't named: %s", want, fields)
		}
	}
	if strings.Contains(fields, "fine") || !strings.Contains(a.Raw, "Wrong: Cannot query field") || !strings.Contains(a.Raw, "Deep: The operation is deeper") {
		t.Errorf("%s", a.Raw)
	}
	for name, input := range map[string]vars{
		"INVALID input.app":      {"app": "Not A Name", "manifest": `{"a": "{ viewer { role } }"}`},
		"INVALID input.manifest": {"app": "pos", "manifest": `[]`},
	} {
		b.post(t, owner, registerApp, vars{"input": input}).refused(t, "appRegister", "app", name)
	}
	many := map[string]string{}
	for i := range 501 {
		many[strings.Repeat("a", 1+i/26)+string(rune('a'+i%26))] = whoDocument
	}
	b.register(t, owner, "pos", many).refused(t, "appRegister", "app", "TOO_MANY input.manifest")
	same(t, b.post(t, owner, `{ company { apps { name } } }`, nil).ok(t).at("company", "apps"), []any{vars{"name": "pos-acme"}})

	same(t, b.register(t, owner, "pos", map[string]string{"a": whoDocument, "b": storesDocument}).at("appRegister", "added"), 2)
	again := b.register(t, owner, "pos", map[string]string{"a": whoDocument, "c": "{ viewer { role } }"}, "replace", true)
	same(t, again.at("appRegister", "added"), 1)
	same(t, again.at("appRegister", "removed"), 1)
	same(t, again.at("appRegister", "app", "documents", "totalCount"), 2)
	for _, name := range []string{"pos", "office"} {
		b.register(t, owner, name, map[string]string{"a": storesDocument}).refused(t, "appRegister", "app", "TAKEN input.manifest.a")
	}
	same(t, b.register(t, b.token(t, b.B, b.B.Owner), "pos", map[string]string{"a": storesDocument}).at("appRegister", "added"), 1)
	for _, token := range []string{b.manager(t), b.cashier(t, 0)} {
		a := b.post(t, token, registerApp, vars{"input": vars{"app": "pos", "manifest": manifest(t, map[string]string{"m": whoDocument})}})
		if a.code() != "FORBIDDEN" {
			t.Errorf("without the permission: %s", a.Raw)
		}
	}
	b.logs.quiet(t)
}

// TestRegisteredDocumentsAlone: an app, and a company, may have nothing else answered, on every server from then on.
func TestRegisteredDocumentsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := serveOn(t, b.db, b.Fixture)
	owner, cashier := b.owner(t), other.cashier(t, 0)
	theirs := other.token(t, b.B, b.B.Owner)
	refused := func(a *answer) {
		t.Helper()
		if a.code() != "DOCUMENT_NOT_REGISTERED" || a.Status != 200 || a.Data != nil {
			t.Errorf("%d %s", a.Status, a.Raw)
		}
	}
	made := b.register(t, owner, "pos", map[string]string{"who": whoDocument}, "documentRule", "REGISTERED")
	const free = "{ stores { totalCount } }"
	refused(other.post(t, cashier, free, nil, "X-App", "pos"))
	refused(other.named(t, cashier, `{"query": "`+free+`", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "`+app.Hash(free)+`"}}}`, "X-App", "pos"))
	other.post(t, cashier, whoDocument, nil, "X-App", "pos").ok(t)
	other.post(t, cashier, free, nil).ok(t)
	other.post(t, cashier, free, nil, "X-App", "pos-acme").ok(t)
	other.post(t, theirs, free, nil, "X-App", "pos").ok(t)
	b.post(t, owner, updateApp, vars{"id": made.at("appRegister", "app", "id"), "rule": "ANY"}).done(t, "appUpdate")
	other.post(t, cashier, free, nil, "X-App", "pos").ok(t)

	b.post(t, owner, decideDocs, vars{"rule": "REGISTERED"}).done(t, "companyDocumentsUpdate")
	for _, header := range []string{"", "pos", "pos-acme", "nobodys"} {
		refused(other.post(t, cashier, free, nil, "X-App", header))
		refused(other.post(t, cashier, "query { ...F } fragment F on Query { __typename stores { totalCount } }", nil, "X-App", header))
	}
	refused(b.post(t, owner, `mutation { appUpdate(id: "`+b.A.App.String()+`", documentRule: ANY) { app { id } } registerKeyRotate(id: "`+b.A.Stores[0].Registers[0].ID.String()+`") { userErrors { code } } }`, nil))
	other.post(t, cashier, whoDocument, nil).ok(t)
	other.named(t, cashier, `{"documentId": "document-acme"}`).ok(t)
	other.post(t, theirs, free, nil).ok(t)
	other.post(t, cashier, `mutation { login(input: {companySlug: "acme", email: "x@acme.example", password: "x"}) { userErrors { code } } }`, nil).ok(t)
	if a := b.post(t, b.cashier(t, 0), decideDocs, vars{"rule": "ANY"}); a.code() != "FORBIDDEN" {
		t.Errorf("a cashier decides: %s", a.Raw)
	}
	for _, id := range []string{made.at("appRegister", "app", "id").(string), b.A.App.String()} {
		a := b.post(t, owner, removeApp, vars{"id": id}).ok(t)
		if id == b.A.App.String() {
			a.refused(t, "appRemove", "removedId", "NEEDED id")
		}
	}
	b.post(t, owner, decideDocs, vars{"rule": "ANY"}).done(t, "companyDocumentsUpdate")
	other.post(t, cashier, free, nil).ok(t)
	b.logs.quiet(t)
}

// TestOperatorsDocuments: they are told by their apps, and one that doesn't fit the schema keeps the server from starting.
func TestOperatorsDocuments(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) {
		c.Documents = map[string]map[string]string{"pos": {"who": whoDocument}, "office": {"stores": storesDocument}}
	})
	owner := b.owner(t)
	b.named(t, owner, `{"documentId": "who"}`).ok(t)
	b.named(t, owner, `{"documentId": "who"}`, "X-App", "pos").ok(t)
	b.raw(t, "GET", "?documentId="+url.QueryEscape("sha256:"+app.Hash(whoDocument)), "", "", "X-App", "pos", "Authorization", "Bearer "+owner).ok(t)
	for _, id := range []string{"who", app.Hash(whoDocument)} {
		if a := b.named(t, owner, `{"documentId": "`+id+`"}`, "X-App", "office"); a.code() != "PERSISTED_QUERY_NOT_FOUND" {
			t.Errorf("of another app: %s", a.Raw)
		}
	}
	config := graph.Config{}
	serveOn(t, b.db, b.Fixture, func(c *graph.Config) { config = *c })
	config.Documents = map[string]map[string]string{"pos": {"who": whoDocument, "x": "query Wrong { nothing }"}}
	if _, err := graph.New(config); err == nil || !strings.Contains(err.Error(), "pos: Wrong (x): Cannot query field") || strings.Contains(err.Error(), "Who") {
		t.Errorf("a document that doesn't fit: %v", err)
	}
}
