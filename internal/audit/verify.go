package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Fault is in which way a record isn't as it was.
type Fault string

// The faults.
const (
	// RecordChanged is a record, or its seal, that isn't what was sealed.
	RecordChanged Fault = "CHANGED"
	// RecordRemoved is a record, or a seal, that is missing.
	RecordRemoved Fault = "REMOVED"
	// RecordInserted is a record that wasn't there when those around it were sealed.
	RecordInserted Fault = "INSERTED"
	// RecordsReordered are records of which one stands in the place of another.
	RecordsReordered Fault = "REORDERED"
	// TailRemoved is a chain that is shorter than its head says.
	TailRemoved Fault = "CUT_OFF"
	// HeadDiffers is a head that isn't the end of the chain.
	HeadDiffers Fault = "HEAD"
	// AnchorDiffers is a chain that isn't the one whose head was anchored.
	AnchorDiffers Fault = "ANCHOR"
)

// Break is the first record that isn't as it was.
type Break struct {
	Fault Fault
	// Position is its place in the chain, 0 where it has none.
	Position int64
	// RecordKey is the record, zero where only its place is known.
	RecordKey uuid.UUID
	// Kind is EVENT or ACCESS, "" where that isn't known.
	Kind    string
	Message string
}

// RecordID is the record's id, nil where only its place is known.
func (b *Break) RecordID() *id.Any {
	if b.RecordKey == uuid.Nil {
		return nil
	}
	typ := "AuditEvent"
	if b.Kind == kindAccess {
		typ = "AuditAccess"
	}
	ref, _ := id.OfType(typ, b.RecordKey)
	return &ref
}

// String says it for a person.
func (b *Break) String() string {
	record := ""
	if ref := b.RecordID(); ref != nil {
		record = " " + ref.String()
	}
	return fmt.Sprintf("%s at position %d%s: %s", b.Fault, b.Position, record, b.Message)
}

// Verification is what came of verifying a chain.
type Verification struct {
	// Records are how many were verified, from the first place to the last.
	Records                     int
	FirstPosition, LastPosition int64
	// Head is the hash at the last place, in hex.
	Head string
	// Waiting is how many records are not sealed yet, and so can't be verified.
	Waiting int
	// Broken is nil where all is as it was.
	Broken *Break
}

// Intact says that every record is as it was.
func (v *Verification) Intact() bool { return v.Broken == nil }

// Anchor is the head of a chain as it was at some time, kept elsewhere.
type Anchor struct {
	Company  string    `json:"company"`
	Position int64     `json:"position"`
	Hash     string    `json:"hash"`
	At       time.Time `json:"at"`
}

// Check says what to verify.
type Check struct {
	// From and To limit it to what was sealed in a time; nil is from the first record that is kept, and to the end.
	From, To *time.Time
	// Most is how many records it may be about; 0 is any number.
	Most int
	// Anchors are heads to compare with.
	Anchors []Anchor
}

const (
	kindEvent, kindAccess = "EVENT", "ACCESS"
	// linksAtOnce is how many records are read at once.
	linksAtOnce = 2000
	// longestWrite is how long after a transaction began its last record can have been written.
	longestWrite = 24 * time.Hour
)

// link is one of a seal, with its record.
type link struct {
	Position int64     `bun:"position"`
	RecordID uuid.UUID `bun:"record_id"`
	Hash     []byte    `bun:"digest"`
	SealedAt time.Time `bun:"sealed_at"`
	// Content is what is hashed of the record; nil where there is none.
	Content *string    `bun:"content"`
	Kind    string     `bun:"kind"`
	At      *time.Time `bun:"at"`
}

// What is hashed of a record, as tillgraph.audit_seal does it. A column that comes later is not in it.
const (
	eventContent = `jsonb_build_array('EVENT'::text, ?TableAlias.tenant_id, ?TableAlias.store_id, ?TableAlias.id,
		(extract(epoch from ?TableAlias.at) * 1000000)::bigint, ?TableAlias.xid::text, ?TableAlias.user_id,
		?TableAlias.at_register_id, ?TableAlias.operator, ?TableAlias.address, ?TableAlias.request_id,
		?TableAlias.operation, ?TableAlias.object_type, ?TableAlias.object_id, ?TableAlias.part, ?TableAlias.verb,
		?TableAlias.was, ?TableAlias.became, ?TableAlias.reason)::text`
	accessContent = `jsonb_build_array('ACCESS'::text, ?TableAlias.tenant_id, ?TableAlias.store_id, ?TableAlias.id,
		(extract(epoch from ?TableAlias.at) * 1000000)::bigint, ?TableAlias.xid::text, ?TableAlias.user_id,
		?TableAlias.at_register_id, ?TableAlias.operator, ?TableAlias.address, ?TableAlias.request_id,
		?TableAlias.operation, ?TableAlias.kind, ?TableAlias.document, ?TableAlias.types, ?TableAlias.store_ids,
		?TableAlias.rows_answered, ?TableAlias.micros, ?TableAlias.outcome, ?TableAlias.codes, ?TableAlias.lost)::text`
)

// Genesis is what a company's chain begins with.
func Genesis(company id.Company) []byte {
	hash := sha256.Sum256([]byte("tillgraph " + company.UUID().String()))
	return hash[:]
}

// Verify reads the chain of the scope's company and gives the first record that isn't as it was. What is written or
// sealed in the meantime doesn't disturb it.
//
// Errors: FORBIDDEN where the scope hasn't all stores, BAD_USER_INPUT where it would be about too many records.
func (t *Trail) Verify(ctx context.Context, c Check) (*Verification, error) {
	h, err := t.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if !h.Scope().AllStores() {
		return nil, errs.New(errs.Forbidden, "The trail is verified with all stores of the company.")
	}
	// What retention removes while it runs isn't missing.
	const tries = 3
	for try := 1; ; try++ {
		v := &verifier{h: h, check: c}
		found, err := v.run(ctx)
		if err != nil || found.Broken == nil || try == tries {
			return found, err
		}
		now, err := readHead(ctx, h)
		if err != nil {
			return nil, err
		}
		if now.KeptPosition == v.head.KeptPosition {
			return found, nil
		}
	}
}

type verifier struct {
	h     *postgres.Handle
	check Check
	head  *Head
	// hash is that of the link before the next one.
	hash []byte
	// next is the place that the next link has.
	next   int64
	latest time.Time
	found  *Verification
}

func readHead(ctx context.Context, h *postgres.Handle) (*Head, error) {
	var head *Head
	err := h.Read(ctx, postgres.Row(&head, h.Select((*Head)(nil))))
	if head == nil {
		start := Genesis(h.Scope().Company)
		head = &Head{Hash: start, KeptHash: start}
	}
	return head, err
}

func (v *verifier) run(ctx context.Context) (*Verification, error) {
	var err error
	if v.head, err = readHead(ctx, v.h); err != nil {
		return nil, err
	}
	last, err := v.bounds(ctx)
	if err != nil {
		return nil, err
	}
	v.found = &Verification{FirstPosition: v.next, LastPosition: v.next - 1}
	if v.check.Most > 0 && last-v.next >= int64(v.check.Most) {
		return nil, errs.New(errs.BadUserInput, "These are more than %d records: name a shorter time.", v.check.Most)
	}
	for v.next <= last && v.found.Broken == nil {
		upto := min(last, v.next+linksAtOnce-1)
		links, err := v.links(ctx, upto)
		if err != nil {
			return nil, err
		}
		if v.walk(links); v.found.Broken == nil && v.next <= upto {
			if v.found.Broken, err = v.missing(ctx); err != nil {
				return nil, err
			}
		}
	}
	v.found.Head = hex.EncodeToString(v.hash)
	if v.found.Broken == nil && v.check.To == nil {
		v.found.Broken = v.end()
	}
	if v.found.Broken == nil {
		v.found.Broken, err = v.unsealed(ctx)
	}
	if v.found.Broken == nil && err == nil {
		v.found.Broken, err = v.anchors(ctx)
	}
	if err != nil {
		return nil, err
	}
	v.found.Waiting, err = v.waiting(ctx)
	return v.found, err
}

// bounds finds out where to begin, and gives the last place.
func (v *verifier) bounds(ctx context.Context) (last int64, err error) {
	v.hash, v.next = v.head.KeptHash, v.head.KeptPosition+1
	// A head that was cut off together with its chain would hide the rest.
	last = v.head.Position
	seals := func() *bun.SelectQuery { return v.h.Select((*Seal)(nil)) }
	if v.check.To == nil {
		end := last
		if err := v.h.Read(ctx, postgres.Value(&end, seals().
			ColumnExpr("coalesce(max(?TableAlias.position), 0)").Where("?TableAlias.sealed_at <= ?", v.head.SealedAt))); err != nil {
			return 0, err
		}
		last = max(last, end)
	} else if err := v.h.Read(ctx, postgres.Value(&last, seals().
		ColumnExpr("coalesce(max(?TableAlias.position), 0)").Where("?TableAlias.sealed_at <= ?", *v.check.To))); err != nil {
		return 0, err
	}
	if v.check.From == nil {
		return last, nil
	}
	first := last + 1
	if err := v.h.Read(ctx, postgres.Value(&first, seals().
		ColumnExpr("coalesce(min(?TableAlias.first_position), ?)", first).Where("?TableAlias.sealed_at >= ?", *v.check.From))); err != nil {
		return 0, err
	}
	if first <= v.next {
		return last, nil
	}
	var before *Seal
	if err := v.h.Read(ctx, postgres.Row(&before, seals().Where("?TableAlias.position = ?", first-1))); err != nil {
		return 0, err
	}
	v.next = first
	if before == nil {
		// Its absence is found by beginning with it.
		v.next = first - 1
		return last, nil
	}
	_, v.hash = before.link(first - 1)
	return last, nil
}

// links reads the next links up to a place, with their records. Each is looked up by itself: joined in another way, all of
// the trail would be read for each of these reads.
func (v *verifier) links(ctx context.Context, upto int64) ([]*link, error) {
	next := v.h.Select((*Seal)(nil)).
		ColumnExpr("seal.first_position + run.n - 1 AS position, run.id AS record_id, seal.sealed_at").
		ColumnExpr("substring(seal.digests FROM (run.n::integer - 1) * 32 + 1 FOR 32) AS digest").
		Join("CROSS JOIN LATERAL unnest(seal.record_ids) WITH ORDINALITY AS run (id, n)").
		Where("seal.position >= ? AND seal.first_position <= ?", v.next, upto).
		Where("seal.first_position + run.n - 1 BETWEEN ? AND ?", v.next, upto)
	record := func(model any, content string) *bun.SelectQuery {
		return v.h.Select(model).ColumnExpr("?TableAlias.id, ?TableAlias.at, " + content + " AS content").
			Where("?TableAlias.id = link.record_id").Limit(1)
	}
	events, accesses := record((*Event)(nil), eventContent), record((*Access)(nil), accessContent)
	var links []*link
	err := v.h.Read(ctx, postgres.Rows(&links, v.h.NewSelect().TableExpr("(?) AS link", next).
		ColumnExpr("link.position, link.record_id, link.digest, link.sealed_at").
		ColumnExpr("coalesce(e.content, a.content) AS content, coalesce(e.at, a.at) AS at").
		ColumnExpr("CASE WHEN e.id IS NOT NULL THEN ?::text WHEN a.id IS NOT NULL THEN ?::text ELSE ''::text END AS kind",
			kindEvent, kindAccess).
		Join("LEFT JOIN LATERAL (?) AS e ON TRUE", events).
		Join("LEFT JOIN LATERAL (?) AS a ON TRUE", accesses).
		OrderExpr("link.position")))
	return links, err
}

// walk goes along links, until the first that is broken, or that isn't the next one.
func (v *verifier) walk(links []*link) {
	for i, l := range links {
		if l.Position != v.next {
			return
		}
		if v.found.Broken = v.verify(l, links[i:]); v.found.Broken != nil {
			return
		}
		v.hash, v.next = l.Hash, v.next+1
		v.found.Records++
		v.found.LastPosition = l.Position
	}
}

// missing says what is missing where there is no next link.
func (v *verifier) missing(ctx context.Context) (*Break, error) {
	var later int64
	if err := v.h.Read(ctx, postgres.Value(&later, v.h.Select((*Seal)(nil)).
		ColumnExpr("coalesce(max(?TableAlias.position), 0)").Where("?TableAlias.position >= ?", v.next))); err != nil {
		return nil, err
	}
	if later > 0 {
		return &Break{Fault: RecordRemoved, Position: v.next, Message: "The seal is missing."}, nil
	}
	return &Break{
		Fault: TailRemoved, Position: v.next,
		Message: fmt.Sprintf("The chain ends before its head, which is at %d.", v.head.Position),
	}, nil
}

func chained(before []byte, content string) []byte {
	hash := sha256.New()
	hash.Write(before)
	hash.Write([]byte(content))
	return hash.Sum(nil)
}

// verify compares a link with its record; later are it and those that come next.
func (v *verifier) verify(l *link, later []*link) *Break {
	broken := func(fault Fault, message string) *Break {
		return &Break{Fault: fault, Position: l.Position, RecordKey: l.RecordID, Kind: l.Kind, Message: message}
	}
	if l.Content == nil {
		return broken(RecordRemoved, "The record is missing.")
	}
	if !bytes.Equal(chained(v.hash, *l.Content), l.Hash) {
		for _, other := range later[1:] {
			if other.Content == nil {
				continue
			}
			if hash := chained(v.hash, *other.Content); bytes.Equal(hash, l.Hash) || bytes.Equal(hash, other.Hash) {
				return broken(RecordsReordered, fmt.Sprintf("The record of position %d belongs here.", other.Position))
			}
		}
		return broken(RecordChanged, "The record is not the one that was sealed.")
	}
	if l.Kind != kindEvent {
		return nil
	}
	if l.At.Before(v.latest.Add(-longestWrite)) || l.At.After(l.SealedAt.Add(longestWrite)) {
		return broken(RecordInserted, "The record says that it is of another time than those around it.")
	}
	if l.At.After(v.latest) {
		v.latest = *l.At
	}
	return nil
}

// end compares the end of the chain with its head.
func (v *verifier) end() *Break {
	switch {
	case v.found.LastPosition > v.head.Position:
		return &Break{Fault: HeadDiffers, Position: v.head.Position + 1, Message: "The chain goes on after its head."}
	case !bytes.Equal(v.hash, v.head.Hash):
		return &Break{Fault: HeadDiffers, Position: v.head.Position, Message: "The head is not the hash of the last record."}
	default:
		return nil
	}
}

// ofTime are the records of a kind, which is that of the model, of the time that is verified.
func (v *verifier) ofTime(model any) *bun.SelectQuery {
	q := v.h.Select(model)
	if v.check.From != nil {
		q.Where("?TableAlias.at >= ?", *v.check.From)
	}
	if v.check.To != nil {
		q.Where("?TableAlias.at <= ?", *v.check.To)
	}
	return q
}

// sealed are the ids that seals stand for, of the time that is verified and some more.
func (v *verifier) sealed() *bun.SelectQuery {
	q := v.h.Select((*Seal)(nil)).ColumnExpr("unnest(seal.record_ids) AS id")
	if v.check.From != nil {
		q.Where("seal.newest_id >= ?", lowestID(v.check.From.Add(-longestWrite)))
	}
	if v.check.To != nil {
		q.Where("seal.oldest_id <= ?", lowestID(v.check.To.Add(longestWrite)))
	}
	return q
}

// lowestID is the lowest that a record of a time can have: it begins with its milliseconds.
func lowestID(at time.Time) (lowest uuid.UUID) {
	const bits, others = 48, 16
	milliseconds := min(max(at.UnixMilli(), 0), 1<<bits-1)
	binary.BigEndian.PutUint64(lowest[:8], uint64(milliseconds)<<others)
	return lowest
}

// waiting counts the records that are too new to be sealed: changes, since an access is sealed as it is written.
func (v *verifier) waiting(ctx context.Context) (n int, err error) {
	// They are few, and each is looked for where it can be.
	err = v.h.Read(ctx, postgres.Value(&n, v.ofTime((*Event)(nil)).ColumnExpr("count(*)::int").
		Where("event.xid >= coalesce((?), '0'::xid8)", v.h.Select((*Head)(nil)).Column("horizon")).
		Where("NOT EXISTS (?)", v.h.Select((*Seal)(nil)).ColumnExpr("1").
			Where("seal.newest_id >= event.id AND seal.oldest_id <= event.id AND event.id = ANY (seal.record_ids)"))))
	return n, err
}

// unsealed finds the oldest record that was not there when those of its time were sealed.
func (v *verifier) unsealed(ctx context.Context) (*Break, error) {
	events := v.ofTime((*Event)(nil)).Where("event.xid < (?)", v.h.Select((*Head)(nil)).Column("horizon"))
	for _, one := range []struct {
		kind    string
		records *bun.SelectQuery
	}{{kindEvent, events}, {kindAccess, v.ofTime((*Access)(nil))}} {
		// They are nearly all, and so are the sealed: as a difference both are read once. With a join the database looked for
		// the first one by comparing each with all.
		var found *link
		if err := v.h.Read(ctx, postgres.Row(&found, v.h.NewSelect().TableExpr("(?) AS missing", one.records.Column("id").Except(v.sealed())).
			ColumnExpr("missing.id AS record_id, ?::text AS kind", one.kind).OrderExpr("missing.id").Limit(1))); err != nil {
			return nil, err
		}
		if found != nil {
			return &Break{
				Fault: RecordInserted, RecordKey: found.RecordID, Kind: found.Kind,
				Message: "The record was not there when those of its time were sealed.",
			}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is broken
}

// anchors compares heads that were kept elsewhere with the chain.
func (v *verifier) anchors(ctx context.Context) (*Break, error) {
	company := v.h.Scope().Company.UUID().String()
	for _, a := range v.check.Anchors {
		if a.Company != company || a.Position < v.found.FirstPosition || v.check.To != nil && a.Position > v.found.LastPosition {
			continue
		}
		broken := &Break{
			Fault: AnchorDiffers, Position: a.Position,
			Message: "The chain is not the one whose head was anchored at " + a.At.UTC().Format(time.RFC3339) + ".",
		}
		var seal *Seal
		if err := v.h.Read(ctx, postgres.Row(&seal, v.h.Select((*Seal)(nil)).Where("?TableAlias.position >= ?", a.Position).
			OrderExpr("?TableAlias.position").Limit(1))); err != nil {
			return nil, err
		}
		if seal == nil {
			return broken, nil
		}
		if record, hash := seal.link(a.Position); hex.EncodeToString(hash) != a.Hash {
			broken.RecordKey = record
			return broken, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is broken
}
