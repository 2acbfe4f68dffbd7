// Package localpg runs a private PostgreSQL for a tillgraph that was given no
// database: for a first look, a developer's machine, a single shop.
//
// Start finds the installed binaries (or fetches one pinned build when that is
// allowed), makes a data folder for their major version, and runs the server as
// a child on a unix socket in a folder that only its user can enter. There is no
// TCP port and no password: who can enter the folder is trusted.
//
// # One folder, one server
//
// Everything lives in Options.Dir: data-15 and so on, run (the socket), lock,
// postgres.log, and postgres-<version>-<platform> where binaries were fetched.
//
// The file lock carries an exclusive flock, and initdb and the server inherit
// its open file. It is therefore held for exactly as long as any process can
// touch the data, whatever became of the one that started it: a second Start
// either takes the lock, and then nothing is alive here and leftovers may be
// cleared, or it does not, and then there is a server to reuse or to wait for.
// Process ids are not asked for this, since they are used again, most of all in
// containers.
//
// What is made in several steps (initdb, unpacking) is made under a temporary
// name and renamed, so that a kill leaves something to delete and never
// something that looks whole.
//
// # Who stops it
//
// The process whose Start ran the server stops it. On Linux it stops as well
// when that process dies without a word, because the kernel sends it SIGINT
// (PostgreSQL's fast shutdown) then; elsewhere it is left running and the next
// Start reuses it. A process that reuses a server loses it when its owner stops.
//
// # Root
//
// PostgreSQL refuses to run as root, so root runs it as the account postgres,
// else as nobody. That account must be able to walk to Options.Dir, which is why
// DefaultDir is not in root's home. A folder below the system's temporary one is
// opened to that account's group (search only); any other that bars the way is
// an error, because opening it is its owner's decision.
package localpg
