package postgres

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// TestTextsAreOneString: a text that comes again is the string that it was, whoever asks.
func TestTextsAreOneString(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	var known statementTexts
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 2000 {
				want := fmt.Sprintf("select %d", n%300)
				if got := known.of([]byte(want)); got != want {
					t.Errorf("%q is told as %q", want, got)
				}
			}
		})
	}
	all.Wait()
	text := []byte("select 299")
	if a, b := known.of(text), known.of(text); unsafe.StringData(a) != unsafe.StringData(b) {
		t.Error("a text is made twice")
	}
	if made := testing.AllocsPerRun(100, func() { known.of(text) }); made > 0 {
		t.Errorf("%v allocations to look a text up", made)
	}
	if text[0] = 'S'; known.of([]byte("select 299")) != "select 299" {
		t.Error("a text is changed with what it was written in")
	}
}

// TestTextsAreBounded by how many they are, and by how long each is.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	var known statementTexts
	for n := range 3 * mostStatementTexts {
		known.of(fmt.Append(nil, "select ", n))
		if len(known.known) > mostStatementTexts {
			t.Fatalf("%d are kept", len(known.known))
		}
	}
	long := strings.Repeat("x", longestStatementText+1)
	if known.of([]byte(long)) != long || known.known[long] != "" {
		t.Error("a long one isn't told, or is kept")
	}
}
