package schema_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/schema"
)

// released is the schema that clients may count on: go run . schema > schema/clients/audit/released.graphql, at a release.
const released = "clients/audit/released.graphql"

func load(t *testing.T, sources ...*ast.Source) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func now(t *testing.T) (string, *ast.Schema) {
	t.Helper()
	names, err := fs.Glob(schema.Files, "*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	var sources []*ast.Source
	for _, name := range names {
		text, err := schema.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	return all.String(), load(t, sources...)
}

// reason is what a deprecation says: what to use instead, and until when the old is there.
var reason = regexp.MustCompile(`^Use .+ (?:It|They) (?:is|are) there until (\d{4}-\d\d-\d\d)\.$`)

// until is the last day of what is deprecated; false for what isn't, and for what says no day.
func until(directives ast.DirectiveList) (time.Time, bool) {
	d := directives.ForName("deprecated")
	if d == nil || d.Arguments.ForName("reason") == nil {
		return time.Time{}, false
	}
	said := reason.FindStringSubmatch(d.Arguments.ForName("reason").Value.Raw)
	if said == nil {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, said[1])
	return day, err == nil
}

// comparison finds what a client of an earlier schema would miss.
type comparison struct {
	earlier, now *ast.Schema
	today        time.Time
	breaks       []string
}

func (c *comparison) add(format string, args ...any) {
	c.breaks = append(c.breaks, fmt.Sprintf(format, args...))
}

// over says that something was deprecated, and its time is over.
func (c *comparison) over(directives ast.DirectiveList) bool {
	day, ok := until(directives)
	return ok && c.today.After(day)
}

func (c *comparison) all() []string {
	for name, earlier := range c.earlier.Types {
		if earlier.BuiltIn {
			continue
		}
		later := c.now.Types[name]
		if later == nil || later.Kind != earlier.Kind {
			c.add("%s is gone, or something else", name)
			continue
		}
		c.fields(earlier, later)
		for _, value := range earlier.EnumValues {
			if later.EnumValues.ForName(value.Name) == nil && !c.over(value.Directives) {
				c.add("%s.%s is gone", name, value.Name)
			}
		}
		for _, of := range append(slices.Clone(earlier.Interfaces), earlier.Types...) {
			if !slices.Contains(append(slices.Clone(later.Interfaces), later.Types...), of) {
				c.add("%s has nothing to do with %s any more", name, of)
			}
		}
	}
	slices.Sort(c.breaks)
	return c.breaks
}

func (c *comparison) fields(earlier, later *ast.Definition) {
	for _, field := range earlier.Fields {
		place := earlier.Name + "." + field.Name
		same := later.Fields.ForName(field.Name)
		switch {
		case same == nil && c.over(field.Directives):
		case same == nil:
			c.add("%s is gone", place)
		case earlier.Kind == ast.InputObject && !fits(same.Type, field.Type), earlier.Kind != ast.InputObject && !fits(field.Type, same.Type):
			c.add("%s is %s instead of %s", place, same.Type, field.Type)
		default:
			c.arguments(place, field.Arguments, same.Arguments)
		}
	}
	if earlier.Kind != ast.InputObject {
		return
	}
	for _, field := range later.Fields {
		if earlier.Fields.ForName(field.Name) == nil && field.Type.NonNull && field.DefaultValue == nil {
			c.add("%s.%s is new and required", earlier.Name, field.Name)
		}
	}
}

func (c *comparison) arguments(place string, earlier, later ast.ArgumentDefinitionList) {
	for _, argument := range earlier {
		same := later.ForName(argument.Name)
		switch {
		case same == nil && !c.over(argument.Directives):
			c.add("%s(%s) is gone", place, argument.Name)
		case same != nil && !fits(same.Type, argument.Type):
			c.add("%s(%s) is %s instead of %s", place, argument.Name, same.Type, argument.Type)
		}
	}
	for _, argument := range later {
		if earlier.ForName(argument.Name) == nil && argument.Type.NonNull && argument.DefaultValue == nil {
			c.add("%s(%s) is new and required", place, argument.Name)
		}
	}
}

// fits says that what is of the type given can be had where the type wanted is asked for.
func fits(wanted, given *ast.Type) bool {
	if wanted.NonNull && !given.NonNull || (wanted.Elem == nil) != (given.Elem == nil) {
		return false
	}
	if wanted.Elem != nil {
		return fits(wanted.Elem, given.Elem)
	}
	return wanted.NamedType == given.NamedType
}

// TestNothingIsBroken: what the last release had is there now.
func TestNothingIsBroken(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(released)
	if err != nil {
		t.Fatal(err)
	}
	_, today := now(t)
	c := &comparison{earlier: load(t, &ast.Source{Name: released, Input: string(text)}), now: today, today: time.Now()}
	if len(c.earlier.Types) < 100 {
		t.Fatalf("%d types were released", len(c.earlier.Types))
	}
	for _, broken := range c.all() {
		t.Errorf("since the last release: %s", broken)
	}
}

// TestDeprecationsSayWhatToDo: what to use, and until when the old is there.
func TestDeprecationsSayWhatToDo(t *testing.T) {
	t.Parallel()
	_, today := now(t)
	look := func(place string, directives ast.DirectiveList) {
		if _, ok := until(directives); directives.ForName("deprecated") != nil && !ok {
			t.Errorf(`%s: a deprecation reads "Use x. It is there until 2027-01-31."`, place)
		}
	}
	for _, definition := range today.Types {
		for _, field := range definition.Fields {
			look(definition.Name+"."+field.Name, field.Directives)
			for _, argument := range field.Arguments {
				look(definition.Name+"."+field.Name+"("+argument.Name+")", argument.Directives)
			}
		}
		for _, value := range definition.EnumValues {
			look(definition.Name+"."+value.Name, value.Directives)
		}
	}
}

// TestBreaksAreFound proves that the comparison tells what breaks from what doesn't.
func TestBreaksAreFound(t *testing.T) {
	t.Parallel()
	const earlier = `
		type Query { a(x: Int, y: Int!): A! b: [Int!] old: Int @deprecated(reason: "Use a. It is there until 2026-01-31.") }
		interface I { n: Int } type A implements I { n: Int l: [A!]! } union U = A | B type B { n: Int }
		enum E { X Y } input In { f: Int! g: E }`
	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	breaks := func(from, to string, today time.Time) []string {
		t.Helper()
		if !strings.Contains(earlier, from) {
			t.Fatalf("there is no %s", from)
		}
		c := &comparison{
			earlier: load(t, &ast.Source{Input: earlier}), now: load(t, &ast.Source{Input: strings.Replace(earlier, from, to, 1)}), today: today,
		}
		return c.all()
	}
	const old = ` old: Int @deprecated(reason: "Use a. It is there until 2026-01-31.")`
	for from, to := range map[string]string{
		"": "", "b: [Int!]": "b: [Int!]!", "enum E { X Y }": "enum E { X Y Z }", "f: Int!": "f: Int more: Int! = 1",
		"x: Int,": "x: Int, z: Int,", "y: Int!": "y: Int", "type B { n: Int }": "type B { n: Int m: Int } type C { n: Int }", old: "",
	} {
		if got := breaks(from, to, day); len(got) > 0 {
			t.Errorf("%s for %s: %v", to, from, got)
		}
	}
	for from, to := range map[string]string{
		"b: [Int!]": "b: [Int]", "enum E { X Y }": "enum E { X }", "f: Int!": "f: Int! more: Int!", "g: E": "g: E!", "x: Int,": "", "y: Int!": "y: Float!",
		"x: Int, ": "x: Int, z: Int!, ", "l: [A!]!": "l: [A!]", "implements I": "", "= A | B": "= A", "type B { n: Int }": "input B { n: Int }", "a(x": "c(x",
	} {
		if got := breaks(from, strings.ReplaceAll(to, "input B", "type B { m: Int } input D"), day); len(got) == 0 {
			t.Errorf("%s for %s breaks nothing", to, from)
		}
	}
	if got := breaks(old, "", day.AddDate(0, 0, -1)); len(got) != 1 {
		t.Errorf("removed on its last day: %v", got)
	}
}
