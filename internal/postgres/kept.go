package postgres

import (
	"reflect"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
)

// keptRows are rows of companies' configuration that outlive a request.
//
// Nothing tells a server that a row has changed, and so nothing can get lost on the way: who asks is looked up in the
// database for each request, that answer has the version of the company's configuration (tillgraph.company_config),
// and a row is good as long as it was read at just that version. The version counts all changes, whoever makes them.
// A request that changes the configuration itself reads anew until it ends.
type keptRows struct {
	mu   sync.Mutex
	rows map[keptKey]keptRow
}

// keptKey names the company with the row: what one company reads is never another's.
type keptKey struct {
	company id.Company
	of      reflect.Type
}

type keptRow struct {
	version int64
	row     any
}

// mostKept bounds the rows in memory.
const mostKept = 20_000

func (k *keptRows) get(key keptKey, version int64) (any, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	row, ok := k.rows[key]
	return row.row, ok && row.version == version
}

func (k *keptRows) put(key keptKey, version int64, row any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rows == nil {
		k.rows = map[keptKey]keptRow{}
	}
	for other := range k.rows {
		if len(k.rows) < mostKept {
			break
		}
		delete(k.rows, other) // any of them: it is read again where it is needed
	}
	k.rows[key] = keptRow{version: version, row: row}
}

// Kept is RowOr for the one row of a company's configuration that T is the model of: where it is known at the version
// that the request began with, nothing is sent. What comes out is the caller's own copy, its lists not.
func Kept[T any](h *Handle, dst **T, fallback func() *T, q bun.Query) Statement {
	key := keptKey{company: h.scope.Company, of: reflect.TypeFor[T]()}
	version, known := h.scope.ConfigVersion()
	if known {
		if row, ok := h.db.kept.get(key, version); ok {
			own := *row.(*T) //nolint:forcetypeassert // its type is in the key
			*dst = &own
			return Statement{}
		}
	}
	s := RowOr(dst, fallback, q)
	scan := s.scan
	s.scan = func(h *Handle, rows pgx.Rows) error {
		if err := scan(h, rows); err != nil {
			return err
		}
		// What was read is as new as the version at least: that was looked up before.
		if known && *dst != nil {
			own := **dst
			h.db.kept.put(key, version, &own)
		}
		return nil
	}
	return s
}
