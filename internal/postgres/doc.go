// Package postgres is the only way to the database, and layers one and three of the isolation.
//
// bun builds statements and pgx carries them. A [Handle] is a bun handle bound to one request's scope: whatever
// is built on it reads a company's tables through sub-selects that name the company (and the stores, and the
// register), and writes them through the hooks of the scoped bases ([TenantOwned], [StoreOwned],
// [RegisterOwned]). The bun handle itself has no connection: a statement reaches the database only through
// [Handle.Read] or [DB.Write], which render it, check its text once more ([inspect]), lift its literals into
// parameters so that it stays prepared, and send it after tillgraph.enter in the same round trip. Rows that are new and
// nothing else ([Handle.Add]) are written from their model as bun would write them, and have nothing to be checked.
//
// The server logs in as a role that may do nothing but enter a scope, so that a statement that came some other
// way is refused by the database ([Verify] checks that at start).
//
// Reads go to a pool that is read-only and repeatable read, all statements of one call in one implicit
// transaction: they see one snapshot. Writes are one explicit transaction, whose BEGIN and entry travel with
// its first statements.
package postgres
