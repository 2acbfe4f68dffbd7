package localpg

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperDir makes the test binary a process that runs a server in that folder,
// says so on its output, and stays until it is killed or its input ends.
const helperDir = "LOCALPG_HELPER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		helper(dir)
		return
	}
	os.Exit(m.Run())
}

func helper(dir string) {
	done := make(chan *Server)
	inPassingThread(func() {
		srv, err := Start(context.Background(), Options{
			Dir: dir, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)), Settings: fast(),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		done <- srv
	})
	srv := <-done
	fmt.Println("reused", srv.Reused())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// inPassingThread calls f in a thread that ends with it: the caller's must not be
// the one that the kernel takes for the server's parent. The main thread, which
// Go never ends, is kept out of the way.
func inPassingThread(f func()) {
	go func() {
		runtime.LockOSThread() // and never unlocked, which is what ends the thread
		if isMainThread() {
			inPassingThread(f)
			select {}
		}
		f()
	}()
}

// process is a helper that is running.
type process struct {
	cmd    *exec.Cmd
	reused bool
}

func startProcess(t *testing.T, dir string) *process {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	p := &process{cmd: cmd}
	t.Cleanup(func() {
		_ = in.Close()
		p.kill(t)
		eventually(t, func() bool { return isFree(t, dir) })
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	p.reused = line == "reused true\n"
	return p
}

// kill is kill -9.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // killed: never nil
	}
}

func fast() map[string]string {
	return map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
}

func testOptions(t *testing.T, dir string) Options {
	t.Helper()
	return Options{Dir: dir, Logger: testLogger(t), Settings: fast()}
}

func testLogger(t *testing.T) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// mustStart starts a server that is stopped when the test ends.
func mustStart(t *testing.T, dir string) *Server {
	t.Helper()
	srv, err := Start(t.Context(), testOptions(t, dir))
	must(t, err)
	t.Cleanup(func() { mustStop(t, srv) })
	return srv
}

func mustStop(t *testing.T, srv *Server) {
	t.Helper()
	must(t, srv.Stop(context.Background()))
}

// connect opens a connection that ends with the test.
func connect(t *testing.T, srv *Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), srv.URL(superuser, "postgres"))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, srv *Server, sql string) {
	t.Helper()
	_, err := connect(t, srv).Exec(t.Context(), sql)
	must(t, err)
}

func query(t *testing.T, srv *Server, sql string) string {
	t.Helper()
	var answer string
	must(t, connect(t, srv).QueryRow(t.Context(), sql).Scan(&answer))
	return answer
}

func wantQuery(t *testing.T, srv *Server, sql, want string) {
	t.Helper()
	if got := query(t, srv, sql); got != want {
		t.Errorf("%s = %q, want %q", sql, got, want)
	}
}

func mustHome(t *testing.T, dir string) home {
	t.Helper()
	h, err := openHome(dir)
	must(t, err)
	return h
}

// mustInstalled is this machine's PostgreSQL: without one the tests fail.
func mustInstalled(t *testing.T, h home) binaries {
	t.Helper()
	found := h.installed(t.Context(), thisMachine())
	if len(found) == 0 {
		t.Fatal("no PostgreSQL is installed")
	}
	return found[0]
}

// isFree reports whether no process of PostgreSQL is alive in dir.
func isFree(t *testing.T, dir string) bool {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	free, err := tryLock(f)
	must(t, err)
	return free
}

func serverPID(t *testing.T, dir string) int {
	t.Helper()
	h := mustHome(t, dir)
	pf, err := readPIDFile(pidFileIn(h.dataDir(mustInstalled(t, h).major)))
	must(t, err)
	if pf.pid == 0 {
		t.Fatal("no server's process is known")
	}
	return pf.pid
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("still not so after 30 s")
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want it to have %q", err, part)
		}
	}
}

func write(t *testing.T, name, content string, perm os.FileMode) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(t, os.WriteFile(name, []byte(content), perm))
}
