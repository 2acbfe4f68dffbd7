package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// oldest is the oldest major version that tillgraph's migrations run on.
const oldest = 15

// binaries is a folder with a PostgreSQL that runs here.
type binaries struct {
	dir          string
	major, minor int
}

func (b binaries) program(name string) string { return filepath.Join(b.dir, name) }

// thisMachine looks in PATH, then where distributions and installers keep
// versions side by side, outside of PATH.
func thisMachine() machine {
	build, err := buildFor(platform())
	return machine{
		path: filepath.SplitList(os.Getenv("PATH")),
		globs: []string{
			"/usr/lib/postgresql/*/bin",         // Debian
			"/usr/pgsql-*/bin",                  // PostgreSQL's own RPMs
			"/usr/lib/postgresql*/bin",          // SUSE
			"/usr/libexec/postgresql*",          // Alpine
			"/usr/local/pgsql/bin",              // built from source
			"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
			"/opt/homebrew/opt/postgresql*/bin", // Homebrew on ARM
			"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
			"/opt/local/lib/postgresql*/bin", // MacPorts
			"/Applications/Postgres.app/Contents/Versions/*/bin",
			"/Library/PostgreSQL/*/bin", // EDB's installer
			"/opt/PostgreSQL/*/bin",
		},
		registry: registryURL(),
		build:    build,
		buildErr: err,
	}
}

// binaries answers the PostgreSQL to run: the newest that there is data for,
// else the newest of all, else a fetched one.
func (h home) binaries(ctx context.Context, o Options, m machine) (binaries, error) {
	majors, err := h.dataMajors()
	if err != nil {
		return binaries{}, err
	}
	found := h.installed(ctx, m)
	if ctx.Err() != nil { // then none was found because none could be asked
		return binaries{}, context.Cause(ctx)
	}
	if len(found) == 0 {
		b, err := h.fetchBinaries(ctx, o, m)
		if err != nil {
			return binaries{}, err
		}
		found = []binaries{b}
	}
	for _, b := range found {
		if slices.Contains(majors, b.major) {
			return b, nil
		}
	}
	if len(majors) > 0 {
		// Data of another major version cannot be read. It stays where it is, and
		// that the shop's figures seem gone must not be a riddle.
		o.Logger.WarnContext(ctx, "the PostgreSQL that this data was made with is no longer installed: starting empty beside it",
			slog.String("data", h.dataDir(majors[0])), slog.Int("installed", found[0].major))
	}
	return found[0], nil
}

// installed lists the binaries that can be used, newest first; of equals the one
// found first.
func (h home) installed(ctx context.Context, m machine) []binaries {
	dirs := slices.Clone(m.path)
	for _, g := range m.globs {
		matches, _ := filepath.Glob(g) // only a malformed pattern is an error
		dirs = append(dirs, matches...)
	}
	dirs = append(dirs, h.fetchedDirs()...)

	var found []binaries
	var seen []string
	for _, dir := range dirs {
		resolved, ok := programDir(dir)
		if !ok || slices.Contains(seen, resolved) {
			continue
		}
		seen = append(seen, resolved)
		if b, err := h.inspect(ctx, resolved); err == nil && b.major >= oldest {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int {
		return cmp.Or(cmp.Compare(b.major, a.major), cmp.Compare(b.minor, a.minor))
	})
	return found
}

// programDir follows dir/postgres to the folder it is really in, which has to
// have initdb too: PATH often leads to links.
func programDir(dir string) (string, bool) {
	if !filepath.IsAbs(dir) {
		return "", false
	}
	postgres, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return "", false
	}
	resolved := filepath.Dir(postgres)
	for _, name := range []string{"postgres", "initdb"} {
		info, err := os.Stat(filepath.Join(resolved, name))
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
			return "", false
		}
	}
	return resolved, true
}

// inspect runs postgres --version as the server's account, which proves at once
// that the account can reach it and that it runs on this machine.
func (h home) inspect(ctx context.Context, dir string) (binaries, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := h.command(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return binaries{}, fmt.Errorf("ask %s for its version: %w", filepath.Join(dir, "postgres"), err)
	}
	b, err := parseVersion(string(out))
	b.dir = dir
	return b, err
}

// parseVersion reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)". A
// version before its release, such as 19beta1, has minor 0.
func parseVersion(s string) (binaries, error) {
	m := regexp.MustCompile(`\(PostgreSQL\) (\d{1,4})(?:\.(\d{1,4}))?`).FindStringSubmatch(s)
	if m == nil {
		return binaries{}, fmt.Errorf("%q is not a PostgreSQL version", s)
	}
	var b binaries
	b.major, _ = strconv.Atoi(m[1]) // up to four digits
	b.minor, _ = strconv.Atoi(m[2]) // or none, which is 0
	return b, nil
}
