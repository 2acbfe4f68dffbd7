package localpg

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// procAttr has the child run as the account, in its own process group, and get
// onDeath when the thread that forked it ends; 0 is none.
func (a account) procAttr(onDeath syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: onDeath, Credential: a.credential()}
}

// isNoServer reports whether a process (or thread) is surely no server of the
// data folders: a server's working folder is its data folder. One that has none
// is gone, or a zombie that nobody has waited for. One that may not be looked at
// is another user's, and PostgreSQL itself passes over it.
func isNoServer(pid int, data ...string) bool {
	if _, err := os.Readlink("/proc/self/cwd"); err != nil {
		return false // nothing can be told here
	}
	dir, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return !slices.Contains(data, dir)
}
