// Package migrations holds the database's schema as an ordered list of SQL files, embedded in the binary.
//
// Each change is a pair <timestamp>_<name>.tx.up.sql and .tx.down.sql; ".tx." makes the file one transaction.
// A table that has tenant_id gets its policy (call tillgraph.protect), its composite keys and its grants in
// the migration that makes it.
package migrations

import "embed"

// Files are the migrations, in the order of their names.
//
//go:embed *.sql
var Files embed.FS
