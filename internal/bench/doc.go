// Package bench measures the server against a limit: a handler that is written by hand for each request, without
// GraphQL, over the same database.
//
// The limit verifies the same tokens, enters the same scope under the same policies as the same restricted role, sends
// one batch a request and writes JSON as the rows come. What it does in a second is what the machine and the database
// give; what the server reaches of it is what GraphQL, the layers of isolation and generality cost. Both run as processes
// of their own, so that their processor time can be told apart, and take turns in short slices: a machine that is busy
// with something else slows both.
//
// Before anything is measured, both must answer every kind of request alike.
package bench
