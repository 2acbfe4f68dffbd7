package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// layers says which of the first two layers stand in a run of the probes.
type layers struct {
	name          string
	scoping, rows bool
}

// TestEachLayerAlone sends the same statements through a bound handle with both layers, with each alone, and
// with neither. With neither every probe must leak: a probe that can't fail proves nothing.
func TestEachLayerAlone(t *testing.T) {
	t.Parallel()
	for _, l := range []layers{
		{"both", true, true}, {"scoping alone", true, false}, {"policies alone", false, true}, {"none", false, false},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			d, f := pgtest.Filled(t)
			barePolicies(t, d)
			if !l.rows {
				disableRowLevelSecurity(t, d)
			}
			db := d.Open(t, models(), func(c *postgres.Config) { c.ProveWithoutScoping = !l.scoping })
			probeTables(t, d, db, f, !l.scoping && !l.rows)
		})
	}
}

func probeTables(t *testing.T, d *pgtest.Database, db *postgres.DB, f *pgtest.Fixture, wantLeak bool) {
	t.Helper()
	leaky := d.Open(t, models(), func(c *postgres.Config) { c.ProveWithoutScoping = true })
	eachTable(t, d, func(t *testing.T, table string, r tableRule) {
		for _, other := range foreigns(f, r) {
			p := &probe{db: db, rule: r, other: other, row: foreignRow(t, leaky, r, other)}
			for name, leaks := range p.all() {
				leaked, err := leaks(tenancy.With(t.Context(), other.scope))
				if leaked != wantLeak {
					t.Errorf("%s, %s: leaked %v, want %v (%v)", other.name, name, leaked, wantLeak, err)
				}
			}
		}
	})
}

// foreignRow reads one row that the scope must not reach, made fresh, to insert it again under the same owner.
func foreignRow(t *testing.T, leaky *postgres.DB, r tableRule, other foreign) any {
	t.Helper()
	ctx := tenancy.With(t.Context(), other.theirs)
	h, err := leaky.Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := r.rows(ctx, h, h.Select(r.model).Where(other.where))
	if err != nil || len(rows) == 0 {
		t.Fatalf("read a row where %s: %d rows, %v", other.where, len(rows), err)
	}
	row := reflect.ValueOf(rows[0]).Elem()
	for column, value := range r.fresh {
		for i := range row.NumField() {
			if strings.EqualFold(row.Type().Field(i).Name, strings.ReplaceAll(column, "_", "")) && value != nil {
				row.Field(i).Set(reflect.ValueOf(value).Convert(row.Field(i).Type()))
			} else if column == "external_subject" && row.Type().Field(i).Name == "ExternalSubject" {
				row.Field(i).SetZero()
			}
		}
	}
	if own := row.FieldByName("ID"); own.IsValid() && r.storeColumn != "id" {
		own.Set(reflect.ValueOf([16]byte(uuid.Must(uuid.NewV7()))).Convert(own.Type()))
	}
	return rows[0]
}

type probe struct {
	db    *postgres.DB
	rule  tableRule
	other foreign
	row   any
}

var errRollBack = errors.New("roll back")

func (p *probe) all() map[string]func(context.Context) (bool, error) {
	return map[string]func(context.Context) (bool, error){
		"rows":               p.rows,
		"everything":         p.everything,
		"count":              p.value(func(h *postgres.Handle) bun.Query { return p.foreignSelect(h).ColumnExpr("count(*) > 0") }),
		"exists":             p.value(p.exists),
		"sub-query in WHERE": p.value(p.subQueryInWhere),
		"sub-query in FROM":  p.value(p.subQueryInFrom),
		"CTE":                p.value(p.cte),
		"join":               p.value(p.join),
		"union":              p.value(p.union),
		"WhereOr of a read":  p.value(p.readOr),
		"update": p.write(func(h *postgres.Handle) bun.Query {
			return h.Update(p.rule.model).Set("?0 = ?0", bun.Ident(p.harmless())).Where(p.other.where)
		}),
		"update with OR": p.write(func(h *postgres.Handle) bun.Query {
			return h.Update(p.rule.model).Set("?0 = ?0", bun.Ident(p.harmless())).Where("false").WhereOr(p.other.where)
		}),
		"update with OR that breaks out": p.write(func(h *postgres.Handle) bun.Query {
			return h.Update(p.rule.model).Set("?0 = ?0", bun.Ident(p.harmless())).Where("false) or (" + p.other.where)
		}),
		"take": p.write(func(h *postgres.Handle) bun.Query {
			return h.Update(p.rule.model).Set("tenant_id = ?", p.other.scope.Company).Where(p.other.where)
		}),
		"give away": p.giveAway,
		"delete": p.write(func(h *postgres.Handle) bun.Query {
			return h.Delete(p.rule.model).Where(p.other.where)
		}),
		"delete with OR": p.write(func(h *postgres.Handle) bun.Query {
			return h.Delete(p.rule.model).Where("false").WhereOr(p.other.where)
		}),
		"insert":         p.insert(func(h *postgres.Handle) *bun.InsertQuery { return h.Insert(p.row) }),
		"insert a slice": p.insert(func(h *postgres.Handle) *bun.InsertQuery { return h.Insert(p.slice()) }),
		"insert with Value": p.insert(func(h *postgres.Handle) *bun.InsertQuery {
			q := h.Insert(p.ownedRow()).Value("tenant_id", "?", p.foreignID("TenantID"))
			if p.rule.kind != byTenant {
				q.Value(p.rule.storeColumn, "?", p.foreignID("StoreID"))
			}
			if p.rule.kind == byRegister {
				q.Value("register_id", "?", p.foreignID("RegisterID"))
			}
			return q
		}),
	}
}

func (p *probe) foreignSelect(h *postgres.Handle) *bun.SelectQuery {
	return h.Select(p.rule.model).Where(p.other.where)
}

// harmless is a column that may be set to itself.
func (p *probe) harmless() string {
	for column := range p.rule.fresh {
		return column
	}
	t := reflect.TypeOf(p.rule.model).Elem()
	column := t.Field(t.NumField() - 1)
	if column.Name == "Category" {
		return "name"
	}
	if t.Name() == "company" {
		return "name"
	}
	return snake(column.Name)
}

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if 'A' <= r && r <= 'Z' {
			if i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z') {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (p *probe) rows(ctx context.Context) (bool, error) {
	h, err := p.db.Bind(ctx)
	if err != nil {
		return false, err
	}
	rows, err := p.rule.rows(ctx, h, p.foreignSelect(h))
	return len(rows) > 0, err
}

// everything reads without a predicate: nothing foreign may come.
func (p *probe) everything(ctx context.Context) (bool, error) {
	h, err := p.db.Bind(ctx)
	if err != nil {
		return false, err
	}
	var foreign int64
	err = h.Read(ctx, postgres.Value(&foreign,
		h.Select(p.rule.model).ColumnExpr("count(*) FILTER (WHERE NOT ("+p.other.own+"))")))
	return foreign > 0, err
}

func (p *probe) value(build func(h *postgres.Handle) bun.Query) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		h, err := p.db.Bind(ctx)
		if err != nil {
			return false, err
		}
		var found bool
		err = h.Read(ctx, postgres.Value(&found, build(h)))
		return found, err
	}
}

func (p *probe) exists(h *postgres.Handle) bun.Query {
	return h.NewSelect().ColumnExpr("EXISTS (?)", p.foreignSelect(h).ColumnExpr("1"))
}

func (p *probe) subQueryInWhere(h *postgres.Handle) bun.Query {
	return h.NewSelect().ColumnExpr("true").Where("(?) > 0", p.foreignSelect(h).ColumnExpr("count(*)"))
}

func (p *probe) subQueryInFrom(h *postgres.Handle) bun.Query {
	return h.NewSelect().ColumnExpr("count(*) > 0").TableExpr("(?) AS inner_rows", p.foreignSelect(h).ColumnExpr("1"))
}

func (p *probe) cte(h *postgres.Handle) bun.Query {
	return h.NewSelect().With("found", p.foreignSelect(h).ColumnExpr("1 AS one")).
		ColumnExpr("count(*) > 0").TableExpr("found")
}

func (p *probe) union(h *postgres.Handle) bun.Query {
	return h.NewSelect().ColumnExpr("count(*) > 0").TableExpr("(?) AS both_rows",
		p.foreignSelect(h).ColumnExpr("1").UnionAll(p.foreignSelect(h).ColumnExpr("2")))
}

func (p *probe) readOr(h *postgres.Handle) bun.Query {
	return h.Select(p.rule.model).ColumnExpr("count(*) > 0").Where("false").WhereOr(p.other.where)
}

// join joins the table to the company's own row, by a condition that says nothing of whose rows they are.
func (p *probe) join(h *postgres.Handle) bun.Query {
	return h.Select((*company)(nil)).ColumnExpr("count(*) > 0").
		Join("JOIN (?) AS joined ON true", p.foreignSelect(h).ColumnExpr("1"))
}

// write counts the rows that a change would have touched.
func (p *probe) write(build func(h *postgres.Handle) bun.Query) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		var touched int64
		err := p.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			if err := tx.Send(ctx, postgres.Exec(&touched, build(tx.Handle))); err != nil {
				return err
			}
			return errRollBack
		})
		return touched > 0 || behindTheScope(err), err
	}
}

// behindTheScope says that a statement got as far as to meet other rows of the table: only keys stopped it.
func behindTheScope(err error) bool { return postgres.IsUnique(err) || postgres.IsForeignKey(err) }

// giveAway moves a row of the scope's own to the foreigner.
func (p *probe) giveAway(ctx context.Context) (bool, error) {
	return p.write(func(h *postgres.Handle) bun.Query {
		return h.Update(p.rule.model).Set(p.other.move).Where(p.other.own)
	})(ctx)
}

// insert says whether a row came to be that is the foreigner's.
func (p *probe) insert(build func(h *postgres.Handle) *bun.InsertQuery) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		var foreign bool
		err := p.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			q := build(tx.Handle).Returning(strings.ReplaceAll(p.other.where, "?", "??"))
			if err := tx.Send(ctx, postgres.Value(&foreign, q)); err != nil {
				return err
			}
			return errRollBack
		})
		return foreign || p.met(err), err
	}
}

// met says that a row met another of its key, as it can only where it was taken for the foreigner's. A company,
// its settings and the head of its trail are their own key, and so meet themselves.
func (p *probe) met(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !postgres.IsUnique(err) {
		return false
	}
	return pg.TableName != "companies" && pg.TableName != "company_settings" && pg.TableName != "audit_heads" || strings.Contains(pg.Detail, p.other.theirs.Company.UUID().String())
}

func (p *probe) slice() any {
	slice := reflect.New(reflect.SliceOf(reflect.TypeOf(p.row)))
	slice.Elem().Set(reflect.Append(slice.Elem(), reflect.ValueOf(p.clone())))
	return slice.Interface()
}

func (p *probe) clone() any {
	row := reflect.New(reflect.TypeOf(p.row).Elem())
	row.Elem().Set(reflect.ValueOf(p.row).Elem())
	return row.Interface()
}

// ownedRow is the foreign row under the scope's name.
func (p *probe) ownedRow() any {
	row := p.clone()
	v := reflect.ValueOf(row).Elem()
	set := func(field string, value any) {
		if f := v.FieldByName(field); f.IsValid() && f.Type() == reflect.TypeOf(value) {
			f.Set(reflect.ValueOf(value))
		}
	}
	set("TenantID", p.other.scope.Company)
	set("RegisterID", p.other.scope.Register)
	if stores := p.other.scope.Stores(); len(stores) > 0 {
		set("StoreID", stores[0])
		if p.rule.storeColumn == "id" {
			set("ID", stores[0])
		}
	}
	return row
}

func (p *probe) foreignID(field string) any {
	v := reflect.ValueOf(p.row).Elem()
	if field == "StoreID" && p.rule.storeColumn == "id" {
		field = "ID"
	}
	f := v.FieldByName(field)
	if !f.IsValid() {
		return id.Store{}
	}
	return fmt.Sprint(f.Interface().(interface{ UUID() uuid.UUID }).UUID())
}

// TestUpsertKeepsToItsStore: the row that an upsert meets may be another store's.
func TestUpsertKeepsToItsStore(t *testing.T) {
	t.Parallel()
	for _, scoping := range []bool{true, false} {
		t.Run(fmt.Sprintf("scoping %v", scoping), func(t *testing.T) {
			t.Parallel()
			d, f := pgtest.Filled(t)
			disableRowLevelSecurity(t, d)
			db := d.Open(t, models(), func(c *postgres.Config) { c.ProveWithoutScoping = !scoping })
			upsert := func(h *postgres.Handle, level id.InventoryLevel) bun.Query {
				row := &inventoryLevel{ID: level, ProductID: f.A.Products[0], Quantity: 1}
				row.TenantID, row.StoreID = f.A.ID, f.A.Stores[0].ID
				return h.Insert(row).On("CONFLICT (tenant_id, id) DO UPDATE").
					Set("quantity = ?TableAlias.quantity + EXCLUDED.quantity")
			}
			var own, other int64
			err := db.Write(pgtest.Context(t, f.A.CashierScope(0)), func(ctx context.Context, tx *postgres.Tx) error {
				return tx.Finish(ctx,
					postgres.Exec(&own, upsert(tx.Handle, f.A.Stores[0].Levels[0])),
					postgres.Exec(&other, upsert(tx.Handle, f.A.Stores[1].Levels[0])))
			})
			if err != nil || own != 1 || (other == 0) != scoping {
				t.Errorf("changed %d of one's own and %d of another store's (%v)", own, other, err)
			}
		})
	}
}

// TestRelations: a joined table is read through its scope too.
func TestRelations(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	disableRowLevelSecurity(t, d)
	d.Exec(t, "alter table products drop constraint products_tenant_id_category_id_fkey")
	d.Exec(t, "update products set category_id = $1 where id = $2", f.B.Category.UUID(), f.A.Products[0].UUID())
	for _, scoping := range []bool{true, false} {
		db := d.Open(t, models(), func(c *postgres.Config) { c.ProveWithoutScoping = !scoping })
		ctx := pgtest.Context(t, f.A.OwnerScope())
		h, err := db.Bind(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var name *string
		products := h.Select((*product)(nil)).Relation("Category").Where("product.id = ?", f.A.Products[0])
		err = h.Read(ctx, postgres.Value(&name,
			h.NewSelect().ColumnExpr("found.category__name").TableExpr("(?) AS found", products)))
		if err != nil || (name == nil) != scoping {
			t.Errorf("scoping %v: the other company's category came: %v (%v)", scoping, name != nil, err)
		}
	}
}

// TestRefusedStatements: what scoping can't make safe never reaches the database.
func TestRefusedStatements(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	db := d.Open(t, models())
	ctx := pgtest.Context(t, f.A.OwnerScope())
	h, err := db.Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	newCategory := func() *category { return &category{ID: id.New[id.Category](), Name: "x"} }
	for name, q := range map[string]bun.Query{
		"raw table":           h.NewSelect().ColumnExpr("1").TableExpr("products"),
		"raw table, quoted":   h.NewSelect().ColumnExpr("1").TableExpr(`"products"`),
		"raw table, schema":   h.NewSelect().ColumnExpr("1").TableExpr("public.products"),
		"raw table, capitals": h.NewSelect().ColumnExpr("1").TableExpr("Products"),
		"raw table, escaped":  h.NewSelect().ColumnExpr("1").TableExpr(`U&"product\0073"`),
		"raw table, TABLE":    h.NewSelect().ColumnExpr("(TABLE products LIMIT 1)"),
		"raw join":            h.Select((*category)(nil)).Join("JOIN products ON true"),
		"raw sub-query":       h.NewSelect().ColumnExpr("(select name from products limit 1)"),
		"other table":         h.Select((*category)(nil)).ModelTableExpr("products AS category"),
		"second statement":    h.NewSelect().ColumnExpr("1; delete from products"),
		"comment":             h.NewSelect().ColumnExpr("1 -- "),
		"comment in two":      h.NewSelect().ColumnExpr("1 /* */"),
		"dollar":              h.NewSelect().ColumnExpr("$$x$$"),
		"update of a name":    h.Update((*category)(nil)).ModelTableExpr("sales AS category").Set("note = ''").Where("true"),
		"delete in a CTE":     h.NewSelect().With("x", h.Delete((*product)(nil)).Where("true").Returning("1")).ColumnExpr("1"),
		"set in two":          h.Update((*category)(nil)).Set("(name, tenant_id) = ('x', ?)", f.B.ID).Where("true"),
		"set, second":         h.Update((*category)(nil)).Set("name = 'x', tenant_id = ?", f.B.ID).Where("true"),
		"set, quoted":         h.Update((*category)(nil)).Set(`"tenant_id" = ?`, f.B.ID).Where("true"),
		"set in an upsert":    h.Insert(newCategory()).On("CONFLICT (tenant_id, id) DO UPDATE").Set("tenant_id = ?", f.B.ID),
		"upsert with OR":      h.Insert(newCategory()).On("CONFLICT (tenant_id, id) DO UPDATE").Set("name = 'x'").Where("false").WhereOr("true"),
		"upsert unseen":       h.Insert(newCategory()).On("CONFLICT (tenant_id, id) DO ?", bun.Safe("UPDATE SET name = 'x'")),
		"insert of a query":   h.Insert(newCategory()).Column("tenant_id", "id", "name").TableExpr("(SELECT 1) AS x"),
		"insert with Value":   h.Insert(newCategory()).Value("tenant_id", "?", f.B.ID),
		"insert, other table": h.Insert(newCategory()).ModelTableExpr("products"),
	} {
		err := db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, q))
		})
		if err == nil || sqlState(err) != "" {
			t.Errorf("%s: %v; want it refused before it is sent", name, err)
		}
	}
	if _, err := db.Bind(t.Context()); err == nil {
		t.Error("a handle without a scope")
	}
	if err := db.Write(t.Context(), func(context.Context, *postgres.Tx) error { return nil }); err == nil {
		t.Error("a transaction without a scope")
	}
}
