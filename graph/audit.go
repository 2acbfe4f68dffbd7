package graph

import (
	"context"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// mostVerified is how many records one request verifies.
const mostVerified = 200_000

// auditLoaders look up the records of changes.
type auditLoaders struct {
	auditEvent loader.Loader[id.AuditEvent, *audit.Event]
	access     loader.Loader[id.AuditAccess, *audit.Access]
	historyOf  *loader.Pages[uuid.UUID, audit.Event]
}

func (r *Resolver) newAuditLoaders() auditLoaders {
	return auditLoaders{
		auditEvent: loader.ByKey(warmRows(r.trail.EventsByID, auditRelations()), func(e *audit.Event) id.AuditEvent { return e.ID }),
		access:     loader.ByKey(warmRows(r.trail.AccessesByID, accessRelations()), func(a *audit.Access) id.AuditAccess { return a.ID }),
		historyOf:  warmed(r.trail.HistoryOf, auditRelations()),
	}
}

func auditRelations() relations[audit.Event] {
	return relations[audit.Event]{"AuditEvent", map[string]ask[audit.Event]{
		"user":     maybe((*loaders).users, func(e *audit.Event) *id.User { return e.UserID }),
		"register": maybe((*loaders).registers, func(e *audit.Event) *id.Register { return e.AtRegisterID }),
		"store":    maybe((*loaders).stores, storeOf),
	}}
}

// storeOf is the store of what changed, nil for what belongs to none.
func storeOf(e *audit.Event) *id.Store {
	if e.StoreID.IsZero() {
		return nil
	}
	return &e.StoreID
}

// historyAsk asks for the changes of each row.
func historyAsk[T any, K interface{ UUID() uuid.UUID }](key func(*T) K) ask[T] {
	return pages(func(l *loaders) *loader.Pages[uuid.UUID, audit.Event] { return l.historyOf },
		func(row *T) uuid.UUID { return key(row).UUID() })
}

// origin puts into a context where its request comes from.
func (r *request) origin(ctx context.Context, operation string) context.Context {
	if r == nil {
		return ctx
	}
	from := tenancy.Origin{Address: r.address, Request: r.id, Operation: clipped(operation, longestOperation)}
	if scope, err := tenancy.From(ctx); err == nil {
		from.Operator = operatorOf(scope)
	}
	return tenancy.WithOrigin(ctx, from)
}

// operatorOf is how the trail names an operator: by the access, which says who that is. Everybody else is no operator.
func operatorOf(scope *tenancy.Scope) string {
	if scope.Support.IsZero() {
		return ""
	}
	return scope.Support.String()
}

// longestOperation is how much is kept of the name that a client gives to its operation.
const longestOperation = 100
