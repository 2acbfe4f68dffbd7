package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const patience = 5 * time.Minute

// buffer is a bytes.Buffer that one goroutine writes and another reads.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p) //nolint:wrapcheck // it never fails
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func environment(variables map[string]string) Env {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

// result is what a command did.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command to its end.
func run(t *testing.T, variables map[string]string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var stdout, stderr buffer
	code := Run(ctx, args, environment(variables), &stdout, &stderr)
	return result{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

func (r result) want(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("the exit code is %d, want %d", r.code, code)
	}
	for _, text := range texts {
		if !strings.Contains(r.stdout+r.stderr, text) {
			t.Errorf("%q is not said", text)
		}
	}
	if t.Failed() {
		t.Fatalf("stdout:\n%s\nstderr:\n%s", r.stdout, r.stderr)
	}
}

// running is a server in this process.
type running struct {
	base           string
	stdout, stderr *buffer
	cancel         context.CancelFunc
	code           chan int
}

var addressInBanner = regexp.MustCompile(`GraphQL +(http://\S+)/graphql`)

// serve starts a server and waits for its banner.
func serve(t *testing.T, variables map[string]string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &running{stdout: &buffer{}, stderr: &buffer{}, cancel: cancel, code: make(chan int, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.code <- Run(ctx, args, environment(variables), s.stdout, s.stderr)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if t.Failed() {
			t.Logf("stderr:\n%s", s.stderr)
		}
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if match := addressInBanner.FindStringSubmatch(s.stdout.String()); match != nil {
			s.base = match[1]
			return s
		}
		select {
		case <-done:
			t.Fatal("the server ended before it was ready")
		default:
		}
	}
	t.Fatal("the server was not ready in time")
	return nil
}

// stop asks the server to stop and gives its exit code.
func (s *running) stop(t *testing.T) int {
	t.Helper()
	s.cancel()
	return s.ended(t)
}

func (s *running) ended(t *testing.T) int {
	t.Helper()
	select {
	case code := <-s.code:
		return code
	case <-time.After(patience):
		t.Fatal("the server did not stop")
		return 0
	}
}

var tokenInBanner = regexp.MustCompile(`(?m)^  (eyJ\S+)$`)

// tokens are the ones in the banner, in its order.
func (s *running) tokens() []string {
	var list []string
	for _, match := range tokenInBanner.FindAllStringSubmatch(s.stdout.String(), -1) {
		list = append(list, match[1])
	}
	return list
}

// get asks for a path.
func (s *running) get(t *testing.T, path string) (status int, head http.Header, body string) {
	t.Helper()
	return exchange(t, http.MethodGet, s.base+path, "", "")
}

// query posts an operation and gives the answer.
func (s *running) query(t *testing.T, token, operation, variables string) string {
	t.Helper()
	request := map[string]any{"query": operation}
	if variables != "" {
		request["variables"] = json.RawMessage(variables)
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	_, _, text := exchange(t, http.MethodPost, s.base+endpointPath, token, string(body))
	// What it cost stands behind the answer.
	if end := strings.LastIndex(text, `,"extensions":{"cost":`); end > 0 {
		return text[:end] + "}"
	}
	return text
}

func exchange(t *testing.T, method, url, token, body string) (status int, head http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read from
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(all)
}
