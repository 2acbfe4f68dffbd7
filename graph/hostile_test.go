package graph_test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	hostileChild = "TILLGRAPH_HOSTILE_CHILD"
	// mostMemory is what a server may take at most under attack, in MiB, all of its process.
	mostMemory = 450
)

// TestMemoryUnderAttack runs a server in a process of its own, has many clients send what takes most at once, and looks at
// the most that the process ever had.
func TestMemoryUnderAttack(t *testing.T) {
	t.Parallel()
	if os.Getenv(hostileChild) != "" {
		attacked(t)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryUnderAttack$", "-test.v") //nolint:gosec // this very program
	child.Env = append(os.Environ(), hostileChild+"=1")
	out, err := child.CombinedOutput()
	if err != nil || !regexp.MustCompile(`the most was \d+ MiB`).Match(out) {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Log(regexp.MustCompile(`the most was .*`).FindString(string(out)))
}

func attacked(t *testing.T) {
	b := setup(t)
	token := b.owner(t)
	b.post(t, token, `{ viewer { role } }`, nil).ok(t)
	before := peak(t)
	const size = 1 << 20
	body := func(query, variables string) string {
		return `{"query": "` + query + `", "variables": ` + variables + `}`
	}
	fill := func(part string) string { return strings.Repeat(part, (size-2000)/len(part)) }
	list := `query($v: [ID!]!) { nodes(ids: $v) { id } }`
	attacks := []string{
		body(fill("{a"), "{}"), body("{ "+fill("__typename @skip(if: true) ")+" }", "{}"), body(fill(" "), "{}"), body(`{ node(id: \"`+fill("x")+`\") { id } }`, "{}"),
		body("{ "+repeated(2400, "a%d: __typename")+" }", "{}"),
		body("{ stores { nodes { "+repeated(180, "a%d: id @include(if: true)")+" } } }", "{}"),
		body("query { ...A } fragment A on Query { ...B ...B } "+repeated(150, "fragment F%d on Query { __typename ...A }")+" fragment B on Query { __typename }", "{}"),
		body(list, `{"v": [`+strings.TrimSuffix(fill("{},"), ",")+`]}`), body(list, `{"v": [`+strings.TrimSuffix(strings.Repeat("{},", 24_000), ",")+`]}`),
		body(list, `{"v": [`+strings.TrimSuffix(strings.Repeat(`"x",`, 49_000), ",")+`]}`), body(list, `{"v": `+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+`}`),
		body(list, `{"v": "`+fill("y")+`"}`), fill("["), fill(`{"a":`), `{"extensions": {` + strings.TrimSuffix(repeated(20_000, `"k%d": {},`), ",") + `}}`,
	}
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 0, MaxIdleConnsPerHost: 100}}
	var wg sync.WaitGroup
	for worker := range 48 {
		wg.Go(func() {
			for i := range attacks {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url, strings.NewReader(attacks[(i+worker)%len(attacks)]))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Content-Type", "application/json")
				if worker%2 == 0 {
					r.Header.Set("Authorization", "Bearer "+token)
				}
				res, err := client.Do(r)
				if err != nil {
					continue // the server may hang up on who sends too much
				}
				text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
				_ = res.Body.Close()
				if res.StatusCode >= http.StatusInternalServerError && res.StatusCode != http.StatusServiceUnavailable && res.StatusCode != http.StatusGatewayTimeout {
					t.Errorf("%d: %.300s", res.StatusCode, text)
				}
			}
		})
	}
	wg.Wait()
	after := peak(t)
	t.Logf("the most was %d MiB, %d MiB before the attack", after, before)
	if after > mostMemory {
		t.Errorf("%d MiB", after)
	}
	b.post(t, token, `{ viewer { role } }`, nil).ok(t)
}

// peak is the most memory that this process has had, in MiB: as the system says, and where it doesn't, what Go has now.
func peak(t *testing.T) int {
	t.Helper()
	if file, err := os.Open("/proc/self/status"); err == nil {
		defer func() { _ = file.Close() }()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
				kib, err := strconv.Atoi(strings.Fields(rest)[0])
				must(t, err)
				return kib >> 10
			}
		}
	}
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(samples)
	return int(samples[0].Value.Uint64() >> 20) //nolint:gosec // of one machine
}

// TestTheDatabaseStopsWithTheRequest: what the database does for a request ends with the request's time.
func TestTheDatabaseStopsWithTheRequest(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *graph.Config) { c.Timeout = time.Second })
	token := b.owner(t)
	b.post(t, token, `{ products { totalCount } }`, nil).ok(t)
	done := make(chan error, 1)
	go func() {
		_, err := b.db.Super().Exec(t.Context(), "do $$ begin lock table products in access exclusive mode; perform pg_sleep(6); end $$")
		done <- err
	}()
	waits := func(where string) int {
		return pgtest.Value[int](t, b.db, "select count(*) from pg_stat_activity where datname = current_database() and "+where)
	}
	for waits("wait_event = 'PgSleep'") == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	a := b.post(t, token, `{ products { totalCount } }`, nil)
	if a.code() != "TIMEOUT" {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	ended := false
	for range 200 {
		if waits("usename = '"+pgtest.LoginRole+"' and wait_event_type = 'Lock'") == 0 {
			ended = waits("wait_event = 'PgSleep'") > 0 // before the lock was gone
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !ended {
		t.Error("the database goes on with what nobody waits for")
	}
	must(t, <-done)
	b.post(t, token, `{ products { totalCount } }`, nil).ok(t)
}
