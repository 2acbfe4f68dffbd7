// Package audit keeps the trail of a company: a record of every change, which the database writes with the change
// itself, and one of every access. Nobody that the server can be changes or removes one. A chain of hashes is made of
// them in the background, in the order of their transactions, so that whoever changes, removes, inserts or reorders
// records behind the server's back is found, and the first record that isn't as it was is named.
//
// What a chain can't tell is who rewrites all of it from some record on, with its end: that is what its end is anchored
// elsewhere for.
package audit

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any { return []any{(*Event)(nil), (*Access)(nil), (*Seal)(nil), (*Head)(nil)} }

// Verb is what became of a thing.
type Verb string

// The verbs.
const (
	Created Verb = "CREATED"
	Changed Verb = "CHANGED"
	Removed Verb = "REMOVED"
)

// Event is the record of a change.
type Event struct {
	bun.BaseModel `bun:"table:audit_events,alias:event"`
	// The store is the zero one where what changed belongs to the company and to none of its stores.
	postgres.StoreOwned

	ID           id.AuditEvent `bun:"id,pk"`
	At           time.Time     `bun:"at"`
	UserID       *id.User      `bun:"user_id"`
	AtRegisterID *id.Register  `bun:"at_register_id"`
	// Operator is who it was where it was no user and no register.
	Operator   string    `bun:"operator"`
	Address    string    `bun:"address"`
	RequestID  string    `bun:"request_id"`
	Operation  string    `bun:"operation"`
	ObjectType string    `bun:"object_type"`
	ObjectKey  uuid.UUID `bun:"object_id"`
	Part       string    `bun:"part"`
	Verb       Verb      `bun:"verb"`
	// Was and Became are the fields that changed, by their names in the database.
	Was    json.RawMessage `bun:"was,type:jsonb"`
	Became json.RawMessage `bun:"became,type:jsonb"`
	Reason string          `bun:"reason"`
}

// IsNode marks Event as the schema's Node.
func (*Event) IsNode() {}

// ObjectID is the id of what changed, nil where it has none in the schema.
func (e *Event) ObjectID() *id.Any {
	ref, ok := id.OfType(e.ObjectType, e.ObjectKey)
	if !ok {
		return nil
	}
	return &ref
}

// Change is one field, before and after; nil is nothing.
type Change struct {
	Field         string
	Before, After *string
}

// hidden stands for what isn't shown.
const hidden = "***"

// costs are the columns that say what goods cost.
func costs(column string) bool {
	return column == "cost" || column == "unit_cost" || column == "average_cost"
}

// Fields are those that changed, by their names; what goods cost only where that may be seen.
func (e *Event) Fields(withCosts bool) ([]*Change, error) {
	was, err := members(e.Was)
	if err != nil {
		return nil, err
	}
	became, err := members(e.Became)
	if err != nil {
		return nil, err
	}
	names := slices.Collect(maps.Keys(was))
	names = slices.AppendSeq(names, maps.Keys(became))
	slices.Sort(names)
	names = slices.Compact(names)
	changes := make([]*Change, len(names))
	for i, name := range names {
		changes[i] = &Change{Field: name, Before: text(was[name]), After: text(became[name])}
		if costs(name) && !withCosts {
			changes[i].Before, changes[i].After = masked(changes[i].Before), masked(changes[i].After)
		}
	}
	return changes, nil
}

func masked(value *string) *string {
	if value == nil {
		return nil
	}
	return new(hidden)
}

func members(raw json.RawMessage) (map[string]json.RawMessage, error) {
	if raw == nil {
		return nil, nil //nolint:nilnil // an empty map is as good
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	return m, nil
}

// text is a value as a person reads it: texts without quotes, all else as JSON.
func text(raw json.RawMessage) *string {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	shown := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &shown); err != nil {
			return nil
		}
	}
	return &shown
}

// Kind is what an access was.
type Kind string

// The kinds.
const (
	Query    Kind = "QUERY"
	Mutation Kind = "MUTATION"
	// None was refused, or failed, before it was known.
	None Kind = "NONE"
	// Lost are several that have no record of their own.
	Lost Kind = "LOST"
)

// Outcome is what came of an access.
type Outcome string

// The outcomes.
const (
	Answered Outcome = "ANSWERED"
	Refused  Outcome = "REFUSED"
	Failed   Outcome = "FAILED"
)

// Access is the record of one operation.
type Access struct {
	bun.BaseModel `bun:"table:audit_accesses,alias:access"`
	// The store is the one that the operation was about; the zero one for several, and for none.
	postgres.StoreOwned

	ID           id.AuditAccess `bun:"id,pk"`
	At           time.Time      `bun:"at"`
	UserID       *id.User       `bun:"user_id"`
	AtRegisterID *id.Register   `bun:"at_register_id"`
	Operator     string         `bun:"operator"`
	Address      string         `bun:"address"`
	RequestID    string         `bun:"request_id"`
	Operation    string         `bun:"operation"`
	Kind         Kind           `bun:"kind"`
	Document     string         `bun:"document"`
	Types        []string       `bun:"types,array"`
	StoreIDs     []uuid.UUID    `bun:"store_ids,array"`
	Rows         int            `bun:"rows_answered"`
	Micros       int64          `bun:"micros"`
	Outcome      Outcome        `bun:"outcome"`
	Codes        []string       `bun:"codes,array"`
	Lost         int64          `bun:"lost"`
}

// IsNode marks Access as the schema's Node.
func (*Access) IsNode() {}

// Seal is a run of links of the chain, those that were added at once. A link is a record, and the hash of the one before it
// and of that record.
type Seal struct {
	bun.BaseModel `bun:"table:audit_seals,alias:seal"`
	postgres.TenantOwned

	// FirstPosition and Position are those of the first and the last link.
	FirstPosition int64       `bun:"first_position"`
	Position      int64       `bun:"position"`
	RecordIDs     []uuid.UUID `bun:"record_ids,array"`
	Hashes        []byte      `bun:"digests"`
	SealedAt      time.Time   `bun:"sealed_at"`
}

// link is the record at a position of the run, and its hash; nil where the run is shorter than it says.
func (s *Seal) link(position int64) (record uuid.UUID, hash []byte) {
	n := int(position - s.FirstPosition)
	if n < 0 || n >= len(s.RecordIDs) || len(s.Hashes) < (n+1)*sha256.Size {
		return uuid.Nil, nil
	}
	return s.RecordIDs[n], s.Hashes[n*sha256.Size : (n+1)*sha256.Size]
}

// Head is the end of a company's chain, and where what is kept of it begins.
type Head struct {
	bun.BaseModel `bun:"table:audit_heads,alias:head"`
	postgres.TenantOwned

	Position     int64     `bun:"position"`
	Hash         []byte    `bun:"digest"`
	KeptPosition int64     `bun:"kept_position"`
	KeptHash     []byte    `bun:"kept_digest"`
	SealedAt     time.Time `bun:"sealed_at"`
}

// The pages of this package's lists, as the schema names them.
type (
	EventConnection = page.Connection[Event]
	EventEdge       = page.Edge[Event]

	AccessConnection = page.Connection[Access]
	AccessEdge       = page.Edge[Access]
)

// byID is the order of time: an id begins with it.
func byID() page.Order[Event] {
	return page.Order[Event]{Name: "audit", Desc: true, Columns: []page.Column[Event]{
		{Name: "id", Type: page.UUID, Value: func(e *Event) string { return e.ID.UUID().String() }},
	}}
}

func accessesByID() page.Order[Access] {
	return page.Order[Access]{Name: "access", Desc: true, Columns: []page.Column[Access]{
		{Name: "id", Type: page.UUID, Value: func(a *Access) string { return a.ID.UUID().String() }},
	}}
}
