package localpg

import (
	"os"
	"syscall"
)

func isMainThread() bool { return syscall.Gettid() == os.Getpid() }
