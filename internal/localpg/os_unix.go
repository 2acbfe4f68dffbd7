//go:build linux || darwin

package localpg

import (
	"errors"
	"math"
	"os"
	"syscall"
)

const supported = true

const openNoFollow = syscall.O_NOFOLLOW

// What PostgreSQL takes the signals for.
const (
	fastSignal      = syscall.SIGINT  // end connections, write everything, exit
	immediateSignal = syscall.SIGQUIT // exit; recover at the next start
	killSignal      = syscall.SIGKILL
)

// tryLock takes f's lock unless another open file has it.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return false, err
		}
	}
}

func currentUID() uint32 { return uint32(os.Geteuid()) } //nolint:gosec // an id is 32 bits wide here
func currentGID() uint32 { return uint32(os.Getegid()) } //nolint:gosec // an id is 32 bits wide here

func ownerOf(info os.FileInfo) uint32 { return stat(info).Uid }
func groupOf(info os.FileInfo) uint32 { return stat(info).Gid }

func stat(info os.FileInfo) *syscall.Stat_t {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st
	}
	return &syscall.Stat_t{Uid: math.MaxUint32, Gid: math.MaxUint32} // nobody's, not root's
}

// credential is the account to switch to, without this process's other groups.
func (a account) credential() *syscall.Credential {
	if !a.switched {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
