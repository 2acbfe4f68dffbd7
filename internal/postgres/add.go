package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// Add inserts the rows of a model, or of a slice of models, as they are.
//
// It is Insert without what else an insert can be: the model, the hook, and the text and the values that are sent are the
// same. But bun writes each value into the text, from where inspect lifts it again, which was a tenth of what a sale takes
// of the server. Here values go beside the text from the start, and that names the model's table and columns alone, so
// that there is nothing to inspect. Ids and times are sent as the database keeps them, which is a third of what their texts
// are and spares it reading these.
func (h *Handle) Add(rows any) Statement { return Statement{query: addition{h.Insert(rows)}} }

type addition struct{ *bun.InsertQuery }

var errNoRows = errors.New("an insert of no rows")

// renderRows gives the text and the values of an insert that its hook has seen.
func (h *Handle) renderRows(q addition) (text string, args []any, err error) {
	model, ok := q.GetModel().(bun.TableModel)
	if !ok {
		return "", nil, errUnscoped
	}
	out, values := scratch.New(), scratch.New()
	defer out.GiveBack()
	defer values.GiveBack()
	w := rowWriter{gen: h.QueryGen(), table: model.Table(), text: out.Bytes, values: values.Bytes}
	w.begin()
	if err := eachRow(model, func(row owned) error { return w.row(reflect.ValueOf(row).Elem()) }); err != nil {
		return "", nil, err
	}
	out.Bytes, values.Bytes = w.text, w.values
	if w.rows == 0 {
		return "", nil, fmt.Errorf("%w of %s", errNoRows, w.table.Name)
	}
	return h.db.texts.of(w.text), w.args(), nil
}

// rowWriter writes the text of an insert, and beside it the values: ids and times each in their list, and what else there is
// as texts in one piece.
type rowWriter struct {
	gen          schema.QueryGen
	table        *schema.Table
	text, values []byte
	ids          []idValue
	times        []timeValue
	places       []place
	rows         int
}

// place is where the value of a parameter is: the text that ends there, or the id or time with that index.
type place struct {
	in valueList
	at int
}

type valueList int8

const (
	inTexts valueList = iota
	inIDs
	inTimes
)

// idValue and timeValue are values by whose addresses pgx asks for them, so that they aren't boxed one by one.
type (
	idValue   [16]byte
	timeValue time.Time
)

// UUIDValue implements pgtype.UUIDValuer.
func (v *idValue) UUIDValue() (pgtype.UUID, error) { return pgtype.UUID{Bytes: *v, Valid: true}, nil }

// String is what is sent where nothing is prepared.
func (v *idValue) String() string { return uuidText(*v) }

// TimestamptzValue implements pgtype.TimestamptzValuer.
func (v *timeValue) TimestamptzValue() (pgtype.Timestamptz, error) {
	return pgtype.Timestamptz{Time: time.Time(*v), Valid: true}, nil
}

// String is what is sent where nothing is prepared.
func (v *timeValue) String() string {
	const micros = "2006-01-02 15:04:05.999999-07:00" // what comes after those is left out, in the other form as well
	return time.Time(*v).UTC().Format(micros)
}

func (w *rowWriter) begin() {
	w.text = append(append(w.text, "INSERT INTO "...), w.table.SQLName...)
	for i, f := range w.table.Fields {
		w.text = append(append(w.text, separator(i, " (")...), f.SQLName...)
	}
	w.text = append(w.text, ") VALUES "...)
}

func separator(i int, first string) string {
	if i == 0 {
		return first
	}
	return ", "
}

func (w *rowWriter) row(row reflect.Value) error {
	if w.rows == 0 {
		const some = 4 // lines of a sale
		w.places, w.ids = make([]place, 0, some*len(w.table.Fields)), make([]idValue, 0, len(w.table.Fields))
	}
	w.text = append(w.text, separator(w.rows, "")...)
	for i, f := range w.table.Fields {
		w.text = append(w.text, separator(i, "(")...)
		if leftToDatabase(f, row) {
			w.text = append(w.text, "DEFAULT"...)
			continue
		}
		if err := w.value(f, row); err != nil {
			return fmt.Errorf("write %s of %s: %w", f.Name, w.table.Name, err)
		}
	}
	w.text = append(w.text, ')')
	w.rows++
	return nil
}

// leftToDatabase says that bun would leave a value to the database.
func leftToDatabase(f *schema.Field, row reflect.Value) bool {
	return f.IsPtr && f.HasNilValue(row) || (f.NullZero || f.SQLDefault != "") && f.HasZeroValue(row)
}

var (
	uuidBytes = reflect.TypeFor[[16]byte]()
	instant   = reflect.TypeFor[time.Time]()
)

// value writes one value, and its place into the text.
func (w *rowWriter) value(f *schema.Field, row reflect.Value) error {
	switch {
	case f.IndirectType.Kind() == reflect.Array && f.IndirectType.ConvertibleTo(uuidBytes):
		w.ids = append(w.ids, idValue(reflect.Indirect(f.Value(row)).Bytes()))
		w.put(inIDs, len(w.ids)-1)
	case f.IndirectType == instant && f.UserSQLType == "":
		at := reflect.Indirect(f.Value(row)).Addr().Interface().(*time.Time) //nolint:forcetypeassert // asked just now
		w.times = append(w.times, timeValue(*at))
		w.put(inTimes, len(w.times)-1)
	default:
		return w.literal(f, row)
	}
	return nil
}

func (w *rowWriter) put(in valueList, at int) {
	w.places = append(w.places, place{in, at})
	w.text = strconv.AppendInt(append(w.text, '$'), int64(len(w.places)), 10)
}

// literal writes a value as bun does, without what makes it one in a text.
func (w *rowWriter) literal(f *schema.Field, row reflect.Value) error {
	from := len(w.values)
	w.values = f.AppendValue(w.gen, w.values, row)
	literal := bytes.TrimPrefix(w.values[from:], []byte(" ")) // before a number below zero, which mustn't become a comment
	switch {
	case string(literal) == "NULL":
		w.text, w.values = append(w.text, "NULL"...), w.values[:from]
		return nil
	case len(literal) > 1 && literal[0] == '\'' && literal[len(literal)-1] == '\'':
		w.values = append(w.values[:from], literal[:unquote(literal)]...)
	case bare(literal):
		w.values = append(w.values[:from], literal...)
	default:
		return errUnbuilt
	}
	w.put(inTexts, len(w.values))
	return nil
}

// unquote takes a literal out of its quotes, and gives how long it is then.
func unquote(literal []byte) (n int) {
	for i := 1; i < len(literal)-1; i++ {
		if literal[i] == '\'' {
			i++ // two stand for one
		}
		literal[n] = literal[i]
		n++
	}
	return n
}

// bare says that a value is a number or a truth.
func bare(literal []byte) bool {
	if text := string(literal); text == "TRUE" || text == "FALSE" {
		return true
	}
	for i, c := range literal {
		if !isDigit(c) && c != '.' && (c != '-' || i > 0) {
			return false
		}
	}
	return len(literal) > 0
}

// args are the values, as the text has places for them.
func (w *rowWriter) args() []any {
	all, from := string(w.values), 0
	args := make([]any, len(w.places))
	for i, p := range w.places {
		switch p.in {
		case inIDs:
			args[i] = &w.ids[p.at]
		case inTimes:
			args[i] = &w.times[p.at]
		default:
			args[i], from = all[from:p.at], p.at
		}
	}
	return args
}
