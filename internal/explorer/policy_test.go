package explorer

import (
	"net/http"
	"strings"
	"testing"
)

func directives(t *testing.T, h http.Handler) map[string]string {
	t.Helper()

	found := make(map[string]string)

	for d := range strings.SplitSeq(get(t, h, http.MethodGet, PagePath).Header().Get("Content-Security-Policy"), "; ") {
		name, sources, _ := strings.Cut(d, " ")
		found[name] = sources
	}

	return found
}

func TestPolicyOfThePageThatNeedsNoNetwork(t *testing.T) {
	t.Parallel()

	got := directives(t, handler(t, Options{}, builtFS(t)))
	for name, want := range map[string]string{
		"default-src":     "'none'",
		"script-src":      "'self'",
		"style-src":       "'self' 'unsafe-inline'",
		"connect-src":     "'self'",
		"img-src":         "'self' data:",
		"font-src":        "data:",
		"base-uri":        "'none'",
		"form-action":     "'none'",
		"frame-ancestors": "'none'",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

func TestPolicyAllowsFilesOfTheCDNAndNotTheCDN(t *testing.T) {
	t.Parallel()

	got := directives(t, handler(t, Options{}, unbuilt()))
	want := "'self'"

	for _, p := range pins(t) {
		if strings.HasSuffix(p.File, ".js") {
			want += " " + p.cdnURL()
		}
	}

	if got["script-src"] != want {
		t.Errorf("script-src is %q, want %q", got["script-src"], want)
	}

	if got["connect-src"] != "'self'" {
		t.Errorf("connect-src is %q", got["connect-src"])
	}
}

func TestPolicyAllowsTheEndpointOfAnotherServer(t *testing.T) {
	t.Parallel()

	got := directives(t, handler(t, Options{Endpoint: "https://api.example.com:8443/graphql"}, builtFS(t)))
	if want := "'self' https://api.example.com:8443"; got["connect-src"] != want {
		t.Errorf("connect-src is %q, want %q", got["connect-src"], want)
	}
}

func TestEndpointsThatAreRefused(t *testing.T) {
	t.Parallel()

	for _, endpoint := range []string{
		"", "graphql", "//example.com/graphql", "ftp://example.com/", "javascript:alert(1)", "data:,x",
		"https://user:secret@example.com/graphql",
		"https://example.com;script-src/graphql", "https://a,b/graphql", "https://a'b/graphql",
		"http://exa mple/", "https:///graphql",
	} {
		if _, err := Handler(Options{Endpoint: endpoint}); err == nil {
			t.Errorf("%q was taken", endpoint)
		}
	}
}

func TestPageIsNotKeptAndTellsNobodyWhereItIs(t *testing.T) {
	t.Parallel()

	h := get(t, handler(t, Options{}, builtFS(t)), http.MethodGet, PagePath).Header()
	for name, want := range map[string]string{
		"Cache-Control":              "no-store",
		"Content-Type":               "text/html; charset=utf-8",
		"Referrer-Policy":            "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin",
	} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.Get(name), want)
		}
	}
}
