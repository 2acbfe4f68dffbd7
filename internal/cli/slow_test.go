package cli

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// slowServer is what the server listens with, over a handler that reads a body and answers with a long text.
func slowServer(t *testing.T) (address string, wrote <-chan error) {
	t.Helper()
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 10)
	srv := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		for range 64 {
			if err == nil {
				_, err = io.WriteString(w, strings.Repeat("x", 1<<20))
			}
		}
		failed <- err
	}), time.Second, slog.New(slog.DiscardHandler))
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })
	return listener.Addr().String(), failed
}

func call(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

const patienceWithServer = 50 * time.Second

// dropped says that the server hangs up by itself; before, it may say why.
func dropped(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patienceWithServer)); err != nil {
		t.Fatal(err)
	}
	_, err := io.Copy(io.Discard, conn)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		t.Error("the server is still waiting")
	}
}

// TestSlowClients: who sends or reads slowly, or is gone without a word, is dropped.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
	for name, client := range map[string]func(t *testing.T, address string, wrote <-chan error){
		"headers that don't end": func(t *testing.T, address string, _ <-chan error) {
			dropped(t, call(t, address, head))
		},
		"a header every second": func(t *testing.T, address string, _ <-chan error) {
			conn := call(t, address, head)
			go func() {
				for range 40 {
					if _, err := io.WriteString(conn, "X-More: 1\r\n"); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			}()
			dropped(t, conn)
		},
		"nothing at all": func(t *testing.T, address string, _ <-chan error) { dropped(t, call(t, address, "")) },
		"a body that doesn't end": func(t *testing.T, address string, wrote <-chan error) {
			conn := call(t, address, head+"\r\n{")
			if err := <-wrote; err == nil {
				t.Error("the body was read to its end")
			}
			dropped(t, conn)
		},
		"an answer that nobody reads": func(t *testing.T, address string, wrote <-chan error) {
			call(t, address, "GET /graphql HTTP/1.1\r\nHost: x\r\n\r\n")
			if err := <-wrote; err == nil {
				t.Error("64 MiB were written to somebody who reads nothing")
			}
		},
		"a patient one": func(t *testing.T, address string, wrote <-chan error) {
			conn := call(t, address, "GET /graphql HTTP/1.1\r\nHost: x\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if err != nil || n != 64<<20 || <-wrote != nil {
				t.Errorf("%d bytes, %v", n, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, wrote := slowServer(t)
			client(t, address, wrote)
		})
	}
}

// TestNoConnectionLivesForEver: each way to wait has an end, and a peer that is gone without a word is asked for.
func TestNoConnectionLivesForEver(t *testing.T) {
	t.Parallel()
	srv := newHTTPServer(http.NotFoundHandler(), time.Second, slog.New(slog.DiscardHandler))
	for name, after := range map[string]time.Duration{
		"headers": srv.ReadHeaderTimeout, "body": srv.ReadTimeout, "answer": srv.WriteTimeout, "idle": srv.IdleTimeout,
	} {
		if after <= 0 || after > 5*time.Minute {
			t.Errorf("%s: %s", name, after)
		}
	}
	if srv.MaxHeaderBytes <= 0 || srv.MaxHeaderBytes > 1<<20 {
		t.Errorf("headers of %d bytes", srv.MaxHeaderBytes)
	}
}
