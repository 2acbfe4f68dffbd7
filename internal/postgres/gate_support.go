package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// SupportScope gives the scope of an operator's access to a company, as long as it is open.
//
// Errors: ErrNoAccess.
func (db *DB) SupportScope(ctx context.Context, company id.Company, access id.SupportAccess) (*tenancy.Scope, error) {
	var writes bool
	var stores []uuid.UUID
	var slug, status string
	var c config
	err := db.gate(ctx, "select * from tillgraph.support_access($1, $2), tillgraph.company_config($1)",
		[]any{company.UUID(), access.UUID()}, append([]any{&writes, &stores, &slug, &status}, c.into()...)...)
	if err != nil {
		return nil, err
	}
	spec := tenancy.Spec{
		Company: company, CompanySlug: slug, Suspended: status != "ACTIVE", Role: tenancy.Support, Support: access,
		ReadOnly: !writes, AllStores: true, Stores: make([]id.Store, len(stores)), Config: c.config(),
	}
	for i, store := range stores {
		spec.Stores[i] = id.Store(store)
	}
	return tenancy.New(spec), nil
}

// SupportAct writes down what is about to be done with an operator's access.
//
// Errors: ErrNoAccess, where it isn't open any more.
func (db *DB) SupportAct(ctx context.Context, scope *tenancy.Scope, action, request string) error {
	var open bool
	err := db.write.QueryRow(ctx, "select tillgraph.support_act($1, $2, $3, $4, $5)",
		scope.Company.UUID(), scope.Support.UUID(), id.New[id.SupportAct]().UUID(), action, request).Scan(&open)
	switch {
	case err != nil:
		return translate(fmt.Errorf("write down an operator's act: %w", err))
	case !open:
		return ErrNoAccess
	}
	return nil
}

var errReadOnly = errors.New("a scope that only reads")
