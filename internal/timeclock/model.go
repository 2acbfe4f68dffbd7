// Package timeclock has the hours of the people who work in the stores: when they came, paused and went.
package timeclock

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any { return []any{(*Entry)(nil), (*Break)(nil), (*Change)(nil)} }

// Entry is a person's time on the clock in one store. Its instants are whole minutes.
type Entry struct {
	bun.BaseModel `bun:"table:time_entries,alias:entry"`
	postgres.StoreOwned

	ID           id.TimeEntry `bun:"id,pk"`
	UserID       id.User      `bun:"user_id"`
	ClockedInAt  time.Time    `bun:"clocked_in_at"`
	ClockedOutAt *time.Time   `bun:"clocked_out_at"`
	Version      int          `bun:"version"`
	CreatedAt    time.Time    `bun:"created_at"`
	UpdatedAt    time.Time    `bun:"updated_at"`
}

// IsNode marks Entry as the schema's Node.
func (*Entry) IsNode() {}

// Break is a pause within an entry; it isn't worked.
type Break struct {
	bun.BaseModel `bun:"table:time_breaks,alias:pause"`
	postgres.StoreOwned

	ID        id.TimeBreak `bun:"id,pk"`
	EntryID   id.TimeEntry `bun:"entry_id"`
	StartedAt time.Time    `bun:"started_at"`
	EndedAt   *time.Time   `bun:"ended_at"`
}

// Change is what an entry said before a correction.
type Change struct {
	bun.BaseModel `bun:"table:time_entry_changes,alias:correction"`
	postgres.StoreOwned

	ID              id.TimeEntryChange `bun:"id,pk"`
	EntryID         id.TimeEntry       `bun:"entry_id"`
	ChangedByID     *id.User           `bun:"changed_by_id"`
	Reason          string             `bun:"reason"`
	OldClockedInAt  time.Time          `bun:"old_clocked_in_at"`
	OldClockedOutAt *time.Time         `bun:"old_clocked_out_at"`
	// OldBreaks are begin and end of each, in turn; an open one has no end.
	OldBreaks []time.Time `bun:"old_breaks,array"`
	CreatedAt time.Time   `bun:"created_at"`
}

// The pages of this package's lists, as the schema names them.
type (
	TimeEntryConnection = page.Connection[Entry]
	TimeEntryEdge       = page.Edge[Entry]
)

func byTime() page.Order[Entry] {
	return page.Order[Entry]{Name: "time-entry", Desc: true, Columns: []page.Column[Entry]{
		{Name: "clocked_in_at", Type: page.Instant, Value: func(e *Entry) string { return page.InstantText(e.ClockedInAt) }},
		{Name: "id", Type: page.UUID, Value: func(e *Entry) string { return e.ID.UUID().String() }},
	}}
}
