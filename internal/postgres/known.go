package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Scopes are known from one request to the next, so that who asks needs no round trip of its own. Nothing rests on
// what is known: it is a Claim, that nothing has changed since the look-up. The company's version, which whatever a
// look-up answers counts up when it changes (see the migration), and the session are compared by the database as the scope
// is entered (tillgraph.enter), in the transaction of the request's first statements and before them. Where they differ, that
// transaction fails, nothing was read or written, and the request begins again with a look-up. So a role that is taken
// away is gone with the next request, on every server, without anybody being told.

// mostKnown bounds the scopes in memory, each of which is about a kilobyte.
const mostKnown = 8192

// holder is whose scope is known. It has all that the look-up was asked with.
type holder struct {
	Person

	register id.Register
	// key is the hash of a register's key, where it acts by itself.
	key string
}

func deviceHolder(company id.Company, register id.Register, keyHash []byte) holder {
	return holder{Person: Person{Company: company}, register: register, key: string(keyHash)}
}

// claimed is the question of a Claim.
type claimed struct {
	holder

	version int64
}

func (db *DB) know(h holder, scope *tenancy.Scope) *tenancy.Scope {
	// A copy: what a request makes of its scope, such as narrower ones, ends with the request.
	db.known.Add(h, scope.Claimed(&claimed{holder: h, version: scope.Config().Version}))
	return scope
}

func (db *DB) knows(h holder) *tenancy.Scope {
	scope, ok := db.known.Get(h)
	if !ok {
		return nil
	}
	return scope.Claimed(scope.Claim().Question)
}

// reset forgets what is known together with connections that were lost: the database behind them may be another one by
// now, such as one that was restored.
func (db *DB) reset() {
	db.read.Reset()
	db.known.Purge()
}

// look asks the gate who somebody is. All that it answers is as of one moment, the version among it.
func (db *DB) look(ctx context.Context, sql string, args []any, into ...any) error {
	if !db.pooled {
		return db.gate(ctx, sql, args, into...)
	}
	ask := func() error {
		b := &pgx.Batch{}
		b.Queue("begin isolation level repeatable read, read only")
		b.Queue(sql, args...)
		b.Queue("commit")
		return firstRow(db.read.SendBatch(ctx, b), func(err error) error { return err }, into)
	}
	return db.twice(ctx, ask)
}

// twice asks once more where the connection was lost: nothing was written.
func (db *DB) twice(ctx context.Context, ask func() error) error {
	err := ask()
	if err != nil && lostConnection(err) && ctx.Err() == nil {
		db.reset()
		err = ask()
	}
	return answered(err)
}

// firstRow reads the row of a batch's second statement; begun is told what the first one answered.
func firstRow(results pgx.BatchResults, begun func(error) error, into []any) error {
	_, err := results.Exec()
	if err = begun(err); err == nil {
		err = results.QueryRow().Scan(into...)
	}
	closed := results.Close()
	if err == nil {
		err = closed
	}
	return err
}

// KnownPerson is PersonScope, or PersonAtRegister where a register is given, of an earlier request: nil where it isn't
// known. It rests on a Claim.
func (db *DB) KnownPerson(p Person, register id.Register) *tenancy.Scope {
	return db.knows(holder{Person: p, register: register})
}

// KnownRegister is RegisterScope of an earlier request, nil where it isn't known. It rests on a Claim.
func (db *DB) KnownRegister(company id.Company, register id.Register, keyHash []byte) *tenancy.Scope {
	return db.knows(deviceHolder(company, register, keyHash))
}

// Settle asks whether the claim of the request's scope holds, unless that was asked before.
//
// Errors: any means that the claim can't be relied on.
func (db *DB) Settle(ctx context.Context, scope *tenancy.Scope) error {
	switch claim := scope.Claim(); {
	case claim.Held():
		return nil
	case claim.Broken():
		return errNotAsKnown(nil)
	}
	return db.bind(scope).Read(ctx)
}

// knownOf is what is to be asked with the entry, nil where nothing is.
func knownOf(s *tenancy.Scope) *claimed {
	claim := s.Claim()
	if claim.Held() {
		return nil
	}
	question, ok := claim.Question.(*claimed)
	if !ok {
		return &claimed{} // which nobody is
	}
	return question
}

// args are those of tillgraph.hold without the company, and the last ones of tillgraph.enter.
func (c *claimed) args() []any {
	return []any{nullable(c.User), nullable(c.Session), nullable(c.register), c.version}
}

// settled takes down what the database said to a claim.
func settled(s *tenancy.Scope, err error) error {
	claim := s.Claim()
	switch {
	case claim == nil:
	case err == nil:
		claim.Hold()
	case state(err) == notAsKnown:
		claim.Break()
		return errNotAsKnown(err)
	}
	return err
}

// errNotAsKnown reaches only what goes on after its request: the request itself begins again.
func errNotAsKnown(cause error) error {
	return errs.Wrap(cause, errs.Unavailable, "What you may do has just changed. Try again.")
}

// gateWithin is gate on behalf of a scope, whose claim goes with the question.
func (db *DB) gateWithin(ctx context.Context, scope *tenancy.Scope, sql string, args []any, into ...any) error {
	question := knownOf(scope)
	if question == nil {
		return db.gate(ctx, sql, args, into...)
	}
	return db.twice(ctx, func() error {
		b := &pgx.Batch{}
		b.Queue(holdSQL, append([]any{nullable(scope.Company)}, question.args()...)...)
		b.Queue(sql, args...)
		return firstRow(db.read.SendBatch(ctx, b), func(err error) error { return settled(scope, err) }, into)
	})
}
