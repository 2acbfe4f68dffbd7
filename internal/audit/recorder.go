package audit

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	// recordsAtOnce is how many records go in one transaction, and companiesAtOnce of how many companies: each of them is a lock.
	// What is sent stands in memory several times over, a kilobyte a record.
	recordsAtOnce, companiesAtOnce = 500, 500
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
	// Dropped is told of each record that is lost; it may be nil.
	Dropped func()
}

// Recorder writes the records of accesses and seals them, some time after them and many at once.
type Recorder struct {
	RecorderConfig

	mu      sync.Mutex
	waiting map[id.Company][]*Access
	count   int
	lost    map[id.Company]int64
	// unsure says that some of what waits may be written already: the answer was lost.
	unsure bool
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
		if err == nil && r.Waiting() == 0 {
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

// Flush writes what waits; what comes meanwhile is written together, the next time. What couldn't be written goes on waiting.
func (r *Recorder) Flush(ctx context.Context) error {
	for left := r.Waiting(); ; {
		batches, again := r.take()
		if len(batches) == 0 {
			return nil
		}
		for _, one := range batches {
			left -= len(one.records)
		}
		if r.write(ctx, again, batches...) != nil {
			// What one company has must not hold up the others.
			if err := r.writeEach(ctx, batches); err != nil {
				return err
			}
		}
		if left <= 0 {
			return nil
		}
	}
}

// batch is what is written of one company at once.
type batch struct {
	company id.Company
	records []*Access
}

// take gives some records that wait, of each company, and one of what was lost of it, and says whether some may be written
// already.
func (r *Recorder) take() (batches []batch, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	again = r.unsure
	n := 0
	for company, all := range r.waiting {
		some := all[:min(len(all), recordsAtOnce-n)]
		n += len(some)
		if len(some) == len(all) {
			delete(r.waiting, company)
		} else {
			r.waiting[company] = all[len(some):]
		}
		batches = append(batches, batch{company, slices.Clip(some)})
		if n == recordsAtOnce || len(batches) == companiesAtOnce {
			break
		}
	}
	r.count -= n
	r.unsure = r.unsure && len(r.waiting) > 0
	for company, lost := range r.lost {
		if len(batches) == companiesAtOnce {
			break
		}
		delete(r.lost, company)
		a := &Access{ID: id.New[id.AuditAccess](), At: r.Now(), Kind: Lost, Outcome: Failed, Lost: lost}
		batches = append(batches, batch{company, []*Access{a}})
	}
	return batches, again
}

func (r *Recorder) giveBack(b batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsure = true
	if b.records[0].Kind == Lost {
		r.lost[b.company] += b.records[0].Lost
		return
	}
	r.waiting[b.company] = append(b.records, r.waiting[b.company]...)
	r.count += len(b.records)
}

// writeEach writes what couldn't be written together, one company after the other.
func (r *Recorder) writeEach(ctx context.Context, batches []batch) (failed error) {
	away := false
	for _, one := range batches {
		if !away {
			err := r.write(ctx, true, one)
			if err == nil {
				continue
			}
			// Where the database is away, the others needn't try.
			failed, away = err, ctx.Err() != nil || errs.CodeOf(err) == errs.Unavailable
		}
		r.giveBack(one)
	}
	return failed
}

// write writes records of several companies, or none of them.
func (r *Recorder) write(ctx context.Context, again bool, batches ...batch) error {
	all := make([]*postgres.AccessRecords, len(batches))
	for i, one := range batches {
		all[i] = columns(one)
	}
	return r.DB.RecordAccesses(ctx, again, all...)
}

// columns are records as tillgraph.audit_access takes them.
func columns(b batch) *postgres.AccessRecords {
	return &postgres.AccessRecords{
		Company:    b.company,
		Stores:     column(b, func(a *Access) pgtype.UUID { return key(a.StoreID) }),
		IDs:        column(b, func(a *Access) pgtype.UUID { return key(a.ID) }),
		Users:      column(b, func(a *Access) pgtype.UUID { return keyOf(a.UserID) }),
		Registers:  column(b, func(a *Access) pgtype.UUID { return keyOf(a.AtRegisterID) }),
		At:         column(b, func(a *Access) time.Time { return a.At }),
		Operators:  column(b, func(a *Access) string { return clean(a.Operator) }),
		Addresses:  column(b, func(a *Access) string { return clean(a.Address) }),
		Requests:   column(b, func(a *Access) string { return clean(a.RequestID) }),
		Operations: column(b, func(a *Access) string { return clean(a.Operation) }),
		Kinds:      column(b, func(a *Access) string { return string(a.Kind) }),
		Documents:  column(b, func(a *Access) string { return clean(a.Document) }),
		Types:      column(b, func(a *Access) string { return clean(strings.Join(a.Types, ",")) }),
		Touched:    column(b, touched),
		Rows:       column(b, func(a *Access) int32 { return int32(min(a.Rows, math.MaxInt32)) }), //nolint:gosec // bounded
		Micros:     column(b, func(a *Access) int64 { return a.Micros }),
		Outcomes:   column(b, func(a *Access) string { return string(a.Outcome) }),
		Codes:      column(b, func(a *Access) string { return clean(strings.Join(a.Codes, ",")) }),
		Lost:       column(b, func(a *Access) int64 { return a.Lost }),
	}
}

func column[T any](b batch, of func(*Access) T) []T {
	list := make([]T, len(b.records))
	for i, a := range b.records {
		list[i] = of(a)
	}
	return list
}

// touched are the stores that an operation touched, with commas between them.
func touched(a *Access) string {
	var text strings.Builder
	const each = 37
	text.Grow(each * len(a.StoreIDs))
	for i, store := range a.StoreIDs {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(store.String())
	}
	return text.String()
}

func key[T ~[16]byte](v T) pgtype.UUID { return pgtype.UUID{Bytes: v, Valid: true} }

func keyOf[T ~[16]byte](v *T) pgtype.UUID {
	if v == nil {
		return pgtype.UUID{}
	}
	return key(*v)
}

// clean is a text as the database takes it: what a request sends may be anything, and must not keep its record from being
// written.
func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}
