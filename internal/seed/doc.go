// Package seed fills a database: with three small demo companies that show what the product does, or with as many
// companies and sales as it takes to measure it.
//
// It works over a direct connection as the owner of the tables. They force row-level security on their owner too,
// so that every transaction first names the company and the stores that it writes, one company per transaction.
// Rows go in as arrays that a statement unnests: COPY isn't allowed into tables under row-level security.
//
// Much data for measuring is written without checking for each row what it refers to, which takes as long as all else:
// where a connection may turn that off, all keys of a company are checked at once when it is whole. Policies hold as ever,
// and what is added is written to the trail a statement at a time, and sealed at the end.
//
// All data comes from a seeded source and a clock that is handed in: the same seed on the same day gives the same
// rows. What a sale comes to is calculated by package sale, as for a real one.
//
// A store's sales are generated twice from one seed. The first pass only counts, so that stock that was never
// received could have been there from the start; the second pass writes. So memory doesn't grow with the sales.
package seed

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Password is the password of every user that this package makes.
const Password = "demo-password"

var (
	// ErrNotEmpty says that the database holds companies that the demo didn't make.
	ErrNotEmpty = errors.New("the database holds other companies already: demo data is for an empty one")
	// ErrCompaniesExist says that the companies of a bulk run are there already; nothing was written.
	ErrCompaniesExist = errors.New("companies of an earlier bulk run exist already: use a fresh database")
)

// Options are what both kinds of data are made with. All but Seed are required.
type Options struct {
	// Now ends the period in which sales happen.
	Now    func() time.Time
	Logger *slog.Logger
	// Seed decides everything that is random.
	Seed uint64
	// HashPassword makes what the log-in compares with. It is called once.
	HashPassword func(ctx context.Context, password string) (string, error)
}
