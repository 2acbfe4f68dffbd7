package graph

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/schema"
)

// SDL is the published schema: one document without what concerns the Go code alone.
func SDL() (string, error) {
	names, err := fs.Glob(schema.Files, "*.graphqls")
	if err != nil {
		return "", fmt.Errorf("list the schema: %w", err)
	}
	var sources []*ast.Source
	for _, name := range names {
		text, err := schema.Files.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read the schema: %w", err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	loaded, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return "", fmt.Errorf("load the schema: %w", err)
	}
	publish(loaded)
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(loaded)
	return text.String(), nil
}

// servedSchema is the schema as clients see it: without the generator's own directives, and without @defer, which the
// parser knows and the transport doesn't.
func servedSchema() *ast.Schema {
	served := *generated.NewExecutableSchema(generated.Config{}).Schema()
	served.Directives = maps.Clone(served.Directives)
	maps.DeleteFunc(served.Directives, func(name string, _ *ast.DirectiveDefinition) bool {
		return private(name) || name == "defer"
	})
	return &served
}

// publish takes the generator's own directives out.
func publish(s *ast.Schema) {
	for name := range s.Directives {
		if private(name) {
			delete(s.Directives, name)
		}
	}
	for _, definition := range s.Types {
		definition.Directives = published(definition.Directives)
		for _, field := range definition.Fields {
			field.Directives = published(field.Directives)
		}
	}
}

func published(all ast.DirectiveList) ast.DirectiveList {
	var list ast.DirectiveList
	for _, directive := range all {
		if !private(directive.Name) {
			list = append(list, directive)
		}
	}
	return list
}

func private(directive string) bool { return directive == "goField" || directive == "goModel" }
