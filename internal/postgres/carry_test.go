package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

type bundle struct {
	d  *pgtest.Database
	f  *pgtest.Fixture
	db *postgres.DB
}

func setup(t *testing.T, change ...func(*postgres.Config)) *bundle {
	t.Helper()
	d, f := pgtest.Filled(t)
	return &bundle{d: d, f: f, db: d.Open(t, models(), change...)}
}

func (b *bundle) bind(t *testing.T, s *tenancy.Scope) (context.Context, *postgres.Handle) {
	t.Helper()
	ctx := pgtest.Context(t, s)
	h, err := b.db.Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, h
}

func (b *bundle) owner(t *testing.T) (context.Context, *postgres.Handle) {
	t.Helper()
	return b.bind(t, b.f.A.OwnerScope())
}

func rename(tx *postgres.Handle, which id.Product, name string) bun.Query {
	return tx.Update((*product)(nil)).Set("name = ?", name).Where("product.id = ?", which)
}

func (b *bundle) name(t *testing.T, i int) string {
	t.Helper()
	return pgtest.Value[string](t, b.d, "select name from products where id = $1", b.f.A.Products[i].UUID())
}

// idle says that no connection of the pools is in use or in mid-transaction.
func (b *bundle) idle(t *testing.T) {
	t.Helper()
	read, write := b.db.Pools()
	// A broken connection is closed in the background.
	waitFor(t, func() bool { return read.Stat().AcquiredConns()+write.Stat().AcquiredConns() == 0 })
	// So is a backend that was told to end: it is listed until it has.
	waitFor(t, func() bool {
		return pgtest.Value[int](t, b.d, `select count(*) from pg_stat_activity
			where datname = $1 and usename = $2 and state like 'idle in transaction%'`, b.d.Name, pgtest.LoginRole) == 0
	})
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// What a model writes it reads again, by parameters of whatever type.
	row := &idempotencyKey{Key: `it's "$1" \ --`, RequestHash: make([]byte, 32), SaleID: b.f.A.Stores[0].Registers[0].Sale}
	row.RequestHash[0], row.RequestHash[31] = 0xff, '\''
	row.StoreID, row.RegisterID = b.f.A.Stores[0].ID, b.f.A.Stores[0].Registers[0].ID
	ctx := pgtest.Context(t, b.f.A.RegisterScope(0, 0))
	var got *idempotencyKey
	err := b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(nil, tx.Insert(row)),
			postgres.Row(&got, tx.Select((*idempotencyKey)(nil)).Where("key = ?", row.Key)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got == nil || got.Key != row.Key || string(got.RequestHash) != string(row.RequestHash) ||
		got.TenantID != b.f.A.ID || got.RegisterID != row.RegisterID {
		t.Errorf("wrote %+v, read %+v", row, got)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	for _, cache := range []int{0, 64} {
		b := setup(t, func(c *postgres.Config) { c.StatementCache = cache })
		ctx, h := b.owner(t)
		var n int64
		counted := func(name string, statements, more, trips int64, fn func(ctx context.Context) error) {
			t.Helper()
			if cache == 0 {
				statements += more // a pooler's session knows nothing: it is told in each transaction
			}
			var stats postgres.Stats
			if err := fn(postgres.WithStats(ctx, &stats)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if stats.Statements() != statements || stats.RoundTrips() != trips {
				t.Errorf("cache %d: %s took %d statements in %d round trips, want %d in %d", cache, name,
					stats.Statements(), stats.RoundTrips(), statements, trips)
			}
		}
		read := postgres.Value(&n, h.Select((*product)(nil)).ColumnExpr("count(*)"))
		counted("a read", 2, 3, 1, func(ctx context.Context) error { return h.Read(ctx, read) })
		counted("three reads", 4, 3, 1, func(ctx context.Context) error { return h.Read(ctx, read, read, read) })
		counted("a write", 4, 1, 1, func(ctx context.Context) error {
			return b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
				return tx.Finish(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "new")))
			})
		})
		counted("a write in two", 5, 1, 3, func(ctx context.Context) error {
			return b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
				if err := tx.Send(ctx, read); err != nil {
					return err
				}
				return tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "newer")))
			})
		})
		counted("a write of nothing", 0, 0, 0, func(ctx context.Context) error {
			return b.db.Write(ctx, func(context.Context, *postgres.Tx) error { return nil })
		})
		if b.name(t, 0) != "newer" || n != 2 {
			t.Errorf("the writes left %q, the reads %d", b.name(t, 0), n)
		}
	}
}

// TestReadsSeeOneSnapshot changes a row while a read is between its statements.
func TestReadsSeeOneSnapshot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, h := b.owner(t)
	var before, after, slept string
	read := func() postgres.Statement {
		return postgres.Value(&before, h.Select((*product)(nil)).ColumnExpr("name").Where("product.id = ?", b.f.A.Products[0]))
	}
	done := make(chan error, 1)
	go func() {
		done <- h.Read(ctx, read(),
			postgres.Value(&slept, h.NewSelect().ColumnExpr("pg_sleep(0.6)::text")),
			postgres.Value(&after, h.Select((*product)(nil)).ColumnExpr("name").Where("product.id = ?", b.f.A.Products[0])))
	}()
	waitFor(t, func() bool {
		return pgtest.Value[bool](t, b.d, `select exists (select from pg_stat_activity
			where datname = $1 and wait_event = 'PgSleep')`, b.d.Name)
	})
	b.d.Exec(t, "update products set name = 'changed' where id = $1", b.f.A.Products[0].UUID())
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if before != after || before == "changed" || before == "" {
		t.Errorf("one read saw %q and %q", before, after)
	}
	if err := h.Read(ctx, read()); err != nil || before != "changed" {
		t.Errorf("the next read saw %q (%v)", before, err)
	}
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for range 4000 {
		if ready() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it didn't come to pass")
}

func TestReadsCanNotWrite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, h := b.owner(t)
	if err := h.Read(ctx, postgres.Exec(nil, rename(h, b.f.A.Products[0], "x"))); sqlState(err) != "25006" {
		t.Errorf("a write among the reads: %v", err)
	}
}

func TestErrorRollsBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.name(t, 0)
	ctx, _ := b.owner(t)
	own := errors.New("a rule said no")
	err := b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "x"))); err != nil {
			return err
		}
		return own
	})
	if err != own || b.name(t, 0) != old {
		t.Errorf("%v came back, the name is %q", err, b.name(t, 0))
	}
	func() {
		defer func() { _ = recover() }()
		_ = b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			_ = tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "x")))
			panic("a bug")
		})
	}()
	if b.name(t, 0) != old {
		t.Error("a panic committed")
	}
	b.idle(t)
}

// TestSwallowedErrorIsNoCommit: PostgreSQL answers the commit of a failed transaction by rolling back, and not
// by an error.
func TestSwallowedErrorIsNoCommit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, _ := b.owner(t)
	for _, finish := range []bool{true, false} {
		err := b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			_ = tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "x")))
			_ = tx.Send(ctx, postgres.Exec(nil, tx.NewSelect().ColumnExpr("1/0")))
			if finish {
				return tx.Finish(ctx)
			}
			return nil
		})
		if err == nil {
			t.Errorf("finish %v: a transaction that was lost is reported as kept", finish)
		}
	}
	b.idle(t)
}

func TestCancelledRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.name(t, 0)
	ctx, h := b.owner(t)
	for i := range 8 {
		short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		var err error
		if i%2 == 0 {
			err = h.Read(short, postgres.Exec(nil, h.NewSelect().ColumnExpr("pg_sleep(20)")))
		} else {
			err = b.db.Write(short, func(ctx context.Context, tx *postgres.Tx) error {
				if err := tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "x"))); err != nil {
					return err
				}
				return tx.Send(ctx, postgres.Exec(nil, tx.NewSelect().ColumnExpr("pg_sleep(20)")))
			})
		}
		cancel()
		if errs.CodeOf(err) != errs.Timeout {
			t.Errorf("run %d: %v; want a timeout", i, err)
		}
	}
	// A rule that notices the cancellation between two statements leaves the connection usable.
	between, cancel := context.WithCancel(ctx)
	err := b.db.Write(between, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "x"))); err != nil {
			return err
		}
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || b.name(t, 0) != old {
		t.Errorf("%v, and the name is %q", err, b.name(t, 0))
	}
	var n int
	if err := h.Read(ctx, postgres.Value(&n, h.Select((*product)(nil)).ColumnExpr("count(*)"))); err != nil || n != 2 {
		t.Errorf("the next read: %d, %v", n, err)
	}
	waitFor(t, func() bool {
		read, write := b.db.Pools()
		return read.Stat().AcquiredConns()+write.Stat().AcquiredConns() == 0
	})
	b.idle(t)
}

func TestStatementTimeout(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *postgres.Config) { c.StatementTimeout = 100 * time.Millisecond })
	ctx, h := b.owner(t)
	err := h.Read(ctx, postgres.Exec(nil, h.NewSelect().ColumnExpr("pg_sleep(20)")))
	if errs.CodeOf(err) != errs.Timeout {
		t.Errorf("%v; want a timeout", err)
	}
	b.idle(t)
}

func (b *bundle) kill(t *testing.T) {
	t.Helper()
	b.d.Exec(t, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = $2",
		b.d.Name, pgtest.LoginRole)
}

func TestKilledBackends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, h := b.owner(t)
	read := func() error {
		var n int
		return h.Read(ctx, postgres.Value(&n, h.Select((*product)(nil)).ColumnExpr("count(*)")))
	}
	write := func() error {
		return b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "x")))
		})
	}
	for range 3 {
		if err := errors.Join(read(), write()); err != nil {
			t.Fatal(err)
		}
		b.kill(t)
		if err := read(); err != nil {
			t.Errorf("a read after the connections were killed: %v", err)
		}
		if err := write(); err != nil && errs.CodeOf(err) != errs.Unavailable {
			t.Errorf("a write after the connections were killed: %v", err)
		}
		if err := write(); err != nil {
			t.Errorf("the next write: %v", err)
		}
	}
	// In the middle of a transaction, each time that it runs: it is lost and says so. It is run again only where its
	// commit is known not to have been sent.
	err := b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[0], "lost"))); err != nil {
			return err
		}
		b.kill(t)
		return tx.Finish(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[1], "lost")))
	})
	if errs.CodeOf(err) != errs.Unavailable || b.name(t, 0) == "lost" {
		t.Errorf("%v, and the name is %q", err, b.name(t, 0))
	}
	if err := errors.Join(read(), write()); err != nil {
		t.Errorf("the next requests: %v", err)
	}
	b.idle(t)
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	db := d.Open(t, models(), func(c *postgres.Config) { c.URL = "postgres://x@127.0.0.1:1/x?connect_timeout=1" })
	ctx := pgtest.Context(t, f.A.OwnerScope())
	h, err := db.Bind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"read":   h.Read(ctx, postgres.Exec(nil, h.NewSelect().ColumnExpr("1"))),
		"verify": db.Verify(ctx),
		"ping":   db.Ping(ctx),
		"write": db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, tx.NewSelect().ColumnExpr("1")))
		}),
	} {
		if errs.CodeOf(err) != errs.Unavailable {
			t.Errorf("%s: %v; want it unavailable", name, err)
		}
	}
}

// TestDeadlockIsRetried has two transactions lock two rows in opposite orders.
func TestDeadlockIsRetried(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, _ := b.owner(t)
	var runs atomic.Int32
	var both, wait sync.WaitGroup
	both.Add(2)
	for i := range 2 {
		wait.Go(func() {
			var met sync.Once
			err := b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
				runs.Add(1)
				if err := tx.Send(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[i], fmt.Sprint(i)))); err != nil {
					return err
				}
				met.Do(func() { both.Done(); both.Wait() })
				return tx.Finish(ctx, postgres.Exec(nil, rename(tx.Handle, b.f.A.Products[1-i], fmt.Sprint(i))))
			})
			if err != nil {
				t.Errorf("transaction %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	if runs.Load() < 3 {
		t.Errorf("%d runs: there was no deadlock, and the test proves nothing", runs.Load())
	}
	if a, z := b.name(t, 0), b.name(t, 1); a != z {
		t.Errorf("the transactions are mixed: %q and %q", a, z)
	}
	b.idle(t)
}

// TestCompaniesAtOnce runs two companies over few connections.
func TestCompaniesAtOnce(t *testing.T) {
	t.Parallel()
	for _, cache := range []int{0, 64} {
		b := setup(t, func(c *postgres.Config) { c.StatementCache = cache })
		var wait sync.WaitGroup
		for i := range 50 {
			who := &b.f.A
			if i%2 == 1 {
				who = &b.f.B
			}
			ctx := pgtest.Context(t, who.OwnerScope())
			wait.Go(func() { b.requests(ctx, t, who.ID, i) })
		}
		wait.Wait()
		b.idle(t)
	}
}

func (b *bundle) requests(ctx context.Context, t *testing.T, company id.Company, i int) {
	for range 20 {
		h, err := b.db.Bind(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		var products []*product
		var sales []*sale
		if err := h.Read(ctx, postgres.Rows(&products, h.Select((*product)(nil))),
			postgres.Rows(&sales, h.Select((*sale)(nil)))); err != nil {
			t.Error(err)
			return
		}
		for _, p := range products {
			if p.TenantID != company {
				t.Errorf("a product of %s came to %s", p.TenantID, company)
			}
		}
		for _, s := range sales {
			if s.TenantID != company {
				t.Errorf("a sale of %s came to %s", s.TenantID, company)
			}
		}
		if len(products) != 2 || len(sales) == 0 {
			t.Errorf("%d products, %d sales", len(products), len(sales))
		}
		var touched int64
		err = b.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(&touched,
				tx.Update((*product)(nil)).Set("name = ?", fmt.Sprintf("%s %d", company, i)).Where("sku = 'SKU-1'")))
		})
		if err != nil || touched != 1 {
			t.Errorf("a write touched %d rows (%v)", touched, err)
		}
	}
}

// TestLiteralsArriveAsTheyAre is the property that lifting rests on: whatever text bun quotes, the database
// gets.
func TestLiteralsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, h := b.owner(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`['"\\$;\-/*?a-z0-9 ]*`)).Draw(t, "text")
		want := string([]rune(text)) // bun makes it valid UTF-8
		var got, list string
		err := h.Read(ctx, postgres.Value(&got, h.NewSelect().ColumnExpr("?::text", text)),
			postgres.Value(&list, h.NewSelect().ColumnExpr("(?::text[])[1]", postgres.Texts([]string{text}))))
		if strings.Contains(text, "\x00") {
			if errs.CodeOf(err) != errs.BadUserInput {
				t.Fatalf("%q, which PostgreSQL can't hold: %v", text, err)
			}
			return
		}
		if err != nil || got != want || list != want {
			t.Fatalf("%q arrived as %q, in a list as %q (%v)", text, got, list, err)
		}
	})
}

func TestGate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	a, other := &b.f.A, &b.f.B
	if got, err := b.db.CompanyBySlug(ctx, "acme"); err != nil || got != a.ID {
		t.Errorf("slug: %v, %v", got, err)
	}
	if _, err := b.db.CompanyBySlug(ctx, "nobody"); !errors.Is(err, postgres.ErrNoAccess) {
		t.Errorf("unknown slug: %v", err)
	}
	for name, tt := range map[string]struct {
		person postgres.Person
		stores int // -1 where there is no access
	}{
		"owner":                 {postgres.Person{Company: a.ID, User: a.Owner, Session: a.Session}, 2},
		"cashier":               {postgres.Person{Company: a.ID, User: a.Stores[1].Cashier}, 1},
		"by subject":            {postgres.Person{Company: a.ID, ExternalSubject: "sub-acme-manager"}, 1},
		"of another company":    {postgres.Person{Company: other.ID, User: a.Owner}, -1},
		"another's subject":     {postgres.Person{Company: other.ID, ExternalSubject: "sub-acme-owner"}, -1},
		"another's session":     {postgres.Person{Company: a.ID, User: a.Owner, Session: other.Session}, -1},
		"a colleague's session": {postgres.Person{Company: a.ID, User: a.Manager, Session: a.Session}, -1},
		"nobody":                {postgres.Person{Company: a.ID}, -1},
	} {
		s, err := b.db.PersonScope(ctx, tt.person)
		switch {
		case tt.stores < 0 && !errors.Is(err, postgres.ErrNoAccess):
			t.Errorf("%s: %v; want no access", name, err)
		case tt.stores >= 0 && (err != nil || len(s.Stores()) != tt.stores || s.Company != a.ID || s.CompanySlug != "acme"):
			t.Errorf("%s: %+v, %v; want %d stores", name, s, err, tt.stores)
		}
	}
	b.d.Exec(t, "update sessions set ended_at = now(), end_reason = 'LOGOUT'")
	b.d.Exec(t, "update users set status = 'DEACTIVATED' where id = $1", a.Manager.UUID())
	for name, p := range map[string]postgres.Person{
		"after the logout": {Company: a.ID, User: a.Owner, Session: a.Session}, "deactivated": {Company: a.ID, User: a.Manager},
	} {
		if _, err := b.db.PersonScope(ctx, p); !errors.Is(err, postgres.ErrNoAccess) {
			t.Errorf("%s: %v; want no access", name, err)
		}
	}
	r := &a.Stores[0].Registers[0]
	s, err := b.db.RegisterScope(ctx, a.ID, r.ID, r.KeyHash)
	if err != nil || s.Register != r.ID || !s.HasStore(a.Stores[0].ID) || len(s.Stores()) != 1 {
		t.Errorf("a register: %+v, %v", s, err)
	}
	for name, err := range map[string]error{
		"another's key":   second(b.db.RegisterScope(ctx, a.ID, r.ID, a.Stores[0].Registers[1].KeyHash)),
		"another company": second(b.db.RegisterScope(ctx, other.ID, r.ID, r.KeyHash)),
		"no key":          second(b.db.RegisterScope(ctx, a.ID, r.ID, nil)),
	} {
		if !errors.Is(err, postgres.ErrNoAccess) {
			t.Errorf("%s: %v; want no access", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
