package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// Add inserts the rows of a model, or of a slice of models, as they are.
//
// It is Insert without what else an insert can be: the model, the hook, and the text and the values that are sent are the
// same. But bun writes each value into the text, from where inspect lifts it again, which was a tenth of what a sale takes
// of the server. Here values go beside the text from the start, and that names the model's table and columns alone, so
// that there is nothing to inspect.
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

// rowWriter writes the text of an insert, and beside it the values: all in one piece, which ends tell apart.
type rowWriter struct {
	gen          schema.QueryGen
	table        *schema.Table
	text, values []byte
	ends         []int
	rows         int
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
		w.ends = make([]int, 0, 4*len(w.table.Fields)) // sales have some lines
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

var uuidBytes = reflect.TypeFor[[16]byte]()

// value writes one value, and its place into the text.
func (w *rowWriter) value(f *schema.Field, row reflect.Value) error {
	from := len(w.values)
	if f.IndirectType.Kind() == reflect.Array && f.IndirectType.ConvertibleTo(uuidBytes) { // bun asks each for its text, boxed
		w.values = append(w.values, uuidText([16]byte(reflect.Indirect(f.Value(row)).Bytes()))...)
	} else {
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
	}
	w.ends = append(w.ends, len(w.values))
	w.text = strconv.AppendInt(append(w.text, '$'), int64(len(w.ends)), 10)
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
	args := make([]any, len(w.ends))
	for i, end := range w.ends {
		args[i], from = all[from:end], end
	}
	return args
}
