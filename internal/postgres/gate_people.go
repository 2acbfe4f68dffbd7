package postgres

import (
	"context"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// PersonAtRegister gives the scope of a person who logged in with a PIN at a register: the register, its store, and
// what the person may do there as of now.
//
// Errors: ErrNoAccess also where the register is closed or has another key since, or the person lost the store.
func (db *DB) PersonAtRegister(ctx context.Context, p Person, register id.Register) (*tenancy.Scope, error) {
	var store *uuid.UUID
	err := db.gate(ctx, "select tillgraph.session_register($1, $2, $3)",
		[]any{p.Company.UUID(), p.Session.UUID(), register.UUID()}, &store)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, ErrNoAccess
	}
	scope, err := db.PersonScope(ctx, p)
	if err != nil {
		return nil, err
	}
	if scope, err = scope.AtRegister(register, id.Store(*store)); err != nil {
		return nil, ErrNoAccess
	}
	return scope, nil
}
