package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// TestAKnownScopeHoldsOrDoesNothing changes whatever a look-up answers, one thing after the other, between two uses of a
// scope that is known: each must end in an error, with nothing read and nothing written.
func TestAKnownScopeHoldsOrDoesNothing(t *testing.T) {
	t.Parallel()
	for name, pooled := range map[string]bool{"sessions": false, "transactions": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, f := pgtest.Filled(t)
			db := d.Open(t, models(), func(c *postgres.Config) {
				if pooled {
					c.StatementCache = 0
				}
			})
			changesOfAScope(t, d, db, f)
		})
	}
}

func changesOfAScope(t *testing.T, d *pgtest.Database, db *postgres.DB, f *pgtest.Fixture) {
	t.Helper()
	a, cashier, register := f.A.ID, f.A.Stores[0].Cashier, f.A.Stores[0].Registers[0]
	person := postgres.Person{Company: a, User: cashier}
	look := func() (*tenancy.Scope, error) { return db.PersonScope(t.Context(), person) }
	known := func() *tenancy.Scope { return db.KnownPerson(person, id.Register{}) }
	device := func() (*tenancy.Scope, error) { return db.RegisterScope(t.Context(), a, register.ID, register.KeyHash) }
	knownDevice := func() *tenancy.Scope { return db.KnownRegister(a, register.ID, register.KeyHash) }
	owner := postgres.Person{Company: a, User: f.A.Owner, Session: f.A.Session}
	inSession := func() (*tenancy.Scope, error) { return db.PersonScope(t.Context(), owner) }
	knownInSession := func() *tenancy.Scope { return db.KnownPerson(owner, id.Register{}) }
	tenant := a.UUID()
	if known() != nil || knownDevice() != nil {
		t.Fatal("somebody is known who has not asked")
	}
	for _, test := range []struct {
		name  string
		look  func() (*tenancy.Scope, error)
		known func() *tenancy.Scope
		// then is changed and put back.
		then, back string
		args       []any
	}{
		{
			"role", look, known, "update users set role = 'TRAINEE' where tenant_id = $1 and id = $2",
			"update users set role = 'CASHIER' where tenant_id = $1 and id = $2",
			[]any{tenant, cashier.UUID()},
		},
		{
			"deactivated", look, known, "update users set status = 'DEACTIVATED' where tenant_id = $1 and id = $2",
			"update users set status = 'ACTIVE' where tenant_id = $1 and id = $2",
			[]any{tenant, cashier.UUID()},
		},
		{
			"role in a store", look, known, "update user_stores set role = 'MANAGER' where tenant_id = $1 and user_id = $2",
			"update user_stores set role = null where tenant_id = $1 and user_id = $2",
			[]any{tenant, cashier.UUID()},
		},
		{
			"one more store", look, known, "insert into user_stores (tenant_id, user_id, store_id) values ($1, $2, $3)",
			"delete from user_stores where tenant_id = $1 and user_id = $2 and store_id = $3",
			[]any{tenant, cashier.UUID(), f.A.Stores[1].ID.UUID()},
		},
		{
			"all stores", look, known, "update users set all_stores = true where tenant_id = $1 and id = $2",
			"update users set all_stores = false where tenant_id = $1 and id = $2",
			[]any{tenant, cashier.UUID()},
		},
		{
			"suspended", look, known, "update companies set status = 'SUSPENDED' where tenant_id = $1",
			"update companies set status = 'ACTIVE' where tenant_id = $1",
			[]any{tenant},
		},
		{
			"plan", look, known, "update company_directory set plan = 'STARTER' where company_id = $1",
			"update company_directory set plan = 'ENTERPRISE' where company_id = $1",
			[]any{tenant},
		},
		{
			"another subject", look, known, "update users set external_subject = 'another' where tenant_id = $1 and id = $2",
			"update users set external_subject = null where tenant_id = $1 and id = $2",
			[]any{tenant, cashier.UUID()},
		},
		{
			"custom role", look, known, "update custom_roles set permissions = permissions || '{TILL_USE}' where tenant_id = $1",
			"update custom_roles set permissions = permissions[1:cardinality(permissions) - 1] where tenant_id = $1",
			[]any{tenant},
		},
		{
			"one more store of the company", look, known, "insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm, prices_include_tax) values ($1, $2, 'NEW', 'New', 'UTC', 'KES', 0, false)",
			"delete from stores where tenant_id = $1 and id = $2",
			[]any{tenant, id.New[id.Store]().UUID()},
		},
		{
			"the session", inSession, knownInSession, "update sessions set ended_at = now(), end_reason = 'LOGOUT' where tenant_id = $1 and id = $2",
			"update sessions set ended_at = null, end_reason = null where tenant_id = $1 and id = $2",
			[]any{tenant, f.A.Session.UUID()},
		},
		{
			"device's key", device, knownDevice, "update register_keys set key_hash = sha256('new') where tenant_id = $1 and register_id = $2 and $3::bytea is not null",
			"update register_keys set key_hash = $3 where tenant_id = $1 and register_id = $2",
			[]any{tenant, register.ID.UUID(), register.KeyHash},
		},
		{
			"closed register", device, knownDevice, "update registers set status = 'CLOSED' where tenant_id = $1 and id = $2",
			"update registers set status = 'OPEN' where tenant_id = $1 and id = $2",
			[]any{tenant, register.ID.UUID()},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			first, err := test.look()
			if err != nil || !first.Claim().Held() {
				t.Fatalf("looked up: %v", err)
			}
			holds(t, d, db, f, test.known(), true)
			d.Exec(t, test.then, test.args...)
			holds(t, d, db, f, test.known(), false)
			d.Exec(t, test.back, test.args...)
		})
	}
}

// holds reads and writes with a scope that is known, and with the gate, each time as the first thing that is done.
func holds(t *testing.T, d *pgtest.Database, db *postgres.DB, f *pgtest.Fixture, scope *tenancy.Scope, want bool) {
	t.Helper()
	sold := f.A.Products[0] // nothing that is kept of a company
	anew := func() *tenancy.Scope { return scope.Claimed(scope.Claim().Question) }
	use := map[string]func(s *tenancy.Scope) error{
		"read": func(s *tenancy.Scope) error {
			h, err := db.Bind(tenancy.With(t.Context(), s))
			if err != nil {
				return err
			}
			var n int
			err = h.Read(t.Context(), postgres.Value(&n, h.NewSelect().ColumnExpr("1")))
			if (n == 1) != want {
				t.Errorf("read: %d", n)
			}
			return err
		},
		"write and commit at once": func(s *tenancy.Scope) error {
			return db.Write(tenancy.With(t.Context(), s), func(ctx context.Context, tx *postgres.Tx) error {
				return tx.Finish(ctx, postgres.Exec(nil, tx.Update((*product)(nil)).
					Set("name = name || '!'").Where("?TableAlias.id = ?", sold)))
			})
		},
		"gate": func(s *tenancy.Scope) error {
			_, err := db.ReturnableLines(tenancy.With(t.Context(), s), f.A.Stores[0].Registers[0].ID, f.A.Stores[0].Registers[0].Lines)
			return err
		},
		"nothing": func(s *tenancy.Scope) error { return db.Settle(t.Context(), s) },
	}
	for name, fn := range use {
		before := pgtest.Value[string](t, d, "select name from products where id = $1", sold.UUID())
		s := anew()
		err := fn(s)
		after := pgtest.Value[string](t, d, "select name from products where id = $1", sold.UUID())
		switch {
		case want && (err != nil || !s.Claim().Held()):
			t.Errorf("%s: %v", name, err)
		case !want && (errs.CodeOf(err) != errs.Unavailable || !s.Claim().Broken()):
			t.Errorf("%s is done with what doesn't hold: %v", name, err)
		case (name == "write and commit at once" && want) != (before != after):
			t.Errorf("%s: the name was %q and is %q", name, before, after)
		}
		if narrow := fn(s); (narrow == nil) != want {
			t.Errorf("%s once more: %v", name, narrow)
		}
	}
}

// TestAPlanThatIsBilledEndsWhatIsKnown: the plan stands in the directory, and is changed by who bills as well.
func TestAPlanThatIsBilledEndsWhatIsKnown(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	db := d.Open(t, models())
	person := postgres.Person{Company: f.A.ID, User: f.A.Owner}
	for i, bill := range []struct {
		plan  tenancy.Plan
		holds bool
	}{{tenancy.Standard, false}, {tenancy.Standard, true}, {tenancy.Enterprise, false}} {
		if _, err := db.PersonScope(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		said, err := db.Bill(t.Context(), postgres.Bill{
			Slug: f.A.Slug, Event: fmt.Sprintf("plan %d", i), Kind: "PLAN", Plan: string(bill.plan), OccurredAt: time.Now(), Hash: make([]byte, sha256.Size),
		})
		if err != nil || said != "APPLIED" {
			t.Fatalf("%s: %s, %v", bill.plan, said, err)
		}
		scope := db.KnownPerson(person, id.Register{})
		if err := db.Settle(t.Context(), scope); (err == nil) != bill.holds {
			t.Errorf("after %s: %v", bill.plan, err)
		}
		if after, err := db.PersonScope(t.Context(), person); err != nil || after.Config().Plan != bill.plan {
			t.Errorf("after %s the plan is %v, %v", bill.plan, after.Config().Plan, err)
		}
	}
}
