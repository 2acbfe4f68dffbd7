//go:build browser

package explorer

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"

	"github.com/tillgraph/tillgraph/internal/explorer/explorertest"
)

// stub answers the introspection of testdata/schema.graphql, and anything else
// with the token that the request carried.
type stub struct {
	introspection []byte
	// private is a server that shows its schema only to who is signed in.
	private bool

	mu   sync.Mutex
	seen []received
}

type received struct {
	Authorization string `json:"-"`
	ContentType   string `json:"-"`
	Store         string `json:"-"`

	Variables     map[string]any `json:"variables"`
	OperationName string         `json:"operationName"`
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var got received
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Method != http.MethodPost {
		http.Error(w, "want a POST of JSON", http.StatusBadRequest)

		return
	}

	got.Authorization = r.Header.Get("Authorization")
	got.ContentType = r.Header.Get("Content-Type")
	got.Store = r.Header.Get("X-Store-Id")

	s.mu.Lock()
	s.seen = append(s.seen, got)
	s.mu.Unlock()

	w.Header().Set("Content-Type", "application/json")

	if s.private && got.Authorization == "" {
		http.Error(w, "who are you?", http.StatusUnauthorized)

		return
	}

	if got.OperationName == "IntrospectionQuery" {
		_, _ = w.Write(s.introspection)

		return
	}

	// A reader that has gone away is not the stub's business.
	_, _ = fmt.Fprintf(w, `{"data": {"viewer": {"name": %q, "permissions": ["SALE_CREATE"]}}}`, "holder of "+got.Authorization)
}

// last returns what was received last, the page's introspection apart.
func (s *stub) last(t *testing.T) received {
	t.Helper()

	s.mu.Lock()
	defer s.mu.Unlock()

	for _, v := range slices.Backward(s.seen) {
		if v.OperationName != "IntrospectionQuery" {
			return v
		}
	}

	t.Fatal("nothing was received")

	return received{}
}

func demo() Options {
	return Options{
		Endpoint: "/graphql",
		Tokens: []Token{
			{"Owner", "Everything of Kijani Grocers in all of its stores, users and settings included.", "demo-owner-token"},
			{"Store manager", "The Westlands store: its stock, prices, tills, staff and reports.", "demo-manager-token"},
			{"Cashier", "Rings up sales and takes tenders at till 1 of the Westlands store; no refunds, no reports.", "demo-cashier-token"},
			{"Stock clerk", "Goods received, counts and transfers in the Westlands store; sees no money.", "demo-clerk-token"},
			{"Accountant", "Reads sales, taxes and tender totals of all stores; changes nothing.", "demo-accountant-token"},
			{"Web shop", "The integration of the web shop: products, prices and stock levels.", "demo-shop-token"},
			{"Other company", "The owner of Kampala Hardware: sees nothing of Kijani Grocers.", "demo-other-token"},
		},
		Examples: []Example{
			{
				Name: "Who am I?",
				Query: "# Who the token belongs to.\n# Pick a demo role above and press run.\n" +
					"query WhoAmI {\n  viewer {\n    name\n    permissions\n  }\n}\n",
			},
			{
				Name:      "One store",
				Query:     "query OneStore($id: ID!) {\n  store(id: $id) {\n    name\n  }\n}\n",
				Variables: "{\n  \"id\": \"store-1\"\n}\n",
			},
		},
	}
}

// serve starts a server with the explorer at / and the stub at /graphql.
func serve(t *testing.T, o Options, assets fs.FS) (string, *stub) {
	t.Helper()

	introspection, err := os.ReadFile(filepath.Join("testdata", "introspection.json"))
	if err != nil {
		t.Fatal(err)
	}

	s := &stub{introspection: introspection}
	h := handler(t, o, assets)

	mux := http.NewServeMux()
	mux.Handle(PagePath+"{$}", h)
	mux.Handle(AssetsPath, h)
	mux.Handle("/graphql", s)

	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	return server.URL, s
}

func requireBuild(t *testing.T) {
	t.Helper()

	if !Offline() {
		t.Fatal("not built: npm ci --prefix internal/explorer && npm run build --prefix internal/explorer")
	}
}

// shoot keeps a picture where TILLGRAPH_SCREENSHOTS says, for a person to look at.
func shoot(p *explorertest.Page, name string) {
	if dir := os.Getenv("TILLGRAPH_SCREENSHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, name+".png"))
	}
}

func TestBrowserRunsAQueryAsADemoRoleWithNoNetwork(t *testing.T) {
	t.Parallel()
	requireBuild(t)

	url, s := serve(t, demo(), built)
	page := explorertest.New(t)
	page.Open(url)
	page.Query("WhoAmI")

	page.SignIn("Cashier")
	page.Run()
	page.Answer(`"holder of Bearer demo-cashier-token"`)

	if got := s.last(t); got.Authorization != "Bearer demo-cashier-token" || got.ContentType != "application/json" ||
		got.OperationName != "WhoAmI" {
		t.Errorf("received %+v", got)
	}

	shoot(page, "answer")
	page.Docs("A GraphQL schema provides a root type")
	page.Do(
		chromedp.Click(`//a[contains(@class, "graphiql-doc-explorer-type-name") and text()="Query"]`),
		chromedp.WaitVisible(`//*[contains(text(), "Who the token belongs to, and what it may do.")]`),
	)
	shoot(page, "docs")

	if faults := page.Faults(); len(faults) != 0 {
		t.Errorf("the console says: %s", strings.Join(faults, "\n"))
	}
}

func TestBrowserOpensAnExampleInATabOfItsOwn(t *testing.T) {
	t.Parallel()
	requireBuild(t)

	url, s := serve(t, demo(), built)
	page := explorertest.New(t)
	page.Open(url)
	page.Query("WhoAmI")

	page.OpenExample("One store")
	page.Query("query OneStore")
	page.Run()
	page.Answer("holder of")

	if got := s.last(t); got.OperationName != "OneStore" || got.Variables["id"] != "store-1" || got.Authorization != "" {
		t.Errorf("received %+v", got)
	}

	// The tab before it is as it was, and opening an example again goes to its
	// tab rather than to a third one.
	page.OpenExample("Who am I?")
	page.Query("query WhoAmI")
	page.OpenExample("One store")
	page.Query("query OneStore")

	tabs := explorertest.Get(page, chromedp.Evaluate[int](`document.querySelectorAll('.graphiql-tab').length`))
	if tabs != 2 {
		t.Errorf("%d tabs, want 2", tabs)
	}

	shoot(page, "example")

	if faults := page.Faults(); len(faults) != 0 {
		t.Errorf("the console says: %s", strings.Join(faults, "\n"))
	}
}

func TestBrowserSendsATypedTokenAndForgetsItOnDemand(t *testing.T) {
	t.Parallel()
	requireBuild(t)

	o := demo()
	o.Tokens = nil
	url, s := serve(t, o, built)
	page := explorertest.New(t)
	page.Open(url)

	page.Do(chromedp.SendKeys(chromedp.ID("token"), "  Bearer typed-token "))
	page.Run()
	page.Answer(`"holder of Bearer typed-token"`)

	// It is there after a reload, hidden until asked for, and not in what
	// outlives the tab.
	page.Open(url)

	kind := chromedp.Evaluate[string](`document.getElementById('token').type`)
	value := explorertest.Get(page, chromedp.Value(chromedp.ID("token")))
	kept := explorertest.Get(page, chromedp.Evaluate[string](`JSON.stringify({...localStorage})`))

	if kind := explorertest.Get(page, kind); kind != "password" || value != "typed-token" {
		t.Errorf("the field is a %s with %q", kind, value)
	}

	if strings.Contains(kept, "typed-token") {
		t.Errorf("the token outlives the tab: %s", kept)
	}

	page.Do(chromedp.Click(chromedp.ID("token-show")))

	if kind := explorertest.Get(page, kind); kind != "text" {
		t.Errorf("shown, the field is a %s", kind)
	}

	page.Do(chromedp.Click(chromedp.ID("token-clear")))
	page.SetHeaders(`{"X-Store-ID": "store-1"}`)
	page.Run()
	page.Answer(`"holder of "`)

	if got := s.last(t); got.Authorization != "" || got.Store != "store-1" {
		t.Errorf("cleared, the page sends %+v", got)
	}
}

func TestBrowserReadsTheSchemaOnceSignedInAndSaysWhatAServerRefuses(t *testing.T) {
	t.Parallel()
	requireBuild(t)

	url, s := serve(t, demo(), built)
	s.private = true

	page := explorertest.New(t)
	page.Open(url)
	page.Run()
	page.Answer("401 Unauthorized: who are you?")
	page.SignIn("Owner")
	page.Docs("A GraphQL schema provides a root type")

	// The header editor is more particular than the bar.
	page.SetHeaders(`{"authorization": "Bearer by-hand"}`)
	page.Run()
	page.Answer(`"holder of Bearer by-hand"`)
}

// The page without the build, its CDN played by the built files: the browser
// accepts them only if the hashes, the policy and the addresses all agree.
func TestBrowserTakesThePinnedFilesOfTheCDNAndNoOthers(t *testing.T) {
	t.Parallel()
	requireBuild(t)

	for _, tt := range []struct {
		name  string
		extra string
		want  string
	}{
		{"pinned", "", ".graphiql-execute-button"},
		{"changed", "\n// not what was pinned", "#graphiql .notice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			url, _ := serve(t, demo(), unbuilt())
			page := explorertest.New(t)
			playCDN(t, page, tt.extra)
			page.Do(chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS(tt.want)))

			if tt.extra == "" {
				page.Query("WhoAmI")

				return
			}

			page.Do(chromedp.WaitVisible(`//p[contains(text(), "could not be loaded")]`))
			shoot(page, "no-cdn")
		})
	}
}

func playCDN(t *testing.T, page *explorertest.Page, extra string) {
	t.Helper()

	files := make(map[string][]byte)

	for _, p := range pins(t) {
		body, err := built.ReadFile("assets/" + p.path())
		if err != nil {
			t.Fatal(err)
		}

		files[p.cdnURL()] = append(body, extra...)
	}

	paused := chromedp.Events(page.Context(), fetch.RequestPaused)

	if _, err := chromedp.Call(page.Context(), fetch.Enable, fetch.EnableParams{
		Patterns: []*fetch.RequestPattern{{URLPattern: cdn + "*"}},
	}); err != nil {
		t.Fatal(err)
	}

	go func() {
		for e, err := range paused {
			if err != nil {
				return
			}

			// An error here shows as a page that does not load.
			_, _ = chromedp.Call(page.Context(), fetch.FulfillRequest, fetch.FulfillRequestParams{
				RequestID:    e.RequestID,
				ResponseCode: http.StatusOK,
				Body:         files[e.Request.URL],
				ResponseHeaders: []*fetch.HeaderEntry{
					{Name: "Access-Control-Allow-Origin", Value: "*"},
					{Name: "Content-Type", Value: contentType(e.Request.URL)},
				},
			})
		}
	}()
}
