package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/catalog"
)

func TestWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("字", 30)
	for _, c := range []struct {
		name, sku string
		want      []string
	}{
		{"Crème Brûlée 2 x 100 g", "DES-CB-2", []string{"creme", "brulee", "2", "x", "100", "g", "des-cb-2", "des", "cb"}},
		{"Weißbier ŁÓDŹ Smørrebrød Æbler Đuro", "W1", []string{"weissbier", "lodz", "smorrebrod", "aebler", "duro", "w1"}},
		{"Milk milk MILK", "milk", []string{"milk"}},
		{"İstanbul", "A B", []string{"istanbul", "a b", "a", "b"}},
		{"--", "?", []string{"?"}},
		{long, "X", []string{long[:63], "x"}},
	} {
		if got := catalog.Words(c.name, c.sku); !slices.Equal(got, c.want) {
			t.Errorf("%q, %q: %q, want %q", c.name, c.sku, got, c.want)
		}
	}
}

func TestWordsAreStorable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := catalog.Words(rapid.String().Draw(t, "name"), rapid.String().Draw(t, "sku"))
		seen := map[string]bool{}
		for _, word := range words {
			if word == "" || len(word) > 64 || !utf8.ValidString(word) || seen[word] {
				t.Fatalf("%q among %q", word, words)
			}
			seen[word] = true
		}
	})
}
