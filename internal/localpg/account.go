package localpg

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// account is the user PostgreSQL runs as. For root it is another than the
// caller's own, and switched is set.
type account struct {
	name     string
	uid, gid uint32
	switched bool
}

// chooseAccount answers the caller's own account, or root's stand-in: the owner
// of the data that is already there, else postgres, else nobody.
func chooseAccount(dir string) (account, error) {
	if me := currentUID(); me != 0 {
		return account{name: userName(me), uid: me, gid: currentGID()}, nil
	}
	candidates := standIns()
	if len(candidates) == 0 {
		return account{}, errors.New("PostgreSQL does not run as root and there is no account postgres or nobody to run it as")
	}
	majors, err := dataMajors(dir)
	if err != nil {
		return account{}, err
	}
	for _, major := range majors {
		info, err := os.Stat(home{dir: dir}.dataDir(major))
		if err != nil {
			return account{}, err
		}
		i := slices.IndexFunc(candidates, func(a account) bool { return a.uid == ownerOf(info) })
		if i >= 0 {
			return candidates[i], nil
		}
	}
	return candidates[0], nil
}

func standIns() []account {
	var found []account
	for _, name := range []string{"postgres", "_postgres", "nobody"} { // _postgres is macOS's
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil && uid != 0 {
			found = append(found, account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true})
		}
	}
	return found
}

// give hands a folder of ours to the account, closed to everybody else.
func (a account) give(dir string) error {
	if a.switched {
		if err := os.Lchown(dir, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700) //nolint:gosec // a folder needs its search bit
}

// mayPass reports whether the account may walk through a folder. Access control
// lists are not read.
func (a account) mayPass(info os.FileInfo) bool {
	perm := info.Mode().Perm()
	switch {
	case ownerOf(info) == a.uid:
		return perm&0o100 != 0
	case groupOf(info) == a.gid:
		return perm&0o010 != 0
	default:
		return perm&0o001 != 0
	}
}

// letIn sees to it that the account can walk to dir. Private folders of ours
// below the system's temporary folder are opened to the account's group, search
// only: Go's t.TempDir is one. Anything else is left as it is.
func letIn(dir string, a account) error {
	if !a.switched {
		return nil
	}
	for _, p := range withParents(dir) {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if a.mayPass(info) {
			continue
		}
		if !isTemporary(p) || ownerOf(info) != currentUID() || info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s cannot be entered by the user %s, which PostgreSQL has to run as when started by root: choose another folder, such as one in /var/lib",
				p, a.name)
		}
		if err := os.Chown(p, -1, int(a.gid)); err != nil {
			return err
		}
		if err := os.Chmod(p, info.Mode()|0o010); err != nil {
			return err
		}
	}
	return nil
}

// withParents lists dir's parents from the top, and dir.
func withParents(dir string) []string {
	var all []string
	for p := dir; ; p = filepath.Dir(p) {
		all = append(all, p)
		if p == filepath.Dir(p) {
			break
		}
	}
	slices.Reverse(all)
	return all
}

func isTemporary(p string) bool {
	tmp, err := filepath.EvalSymlinks(os.TempDir())
	return err == nil && strings.HasPrefix(p, tmp+string(filepath.Separator))
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "the user with id " + id
}
