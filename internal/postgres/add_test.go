package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/graph" //nolint:depguard // which knows all models there are
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TestAddIsInsert: of every model, whatever is in its rows, Add sends the text and the values that bun's insert comes to.
func TestAddIsInsert(t *testing.T) {
	t.Parallel()
	ctx, h := unconnected(t, graph.Models())
	store := h.Scope().Stores()[0]
	spaces := strings.NewReplacer(",  $", ", $", "( $", "($") // bun writes one before a number below zero
	r := rand.New(rand.NewPCG(5, 6))                          //nolint:gosec // nothing is secret
	compared, refused := 0, 0
	for _, model := range graph.Models() {
		typ := reflect.TypeOf(model)
		for range 60 {
			rows := reflect.New(reflect.SliceOf(typ))
			for range 1 + r.IntN(3) {
				row := reflect.New(typ.Elem())
				fill(r, row.Elem())
				for _, name := range []string{"StoreID", "ID"} {
					if r.IntN(20) == 0 {
						continue // a store that the request doesn't have
					}
					if f := row.Elem().FieldByName(name); f.IsValid() && f.Type() == reflect.TypeFor[id.Store]() {
						f.Set(reflect.ValueOf(store))
					}
				}
				rows.Elem().Set(reflect.Append(rows.Elem(), row))
			}
			wantText, want, wantErr := rendered(func() (string, []any, error) {
				return h.Render(ctx, h.Insert(rows.Interface()).Returning(""))
			})
			text, args, err := rendered(func() (string, []any, error) { return h.RenderStatement(ctx, h.Add(rows.Interface())) })
			switch {
			case (err == nil) != (wantErr == nil):
				t.Fatalf("%s: %v, bun's: %v", typ, err, wantErr)
			case err != nil:
				refused++
			case text != spaces.Replace(wantText) || !slices.Equal(asTexts(t, args), want):
				t.Fatalf("%s: %s\n%q\nbun's: %s\n%q", typ, text, args, wantText, want)
			default:
				compared++
			}
		}
	}
	t.Logf("%d inserts of %d models are the same, and %d are refused", compared, len(graph.Models()), refused)
	if compared < 10*len(graph.Models()) || refused == 0 {
		t.Errorf("%d are compared and %d refused", compared, refused)
	}
	if _, _, err := h.RenderStatement(ctx, h.Add(&[]*product{})); err == nil {
		t.Error("no rows are inserted")
	}
}

// TestAddKeepsIDsAndTimes: what is sent as the database keeps it, or as a text where nothing is prepared, is what is kept, times
// to the microsecond.
func TestAddKeepsIDsAndTimes(t *testing.T) {
	t.Parallel()
	for name, pooled := range map[string]bool{"sessions": false, "transactions": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, f := pgtest.Filled(t)
			db := d.Open(t, models(), func(c *postgres.Config) {
				if pooled {
					c.StatementCache = 0
				}
			})
			ctx := pgtest.Context(t, f.A.OwnerScope())
			from := time.Date(2026, 3, 29, 3, 30, 0, 123456999, time.FixedZone("", 2*3600))
			early := time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC)
			lists := []*priceList{
				{ID: id.New[id.PriceList](), Name: "summer", CurrencyCode: "EUR", ValidFrom: &from},
				{ID: id.New[id.PriceList](), Name: "early", CurrencyCode: "EUR", ValidFrom: &early},
				{ID: id.New[id.PriceList](), Name: "always", CurrencyCode: "EUR"},
			}
			err := db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error { return tx.Finish(ctx, tx.Add(&lists)) })
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{"2026-03-29 01:30:00.123456", "1969-12-31 23:59:59.999999", "none"} {
				got := pgtest.Value[string](t, d, "select concat_ws(' ', tenant_id, name, coalesce((valid_from at time zone 'UTC')::text, 'none'))"+
					" from price_lists where id = $1", lists[i].ID.UUID())
				if want = fmt.Sprint(f.A.ID.UUID(), " ", lists[i].Name, " ", want); got != want {
					t.Errorf("%q is kept, want %q", got, want)
				}
			}
		})
	}
}

// asTexts are values as bun writes them into statements. What Add sends as the database keeps it says the same in a text, which is
// sent where nothing is prepared.
func asTexts(t *testing.T, args []any) []any {
	t.Helper()
	texts := slices.Clone(args)
	for i, arg := range args {
		var own string
		switch v := arg.(type) {
		case pgtype.UUIDValuer:
			u, err := v.UUIDValue()
			if err != nil {
				t.Fatal(err)
			}
			own = u.String()
		case pgtype.TimestamptzValuer:
			at, err := v.TimestamptzValue()
			if err != nil {
				t.Fatal(err)
			}
			own = at.Time.UTC().Truncate(time.Microsecond).Format("2006-01-02 15:04:05.999999-07:00")
		default:
			continue
		}
		if text := fmt.Sprint(arg); text != own {
			t.Fatalf("%s is %s as a text", own, text)
		}
		texts[i] = own
	}
	return texts
}

// unconnected is the handle of an owner whose database isn't there.
func unconnected(tb testing.TB, models []any) (context.Context, *postgres.Handle) {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), postgres.Config{URL: "postgres://nobody@127.0.0.1:1/none", Models: models})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(db.Close)
	ctx := tenancy.With(tb.Context(), tenancy.New(tenancy.Spec{
		Company: id.New[id.Company](), Role: tenancy.Owner, Stores: []id.Store{id.New[id.Store]()},
	}))
	h, err := db.Bind(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	return ctx, h
}

// BenchmarkRows writes the lines of a sale, by bun and the inspection and without them.
func BenchmarkRows(b *testing.B) {
	ctx, h := unconnected(b, models())
	lines := make([]*saleLine, 3)
	for i := range lines {
		lines[i] = &saleLine{ID: id.New[id.SaleLine](), ProductName: "It's a product"}
		lines[i].StoreID = h.Scope().Stores()[0]
	}
	for name, write := range map[string]func() error{
		"insert": func() error { _, _, err := h.Render(ctx, h.Insert(&lines).Returning("")); return err },
		"add":    func() error { _, _, err := h.RenderStatement(ctx, h.Add(&lines)); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// rendered is what a statement comes to. Some models hold what no client and no domain can make, and then panic.
func rendered(render func() (string, []any, error)) (text string, args []any, err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("%v", found)
		}
	}()
	return render()
}

// fill puts something into all that a row has, often nothing at all.
func fill(r *rand.Rand, v reflect.Value) {
	if !v.CanSet() || r.IntN(4) == 0 {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9)).In(time.FixedZone("", r.IntN(7)*3600))))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Struct:
		for _, part := range v.Fields() {
			fill(r, part)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.String:
		v.SetString(word(r))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{1, -1, 7, 100, -1 << 63, 1<<63 - 1}[r.IntN(6)])
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Float64:
		v.SetFloat(float64(r.IntN(1000)) / 8)
	}
}

func word(r *rand.Rand) string {
	var text strings.Builder
	for range r.IntN(4) {
		some := []string{"a", "'", "''", `\`, `"`, "?", "?0", "?TableAlias", "$1", "{}", "\n", "é", "\xff", "NULL", "TRUE", "12", ";", "--", "E'"}
		fmt.Fprint(&text, some[r.IntN(len(some))])
	}
	if r.IntN(200) == 0 {
		text.WriteByte(0)
	}
	return text.String()
}
