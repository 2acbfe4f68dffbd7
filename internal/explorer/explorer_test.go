package explorer

import (
	"encoding/json"
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// Which of the two pages a test gets is the test's choice, not that of the
// machine it runs on.
func unbuilt() fs.FS { return fstest.MapFS{"assets/README.md": {Data: []byte("empty")}} }

func builtFS(t *testing.T) fstest.MapFS {
	t.Helper()

	files := fstest.MapFS{"assets/" + licencesFile: {Data: []byte("notices")}}
	for _, p := range pins(t) {
		files["assets/"+p.path()] = &fstest.MapFile{Data: []byte(p.File)}
	}

	return files
}

func pins(t *testing.T) []pin {
	t.Helper()

	pins, err := readPins()
	if err != nil {
		t.Fatal(err)
	}

	return pins
}

func handler(t *testing.T, o Options, assets fs.FS) http.Handler {
	t.Helper()

	if o.Endpoint == "" {
		o.Endpoint = "/graphql"
	}

	h, err := newHandler(o, assets)
	if err != nil {
		t.Fatal(err)
	}

	return h
}

func get(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))

	return w
}

// loaded returns what the page loads, address to integrity.
func loaded(t *testing.T, page string) map[string]string {
	t.Helper()

	found := make(map[string]string)
	tag := regexp.MustCompile(`<(?:script|link)[^>]* (?:src|href)="([^"]+)"[^>]*>`)
	integrity := regexp.MustCompile(` integrity="([^"]+)"`)

	for _, m := range tag.FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[0], `rel="license"`) {
			continue
		}

		hash := ""
		if i := integrity.FindStringSubmatch(m[0]); i != nil {
			hash = html.UnescapeString(i[1])
		}

		found[html.UnescapeString(m[1])] = hash
	}

	return found
}

func TestPageWithoutTheBuildTakesPinnedFilesFromTheCDN(t *testing.T) {
	t.Parallel()

	h := handler(t, Options{}, unbuilt())
	page := get(t, h, http.MethodGet, PagePath).Body.String()
	got := loaded(t, page)

	for _, p := range pins(t) {
		if got[p.cdnURL()] != p.Integrity {
			t.Errorf("%s has integrity %q, want %q", p.cdnURL(), got[p.cdnURL()], p.Integrity)
		}

		if w := get(t, h, http.MethodGet, AssetsPath+p.path()); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d without a build", p.path(), w.Code)
		}
	}

	if n := strings.Count(page, `crossorigin="anonymous"`); n != len(pins(t)) {
		t.Errorf("%d files asked for with CORS, want %d: the browser cannot check the others", n, len(pins(t)))
	}
}

func TestPageWithTheBuildLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()

	h := handler(t, Options{}, builtFS(t))
	w := get(t, h, http.MethodGet, PagePath)
	got := loaded(t, w.Body.String())

	for _, p := range pins(t) {
		if got[AssetsPath+p.path()] != p.Integrity {
			t.Errorf("%s has integrity %q, want %q", p.path(), got[AssetsPath+p.path()], p.Integrity)
		}
	}

	for address := range got {
		if !strings.HasPrefix(address, AssetsPath) {
			t.Errorf("the page loads %s", address)
		}

		if f := get(t, h, http.MethodGet, address); f.Code != http.StatusOK || f.Header().Get("Cache-Control") != immutable {
			t.Errorf("%s: %d, Cache-Control %q", address, f.Code, f.Header().Get("Cache-Control"))
		}
	}

	if strings.Contains(w.Body.String()+w.Header().Get("Content-Security-Policy"), "https://") {
		t.Error("the page that needs no network names another server")
	}
}

func TestHalfABuildCountsAsNone(t *testing.T) {
	t.Parallel()

	files := builtFS(t)
	delete(files, "assets/"+pins(t)[0].path())

	for address := range loaded(t, get(t, handler(t, Options{}, files), http.MethodGet, PagePath).Body.String()) {
		if strings.Contains(address, "graphiql.min") && !strings.HasPrefix(address, cdn) {
			t.Errorf("the page loads %s beside files of the CDN", address)
		}
	}
}

func TestOwnModulesAreServedBesideTheOneThatImportsThem(t *testing.T) {
	t.Parallel()

	h := handler(t, Options{}, unbuilt())

	var entry string

	for address := range loaded(t, get(t, h, http.MethodGet, PagePath).Body.String()) {
		if strings.HasSuffix(address, "/explorer.js") {
			entry = address
		}
	}

	w := get(t, h, http.MethodGet, entry)
	if ct := w.Header().Get("Content-Type"); ct != "text/javascript; charset=utf-8" {
		t.Errorf("Content-Type %q", ct)
	}

	imports := regexp.MustCompile(`from '\./([^']+)'`).FindAllStringSubmatch(w.Body.String(), -1)
	if len(imports) == 0 {
		t.Fatal("found no import to follow")
	}

	for _, m := range imports {
		address := strings.TrimSuffix(entry, "explorer.js") + m[1]
		if f := get(t, h, http.MethodGet, address); f.Code != http.StatusOK {
			t.Errorf("%s: %d", address, f.Code)
		}
	}
}

func TestPageCarriesAnyTextWithoutBeingChangedByIt(t *testing.T) {
	t.Parallel()

	const nasty = `</script><script>alert(1)</script><!-- "quotes" 'single' & \ ` + "`back` \u2028 \n"

	want := config{
		Endpoint: "/graphql",
		Tokens:   []Token{{Label: nasty, Description: nasty, Token: nasty}},
		Examples: []Example{{Name: nasty, Query: nasty}},
	}
	page := get(t, handler(t, Options(want), unbuilt()), http.MethodGet, PagePath).Body.String()

	if strings.Contains(page, "alert(1)</script>") || strings.Contains(page, "<script>alert") {
		t.Error("a value closes the element that holds it")
	}

	m := regexp.MustCompile(`(?s)<script type="application/json" id="config">(.*?)</script>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the page has no config")
	}

	var got config
	if err := json.Unmarshal([]byte(m[1]), &got); err != nil {
		t.Fatalf("the config is not JSON: %v\n%s", err, m[1])
	}

	if got.Tokens[0] != want.Tokens[0] || got.Examples[0] != want.Examples[0] {
		t.Errorf("the page reads %+v, want %+v", got, want)
	}
}

func TestConfigHasListsWhenThereIsNothingToOffer(t *testing.T) {
	t.Parallel()

	page := get(t, handler(t, Options{}, unbuilt()), http.MethodGet, PagePath).Body.String()
	if !strings.Contains(page, `{"endpoint":"/graphql","tokens":[],"examples":[]}`) {
		t.Error("an absent list is not an empty one in the page's config")
	}
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()

	h := handler(t, Options{}, builtFS(t))
	first := AssetsPath + pins(t)[0].path()

	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", http.StatusOK},
		{http.MethodHead, "/", http.StatusOK},
		{http.MethodGet, first, http.StatusOK},
		{http.MethodHead, first, http.StatusOK},
		{http.MethodGet, AssetsPath + licencesFile, http.StatusOK},
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/", http.StatusMethodNotAllowed},
		{http.MethodPost, first, http.StatusMethodNotAllowed},
		{http.MethodGet, "/index.html", http.StatusNotFound},
		{http.MethodGet, "/graphql", http.StatusNotFound},
		{http.MethodGet, "/explorer", http.StatusNotFound},
		{http.MethodGet, AssetsPath, http.StatusNotFound},
		{http.MethodGet, AssetsPath + "README.md", http.StatusNotFound},
		{http.MethodGet, AssetsPath + "graphiql-0.0.1/graphiql.min.js", http.StatusNotFound},
		{http.MethodGet, first + "/", http.StatusNotFound},
		{http.MethodGet, AssetsPath + "..%2fpinned.json", http.StatusNotFound},
	} {
		w := get(t, h, tt.method, tt.path)
		if w.Code != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}

		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: an answer without nosniff", tt.method, tt.path)
		}
	}
}

func TestOptionsThatCannotWorkAreNamedAllAtOnce(t *testing.T) {
	t.Parallel()

	_, err := Handler(Options{
		Endpoint: "javascript:alert(1)",
		Tokens:   []Token{{Label: "Owner"}},
		Examples: []Example{{Name: "Nothing"}, {Name: "Bad", Query: "{ a }", Variables: "[1]"}},
	})
	if err == nil {
		t.Fatal("no error")
	}

	for _, want := range []string{"endpoint", "token 0", "example 0", `example "Bad"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}
