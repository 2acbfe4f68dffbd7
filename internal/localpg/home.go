package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// home is an opened Options.Dir: absolute, without symlinks, the caller's own,
// and open to the account the server runs as.
type home struct {
	dir     string
	account account
}

// Names of what is made in steps. Whoever holds the lock may delete them.
const (
	initPrefix  = ".initdb-"
	fetchPrefix = ".fetch-"
)

func openHome(dir string) (home, error) {
	dir, err := makeDir(dir)
	if err != nil {
		return home{}, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return home{}, err
	}
	if !info.IsDir() {
		return home{}, fmt.Errorf("%s is not a folder", dir)
	}
	// Another user's folder may be another user's server, and a trap for root:
	// its owner could turn every name in it into a link to somewhere else.
	if me, owner := currentUID(), ownerOf(info); owner != me {
		return home{}, fmt.Errorf("the folder belongs to %s and this process runs as %s: give each user a folder of their own",
			userName(owner), userName(me))
	}
	if info.Mode().Perm()&0o002 != 0 {
		return home{}, errors.New("the folder can be written by every user: choose one that is yours alone")
	}
	h := home{dir: dir}
	if h.account, err = chooseAccount(dir); err != nil {
		return home{}, err
	}
	return h, letIn(dir, h.account)
}

// makeDir makes dir when it is missing, whatever the umask, and answers its one
// true name, so that processes that spell it differently meet.
func makeDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	perm := os.FileMode(0o700)
	if currentUID() == 0 {
		perm = 0o755 // the server's account has to pass; what is inside has modes of its own
	}
	_, err = os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, perm); err != nil {
			return "", err
		}
		if err := os.Chmod(dir, perm); err != nil {
			return "", err
		}
	} else if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// dataDir is the data folder of a major version.
func (h home) dataDir(major int) string {
	return filepath.Join(h.dir, "data-"+strconv.Itoa(major))
}

// dataMajors lists the major versions there is a data folder for, newest first.
func (h home) dataMajors() ([]int, error) { return dataMajors(h.dir) }

func dataMajors(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var majors []int
	for _, e := range entries {
		digits, found := strings.CutPrefix(e.Name(), "data-")
		if n, err := strconv.Atoi(digits); found && err == nil && e.IsDir() {
			majors = append(majors, n)
		}
	}
	slices.Sort(majors)
	slices.Reverse(majors)
	return majors, nil
}

// clearLeftovers deletes what a killed Start had half made.
func (h home) clearLeftovers() error {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), initPrefix) || strings.HasPrefix(e.Name(), fetchPrefix) {
			if err := os.RemoveAll(filepath.Join(h.dir, e.Name())); err != nil {
				return fmt.Errorf("clear leftovers of an earlier start: %w", err)
			}
		}
	}
	return nil
}

// tempDir makes an empty folder in dir that only the server's account can enter.
func (h home) tempDir(prefix string) (string, error) {
	dir, err := os.MkdirTemp(h.dir, prefix)
	if err != nil {
		return "", err
	}
	return dir, h.account.give(dir)
}

// moveIn gives what was made under a temporary name its real one, and has the
// folder's entry on disk before anything relies on it.
func (h home) moveIn(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	d, err := os.Open(h.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
