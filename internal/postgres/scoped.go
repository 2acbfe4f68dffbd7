package postgres

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TenantOwned is the base of every model whose rows belong to a company.
type TenantOwned struct {
	TenantID id.Company `bun:"tenant_id,skipupdate" json:"-"`
}

// StoreOwned is the base of models whose rows belong to one store of a company.
type StoreOwned struct {
	TenantOwned
	StoreID id.Store `bun:"store_id,skipupdate" json:"-"`
}

// RegisterOwned is the base of models whose rows belong to one register of a store: a register that asks for
// itself sees its own alone.
type RegisterOwned struct {
	StoreOwned
	RegisterID id.Register `bun:"register_id,skipupdate" json:"-"`
}

// StoreItself is the base of the one model that is a store: its id is what store_id is elsewhere.
type StoreItself struct {
	TenantOwned
	ID id.Store `bun:"id,pk" json:"-"`
}

// owned is what the bases give to a model.
type owned interface {
	// predicate is the scope of a row, in terms of named arguments; prefix stands before each column.
	predicate(prefix string) string
	// own sets the company of a row about to be written over whatever it holds, and refuses a row of a store or
	// a register outside of the scope.
	own(s *tenancy.Scope) error
}

func (*TenantOwned) predicate(prefix string) string {
	return prefix + `"tenant_id" = ?app_tenant`
}

func (*StoreOwned) predicate(prefix string) string {
	return prefix + `"tenant_id" = ?app_tenant AND (?app_any_store OR ` + prefix + `"store_id" = ANY (?app_stores::uuid[]))`
}

func (*StoreItself) predicate(prefix string) string {
	return prefix + `"tenant_id" = ?app_tenant AND (?app_any_store OR ` + prefix + `"id" = ANY (?app_stores::uuid[]))`
}

func (*RegisterOwned) predicate(prefix string) string {
	return (&StoreOwned{}).predicate(prefix) + ` AND (?app_any_register OR ` + prefix + `"register_id" = ?app_register)`
}

func (o *TenantOwned) own(s *tenancy.Scope) error { //nolint:unparam // the other bases may refuse
	o.TenantID = s.Company
	return nil
}

func (o *StoreOwned) own(s *tenancy.Scope) error {
	o.TenantID = s.Company
	return ownStore(s, o.StoreID)
}

func (o *StoreItself) own(s *tenancy.Scope) error {
	o.TenantID = s.Company
	return ownStore(s, o.ID)
}

func (o *RegisterOwned) own(s *tenancy.Scope) error {
	if !s.Register.IsZero() && o.RegisterID != s.Register {
		return fmt.Errorf("write a row of register %s: %w", o.RegisterID, errOutOfScope)
	}
	return o.StoreOwned.own(s)
}

func ownStore(s *tenancy.Scope, store id.Store) error {
	if !s.HasStore(store) {
		return fmt.Errorf("write a row of store %s: %w", store, errOutOfScope)
	}
	return nil
}

// BeforeInsert implements bun.BeforeInsertHook: the company is the scope's, whatever the struct says.
func (*TenantOwned) BeforeInsert(ctx context.Context, q *bun.InsertQuery) error {
	s, err := tenancy.From(ctx)
	if err != nil {
		return err
	}
	if column := valued(q, ownerColumns); column != "" {
		return fmt.Errorf("%w: Value sets %s", errUnscoped, column)
	}
	if upserts(q) {
		// The row that is there already may be of another store or register.
		rule, err := rowRule(q.GetModel())
		if err != nil {
			return err
		}
		q.Where(rule)
	}
	return eachRow(q.GetModel(), func(row owned) error {
		if err := row.own(s); err != nil {
			return err
		}
		wroteRow(ctx, row)
		return nil
	})
}

// valued gives the first of the columns that a statement gives a value past the struct (InsertQuery.Value), "" where it
// gives none. bun doesn't tell, so that this looks inside; what it doesn't find there it takes for given.
func valued(q *bun.InsertQuery, columns []string) string {
	values := within(q, insertValues)
	if values.Kind() == reflect.Map && values.Len() == 0 {
		return ""
	}
	for _, column := range columns {
		if values.Kind() != reflect.Map || values.MapIndex(reflect.ValueOf(column)).IsValid() {
			return column
		}
	}
	return ""
}

// upserts says that a statement is ON CONFLICT DO UPDATE. inspect refuses one that this doesn't see.
func upserts(q *bun.InsertQuery) bool {
	conflict := within(q, insertConflict)
	return conflict.Kind() == reflect.String && strings.Contains(strings.ToUpper(conflict.String()), "DO UPDATE")
}

// Where bun has it, found once: looking for a field by its name is a good part of what the hook of an insert takes. Nil is
// where it isn't found.
var insertValues, insertConflict = insideInsert("modelValues"), insideInsert("on", "Query")

func insideInsert(path ...string) (at []int) {
	typ := reflect.TypeFor[bun.InsertQuery]()
	for _, name := range path {
		if typ.Kind() != reflect.Struct {
			return nil
		}
		field, there := typ.FieldByName(name)
		if !there {
			return nil
		}
		at, typ = append(at, field.Index...), field.Type
	}
	return at
}

func within(q *bun.InsertQuery, at []int) reflect.Value {
	if at == nil {
		return reflect.Value{}
	}
	return reflect.ValueOf(q).Elem().FieldByIndex(at)
}

// BeforeUpdate implements bun.BeforeUpdateHook.
func (*TenantOwned) BeforeUpdate(_ context.Context, q *bun.UpdateQuery) error {
	rule, err := rowRule(q.GetModel())
	if err != nil {
		return err
	}
	q.Where(rule)
	return nil
}

// BeforeDelete implements bun.BeforeDeleteHook.
func (*TenantOwned) BeforeDelete(_ context.Context, q *bun.DeleteQuery) error {
	rule, err := rowRule(q.GetModel())
	if err != nil {
		return err
	}
	q.Where(rule)
	return nil
}

// rowRule is the predicate of a model's own row, by its alias.
func rowRule(model bun.Model) (string, error) {
	table, ok := model.(bun.TableModel)
	if !ok {
		return "", errUnscoped
	}
	row, ok := table.Table().ZeroIface.(owned)
	if !ok {
		return "", errUnscoped
	}
	return row.predicate("?TableAlias."), nil
}

// eachRow calls fn for the struct, or each struct of the slice, that a statement writes.
func eachRow(model bun.Model, fn func(owned) error) error {
	if model == nil {
		return errUnscoped
	}
	v := reflect.Indirect(reflect.ValueOf(model.Value()))
	if v.Kind() != reflect.Slice {
		return ownValue(v, fn)
	}
	for i := range v.Len() {
		if err := ownValue(reflect.Indirect(v.Index(i)), fn); err != nil {
			return err
		}
	}
	return nil
}

func ownValue(v reflect.Value, fn func(owned) error) error {
	if v.Kind() != reflect.Struct || !v.CanAddr() {
		return errUnscoped
	}
	row, ok := reflect.TypeAssert[owned](v.Addr())
	if !ok {
		return errUnscoped
	}
	return fn(row)
}

// register makes bun read a model's table through its scope wherever it stands: FROM, JOIN, sub-query, CTE,
// Count and Exists. Model hooks fire in few of these places; the name of the table is in all of them.
func register(tables *schema.Tables, model any, scoping bool) (*schema.Table, error) {
	typ := reflect.TypeOf(model).Elem()
	table := tables.Get(typ)
	row, ok := table.ZeroIface.(owned)
	_, hasTenant := table.FieldMap["tenant_id"]
	if hasTenant && !ok {
		return nil, fmt.Errorf("model %s has tenant_id and does not embed a scoped base", typ)
	}
	if !ok {
		return nil, fmt.Errorf("model %s is of no company: the server has no way to read it", typ)
	}
	for column, base := range map[string]bool{
		"store_id":    strings.Contains(row.predicate(""), `"store_id"`),
		"register_id": strings.Contains(row.predicate(""), `"register_id"`),
	} {
		if _, has := table.FieldMap[column]; has && !base && !optionalOwner(table, column) {
			return nil, fmt.Errorf("model %s has %s and does not embed the base of its kind", typ, column)
		}
	}
	if scoping {
		table.SQLNameForSelects = schema.Safe(scopedSelect(table.Name) + row.predicate("") + ")")
	}
	return table, nil
}

// optionalOwner says that a column may be null and so can't be what a row belongs to.
func optionalOwner(table *schema.Table, column string) bool {
	return table.FieldMap[column].StructField.Type.Kind() == reflect.Pointer
}

// scopedSelect is how every scoped table stands in a statement; inspect looks for it.
func scopedSelect(table string) string { return `(SELECT * FROM "` + table + `" WHERE ` }
