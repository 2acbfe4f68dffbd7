package localpg

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// command prepares one of PostgreSQL's programs: as the server's account, in a
// process group of its own so that a Ctrl-C in the terminal is this process's
// alone to answer, and killed with its whole group when ctx ends.
func (h home) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the name comes from our search, no shell is involved
	cmd.Dir = "/"                                  // this process's folder may be closed to the account
	cmd.Env = environment(os.Environ())
	cmd.SysProcAttr = h.account.procAttr(0)
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// environment keeps what is needed to find libraries and locales. The rest stays
// away: this process's secrets are no business of another account, and PGDATA,
// LC_ALL, TZ or NOTIFY_SOCKET would change what the programs do.
func environment(all []string) []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, kv := range all {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LOCPATH", "LOCALE_ARCHIVE":
			env = append(env, kv)
		}
	}
	return env
}
