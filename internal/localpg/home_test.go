package localpg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLongFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30), strings.Repeat("name", 30))
	srv := mustStart(t, dir)
	execute(t, srv, "create table t ()")
	short := srv.addr.socketDir
	if len(short) > maxSocketDir || !mustHome(t, dir).account.owns(short) {
		t.Errorf("the socket is in %s", short)
	}
	if again := mustStart(t, dir); !again.Reused() {
		t.Error("the server was not found")
	}
	mustStop(t, srv)
	if _, err := os.Lstat(short); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", short, err)
	}
}

func TestShortSocketFolderIsNotHijacked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	h := mustHome(t, dir)
	strange := t.TempDir()
	must(t, os.Chmod(strange, 0o755)) // as good as somebody else's
	must(t, os.Symlink(strange, h.runDir()))

	first, err := h.socketDir()
	must(t, err)
	if first == strange {
		t.Fatal("a folder that others can enter was used")
	}
	again, err := h.socketDir()
	must(t, err)
	if again != first {
		t.Errorf("%s, want what a killed server left: %s", again, first)
	}
	h.dropShortSocketDir(first)
	if _, err := os.Lstat(first); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", first, err)
	}
}

func TestSocketFolderAfterMove(t *testing.T) {
	t.Parallel()
	h := mustHome(t, t.TempDir())
	must(t, os.Symlink("/nowhere", h.runDir()))
	got, err := h.socketDir()
	must(t, err)
	if got != h.runDir() || !h.account.owns(got) {
		t.Errorf("the socket is in %s", got)
	}
}

func TestFolderWithSpecialCharacters(t *testing.T) {
	t.Parallel()
	for _, name := range []string{` a b' "c" % +*[d`, "e,f"} {
		dir := filepath.Join(t.TempDir(), name)
		srv := mustStart(t, dir)
		execute(t, srv, "create table t ()")
		if !mustStart(t, dir).Reused() {
			t.Error("the server was not found")
		}
	}
}

func TestOtherUsersFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := "/" // root's
	if os.Geteuid() == 0 {
		dir = t.TempDir()
		must(t, os.Chown(dir, int(standIns()[0].uid), -1))
	}
	_, err := Start(t.Context(), testOptions(t, dir))
	wantError(t, err, dir, "belongs to", "a folder of their own")
}

func TestEverybodysFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	_, err := Start(t.Context(), testOptions(t, dir))
	wantError(t, err, dir, "every user")
}

func TestRootRunsServerUnprivileged(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root needs another account")
	}
	dir := t.TempDir()
	mustStart(t, dir)
	status, err := os.ReadFile(filepath.Join("/proc", itoa(serverPID(t, dir)), "status"))
	must(t, err)
	h := mustHome(t, dir)
	uid := itoa(int(h.account.uid))
	if want := "Uid:\t" + strings.Join([]string{uid, uid, uid, uid}, "\t"); !strings.Contains(string(status), want) {
		t.Errorf("want %q in\n%s", want, status)
	}
	if !strings.Contains(string(status), "Groups:\t \n") {
		t.Errorf("the server kept root's groups:\n%s", status)
	}
}

func TestRootDoesNotOpenOthersFolders(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root needs another account")
	}
	parent := t.TempDir()
	must(t, os.Chmod(parent, 0o750)) // shared with a group on purpose
	dir := filepath.Join(parent, "db")
	_, err := Start(t.Context(), testOptions(t, dir))
	wantError(t, err, parent, "cannot be entered by the user")
	info, err := os.Stat(parent)
	must(t, err)
	if info.Mode().Perm() != 0o750 {
		t.Errorf("its mode is now %v", info.Mode())
	}
}

func TestRootKeepsAccountOfData(t *testing.T) {
	t.Parallel()
	accounts := standIns()
	if os.Geteuid() != 0 || len(accounts) < 2 {
		t.Skip("only root chooses among accounts")
	}
	dir := t.TempDir()
	last := accounts[len(accounts)-1]
	data := home{dir: dir}.dataDir(oldest)
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chown(data, int(last.uid), int(last.gid)))
	if h := mustHome(t, dir); h.account != last {
		t.Errorf("%+v, want the data's owner %+v", h.account, last)
	}
}

func TestDefaultDir(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	t.Setenv("HOME", dir)
	got, err := DefaultDir()
	must(t, err)
	if os.Geteuid() == 0 {
		dir = "/var/lib"
	}
	if !strings.HasPrefix(got, dir+"/") || filepath.Base(got) != "tillgraph" {
		t.Errorf("DefaultDir is %s", got)
	}
}

func TestSystemWithoutUTF8Locale(t *testing.T) {
	t.Parallel()
	h := mustHome(t, t.TempDir())
	bin := mustInstalled(t, h)
	scripts := filepath.Join(h.dir, "bin")
	write(t, filepath.Join(scripts, "initdb"), `#!/bin/sh
case "$*" in *C.UTF-8*) echo 'initdb: error: invalid locale name "C.UTF-8"' >&2; exit 1;; esac
exec '`+bin.program("initdb")+`' "$@"
`, 0o755)
	bin.dir = scripts
	lock, err := os.Create(filepath.Join(h.dir, "lock"))
	must(t, err)
	defer func() { must(t, lock.Close()) }()
	data, err := h.cluster(t.Context(), bin, lock, true)
	must(t, err)
	exists, err := h.checkData(data, bin.major)
	if err != nil || !exists {
		t.Errorf("%s is there: %v, %v", data, exists, err)
	}
}

func TestLongLogIsPutAside(t *testing.T) {
	t.Parallel()
	h := mustHome(t, t.TempDir())
	write(t, h.logName(), "old", 0o600)
	for _, tc := range []struct{ size, want int64 }{{3, 3}, {maxLog + 1, 0}} {
		must(t, os.Truncate(h.logName(), tc.size))
		f, from, err := h.openLog()
		must(t, err)
		must(t, f.Close())
		if from != tc.want {
			t.Errorf("with %d bytes the log goes on at %d, want %d", tc.size, from, tc.want)
		}
	}
	if _, err := os.Stat(h.logName() + ".1"); err != nil {
		t.Error(err)
	}
}
