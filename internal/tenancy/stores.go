package tenancy

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
)

// storeList is the stores of a scope, sorted and each once, with their text beside them: a scope serves many requests, and
// each names its stores to the database. It is never changed.
type storeList struct {
	ids  []id.Store
	text string
}

// storesOf takes the slice over.
func storesOf(ids []id.Store) storeList {
	slices.SortFunc(ids, compare)
	ids = slices.Compact(ids)
	const one = len("00000000-0000-0000-0000-000000000000,")
	var text strings.Builder
	text.Grow(len(ids) * one)
	for i, store := range ids {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(uuid.UUID(store).String())
	}
	return storeList{ids: ids, text: text.String()}
}

func compare(a, b id.Store) int { return slices.Compare(a[:], b[:]) }

func (l storeList) has(store id.Store) bool {
	_, ok := slices.BinarySearchFunc(l.ids, store, compare)
	return ok
}
