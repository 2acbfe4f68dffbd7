package reading

import (
	"encoding/hex"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// scalar appends the JSON of a value as it stands in the row at that moment, just as gqlgen would write it; false is
// null.
type scalar func(dst []byte) ([]byte, bool)

// method is one of a model that answers a field.
type method struct {
	name   string
	scalar func(row any) scalar
	amount func(row any) func() (money.Money, bool)
}

// methodsOf are the methods of a model that take nothing and give one value of a kind that is known, or none, by their names in
// lower case.
func methodsOf[T any]() map[string]method {
	found := map[string]method{}
	typ := reflect.TypeFor[*T]()
	for m := range typ.Methods() {
		known := methodOf[T](m.Func.Interface())
		if known.scalar != nil || known.amount != nil {
			known.name = m.Name
			found[strings.ToLower(m.Name)] = known
		}
	}
	return found
}

// methodOf calls methods as what they are: through reflection a call would cost more than all the rest of a field.
func methodOf[T any](fn any) method {
	switch fn := fn.(type) {
	case func(*T) *money.Money:
		return methodOf[T](pointed(fn))
	case func(*T) (money.Money, bool):
		return method{amount: func(row any) func() (money.Money, bool) {
			of := row.(*T) //nolint:forcetypeassert // rows are of the model
			return func() (money.Money, bool) { return fn(of) }
		}}
	case func(*T) money.Decimal:
		return plain(fn, decimal)
	case func(*T) string:
		return plain(fn, text)
	case func(*T) bool:
		return plain(fn, strconv.AppendBool)
	case func(*T) int:
		return plain(fn, whole)
	case func(*T) int64:
		return plain(fn, appendInt)
	case func(*T) money.Currency:
		return plain(fn, func(dst []byte, v money.Currency) []byte { return quoted(dst, string(v)) })
	default:
		return optionalOf[T](fn)
	}
}

// optionalOf are methods that may give nothing.
func optionalOf[T any](fn any) method {
	switch fn := fn.(type) {
	case func(*T) *money.Decimal:
		return optional(pointed(fn), decimal)
	case func(*T) (money.Decimal, bool):
		return optional(fn, decimal)
	case func(*T) *money.Currency:
		return optional(pointed(fn), func(dst []byte, v money.Currency) []byte { return quoted(dst, string(v)) })
	case func(*T) *string:
		return optional(pointed(fn), text)
	case func(*T) (string, bool):
		return optional(fn, text)
	case func(*T) *int:
		return optional(pointed(fn), whole)
	case func(*T) (int, bool):
		return optional(fn, whole)
	case func(*T) *civil.Date:
		return optional(pointed(fn), day)
	case func(*T) (civil.Date, bool):
		return optional(fn, day)
	default:
		return method{}
	}
}

func plain[T, V any](fn func(*T) V, write func([]byte, V) []byte) method {
	return method{scalar: func(row any) scalar {
		of := row.(*T) //nolint:forcetypeassert // rows are of the model
		return func(dst []byte) ([]byte, bool) { return write(dst, fn(of)), true }
	}}
}

// optional is of methods that may give nothing, and say so. One that gives a pointer makes what it points at for each row.
func optional[T, V any](fn func(*T) (V, bool), write func([]byte, V) []byte) method {
	return method{scalar: func(row any) scalar {
		of := row.(*T) //nolint:forcetypeassert // rows are of the model
		return func(dst []byte) ([]byte, bool) {
			v, there := fn(of)
			if !there {
				return dst, false
			}
			return write(dst, v), true
		}
	}}
}

// pointed is for methods that give nil instead.
func pointed[T, V any](fn func(*T) *V) func(*T) (V, bool) {
	return func(row *T) (none V, there bool) {
		if v := fn(row); v != nil {
			return *v, true
		}
		return none, false
	}
}

func whole(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// atColumn writes a field of the model.
func atColumn(column *schema.Field) func(row any) scalar {
	return func(row any) scalar {
		return scalarAt(column.Value(reflect.ValueOf(row).Elem()).Addr().Interface())
	}
}

// scalarAt writes what is at a pointer; it is nil for types that aren't known.
func scalarAt(at any) scalar {
	switch v := at.(type) {
	case *string:
		return func(dst []byte) ([]byte, bool) { return text(dst, *v), true }
	case **string:
		return maybe(v, text)
	case *bool:
		return func(dst []byte) ([]byte, bool) { return strconv.AppendBool(dst, *v), true }
	case **bool:
		return maybe(v, strconv.AppendBool)
	case *int:
		return func(dst []byte) ([]byte, bool) { return strconv.AppendInt(dst, int64(*v), 10), true }
	case **int:
		return maybe(v, whole)
	case *int64:
		return func(dst []byte) ([]byte, bool) { return strconv.AppendInt(dst, *v, 10), true }
	case **int64:
		return maybe(v, appendInt)
	case *time.Time:
		return func(dst []byte) ([]byte, bool) { return instant(dst, *v) }
	case **time.Time:
		return func(dst []byte) ([]byte, bool) {
			if *v == nil {
				return dst, false
			}
			return instant(dst, **v)
		}
	case *[]string:
		return func(dst []byte) ([]byte, bool) { return texts(dst, *v) }
	case *civil.Date:
		return func(dst []byte) ([]byte, bool) { return day(dst, *v), true }
	case **civil.Date:
		return maybe(v, day)
	case interface{ Any() id.Any }:
		return func(dst []byte) ([]byte, bool) { return append(v.Any().Append(append(dst, '"')), '"'), true }
	case graphql.Marshaler:
		return marshalled(v)
	default:
		return named(reflect.ValueOf(at).Elem())
	}
}

func maybe[V any](v **V, write func([]byte, V) []byte) scalar {
	return func(dst []byte) ([]byte, bool) {
		if *v == nil {
			return dst, false
		}
		return write(dst, **v), true
	}
}

// named writes a type of text, such as an enum, and what may be null of the other kinds.
func named(v reflect.Value) scalar {
	if v.Kind() == reflect.String {
		return func(dst []byte) ([]byte, bool) { return text(dst, v.String()), true }
	}
	if v.Kind() != reflect.Pointer || v.Type().Elem().Kind() == reflect.Pointer {
		return nil
	}
	if scalarAt(reflect.New(v.Type().Elem()).Interface()) == nil {
		return nil
	}
	return func(dst []byte) ([]byte, bool) {
		if v.IsNil() {
			return dst, false
		}
		return scalarAt(v.Interface())(dst)
	}
}

// writer lets what writes itself append.
type writer struct{ to []byte }

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.to = append(w.to, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (w *writer) WriteString(s string) (int, error) {
	w.to = append(w.to, s...)
	return len(s), nil
}

func marshalled(v graphql.Marshaler) scalar {
	w := &writer{}
	return func(dst []byte) ([]byte, bool) {
		w.to = dst
		v.MarshalGQL(w)
		dst, w.to = w.to, nil
		return dst, true
	}
}

// instant is null where there is none, as gqlgen has it.
func instant(dst []byte, v time.Time) ([]byte, bool) {
	if v.IsZero() {
		return dst, false
	}
	dst = v.AppendFormat(append(dst, '"'), time.RFC3339Nano)
	return append(dst, '"'), true
}

func day(dst []byte, d civil.Date) []byte { return append(d.Append(append(dst, '"')), '"') }

func texts(dst []byte, list []string) ([]byte, bool) {
	if list == nil {
		return dst, false
	}
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = text(dst, s)
	}
	return append(dst, ']'), true
}

func decimal(dst []byte, v money.Decimal) []byte { return append(v.Append(append(dst, '"')), '"') }

// quoted appends a text that needs no escaping.
func quoted(dst []byte, s string) []byte {
	return append(append(append(dst, '"'), s...), '"')
}

// text appends a JSON string with the escapes that gqlgen uses.
func text(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '\\' && c != '"' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '\t':
			dst = append(dst, `\t`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\\', '"':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, strings.ToUpper(hex.EncodeToString([]byte{c}))...)
		}
	}
	return append(append(dst, s[start:]...), '"')
}
