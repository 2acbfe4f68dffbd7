package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// adopt answers the server that runs in one of the data folders, false when none
// takes connections, and an error when one does that cannot be used.
func (h home) adopt(ctx context.Context) (*Server, bool, error) {
	majors, err := h.dataMajors()
	if err != nil {
		return nil, false, fmt.Errorf("look for a running PostgreSQL: %w", err)
	}
	for _, major := range majors {
		pf, err := readPIDFile(pidFileIn(h.dataDir(major)))
		if err != nil {
			return nil, false, err
		}
		// A short socket folder lives among other users' files: one that is not
		// the account's own is somebody else's, put where ours was.
		if pf.addr.socketDir == "" || !h.account.owns(pf.addr.socketDir) {
			continue
		}
		version, err := ping(ctx, pf.addr)
		switch {
		case err == nil:
			return &Server{addr: pf.addr, version: version}, true, nil
		case ctx.Err() != nil:
			return nil, false, context.Cause(ctx)
		case !mayComeUp(err):
			return nil, false, fmt.Errorf("use the PostgreSQL that runs in %s: %w", h.dataDir(major), err)
		}
	}
	return nil, false, nil
}

// owns reports whether p is a real folder that only the account can enter.
func (a account) owns(p string) bool {
	info, err := os.Lstat(p)
	return err == nil && info.IsDir() && ownerOf(info) == a.uid && info.Mode().Perm()&0o077 == 0
}

// pidFile is what a server writes into postmaster.pid and into its socket's
// lock. Fields that it has not written yet are zero.
type pidFile struct {
	pid  int
	data string
	addr address
}

// readPIDFile reads such a file. A missing one is the zero pidFile.
func readPIDFile(name string) (pidFile, error) {
	b, err := os.ReadFile(name) //nolint:gosec // in a folder of ours
	if errors.Is(err, fs.ErrNotExist) {
		return pidFile{}, nil
	}
	if err != nil {
		return pidFile{}, fmt.Errorf("read which PostgreSQL runs: %w", err)
	}
	return parsePIDFile(string(b)), nil
}

// parsePIDFile reads the process, the folder, the start time, the port and the
// socket's folder, one a line (PostgreSQL's pidfile.h). A line counts only with
// its newline: the last one may be half written.
func parsePIDFile(s string) pidFile {
	var pf pidFile
	lines := strings.Split(s, "\n")
	lines = lines[:len(lines)-1]
	if len(lines) > 0 {
		pf.pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	}
	if len(lines) > 1 {
		pf.data = lines[1]
	}
	if len(lines) > 4 {
		pf.addr.port, _ = strconv.Atoi(strings.TrimSpace(lines[3]))
		pf.addr.socketDir = lines[4]
	}
	return pf
}

func pidFileIn(data string) string { return filepath.Join(data, "postmaster.pid") }

func (a address) lockFile() string {
	return filepath.Join(a.socketDir, ".s.PGSQL."+strconv.Itoa(a.port)+".lock")
}

// dropStale deletes a postmaster.pid or a socket's lock that a killed server left
// when its process is a zombie, or another program by now. PostgreSQL clears up
// after a process that is gone, but takes any other of the same user for a server
// and refuses to start: a common end in containers, where process ids start over
// and zombies stay. The caller holds the lock.
func dropStale(name, data string) error {
	pf, err := readPIDFile(name)
	if err != nil || pf.pid == 0 {
		return err
	}
	of, err := filepath.EvalSymlinks(pf.data)
	if err != nil {
		of = data
	}
	if !isNoServer(pf.pid, data, of) {
		return nil
	}
	if err := os.Remove(name); err != nil {
		return fmt.Errorf("clear what a killed PostgreSQL left: %w", err)
	}
	return nil
}
