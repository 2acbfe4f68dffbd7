package graph_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const lockCounter = "select from receipt_counters where register_id = $1 for update"

// hold locks a row, so that a sale stops in the middle, until the test lets go.
func (b *bundle) hold(t testing.TB, sql string, id uuid.UUID) (release func()) {
	t.Helper()
	tx, err := b.db.Super().Begin(t.Context())
	must(t, err)
	release = sync.OnceFunc(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	t.Cleanup(release)
	tag, err := tx.Exec(t.Context(), sql, id)
	must(t, err)
	if tag.RowsAffected() != 1 {
		t.Fatalf("%d rows are held", tag.RowsAffected())
	}
	return release
}

const serverBackends = " from pg_stat_activity where datname = current_database() and application_name = 'tillgraph'"

// waits says how many of the server's statements wait for a lock.
func (b *bundle) waits(t testing.TB) int {
	t.Helper()
	return pgtest.Value[int](t, b.db, "select count(*)"+serverBackends+" and wait_event_type = 'Lock'")
}

func (b *bundle) eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// clean fails the test unless an answer is a sale or an error that says nothing of the database.
func clean(t testing.TB, a *answer) (sold bool) {
	t.Helper()
	if len(a.Errors) == 0 {
		if len(a.codes("saleRecord")) > 0 {
			t.Errorf("a user error: %s", a.Raw)
		}
		return true
	}
	if code := a.code(); code != "UNAVAILABLE" && code != "INTERNAL" {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	for _, word := range []string{"select", "insert", "begin", "terminat", "57P01", "FATAL", "EOF", "conn", "socket", "pgx"} {
		if strings.Contains(strings.ToLower(a.Raw), strings.ToLower(word)) {
			t.Errorf("%q stands in %s", word, a.Raw)
		}
	}
	return false
}

// The connection breaks while the sale is being written, which is begun anew then: also where it began with what was known.
func TestSaleLosesItsConnection(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"all is looked up": false, "all is known": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			register := b.A.Stores[0].Registers[0]
			next := 2.0
			if known {
				b.warm(t, register.ID)
				next = b.sell(t, b.cashier(t, 0), order(register.ID, "before", "100", item(b.A.Products[1], "1"))).
					at("saleRecord", "sale", "receiptNumber").(float64) + 1 //nolint:forcetypeassert // a number of JSON
			}
			input := vars{"input": order(register.ID, "k", "100", item(b.A.Products[1], "1"))}
			token := b.cashier(t, 0)
			release, before := b.hold(t, lockCounter, register.ID.UUID()), b.books(t)
			answers := make(chan *answer, 1)
			go func() {
				a, err := b.ask(t.Context(), token, recordSale, input)
				if err != nil {
					t.Error(err)
				}
				answers <- a
			}()
			b.eventually(t, "the sale waits", func() bool { return b.waits(t) == 1 })
			if n := b.db.Exec(t, "select pg_terminate_backend(pid)"+serverBackends+" and wait_event_type = 'Lock'"); n != 1 {
				t.Fatalf("%d backends ended", n)
			}
			b.unchanged(t, before)
			release()
			a := <-answers
			sold := clean(t, a)
			again := b.sell(t, token, input["input"].(vars))
			if sold && !reflect.DeepEqual(again.Data, a.Data) {
				t.Errorf("%s, and again %s", a.Raw, again.Raw)
			}
			if n := again.at("saleRecord", "sale", "receiptNumber"); n != next {
				t.Errorf("the receipt's number is %v, not %v", n, next)
			}
			b.sound(t)
		})
	}
}

// What a sale took before it was refused is given back at once: its key, its number and the stock.
func TestRefusedSaleGivesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	token := b.cashier(t, 0)
	b.warm(t, register)
	last := b.sell(t, token, order(register, "before", "100", item(b.A.Products[1], "1"))).
		at("saleRecord", "sale", "receiptNumber").(float64) //nolint:forcetypeassert // a number of JSON
	before := b.books(t)
	for want, input := range map[string]vars{
		"PAYMENT_TOO_SMALL payments":          order(register, "k", "0.01", item(b.A.Products[1], "1")),
		"PRODUCT_NOT_FOUND lines.1.productId": order(register, "k", "100", item(b.A.Products[1], "1"), item(b.B.Products[1], "1")),
		"QUANTITY_NOT_WHOLE lines.0.quantity": order(register, "k", "100", item(b.A.Products[1], "1.5")),
	} {
		a := b.post(t, token, recordSale, vars{"input": input})
		a.refused(t, "saleRecord", "sale", want)
		if a.cost != (cost{Statements: 9, RoundTrips: 2}) {
			t.Errorf("%s was refused before anything was taken, or not at once: %+v", want, a.cost)
		}
	}
	b.unchanged(t, before)
	if n := b.waits(t); n != 0 {
		t.Errorf("%d wait", n)
	}
	sold := b.sell(t, token, order(register, "k", "100", item(b.A.Products[1], "1")))
	if n := sold.at("saleRecord", "sale", "receiptNumber"); n != last+1 {
		t.Errorf("the receipt's number is %v, and the last one's was %v", n, last)
	}
	b.sound(t)
	b.logs.quiet(t)
}

// The database ends all connections again and again, under sales and reads.
func TestSalesWhileConnectionsBreak(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	token := b.cashier(t, 0)
	ctx, stop := context.WithCancel(t.Context())
	killed := make(chan int)
	go func() {
		n := 0
		defer func() { killed <- n }()
		for ctx.Err() == nil {
			rows, err := b.db.Super().Query(context.WithoutCancel(ctx),
				"select pg_terminate_backend(pid)"+serverBackends+" and random() < 0.4")
			if err != nil {
				t.Error(err)
				return
			}
			done, err := pgx.CollectRows(rows, pgx.RowTo[bool])
			if err != nil {
				t.Error(err)
				return
			}
			n += len(done)
			time.Sleep(40 * time.Millisecond)
		}
	}()
	const tills, each = 6, 25
	input := func(i int) vars {
		return vars{"input": order(store.Registers[i%2].ID, fmt.Sprint(i), "200", item(b.A.Products[0], "1"), item(b.A.Products[1], "1"))}
	}
	var mu sync.Mutex
	var sold, lost []int
	together(t, tills, func(till int) (*answer, error) {
		for n := range each {
			i := n*tills + till
			a, err := b.ask(t.Context(), token, recordSale, input(i))
			if err != nil {
				return nil, err
			}
			mu.Lock()
			if clean(t, a) {
				sold = append(sold, i)
			} else {
				lost = append(lost, i)
			}
			mu.Unlock()
			if a, err = b.ask(t.Context(), token, `{ sales(first: 3) { nodes { receiptNumber } } }`, nil); err != nil {
				return nil, err
			}
			if len(a.Errors) > 0 && a.code() != "UNAVAILABLE" {
				t.Errorf("a read: %d %s", a.Status, a.Raw)
			}
		}
		return nil, nil //nolint:nilnil // they are judged here
	})
	stop()
	if n := <-killed; n < 20 || len(sold) == 0 {
		t.Errorf("%d connections were broken; %d sold, %d lost", n, len(sold), len(lost))
	}
	t.Logf("%d sold, %d lost", len(sold), len(lost))
	b.sound(t)
	kept := pgtest.Values[string](t, b.db, "select key from sale_idempotency_keys where key !~ '^key'")
	for _, i := range sold {
		if !slices.Contains(kept, fmt.Sprint(i)) {
			t.Errorf("sale %d was answered and isn't there", i)
		}
	}
	// The tills that got no answer ask again: each has its sale, whether or not it was written the first time.
	for _, i := range lost {
		b.eventually(t, "the sale is taken", func() bool {
			a, err := b.ask(t.Context(), token, recordSale, input(i))
			must(t, err)
			return clean(t, a)
		})
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sales where tenant_id = $1 and receipt_number > 1", b.A.ID.UUID()); n != tills*each {
		t.Errorf("%d sales of %d", n, tills*each)
	}
	b.sound(t)
}

// All connections that lie idle in the pools are dead, as after a restart of the database: nobody notices.
func TestRequestsAfterAllConnectionsBroke(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	token := b.cashier(t, 0)
	sell := func(i int) (*answer, error) {
		return b.ask(t.Context(), token, recordSale, vars{"input": order(register, fmt.Sprint(i), "100", item(b.A.Products[1], "1"))})
	}
	for round := range 3 {
		for _, a := range together(t, 16, func(i int) (*answer, error) { return sell(100*round + i) }) {
			a.ok(t)
		}
		if n := b.db.Exec(t, "select pg_terminate_backend(pid)"+serverBackends); n < 4 {
			t.Errorf("%d connections were there to break", n)
		}
		b.eventually(t, "all are gone", func() bool { return pgtest.Value[int](t, b.db, "select count(*)"+serverBackends) == 0 })
		for i := range 10 {
			a, err := sell(100*round + 50 + i)
			must(t, err)
			if a.ok(t); len(a.codes("saleRecord")) > 0 {
				t.Error(a.Raw)
			}
		}
	}
	b.sound(t)
}

// A client that goes away while its sale is being written leaves nothing behind, and no connection is lost.
func TestSaleWhoseClientGoesAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	token := b.cashier(t, 0)
	release, before := b.hold(t, lockCounter, register.ID.UUID()), b.books(t)
	// More than the pool has connections.
	for i := range 6 {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := b.ask(ctx, token, recordSale, vars{"input": order(register.ID, fmt.Sprint(i), "100", item(b.A.Products[1], "1"))})
			gone <- err
		}()
		b.eventually(t, "the sale waits", func() bool { return b.waits(t) == 1 })
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("the client: %v", err)
		}
		b.eventually(t, "the sale is over", func() bool { return b.waits(t) == 0 })
	}
	b.unchanged(t, before)
	release()
	for _, a := range together(t, 12, func(i int) (*answer, error) {
		return b.ask(t.Context(), token, recordSale, vars{"input": order(register.ID, fmt.Sprint(i), "100", item(b.A.Products[1], "1"))})
	}) {
		if a.ok(t); len(a.codes("saleRecord")) > 0 {
			t.Error(a.Raw)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*)"+serverBackends+" and state like 'idle in transaction%'"); n != 0 {
		t.Errorf("%d connections are left within a transaction", n)
	}
	b.sound(t)
	b.logs.quiet(t)
}

// Clients go away at any moment: each sale is whole or isn't there, and a retry gives the same one.
func TestSalesWhoseClientsGoAwayAtAnyMoment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID
	token := b.cashier(t, 0)
	const n = 120
	input := func(i int) vars {
		return vars{"input": order(register, fmt.Sprint(i), "100", item(b.A.Products[1], "1"))}
	}
	started := time.Now()
	together(t, 6, func(i int) (*answer, error) { return b.ask(t.Context(), token, recordSale, input(i)) })
	longest := 2 * time.Since(started)
	var mu sync.Mutex
	gone := 0
	for range 2 { // the second time, half of them are there already
		var wg sync.WaitGroup
		for till := range 6 {
			wg.Go(func() {
				for i := till; i < n; i += 6 {
					ctx, cancel := context.WithTimeout(t.Context(), rand.N(longest)) //nolint:gosec // any moment will do
					if _, err := b.ask(ctx, token, recordSale, input(i)); err != nil {
						mu.Lock()
						gone++
						mu.Unlock()
					}
					cancel()
				}
			})
		}
		wg.Wait()
	}
	if gone == 0 || gone == 2*n {
		t.Errorf("%d of %d went away", gone, 2*n)
	}
	t.Logf("%d of %d went away", gone, 2*n)
	for i := range n {
		b.sell(t, token, input(i)["input"].(vars))
	}
	if kept := pgtest.Value[int](t, b.db, "select next_number - 2 from receipt_counters where register_id = $1", register.UUID()); kept != n {
		t.Errorf("%d receipts for %d sales", kept, n)
	}
	b.sound(t)
	b.logs.quiet(t)
}
