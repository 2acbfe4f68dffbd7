package signal

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	// mostWaiting is how many counts wait while the database is slow: one for each kind that a company had in an hour.
	mostWaiting = 20_000
	// mostClaimed is how many companies are looked for that credentials claim and that may be made up.
	mostClaimed = 100
	// mostNamed is how many ids wait to be looked up, of one company and of all.
	mostNamed, mostNamedOfAll = 200, 2_000
	// mostKnown is how many ids are remembered that their companies have.
	mostKnown = 50_000
)

// Config is what a Watch needs.
type Config struct {
	DB  *postgres.DB
	Log *slog.Logger
	// Models are all models of all domains: where things of each type are.
	Models []any
	// Counted is told of signals that were written, of the company with this slug, "" for nobody; Lost of some that
	// weren't, and Unchecked of ids that weren't looked up. Each may be nil.
	Counted         func(company, kind string, n int64)
	Lost, Unchecked func(n int64)
}

// Request is what is to be known of one that is over.
type Request struct {
	// Scope is who asked, nil for nobody known.
	Scope *tenancy.Scope
	Evidence

	Took time.Duration
	Rows int64
	// Found is what was noticed, and IDs what the request named.
	Found []Found
	IDs   []id.Any
}

// Watch counts what requests are noticed for, and writes it some time after them, many at once: several servers' counts
// add up. One may be counted twice where the database's answer is lost.
type Watch struct {
	Config

	tables map[string]table
	known  *lru.Cache[thing, id.Store]

	mu       sync.Mutex
	activity map[activityKey]*took
	signals  map[signalKey]*counted
	claimed  map[id.Company]bool
	named    map[id.Company]map[naming]*named
	names    int
}

type activityKey struct {
	company id.Company
	hour    time.Time
}

type took struct{ requests, micros, rows int64 }

type signalKey struct {
	company id.Company // zero for nobody
	hour    time.Time
	kind    Kind
}

type counted struct {
	n int64
	Evidence
}

// thing is an id as a company names it.
type thing struct {
	company id.Company
	id      uuid.UUID
}

// New makes a Watch, which writes nothing until it runs.
func New(c Config) (*Watch, error) {
	known, err := lru.New[thing, id.Store](mostKnown)
	if err != nil {
		return nil, fmt.Errorf("remember ids: %w", err)
	}
	w := &Watch{Config: c, tables: tablesOf(c.Models), known: known}
	w.take(false)
	return w, nil
}

// Request takes note of a request. It doesn't wait.
func (w *Watch) Request(r *Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hour := r.LastAt.UTC().Truncate(time.Hour)
	if r.Scope != nil {
		w.took(activityKey{r.Scope.Company, hour}, took{1, r.Took.Microseconds(), r.Rows})
	}
	for _, f := range r.Found {
		company, e := f.Company, r.Evidence
		if r.Scope != nil && company.IsZero() {
			company = r.Scope.Company
		}
		if !f.User.IsZero() {
			e.UserID = &f.User
		}
		if !f.Register.IsZero() {
			e.AtRegisterID = &f.Register
		}
		if r.Scope == nil && !company.IsZero() && !w.claimed[company] {
			if len(w.claimed) >= mostClaimed {
				company = id.Company{}
			} else {
				w.claimed[company] = true
			}
		}
		w.count(signalKey{company, hour, f.Kind}, counted{1, e})
	}
	if r.Scope != nil {
		w.name(r)
	}
}

func (w *Watch) took(key activityKey, more took) {
	if sum := w.activity[key]; sum != nil {
		sum.requests, sum.micros, sum.rows = sum.requests+more.requests, sum.micros+more.micros, sum.rows+more.rows
	} else if len(w.activity) < mostWaiting {
		w.activity[key] = &more
	}
}

func (w *Watch) count(key signalKey, more counted) {
	sum := w.signals[key]
	switch {
	case sum != nil:
		if sum.n += more.n; !more.LastAt.Before(sum.LastAt) {
			sum.Evidence = more.Evidence
		}
	case len(w.signals) < mostWaiting:
		w.signals[key] = &more
	case w.Lost != nil:
		w.Lost(more.n)
	}
}

// pending is what waits to be written.
type pending struct {
	activity map[activityKey]*took
	signals  map[signalKey]*counted
}

// take gives all that waits; where only what was noticed is asked for, what requests took is left, but for those of the
// companies that it is about.
func (w *Watch) take(noticed bool) pending {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := pending{w.activity, w.signals}
	w.activity, w.signals, w.claimed = map[activityKey]*took{}, map[signalKey]*counted{}, map[id.Company]bool{}
	if noticed {
		about := map[id.Company]bool{}
		for key := range p.signals {
			about[key.company] = true
		}
		w.activity, p.activity = p.activity, w.activity
		for key, sum := range w.activity {
			if about[key.company] {
				p.activity[key] = sum
				delete(w.activity, key)
			}
		}
	}
	if w.named == nil {
		w.named = map[id.Company]map[naming]*named{}
	}
	return p
}

// giveBack puts what couldn't be written where it waits.
func (w *Watch) giveBack(p pending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, sum := range p.activity {
		w.took(key, *sum)
	}
	for key, sum := range p.signals {
		w.count(key, *sum)
	}
}

// Every is how often a Watch does what it does.
type Every struct {
	// Signals is how often what was noticed is written, and Activity what requests took: of every company that asks for
	// anything, so that it is much for something that is compared by the hour.
	Signals, Activity time.Duration
	// Look is how often ids are looked up, and Keep how often what is old is removed.
	Look, Keep time.Duration
}

// Run writes what waits, looks ids up and removes what is old, until ctx ends. Close it then.
func (w *Watch) Run(ctx context.Context, every Every) {
	flushes, sums := time.NewTicker(every.Signals), time.NewTicker(every.Activity)
	looks, keeps := time.NewTicker(every.Look), time.NewTicker(every.Keep)
	defer flushes.Stop()
	defer sums.Stop()
	defer looks.Stop()
	defer keeps.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-flushes.C:
			err = w.flush(ctx, w.take(true))
		case <-sums.C:
			err = w.Flush(ctx)
		case <-looks.C:
			err = w.Look(ctx)
		case <-keeps.C:
			err = w.Keep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "signals wait for the database", "error", err)
		}
	}
}

// Close looks ids up and writes all that waits, as far as ctx lets it.
func (w *Watch) Close(ctx context.Context) {
	err := w.Look(ctx)
	if flushed := w.Flush(ctx); flushed != nil {
		err = flushed
	}
	if err != nil {
		w.Log.ErrorContext(ctx, "signals are lost", "error", err)
	}
}

// activityRow and signalRow are what waits as the database's functions take it.
type activityRow struct {
	Hour     time.Time `json:"hour"`
	Requests int64     `json:"requests"`
	Micros   int64     `json:"micros"`
	RowsRead int64     `json:"rows_read"`
}

type signalRow struct {
	Company    *uuid.UUID `json:"company_id"`
	Hour       time.Time  `json:"hour"`
	Kind       Kind       `json:"kind"`
	Count      int64      `json:"occurrences"`
	UserID     *uuid.UUID `json:"user_id"`
	RegisterID *uuid.UUID `json:"at_register_id"`
	Evidence
}

func rowOf(key signalKey, c *counted) signalRow {
	row := signalRow{Hour: key.hour, Kind: key.kind, Count: c.n, Evidence: c.Evidence}
	if !key.company.IsZero() {
		row.Company = new(key.company.UUID())
	}
	if c.UserID != nil {
		row.UserID = new(c.UserID.UUID())
	}
	if c.AtRegisterID != nil {
		row.RegisterID = new(c.AtRegisterID.UUID())
	}
	return row
}

// Flush writes what waits. What couldn't be written goes on waiting.
func (w *Watch) Flush(ctx context.Context) error { return w.flush(ctx, w.take(false)) }

func (w *Watch) flush(ctx context.Context, all pending) error {
	nobody := map[signalKey]*counted{}
	for company, p := range all.byCompany(nobody) {
		if err := w.write(ctx, company, p, nobody); err != nil {
			maps.Copy(all.signals, nobody)
			w.giveBack(all)
			return err
		}
		for key := range p.activity {
			delete(all.activity, key)
		}
		for key := range p.signals {
			delete(all.signals, key)
		}
	}
	if err := w.writeOperators(ctx, nobody); err != nil {
		w.giveBack(pending{signals: nobody})
		return err
	}
	return nil
}

// byCompany parts what waits; what is for operators alone goes to the others.
func (p pending) byCompany(others map[signalKey]*counted) map[id.Company]pending {
	parts := map[id.Company]pending{}
	part := func(company id.Company) pending {
		if _, ok := parts[company]; !ok {
			parts[company] = pending{map[activityKey]*took{}, map[signalKey]*counted{}}
		}
		return parts[company]
	}
	for key, sum := range p.activity {
		part(key.company).activity[key] = sum
	}
	for key, sum := range p.signals {
		if key.company.IsZero() || key.kind == ForeignID {
			others[key] = sum
			delete(p.signals, key)
		} else {
			part(key.company).signals[key] = sum
		}
	}
	return parts
}

func (w *Watch) write(ctx context.Context, company id.Company, p pending, nobody map[signalKey]*counted) error {
	activity, signals := []activityRow{}, []signalRow{}
	for key, sum := range p.activity {
		activity = append(activity, activityRow{key.hour, sum.requests, sum.micros, sum.rows})
	}
	for key, sum := range p.signals {
		signals = append(signals, rowOf(key, sum))
	}
	added, err := w.DB.AddSignals(ctx, company, activity, signals)
	if err != nil {
		return err
	}
	if added.Slug == "" {
		// Somebody made this company up, or it is gone.
		for key, sum := range p.signals {
			key.company = id.Company{}
			if had := nobody[key]; had != nil {
				sum.n += had.n
			}
			nobody[key] = sum
		}
		return nil
	}
	for key, sum := range p.signals {
		w.tell(added.Slug, key.kind, sum.n)
	}
	for _, kind := range added.Alerted {
		w.tell(added.Slug, Kind(kind), 1)
	}
	return nil
}

func (w *Watch) writeOperators(ctx context.Context, signals map[signalKey]*counted) error {
	if len(signals) == 0 {
		return nil
	}
	rows := make([]signalRow, 0, len(signals))
	for key, sum := range signals {
		rows = append(rows, rowOf(key, sum))
	}
	if err := w.DB.AddOperatorSignals(ctx, rows); err != nil {
		return err
	}
	for key, sum := range signals {
		w.tell("", key.kind, sum.n)
	}
	return nil
}

func (w *Watch) tell(company string, kind Kind, n int64) {
	if w.Counted != nil {
		w.Counted(company, string(kind), n)
	}
}

// Keep removes what is older than 90 days.
func (w *Watch) Keep(ctx context.Context) error {
	return later.Each(ctx, w.DB.ReportCompanies, companyOf, func(c *postgres.Reporting) error {
		return w.DB.KeepSignals(ctx, c.Company)
	})
}

func companyOf(c *postgres.Reporting) id.Company { return c.Company }
