// Package cli is the program around the server: commands, settings, the start and the stop.
//
// With no database configured it works on a private PostgreSQL (package localpg), which it also prepares: roles,
// schema, demo data, signing key. With one configured it changes nothing that it wasn't told to change.
//
// Standard output carries what was asked for (a token, the schema, the table of migrations, the banner of a
// server that is ready) and can be piped; standard error carries the log and what went wrong.
//
// Nothing here reads the process's globals but [Main]: arguments, environment, outputs, clock and randomness are
// handed in, so that a test runs whole commands beside each other.
package cli
