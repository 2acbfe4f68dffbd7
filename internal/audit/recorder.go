package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	// recordsAtOnce is how many records of a company go in one transaction.
	recordsAtOnce = 500
	// DefaultWaiting is how many records wait at most: some seconds of a busy server.
	DefaultWaiting = 20_000
)

// RecorderConfig is what a Recorder needs.
type RecorderConfig struct {
	DB  *postgres.DB
	Log *slog.Logger
	Now func() time.Time
	// Most is how many records wait while the database is slow; what comes then is counted and not kept.
	Most int
	// Wrote is told of the company of records that were written, Dropped of a record that wasn't; either may be nil.
	Wrote   func(id.Company)
	Dropped func()
}

// Recorder writes the records of accesses, some time after them and many at once.
type Recorder struct {
	RecorderConfig

	mu      sync.Mutex
	waiting map[id.Company][]*Access
	count   int
	lost    map[id.Company]int64
}

// NewRecorder makes a Recorder, which writes nothing until it runs.
func NewRecorder(c RecorderConfig) *Recorder {
	if c.Most == 0 {
		c.Most = DefaultWaiting
	}
	return &Recorder{RecorderConfig: c, waiting: map[id.Company][]*Access{}, lost: map[id.Company]int64{}}
}

// Add has a record written. It doesn't wait: where too many do already, it counts that one is lost.
func (r *Recorder) Add(a *Access) {
	a.ID = id.New[id.AuditAccess]()
	r.mu.Lock()
	full := r.count >= r.Most
	if full {
		r.lost[a.TenantID]++
	} else {
		r.waiting[a.TenantID] = append(r.waiting[a.TenantID], a)
		r.count++
	}
	r.mu.Unlock()
	if full && r.Dropped != nil {
		r.Dropped()
	}
}

// Run writes what waits, every so often, until ctx ends. Close it then.
func (r *Recorder) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
				r.Log.ErrorContext(ctx, "records of accesses wait for the database", "error", err, "waiting", r.Waiting())
			}
		}
	}
}

// Close writes all that waits, trying again until ctx ends, and says in the log what is left then.
func (r *Recorder) Close(ctx context.Context) {
	const pause = 100 * time.Millisecond
	for {
		err := r.Flush(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			r.Log.ErrorContext(ctx, "records of accesses are lost", "error", err, "records", r.Waiting())
			return
		case <-time.After(pause):
		}
	}
}

// Waiting is how many records wait.
func (r *Recorder) Waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// Flush writes what waits. What couldn't be written goes on waiting.
func (r *Recorder) Flush(ctx context.Context) error {
	for {
		company, batch, found := r.take()
		if !found {
			return nil
		}
		if err := r.write(ctx, company, batch); err != nil {
			r.giveBack(company, batch)
			return err
		}
		if r.Wrote != nil {
			r.Wrote(company)
		}
	}
}

// take gives some records of a company that wait, and one of what was lost.
func (r *Recorder) take() (company id.Company, batch []*Access, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for company, lost := range r.lost {
		delete(r.lost, company)
		a := &Access{ID: id.New[id.AuditAccess](), At: r.Now(), Kind: Lost, Outcome: Failed, Lost: lost}
		return company, []*Access{a}, true
	}
	for company, all := range r.waiting {
		n := min(len(all), recordsAtOnce)
		r.count -= n
		if n == len(all) {
			delete(r.waiting, company)
		} else {
			r.waiting[company] = all[n:]
		}
		return company, all[:n:n], true
	}
	return company, nil, false
}

func (r *Recorder) giveBack(company id.Company, batch []*Access) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch[0].Kind == Lost {
		r.lost[company] += batch[0].Lost
		return
	}
	r.waiting[company] = append(batch, r.waiting[company]...)
	r.count += len(batch)
}

// row is an Access as tillgraph.audit_access takes it.
type row struct {
	StoreID      uuid.UUID   `json:"store_id"`
	ID           uuid.UUID   `json:"id"`
	At           time.Time   `json:"at"`
	UserID       *uuid.UUID  `json:"user_id"`
	AtRegisterID *uuid.UUID  `json:"at_register_id"`
	Operator     string      `json:"operator"`
	Address      string      `json:"address"`
	RequestID    string      `json:"request_id"`
	Operation    string      `json:"operation"`
	Kind         Kind        `json:"kind"`
	Document     string      `json:"document"`
	Types        []string    `json:"types"`
	StoreIDs     []uuid.UUID `json:"store_ids"`
	Rows         int         `json:"rows_answered"`
	Micros       int64       `json:"micros"`
	Outcome      Outcome     `json:"outcome"`
	Codes        []string    `json:"codes"`
	Lost         int64       `json:"lost"`
}

func (r *Recorder) write(ctx context.Context, company id.Company, batch []*Access) error {
	rows := make([]row, len(batch))
	for i, a := range batch {
		rows[i] = row{
			StoreID: a.StoreID.UUID(), ID: a.ID.UUID(), At: a.At, Operator: a.Operator, Address: a.Address,
			RequestID: a.RequestID, Operation: a.Operation, Kind: a.Kind, Document: a.Document,
			Types: append([]string{}, a.Types...), StoreIDs: append([]uuid.UUID{}, a.StoreIDs...), Rows: a.Rows,
			Micros: a.Micros, Outcome: a.Outcome, Codes: append([]string{}, a.Codes...), Lost: a.Lost,
		}
		if a.UserID != nil {
			rows[i].UserID = new(a.UserID.UUID())
		}
		if a.AtRegisterID != nil {
			rows[i].AtRegisterID = new(a.AtRegisterID.UUID())
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write records of accesses: %w", err)
	}
	return r.DB.RecordAccesses(ctx, company, string(text))
}
