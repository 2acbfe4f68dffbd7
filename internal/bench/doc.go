// Package bench measures the server against a limit: a handler that is written by hand for each request, without
// GraphQL, over the same database.
//
// The limit verifies the same tokens, enters the same scope under the same policies as the same restricted role, sends
// one batch a request and writes JSON as the rows come. What it does in a second is what the machine and the database
// give; what the server reaches of it is what GraphQL, the layers of isolation and generality cost. Both run as processes
// of their own, so that their processor time can be told apart, and take turns in short slices: a machine that is busy
// with something else slows both.
//
// Before anything is measured, both must answer every kind of request alike. A sale (M1) is another one each time, so that of
// its answer what names and numbers it isn't compared; that both leave the same rows behind is a test of this package.
//
// The limit does what a request needs, and no more. It leaves out what the server does for every request: the record of
// who looked at what, signals of strange use, metrics, limits of rate and cost, and the check of permissions beyond what
// row-level security holds. Of a sale it locks what it changes, looks prices, price lists, taxes, stock, the till session
// and availability up, and writes what the server writes, the trail by its triggers included; in two round trips, where
// the server reads first, so that it can name everything that is wrong at once without a lock. It leaves out what a sale
// of three plain products doesn't have: barcodes, discounts, customers, gift cards, returns, parked sales, approvals,
// batches, receipt numbers of the till's own, more than one tax a line, rounding to coins, a product's first movement in a
// store, answers to a key that came before, and sentences on what is wrong. What sums the sales up afterwards runs in the
// server's process alone, for the limit's sales too: it counts to the database's processor time of whoever's turn it is.
package bench
