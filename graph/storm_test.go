package graph_test

import (
	"context"
	crypto "crypto/rand"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/signup"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// stormy is one of many companies, whose every text has its canary.
type stormy struct {
	number                 int
	token, store, register string
}

func (c stormy) canary() string { return fmt.Sprintf("zq%02dcanary", c.number) }

var anyCanary = regexp.MustCompile(`(?i)zq\d\dcanary`)

// storm is a server, and what its clients went through.
type storm struct {
	*bundle

	companies []stormy
	// answered counts answers by their code, "" for good ones; cancelled are requests that nobody waited for.
	mu        sync.Mutex
	answered  map[string]int
	cancelled atomic.Int64
	killed    atomic.Int64
}

// stormSetup makes a server on a pool of four connections for reading and four for writing, and companies. Tests may alter how it reaches the database.
func stormSetup(t *testing.T, change func(d *pgtest.Database, c *postgres.Config)) *storm {
	t.Helper()
	d, f := pgtest.Filled(t)
	s := &storm{answered: map[string]int{}, bundle: serveOn(t, d, f, func(c *graph.Config) {
		c.DB = d.Open(t, graph.Models(), func(config *postgres.Config) {
			config.MaxConns, config.StatementTimeout = 4, time.Second
			change(d, config)
		})
		c.Timeout = 2 * time.Second
	})}
	quiet := d.Open(t, graph.Models())
	people := staff.New(staff.Config{DB: quiet, Passwords: auth.NewPasswords(2, crypto.Reader), Now: time.Now, Rand: crypto.Reader})
	signUps := signup.New(signup.Config{DB: quiet, Staff: people, Now: time.Now})
	for i := range 12 {
		c := stormy{number: i}
		name := "Store " + c.canary()
		made, err := signUps.Create(t.Context(), signup.CompanySignUpInput{
			Slug: fmt.Sprintf("storm-%02d", i), Name: "Company " + c.canary(), CountryCode: "KE", BusinessType: tenancy.Retail,
			OwnerName: "Owner " + c.canary(), OwnerEmail: "owner@" + c.canary() + ".example", OwnerPassword: password, StoreName: &name,
		})
		must(t, err)
		c.store, c.register = made.Store.ID.String(), made.Register.ID.String()
		c.token, err = s.issuer.Issue(auth.Claims{Tenant: made.Company.UUID(), Subject: made.Owner.ID.UUID(), ExpiresAt: time.Now().Add(time.Hour)})
		must(t, err)
		s.companies = append(s.companies, c)
	}
	return s
}

// request is the nth thing that somebody of a company asks for: reads wide and deep, other companies' ids, searches,
// and two kinds of writes.
func (s *storm) request(c stormy, n int) (string, vars) {
	switch n % 6 {
	case 0:
		return `{ viewer { user { name email } company { name slug } } stores { totalCount nodes { id name registers { nodes { name store { name } } } } }
			products { totalCount nodes { name } } users { nodes { name email } } }`, nil
	case 1:
		return `mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id name } userErrors { code } } }`, vars{"input": vars{
			"sku": fmt.Sprintf("%s-%d", c.canary(), n), "name": fmt.Sprintf("Goods %d of %s", n, c.canary()), "basePrice": "10",
			"barcodes": []string{fmt.Sprint(1_000_000 + n/6%5)},
		}}
	case 2:
		ids := []string{}
		for _, other := range s.companies {
			ids = append(ids, other.store, other.register)
		}
		return `query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Store { name sales { totalCount nodes { id } } } ... on Register { name store { name } } } }`, vars{"ids": ids}
	case 3:
		// Barcodes are the same in all companies.
		return `query($code: String!) { productByBarcode(barcode: $code) { name } products(filter: {search: "goods"}) { totalCount nodes { name sku } } }`,
			vars{"code": fmt.Sprint(1_000_000 + rand.IntN(5))}
	case 4:
		return `mutation($input: SaleRecordInput!) { saleRecord(input: $input) { sale { note lines { productName } store { name } cashier { name } } userErrors { code } } }`,
			vars{"input": vars{
				"idempotencyKey": fmt.Sprint("storm-", n), "registerId": c.register, "note": "Sold by " + c.canary(),
				"lines": []vars{{"barcode": fmt.Sprint(1_000_000 + rand.IntN(5)), "quantity": "1"}}, "payments": []vars{{"method": "CASH", "amount": "1000"}},
			}}
	default:
		return `{ sales(first: 20) { totalCount nodes { note cashier { name } lines { productName product { name } } } } company { name settings { version } } }`, nil
	}
}

// one sends one request, whose client may lose patience, and looks for what is another company's in the answer.
func (s *storm) one(t *testing.T, n int) {
	c := s.companies[rand.IntN(len(s.companies))]
	query, variables := s.request(c, n)
	ctx := t.Context()
	if n%5 == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(20_000))*time.Microsecond)
		defer cancel()
	}
	a, err := s.ask(ctx, c.token, query, variables)
	if err != nil {
		if ctx.Err() == nil {
			t.Errorf("%s: %v", query, err)
		}
		s.cancelled.Add(1)
		return
	}
	s.look(t, c, a)
	s.mu.Lock()
	s.answered[a.code()]++
	s.mu.Unlock()
}

func (s *storm) look(t *testing.T, c stormy, a *answer) {
	t.Helper()
	for _, canary := range anyCanary.FindAllString(a.Raw, -1) {
		if !strings.EqualFold(canary, c.canary()) {
			t.Errorf("%s reads of %s: %s", c.canary(), canary, a.Raw)
		}
	}
	// An id is random, and may spell anything.
	if text := ids.ReplaceAllString(a.Raw, ""); strings.Contains(text, pgtest.CanaryB) || strings.Contains(text, "acme") {
		t.Errorf("%s reads of the fixture's companies: %s", c.canary(), a.Raw)
	}
}

// count is how many answers had a code, and how many there were.
func (s *storm) count(code string) (of, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.answered {
		all += n
	}
	return s.answered[code], all
}

func (s *storm) timeouts() int {
	n, _ := s.count("TIMEOUT")
	return n
}

// kill ends connections of the server behind its back, one at a time.
func (s *storm) kill(t *testing.T) {
	killed := pgtest.Value[int](t, s.db, `select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and usename = $1 order by random() limit 1) one`, pgtest.LoginRole)
	s.killed.Add(int64(killed))
}

// block holds a table until some request has waited for it too long.
func (s *storm) block(t *testing.T, over <-chan struct{}) {
	tx, err := s.db.Super().Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), "lock table products in access exclusive mode")
	must(t, err)
	for s.timeouts() == 0 {
		select {
		case <-over:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// rage sends hundreds of requests at once, while connections die and a table is locked. It goes on until all of that
// has happened, and enough was answered all the same.
func (s *storm) rage(t *testing.T, requests int) {
	t.Helper()
	const clients, apart, kills, good = 24, 20, 20, 200
	over := make(chan struct{})
	var saboteur, wg sync.WaitGroup
	saboteur.Go(func() { s.block(t, over) })
	enough := func() bool {
		answered, _ := s.count("")
		return answered >= good && s.timeouts() > 0 && s.killed.Load() >= kills && s.cancelled.Load() > 0
	}
	var next atomic.Int64
	for range clients {
		wg.Go(func() {
			for t.Context().Err() == nil {
				n := int(next.Add(1))
				if n > requests && enough() {
					return
				}
				if n%apart == 0 {
					s.kill(t)
				}
				s.one(t, n)
			}
		})
	}
	wg.Wait()
	close(over)
	saboteur.Wait()
}

// calm looks at everything once it is quiet: every company has what is its own, and the database nothing of one's in
// another's.
func (s *storm) calm(t *testing.T) {
	t.Helper()
	for code := range s.answered {
		if !slices.Contains([]string{"", "TIMEOUT", "UNAVAILABLE", "THROTTLED"}, code) {
			t.Errorf("answers by code: %v", s.answered)
		}
	}
	for _, c := range s.companies {
		for n := range 6 {
			query, variables := s.request(c, 6_000_000+n)
			a, err := s.ask(t.Context(), c.token, query, variables)
			must(t, err)
			s.look(t, c, a)
			if a.code() != "" && a.code() != "TIMEOUT" || n == 0 && !strings.Contains(a.Raw, c.canary()) {
				t.Errorf("afterwards: %s: %s", query, a.Raw)
			}
		}
	}
	for what, sql := range map[string]string{
		"products": "select count(*) from products p join companies c using (tenant_id) where p.name like '%canary' and position(right(c.name, 10) in p.name) = 0",
		"sales":    "select count(*) from sales s join companies c using (tenant_id) where s.note like '%canary' and position(right(c.name, 10) in s.note) = 0",
		"lines":    "select count(*) from sale_lines s join companies c using (tenant_id) where s.product_name like '%canary' and position(right(c.name, 10) in s.product_name) = 0",
	} {
		if n := pgtest.Value[int](t, s.db, sql); n != 0 {
			t.Errorf("%d %s of one company stand in another's", n, what)
		}
	}
	for _, table := range []string{"products", "sales"} {
		if n := pgtest.Value[int](t, s.db, "select count(*) from "+table+" where tenant_id not in ($1, $2)", s.A.ID.UUID(), s.B.ID.UUID()); n == 0 {
			t.Errorf("the storm wrote no %s", table)
		}
	}
	t.Logf("answers by code: %v; %d cancelled; %d connections killed", s.answered, s.cancelled.Load(), s.killed.Load())
}

// TestStorm: hundreds of requests of many companies at once on few connections, some of which are cancelled, time out or
// lose their connection. No answer holds anything of another company.
func TestStorm(t *testing.T) {
	t.Parallel()
	s := stormSetup(t, func(*pgtest.Database, *postgres.Config) {})
	s.rage(t, 300)
	s.calm(t)
}

// TestStormThroughAPooler is the storm with a PgBouncer in transaction mode before the database, which gives every
// transaction of the server's sixteen connections one of four.
func TestStormThroughAPooler(t *testing.T) {
	t.Parallel()
	s := stormSetup(t, func(d *pgtest.Database, c *postgres.Config) {
		c.URL, c.StatementCache, c.MaxConns = d.Pooler(t, 4), 0, 8
	})
	s.rage(t, 300)
	s.calm(t)
}
