package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/scratch"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

const (
	enterSQL = "select tillgraph.enter($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	holdSQL  = "select tillgraph.hold($1, $2, $3, $4, $5)"
)

func queueEnter(b *pgx.Batch, s *tenancy.Scope) { b.Queue(enterSQL, enterArgs(s, nil)...) }

// queueChange enters with what the trail says of the request.
func queueChange(ctx context.Context, b *pgx.Batch, s *tenancy.Scope) error {
	trail, err := json.Marshal(tenancy.OriginOf(ctx))
	if err != nil {
		return fmt.Errorf("say where the request comes from: %w", err)
	}
	b.Queue(enterSQL, enterArgs(s, new(string(trail)))...)
	return nil
}

// enterArgs are those of enterSQL: the scope, and what is known of who asks, which must still hold then.
func enterArgs(s *tenancy.Scope, trail *string) []any {
	stores := s.StoresText()
	if s.AllStores() { // and what belongs to the company and to none of its stores
		if stores != "" {
			stores += ","
		}
		stores += "00000000-0000-0000-0000-000000000000"
	}
	args := make([]any, 0, 9) // as many as there are
	args = append(args, nullable(s.Company), "{"+stores+"}", nullable(s.User), nullable(s.Register), trail)
	if known := knownOf(s); known != nil {
		return append(args, known.args()...)
	}
	return append(args, nil, nil, nil, nil)
}

func optional(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

// nullable is an id as its bytes, null for none: of a uuid.UUID pgx would ask for the text.
func nullable[T ~[16]byte](v T) pgtype.UUID { return pgtype.UUID{Bytes: v, Valid: v != T{}} }

func uuidText(v [16]byte) string { return uuid.UUID(v).String() }

// queue renders statements into a batch.
func (h *Handle) queue(ctx context.Context, b *pgx.Batch, statements []Statement) error {
	raw := scratch.New() // one after the other is built in it
	defer raw.GiveBack()
	for _, s := range statements {
		if s.query == nil {
			continue
		}
		text, args, err := h.render(ctx, s.query, &raw.Bytes)
		if err != nil {
			return err
		}
		keep(ctx, text)
		b.Queue(text, args...)
	}
	return nil
}

// Known says that none of the statements has to be sent: what they would read is known from an earlier request.
func Known(statements ...Statement) bool {
	return !slices.ContainsFunc(statements, func(s Statement) bool { return s.query != nil })
}

// Read sends statements in one round trip; they see one snapshot. It may be called again for what follows from
// their rows.
func (h *Handle) Read(ctx context.Context, statements ...Statement) error {
	if len(statements) > 0 && Known(statements...) {
		return nil
	}
	err := h.readOnce(ctx, statements)
	if err != nil && lostConnection(err) && ctx.Err() == nil {
		// Nothing was written, so that asking again on another connection is safe: a database that came back
		// leaves dead connections in the pool.
		h.db.reset()
		err = h.readOnce(ctx, statements)
	}
	return translate(err)
}

// readOnce makes a batch of its own: pgx keeps in a batch what it prepared on the batch's first connection.
func (h *Handle) readOnce(ctx context.Context, statements []Statement) error {
	b := &pgx.Batch{}
	if h.db.pooled {
		// What the sessions of the pool for reading are is not what a pooler's are.
		b.Queue("begin isolation level repeatable read, read only")
		b.Queue(h.db.settings)
	}
	queueEnter(b, h.scope)
	skip := b.Len()
	if err := h.queue(ctx, b, statements); err != nil {
		return err
	}
	if h.db.pooled {
		b.Queue("commit")
	}
	results := h.db.read.SendBatch(ctx, b)
	err := h.receive(ctx, results, skip, statements)
	return errors.Join(err, results.Close())
}

// receive reads the answers: those to skip (BEGIN, the entry), then the statements'.
func (h *Handle) receive(ctx context.Context, results pgx.BatchResults, skip int, statements []Statement) error {
	for range skip {
		if _, err := results.Exec(); err != nil {
			return fmt.Errorf("enter the scope: %w", settled(h.scope, err))
		}
	}
	if skip > 0 {
		_ = settled(h.scope, nil)
	}
	for _, s := range statements {
		if s.query == nil {
			continue
		}
		if s.scan == nil {
			tag, err := results.Exec()
			if err != nil {
				return fmt.Errorf("run a statement: %w", err)
			}
			h.wrote(s.query, tag.RowsAffected())
			if s.affected != nil {
				*s.affected = tag.RowsAffected()
			}
			continue
		}
		rows, err := results.Query()
		if err != nil {
			return fmt.Errorf("run a statement: %w", err)
		}
		err = s.scan(h, rows)
		rows.Close()
		if err = errors.Join(err, rows.Err()); err != nil {
			return err
		}
		countRows(ctx, rows.CommandTag().RowsAffected())
	}
	return nil
}

// Tx is a transaction within a scope.
type Tx struct {
	*Handle

	conn *pgxpool.Conn
	// founding makes the company of the scope before it is entered; nil in all transactions but one.
	founding  *Founding
	begun     bool
	finishing bool // the commit was sent, and may have arrived
	committed bool
}

// Write runs fn in one transaction within the scope of ctx and commits it; an error of fn rolls back and comes
// back as it is. fn may run more than once (after a deadlock, say) and must not keep anything between runs.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.transact(ctx, nil, fn)
}

func (db *DB) transact(ctx context.Context, founding *Founding, fn func(ctx context.Context, tx *Tx) error) error {
	h, err := db.Bind(ctx)
	if err != nil {
		return err
	}
	if h.scope.ReadOnly {
		return errs.Wrap(errReadOnly, errs.Forbidden, "This access is for reading.")
	}
	const tries = 4
	for try := 1; ; try++ {
		again, err := h.writeOnce(ctx, founding, fn)
		if err == nil || try == tries || !again || ctx.Err() != nil {
			return translate(err)
		}
	}
}

// writeOnce also says whether a failure may be tried again: the transaction is known not to have been committed.
func (h *Handle) writeOnce(
	ctx context.Context, founding *Founding, fn func(ctx context.Context, tx *Tx) error,
) (again bool, err error) {
	conn, err := h.db.write.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("get a connection: %w", err)
	}
	defer conn.Release()
	tx := &Tx{Handle: h, conn: conn, founding: founding}
	defer tx.rollback(ctx)
	if err := fn(ctx, tx); err != nil {
		if tx.finishing && state(err) == "" && !pgconn.SafeToRetry(err) {
			h.scope.Claim().Doubt() // no answer of the database: it may have been committed
		}
		if !lostConnection(err) {
			return retriable(err), err
		}
		// A database that came back leaves dead connections in the pool.
		h.db.write.Reset()
		return !tx.finishing || pgconn.SafeToRetry(err), err
	}
	if tx.committed {
		h.changed()
		return false, nil
	}
	if !tx.begun {
		return false, nil
	}
	tag, err := conn.Exec(ctx, "commit")
	if err != nil {
		return false, fmt.Errorf("commit: %w", err)
	}
	tx.committed = true
	if err := kept(tag); err != nil {
		return false, err
	}
	h.changed()
	return false, nil
}

// kept finds a commit that PostgreSQL answered by rolling back, without an error: fn went on after a statement
// had failed.
func kept(tag pgconn.CommandTag) error {
	if tag.String() != "COMMIT" {
		return fmt.Errorf("the transaction had failed: commit was answered by %s", tag)
	}
	return nil
}

// Send sends statements in one round trip. The first one of a transaction carries BEGIN and the entry with it.
func (tx *Tx) Send(ctx context.Context, statements ...Statement) error {
	return tx.send(ctx, false, statements)
}

// Read is Send: what a transaction reads is read within it.
func (tx *Tx) Read(ctx context.Context, statements ...Statement) error {
	return tx.Send(ctx, statements...)
}

// Finish sends the last statements of a transaction and the commit in one round trip.
func (tx *Tx) Finish(ctx context.Context, statements ...Statement) error {
	return tx.send(ctx, true, statements)
}

func (tx *Tx) send(ctx context.Context, commit bool, statements []Statement) error {
	b := &pgx.Batch{}
	skip := 0
	if !tx.begun {
		b.Queue("begin")
		if tx.db.pooled {
			b.Queue(tx.db.settings)
		}
		if tx.founding != nil {
			tx.founding.queue(b, tx.scope)
		}
		if err := queueChange(ctx, b, tx.scope); err != nil {
			return err
		}
		skip = b.Len()
	}
	if err := tx.queue(ctx, b, statements); err != nil {
		return err
	}
	if commit {
		b.Queue("commit")
	}
	tx.begun, tx.finishing = true, commit
	results := tx.conn.SendBatch(ctx, b)
	err := tx.receive(ctx, results, skip, statements)
	if err == nil && commit {
		var tag pgconn.CommandTag
		if tag, err = results.Exec(); err == nil {
			err = kept(tag)
		}
	}
	if err = errors.Join(err, results.Close()); err != nil {
		return err
	}
	tx.committed = commit
	return nil
}

// rollback ends what was not committed, also when the request is already cancelled: a connection must not go
// back to the pool in mid-transaction.
func (tx *Tx) rollback(ctx context.Context) {
	if !tx.begun || tx.committed || tx.conn.Conn().IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := tx.conn.Exec(ctx, "rollback"); err != nil {
		_ = tx.conn.Conn().Close(ctx)
	}
}

func lostConnection(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03" ||
			strings.HasPrefix(pg.Code, "08")
	}
	return pgconn.SafeToRetry(err) || isNetwork(err)
}
