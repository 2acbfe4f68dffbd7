package graph

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/internal/reading"
)

// TestMethodsReadTheirColumns: a method that answers a field has in a row of its columns all that it has in a whole one.
func TestMethodsReadTheirColumns(t *testing.T) {
	t.Parallel()
	tables := schema.NewTables(pgdialect.New())
	table, err := reading.New(servedSchema(), reflect.TypeFor[generated.ResolverRoot](), tables.Get, append((&Resolver{}).wholeTypes(), madeTypes()...)...)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nothing is secret
	for range 50 {
		if wrong := table.Misread(func(row any) { fillIn(r, reflect.ValueOf(row).Elem()) }); len(wrong) > 0 {
			t.Fatalf("what these read isn't in their columns: %v", wrong)
		}
	}
}

func fillIn(r *rand.Rand, v reflect.Value) {
	if !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fillIn(r, field)
		}
	case reflect.Pointer:
		if r.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fillIn(r, v.Elem())
		}
	case reflect.Array:
		for i := range v.Len() {
			fillIn(r, v.Index(i))
		}
	case reflect.String:
		v.SetString([]string{"", "KES", "UGX", "OWNER", "COMPLETED", "VOIDED"}[r.IntN(6)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(r.Int64N(100_000))
	case reflect.Uint8:
		v.SetUint(r.Uint64N(200))
	default: // lists and what else no method reads
	}
}
