package app_test

import (
	"errors"
	"testing"

	"github.com/tillgraph/tillgraph/internal/app"
)

// FuzzReadManifest: what is taken has ids by which documents can be named, and no document that is empty.
func FuzzReadManifest(f *testing.F) {
	for _, seed := range []string{
		`{"a": "{ x }"}`, `{"sha256:` + app.Hash("{ x }") + `": "{ x }"}`, `{"sha256:00": "{ x }"}`, `[]`, `{"a": 1}`, `{"a b": "{ x }"}`,
		`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "c", "body": "{ z }"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		documents, err := app.ReadManifest(text)
		if err != nil {
			if !errors.Is(err, app.ErrNoManifest) || documents != nil {
				t.Errorf("%q: %v, %v", text, documents, err)
			}
			return
		}
		if len(documents) == 0 {
			t.Errorf("%q has no documents", text)
		}
		for id, document := range documents {
			if !app.IsID(id) || document == "" {
				t.Errorf("%q: %q stands for %q", text, id, document)
			}
		}
	})
}
