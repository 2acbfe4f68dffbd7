package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// ErrNoAccess says that whoever asks is nobody here, for whatever reason.
var ErrNoAccess = errors.New("no such company, person or register")

// The gate: the three questions that come before a scope is known, the two that look past a known one for goods that
// come back, and what keeps the sums of reports (gate_report.go). Each is a function of the database that answers about one company, or nothing.

// CompanyBySlug gives the company that a slug names.
//
// Errors: ErrNoAccess.
func (db *DB) CompanyBySlug(ctx context.Context, slug string) (id.Company, error) {
	var company *uuid.UUID
	err := db.gate(ctx, "select tillgraph.company_by_slug($1)", []any{slug}, &company)
	if err != nil {
		return id.Company{}, err
	}
	if company == nil {
		return id.Company{}, ErrNoAccess
	}
	return id.Company(*company), nil
}

// Person names who asks: by our id, or by what an outside identity provider calls them.
type Person struct {
	Company         id.Company
	User            id.User
	ExternalSubject string
	// Session is the login behind the token; zero where there is none.
	Session id.Session
}

// PersonScope gives the scope of a person as of now: their role, their stores.
//
// Errors: ErrNoAccess, for somebody unknown, deactivated, or logged out.
func (db *DB) PersonScope(ctx context.Context, p Person) (*tenancy.Scope, error) {
	var row personRow
	err := db.look(ctx, "select a.*, c.* from tillgraph.user_access($1, $2, $3, $4) a, tillgraph.company_config($1) c",
		p.args(), row.into()...)
	if err != nil {
		return nil, err
	}
	return db.know(holder{Person: p}, row.scope(p)), nil
}

func (p Person) args() []any {
	return []any{p.Company.UUID(), optional(p.User.UUID()), p.ExternalSubject, optional(p.Session.UUID())}
}

// personRow is what tillgraph.user_access and company_config answer together.
type personRow struct {
	user                            uuid.UUID
	role, permissions, slug, status string
	allStores                       bool
	stores                          []uuid.UUID
	roles, granted                  []string
	config                          config
}

func (r *personRow) into() []any {
	return append([]any{
		&r.user, &r.role, &r.permissions, &r.allStores, &r.stores, &r.roles, &r.granted, &r.slug, &r.status,
	}, r.config.into()...)
}

func (r *personRow) scope(p Person) *tenancy.Scope {
	spec := tenancy.Spec{
		Company: p.Company, CompanySlug: r.slug, Suspended: r.status != "ACTIVE", Role: tenancy.Role(r.role),
		Permissions: split(r.permissions), AllStores: r.allStores, User: id.User(r.user), Session: p.Session,
		Stores: make([]id.Store, len(r.stores)), At: map[id.Store]tenancy.Grant{},
		Config: r.config.config(),
	}
	for i, store := range r.stores {
		spec.Stores[i] = id.Store(store)
		if r.roles[i] != "" {
			spec.At[id.Store(store)] = tenancy.Grant{Role: tenancy.Role(r.roles[i]), Permissions: split(r.granted[i])}
		}
	}
	return tenancy.New(spec)
}

func split(permissions string) []tenancy.Permission {
	var list []tenancy.Permission
	for name := range strings.SplitSeq(permissions, ",") {
		if name != "" {
			list = append(list, tenancy.Permission(name))
		}
	}
	return list
}

// RegisterScope gives the scope of a register that shows the hash of its key.
//
// Errors: ErrNoAccess, for an unknown or closed register, or another's or an old key.
func (db *DB) RegisterScope(
	ctx context.Context, company id.Company, register id.Register, keyHash []byte,
) (*tenancy.Scope, error) {
	var store uuid.UUID
	var slug, status string
	var c config
	err := db.look(ctx, "select a.*, c.* from tillgraph.register_access($1, $2, $3) a, tillgraph.company_config($1) c",
		[]any{company.UUID(), register.UUID(), keyHash}, append([]any{&store, &slug, &status}, c.into()...)...)
	if err != nil {
		return nil, err
	}
	return db.know(deviceHolder(company, register, keyHash), tenancy.New(tenancy.Spec{
		Company: company, CompanySlug: slug, Suspended: status != "ACTIVE", Role: tenancy.Register,
		Register: register, Stores: []id.Store{id.Store(store)}, Config: c.config(),
	})), nil
}

// ReturnableLines tells in which stores lines were sold whose goods may come back to a register of the scope's
// stores: in its own store, or in any of the company where its settings say so. What there isn't and what may not
// come back are not told apart: their stores are not there.
func (db *DB) ReturnableLines(ctx context.Context, at id.Register, lines []id.SaleLine) ([]id.Store, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var stores []uuid.UUID
	err = db.gateWithin(ctx, scope, "select array(select store_id from tillgraph.returnable_lines($1, $2, $3, $4))",
		[]any{scope.Company.UUID(), uuidArray(scope.Stores()), at.UUID(), uuidArray(lines)}, &stores)
	if err != nil {
		return nil, err
	}
	ids := make([]id.Store, len(stores))
	for i, store := range stores {
		ids[i] = id.Store(store)
	}
	return ids, nil
}

// Receipt names a sale by what is printed on its receipt.
type Receipt struct {
	StoreCode, RegisterCode string
	Number                  int64
}

// ReturnableSale finds a sale of the scope's stores, or of any of the company where its settings say so: by its
// id, or, where that is zero, by its receipt.
//
// Errors: ErrNoAccess, where there is none or it may not be looked at from here.
func (db *DB) ReturnableSale(ctx context.Context, sale id.Sale, r Receipt) (found id.Sale, in id.Store, err error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return found, in, err
	}
	var saleID, storeID uuid.UUID
	err = db.gateWithin(ctx, scope, "select * from tillgraph.returnable_sale($1, $2, $3, $4, $5, $6)",
		[]any{
			scope.Company.UUID(), uuidArray(scope.Stores()), optional(sale.UUID()), r.StoreCode, r.RegisterCode, r.Number,
		}, &saleID, &storeID)
	return id.Sale(saleID), id.Store(storeID), err
}

// uuidArray is an array as text: without prepared statements pgx can't tell what an array is of.
func uuidArray[T interface{ ~[16]byte }](ids []T) string {
	texts := make([]string, len(ids))
	for i, v := range ids {
		texts[i] = uuidText(v)
	}
	return "{" + strings.Join(texts, ",") + "}"
}

func (db *DB) gate(ctx context.Context, sql string, args []any, into ...any) error {
	err := db.read.QueryRow(ctx, sql, args...).Scan(into...)
	if err != nil && lostConnection(err) && ctx.Err() == nil {
		db.reset()
		err = db.read.QueryRow(ctx, sql, args...).Scan(into...)
	}
	return answered(err)
}

func answered(err error) error {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNoAccess
	case err != nil:
		return translate(fmt.Errorf("ask the gate: %w", err))
	}
	return nil
}
