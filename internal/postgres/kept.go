package postgres

import (
	"reflect"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
)

// Configuration marks the models whose rows are kept between requests. Each change in their tables counts the company's version
// up by a trigger (tillgraph.config_changed); a request that makes one itself reads anew from there on.
type Configuration interface{ IsConfiguration() }

type configurationOf[T any] interface {
	*T
	Configuration
}

// rereads has the request read configuration anew once a statement of its own may change some.
func (h *Handle) rereads(q bun.Query) {
	if _, is := q.(*bun.SelectQuery); is {
		return
	}
	if model, ok := q.GetModel().(bun.TableModel); ok {
		if _, is := model.Table().ZeroIface.(Configuration); is {
			h.scope.ConfigChanged()
		}
	}
}

// keptRows are rows of companies' configuration that outlive a request.
//
// Nothing tells a server that a row has changed, and so nothing can get lost on the way: who asks is looked up in the
// database for each request, that answer has the version of the company's configuration (tillgraph.company_config),
// and a row is good as long as it was read at just that version. The version counts all changes, whoever makes them.
// A request that changes the configuration itself reads anew until it ends.
type keptRows struct {
	mu   sync.Mutex
	rows map[keptKey]keptRow
	// held is how many rows these are: of a list, those that are in it.
	held int
}

// keptKey names the company with what is kept: what one company reads is never another's. Where there are several of a
// type, id says which.
type keptKey struct {
	company id.Company
	of      reflect.Type
	id      uuid.UUID
}

type keptRow struct {
	version int64
	row     any
	rows    int
}

// mostKept bounds the rows in memory.
const mostKept = 20_000

func (k *keptRows) get(key keptKey, version int64) (any, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	row, ok := k.rows[key]
	return row.row, ok && row.version == version
}

// put keeps a row, or a list of so many rows. An empty list counts, too: its key is kept.
func (k *keptRows) put(key keptKey, version int64, row any, rows int) {
	rows = max(rows, 1)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rows == nil {
		k.rows = map[keptKey]keptRow{}
	}
	k.drop(key)
	for other := range k.rows {
		if k.held+rows <= mostKept {
			break
		}
		k.drop(other) // any of them: it is read again where it is needed
	}
	k.rows[key] = keptRow{version: version, row: row, rows: rows}
	k.held += rows
}

func (k *keptRows) drop(key keptKey) {
	k.held -= k.rows[key].rows
	delete(k.rows, key)
}

// mostRows bounds a list that is kept.
const mostRows = 1000

// Kept is RowOr for the one row of a company's configuration that T is the model of: where it is known at the version
// that the request began with, nothing is sent. What comes out is the caller's own copy, its lists not.
func Kept[T any, P configurationOf[T]](h *Handle, dst **T, fallback func() *T, q func() bun.Query) Statement {
	key := keptKey{company: h.scope.Company, of: reflect.TypeFor[T]()}
	if row, ok := remembered[*T](h, key); ok {
		own := *row
		*dst = &own
		return Statement{}
	}
	return keeping(h, key, RowOr(dst, fallback, q()), func() (any, int) { return copied(*dst), 1 })
}

// KeptRow is Row for the row with an id of a table of configuration. Whose scope doesn't reach the row asks the database, which
// says so.
func KeptRow[T any, P configurationOf[T]](h *Handle, of uuid.UUID, dst **T, q func() bun.Query) Statement {
	key := keptKey{company: h.scope.Company, of: reflect.TypeFor[T](), id: of}
	if row, ok := remembered[*T](h, key); ok {
		own := *row
		if within, ok := any(&own).(owned); ok && within.own(h.scope) == nil {
			*dst = &own
			return Statement{}
		}
	}
	return keeping(h, key, Row(dst, q()), func() (any, int) { return copied(*dst), 1 })
}

// KeptRows is Rows for all rows of such a table that are a store's; of no store, for all that are the company's. Nobody may
// change what comes out. Whose scope doesn't have the store reads what the database shows of it, and that isn't kept.
func KeptRows[T any, P configurationOf[T]](h *Handle, store id.Store, dst *[]*T, q func() bun.Query) Statement {
	if !store.IsZero() && !h.scope.HasStore(store) {
		return Rows(dst, q())
	}
	key := keptKey{company: h.scope.Company, of: reflect.TypeFor[[]*T](), id: store.UUID()}
	if rows, ok := remembered[[]*T](h, key); ok {
		*dst = rows
		return Statement{}
	}
	return keeping(h, key, Rows(dst, q()), func() (any, int) {
		if len(*dst) > mostRows {
			return nil, 0
		}
		return slices.Clone(*dst), len(*dst) // a second try reads into the first one's
	})
}

// remembered gives what is known at the version that the request began with.
func remembered[V any](h *Handle, key keptKey) (V, bool) {
	var none V
	version, known := h.scope.ConfigVersion()
	if !known {
		return none, false
	}
	row, ok := h.db.kept.get(key, version)
	if !ok {
		return none, false
	}
	return row.(V), true //nolint:forcetypeassert // its type is in the key
}

// copied is the address of a copy of a row, nil where there is none.
func copied[T any](row *T) any {
	if row == nil {
		return nil
	}
	own := *row
	return &own
}

// keeping has a statement keep what it has read, of so many rows, unless that is nil.
func keeping(h *Handle, key keptKey, s Statement, read func() (any, int)) Statement {
	version, known := h.scope.ConfigVersion()
	if !known {
		return s
	}
	scan := s.scan
	s.scan = func(h *Handle, rows pgx.Rows) error {
		if err := scan(h, rows); err != nil {
			return err
		}
		// What was read is as new as the version at least: that was looked up before.
		if row, rows := read(); row != nil {
			h.db.kept.put(key, version, row, rows)
		}
		return nil
	}
	return s
}
