package report

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// The rows of what reports are grouped by, as far as a file names them.
type (
	namedStore struct {
		bun.BaseModel `bun:"table:stores,alias:named"`
		postgres.StoreItself
	}
	namedRegister struct {
		bun.BaseModel `bun:"table:registers,alias:named"`
		postgres.StoreOwned
	}
	namedPerson struct {
		bun.BaseModel `bun:"table:users,alias:named"`
		postgres.TenantOwned
	}
	namedProduct struct {
		bun.BaseModel `bun:"table:products,alias:named"`
		postgres.TenantOwned
	}
	namedBrand struct {
		bun.BaseModel `bun:"table:brands,alias:named"`
		postgres.TenantOwned
	}
	namedSupplier struct {
		bun.BaseModel `bun:"table:suppliers,alias:named"`
		postgres.TenantOwned
	}
	namedGroup struct {
		bun.BaseModel `bun:"table:customer_groups,alias:named"`
		postgres.TenantOwned
	}
	namedCategory struct {
		bun.BaseModel `bun:"table:categories,alias:named"`
		postgres.TenantOwned
	}
)

// called is what something is called.
type called struct {
	ID   uuid.UUID `bun:"id"`
	Code string    `bun:"code"`
	Name string    `bun:"name"`
}

// names are what the things of some rows are called.
type names struct{ of map[uuid.UUID]*called }

func (n *names) get(key any) *called {
	if named := n.of[keyOf(key)]; named != nil {
		return named
	}
	return &called{}
}

func (n *names) code(key any) string { return n.get(key).Code }
func (n *names) name(key any) string { return n.get(key).Name }

// keyOf is the id that a group has, the zero one where it has none.
func keyOf(key any) uuid.UUID {
	switch key := key.(type) {
	case *id.Store:
		return deref(key)
	case *id.Register:
		return deref(key)
	case *id.User:
		return deref(key)
	case *id.Product:
		return deref(key)
	case *id.Category:
		return deref(key)
	case *id.Brand:
		return deref(key)
	case *id.Supplier:
		return deref(key)
	case *id.CustomerGroup:
		return deref(key)
	default:
		return uuid.Nil
	}
}

func deref[T ~[16]byte](key *T) uuid.UUID {
	if key == nil {
		return uuid.Nil
	}
	return uuid.UUID(*key)
}

// nameless are the things whose names are wanted, by kind.
type nameless map[string]map[uuid.UUID]bool

func (ids nameless) note(kind string, key any) {
	of := keyOf(key)
	if of == uuid.Nil {
		return
	}
	if ids[kind] == nil {
		ids[kind] = map[uuid.UUID]bool{}
	}
	ids[kind][of] = true
}

// inGroups are the things that the groups of some rows are of.
func inGroups(rows []*Row) nameless {
	ids := nameless{}
	for _, row := range rows {
		g := row.Group()
		ids.note("store", g.StoreID())
		ids.note("register", g.RegisterID())
		ids.note("person", g.CashierID())
		ids.note("product", g.ProductID())
		ids.note("category", g.CategoryID())
		ids.note("category", g.CategoryTodayID())
		ids.note("brand", g.BrandID())
		ids.note("brand", g.BrandTodayID())
		ids.note("supplier", g.SupplierID())
		ids.note("supplier", g.SupplierTodayID())
		ids.note("customer group", g.CustomerGroupID())
	}
	return ids
}

// names reads what these are called, in one round trip, within the scope.
func (ids nameless) names(ctx context.Context, h *postgres.Handle) (*names, error) {
	n := &names{of: map[uuid.UUID]*called{}}
	var statements []postgres.Statement
	lists := make([][]*called, 0, len(ids))
	for _, kind := range []struct {
		name, code string
		model      any
	}{
		{"store", "named.code", (*namedStore)(nil)},
		{"register", "named.code", (*namedRegister)(nil)},
		{"person", "''", (*namedPerson)(nil)},
		{"product", "named.sku", (*namedProduct)(nil)},
		{"category", "''", (*namedCategory)(nil)},
		{"brand", "''", (*namedBrand)(nil)},
		{"supplier", "''", (*namedSupplier)(nil)},
		{"customer group", "''", (*namedGroup)(nil)},
	} {
		if len(ids[kind.name]) == 0 {
			continue
		}
		keys := make([]uuid.UUID, 0, len(ids[kind.name]))
		for key := range ids[kind.name] {
			keys = append(keys, key)
		}
		lists = append(lists, nil)
		statements = append(statements, postgres.Rows(&lists[len(lists)-1], h.Select(kind.model).
			ColumnExpr("named.id, ? AS code, named.name", bun.Safe(kind.code)).
			Where("named.id = ANY (?::uuid[])", postgres.UUIDs(keys))))
	}
	if len(statements) == 0 {
		return n, nil
	}
	if err := h.Read(ctx, statements...); err != nil {
		return nil, err
	}
	for _, list := range lists {
		for _, one := range list {
			n.of[one.ID] = one
		}
	}
	return n, nil
}
