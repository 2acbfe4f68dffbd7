package reading

import (
	"errors"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// TestNothingWhereSomethingIsPromised: null is written where the schema allows it. Where it doesn't the error, and how far
// it reaches, are for the resolvers to tell.
func TestNothingWhereSomethingIsPromised(t *testing.T) {
	t.Parallel()
	may := &ast.FieldDefinition{Type: ast.NamedType("String", nil)}
	must := &ast.FieldDefinition{Type: ast.NonNullNamedType("String", nil)}
	nothing := func(dst []byte) ([]byte, bool) { return dst, false }
	missing := func() bool { return false }
	for name, of := range map[string]func(*ast.FieldDefinition) write{
		"a value":   func(def *ast.FieldDefinition) write { return nullable(nothing, def, "Sale.note") },
		"an object": func(def *ast.FieldDefinition) write { return objectOr(missing, nil, def, "Sale.note") },
	} {
		if got, err := of(may)(nil); err != nil || string(got) != "null" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		_, err := of(must)(nil)
		if stood, ok := errors.AsType[*aside](err); !ok || stood.why != OfRows || stood.where != "Sale.note" {
			t.Errorf("%s that must be there: %v", name, err)
		}
	}
}

// TestRowsOfOneParentComeTogether, or nobody can say whose list a row is in.
func TestRowsOfOneParentComeTogether(t *testing.T) {
	t.Parallel()
	one, two := [16]byte{1}, [16]byte{2}
	l := &level{parent: &record{}, main: &record{of: &Type{name: "SaleLine"}}}
	read := func(owners ...[16]byte) error {
		l.begin()
		for _, l.owner = range owners {
			if err := l.each(); err != nil {
				return err
			}
		}
		return nil
	}
	if err := read(one, one, two); err != nil || l.of(one).to != 2 || l.of(two).from != 2 || l.of([16]byte{3}).to != 0 {
		t.Errorf("%v, %+v", err, l.groups)
	}
	if stood, ok := errors.AsType[*aside](read(one, two, one)); !ok || stood.why != OfRows {
		t.Errorf("apart: %v", stood)
	}
}
