// Package tenancy says on whose behalf a request runs: the Scope, made once per request and carried in its
// context. Nothing reads or writes a company's data without one.
package tenancy

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// Scope is the company, the stores and the actor of one request. It is never changed: narrowing makes another.
type Scope struct {
	Company     id.Company
	CompanySlug string
	Role        Role
	// Suspended companies read and do not sell.
	Suspended bool

	// User is the person, zero when a register acts by itself.
	User id.User
	// Register is the device, zero when a person acts without one.
	Register id.Register
	// Session is the login behind the token, zero for tokens that were minted by an operator.
	Session id.Session

	// Support is the operator's access behind the request, zero for everybody else; ReadOnly says that it changes
	// nothing.
	Support  id.SupportAccess
	ReadOnly bool

	stores storeList
	// allStores says that the actor has every store of the company, not only those listed when the request came.
	allStores bool
	// ofCompany says that allStores was so before any narrowing.
	ofCompany bool
	// held are the permissions of the role that the actor has where at names no other one. Both are sorted.
	held []Permission
	at   map[id.Store][]Permission

	config Config
	// configChanged says that the request changed what is kept of the company; all narrowings share it.
	configChanged *atomic.Bool
	// claim is what all narrowings of a scope rest on that was known before the request came.
	claim *Claim
	// within are the scopes that Within made of this one, so that those who ask for the same stores share one.
	within *narrowings
}

// Spec is what a Scope is made of.
type Spec struct {
	Company     id.Company
	CompanySlug string
	Role        Role
	Suspended   bool
	User        id.User
	Register    id.Register
	Session     id.Session
	Stores      []id.Store
	// Permissions are those of a Custom role; a preset brings its own.
	Permissions []Permission
	// AllStores says that the role holds in every store of the company. An owner's always does.
	AllStores bool
	// At are the roles that differ from Role in some of the stores.
	At map[id.Store]Grant
	// Config is what the company may use.
	Config Config
	// Support is the operator's access, with ReadOnly where it is for reading.
	Support  id.SupportAccess
	ReadOnly bool
}

// Grant is a role in one store: a preset, or a custom one with its permissions.
type Grant struct {
	Role        Role
	Permissions []Permission
}

// New makes a Scope. It is called by who has just checked the actor against the database, and by nobody else.
func New(s Spec) *Scope {
	scope := &Scope{
		Company: s.Company, CompanySlug: s.CompanySlug, Role: s.Role, Suspended: s.Suspended,
		User: s.User, Register: s.Register, Session: s.Session, Support: s.Support, ReadOnly: s.ReadOnly,
		stores: storesOf(slices.Clone(s.Stores)), allStores: s.Role == Owner || s.AllStores, ofCompany: s.Role == Owner || s.AllStores,
		held: Grant{Role: s.Role, Permissions: s.Permissions}.permissions(), within: &narrowings{},
		config: s.Config, configChanged: newConfigChanged(),
	}
	if s.Role == Support && !s.ReadOnly {
		scope.held = supportWriting()
	}
	if len(s.At) > 0 && s.Role != Owner {
		scope.at = make(map[id.Store][]Permission, len(s.At))
		for store, grant := range s.At {
			scope.at[store] = grant.permissions()
		}
	}
	return scope
}

// Stores are those that the request may see, in the order of their ids.
func (s *Scope) Stores() []id.Store { return slices.Clone(s.stores.ids) }

// StoresText is Stores in the database's form, with commas between them.
func (s *Scope) StoresText() string { return s.stores.text }

// HasStore says whether the request may see a store.
func (s *Scope) HasStore(store id.Store) bool { return s.stores.has(store) }

// AllStores says that the actor has every store of the company, and has not narrowed the request to one.
func (s *Scope) AllStores() bool { return s.allStores }

// Narrow limits the scope to one of its stores. A store that isn't among them is answered as one that doesn't
// exist.
func (s *Scope) Narrow(store id.Store) (*Scope, error) {
	if !s.HasStore(store) {
		return nil, ErrNoSuchStore()
	}
	return s.only([]id.Store{store}), nil
}

func (s *Scope) only(stores []id.Store) *Scope {
	narrowed := *s
	narrowed.stores = storesOf(stores)
	narrowed.allStores = false
	narrowed.within = &narrowings{}
	return &narrowed
}

// ErrNoSuchStore is the answer to every X-Store-ID that isn't one of the caller's stores, whatever it is instead.
func ErrNoSuchStore() error {
	return errs.New(errs.Forbidden, "X-Store-ID does not name a store of yours.")
}

// WithNewStore widens the scope by a store that is about to be created in it. It and ForReceipts are the only places
// where a scope grows. Only who has all stores of the company may do so.
func (s *Scope) WithNewStore(store id.Store) (*Scope, error) {
	if !s.allStores {
		return nil, errs.New(errs.Forbidden, "Only who has all stores may add one.")
	}
	widened := *s
	widened.within = &narrowings{}
	widened.stores = storesOf(append(s.Stores(), store))
	return &widened, nil
}

// ForReceipts gives a scope that sees PAST the caller's own: every register of the given stores, whoever asks.
//
// It exists because goods come back to another till, or another store, than the one that sold them, while a
// register sees its own receipts alone and a cashier those of their stores. Handle with care:
//
//   - stores come from postgres.ReturnableLines or ReturnableSale, which ask the database whether a receipt of
//     theirs may be looked at from here, and from nowhere else: never from what a client sent.
//   - it is for READING the lines that come back and their sale, named by id. Whatever is written is written in
//     the caller's own scope, which this leaves as it is.
//   - what is read goes to nobody but as far as a return needs it.
func (s *Scope) ForReceipts(stores []id.Store) *Scope {
	widened := *s
	widened.stores = storesOf(slices.Clone(stores))
	widened.allStores = false
	widened.Register = id.Register{}
	return &widened
}

type contextKey struct{}

// With puts the scope into a request's context.
func With(ctx context.Context, s *Scope) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// From gives the request's scope. A missing scope is an error, never an empty company.
func From(ctx context.Context) (*Scope, error) {
	s, ok := ctx.Value(contextKey{}).(*Scope)
	if !ok || s == nil || s.Company.IsZero() {
		return nil, errs.New(errs.Unauthenticated, "Log in, or send a register's key.")
	}
	return s, nil
}
