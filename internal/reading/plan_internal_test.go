package reading

import (
	"errors"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// TestUnknownDirectives: a directive that isn't known may mean anything, of a field as of what a document asks for.
func TestUnknownDirectives(t *testing.T) {
	t.Parallel()
	p := &plan{}
	for _, name := range []string{"goField", "deprecated"} {
		if err := p.allowed(ast.DirectiveList{{Name: name}}, "Sale.total"); err != nil {
			t.Errorf("@%s: %v", name, err)
		}
	}
	for _, name := range []string{"owner", "self", "secret", "idOf"} {
		stood, ok := errors.AsType[*aside](p.allowed(ast.DirectiveList{{Name: name}}, "Sale.total"))
		if !ok || stood.why != OfDirective || stood.where != "Sale.total" {
			t.Errorf("@%s: %v", name, stood)
		}
	}
	field := func(directives ...string) graphql.CollectedField {
		f := graphql.CollectedField{Field: &ast.Field{Name: "total"}}
		for _, name := range directives {
			f.Directives = append(f.Directives, &ast.Directive{Name: name})
		}
		return f
	}
	if err := ordinary(field("skip", "include")); err != nil {
		t.Error(err)
	}
	if ordinary(field("include", "stream")) == nil {
		t.Error("@stream is taken for nothing")
	}
	deferred := field()
	deferred.Deferrable = &graphql.Deferrable{}
	if ordinary(deferred) == nil {
		t.Error("@defer is taken for nothing")
	}
}

// TestTextsAreWrittenAlike: what is written is what gqlgen would.
func TestTextsAreWrittenAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\x00-\x20"\\/<>&é\x{2028}\x7f]*`)).Draw(t, "text")
		w := &writer{}
		graphql.MarshalString(s).MarshalGQL(w)
		if got := text(nil, s); string(got) != string(w.to) {
			t.Fatalf("%q, want %q", got, w.to)
		}
	})
}
