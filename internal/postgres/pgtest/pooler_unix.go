//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// asOwnerOf makes a command that root starts run as the user who owns a folder, and gives it another folder.
func asOwnerOf(command *exec.Cmd, folder, its string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("look whose %s is: %w", folder, err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("nobody says whose %s is", folder)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	if err := os.Chown(its, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("give %s away: %w", its, err)
	}
	return nil
}
