package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

func TestOperationsAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deep := "{ sales(first: 1) { nodes { lines { product {" + strings.Repeat(" category { products(first: 1) { nodes {", 5) +
		" id " + strings.Repeat("} } }", 5) + "} } } } }"
	bomb := "{ viewer { ...f0 } }"
	for i := range 30 {
		bomb += fmt.Sprintf(" fragment f%d on Viewer { ...f%d a%d: role ...f%d }", i, i+1, i, i+1)
	}
	bomb += " fragment f30 on Viewer { role }"
	ids := strings.Repeat(`"`+id.New[id.Sale]().String()+`" `, 251)
	for name, want := range map[string]struct{ query, code string }{
		"depth":          {deep, "COMPLEXITY_LIMIT"},
		"nested pages":   {"{ stores { nodes { sales { nodes { lines { product { name } } } } } } }", "COMPLEXITY_LIMIT"},
		"fragment bomb":  {bomb, "COMPLEXITY_LIMIT"},
		"too many ids":   {"{ nodes(ids: [" + ids + "]) { id } }", "BAD_USER_INPUT"},
		"page too large": {"{ sales(first: 251) { nodes { id } } }", "BAD_USER_INPUT"},
	} {
		begun := time.Now()
		a := b.post(t, b.owner(t), want.query, nil)
		if a.code() != want.code {
			t.Errorf("%s: %s", name, a.Raw)
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	// The same pages, small enough.
	b.post(t, b.owner(t), "{ stores(first: 5) { nodes { sales(first: 5) { nodes { lines { product { name } } } } } } }", nil).ok(t)
}
