package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/graph/wire"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// record has an access written to the trail of the company whose it was. Who asks without a token or key that works
// belongs to none.
func (c Config) record(ctx context.Context, r *request, codes []string, took time.Duration) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		scope = r.asked
	}
	if c.Accessed == nil || scope == nil {
		return
	}
	a := &audit.Access{
		At: c.Now(), Operator: operatorOf(scope), Address: r.address, RequestID: r.id, Operation: r.named,
		Kind: kindOf(r.kind), Types: r.selects(), Rows: int(r.stats.Rows()), Micros: took.Microseconds(),
		Outcome: outcome(codes), Codes: codes,
	}
	a.TenantID = scope.Company
	if r.about != nil {
		a.Document = r.about.hash
	}
	if !scope.User.IsZero() {
		a.UserID = &scope.User
	}
	if !scope.Register.IsZero() {
		a.AtRegisterID = &scope.Register
	}
	if !scope.AllStores() {
		if reached := scope.Stores(); len(reached) == 1 {
			a.StoreID = reached[0]
		}
	}
	stores := touched(r, scope)
	a.StoreIDs = make([]uuid.UUID, len(stores))
	for i, store := range stores {
		a.StoreIDs[i] = store.UUID()
	}
	c.Accessed(a)
}

// touched are the stores whose rows an operation read or wrote: where that can't be told those that it reached, and none
// where these are too many to be listed with each operation.
func touched(r *request, scope *tenancy.Scope) []id.Store {
	const most = 100
	stores, all := r.stats.Stores()
	if !all {
		return stores
	}
	reached := scope.Stores()
	if len(reached) > most {
		return nil
	}
	return reached
}

func kindOf(operation string) audit.Kind {
	switch operation {
	case "query":
		return audit.Query
	case "mutation":
		return audit.Mutation
	default:
		return audit.None
	}
}

// outcome says what became of an operation, by the codes of its errors.
func outcome(codes []string) audit.Outcome {
	for _, code := range codes {
		switch errs.Code(code) {
		case errs.Forbidden, errs.Unauthenticated, errs.RateLimited, errs.Throttled, errs.FeatureOff,
			wire.CodeDocumentUnregistered:
			return audit.Refused
		default: // a failure, unless another one says more
		}
	}
	if len(codes) > 0 {
		return audit.Failed
	}
	return audit.Answered
}

// accessStores are the stores that an access touched.
func accessStores(a *audit.Access) []id.Store {
	stores := make([]id.Store, len(a.StoreIDs))
	for i, store := range a.StoreIDs {
		stores[i] = id.Store(store)
	}
	return stores
}

// storesOfAccess gives those of the stores that the caller sees.
func storesOfAccess(ctx context.Context, a *audit.Access) ([]*company.Store, error) {
	keys, stores := accessStores(a), []*company.Store{}
	from := load(ctx).store
	from.LoadAll(ctx, keys)
	for _, key := range keys {
		store, err := from.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		if store != nil {
			stores = append(stores, store)
		}
	}
	return stores, nil
}

func accessRelations() relations[audit.Access] {
	return relations[audit.Access]{"AuditAccess", map[string]ask[audit.Access]{
		"user":     maybe((*loaders).users, func(a *audit.Access) *id.User { return a.UserID }),
		"register": maybe((*loaders).registers, func(a *audit.Access) *id.Register { return a.AtRegisterID }),
		"stores": func(ctx context.Context, l *loaders, rows []*audit.Access, _ graphql.CollectedField) {
			var stores []id.Store
			for _, a := range rows {
				stores = append(stores, accessStores(a)...)
			}
			if len(stores) > 0 {
				l.store.LoadAll(ctx, stores)
			}
		},
	}}
}
