package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxSocketDir keeps folder/.s.PGSQL.5432 within the 104 bytes, the final zero
// included, that macOS has for a socket's name; Linux has 108.
const maxSocketDir = 104 - 1 - len("/.s.PGSQL.5432")

// canListenIn reports whether a socket's name in dir is short enough, and can be
// given to a client: in its host a comma separates one server from the next.
func canListenIn(dir string) bool {
	return len(dir) <= maxSocketDir && !strings.Contains(dir, ",")
}

func (h home) runDir() string { return filepath.Join(h.dir, "run") }

// socketDir answers the folder for the socket, which only the account can enter:
// run, or, where that name will not do for a socket, a short one that run links to.
// The caller holds the lock.
func (h home) socketDir() (string, error) {
	run := h.runDir()
	if !canListenIn(run) {
		return h.shortSocketDir()
	}
	// A link is from a time when the folder had a longer name.
	if info, err := os.Lstat(run); err == nil && !info.IsDir() {
		if err := os.Remove(run); err != nil {
			return "", fmt.Errorf("make the socket's folder: %w", err)
		}
	}
	if err := os.Mkdir(run, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the socket's folder: %w", err)
	}
	if err := h.account.give(run); err != nil {
		return "", fmt.Errorf("make the socket's folder: %w", err)
	}
	return run, nil
}

// shortSocketDir answers the folder that run links to, which a killed server may
// have left, or a new one. Its name is random and the link is in our own folder,
// so nobody can put a folder of theirs in its place beforehand; one that was put
// there afterwards is not owned by the account, and not used.
func (h home) shortSocketDir() (string, error) {
	run := h.runDir()
	if target, err := os.Readlink(run); err == nil && h.account.owns(target) {
		return target, nil
	}
	if err := os.RemoveAll(run); err != nil {
		return "", fmt.Errorf("make a short folder for the socket: %w", err)
	}
	dir, err := h.newShortDir()
	if err != nil {
		return "", fmt.Errorf("make a short folder for the socket: %w", err)
	}
	if err := os.Symlink(dir, run); err != nil {
		return "", fmt.Errorf("link to the socket's folder: %w", errors.Join(err, os.Remove(dir)))
	}
	return dir, nil
}

func (h home) newShortDir() (string, error) {
	var errs []error
	for _, base := range []string{os.TempDir(), "/tmp"} {
		dir, err := os.MkdirTemp(base, "tillgraph-")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if err = h.openShortDir(dir); err == nil {
			return dir, nil
		}
		errs = append(errs, err, os.Remove(dir))
	}
	return "", errors.Join(errs...)
}

func (h home) openShortDir(dir string) error {
	if !canListenIn(dir) {
		return fmt.Errorf("%s is no name for a socket's folder", dir)
	}
	if err := letIn(filepath.Dir(dir), h.account); err != nil {
		return err
	}
	return h.account.give(dir)
}

// dropShortSocketDir clears up after a server that has ended. Whatever does not
// work is done again by the next start.
func (h home) dropShortSocketDir(dir string) {
	if dir != h.runDir() {
		_ = os.Remove(dir)
		_ = os.Remove(h.runDir())
	}
}
