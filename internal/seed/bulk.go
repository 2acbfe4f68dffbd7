package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

const (
	// bulkDays is how far back the sales of a bulk run go.
	bulkDays = 730
	// bulkWorkers is the least that are written at once of companies, each over a connection of its own; with more
	// processors there are more.
	bulkWorkers = 2
	// bulkBatch is how many sales go into one transaction. Between 250 and 4000 it makes no difference: the time goes
	// into checking keys and keeping indexes.
	bulkBatch = 1000
	// maxBulkCompanies is what the four digits of a slug hold.
	maxBulkCompanies = 9999
)

// BulkOptions say how much to make.
type BulkOptions struct {
	Options
	// Companies is how many, 1 to 9999; Sales is how many all of them make together.
	Companies int
	Sales     int64
	// Batch is how many sales go into one transaction, 1000 unless told.
	Batch int
	// KeysBySet checks what rows refer to when a company is whole, a key at a time, rather than row by row, which takes
	// as long as all else. The connections' role must be allowed to set session_replication_role.
	KeysBySet bool
	// Progress is called now and then, from one goroutine at a time; it may be nil.
	Progress func(Progress)
}

func (o BulkOptions) validate() error {
	if o.Companies < 1 || o.Companies > maxBulkCompanies {
		return fmt.Errorf("the number of companies must be between 1 and %d", maxBulkCompanies)
	}
	if o.Sales < 0 {
		return errors.New("the number of sales must not be negative")
	}
	return nil
}

// Bulk makes many companies, bulk-0001 and on: a few large chains and many single shops, with sales over two
// years. Each has an owner, owner@bulk-0001.example and so on, with Password.
//
// What a company has is written in many transactions, so that an interrupted run leaves stores whose stock is
// ahead of their sales: start again in a fresh database. Errors: ErrCompaniesExist, before anything is written.
func Bulk(ctx context.Context, connect func(context.Context) (*pgx.Conn, error), o BulkOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	hash, err := prepareBulk(ctx, connect, o)
	if err != nil {
		return err
	}
	b := &bulk{o: o, hash: hash, period: bulkPeriod(o.Now())}
	b.meter = newMeter(o.Sales, o.Now, o.Progress)
	// The largest come first, so that no worker is left with one at the end.
	plans := planBulk(o.Seed, o.Companies, o.Sales)
	err = each(ctx, connect, plans, func(ctx context.Context, conn *pgx.Conn, plan bulkPlan) error {
		if err := b.company(ctx, conn, plan); err != nil {
			return fmt.Errorf("make company %s: %w", plan.slug(), err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var companies []uuid.UUID
	err = withConn(ctx, connect, func(conn *pgx.Conn) error {
		if err := analyze(ctx, conn); err != nil {
			return err
		}
		companies, err = bulkCompanies(ctx, conn)
		return err
	})
	if err != nil {
		return err
	}
	// What a transaction wrote can be sealed when none goes on that began before it.
	return each(ctx, connect, companies, seal)
}

// each does something with all jobs, several at once, over a connection for each worker.
func each[T any](
	ctx context.Context, connect func(context.Context) (*pgx.Conn, error), jobs []T,
	do func(context.Context, *pgx.Conn, T) error,
) error {
	group, ctx := errgroup.WithContext(ctx)
	queue := make(chan T, len(jobs))
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	for range max(bulkWorkers, runtime.GOMAXPROCS(0)) {
		group.Go(func() error {
			return withConn(ctx, connect, func(conn *pgx.Conn) error {
				for job := range queue {
					if err := do(ctx, conn, job); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	return group.Wait()
}

// prepareBulk refuses to go on where companies of an earlier run are, and hashes the password.
func prepareBulk(ctx context.Context, connect func(context.Context) (*pgx.Conn, error), o BulkOptions) (string, error) {
	err := withConn(ctx, connect, func(conn *pgx.Conn) error {
		var exist bool
		err := conn.QueryRow(ctx, `select exists (select from company_directory where slug ~ '^bulk-[0-9]{4}$')`).Scan(&exist)
		if err != nil {
			return fmt.Errorf("look for companies of an earlier run: %w", err)
		}
		if exist {
			return ErrCompaniesExist
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	hash, err := o.HashPassword(ctx, Password)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return hash, nil
}

// bulkPeriod ends two days ago, so that its last day is over in every time zone and all sales that were asked for
// have happened.
func bulkPeriod(now time.Time) period {
	y, m, d := now.UTC().Date()
	return period{days: bulkDays, until: time.Date(y, m, d-2, 23, 59, 59, 0, time.UTC), whole: true}
}

// withConn opens a connection for do.
func withConn(ctx context.Context, connect func(context.Context) (*pgx.Conn, error), do func(*pgx.Conn) error) (err error) {
	conn, err := connect(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	return do(conn)
}

// bulkCompanies are those that bulk runs made.
func bulkCompanies(ctx context.Context, conn *pgx.Conn) ([]uuid.UUID, error) {
	rows, err := conn.Query(ctx, `select company_id from company_directory where slug ~ '^bulk-[0-9]{4}$' order by slug`)
	if err != nil {
		return nil, fmt.Errorf("look up the companies: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look up the companies: %w", err)
	}
	return ids, nil
}

// bulk is one run.
type bulk struct {
	o      BulkOptions
	hash   string
	period period
	meter  *meter
}

func (b *bulk) company(ctx context.Context, conn *pgx.Conn, plan bulkPlan) error {
	// Numbers of the demo's companies are small: these are beyond them.
	number := plan.number + 1000
	c, err := newCompany(plan.spec(newDice(b.o.Seed, number, purposePlan)), b.o.Seed, number, b.period.opened())
	if err != nil {
		return err
	}
	err = inScope(ctx, conn, c.id, c.storeIDs(), func(tx pgx.Tx) error {
		if err := unsafely(ctx, tx, false); err != nil {
			return err
		}
		return writeCompany(ctx, tx, c, b.hash)
	})
	if err != nil {
		return err
	}
	if !b.o.KeysBySet {
		if err := analyzeSmall(ctx, conn); err != nil {
			return err
		}
	}
	for _, s := range c.stores {
		if err := b.store(ctx, conn, c, s); err != nil {
			return fmt.Errorf("store %s: %w", s.code, err)
		}
	}
	return inScope(ctx, conn, c.id, c.storeIDs(), func(tx pgx.Tx) error {
		if err := unsafely(ctx, tx, b.o.KeysBySet); err != nil {
			return err
		}
		if err := fold(ctx, tx, c.id); err != nil || !b.o.KeysBySet {
			return err
		}
		return checkKeys(ctx, tx, c.id)
	})
}

// store writes a store's stock and its sales, a batch to a transaction.
func (b *bulk) store(ctx context.Context, conn *pgx.Conn, c *company, s *store) error {
	var rows *saleRows
	err := b.inStore(ctx, conn, c, s, func(tx pgx.Tx) (err error) {
		rows, err = openStore(ctx, tx, c, s, b.period, b.o.Seed)
		return err
	})
	if err != nil {
		return err
	}
	flush := func() error {
		count := rows.len()
		if err := b.inStore(ctx, conn, c, s, func(tx pgx.Tx) error { return rows.flush(ctx, tx) }); err != nil {
			return err
		}
		if outgrown := b.meter.add(int64(count)); !outgrown || b.o.KeysBySet {
			return nil
		}
		return analyze(ctx, conn)
	}
	err = newTrade(c, s, b.period, b.o.Seed).each(func(k *ticket) error {
		if err := rows.add(k); err != nil || rows.len() < cmp.Or(b.o.Batch, bulkBatch) {
			return err
		}
		return flush()
	})
	if err != nil {
		return err
	}
	if rows.len() == 0 {
		return nil
	}
	return flush()
}

// inStore keeps the scope to one store: the policy compares each row with every store of the scope.
func (b *bulk) inStore(ctx context.Context, conn *pgx.Conn, c *company, s *store, do func(pgx.Tx) error) error {
	return inScope(ctx, conn, c.id, []uuid.UUID{s.id}, func(tx pgx.Tx) error {
		if err := unsafely(ctx, tx, b.o.KeysBySet); err != nil {
			return err
		}
		return do(tx)
	})
}
