package wire

import (
	"net/http"
	"testing"
)

func TestMediaType(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                                  "",
		"*/*":                               PlainJSON,
		"application/*":                     PlainJSON,
		"application/json":                  PlainJSON,
		"APPLICATION/JSON; charset=UTF-8":   PlainJSON,
		"application/json; charset=latin1":  "",
		"application/graphql-response+json": ResponseJSON,
		"text/html":                         "",
		"text/html, */*;q=0.1":              PlainJSON,
		"text/html, application/json;q=0":   "",
		"*/*, application/json;q=0":         ResponseJSON,
		"*/*, application/json;q=0, application/graphql-response+json;q=0":  "",
		"application/graphql-response+json, application/json":               ResponseJSON,
		"application/json, application/graphql-response+json":               ResponseJSON,
		"application/json, application/graphql-response+json;q=0.9":         PlainJSON,
		"application/json;q=0.8, application/graphql-response+json;q=0.9":   ResponseJSON,
		"application/graphql-response+json;q=0, application/json;q=0.1":     PlainJSON,
		"application/graphql-response+json;q=2, application/json;q=0.1":     PlainJSON,
		"application/graphql-response+json;q=NaN, application/json;q=0.001": PlainJSON,
		";;, application/json":                                         PlainJSON,
		"application/*;q=0.5, */*;q=0.9":                               PlainJSON,
		"application/*;q=0.5, application/graphql-response+json;q=0.4": PlainJSON,
	} {
		if got := mediaType(http.Header{"Accept": {accept}}); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if got := mediaType(http.Header{}); got != PlainJSON {
		t.Errorf("nothing said: %q", got)
	}
	if got := mediaType(http.Header{"Accept": {"text/html", ResponseJSON}}); got != ResponseJSON {
		t.Errorf("on two lines: %q", got)
	}
}
