//go:build !linux && !darwin

package localpg

import (
	"os"
	"syscall"
)

// Here Start refuses at once, and nothing of this is called.
const supported = false

const openNoFollow = 0

const (
	fastSignal      = syscall.SIGINT
	immediateSignal = syscall.SIGQUIT
	killSignal      = syscall.SIGKILL
)

func tryLock(*os.File) (bool, error)                           { return false, nil }
func currentUID() uint32                                       { return 0 }
func currentGID() uint32                                       { return 0 }
func ownerOf(os.FileInfo) uint32                               { return 0 }
func groupOf(os.FileInfo) uint32                               { return 0 }
func (a account) procAttr(syscall.Signal) *syscall.SysProcAttr { return nil }
func killGroup(int) error                                      { return nil }
func isNoServer(int, ...string) bool                           { return false }
