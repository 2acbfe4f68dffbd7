package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetPages gives back the pages of the program's own file. Most of what starting has touched is never needed again, since
// it sets up every package, reads the schema and compares the database with it; and what the kernel maps is sixteen pages
// where one is needed. What is still needed is mapped again from the file's cache as it is touched, in a millisecond or two
// for all of it. What the server takes for itself is reckoned with that.
func forgetPages() error {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("read what is mapped: %w", err)
	}
	defer func() { _ = maps.Close() }()
	return eachReadOnly(maps, program, func(from, to uintptr) error {
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED); errno != 0 {
			return fmt.Errorf("give back pages of the program: %w", errno)
		}
		return nil
	})
}

// eachReadOnly calls fn for each part of a file that is mapped for reading and running alone, in the form of
// /proc/self/maps. What may be written to holds more than the file.
func eachReadOnly(maps io.Reader, file string, fn func(from, to uintptr) error) error {
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasSuffix(line, " "+file) {
			continue
		}
		var (
			from, to    uintptr
			permissions string
		)
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &permissions); err != nil {
			return fmt.Errorf("read what is mapped: %q: %w", line, err)
		}
		if strings.Contains(permissions, "w") {
			continue
		}
		if err := fn(from, to); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read what is mapped: %w", err)
	}
	return nil
}
