package staff

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "owner@acme.example": true, "é": true, "a\x00": false, "\xff": false,
		strings.Repeat("a", 300): true, strings.Repeat("a", 301): false,
	} {
		if plain(text) != want {
			t.Errorf("%.20q: %v", text, !want)
		}
	}
}
