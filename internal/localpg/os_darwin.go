package localpg

import "syscall"

// procAttr has the child run as the account, in its own process group. There is
// no signal on a parent's death here: a killed parent leaves its server running,
// and the next Start reuses it.
func (a account) procAttr(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
}

// isNoServer cannot be told without /proc: PostgreSQL's own check decides.
func isNoServer(int, ...string) bool { return false }
