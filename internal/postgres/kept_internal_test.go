package postgres

import (
	"testing"

	"github.com/google/uuid"
)

// TestKeptRowsAreBounded by how many they are, in lists too, and what was kept last is there.
func TestKeptRowsAreBounded(t *testing.T) {
	t.Parallel()
	var kept keptRows
	for n := range 3 * mostKept / mostRows {
		key := keptKey{id: uuid.New()}
		for version, rows := range []int{mostRows, 1, mostRows, 0, mostRows - n} { // each in the place of the one before
			kept.put(key, int64(version), n, rows)
		}
		if row, ok := kept.get(key, 4); !ok || row != n {
			t.Fatalf("%d: %v", n, row)
		}
		if _, ok := kept.get(key, 3); ok {
			t.Fatalf("%d is there at another version", n)
		}
		held := 0
		for _, row := range kept.rows {
			held += row.rows
		}
		if held != kept.held || held > mostKept {
			t.Fatalf("%d rows, %d counted", held, kept.held)
		}
	}
	for range mostKept + 1 {
		kept.put(keptKey{id: uuid.New()}, 1, nil, 0)
	}
	if len(kept.rows) > mostKept {
		t.Errorf("%d empty lists", len(kept.rows))
	}
}
