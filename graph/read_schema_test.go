package graph_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/schema"
)

// own are the types that the schema itself declares.
func own(s *ast.Schema) []*ast.Definition {
	var types []*ast.Definition
	for _, d := range s.Types {
		if !d.BuiltIn && !strings.HasPrefix(d.Name, "__") {
			types = append(types, d)
		}
	}
	slices.SortFunc(types, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return types
}

func fieldsOf(d *ast.Definition) ast.FieldList {
	return slices.DeleteFunc(slices.Clone(d.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	described := func(what, text string) {
		if len(text) < 3 || text != strings.TrimSpace(text) || !strings.ContainsAny(text[len(text)-1:], ".)`") {
			t.Errorf("%s is described as %q", what, text)
		}
	}
	for _, d := range own(s) {
		described(d.Name, d.Description)
		for _, f := range fieldsOf(d) {
			described(d.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				described(d.Name+"."+f.Name+"("+a.Name+")", a.Description)
			}
		}
		for _, v := range d.EnumValues {
			described(d.Name+"."+v.Name, v.Description)
		}
	}
	for _, name := range []string{"requires", "public", "self", "member", "owner", "idOf"} {
		if s.Directives[name] == nil {
			t.Fatalf("@%s is not published", name)
		}
		described("@"+name, s.Directives[name].Description)
	}
	for _, name := range []string{"goModel", "goField"} {
		if s.Directives[name] != nil {
			t.Errorf("@%s concerns the Go code alone", name)
		}
	}
}

// TestIDsSayTheirType: only node and nodes take any.
func TestIDsSayTheirType(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	for _, d := range own(s) {
		if d.Kind != ast.Object {
			continue
		}
		for _, f := range fieldsOf(d) {
			for _, a := range f.Arguments {
				typ := a.Directives.ForName("idOf")
				if isAny := d == s.Query && (f.Name == "node" || f.Name == "nodes"); (a.Type.Name() == "ID") == (typ != nil) == isAny {
					t.Errorf("%s.%s(%s: %s): @idOf is %v", d.Name, f.Name, a.Name, a.Type, typ)
				}
				if typ == nil {
					continue
				}
				if of := s.Types[typ.Arguments.ForName("type").Value.Raw]; of == nil || !slices.Contains(of.Interfaces, "Node") {
					t.Errorf("%s.%s(%s) takes the id of what is no node", d.Name, f.Name, a.Name)
				}
			}
		}
		if f := d.Fields.ForName("id"); (f != nil) != slices.Contains(d.Interfaces, "Node") {
			t.Errorf("%s has an id and is no Node, or the other way round", d.Name)
		}
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	for _, d := range own(s) {
		switch {
		case strings.HasSuffix(d.Name, "Connection"):
			of := strings.TrimSuffix(d.Name, "Connection")
			shape(t, d, "edges: ["+of+"Edge!]!", "nodes: ["+of+"!]!", "pageInfo: PageInfo!", "totalCount: Int!")
		case strings.HasSuffix(d.Name, "Edge"):
			shape(t, d, "cursor: String!", "node: "+strings.TrimSuffix(d.Name, "Edge")+"!")
		case strings.HasSuffix(d.Name, "UserError") && d.Kind == ast.Object:
			if !slices.Contains(d.Interfaces, "UserError") || s.Types[d.Name+"Code"] == nil || s.Types[d.Name+"Code"].Kind != ast.Enum {
				t.Errorf("%s is no user error with codes of its own", d.Name)
			}
			shape(t, d, "code: "+d.Name+"Code!", "message: String!", "field: [String!]!")
		}
		for _, f := range fieldsOf(d) {
			var paging []string
			for _, a := range f.Arguments {
				if slices.Contains([]string{"first", "after", "last", "before"}, a.Name) {
					paging = append(paging, a.Name+": "+a.Type.String())
				}
			}
			paged := strings.HasSuffix(f.Type.Name(), "Connection")
			if want := "first: Int after: String last: Int before: String"; paged != (strings.Join(paging, " ") == want) {
				t.Errorf("%s.%s: %s is paged by %v", d.Name, f.Name, f.Type, paging)
			}
			if f.Type.Elem != nil && d.Kind == ast.Object && !f.Type.NonNull {
				t.Errorf("%s.%s: %s may be null", d.Name, f.Name, f.Type)
			}
		}
	}
	for _, f := range fieldsOf(s.Mutation) {
		payload := s.Types[f.Type.Name()]
		capital := strings.ToUpper(f.Name[:1]) + f.Name[1:]
		if payload.Name != capital+"Payload" || !f.Type.NonNull {
			t.Errorf("%s answers %s", f.Name, f.Type)
		}
		if f.Name == "logout" { // there is nothing to be wrong with
			continue
		}
		if e := payload.Fields.ForName("userErrors"); e == nil || e.Type.String() != "["+capital+"UserError!]!" {
			t.Errorf("%s has no userErrors of its own", payload.Name)
		}
		declared := 0
		for _, name := range []string{"public", "requires", "self", "owner"} {
			if f.Directives.ForName(name) != nil {
				declared++
			}
		}
		if declared != 1 {
			t.Errorf("%s is %d of public, for oneself, and in need of a permission", f.Name, declared)
		}
	}
}

// shape fails the test unless a type has these fields; it may have more.
func shape(t *testing.T, d *ast.Definition, fields ...string) {
	t.Helper()
	for _, want := range fields {
		name, typ, _ := strings.Cut(want, ": ")
		if f := d.Fields.ForName(name); f == nil || f.Type.String() != typ {
			t.Errorf("%s has no %s", d.Name, want)
		}
	}
}

// byRow are the permissions that no field needs by itself: a rule asks for them, where it depends on the input, or the request's headers.
func byRow() []string {
	return []string{"DISCOUNT_LARGE", "PRICE_OVERRIDE", "RETURN_NO_RECEIPT", "SALE_REFUND", "STOCK_APPROVE", "TRACE_READ"}
}

// TestPermissionsAreTheSchemas compares what fields need with what roles have.
func TestPermissionsAreTheSchemas(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	var needed, declared, held []string
	for _, v := range s.Types["Permission"].EnumValues {
		declared = append(declared, v.Name)
	}
	for _, d := range own(s) {
		for _, f := range d.Fields {
			if r := f.Directives.ForName("requires"); r != nil {
				needed = append(needed, r.Arguments.ForName("permission").Value.Raw)
			}
		}
	}
	needed = append(needed, byRow()...)
	for _, p := range tenancy.New(tenancy.Spec{Role: tenancy.Owner}).Permissions() {
		held = append(held, string(p))
	}
	slices.Sort(declared)
	slices.Sort(needed)
	if needed = slices.Compact(needed); !slices.Equal(declared, needed) || !slices.Equal(declared, held) {
		t.Errorf("declared %v\nneeded   %v\nan owner's %v", declared, needed, held)
	}
	for _, v := range s.Types["Role"].EnumValues {
		if len(tenancy.PermissionsOf(tenancy.Role(v.Name))) == 0 && v.Name != string(tenancy.Custom) {
			t.Errorf("a %s may do nothing", v.Name)
		}
	}
}

// TestThePublishedSchemaIsTheSource: the server answers introspection with the types that the files declare.
func TestThePublishedSchemaIsTheSource(t *testing.T) {
	t.Parallel()
	var sources []*ast.Source
	names, err := fs.Glob(schema.Files, "*.graphqls")
	must(t, err)
	for _, name := range names {
		text, err := schema.Files.ReadFile(name)
		must(t, err)
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	source, err := gqlparser.LoadSchema(sources...)
	must(t, err)
	b := setup(t)
	a := b.post(t, "", `{ __schema { types { name fields { name } inputFields { name } enumValues { name } } } }`, nil)
	var told struct {
		Schema struct {
			Types []struct {
				Name                            string
				Fields, InputFields, EnumValues []struct{ Name string }
			}
		} `json:"__schema"`
	}
	text, err := json.Marshal(a.Data)
	must(t, err)
	must(t, json.Unmarshal(text, &told))
	count := map[string]int{}
	for _, typ := range told.Schema.Types {
		count[typ.Name] = 1 + len(typ.Fields) + len(typ.InputFields) + len(typ.EnumValues)
	}
	for _, d := range own(source) {
		if want := 1 + len(fieldsOf(d)) + len(d.EnumValues); count[d.Name] != want {
			t.Errorf("%s has %d parts in the server and %d in its file", d.Name, count[d.Name], want)
		}
		if p := schemaOf(t).Types[d.Name]; p == nil || len(fieldsOf(p))+len(p.EnumValues) != len(fieldsOf(d))+len(d.EnumValues) {
			t.Errorf("%s is published otherwise than it is written", d.Name)
		}
	}
}

// TestIDsOfAnotherType: each argument and input field that takes an id refuses one of another type.
func TestIDsOfAnotherType(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := schemaOf(t)
	tried := 0
	for _, d := range []*ast.Definition{s.Query, s.Mutation} {
		for _, f := range fieldsOf(d) {
			g := &examples{schema: s, everything: true}
			good := g.call(f)
			for i := range g.ids {
				// Everything that has an id has a history.
				if f.Name == "node" || f.Name == "nodes" || f.Name == "auditEvents" && i == len(g.ids)-1 {
					continue
				}
				g := &examples{schema: s, everything: true, wrong: i + 1}
				query := strings.ToLower(d.Name) + " { " + g.call(f) + " }"
				if query == strings.ToLower(d.Name)+" { "+good+" }" {
					t.Fatalf("%s is not wrong", query)
				}
				a := b.post(t, b.owner(t), query, nil)
				if a.code() != "BAD_USER_INPUT" || a.at(f.Name) != nil || a.Statements > 1 {
					t.Errorf("%s: %s (%d statements)", query, a.Raw, a.Statements)
				}
				tried++
			}
		}
	}
	price := `{ product(id: "` + b.A.Products[0].String() + `") { price(storeId: "` + id.New[id.Product]().String() + `") { source } } }`
	if a := b.post(t, b.owner(t), price, nil); a.code() != "BAD_USER_INPUT" {
		t.Errorf("%s: %s", price, a.Raw)
	}
	if tried < 15 {
		t.Errorf("only %d ids were tried", tried)
	}
	b.logs.quiet(t)
}
