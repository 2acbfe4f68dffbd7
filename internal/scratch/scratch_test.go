package scratch_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// TestTextsKeepApart: each begins empty, and nobody else writes into it until it is given back, however long it gets.
func TestTextsKeepApart(t *testing.T) {
	t.Parallel()
	const writers, rounds, longest = 8, 300, 400 << 10
	var all sync.WaitGroup
	for n := range writers {
		all.Go(func() {
			for round := range rounds {
				text := scratch.New()
				if len(text.Bytes) > 0 {
					t.Errorf("a text begins with %d bytes", len(text.Bytes))
				}
				want := bytes.Repeat([]byte{byte('a' + n)}, (round+1)*(n+1)*997%longest)
				for part := want; len(part) > 0; part = part[min(len(part), 1000):] {
					text.Bytes = append(text.Bytes, part[:min(len(part), 1000)]...)
				}
				if !bytes.Equal(text.Bytes, want) {
					t.Errorf("a text of %d bytes isn't what was written", len(want))
				}
				text.GiveBack()
			}
		})
	}
	all.Wait()
}

// TestLittleIsMadeAnew: a text of a usual length has the memory of the one before.
func TestLittleIsMadeAnew(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	part := []byte("a part of a text")
	made := testing.AllocsPerRun(1000, func() {
		text := scratch.New()
		for range 200 {
			text.Bytes = append(text.Bytes, part...)
		}
		text.GiveBack()
	})
	if made >= 1 {
		t.Errorf("%v allocations a text", made)
	}
}
