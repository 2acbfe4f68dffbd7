//go:build linux || darwin

package localpg

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServerStopsWithKilledParent(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child of its parent's death")
	}
	dir := t.TempDir()
	parent := startProcess(t, dir)
	execute(t, mustStart(t, dir), "create table receipts as select 'R-1' as number")
	time.Sleep(100 * time.Millisecond) // the thread that called Start has ended: the server has not
	if isFree(t, dir) {
		t.Fatal("the server ended while its parent lives")
	}

	parent.kill(t)
	eventually(t, func() bool { return isFree(t, dir) })
	h := mustHome(t, dir)
	if _, err := os.Stat(pidFileIn(h.dataDir(mustInstalled(t, h).major))); !os.IsNotExist(err) {
		t.Errorf("the server did not shut down cleanly: %v", err)
	}

	srv := mustStart(t, dir)
	if srv.Reused() {
		t.Error("a dead server was reused")
	}
	wantQuery(t, srv, "select number from receipts", "R-1")
}

func TestStartWhileKilledParentsServerStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	startProcess(t, dir).kill(t)
	// Either it was still there to be reused, or its end was waited for.
	mustStart(t, dir)
}

func TestStartRecoversFromKilledServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	parent := startProcess(t, dir)
	srv := mustStart(t, dir)
	execute(t, srv, "create table receipts as select 'R-1' as number")
	execute(t, srv, "checkpoint")
	pid := serverPID(t, dir)
	must(t, syscall.Kill(pid, syscall.SIGSTOP)) // so that it cannot answer its parent's death
	parent.kill(t)
	must(t, syscall.Kill(pid, syscall.SIGKILL))

	next := mustStart(t, dir)
	if next.Reused() {
		t.Error("a dead server was reused")
	}
	wantQuery(t, next, "select number from receipts", "R-1")
}

// A killed server's process id may belong to another program of the same user by
// the next start, which PostgreSQL alone takes for a running server.
func TestStartSeesThroughReusedProcessID(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows where a process works")
	}
	dir := t.TempDir()
	srv := mustStart(t, dir)
	h := mustHome(t, dir)
	name := pidFileIn(h.dataDir(mustInstalled(t, h).major))
	before, err := os.ReadFile(name)
	must(t, err)
	mustStop(t, srv)

	ctx, cancel := context.WithCancel(t.Context())
	other := h.command(ctx, sleepProgram(t), "1000")
	must(t, other.Start())
	defer func() { cancel(); _ = other.Wait() }() // killed: never nil
	_, rest, _ := strings.Cut(string(before), "\n")
	for _, name := range []string{name, srv.addr.lockFile()} {
		write(t, name, strconv.Itoa(other.Process.Pid)+"\n"+rest, 0o600)
	}

	if mustStart(t, dir).Reused() {
		t.Error("another program was taken for a server")
	}
}

func sleepProgram(t *testing.T) string {
	t.Helper()
	name, err := exec.LookPath("sleep")
	must(t, err)
	return name
}

func TestInterruptedStartsAreClearedAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := mustHome(t, dir)
	data := h.dataDir(mustInstalled(t, h).major)
	write(t, filepath.Join(dir, initPrefix+"1", "PG_VERSION"), "15\n", 0o600)
	write(t, filepath.Join(dir, fetchPrefix+"1", "bin", "postgres"), "half", 0o755)
	write(t, filepath.Join(dir, fetchPrefix+"2.tgz"), "half", 0o600)
	must(t, os.Mkdir(data, 0o700))

	mustStart(t, dir)
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	must(t, err)
	if len(left) > 0 {
		t.Errorf("still there: %q", left)
	}
}

func TestStrangeDataIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := mustHome(t, dir)
	data := h.dataDir(mustInstalled(t, h).major)
	for name, content := range map[string]string{"PG_VERSION": "9.6\n", "letter.txt": "dear"} {
		must(t, os.RemoveAll(data))
		file := filepath.Join(data, name)
		write(t, file, content, 0o600)
		_, err := Start(t.Context(), testOptions(t, dir))
		wantError(t, err, data, "move it away")
		if b, err := os.ReadFile(file); err != nil || string(b) != content {
			t.Errorf("%s is now %q, %v", name, b, err)
		}
	}
}
