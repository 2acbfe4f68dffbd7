package page

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Type is what a sort column holds, as PostgreSQL names it.
type Type string

// The types of sort columns.
const (
	Text    Type = "text"
	UUID    Type = "uuid"
	Instant Type = "timestamptz"
	Number  Type = "bigint"
	Date    Type = "date"
)

// Column is one column of a sort order. It must not be null in any row.
type Column[T any] struct {
	Name  string
	Type  Type
	Value func(*T) string
}

// Order is a total order of a list: its last column is unique. All columns go the same way, so that a cursor is
// one comparison of rows, which an index answers.
type Order[T any] struct {
	// Name stands in the cursor: a cursor of one order is no use in another.
	Name    string
	Desc    bool
	Columns []Column[T]
}

// InstantText is how an instant stands in a cursor.
func InstantText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// of makes an order's cursors those of the handle's company, so that another's are refused and not taken for places
// in its own list. The end of an id is random, and enough of it tells companies apart.
func (o Order[T]) of(h *postgres.Handle) Order[T] {
	const enough = 8
	company := h.Scope().Company.String()
	o.Name += "@" + company[len(company)-enough:]
	return o
}

// cursor gives a row's place in the order.
func (o Order[T]) cursor(row *T) string {
	values := make([]string, len(o.Columns))
	for i, c := range o.Columns {
		values[i] = c.Value(row)
	}
	return o.encode(values)
}

func (o Order[T]) encode(values []string) string {
	raw, err := json.Marshal(append([]string{o.Name}, values...))
	if err != nil {
		// A list of strings always marshals.
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

var errCursor = errs.New(errs.BadUserInput, "The cursor is not one of this list in this order.")

// place reads a cursor back, checking each value: it comes from a client. It accepts only what cursor writes, because
// PostgreSQL refuses some of what Go reads.
func (o Order[T]) place(cursor string) ([]string, error) {
	const longest = 2000
	if len(cursor) > longest {
		return nil, errCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, errCursor
	}
	var parts []string
	if json.Unmarshal(raw, &parts) != nil || len(parts) != len(o.Columns)+1 || parts[0] != o.Name {
		return nil, errCursor
	}
	values := parts[1:]
	for i, c := range o.Columns {
		if !c.Type.holds(values[i]) {
			return nil, errCursor
		}
	}
	if o.encode(values) != cursor {
		return nil, errCursor
	}
	return values, nil
}

func (t Type) holds(value string) bool {
	switch t {
	case UUID:
		v, err := uuid.Parse(value)
		return err == nil && v.String() == value
	case Instant:
		at, err := time.Parse(time.RFC3339Nano, value)
		return err == nil && at.Year() > 0 && InstantText(at) == value
	case Number:
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	case Date:
		at, err := time.Parse(time.DateOnly, value)
		return err == nil && at.Year() > 0
	case Text:
		return utf8.ValidString(value) && !strings.ContainsRune(value, 0)
	default:
		return false
	}
}

// seek limits a query to one page (and one row more, which tells whether another follows).
func (o Order[T]) seek(q *bun.SelectQuery, a Args, size int) (*bun.SelectQuery, error) {
	desc := o.Desc != a.backward()
	if cursor := a.cursor(); cursor != nil {
		values, err := o.place(*cursor)
		if err != nil {
			return nil, err
		}
		var columns, places []string
		var args []any
		for i, c := range o.Columns {
			columns = append(columns, "?TableAlias."+c.Name)
			places = append(places, "?::"+string(c.Type))
			args = append(args, values[i])
		}
		than := ">"
		if desc {
			than = "<"
		}
		q.Where("("+strings.Join(columns, ", ")+") "+than+" ("+strings.Join(places, ", ")+")", args...)
	}
	return q.OrderExpr(o.by("?TableAlias", desc)).Limit(int64(size) + 1), nil
}

// by is the ORDER BY of the columns of a table's alias.
func (o Order[T]) by(alias string, desc bool) string {
	columns := make([]string, len(o.Columns))
	for i, c := range o.Columns {
		columns[i] = alias + "." + c.Name
		if desc {
			columns[i] += " DESC"
		}
	}
	return strings.Join(columns, ", ")
}
