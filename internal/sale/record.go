package sale

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tillgraph/tillgraph/internal/company"
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
	facts, err := s.ask(ctx, register, in)
	if err != nil {
		return nil, err
	}
	draft := s.plain(scope, facts, in, problems)
	if draft != nil {
		err = s.writePlain(ctx, scope, draft, facts, in, hash)
	} else {
		if err := s.read(ctx, facts); err != nil {
			return nil, err
		}
		if err := facts.mayTakeBack(scope, in); err != nil {
			return s.replay(ctx, register, in, hash, err)
		}
		draft = s.draft(&problems, scope, facts, in)
		if err := problems.Err(); err != nil {
			return s.replay(ctx, register, in, hash, err)
		}
		draft.key.RequestHash = hash
		err = s.db.Write(ctx, draft.write)
	}
	switch {
	case draft.number.taken:
		if wrong := s.taken(ctx, draft); wrong != nil {
			return nil, wrong
		}
		return nil, err
	case postgres.IsUnique(err):
		return s.replay(ctx, register, in, hash, errCollided)
	case err == nil:
		s.told(scope.Company)
	}
	return draft.sale, err
}

var errCollided = errors.New("a sale collided with something other than its key")

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

// replay answers a key that came before, and says what was in the way where none did. It is looked up only then, since
// nearly no key comes twice: one that did collides with itself when it is written, and what stops a sale before that (goods
// that are sold no more, say) mustn't stop its repetition.
func (s *Sales) replay(
	ctx context.Context, register id.Register, in RecordInput, hash []byte, inTheWay error,
) (*Sale, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var key *idempotencyKey
	if err := h.Read(ctx, keyed(h, register, in.key(), &key)); err != nil {
		return nil, err
	}
	if key == nil {
		return nil, inTheWay
	}
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

// keyed builds the statement that finds a key of a register's sales.
func keyed(h *postgres.Handle, register id.Register, key string, dst **idempotencyKey) postgres.Statement {
	// The index begins with the store: without it, all keys of the company would be looked through.
	return postgres.Row(dst, h.Select((*idempotencyKey)(nil)).
		Where("idempotency_key.store_id = (?)", company.TillOf(h, register).StoreID()).
		Where("?TableAlias.register_id = ?", register).Where("?TableAlias.key = ?", key))
}
