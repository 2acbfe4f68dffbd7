package reading

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/uptrace/bun/schema"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
)

// Table says of each type that can be read whole how its fields are read.
type Table struct {
	schema *ast.Schema
	types  map[string]*Type
	tables func(reflect.Type) *schema.Table
	kept   plans
}

// Type is an object type of the schema whose objects are rows of a table.
type Type struct {
	name  string
	model reflect.Type // what one row is scanned into
	key   reflect.Type // its id
	// look reads rows by their ids, for what points at them.
	look    look
	find    func(ctx context.Context, key uuid.UUID) error
	methods map[string]method
	options []Option
	made    bool // its objects are no rows

	def       *ast.Definition
	satisfies []string // the names of types that a fragment on it may have
	table     *schema.Table
	fields    map[string]*field
}

// look calls a function of a domain, so that it says what it is about to read.
type look func(ctx context.Context, a page.Args) error

// Option adds to a type what can't be derived.
type Option func(t *Table, of *Type) error

// field says how one field is read.
type field struct {
	def *ast.FieldDefinition
	// columns are those that scalar and amount read of a row.
	columns []string
	scalar  func(row any) scalar
	amount  func(row any) func() (money.Money, bool)

	// The rows of target are what the field leads to. A row points at one of them with its column key; without one it
	// has many, whose source names the parent, in pages or all.
	target *Type
	key    string
	look   look
	paged  bool
	inner  inner // plans all other kinds of fields

	// A figure is made of a row, and of other rows of which these columns are read; told makes it.
	other *beside
	told  func(row, other any) any
}

// Of is a type of the schema whose rows a function finds by their ids.
func Of[K ~[16]byte, T any](
	name string, byID func(context.Context, []K) ([]*T, error), options ...Option,
) *Type {
	return &Type{
		name: name, model: reflect.TypeFor[T](), key: reflect.TypeFor[K](), methods: methodsOf[T](), options: options,
		look: func(ctx context.Context, _ page.Args) error {
			_, err := byID(ctx, nil)
			return err
		},
		find: func(ctx context.Context, key uuid.UUID) error {
			_, err := byID(ctx, []K{K(key)})
			return err
		},
	}
}

// Rows is a type of the schema whose objects are rows that nothing points at and that have no ids.
func Rows[T any](name string, options ...Option) *Type {
	return &Type{name: name, model: reflect.TypeFor[T](), methods: methodsOf[T](), options: options}
}

// One says that a row points at one object each by the fields: its column is called after the field, and the object is
// found by its id.
func One(names ...string) Option {
	return func(t *Table, of *Type) error {
		for _, name := range names {
			target, def, err := t.leads(of, name)
			if err != nil {
				return err
			}
			column := columnOf(of.table, name+"id")
			if column == nil || column.IndirectType != target.key {
				return fmt.Errorf("%s.%s has no column with the id of a %s", of.name, name, target.name)
			}
			of.fields[name] = &field{def: def, target: target, key: column.Name, look: target.look}
		}
		return nil
	}
}

// Many says that a row has all the rows that a function reads for it.
func Many[K ~[16]byte, T any](name string, read func(context.Context, []K) ([]*T, error)) Option {
	return many[K, T](name, false, func(ctx context.Context, _ page.Args) error {
		_, err := read(ctx, nil)
		return err
	})
}

// Lists is Many for functions that give the lists by whose they are.
func Lists[K ~[16]byte, T any](name string, read func(context.Context, []K) (map[K][]*T, error)) Option {
	return many[K, T](name, false, func(ctx context.Context, _ page.Args) error {
		_, err := read(ctx, nil)
		return err
	})
}

// Pages says that a row has a connection of the rows that a function reads for it.
func Pages[K ~[16]byte, T any](
	name string, read func(context.Context, []K, page.Args) (map[K]*page.Connection[T], error),
) Option {
	return many[K, T](name, true, func(ctx context.Context, a page.Args) error {
		_, err := read(ctx, nil, a)
		return err
	})
}

func many[K, T any](name string, paged bool, look look) Option {
	return func(t *Table, of *Type) error {
		target, def, err := t.leads(of, name)
		if err != nil {
			return err
		}
		if of.key != reflect.TypeFor[K]() || target.model != reflect.TypeFor[T]() {
			return fmt.Errorf("%s.%s is read by another id or as another model", of.name, name)
		}
		of.fields[name] = &field{def: def, target: target, look: look, paged: paged}
		return nil
	}
}

// Values says that a row has a list of values: a column of the rows that a function reads for it.
func Values[K ~[16]byte, V any](name, column string, read func(context.Context, []K) (map[K][]V, error)) Option {
	look := func(ctx context.Context, _ page.Args) error {
		_, err := read(ctx, nil)
		return err
	}
	return func(_ *Table, of *Type) error {
		def := of.def.Fields.ForName(name)
		if def == nil || of.key != reflect.TypeFor[K]() {
			return fmt.Errorf("%s.%s isn't there, or is read by another id", of.name, name)
		}
		where := of.name + "." + name
		of.fields[name] = &field{def: def, inner: func(p *plan, r *record, _ *field, _ graphql.CollectedField) (write, error) {
			l, err := p.column(look, r, column, where)
			if err != nil {
				return nil, err
			}
			return l.all(r), nil
		}}
		return nil
	}
}

// Reads names the columns that a method reads which answers a field. All are read for a method without them, except for
// amounts: <name>Minor and CurrencyCode are what a method of that name reads.
func Reads(name string, columns ...string) Option {
	return func(_ *Table, of *Type) error {
		f := of.fields[name]
		if f == nil || f.columns == nil {
			return fmt.Errorf("%s.%s is no method", of.name, name)
		}
		if err := has(of.table, columns); err != nil {
			return fmt.Errorf("%s.%s: %w", of.name, name, err)
		}
		f.columns = columns
		return nil
	}
}

// New makes a table of types. Resolvers is the generated interface that gives the resolvers of each type, and tables
// tells what bun knows of a model.
func New(
	s *ast.Schema, resolvers reflect.Type, tables func(reflect.Type) *schema.Table, types ...*Type,
) (*Table, error) {
	t := &Table{schema: s, types: map[string]*Type{}, tables: tables}
	for _, of := range types {
		if of.def = s.Types[of.name]; of.def == nil {
			return nil, fmt.Errorf("the schema has no type %s", of.name)
		}
		of.satisfies = append([]string{of.name}, of.def.Interfaces...)
		t.types[of.name] = of
		if of.made {
			of.deriveMade(resolved(resolvers, of.name))
			continue
		}
		of.table = tables(of.model)
		of.derive(resolved(resolvers, of.name))
	}
	for _, of := range types {
		for _, option := range of.options {
			if err := option(t, of); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// resolved are the fields of a type, in lower case, that have resolvers of their own.
func resolved(resolvers reflect.Type, typ string) map[string]bool {
	fields := map[string]bool{}
	of, ok := resolvers.MethodByName(typ)
	if !ok {
		return fields
	}
	for i := range of.Type.Out(0).NumMethod() {
		fields[strings.ToLower(of.Type.Out(0).Method(i).Name)] = true
	}
	return fields
}

// derive finds the fields that are columns, or methods of the model, as the generated code binds them.
func (of *Type) derive(resolvers map[string]bool) {
	of.fields = map[string]*field{}
	for _, def := range of.def.Fields {
		name := strings.ToLower(bound(def))
		if resolvers[strings.ToLower(def.Name)] || len(def.Arguments) > 0 {
			continue
		}
		if m, ok := of.methods[name]; ok {
			of.fields[def.Name] = &field{def: def, columns: of.readBy(m.name), scalar: m.scalar, amount: m.amount}
			continue
		}
		if column := columnOf(of.table, name); column != nil && scalarAt(reflect.New(column.StructField.Type).Interface()) != nil {
			of.fields[def.Name] = &field{def: def, columns: []string{column.Name}, scalar: atColumn(column)}
		}
	}
}

// bound is the name under which the model has a field.
func bound(def *ast.FieldDefinition) string {
	if d := def.Directives.ForName("goField"); d != nil {
		if name := d.Arguments.ForName("name"); name != nil {
			return name.Value.Raw
		}
	}
	return def.Name
}

// readBy are the columns that a method reads.
func (of *Type) readBy(method string) []string {
	minor, currency := columnOf(of.table, method+"minor"), columnOf(of.table, "currencycode")
	if minor != nil && currency != nil {
		return []string{minor.Name, currency.Name}
	}
	return columnsOf(of.table)
}

// columnOf finds the column of the model's field with a name.
func columnOf(table *schema.Table, name string) *schema.Field {
	i := slices.IndexFunc(table.Fields, func(f *schema.Field) bool { return strings.EqualFold(f.GoName, name) })
	if i < 0 {
		return nil
	}
	return table.Fields[i]
}

// leads finds where a relation leads.
func (t *Table) leads(of *Type, name string) (*Type, *ast.FieldDefinition, error) {
	def := of.def.Fields.ForName(name)
	if def == nil {
		return nil, nil, fmt.Errorf("the schema has no field %s.%s", of.name, name)
	}
	node, _ := t.nodes(t.schema.Types[def.Type.Name()])
	target := t.types[node]
	if target == nil {
		return nil, nil, fmt.Errorf("%s.%s leads to %s, which isn't in the table", of.name, name, node)
	}
	return target, def, nil
}

// nodes is the type of a connection's nodes, or the type itself; paged says which.
func (*Table) nodes(def *ast.Definition) (name string, paged bool) {
	edges, nodes := def.Fields.ForName("edges"), def.Fields.ForName("nodes")
	if edges == nil || nodes == nil {
		return def.Name, false
	}
	return nodes.Type.Name(), true
}
