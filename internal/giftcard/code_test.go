package giftcard

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Code{
		"abcd-1234": "ABCD1234", " ab cd 12 34 ": "ABCD1234", //nolint:gocritic // the spaces are what is tested
		"ABCD123": "", "": "", "abcd123é": "", "abcd_1234": "",
		"0123456789012345678901234567890A": "0123456789012345678901234567890A", "0123456789012345678901234567890AB": "",
	} {
		if got, ok := ParseCode(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

func TestNewCodes(t *testing.T) {
	t.Parallel()
	seen := map[Code]bool{}
	for range 1000 {
		code, err := newCode(rand.Reader)
		if err != nil || len(code) != 16 || seen[code] {
			t.Fatalf("%q, %v", code, err)
		}
		seen[code] = true
		if again, ok := ParseCode(code.String()); !ok || again != code {
			t.Fatalf("%s is read as %q", code, again)
		}
	}
	one, other := id.New[id.Company](), id.New[id.Company]()
	if code := Code("ABCD1234"); bytes.Equal(code.Hash(one), code.Hash(other)) || !bytes.Equal(code.Hash(one), code.Hash(one)) {
		t.Error("two companies' codes have one hash")
	}
}
