package company

import (
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Till is a register with its store, which are kept between requests. Both are nil where the scope doesn't have them.
type Till struct {
	Register *Register
	Store    *Store

	h          *postgres.Handle
	id         id.Register
	statements []postgres.Statement
}

// TillOf builds the look-up of a register: at most two statements, and none once the register and its store are known.
func TillOf(h *postgres.Handle, register id.Register) *Till {
	t := &Till{h: h, id: register}
	t.statements = append(t.statements, postgres.KeptRow(h, register.UUID(), &t.Register, func() bun.Query { return t.row() }))
	store := func() bun.Query { return h.Select((*Store)(nil)).Where("store.id = (?)", t.StoreID()) }
	if t.Register == nil {
		t.statements = append(t.statements, postgres.Row(&t.Store, store()))
	} else {
		t.statements = append(t.statements, postgres.KeptRow(h, t.Register.StoreID.UUID(), &t.Store, store))
	}
	return t
}

// Statements are what must be read before the register and its store are there.
func (t *Till) Statements() []postgres.Statement { return t.statements }

// StoreID selects the id of the store, for statements that are sent together with those of the till.
func (t *Till) StoreID() *bun.SelectQuery {
	if t.Register != nil {
		return t.h.NewSelect().ColumnExpr("?::uuid", t.Register.StoreID)
	}
	return t.row().Column("store_id")
}

// Known is the store, zero where only the database knows it yet.
func (t *Till) Known() id.Store {
	if t.Register == nil {
		return id.Store{}
	}
	return t.Register.StoreID
}

func (t *Till) row() *bun.SelectQuery {
	return t.h.Select((*Register)(nil)).Where("?TableAlias.id = ?", t.id)
}
