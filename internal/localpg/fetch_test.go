package localpg

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is one of a made-up tarball.
type entry struct {
	name, content string
	mode          int64
	kind          byte
}

func tarball(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	tw := tar.NewWriter(gz)
	for _, e := range entries {
		hdr := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if e.kind != 0 {
			hdr.Typeflag, hdr.Linkname, hdr.Size = e.kind, e.content, 0
		}
		must(t, tw.WriteHeader(hdr))
		if e.kind == 0 {
			_, err := tw.Write([]byte(e.content))
			must(t, err)
		}
	}
	must(t, tw.Close())
	must(t, gz.Close())
	return b.Bytes()
}

// registry serves a tarball as the made-up platform's build, on a machine that
// has no PostgreSQL.
func registry(t *testing.T, content []byte) machine {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /npm/@embedded-postgres/moon-x64/-/moon-x64-18.0.0.tgz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(content) // the client sees what is missing
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	sum := sha512.Sum512(content)
	return machine{
		registry: srv.URL + "/npm/",
		build:    npmBuild{platform: "moon-x64", version: "18.0.0", integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum[:])},
	}
}

// goodBuild has programs that hand over to this machine's.
func goodBuild(t *testing.T) []byte {
	t.Helper()
	bin := mustInstalled(t, mustHome(t, t.TempDir()))
	script := func(name string) string { return "#!/bin/sh\nexec '" + bin.program(name) + "' \"$@\"\n" }
	return tarball(t,
		entry{name: "package/package.json", content: "{}", mode: 0o644},
		entry{name: "package/native/bin/postgres", content: script("postgres"), mode: 0o700},
		entry{name: "package/native/bin/initdb", content: script("initdb"), mode: 0o755},
		entry{name: "package/native/lib/libpq.so.5.18", content: "library", mode: 0o600},
		entry{
			name: "package/native/pg-symlinks.json", mode: 0o644,
			content: `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`,
		},
	)
}

func TestFetchedPostgreSQLRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := registry(t, goodBuild(t))
	o := testOptions(t, dir)
	o.Download = true

	for range 2 { // the second time from what was fetched
		srv, err := start(t.Context(), o, m)
		must(t, err)
		execute(t, srv, "create temporary table t ()")
		mustStop(t, srv)
		m.registry = "http://127.0.0.1:1"
	}

	root := filepath.Join(dir, "postgres-18.0.0-moon-x64")
	for name, perm := range map[string]fs.FileMode{
		".": 0o755, "bin": 0o755, "bin/postgres": 0o755, "lib/libpq.so.5.18": 0o644, "lib/libpq.so.5": 0o644,
	} {
		info, err := os.Stat(filepath.Join(root, name))
		must(t, err)
		if info.Mode().Perm() != perm {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), perm)
		}
	}
	link, err := os.Readlink(filepath.Join(root, "lib/libpq.so.5"))
	must(t, err)
	if link != "libpq.so.5.18" {
		t.Errorf("the link leads to %s", link)
	}
	wantOnly(t, dir, "lock", "run", "postgres.log", "postgres-18.0.0-moon-x64", "data-")
}

func TestBadFetchLeavesNothing(t *testing.T) {
	t.Parallel()
	good := goodBuild(t)
	postgres := entry{name: "package/native/bin/postgres", content: "#!/bin/sh\nexit 3\n", mode: 0o755}
	another := registry(t, good)
	another.build.integrity = registry(t, append([]byte("x"), good...)).build.integrity
	missing := registry(t, good)
	missing.registry += "elsewhere"
	_, noBuild := buildFor("plan9-mips")
	for name, tc := range map[string]struct {
		machine machine
		want    []string
	}{
		"another file": {another, []string{"is not the pinned file", "sha512-"}},
		"cut short":    {registry(t, good[:len(good)-20]), []string{"unpack"}},
		"not there":    {missing, []string{"404"}},
		"does not run": {registry(t, tarball(t, postgres)), []string{"exit status 3"}},
		"no postgres":  {registry(t, tarball(t)), []string{"bin/postgres"}},
		"no URL":       {machine{registry: "ftp://x"}, []string{"http(s)"}},
		"no build":     {machine{buildErr: noBuild}, []string{"plan9-mips", "DATABASE_URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := testOptions(t, dir)
			o.Download = true
			_, err := start(t.Context(), o, tc.machine)
			wantError(t, err, append(tc.want, "install PostgreSQL 15 or newer")...)
			wantOnly(t, dir, "lock")
		})
	}
}

func TestNothingIsFetchedUnasked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := start(t.Context(), testOptions(t, dir), registry(t, goodBuild(t)))
	wantError(t, err, "no PostgreSQL was found", "DATABASE_URL")
	wantOnly(t, dir, "lock")
}

// wantOnly fails for an entry of dir that starts with none of the names.
func wantOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
next:
	for _, e := range entries {
		for _, name := range names {
			if strings.HasPrefix(e.Name(), name) {
				continue next
			}
		}
		t.Errorf("%s is left", e.Name())
	}
}

func TestUnpackRefusesWhatLeadsOut(t *testing.T) {
	t.Parallel()
	links := func(list string) []entry {
		return []entry{
			{name: "package/native/lib/a", content: "a", mode: 0o644},
			{name: "package/native/pg-symlinks.json", content: list, mode: 0o644},
		}
	}
	for name, entries := range map[string][]entry{
		"parents":         {{name: "../evil", content: "x"}},
		"parents inside":  {{name: "package/native/../../../evil", content: "x"}},
		"parents of ours": {{name: "package/native/../evil", content: "x"}},
		"absolute":        {{name: "/tmp/evil", content: "x"}},
		"symbolic link":   {{name: "package/native/lib", content: "/tmp", kind: tar.TypeSymlink}},
		"hard link":       {{name: "package/native/lib", content: "/etc/passwd", kind: tar.TypeLink}},
		"device":          {{name: "package/native/null", kind: tar.TypeChar}},
		"twice":           {{name: "package/native/a", content: "x"}, {name: "package/native/a", content: "y"}},
		"link out":        links(`[{"source":"native/lib/a","target":"native/../../evil"}]`),
		"link to outside": links(`[{"source":"native/../../../etc/passwd","target":"native/evil"}]`),
		"link elsewhere":  links(`[{"source":"/etc/passwd","target":"native/evil"}]`),
		"link to nothing": links(`[{"source":"native/lib/b","target":"native/evil"}]`),
		"link over file":  links(`[{"source":"native/lib/a","target":"native/lib/a"}]`),
		"no list":         links(`what`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dir := filepath.Join(parent, "a", "b")
			must(t, os.MkdirAll(dir, 0o755))
			wantError(t, unpack(bytes.NewReader(tarball(t, entries...)), dir))
			wantOnly(t, parent, "a")
			wantOnly(t, filepath.Dir(dir), "b")
		})
	}
}

func TestUnpackIsBounded(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer func() { must(t, root.Close()) }()
	u := unpacker{root: root, left: 4}
	must(t, u.file("a", false, strings.NewReader("1234")))
	wantError(t, u.file("b", false, strings.NewReader("5")), "more than")

	many := make([]entry, maxEntries+1)
	for i := range many {
		many[i].name = "package/x"
	}
	wantError(t, unpack(bytes.NewReader(tarball(t, many...)), t.TempDir()), "more than")
}

func FuzzUnpack(f *testing.F) {
	f.Add("package/native/bin/postgres", `[{"source":"native/bin/postgres","target":"native/bin/x"}]`)
	f.Add("package/native/../../x", `[]`)
	f.Fuzz(func(t *testing.T, name, links string) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "a", "b")
		must(t, os.MkdirAll(dir, 0o755))
		var b bytes.Buffer
		gz := gzip.NewWriter(&b)
		tw := tar.NewWriter(gz)
		for _, e := range []entry{{name: name, content: "x"}, {name: "package/native/pg-symlinks.json", content: links}} {
			if tw.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Typeflag: tar.TypeReg}) != nil {
				t.Skip("not a name that tar can hold")
			}
			_, err := tw.Write([]byte(e.content))
			must(t, err)
		}
		must(t, tw.Close())
		must(t, gz.Close())
		_ = unpack(&b, dir) // refused or not: nothing gets out
		wantOnly(t, parent, "a")
		wantOnly(t, filepath.Dir(dir), "b")
		_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.Type()&fs.ModeSymlink != 0 {
				if to, err := filepath.EvalSymlinks(p); err == nil && !strings.HasPrefix(to, dir) {
					t.Errorf("%s leads to %s", p, to)
				}
			}
			return err
		})
	})
}

func TestBuilds(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"} {
		b, err := buildFor(p)
		must(t, err)
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(b.integrity, "sha512-"))
		if err != nil || len(sum) != sha512.Size {
			t.Errorf("%s: %q is no sha512 (%v)", p, b.integrity, err)
		}
		u, err := b.tarball("https://registry.npmjs.org")
		must(t, err)
		want := "https://registry.npmjs.org/@embedded-postgres/" + p + "/-/" + p + "-18.4.0-beta.17.tgz"
		if u.String() != want {
			t.Errorf("%s, want %s", u, want)
		}
	}
}
