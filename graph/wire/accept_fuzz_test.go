package wire

import (
	"net/http"
	"testing"
)

func FuzzMediaType(f *testing.F) {
	for _, seed := range []string{"*/*", "application/graphql-response+json, application/json;q=0.9", "application/*;q=0", "text/html;q=NaN", ";;,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		switch got := mediaType(http.Header{"Accept": {accept}}); got {
		case "", PlainJSON, ResponseJSON:
		default:
			t.Errorf("%q is answered as %q", accept, got)
		}
	})
}
