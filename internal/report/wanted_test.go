package report

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/money"
)

// TestFiguresAreToldOfTheirColumns: each figure is the same where no other columns were read than those that it is told
// of, and another one without any of them.
func TestFiguresAreToldOfTheirColumns(t *testing.T) {
	t.Parallel()
	for _, of := range []any{&Figures{}, &Change{}} {
		for m := range reflect.TypeOf(of).Methods() {
			name := strings.ToLower(m.Name[:1]) + m.Name[1:]
			told, known := toldOf[name]
			if _, embedded := reflect.TypeFor[*sums]().MethodByName(m.Name); embedded {
				continue
			}
			if !known {
				t.Errorf("%s isn't told of columns", name)
				continue
			}
			for _, f := range []*family{choose(nil), choose([]Dimension{ByTender})} {
				all := toText(figureOf(of, m, f, f.figures))
				if all == "nil" {
					continue
				}
				if some := toText(figureOf(of, m, f, told)); some != all {
					t.Errorf("%s is %s of %v, and %s of all columns", name, some, told, all)
				}
				for _, left := range told {
					rest := slices.DeleteFunc(slices.Clone(told), func(c string) bool { return c == left })
					if toText(figureOf(of, m, f, rest)) == all {
						t.Errorf("%s is %s without %s, too", name, all, left)
					}
				}
			}
		}
	}
}

// figureOf calls a method of figures, or of a change, that know some columns.
func figureOf(of any, m reflect.Method, f *family, read []string) any {
	known := func(first int64) *Figures {
		s := &sums{key: key{currency: "KES"}}
		for i, column := range slices.Sorted(maps.Keys(columns)) {
			if slices.Contains(read, column) {
				n := int64(len(columns) - i) // counts come last of those that are divided
				*columns[column](s) = first * n * n * n
			}
		}
		return &Figures{sums: s, family: f, counts: true, costs: true}
	}
	var receiver any = known(1009)
	if _, is := of.(*Change); is {
		receiver = &Change{now: known(1009), before: known(13)}
	}
	return m.Func.Call([]reflect.Value{reflect.ValueOf(receiver)})[0].Interface()
}

func toText(v any) string {
	switch v := v.(type) {
	case *money.Money:
		if v != nil {
			return v.Amount().String()
		}
	case *money.Decimal:
		if v != nil {
			return v.String()
		}
	case *int:
		if v != nil {
			return strconv.Itoa(*v)
		}
	}
	return "nil"
}

// TestOrdersLookAtTheirColumns: rows have the same order where no other columns were read.
func TestOrdersLookAtTheirColumns(t *testing.T) {
	t.Parallel()
	f := choose(nil)
	for _, by := range slices.Sorted(maps.Keys(sortedBy)) {
		_, read := f.wanted([]string{}, &by)
		for _, column := range f.figures {
			a, b := &sums{}, &sums{}
			*columns[column](b) = 5
			if apart := by.compare(&Figures{sums: a, family: f}, &Figures{sums: b, family: f}) != 0; apart && !slices.Contains(read, column) {
				t.Errorf("%s looks at %s, which isn't read", by, column)
			}
		}
	}
	by := Sort("ANOTHER")
	for what, left := range map[string]bool{
		"an unknown figure": leavesOut(f.wanted([]string{"net", "another"}, nil)),
		"an unknown order":  leavesOut(f.wanted([]string{"net"}, &by)),
		// A row may have amounts and count no receipt.
		"parts of receipts": leavesOut(choose([]Dimension{ByProduct}).wanted([]string{"net"}, nil)),
	} {
		if left {
			t.Errorf("%s leaves columns out", what)
		}
	}
	if !leavesOut(f.wanted([]string{"net"}, nil)) {
		t.Error("all columns are read")
	}
}

func leavesOut(all, told []string) bool { return all != nil || told != nil }
