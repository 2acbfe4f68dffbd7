package company

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	// checkEvery is how long a record that was found is believed, and missingFor how long it may be missing before its
	// host names the company no more.
	checkEvery = 24 * time.Hour
	missingFor = 14 * 24 * time.Hour
	// checkAtOnce is how many are looked for before the database is asked for more.
	checkAtOnce = 50
)

// Recheck looks for the records of all hosts that were not looked for in a day. A name server that doesn't answer
// takes nothing from anybody. Several servers may do so at once.
func (d *Domains) Recheck(ctx context.Context, log *slog.Logger) error {
	now := d.Now()
	for {
		due, err := d.DB.DomainsDue(ctx, now.Add(-checkEvery), checkAtOnce)
		if err != nil || len(due) == 0 {
			return err
		}
		for _, one := range due {
			if err := d.recheck(ctx, one, now, log); err != nil {
				return err
			}
		}
	}
}

func (d *Domains) recheck(ctx context.Context, one postgres.ProvedDomain, now time.Time, log *slog.Logger) error {
	records, err := d.records(ctx, &Domain{Host: one.Host})
	switch {
	case ctx.Err() != nil:
		return errors.Join(err, ctx.Err())
	case err != nil:
		records = nil
	case records == nil:
		records = []string{}
	}
	outcome, err := d.DB.DomainChecked(ctx, one, records, now, now.Add(-missingFor))
	if err == nil && outcome == "LAPSED" {
		log.WarnContext(ctx, "a host names its company no more: its record has been missing for too long",
			"host", one.Host, "company", one.Company.String())
	}
	return err
}

// Keep rechecks every so often until ctx ends.
func (d *Domains) Keep(ctx context.Context, every time.Duration, log *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := d.Recheck(ctx, log); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "companies' hosts were not looked for again", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
