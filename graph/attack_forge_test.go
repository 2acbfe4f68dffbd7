package graph_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// The forge writes the attack out of the schema: a document for each place where a client names something, with the
// attacker's own values everywhere else, so that the named thing is all that can be wrong with it.

const (
	// marked stands where the attacked value goes, anew where a text must be new in each request.
	marked = "<attacked>"
	anew   = "<number>"
)

// slot is one place of the schema where something is named: an argument, or an input's field however deep.
type slot struct {
	// place is as in "Mutation.saleRecord(input.lines.productId)".
	place string
	// kind is the type of object whose id is due, or the sort of key.
	kind  string
	write bool
	text  string
}

// forge writes for somebody who names what is their own, and who may do so much.
type forge struct {
	schema *ast.Schema
	own    names
	may    func(permission string) bool
	// write says that the document changes something: then keys are new ones, and otherwise the attacker's own.
	write bool
	// turn says which of an enum's values is chosen.
	turn int
}

// leaf is a scalar among the arguments of a field: its name after the names of what it lies in.
type leaf struct {
	trail []string
	// in is the type of the input that it is a field of, "" for an argument.
	in, typ, idOf string
}

func (l leaf) name() string { return l.trail[len(l.trail)-1] }

// leaves are the scalars that can be given for a value of a type.
func (f *forge) leaves(of *ast.Type, trail []string, in, idOf string) []leaf {
	const deepest = 5
	d := f.schema.Types[of.Name()]
	if d.Kind != ast.InputObject {
		return []leaf{{trail: trail, in: in, typ: d.Name, idOf: idOf}}
	}
	if len(trail) == deepest {
		return nil
	}
	var all []leaf
	for _, field := range fieldsOf(d) {
		all = append(all, f.leaves(field.Type, append(slices.Clone(trail), field.Name), d.Name, idsOfInputs[d.Name+"."+field.Name])...)
	}
	return all
}

// kindOf says what a scalar names, "" where it names nothing.
func (l leaf) kindOf(field string) string {
	switch {
	case l.typ == "ID" && l.idOf != "":
		return l.idOf
	case l.typ == "ID":
		word := strings.TrimSuffix(strings.TrimSuffix(l.name(), "s"), "Id")
		if typ := idsByName[word]; typ != "" {
			return typ
		}
		return strings.ToUpper(word[:1]) + word[1:]
	case l.typ != "String":
		return ""
	case l.name() == "code" && strings.HasPrefix(field, "giftCard"):
		return "giftCardCode"
	case l.name() == "search" && searched[l.in] != "":
		return searched[l.in]
	}
	return keysByName[l.name()]
}

// literal writes a value: of an input as little as there can be, the fields on the trail, and what always holds for it.
func (f *forge) literal(of *ast.Type, name, in, idOf, field string, trail []string) string {
	if of.Elem != nil {
		return "[" + f.literal(of.Elem, name, in, idOf, field, trail) + "]"
	}
	d := f.schema.Types[of.NamedType]
	if d.Kind == ast.InputObject {
		var parts []string
		for _, sub := range fieldsOf(d) {
			onTrail := len(trail) > 0 && trail[0] == sub.Name
			place := d.Name + "." + sub.Name
			if !onTrail && !slices.Contains(always, place) && (!sub.Type.NonNull || sub.DefaultValue != nil) {
				continue
			}
			if insteadOf := apart[place]; !onTrail && insteadOf != "" && len(trail) > 0 && trail[0] == insteadOf {
				continue
			}
			var rest []string
			if onTrail {
				rest = trail[1:]
			}
			var value string
			switch {
			case onTrail && len(rest) == 0:
				value = inLists(sub.Type, marked)
			case sub.Type.Name() == "Role":
				value = map[bool]string{true: "CUSTOM", false: "CASHIER"}[slices.Contains(trail, "customRoleId")]
			default:
				value = f.literal(sub.Type, sub.Name, d.Name, idsOfInputs[place], field, rest)
			}
			parts = append(parts, sub.Name+": "+value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if d.Kind == ast.Enum {
		return d.EnumValues[f.turn%len(d.EnumValues)].Name
	}
	return f.scalar(leaf{trail: []string{name}, in: in, typ: d.Name, idOf: idOf}, field)
}

func inLists(of *ast.Type, text string) string {
	if of.Elem != nil {
		return "[" + inLists(of.Elem, text) + "]"
	}
	return text
}

// scalar is a value of the attacker's own, or a new one that is valid where it stands.
func (f *forge) scalar(l leaf, field string) string {
	for _, name := range []string{field + "." + l.name(), l.name()} {
		if text, ok := valid[name]; ok {
			return text
		}
	}
	switch l.typ {
	case "ID":
		return strconv.Quote(f.own[l.kindOf(field)])
	case "Int":
		return "1"
	case "Boolean":
		return "true"
	case "Decimal":
		return `"1"`
	case "CurrencyCode":
		return `"KES"`
	case "Date":
		return `"2026-01-02"`
	case "DateTime":
		return `"2026-01-02T03:04:05Z"`
	}
	if own, ok := f.own[l.kindOf(field)]; ok && !f.write {
		return strconv.Quote(own)
	}
	return strconv.Quote(anew)
}

// arguments writes those of a field that it needs, and the one that the trail leads to.
func (f *forge) arguments(field *ast.FieldDefinition, trail []string) string {
	var parts []string
	size := "first"
	if len(trail) > 0 && trail[0] == "before" {
		size = "last"
	}
	for _, a := range field.Arguments {
		onTrail := len(trail) > 0 && trail[0] == a.Name
		switch {
		case onTrail && len(trail) == 1:
			parts = append(parts, a.Name+": "+inLists(a.Type, marked))
		case onTrail || a.Type.NonNull && a.DefaultValue == nil:
			var rest []string
			if onTrail {
				rest = trail[1:]
			}
			parts = append(parts, a.Name+": "+f.literal(a.Type, a.Name, "", idOf(a), field.Name, rest))
		case a.Name == size:
			parts = append(parts, a.Name+": 3")
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func idOf(a *ast.ArgumentDefinition) string {
	if d := a.Directives.ForName("idOf"); d != nil {
		return d.Arguments.ForName("type").Value.Raw
	}
	return ""
}

// selection asks for all that an object says by itself, and for what is around it as deep as that.
func (f *forge) selection(d *ast.Definition, deep int) string {
	if d.Kind != ast.Object && d.Kind != ast.Interface {
		return ""
	}
	parts := []string{"__typename"}
	for _, field := range fieldsOf(d) {
		if needs := field.Directives.ForName("requires"); needs != nil && !f.may(needs.Arguments.ForName("permission").Value.Raw) {
			continue
		}
		sub := f.schema.Types[field.Type.Name()]
		call := field.Name + f.arguments(field, nil)
		switch {
		case sub.IsLeafType():
			parts = append(parts, call)
		case f.plain(sub):
			parts = append(parts, call+" "+f.selection(sub, 0))
		case deep > 0 && sub.Kind == ast.Object:
			parts = append(parts, call+" "+f.selection(sub, deep-1))
		}
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// plain says that an object is a value, such as an amount of money, and leads nowhere.
func (f *forge) plain(d *ast.Definition) bool {
	return d.Kind == ast.Object && !slices.Contains(d.Interfaces, "Node") && !strings.HasSuffix(d.Name, "Connection") &&
		!slices.ContainsFunc(d.Fields, func(field *ast.FieldDefinition) bool {
			return !f.schema.Types[field.Type.Name()].IsLeafType() || len(field.Arguments) > 0
		})
}

// depth is how deep an answer is looked into: a page's rows and what is right around them.
const depth = 3

// slots are all places of the schema. What can't be reached fails the test until an example is given.
func (f *forge) slots(t testing.TB) []slot {
	t.Helper()
	var list []slot
	for _, d := range own(f.schema) {
		if d.Kind != ast.Object {
			continue
		}
		for _, field := range fieldsOf(d) {
			if d == f.schema.Query && (field.Name == "node" || field.Name == "nodes") {
				continue
			}
			for _, a := range field.Arguments {
				for _, l := range f.leaves(a.Type, []string{a.Name}, "", idOf(a)) {
					if s, ok := f.slot(t, d, field, l); ok {
						list = append(list, s)
					}
				}
			}
		}
	}
	for _, field := range fieldsOf(f.schema.Query) {
		if field.Name != "node" && field.Name != "nodes" {
			list = append(list, f.lists(field)...)
		}
	}
	for _, d := range own(f.schema) {
		if !slices.Contains(d.Interfaces, "Node") || d.Kind != ast.Object {
			continue
		}
		on := "{ ... on " + d.Name + " " + f.selection(d, depth-1) + " }"
		list = append(list, slot{"Query.node(id)", d.Name, false, `{ node(id: ` + marked + `) ` + on + ` }`},
			slot{"Query.nodes(ids)", d.Name, false, `{ nodes(ids: ["` + f.own["Product"] + `", ` + marked + `]) ` + on + ` }`})
	}
	return list
}

// lists ask for what a field gives by itself, with each value of the enums that it needs.
func (f *forge) lists(field *ast.FieldDefinition) []slot {
	const mostTurns = 100
	place := "Query." + field.Name
	var list []slot
	for turn := range mostTurns {
		turned := *f
		turned.turn = turn
		text := "{ " + field.Name + turned.arguments(field, nil) + " " + f.selection(f.schema.Types[field.Type.Name()], depth) + " }"
		if turn > 0 && text == list[0].text {
			break
		}
		if turn > 0 {
			place = fmt.Sprint("Query.", field.Name, ", ", turn)
		}
		list = append(list, slot{place, nothing, false, text})
	}
	return list
}

func (f *forge) slot(t testing.TB, d *ast.Definition, field *ast.FieldDefinition, l leaf) (slot, bool) {
	t.Helper()
	kind := l.kindOf(field.Name)
	place := fmt.Sprintf("%s.%s(%s)", d.Name, field.Name, strings.Join(l.trail, "."))
	if kind == "" {
		if l.typ == "String" && !slices.Contains(texts, l.name()) {
			t.Errorf("%s is a text: say in keysByName what it names, or in texts that it names nothing", place)
		}
		return slot{}, false
	}
	if _, ok := f.own[kind]; !ok && kind != cursors {
		t.Errorf("%s names a %s, of which there is no example", place, kind)
		return slot{}, false
	}
	writing := *f
	writing.write = d == f.schema.Mutation
	deep := depth
	if writing.write && !isObject(kind) {
		deep = 1 // what was made, and not what else there is by now
	}
	call := field.Name + writing.arguments(field, l.trail) + " " + f.selection(f.schema.Types[field.Type.Name()], deep)
	way, ok := f.way(d, map[string]bool{})
	if !ok {
		t.Errorf("%s can't be reached: give an example", place)
		return slot{}, false
	}
	return slot{place, kind, d == f.schema.Mutation, way(call)}, true
}

// way leads from the root to an object of a type: by the id of the attacker's own, or through the first object that has
// one.
func (f *forge) way(to *ast.Definition, tried map[string]bool) (func(string) string, bool) {
	switch {
	case to == f.schema.Query:
		return func(inner string) string { return "{ " + inner + " }" }, true
	case to == f.schema.Mutation:
		return func(inner string) string { return "mutation { " + inner + " }" }, true
	case slices.Contains(to.Interfaces, "Node"):
		return func(inner string) string {
			return `{ node(id: "` + f.own[to.Name] + `") { ... on ` + to.Name + " { " + inner + " } } }"
		}, true
	}
	tried[to.Name] = true
	types := own(f.schema)
	// The shortest ways begin at the root.
	slices.SortStableFunc(types, func(a, b *ast.Definition) int {
		return strings.Compare(fmt.Sprint(a != f.schema.Query), fmt.Sprint(b != f.schema.Query))
	})
	for _, from := range types {
		if from.Kind != ast.Object || tried[from.Name] || from == f.schema.Mutation {
			continue
		}
		for _, field := range fieldsOf(from) {
			if field.Type.Name() != to.Name {
				continue
			}
			if before, ok := f.way(from, tried); ok {
				return func(inner string) string {
					return before(field.Name + f.arguments(field, nil) + " { " + inner + " }")
				}, true
			}
		}
	}
	return nil, false
}
