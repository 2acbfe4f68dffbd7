package sale

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Record records a completed sale: it looks prices and taxes up, checks the payments, takes the register's next
// receipt number and moves the stock, all in one transaction. A key that came before with the same input gives
// the sale that it made then.
//
// Errors: problems with the codes of RecordCode, all at once, and nothing is written.
func (s *Sales) Record(ctx context.Context, in RecordInput) (*Sale, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := mayTakeBack(scope, in); err != nil {
		return nil, err
	}
	problems := in.validate(s.now())
	register, ok := chooseRegister(&problems, scope, in.RegisterID)
	if !ok {
		return nil, problems.Err()
	}
	hash, err := in.hash(register)
	if err != nil {
		return nil, err
	}
	for range mostTries {
		sale, err := s.try(ctx, scope, register, in, hash, slices.Clone(problems))
		if !errors.Is(err, errStale) {
			return sale, err
		}
	}
	return nil, errBusy()
}

// try records the sale from what the database holds now. errStale says that this was changed in the meantime.
func (s *Sales) try(
	ctx context.Context, scope *tenancy.Scope, register id.Register, in RecordInput, hash []byte, problems errs.Problems,
) (*Sale, error) {
	facts, err := s.look(ctx, register, in)
	if err != nil {
		return nil, err
	}
	if facts.key != nil {
		return s.replay(ctx, facts.key, hash)
	}
	if err := facts.mayTakeBack(scope, in); err != nil {
		return nil, err
	}
	draft := s.draft(&problems, scope, facts, in)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	draft.key.RequestHash = hash
	err = s.db.Write(ctx, draft.write)
	if draft.number.taken != nil {
		if wrong := s.taken(ctx, draft); wrong != nil {
			return nil, wrong
		}
		return nil, err
	}
	if err == nil {
		s.told(scope.Company)
	}
	if !postgres.IsUnique(err) {
		return draft.sale, err
	}
	// The same key came twice at once, and the other one was faster.
	if facts, err = s.look(ctx, register, in); err != nil {
		return nil, err
	}
	if facts.key == nil {
		return nil, errors.New("a sale collided with something other than its key")
	}
	return s.replay(ctx, facts.key, hash)
}

// chooseRegister says which register sells: a register itself, or the one that a person names.
func chooseRegister(p *errs.Problems, scope *tenancy.Scope, named *id.Register) (id.Register, bool) {
	switch {
	case scope.Register.IsZero() && named == nil:
		p.Add(registerRequired, []string{"registerId"}, "Say at which register this is sold.")
		return id.Register{}, false
	case scope.Register.IsZero():
		return *named, true
	case named != nil && *named != scope.Register:
		p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
		return id.Register{}, false
	default:
		return scope.Register, true
	}
}

// replay answers a key that came before.
func (s *Sales) replay(ctx context.Context, key *idempotencyKey, hash []byte) (*Sale, error) {
	if !bytes.Equal(key.RequestHash, hash) {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another sale before.",
		}}
	}
	sales, err := s.ByID(ctx, []id.Sale{key.SaleID})
	if err != nil {
		return nil, err
	}
	if len(sales) == 0 {
		return nil, fmt.Errorf("the sale %s of an idempotency key is gone", key.SaleID)
	}
	return sales[0], nil
}
