package cli

import (
	"context"
	"log/slog"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/report"
)

const (
	// foldEvery is how often the sums of reports are brought up to date, where something was sold, and foldSweep where
	// nobody said so. What waits is added up as a report is asked for, so that none is ever behind; and what is folded together
	// changes the rows of the sums once.
	foldEvery, foldSweep = 10 * time.Second, time.Minute
	// sealEvery is how often what was written to the trail is sealed, and sealSweep where nobody said so. A company costs
	// as much as twenty of its records.
	sealEvery, sealSweep = 5 * time.Second, time.Minute
	// recordEvery is how often records of accesses are written: what a company has in that time is written at once.
	recordEvery = 2 * time.Second
)

// upkeep does, some time after them, what changes leave to be done: the sums of reports, and the seals of the trail.
type upkeep struct {
	folder *report.Folder
	sealer *audit.Sealer
}

func newUpkeep(db *postgres.DB, log *slog.Logger) *upkeep {
	return &upkeep{folder: report.NewFolder(db, log), sealer: audit.NewSealer(db, log)}
}

// run works in the background until it is told to stop.
func (u *upkeep) run(ctx context.Context) (stop func()) {
	fold := inBackground(ctx, func(ctx context.Context) { u.folder.Run(ctx, foldEvery, foldSweep) })
	seal := inBackground(ctx, func(ctx context.Context) { u.sealer.Run(ctx, sealEvery, sealSweep) })
	return func() { seal(); fold() }
}

// sold is told of the company of each sale and each void.
func (u *upkeep) sold(company id.Company) { u.folder.Mark(company) }

// changed is told of the company of each change, a sale as well.
func (u *upkeep) changed(company id.Company) { u.sealer.Mark(company) }

// record writes the records of accesses until it is told to stop, and then what waits, for so long at most.
func record(ctx context.Context, recorder *audit.Recorder, patience time.Duration) (stop func()) {
	end := inBackground(ctx, func(ctx context.Context) { recorder.Run(ctx, recordEvery) })
	return func() {
		end()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		recorder.Close(ctx)
	}
}
