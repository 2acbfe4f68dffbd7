package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process tells what a process and its children took of the processors, and of memory. It reads /proc: elsewhere than on
// Linux, and for processes of other machines, all is zero.
type process struct {
	pid int
	// children counts those that live and those that ended, as of PostgreSQL's postmaster.
	children bool
}

// tick is the unit of processor time in /proc: on all systems that Go runs on it is a hundredth of a second.
const tick = 10 * time.Millisecond

// The fields of /proc/<pid>/stat behind the name, as proc(5) counts them, less the three before.
const (
	parentAt       = 4 - 3
	userAt         = 14 - 3
	systemAt       = 15 - 3
	childrenUserAt = 16 - 3
	childrenSysAt  = 17 - 3
	enough         = 20
)

func stat(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	// The name stands in parentheses and may hold anything.
	_, after, ok := strings.Cut(string(raw[max(0, bytes.LastIndexByte(raw, ')')):]), " ")
	if fields := strings.Fields(after); ok && len(fields) > enough {
		return fields
	}
	return nil
}

func ticks(fields []string, at ...int) (t time.Duration) {
	for _, i := range at {
		n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes numbers
		t += time.Duration(n) * tick
	}
	return t
}

// time is all processor time so far.
func (p process) time() (t time.Duration) {
	own := stat(p.pid)
	if own == nil {
		return 0
	}
	t = ticks(own, userAt, systemAt)
	if !p.children {
		return t
	}
	t += ticks(own, childrenUserAt, childrenSysAt)
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if fields := stat(pid); fields != nil && fields[parentAt] == strconv.Itoa(p.pid) {
			t += ticks(fields, userAt, systemAt)
		}
	}
	return t
}

// resident is the most memory that the process ever held, in bytes.
func (p process) resident() int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64) // in kB
			return n << 10
		}
	}
	return 0
}

// Parent is the process whose child another is, 0 where that isn't known.
func Parent(pid int) int {
	fields := stat(pid)
	if fields == nil {
		return 0
	}
	parent, _ := strconv.Atoi(fields[parentAt]) // the kernel writes numbers
	return parent
}
