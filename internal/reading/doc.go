// Package reading answers a field of Query as a whole: its selection becomes a few statements that go to the database
// in one batch, and the JSON is written while the rows come. Nothing below the field runs in gqlgen. On lists that is
// several times as fast as a resolver for each field of each row.
//
// The resolvers with their loaders remain the reference and answer all that this package does not cover: both must
// give the same bytes, and where anything is in doubt it stands aside. It goes like this:
//
//   - A [Table] says of each type how its fields are read. Most of it is derived: from the bun model (columns), the
//     schema (names, nullability, directives) and the generated code (which fields have resolvers). Relations are named
//     one a line, by the very function of the domain that the loader calls ([One], [Sole], [Many], [Pages], and [Told] where
//     the field's arguments say what is read, as the store of a price does).
//   - A field of Query begins an [Attempt]. It goes on to the field's resolver as ever, and so through its directives
//     and the domain's checks, until the domain is about to read a list: there package page asks whether somebody takes
//     over ([page.Taker]). So filters, orders, cursors and their errors are the domain's alone.
//   - What was taken is planned (plan.go): the selection is walked once, every field's directives are checked as they
//     would be for each row, and each relation's function is called with a taker that notes what it was about to read.
//     An object that a row points at is joined to it; a list below it is one more statement, whose parents are the
//     parent's own query (query.go). bun builds all of it on the handle of the request, so that every table stands in
//     its scoped sub-select, and the policies of the database hold as ever.
//   - What a function of the domain makes of a row and of what belongs to it (figure.go), such as a sale's taxes by rate, is
//     made by the same function as the resolver's: of the row, of the one joined to it, or of others that are kept when
//     they are read.
//   - Rows are scanned into one object of the model a level, which is written at once and reused (level.go, value.go).
//     Children come before their parents, so that a parent's JSON takes in its children's.
//
// Two kinds of fields have no list that somebody could take over. Objects that are found by ids of several types
// (nodes.go) are a level a type. What a domain makes in Go (made.go), such as a report, is made by the field's resolver,
// as ever, and written without gqlgen then: a type of it ([Made]) is derived from its struct and methods, and what its
// parts point at ([Points]) is read at once, after a first pass over the objects has gathered the ids.
//
// A plan is kept for when its document comes again, whoever sends it (kept.go): what it is to read is looked for anew each time,
// and the statements are built anew, since these are the request's.
//
// It stands aside for what it doesn't know: a field without a line in the table, a directive that it doesn't know, a
// permission that isn't held, or that is held in fewer stores than the request reaches (the resolvers narrow the scope
// below such a field), a mutation, and rows that turn out to have no value where the schema promises one, whose errors
// are for the resolvers to tell.
//
// All statements of an answer are one batch in one implicit transaction of the pool for reading, which is repeatable
// read: they see one snapshot. The statements' texts depend on the selection and the page's size; pgx keeps as many of
// them prepared as the settings say and forgets those least used.
package reading
