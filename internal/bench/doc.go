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
// its answer what names and numbers it isn't compared; that both leave the same rows behind, the record of each access
// included, is a test of this package.
//
// The limit does what a request needs, and no more. It leaves out what the server does for every request: signals of
// strange use, metrics, limits of rate and cost, the check of permissions beyond what row-level security holds, and whether
// what is known of who asks still holds. Of a sale it locks what it changes, looks prices, price lists, taxes, stock, the till
// session and availability up, and writes what the server writes, the trail by its triggers included; in two round trips,
// as the server does where it knows the register, the store and the taxes. It leaves out what a sale
// of three plain products doesn't have: barcodes, discounts, customers, gift cards, returns, parked sales, approvals,
// batches, receipt numbers of the till's own, more than one tax a line, rounding to coins, a product's first movement in a
// store, answers to a key that came before, and sentences on what is wrong.
//
// What a request leaves to be done some time after it, each side does for its own, as often and with the same code: the records
// of accesses, and of sales the sums of reports and the seals of the trail. A turn begins with as long unmeasured as it is
// measured, so that as much is done in it as it leaves to be done. Turns of 2 s have all of the records in them; those that sell
// are five times as long for the sums, and begin when these hold all sales. Without records of accesses (--unrecorded) the
// limit does less than who leaves the same behind, and is what a server could reach that kept none.
//
// That a company's requests don't slow down as others grow is a test, too, by what they read and not by the clock. These
// are the statements of each request for the larger of two seeded companies with 400 sales, run again as the others became a hundred
// times as much (a look is one into an index or at a table, and an index that a row is written to):
//
//	     others x1              others x10             others x100
//	Q1     1 rows    3 pages      1 rows    3 pages      1 rows    3 pages
//	Q2    34 rows    5 pages     34 rows    8 pages     34 rows    9 pages
//	Q3   316 rows  454 pages    372 rows  459 pages    381 rows  793 pages
//	Q4     9 rows   89 pages      9 rows   19 pages      9 rows   20 pages
//	Q5   581 rows  640 pages    485 rows  654 pages    405 rows  731 pages
//	M1    31 rows  830 pages     34 rows  859 pages    507 rows  905 pages
//
// Where the numbers differ, the plan is another: a handful of stores and registers is read whole while the tables are small,
// and looked up row by row when they aren't; of a store's 200 products M1 reads the stock of all rather than look three up.
//
// Nor do they as a company's own history grows: with 25 times the sales, by the plans that a connection keeps, Q2 reads 51 rows,
// Q3 417 and Q5 414.
package bench
