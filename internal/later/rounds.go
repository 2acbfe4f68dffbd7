package later

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

const (
	// mostListed is how many companies one look is at.
	mostListed = 500
	// mostTogether is for how many companies something is done at once.
	mostTogether = 50
)

// RoundsConfig is what Rounds do.
type RoundsConfig struct {
	Log *slog.Logger
	// Failed is what stands in the log where something fails, which is then tried again.
	Failed string
	// Again is in how many rounds a company is looked at after it was marked: in one unless told.
	Again int
	// Do is done for a company that was marked, and Sweep for all that there are.
	Do    func(context.Context, id.Company) error
	Sweep func(context.Context) error
	// Together does for several what Do does for one; nil where that isn't cheaper. Where it fails, each is done by itself.
	Together func(context.Context, []id.Company) error
}

// Rounds do what is due for companies, some time after it was, and for many at once. Several may run, of several
// servers: what one leaves behind, the next one's sweep finds.
type Rounds struct {
	config RoundsConfig

	mu    sync.Mutex
	dirty map[id.Company]int
}

// NewRounds makes Rounds, which do nothing until they run.
func NewRounds(c RoundsConfig) *Rounds {
	c.Again = max(c.Again, 1)
	return &Rounds{config: c, dirty: map[id.Company]int{}}
}

// Mark says that something is due for a company. It doesn't wait.
func (r *Rounds) Mark(company id.Company) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty[company] = r.config.Again
}

// Run does what is due for the companies that were marked, every so often, and now and then for all. It ends with ctx.
func (r *Rounds) Run(ctx context.Context, every, sweep time.Duration) {
	tick, whole := time.NewTicker(every), time.NewTicker(sweep)
	defer tick.Stop()
	defer whole.Stop()
	r.swept(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.round(ctx)
		case <-whole.C:
			r.swept(ctx)
		}
	}
}

func (r *Rounds) round(ctx context.Context) {
	for companies := range slices.Chunk(r.due(), mostTogether) {
		if r.config.Together == nil || r.config.Together(ctx, companies) != nil {
			r.each(ctx, companies)
		}
	}
}

func (r *Rounds) each(ctx context.Context, companies []id.Company) {
	for _, company := range companies {
		if err := r.config.Do(ctx, company); err != nil {
			r.failed(ctx, err)
			r.Mark(company)
		}
	}
}

func (r *Rounds) due() []id.Company {
	r.mu.Lock()
	defer r.mu.Unlock()
	companies := make([]id.Company, 0, len(r.dirty))
	for company, rounds := range r.dirty {
		companies = append(companies, company)
		if r.dirty[company] = rounds - 1; rounds <= 1 {
			delete(r.dirty, company)
		}
	}
	return companies
}

func (r *Rounds) swept(ctx context.Context) {
	if err := r.config.Sweep(ctx); err != nil {
		r.failed(ctx, err)
	}
}

func (r *Rounds) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.config.Log.ErrorContext(ctx, r.config.Failed, "error", err)
	}
}

// Each does something for every company, which list gives in the order of their ids, so many after one at a time.
func Each[C any](
	ctx context.Context, list func(ctx context.Context, after *id.Company, most int) ([]C, error), of func(C) id.Company,
	do func(C) error,
) error {
	var last *id.Company
	for {
		companies, err := list(ctx, last, mostListed)
		if err != nil {
			return err
		}
		for _, company := range companies {
			if err := do(company); err != nil {
				return err
			}
			last = new(of(company))
		}
		if len(companies) < mostListed {
			return nil
		}
	}
}
