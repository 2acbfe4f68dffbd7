package cli

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/explorer"
)

// anyPort makes a server of a test its own.
func anyPort(dir string) []string {
	return []string{"--listen", "127.0.0.1:0", "--data-dir", dir}
}

func TestServesWithNothingConfigured(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := serve(t, nil, anyPort(dir)...)
	tokens := first.tokens()
	if len(tokens) < 3 {
		t.Fatalf("the banner has %d tokens", len(tokens))
	}
	if got := first.query(t, tokens[0], "{ viewer { role } }", ""); got != `{"data":{"viewer":{"role":"OWNER"}}}` {
		t.Fatalf("the first token's viewer is %s", got)
	}
	checkPaths(t, first)
	checkExamples(t, first)
	checkTills(t, first, tokens)
	checkReadme(t, first, signIn(t, first, "cashier.westlands@savanna.example"), signIn(t, first, "owner@savanna.example"))
	sold := first.query(t, tokens[1], "{ sales(first: 1) { totalCount } }", "")

	t.Run("commands use its database", func(t *testing.T) { checkCommands(t, first, dir) })
	t.Run("a second server uses its database", func(t *testing.T) {
		second := serve(t, nil, anyPort(dir)...)
		if !strings.Contains(second.stdout.String(), "running already") {
			t.Error("the banner doesn't say whose database it is")
		}
		if got := second.query(t, tokens[1], "{ sales(first: 1) { totalCount } }", ""); got != sold {
			t.Errorf("it answers %s, the first one %s", got, sold)
		}
		if code := second.stop(t); code != exitOK {
			t.Errorf("it stops with %d", code)
		}
	})
	t.Run("its address is taken", func(t *testing.T) {
		r := run(t, nil, "--data-dir", dir, "--listen", strings.TrimPrefix(first.base, "http://"))
		r.want(t, exitError, "another tillgraph", "--listen (LISTEN)")
	})

	if code := first.stop(t); code != exitOK {
		t.Fatalf("it stops with %d", code)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "data-*", "postmaster.pid")); len(left) > 0 {
		t.Errorf("PostgreSQL was not stopped: %v", left)
	}
	again := serve(t, nil, anyPort(dir)...)
	if got := again.query(t, tokens[1], "{ sales(first: 1) { totalCount } }", ""); got != sold {
		t.Errorf("after a new start, the old token gets %s, before %s", got, sold)
	}
	checkRecovery(t, again, dir, tokens[1], sold)
	if code := again.stop(t); code != exitOK {
		t.Errorf("after a recovery it stops with %d", code)
	}
}

// checkRecovery ends PostgreSQL under a server: it answers with clean errors, and then as before.
func checkRecovery(t *testing.T, s *running, dir, token, want string) {
	t.Helper()
	for _, signals := range [][]os.Signal{{os.Interrupt}, {os.Kill}, {os.Kill, os.Kill}} {
		for i, signal := range signals {
			if i > 0 {
				awaitStart(t, dir) // and ended again while it recovers, or just after
			}
			stopPostgreSQL(t, dir, signal)
		}
		got := ""
		for end := time.Now().Add(patience); got != want && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			got = s.query(t, token, "{ sales(first: 1) { totalCount } }", "")
			if got != want && !strings.Contains(got, `"code":"UNAVAILABLE"`) {
				t.Errorf("without PostgreSQL it answers %s", got)
			}
		}
		if got != want {
			t.Fatalf("after %v of PostgreSQL it answers %s, before %s", signals, got, want)
		}
	}
}

func checkPaths(t *testing.T, s *running) {
	t.Helper()
	const operation = endpointPath + "?query=%7B__typename%7D"
	for path, want := range map[string]struct {
		status     int
		kind, body string
	}{
		operation:         {http.StatusOK, "application/json", `"Query"`},
		healthPath:        {http.StatusOK, "application/json", `"ok"`},
		readyPath:         {http.StatusOK, "application/json", `"ready"`},
		schemaPath:        {http.StatusOK, "text/plain; charset=utf-8", "type Query"},
		"/":               {http.StatusOK, "text/html", "API explorer"},
		"/nothing":        {http.StatusNotFound, "application/json", endpointPath},
		"/explorer/other": {http.StatusNotFound, "application/json", endpointPath},
	} {
		status, head, body := s.get(t, path)
		if status != want.status || !strings.Contains(head.Get("Content-Type"), want.kind) || !strings.Contains(body, want.body) {
			t.Errorf("%s answers %d %s: %.200s", path, status, head.Get("Content-Type"), body)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", path)
		}
		if head.Get("X-Frame-Options") != "DENY" || !strings.Contains(head.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s may be framed", path)
		}
		// A map of eight is one table; the date is net/http's, which keeps it elsewhere.
		if most := 8; path == operation && len(head)-1 > most {
			t.Errorf("an operation's answer has %d headers: %v", len(head)-1, head)
		}
	}
}

var configInPage = regexp.MustCompile(`(?s)<script type="application/json" id="config">(.*?)</script>`)

// checkExamples runs what the explorer offers, as the first one who may.
func checkExamples(t *testing.T, s *running) {
	t.Helper()
	_, _, page := s.get(t, "/")
	match := configInPage.FindStringSubmatch(page)
	if match == nil {
		t.Fatal("the explorer has no configuration")
	}
	var offer struct {
		Tokens   []explorer.Token   `json:"tokens"`
		Examples []explorer.Example `json:"examples"`
	}
	if err := json.Unmarshal([]byte(match[1]), &offer); err != nil {
		t.Fatal(err)
	}
	cashier := ""
	for _, token := range offer.Tokens {
		if cashier == "" && strings.Contains(token.Label, "cashier") {
			cashier = token.Token
		}
	}
	if len(offer.Examples) != len(fullDemo(t).examples()) {
		t.Errorf("the explorer offers %d examples", len(offer.Examples))
	}
	for _, example := range offer.Examples {
		answer := s.query(t, cashier, example.Query, example.Variables)
		wrong := strings.Contains(answer, `"errors"`) || strings.Contains(answer, `"userErrors":[{`) ||
			strings.Contains(answer, `"sale":null`) || strings.Contains(answer, `"totalCount":0`)
		if wrong {
			t.Errorf("%s: %s", example.Name, answer)
		}
	}
}

// checkTills compares the demo's Z reports with what the server makes of their sessions: nobody sold late.
func checkTills(t *testing.T, s *running, tokens []string) {
	t.Helper()
	const figures = `saleCount returnCount voidCount voided { amount } gross { amount } discounts { amount }
		returns { amount } net { amount } tax { amount } taxes { name code rate base { amount } amount { amount } }
		rounding { amount } total { amount } openingFloat { amount } paidIn { amount } paidOut { amount }
		cashDrops { amount } noSaleCount tenders { method count tendered { amount } change { amount } refunded { amount }
			voided { amount } amount { amount } expected { amount } counted { amount } variance { amount } }`
	companies := map[string]bool{}
	for _, token := range tokens {
		var answer struct {
			Data struct {
				Company      struct{ Slug string }
				TillSessions struct {
					Nodes []struct {
						XReport json.RawMessage
						ZReport struct{ Figures json.RawMessage }
					}
				}
				Open struct{ TotalCount int }
			}
		}
		raw := s.query(t, token, `{ company { slug } open: tillSessions(filter: { status: OPEN }) { totalCount }
			tillSessions(first: 40, filter: { status: CLOSED }) {
				nodes { xReport { `+figures+` } zReport { figures { `+figures+` } } } } }`, "")
		if err := json.Unmarshal([]byte(raw), &answer); err != nil {
			t.Fatal(err)
		}
		sessions := answer.Data.TillSessions.Nodes
		if len(sessions) != 40 {
			t.Fatalf("%s has %d sessions: %.300s", answer.Data.Company.Slug, len(sessions), raw)
		}
		for _, session := range sessions {
			if string(session.XReport) != string(session.ZReport.Figures) {
				t.Errorf("Z has %s\nX has %s", session.ZReport.Figures, session.XReport)
			}
		}
		companies[answer.Data.Company.Slug] = companies[answer.Data.Company.Slug] || answer.Data.Open.TotalCount > 0
	}
	if !companies["savanna"] || !companies["mama-njeri"] || !companies["corner-pantry"] {
		t.Errorf("who has a till open: %v", companies)
	}
}

func checkCommands(t *testing.T, s *running, dir string) {
	t.Helper()
	local := map[string]string{"DATA_DIR": dir}
	r := run(t, local, "token", "--company", "savanna", "--user", "Owner@savanna.example")
	r.want(t, exitOK)
	got := s.query(t, strings.TrimSpace(r.stdout), "{ viewer { role company { slug } } }", "")
	if want := `{"data":{"viewer":{"role":"OWNER","company":{"slug":"savanna"}}}}`; got != want {
		t.Errorf("the token's viewer is %s", got)
	}
	r = run(t, local, "token", "--company", "sahara", "--user", "owner@savanna.example")
	r.want(t, exitError, `no company "sahara"`)
	r = run(t, local, "token", "--company", "savanna", "--user", "owner@mama-njeri.example")
	r.want(t, exitError, `no user "owner@mama-njeri.example"`)
	run(t, local, "seed").want(t, exitError, "already")
	run(t, local, "migrate", "up").want(t, exitOK, "nothing to apply")
	run(t, local, "migrate", "status").want(t, exitOK, "MIGRATION", "_tenancy")
}

func TestServesOnAConfiguredDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	local := serve(t, nil, anyPort(dir)...)
	key := strings.TrimSpace(run(t, nil, "key").stdout)
	env := map[string]string{
		"DATABASE_URL": socketURL(dir, localLogin), "DATABASE_OWNER_URL": socketURL(dir, localOwner), "SIGNING_KEYS": key,
	}

	r := run(t, env, "migrate", "status")
	r.want(t, exitOK, "_tenancy")
	r = run(t, env, "token", "--company", "savanna", "--user", "owner@savanna.example")
	r.want(t, exitOK)
	token := strings.TrimSpace(r.stdout)
	s := serve(t, env, "--listen", "127.0.0.1:0")
	if got := s.query(t, token, "{ viewer { role } }", ""); got != `{"data":{"viewer":{"role":"OWNER"}}}` {
		t.Errorf("the viewer is %s", got)
	}
	if len(s.tokens()) != 0 {
		t.Error("there are demo tokens")
	}
	if status, head, _ := s.get(t, "/"); status != http.StatusNotFound || !strings.Contains(head.Get("Content-Type"), "json") {
		t.Errorf("there is an explorer: %d", status)
	}
	if got := s.query(t, token, "{ __schema { queryType { name } } }", ""); !strings.Contains(got, "errors") {
		t.Errorf("introspection answers %s", got)
	}
	if line, _, _ := strings.Cut(s.stderr.String(), "\n"); !json.Valid([]byte(line)) {
		t.Errorf("the log is not JSON: %s", line)
	}
	if code := s.stop(t); code != exitOK {
		t.Errorf("it stops with %d", code)
	}

	for _, role := range []string{localSuperuser, localOwner} {
		env["DATABASE_URL"] = socketURL(dir, role)
		run(t, env, "--listen", "127.0.0.1:0").want(t, exitError, "won't start", role)
	}
	env["DATABASE_URL"] = socketURL(dir, localLogin)
	run(t, env, "migrate", "down").want(t, exitOK, "took back")
	run(t, env, "--listen", "127.0.0.1:0").want(t, exitError, "migrate up")
	run(t, env, "migrate", "up").want(t, exitOK, "applied")
	if code := serve(t, env, "--listen", "127.0.0.1:0").stop(t); code != exitOK {
		t.Errorf("after migrating anew it stops with %d", code)
	}
	if code := local.stop(t); code != exitOK {
		t.Errorf("the local one stops with %d", code)
	}
}

func TestBulkSeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	local := map[string]string{"DATA_DIR": dir}
	r := run(t, local, "seed", "--companies", "2", "--sales", "200", "--random-seed", "7")
	r.want(t, exitOK, "200 of 200 sales", "bulk-0001")
	s := serve(t, local, "--listen", "127.0.0.1:0")
	if len(s.tokens()) != 0 || !strings.Contains(s.stdout.String(), "token --company") {
		t.Error("demo data was put beside the companies")
	}
	r = run(t, local, "token", "--company", "bulk-0001", "--user", "owner@bulk-0001.example")
	r.want(t, exitOK)
	if got := s.query(t, strings.TrimSpace(r.stdout), "{ viewer { role } }", ""); !strings.Contains(got, "OWNER") {
		t.Errorf("the viewer is %s", got)
	}
	run(t, local, "seed").want(t, exitError, "other companies")
}

// socketURL is the address of the private PostgreSQL in a folder, as somebody would write it who configures it.
func socketURL(dir, role string) string {
	query := url.Values{"host": {filepath.Join(dir, "run")}, "user": {role}, "dbname": {localDatabase}}
	return "postgres:///?" + query.Encode()
}

// stopPostgreSQL ends the private PostgreSQL behind its server's back.
// awaitStart waits until another PostgreSQL than the one that was just killed has written its process file.
func awaitStart(t *testing.T, dir string) {
	t.Helper()
	files := filepath.Join(dir, "data-*", "postmaster.pid")
	read := func() string {
		names, _ := filepath.Glob(files)
		if len(names) != 1 {
			return ""
		}
		text, _ := os.ReadFile(names[0])
		pid, _, ended := strings.Cut(string(text), "\n")
		if !ended {
			return ""
		}
		return pid
	}
	killed := read()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if pid := read(); pid != "" && pid != killed {
			return
		}
	}
	t.Fatal("PostgreSQL was not started again")
}

func stopPostgreSQL(t *testing.T, dir string, how os.Signal) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "data-*", "postmaster.pid"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the process files are %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Signal(how); err != nil {
		t.Fatal(err)
	}
	// Told to stop it still answers for a moment, and must not be taken for the next one.
	for end := time.Now().Add(patience); process.Signal(syscall.Signal(0)) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it doesn't end")
		}
	}
}

func mustListen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func TestRequestsFinishBeforeTheStop(t *testing.T) {
	t.Parallel()
	listener := mustListen(t)
	entered, release := make(chan struct{}), make(chan struct{})
	log := slog.New(slog.DiscardHandler)
	s := &server{listener: listener, log: log, timeout: patience, delay: 50 * time.Millisecond}
	s.http = newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = w.Write([]byte("sold"))
	}), time.Second, log)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, func(string) error { return nil }) }()
	answer := make(chan string, 1)
	go func() {
		_, _, body := exchange(t, http.MethodGet, "http://"+listener.Addr().String(), "", "")
		answer <- body
	}()
	<-entered
	cancel()
	for !s.draining.Load() {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	if body := <-answer; body != "sold" {
		t.Errorf("the request was answered %q", body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	s := &server{log: slog.New(slog.DiscardHandler), ping: func(context.Context) error {
		if down.Load() {
			return errors.New("dial 10.0.0.7: refused")
		}
		return nil
	}}
	mux, err := newMux(routes{api: http.NotFoundHandler(), ready: s.ready, demo: &demo{}})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	listener := mustListen(t)
	go func() { _ = web.Serve(listener) }()
	t.Cleanup(func() { _ = web.Close() })
	want := func(status int, text string) {
		t.Helper()
		got, _, body := exchange(t, http.MethodGet, "http://"+listener.Addr().String()+readyPath, "", "")
		if got != status || !strings.Contains(body, text) || strings.Contains(body, "10.0.0.7") {
			t.Errorf("it answers %d %s, want %d %s", got, body, status, text)
		}
	}
	want(http.StatusOK, "ready")
	down.Store(true)
	want(http.StatusServiceUnavailable, "database")
	down.Store(false)
	s.draining.Store(true)
	want(http.StatusServiceUnavailable, "stopping")
}

func TestTakenAddressOfAnother(t *testing.T) {
	t.Parallel()
	listener := mustListen(t)
	t.Cleanup(func() { _ = listener.Close() })
	r := run(t, nil, "--data-dir", filepath.Join(t.TempDir(), "none"), "--listen", listener.Addr().String())
	r.want(t, exitError, "another program", listener.Addr().String())
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		":8080": "localhost:8080", "0.0.0.0:1": "localhost:1", "[::]:1": "localhost:1", "127.0.0.1:9": "127.0.0.1:9",
		"shop.example:80": "shop.example:80",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s is reached at %s", address, got)
		}
	}
}

func TestLocalKeyIsKept(t *testing.T) {
	t.Parallel()
	p := &process{rand: strings.NewReader(strings.Repeat("k", 64))}
	d := databaseSettings{DataDir: t.TempDir()}
	first, err := tokenSettings{}.keys(d, p)
	if err != nil {
		t.Fatal(err)
	}
	second, err := tokenSettings{}.keys(d, p)
	if err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("the key changed from %s to %s", first, second)
	}
	if _, err := (tokenSettings{}).keys(databaseSettings{DatabaseURL: "x"}, p); !errors.Is(err, errNoKey) {
		t.Errorf("a configured database without key: %v", err)
	}
}
