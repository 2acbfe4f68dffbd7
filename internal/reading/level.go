package reading

import (
	"reflect"
	"slices"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/scratch"
)

// level is the rows of one statement. Each is scanned into the same records, and written at once.
type level struct {
	source sought
	shape  shape
	parent *record // whose the rows are; nil for the field's own
	main   *record
	joins  []*record
	// parts are what is written of each row, each into a fragment of its own.
	parts []*object
	// cursors are those of all rows, where somebody asks for the first or the last; totals says that all are counted.
	cursors  []string
	keeps    bool
	totals   bool
	counted  map[[16]byte]int64
	totalOf  [16]byte
	totalNow int64

	// Where rows are found by their ids, wanted are those that are asked for, key is that of the row that is being read, and
	// places says which row is whose.
	wanted [][16]byte
	key    func() [16]byte
	places map[[16]byte]int

	// holder keeps the rows themselves.
	holder holder

	// What the statement selects of main and joins, once it was built, and where it goes.
	selects string
	targets []*postgres.Record

	owner     [16]byte // of the row that is being read
	last      [16]byte
	groups    map[[16]byte]group
	rows      int
	draft     *scratch.Text // nil until rows are read
	fragments []int         // where each ends in the draft
}

// group is the rows of one parent, which come one after the other.
type group struct {
	owner    [16]byte
	from, to int
}

// record is an object of a model that columns are scanned into, of the row itself or joined to it.
type record struct {
	postgres.Record

	level *level
	of    *Type
	alias string
	row   any
	value reflect.Value
	// columns are scanned; exposed are beside them in a sub-select, for what is joined.
	columns, exposed []string

	// A joined record is where another one points by a relation.
	from   *record
	by     *field
	source sought
	shape  shape
}

func newRecord(l *level, of *Type, alias string) *record {
	row := reflect.New(of.model)
	return &record{
		Record: postgres.Record{Row: row.Interface()}, level: l, of: of, alias: alias, row: row.Interface(), value: row.Elem(),
	}
}

// place has the column scanned that tells the row's store, for the trail.
func (r *record) place() {
	if column := postgres.StoreColumn(r.row); column != "" {
		r.need(column)
	}
}

// expect makes room for so many columns.
func (r *record) expect(n int) {
	if r.level != nil && len(r.columns) < 2 { // that of its store may be there
		r.columns, r.Targets = slices.Grow(r.columns, n), slices.Grow(r.Targets, n)
	}
}

// need has columns scanned.
func (r *record) need(columns ...string) {
	for _, column := range columns {
		if !slices.Contains(r.columns, column) {
			r.columns = append(r.columns, column)
			r.Targets = append(r.Targets, postgres.Target(r.of.table.FieldMap[column].Value(r.value)))
		}
	}
}

// expose has a column within reach of what is joined.
func (r *record) expose(column string) {
	if !slices.Contains(r.exposed, column) {
		r.exposed = append(r.exposed, column)
	}
}

// owner reads the id of a record, for whose rows others are.
func (r *record) owner() func() [16]byte {
	r.need(idColumn)
	r.expose(idColumn)
	at := r.holds(idColumn)
	return func() [16]byte { return *at }
}

// holds is where a record has a column that holds an id.
func (r *record) holds(column string) *[16]byte {
	v := r.of.table.FieldMap[column].Value(r.value).Addr().Convert(reflect.TypeFor[*[16]byte]())
	at, _ := reflect.TypeAssert[*[16]byte](v)
	return at
}

// fields are those of what is written, in their order.
type fields[V any] struct {
	list []headed[V]
	// heads is what stands before the values, one after the other.
	heads []byte
}

type headed[V any] struct {
	name  string
	value V
	end   int // of its head
}

// add adds a field; false where there is one of that name.
func (f *fields[V]) add(name string, value V) bool {
	if slices.ContainsFunc(f.list, func(other headed[V]) bool { return other.name == name }) {
		return false
	}
	between := byte(',')
	if len(f.list) == 0 {
		between = '{'
	}
	f.heads = append(text(append(f.heads, between), name), ':')
	f.list = append(f.list, headed[V]{name, value, len(f.heads)})
	return true
}

// expect makes room for so many fields.
func (f *fields[V]) expect(n int) {
	const usual = 16 // bytes of a head
	f.list, f.heads = make([]headed[V], 0, n), make([]byte, 0, n*usual)
}

// head is what stands before a field's value.
func (f *fields[V]) head(i int) []byte {
	if i == 0 {
		return f.heads[:f.list[0].end]
	}
	return f.heads[f.list[i-1].end:f.list[i].end]
}

// object is what is written of a record.
type object struct {
	fields[write]

	// bare is what is written instead of an object.
	bare write
}

func (o *object) append(dst []byte) ([]byte, error) {
	if o.bare != nil {
		return o.bare(dst)
	}
	if len(o.list) == 0 {
		return append(dst, "{}"...), nil
	}
	var err error
	for i := range o.list {
		if dst, err = o.list[i].value(append(dst, o.head(i)...)); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// connection is what is written of a page, once its rows are.
type connection struct {
	fields[func(dst []byte, g group) []byte]

	level *level
}

func (c *connection) append(dst []byte, g group) []byte {
	if len(c.list) == 0 {
		return append(dst, "{}"...)
	}
	for i := range c.list {
		dst = c.list[i].value(append(dst, c.head(i)...), g)
	}
	return append(dst, '}')
}

// begin forgets what was read.
func (l *level) begin() {
	if l.draft == nil {
		l.draft = scratch.NewAnswer()
	}
	l.draft.Bytes = l.draft.Bytes[:0]
	l.rows, l.fragments, l.cursors = 0, l.fragments[:0], l.cursors[:0]
	if l.groups == nil && l.parent != nil {
		l.groups = map[[16]byte]group{}
	}
	clear(l.groups)
	clear(l.places)
	if l.holder != nil {
		l.holder.begin()
	}
}

// each writes the row that was scanned.
func (l *level) each() error {
	if l.parent != nil {
		g, known := l.groups[l.owner]
		switch {
		case !known:
			g = group{owner: l.owner, from: l.rows}
		case l.owner != l.last:
			return &aside{OfRows, l.main.of.name} // the rows of a parent must come together
		}
		g.to = l.rows + 1
		l.groups[l.owner], l.last = g, l.owner
	}
	var err error
	for _, part := range l.parts {
		if l.draft.Bytes, err = part.append(l.draft.Bytes); err != nil {
			return err
		}
		l.fragments = append(l.fragments, len(l.draft.Bytes))
	}
	if l.keeps {
		l.cursors = append(l.cursors, l.source.Page.Cursor(l.main.row))
	}
	if l.key != nil {
		l.places[l.key()] = l.rows
	}
	if l.holder != nil {
		l.holder.keep()
	}
	l.rows++
	return nil
}

// fragment is what one part wrote of a row.
func (l *level) fragment(row, part int) []byte {
	i := row*len(l.parts) + part
	start := 0
	if i > 0 {
		start = l.fragments[i-1]
	}
	return l.draft.Bytes[start:l.fragments[i]]
}

// whole is the group of a level that has no parents, and of those of one.
func (l *level) whole() group { return group{to: l.rows} }

func (l *level) of(owner [16]byte) group {
	g := l.groups[owner]
	g.owner = owner
	return g
}

// page is a group without the row that tells whether there are more.
func (l *level) page(g group) (on group, more bool) {
	if l.source.Page != nil && !l.source.Page.All && g.to-g.from > l.source.Page.Size {
		g.to, more = g.from+l.source.Page.Size, true
	}
	return g, more
}

// list writes what a part wrote of a group's rows.
func (l *level) list(dst []byte, g group, part int) []byte {
	g, _ = l.page(g)
	backward := l.source.Page != nil && l.source.Page.Backward
	dst = append(dst, '[')
	for i := range g.to - g.from {
		if i > 0 {
			dst = append(dst, ',')
		}
		row := g.from + i
		if backward {
			row = g.to - 1 - i
		}
		dst = append(dst, l.fragment(row, part)...)
	}
	return append(dst, ']')
}

// all writes the list of those of a level's rows that belong to a row.
func (l *level) all(r *record) write {
	owner := r.owner()
	return func(dst []byte) ([]byte, error) { return l.list(dst, l.of(owner()), 0), nil }
}

// part adds what is to be written of each row, and writes the list of it.
func (l *level) part(o *object) func(dst []byte, g group) []byte {
	n := len(l.parts)
	l.parts = append(l.parts, o)
	return func(dst []byte, g group) []byte { return l.list(dst, g, n) }
}

// cursor is the place of the row that was scanned.
func (l *level) cursor() func() string {
	l.main.need(l.source.Page.Columns...)
	return func() string { return l.source.Page.Cursor(l.main.row) }
}

func (l *level) keepCursors() {
	l.main.need(l.source.Page.Columns...)
	l.keeps = true
}

func (l *level) next(g group) bool {
	if l.source.Page.Backward {
		return l.source.Page.Continued
	}
	_, more := l.page(g)
	return more
}

func (l *level) previous(g group) bool {
	if !l.source.Page.Backward {
		return l.source.Page.Continued
	}
	_, more := l.page(g)
	return more
}

// end writes the cursor of a page's first or last row.
func (l *level) end(dst []byte, g group, first bool) []byte {
	g, _ = l.page(g)
	if g.from == g.to {
		return append(dst, "null"...)
	}
	if first != l.source.Page.Backward {
		return text(dst, l.cursors[g.from])
	}
	return text(dst, l.cursors[g.to-1])
}

func (l *level) total(dst []byte, g group) []byte {
	return appendInt(dst, l.counted[g.owner])
}
