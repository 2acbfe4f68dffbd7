package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// capture keeps the statements that a server sends, with their arguments.
type capture struct {
	mu   sync.Mutex
	sent []statement
}

type statement struct {
	sql  string
	args []any
}

func (c *capture) add(sql string, args []any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, statement{sql, slices.Clone(args)})
}

// take gives what was kept, and forgets it.
func (c *capture) take() []statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent := c.sent
	c.sent = nil
	return sent
}

// TraceQueryStart implements pgx.QueryTracer.
func (c *capture) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	c.add(data.SQL, data.Args)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*capture) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (c *capture) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, q := range data.Batch.QueuedQueries {
		c.add(q.SQL, q.Arguments)
	}
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (*capture) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (*capture) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// twin clones a database that nobody is connected to, so that what is done in one can be done in the other once more.
func twin(t testing.TB, d *pgtest.Database) *pgtest.Database {
	t.Helper()
	to := func(address, name string) string {
		u, err := url.Parse(address)
		must(t, err)
		u.Path = "/" + name
		return u.String()
	}
	conn, err := pgx.Connect(t.Context(), to(d.SuperURL, "postgres"))
	must(t, err)
	made := &pgtest.Database{Name: d.Name + "_twin"}
	_, err = conn.Exec(t.Context(), "create database "+made.Name+" template "+d.Name+" strategy file_copy")
	must(t, err)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_, err := conn.Exec(ctx, "drop database "+made.Name+" with (force)")
		must(t, err)
		must(t, conn.Close(ctx))
	})
	made.URL, made.OwnerURL, made.SuperURL = to(d.URL, made.Name), to(d.OwnerURL, made.Name), to(d.SuperURL, made.Name)
	return made
}

// node is a node of a plan, as EXPLAIN has it in JSON.
type node struct {
	Kind     string  `json:"Node Type"`
	Table    string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Hit      float64 `json:"Shared Hit Blocks"`
	Read     float64 `json:"Shared Read Blocks"`
	Plans    []*node
}

func (n *node) walk(fn func(*node)) {
	fn(n)
	for _, child := range n.Plans {
		child.walk(fn)
	}
}

// explained are the plans of a request's statements, as they ran.
type explained struct {
	texts []string
	plans []*node
}

// explain runs a request's statements once more as the restricted role, in their scope, and takes all back.
func explain(t testing.TB, d *pgtest.Database, sent []statement) explained {
	t.Helper()
	return explainAs(t, d, sent, func(_ pgx.Tx, s statement) (string, []any) { return s.sql, s.args })
}

// explainKept is explain with the plan that a connection keeps of a statement, which is made for no arguments in particular.
func explainKept(t testing.TB, d *pgtest.Database, sent []statement) explained {
	t.Helper()
	names := 0
	return explainAs(t, d, sent, func(tx pgx.Tx, s statement) (string, []any) {
		names++
		name := fmt.Sprint("kept_", names)
		_, err := tx.Prepare(t.Context(), name, s.sql)
		must(t, err)
		_, err = tx.Exec(t.Context(), "set local plan_cache_mode = force_generic_plan")
		must(t, err)
		values := make([]string, len(s.args))
		for i, arg := range s.args {
			values[i] = "'" + strings.ReplaceAll(fmt.Sprint(arg), "'", "''") + "'"
		}
		return "execute " + name + " (" + strings.Join(values, ", ") + ")", nil
	})
}

func explainAs(t testing.TB, d *pgtest.Database, sent []statement, as func(pgx.Tx, statement) (string, []any)) explained {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, d.URL)
	must(t, err)
	defer func() { must(t, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, "set random_page_cost = 1.1; set timezone = 'UTC'")
	must(t, err)
	tx, err := conn.Begin(ctx)
	must(t, err)
	defer func() { must(t, tx.Rollback(ctx)) }()
	var e explained
	for _, s := range sent {
		switch {
		case s.sql == "begin" || s.sql == "commit":
		case strings.Contains(s.sql, "tillgraph.") && !strings.Contains(s.sql, "tillgraph.enter"):
			// What is told of a request behind it, and what adds sales up.
		case strings.Contains(s.sql, "tillgraph.enter"):
			_, err := tx.Exec(ctx, "reset role") // as at the beginning of another transaction
			must(t, err)
			_, err = tx.Exec(ctx, s.sql, s.args...)
			must(t, err)
		default:
			var text string
			sql, args := as(tx, s)
			if err := tx.QueryRow(ctx, "explain (analyze, buffers, timing off, format json) "+sql, args...).Scan(&text); err != nil {
				t.Fatalf("explain %s: %v", s.sql, err)
			}
			var read []struct{ Plan *node }
			must(t, json.Unmarshal([]byte(text), &read))
			e.texts, e.plans = append(e.texts, s.sql), append(e.plans, read[0].Plan)
		}
	}
	if len(e.plans) == 0 {
		t.Fatal("nothing was sent")
	}
	return e
}

// pages are how many pages the statements touched, apart from what triggers did.
func (e explained) pages() (pages int) {
	for _, plan := range e.plans {
		pages += int(plan.Hit + plan.Read)
	}
	return pages
}

// looks are how often an index was entered, or a table begun: each may cost a page more when an index grows by a level.
func (e explained) looks() (looks int) {
	const mostIndexes = 10
	e.walk(func(n *node) {
		switch {
		case n.Kind == "ModifyTable":
			for _, child := range n.Plans {
				looks += int(max(child.Rows, 1)) * mostIndexes
			}
		case n.Table != "" || n.Index != "":
			looks += int(max(n.Loops, 1))
		}
	})
	return looks
}

// rows are those that were read from tables, whether they were of use or not.
func (e explained) rows() (rows int) {
	e.walk(func(n *node) {
		if n.Table != "" && n.Kind != "ModifyTable" {
			rows += int((n.Rows + n.Filtered) * n.Loops)
		}
	})
	return rows
}

func (e explained) walk(fn func(*node)) {
	for _, plan := range e.plans {
		plan.walk(fn)
	}
}

// String says what was read, and how.
func (e explained) String() string {
	var out strings.Builder
	for i, plan := range e.plans {
		fmt.Fprintf(&out, "%.100s\n", strings.Join(strings.Fields(e.texts[i]), " "))
		plan.walk(func(n *node) {
			if n.Table != "" {
				fmt.Fprintf(&out, "  %s on %s by %q: %.0f rows, %.0f filtered, %.0f times\n", n.Kind, n.Table, n.Index, n.Rows, n.Filtered, n.Loops)
			}
		})
	}
	return out.String()
}

// small is how many rows a table may have that is read from end to end, and mostFiltered how many of them may be read in vain:
// what a store of a few hundred products has of stock is cheaper to read than to look up.
const small, mostFiltered = 50, 300

// wasteful fails where a table is read without an index, or rows are read to be thrown away.
func (e explained) wasteful(t *testing.T, name string) {
	t.Helper()
	e.walk(func(n *node) {
		if n.Kind == "Seq Scan" && n.Rows+n.Filtered > small {
			t.Errorf("%s reads all of %s:\n%s", name, n.Table, e)
		}
		if n.Filtered*n.Loops > mostFiltered {
			t.Errorf("%s reads %.0f rows of %s by %s to throw them away:\n%s", name, n.Filtered*n.Loops, n.Table, n.Index, e)
		}
	})
}

// within fails where more is read than before. The plan may be another for other sizes, and read a store's own stock whole, or
// pages of what was removed; what all others have is tens of thousands of rows.
func (e explained) within(t *testing.T, name string, before explained) {
	t.Helper()
	const plan, depth, own = 2, 4, 600
	if e.rows() > plan*before.rows()+own || e.looks() > plan*before.looks() {
		t.Errorf("%s reads %d rows in %d looks, and not about the %d in %d of before:\n%s",
			name, e.rows(), e.looks(), before.rows(), before.looks(), e)
	}
	if most := depth*e.looks() + e.rows() + own; e.pages() > most {
		t.Errorf("%s touches %d pages for %d rows in %d looks:\n%s", name, e.pages(), e.rows(), e.looks(), e)
	}
}

// readBy fails unless all of the indexes were used; an asterisk stands for any end.
func (e explained) readBy(t *testing.T, name string, indexes []string) {
	t.Helper()
	for _, index := range indexes {
		used := false
		begin, _, open := strings.Cut(index, "*")
		e.walk(func(n *node) {
			used = used || n.Index == index || open && strings.HasPrefix(n.Index, begin)
		})
		if !used {
			t.Errorf("%s doesn't read by %s:\n%s", name, index, e)
		}
	}
}
