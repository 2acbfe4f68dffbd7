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
	var row personRow
	var store *uuid.UUID
	err := db.look(ctx, "select a.*, c.*, r from tillgraph.user_access($1, $2, $3, $4) a, tillgraph.company_config($1) c, "+
		"tillgraph.session_register($1, $4, $5) r",
		append(p.args(), register.UUID()), append(row.into(), &store)...)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, ErrNoAccess
	}
	scope, err := row.scope(p).AtRegister(register, id.Store(*store))
	if err != nil {
		return nil, ErrNoAccess
	}
	return db.know(holder{Person: p, register: register}, scope), nil
}
