//go:build linux || darwin

package localpg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestDataIsKeptBetweenStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()

	srv := mustStart(t, dir)
	if srv.Reused() {
		t.Error("a first start reused something")
	}
	if v := query(t, srv, "show server_version"); !strings.HasPrefix(v, srv.Version()) || srv.Version() == "" {
		t.Errorf("Version is %q, the server says %q", srv.Version(), v)
	}
	execute(t, srv, "create table receipts as select 'R-1' as number")
	mustStop(t, srv)
	select {
	case <-srv.Done():
	default:
		t.Error("Done is open after Stop")
	}
	if !isFree(t, dir) {
		t.Error("something is alive after Stop")
	}
	mustStop(t, srv)

	wantQuery(t, mustStart(t, dir), "select number from receipts", "R-1")
}

func TestServerIsPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := testOptions(t, dir)
	o.Settings["listen_addresses"] = "*"
	o.Settings["unix_socket_permissions"] = "0777"
	o.Settings["work_mem"] = "5MB"
	srv, err := Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { mustStop(t, srv) })

	wantQuery(t, srv, "show listen_addresses", "")
	wantQuery(t, srv, "show unix_socket_permissions", "0700")
	wantQuery(t, srv, "show work_mem", "5MB")
	wantQuery(t, srv, "show server_encoding", "UTF8")
	wantQuery(t, srv, "show timezone", "UTC")
	wantQuery(t, srv, "select lower('Ä')", "ä")
	for _, name := range []string{"run", filepath.Base(mustHome(t, dir).dataDir(mustInstalled(t, mustHome(t, dir)).major))} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestTerminalsCtrlCDoesNotReachServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustStart(t, dir)
	pid := serverPID(t, dir)
	group, err := syscall.Getpgid(pid)
	must(t, err)
	if group != pid {
		t.Errorf("the server %d is in process group %d", pid, group)
	}
}

func TestSecondProcessReuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner := startProcess(t, dir)
	if owner.reused {
		t.Error("the first process reused something")
	}

	srv := mustStart(t, dir)
	if !srv.Reused() || srv.Version() == "" {
		t.Errorf("Reused %v, Version %q", srv.Reused(), srv.Version())
	}
	execute(t, srv, "create table t ()")
	mustStop(t, srv)
	execute(t, srv, "drop table t") // it runs on

	// Another spelling of the folder is the same folder.
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	if !mustStart(t, link).Reused() {
		t.Error("through a link the server was not found")
	}
}

func TestStartsAtOnceShareOneServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	var owners atomic.Int32
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			srv, err := Start(t.Context(), testOptions(t, dir))
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { mustStop(t, srv) })
			if !srv.Reused() {
				owners.Add(1)
			}
		})
	}
	wg.Wait()
	if owners.Load() != 1 {
		t.Errorf("%d of 5 started a server, want 1", owners.Load())
	}
}

func TestStartWaitsForOneThatStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 5 {
		srv := mustStart(t, dir)
		if srv.Reused() {
			t.Fatal("a stopped server was reused")
		}
		stopped := make(chan error, 1)
		go func() { stopped <- srv.Stop(context.Background()) }()
		time.Sleep(time.Millisecond) // most of Stop is still to come
		next := mustStart(t, dir)
		must(t, <-stopped)
		mustStop(t, next)
	}
}

func TestWaitingEndsWithContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "lock"))
	must(t, err)
	defer func() { must(t, f.Close()) }()
	locked, err := tryLock(f)
	must(t, err)
	if !locked {
		t.Fatal("the lock is taken")
	}
	why := errors.New("no longer needed")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, why)
	defer cancel()
	_, err = Start(ctx, testOptions(t, dir))
	wantError(t, err, "lock")
	if !errors.Is(err, why) {
		t.Errorf("%v, want the context's cause", err)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cancelled := 0
	// Shorter and longer than initdb and the server's start take.
	for wait := time.Millisecond; wait < time.Minute; wait = wait * 3 / 2 {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		srv, err := Start(ctx, testOptions(t, dir))
		cancel()
		if err == nil {
			mustStop(t, srv)
			break
		}
		cancelled++
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("after %v: %v, want the context's error", wait, err)
		}
		eventually(t, func() bool { return isFree(t, dir) })
	}
	if cancelled == 0 {
		t.Error("no start was cancelled")
	}
}

func TestFailedStartTellsWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := testOptions(t, dir)
	o.Settings["shared_buffers"] = "plenty"
	_, err := Start(t.Context(), o)
	wantError(t, err, "shared_buffers", "plenty", "postgres.log")
	if !isFree(t, dir) {
		t.Error("something is alive after a failed start")
	}
	mustStart(t, dir)
}

func TestDoneTellsOfCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := mustStart(t, dir)
	must(t, syscall.Kill(serverPID(t, dir), syscall.SIGKILL))
	select {
	case <-srv.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("Done stays open")
	}
	must(t, srv.Stop(t.Context()))
}

func TestStopWithoutTimeStillStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := mustStart(t, dir)
	execute(t, srv, "set synchronous_commit = on; create table t as select 1 as n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := srv.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v, want it to say that it was not clean", err)
	}
	<-srv.Done()
	wantQuery(t, mustStart(t, dir), "select n::text from t", "1")
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{})
	wantError(t, err, "Dir", "Logger")
}
