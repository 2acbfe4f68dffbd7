package reading

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	// mostStatements bounds those of one answer, and mostJoins what is joined to one row: more would cost the database
	// more to plan than it saves.
	mostStatements = 12
	mostJoins      = 12
)

// plan is how one field of Query is read: levels of rows, the parents before their children.
type plan struct {
	table *Table
	op    *graphql.OperationContext
	scope *tenancy.Scope
	// collecting is a context in which look-ups say what they are about to read.
	collecting context.Context //nolint:containedctx // it lives as long as the plan, which is one call
	collected  *page.Source

	field  graphql.CollectedField
	levels []*level
	shared map[shared]*level
	// makes is what is written of what a resolver made, nil for rows. Objects that are no rows are in records while they are
	// written, what makes is of in the first one, and values that are made in cells.
	makes   *object
	records []*record
	cells   []forgetful
	// guards are what was asked of the scope. Once says that the plan is good for one request.
	guards []guard
	once   bool
	// gathering says that nothing is read yet, and what is written is for those alone who say what they want of it.
	gathering bool
	// write appends the answer once all is read; false is null.
	write func(dst []byte) ([]byte, bool)
}

// write appends a value to an object.
type write func(dst []byte) ([]byte, error)

var errCollected = errors.New("a look-up has said what it reads")

// plan walks the selection of a field, unless that was done before. An aside says why it can't be read whole.
func (a *Attempt) plan(ctx context.Context, s page.Source) (*plan, error) {
	p, ready, err := a.table.begin(ctx, a.field, s.Handle.Scope(), a.of, s)
	if ready || err != nil {
		return p, err
	}
	return p, p.rows(a.of, a.paged, s)
}

// rows plans rows that a source says.
func (p *plan) rows(of *Type, paged bool, s page.Source) error {
	l, err := p.level(of, sought{Source: s}, nil)
	if err != nil {
		return err
	}
	if paged {
		return p.rootPage(l)
	}
	o, err := p.object(l.main, p.field.Selections)
	if err != nil {
		return err
	}
	l.parts = append(l.parts, o)
	p.write = func(dst []byte) ([]byte, bool) {
		if l.rows == 0 {
			return dst, false
		}
		return append(dst, l.fragment(0, 0)...), true
	}
	return nil
}

// collector gives a context in which look-ups say what they are about to read, and don't.
func (p *plan) collector(ctx context.Context) context.Context {
	return page.WithTaker(ctx, func(_ context.Context, s page.Source) (bool, error) {
		if p.collected == nil {
			p.collected = &s
		}
		return true, errCollected
	})
}

func (p *plan) rootPage(l *level) error {
	c, err := p.connection(l, p.field.Definition.Type.Name(), p.field.Selections)
	if err != nil {
		return err
	}
	p.write = func(dst []byte) ([]byte, bool) { return c.append(dst, l.whole()), true }
	return nil
}

// level adds rows to the plan, of which a source says which they are. Parent is whose they are, nil for the field's own.
func (p *plan) level(of *Type, s sought, parent *record) (*level, error) {
	switch {
	case parent != nil && parent.level == nil:
		return nil, &aside{OfField, of.name} // it belongs to what is no row
	case s.Row != of.model || s.Handle.Scope() != p.scope,
		parent != nil && s.Through == nil && (s.Column == "" || of.table.FieldMap[s.Column] == nil):
		return nil, &aside{OfLook, of.name}
	case len(p.levels) == mostStatements:
		return nil, &aside{OfSize, of.name}
	}
	l := &level{source: s, shape: shapeOf(s.Source), parent: parent}
	alias := of.table.Alias
	if parent != nil && s.Page != nil {
		alias = pageAlias
	}
	l.main = newRecord(l, of, alias)
	l.main.place()
	p.levels = append(p.levels, l)
	return l, nil
}

// collect calls a look-up for what it is about to read.
func (p *plan) collect(look look, a page.Args, where string) (page.Source, error) {
	p.collected = nil
	err := look(p.collecting, a)
	if p.collected == nil || !errors.Is(err, errCollected) {
		if err != nil {
			return page.Source{}, &aside{OfArguments, where}
		}
		return page.Source{}, &aside{OfLook, where}
	}
	return *p.collected, nil
}

// object plans what is written of a record.
func (p *plan) object(r *record, set ast.SelectionSet) (*object, error) {
	o := &object{}
	fields := p.selected(set, r.of.satisfies...)
	o.expect(len(fields))
	r.expect(len(fields))
	for _, f := range fields {
		value, err := p.value(r, f)
		if err != nil {
			return nil, err
		}
		if !o.add(f.Alias, value) {
			return nil, &aside{OfField, r.of.name + "." + f.Name}
		}
	}
	return o, nil
}

func (p *plan) value(r *record, f graphql.CollectedField) (write, error) {
	if err := ordinary(f); err != nil {
		return nil, err
	}
	if f.Name == "__typename" {
		return constant(`"` + r.of.name + `"`), nil
	}
	where := r.of.name + "." + f.Name
	known := r.of.fields[f.Name]
	if known == nil {
		return nil, &aside{OfField, where}
	}
	if err := p.allowed(known.def.Directives, where); err != nil {
		return nil, err
	}
	if len(known.def.Directives) > 0 {
		p.guards = append(p.guards, guard{known.def.Directives, where})
	}
	switch {
	case known.inner != nil:
		return known.inner(p, r, known, f)
	case known.scalar != nil:
		r.need(known.columns...)
		return nullable(known.scalar(r.row), known.def, where), nil
	case known.amount != nil:
		r.need(known.columns...)
		return p.amount(known.amount(r.row), known.def, f)
	case known.key != "":
		return p.one(r, known, f)
	case known.paged:
		return p.page(r, known, f)
	default:
		return p.many(r, known, f)
	}
}

// ordinary refuses what a document says beside a field that this package doesn't know; what is skipped isn't here.
func ordinary(f graphql.CollectedField) error {
	for _, d := range f.Directives {
		if d.Name != "skip" && d.Name != "include" {
			return &aside{OfDirective, f.Name}
		}
	}
	if f.Deferrable != nil {
		return &aside{OfDirective, f.Name}
	}
	return nil
}

// allowed says that a field's directives let it pass for every row alike, and change nothing below it.
func (p *plan) allowed(directives ast.DirectiveList, where string) error {
	for _, d := range directives {
		switch d.Name {
		case "goField", "deprecated":
		case "requires":
			// The scope is another one where the permission isn't held in all stores of the request.
			within, err := p.scope.Within(tenancy.Permission(d.Arguments.ForName("permission").Value.Raw))
			if err != nil || within != p.scope {
				return &aside{OfPermission, where}
			}
		case "feature":
			if p.scope.HasFeature(tenancy.Feature(d.Arguments.ForName("name").Value.Raw)) != nil {
				return &aside{OfPermission, where}
			}
		default:
			return &aside{OfDirective, where}
		}
	}
	return nil
}

func constant(json string) write {
	return func(dst []byte) ([]byte, error) { return append(dst, json...), nil }
}

// nullable writes null where the schema allows that; what it promises otherwise isn't this package's to tell.
func nullable(value scalar, def *ast.FieldDefinition, where string) write {
	return func(dst []byte) ([]byte, error) {
		dst, ok := value(dst)
		switch {
		case ok:
			return dst, nil
		case def.Type.NonNull:
			return dst, &aside{OfRows, where}
		default:
			return append(dst, "null"...), nil
		}
	}
}

// amount plans a Money, which has no row of its own.
func (p *plan) amount(of func() (money.Money, bool), def *ast.FieldDefinition, f graphql.CollectedField) (write, error) {
	c := &cell[money.Money]{}
	p.cells = append(p.cells, c)
	o := &object{}
	for _, part := range p.selected(f.Selections, "Money") {
		if err := ordinary(part); err != nil {
			return nil, err
		}
		var value write
		switch part.Name {
		case "amount":
			value = func(dst []byte) ([]byte, error) { return decimal(dst, c.now.Amount()), nil }
		case "currencyCode":
			value = func(dst []byte) ([]byte, error) { return quoted(dst, string(c.now.Currency)), nil }
		case "__typename":
			value = constant(`"Money"`)
		default:
			return nil, &aside{OfField, "Money." + part.Name}
		}
		o.add(part.Alias, value)
	}
	return objectOr(func() (there bool) { c.now, there = of(); return there }, o.append, def, f.Name), nil
}

// objectOr writes an object where there is one.
func objectOr(there func() bool, object write, def *ast.FieldDefinition, where string) write {
	return func(dst []byte) ([]byte, error) {
		switch {
		case there():
			return object(dst)
		case def.Type.NonNull:
			return dst, &aside{OfRows, where}
		default:
			return append(dst, "null"...), nil
		}
	}
}

// one joins the object that a row points at.
func (p *plan) one(r *record, known *field, f graphql.CollectedField) (write, error) {
	where := r.of.name + "." + f.Name
	j, err := p.join(r, known, where)
	if err != nil {
		return nil, err
	}
	o, err := p.object(j, f.Selections)
	if err != nil {
		return nil, err
	}
	return objectOr(func() bool { return j.Present }, o.append, known.def, where), nil
}

// join joins the record that a relation leads to, once for all fields that it is for.
func (p *plan) join(r *record, relation *field, where string) (*record, error) {
	l := r.level
	if l == nil {
		return nil, &aside{OfField, where} // it belongs to what is no row
	}
	for _, j := range l.joins {
		if j.from == r && j.by == relation {
			return j, nil
		}
	}
	source, err := seek(func() (page.Source, error) { return p.collect(relation.look, page.Args{}, where) })
	if err != nil {
		return nil, err
	}
	switch {
	case source.Row != relation.target.model || source.Column != idColumn || source.Page != nil || source.Handle.Scope() != p.scope:
		return nil, &aside{OfLook, where}
	case len(l.joins) == mostJoins:
		return nil, &aside{OfSize, where}
	}
	j := newRecord(l, relation.target, "j"+strconv.Itoa(len(l.joins)+1))
	j.from, j.by, j.source, j.shape, j.Joined = r, relation, source, shapeOf(source.Source), true
	j.need(idColumn) // first: it tells whether there is one
	j.place()
	r.expose(relation.key)
	l.joins = append(l.joins, j)
	return j, nil
}

// all calls a look-up of all rows that belong to others.
func (p *plan) all(look look, where string) (sought, error) {
	return seek(func() (page.Source, error) {
		source, err := p.collect(look, page.Args{}, where)
		if err == nil && source.Page != nil && !source.Page.All {
			err = &aside{OfLook, where}
		}
		return source, err
	})
}

// many adds a level of all rows that belong to a row.
func (p *plan) many(r *record, known *field, f graphql.CollectedField) (write, error) {
	source, err := p.all(known.look, r.of.name+"."+f.Name)
	if err != nil {
		return nil, err
	}
	l, err := p.objects(known.target, source, r, f)
	if err != nil {
		return nil, err
	}
	return l.all(r), nil
}

// objects adds a level of rows, of which a field's selection is written.
func (p *plan) objects(of *Type, source sought, parent *record, f graphql.CollectedField) (*level, error) {
	l, err := p.level(of, source, parent)
	if err != nil {
		return nil, err
	}
	o, err := p.object(l.main, f.Selections)
	if err != nil {
		return nil, err
	}
	l.parts = append(l.parts, o)
	return l, nil
}

// column adds a level of rows that belong to a row and have one column to write.
func (p *plan) column(look look, r *record, column, where string) (*level, error) {
	source, err := p.all(look, where)
	if err != nil {
		return nil, err
	}
	of := &Type{name: where, model: source.Row, table: p.table.tables(source.Row)}
	if of.table.FieldMap[column] == nil {
		return nil, &aside{OfLook, where}
	}
	l, err := p.level(of, source, r)
	if err != nil {
		return nil, err
	}
	l.main.need(column)
	value := atColumn(of.table.FieldMap[column])(l.main.row)
	if value == nil {
		return nil, &aside{OfLook, where}
	}
	l.parts = append(l.parts, &object{bare: func(dst []byte) ([]byte, error) {
		dst, ok := value(dst)
		if !ok {
			return dst, &aside{OfRows, where}
		}
		return dst, nil
	}})
	return l, nil
}

// page adds a level of the rows on a page of each row's list.
func (p *plan) page(r *record, known *field, f graphql.CollectedField) (write, error) {
	where := r.of.name + "." + f.Name
	source, err := seek(func() (page.Source, error) {
		args, ok := p.args(f)
		if !ok {
			return page.Source{}, &aside{OfArguments, where}
		}
		source, err := p.collect(known.look, args, where)
		if err == nil && (source.Page == nil || source.Page.All) {
			err = &aside{OfLook, where}
		}
		return source, err
	})
	if err != nil {
		return nil, err
	}
	l, err := p.level(known.target, source, r)
	if err != nil {
		return nil, err
	}
	c, err := p.connection(l, known.def.Type.Name(), f.Selections)
	if err != nil {
		return nil, err
	}
	owner := r.owner()
	return func(dst []byte) ([]byte, error) { return c.append(dst, l.of(owner())), nil }, nil
}

// args are the arguments of a connection; false where they are others, or not of their types.
func (p *plan) args(f graphql.CollectedField) (page.Args, bool) {
	var a page.Args
	for name, value := range f.ArgumentMap(p.op.Variables) {
		var ok bool
		switch name {
		case "first":
			a.First, ok = number(value)
		case "last":
			a.Last, ok = number(value)
		case "after":
			a.After, ok = cursor(value)
		case "before":
			a.Before, ok = cursor(value)
		}
		if !ok {
			return a, false
		}
	}
	return a, true
}

func number(value any) (*int, bool) {
	var n int64
	switch value := value.(type) {
	case nil:
		return nil, true
	case int:
		return &value, true
	case int64:
		n = value
	case json.Number:
		var err error
		if n, err = value.Int64(); err != nil {
			return nil, false
		}
	default:
		return nil, false
	}
	whole := int(n)
	return &whole, true
}

func cursor(value any) (*string, bool) {
	if value == nil {
		return nil, true
	}
	s, ok := value.(string)
	return &s, ok
}

// connection plans what is written of a page.
func (p *plan) connection(l *level, name string, set ast.SelectionSet) (*connection, error) {
	c := &connection{level: l}
	def := p.table.schema.Types[name]
	for _, f := range p.selected(set, name) {
		if err := errors.Join(ordinary(f), plainField(def, f)); err != nil {
			return nil, err
		}
		var value func(dst []byte, g group) []byte
		var err error
		switch f.Name {
		case "__typename":
			value = func(dst []byte, _ group) []byte { return quoted(dst, name) }
		case "nodes":
			var o *object
			if o, err = p.object(l.main, f.Selections); err == nil {
				value = l.part(o)
			}
		case "edges":
			var o *object
			if o, err = p.edge(l, def.Fields.ForName("edges").Type.Name(), f.Selections); err == nil {
				value = l.part(o)
			}
		case "pageInfo":
			value, err = p.pageInfo(l, f.Selections)
		case "totalCount":
			l.totals = true
			value = l.total
		default:
			err = &aside{OfField, name + "." + f.Name}
		}
		if err != nil {
			return nil, err
		}
		if !c.add(f.Alias, value) {
			return nil, &aside{OfField, name + "." + f.Name}
		}
	}
	return c, nil
}

// plainField refuses a field of a connection that says more than its type.
func plainField(def *ast.Definition, f graphql.CollectedField) error {
	of := def.Fields.ForName(f.Name)
	if of != nil && (len(of.Directives) > 0 || len(of.Arguments) > 0) {
		return &aside{OfDirective, def.Name + "." + f.Name}
	}
	return nil
}

func (p *plan) edge(l *level, name string, set ast.SelectionSet) (*object, error) {
	o := &object{}
	def := p.table.schema.Types[name]
	for _, f := range p.selected(set, name) {
		if err := errors.Join(ordinary(f), plainField(def, f)); err != nil {
			return nil, err
		}
		var value write
		switch f.Name {
		case "__typename":
			value = constant(`"` + name + `"`)
		case "cursor":
			at := l.cursor()
			value = func(dst []byte) ([]byte, error) { return text(dst, at()), nil }
		case "node":
			node, err := p.object(l.main, f.Selections)
			if err != nil {
				return nil, err
			}
			value = node.append
		default:
			return nil, &aside{OfField, name + "." + f.Name}
		}
		if !o.add(f.Alias, value) {
			return nil, &aside{OfField, name + "." + f.Name}
		}
	}
	return o, nil
}

func (p *plan) pageInfo(l *level, set ast.SelectionSet) (func(dst []byte, g group) []byte, error) {
	c := &connection{level: l}
	for _, f := range p.selected(set, "PageInfo") {
		if err := ordinary(f); err != nil {
			return nil, err
		}
		var value func(dst []byte, g group) []byte
		switch f.Name {
		case "__typename":
			value = func(dst []byte, _ group) []byte { return append(dst, `"PageInfo"`...) }
		case "hasNextPage":
			value = func(dst []byte, g group) []byte { return strconv.AppendBool(dst, l.next(g)) }
		case "hasPreviousPage":
			value = func(dst []byte, g group) []byte { return strconv.AppendBool(dst, l.previous(g)) }
		case "startCursor", "endCursor":
			l.keepCursors()
			first := f.Name == "startCursor"
			value = func(dst []byte, g group) []byte { return l.end(dst, g, first) }
		default:
			return nil, &aside{OfField, "PageInfo." + f.Name}
		}
		if !c.add(f.Alias, value) {
			return nil, &aside{OfField, "PageInfo." + f.Name}
		}
	}
	return c.append, nil
}

// read sends the statements and writes the answer.
func (p *plan) read(ctx context.Context) (graphql.Marshaler, error) {
	defer p.end()
	handle := p.levels[0].source.Handle
	if err := handle.Read(ctx, p.statements(ctx, handle)...); err != nil {
		return graphql.Null, err
	}
	there := false
	answer, err := drafted(func(dst []byte) ([]byte, error) {
		dst, there = p.write(dst)
		return dst, nil
	})
	if there {
		return answer, err
	}
	answer.drop()
	if p.field.Definition.Type.NonNull {
		return graphql.Null, &aside{OfRows, p.field.Name}
	}
	return graphql.Null, nil
}

// end gives back what the levels were written into. Nothing of a plan may be looked at afterwards.
func (p *plan) end() {
	for _, l := range p.levels {
		if l.draft != nil {
			l.draft.GiveBack()
			l.draft = nil
		}
	}
}
