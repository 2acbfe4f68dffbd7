package localpg

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestURL(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"/tmp/x", "/home/Ann Lee/a+b;c%d&e=f?#", "/tmp/ü"} {
		for _, name := range []string{"till", "a b+c", "p@q:r/s?t#u%"} {
			cfg, err := pgx.ParseConfig(address{dir, 5433}.url(name, name))
			must(t, err)
			if cfg.Host != dir || cfg.User != name || cfg.Database != name || cfg.Port != 5433 || cfg.TLSConfig != nil {
				t.Errorf("%q, %q came back as host %q user %q database %q port %d", dir, name, cfg.Host, cfg.User, cfg.Database, cfg.Port)
			}
		}
	}
}

func TestMayComeUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err  error
		want bool
	}{
		{fs.ErrNotExist, true},
		{&pgconn.PgError{Code: "57P03"}, true},
		{&pgconn.PgError{Code: "53300"}, true},
		{&pgconn.PgError{Code: "28000"}, false},
		{errors.Join(fs.ErrPermission), false},
		{&pgconn.ParseConfigError{}, false},
	} {
		if got := mayComeUp(tc.err); got != tc.want {
			t.Errorf("mayComeUp(%v) = %v", tc.err, got)
		}
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": {15, 18},
		"postgres (PostgreSQL) 18.4\n":                           {18, 4},
		"postgres (PostgreSQL) 19beta1\n":                        {19, 0},
		"postgres (PostgreSQL) 9.6.24\n":                         {9, 6},
	} {
		b, err := parseVersion(in)
		if err != nil || b.major != want[0] || b.minor != want[1] {
			t.Errorf("parseVersion(%q) = %+v, %v", in, b, err)
		}
	}
	_, err := parseVersion("mysqld  Ver 8.0")
	wantError(t, err, "mysqld")
}

func FuzzParseVersion(f *testing.F) {
	f.Add("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := parseVersion(s)
		if err == nil && (b.major < 0 || b.minor < 0) {
			t.Errorf("%q is %+v", s, b)
		}
	})
}

func TestParsePIDFile(t *testing.T) {
	t.Parallel()
	const whole = "12\n/d\n1700000000\n5433\n/run/a b\n\n  5432001   7\nready   \n"
	want := pidFile{12, "/d", address{"/run/a b", 5433}}
	if got := parsePIDFile(whole); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for i := range strings.Index(whole, "/run/a b\n") + len("/run/a b") {
		if got := parsePIDFile(whole[:i]); got.addr.socketDir != "" {
			t.Errorf("half of a file, %q, is %+v", whole[:i], got)
		}
	}
}

func FuzzParsePIDFile(f *testing.F) {
	f.Add("12\n/d\n1700000000\n5433\n/run\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		if got := parsePIDFile(s); !strings.Contains(s, got.addr.socketDir) || strings.Contains(got.addr.socketDir, "\n") {
			t.Errorf("%q is %+v", s, got)
		}
	})
}

func TestEnvironmentIsShort(t *testing.T) {
	t.Parallel()
	got := environment([]string{"PATH=/bin", "PGDATA=/x", "SECRET=1", "NOTIFY_SOCKET=/s", "TZ=Europe/Rome", "LD_LIBRARY_PATH=/l"})
	want := []string{"LC_ALL=C", "TZ=UTC", "PATH=/bin", "LD_LIBRARY_PATH=/l"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// fakeInstalls makes folders whose postgres only tells a version.
func fakeInstalls(t *testing.T, versions ...string) string {
	t.Helper()
	root := mustHome(t, t.TempDir()).dir
	for _, v := range versions {
		for _, name := range []string{"postgres", "initdb"} {
			write(t, filepath.Join(root, v, "bin", name), "#!/bin/sh\necho 'postgres (PostgreSQL) "+v+"'\n", 0o755)
		}
	}
	return root
}

func TestNewestInstalledIsChosen(t *testing.T) {
	t.Parallel()
	root := fakeInstalls(t, "14.20", "15.3", "16.9", "16.10", "17.1")
	write(t, filepath.Join(root, "18", "bin", "postgres"), "#!/bin/sh\necho 'postgres (PostgreSQL) 18.0'\n", 0o755) // no initdb
	h := mustHome(t, t.TempDir())
	m := machine{path: []string{filepath.Join(root, "15.3", "bin"), ".", ""}, globs: []string{root + "/*/bin"}}
	o := testOptions(t, h.dir)

	found := h.installed(t.Context(), m)
	got := make([]string, len(found))
	for i, b := range found {
		got[i] = itoa(b.major) + "." + itoa(b.minor)
	}
	if want := []string{"17.1", "16.10", "16.9", "15.3"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}

	for _, tc := range []struct{ data, want int }{{0, 17}, {16, 16}, {19, 17}} {
		if tc.data != 0 {
			write(t, filepath.Join(h.dataDir(tc.data), "PG_VERSION"), itoa(tc.data), 0o600)
		}
		b, err := h.binaries(t.Context(), o, m)
		must(t, err)
		if tc.data == 19 { // beside 16's, which can still be read
			tc.want = 16
		}
		if b.major != tc.want {
			t.Errorf("with data of %d: %d, want %d", tc.data, b.major, tc.want)
		}
	}
}
