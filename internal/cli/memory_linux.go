package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// self is the file of the program that runs.
const self = "/proc/self/exe"

// uncache gives back the program's pages, out of the system's cache of files as well, so that those that are needed are read
// anew. Linux maps whole what its cache holds as one, since 6.18: of a program that has just been written that is two MiB
// where a page is needed, and what is read while it runs is held page by page.
func uncache() error {
	program, err := os.Open(self)
	if err != nil {
		return fmt.Errorf("open the program: %w", err)
	}
	defer func() { _ = program.Close() }()
	fd := int(program.Fd())
	if err := unix.Fdatasync(fd); err != nil { // what isn't on the disk yet stays
		return fmt.Errorf("have the program written: %w", err)
	}
	if err := forgetPages(); err != nil {
		return err
	}
	// What is mapped again by now stays.
	if err := unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED); err != nil {
		return fmt.Errorf("give back the program's cache: %w", err)
	}
	return nil
}

// forgetPages gives back the pages of the program's own file. Most of what starting has touched is never needed again, since
// it sets up every package, reads the schema and compares the database with it; and what the kernel maps is sixteen pages
// where one is needed. What is still needed is mapped again from the file's cache as it is touched, in a millisecond or two
// for all of it. What the server takes for itself is reckoned with that.
func forgetPages() error {
	program, err := os.Readlink(self)
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("read what is mapped: %w", err)
	}
	defer func() { _ = maps.Close() }()
	parts, err := unchanged(maps, program)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, p.from, p.to-p.from, unix.MADV_DONTNEED); errno != 0 {
			return fmt.Errorf("give back pages of the program: %w", errno)
		}
	}
	return nil
}

// part is a part of a file that is mapped.
type part struct{ from, to uintptr }

// unchanged finds the parts of a file that can't be written to and hold what the file holds, in the form of /proc/self/smaps.
// What can't be written to may have been all the same: a program that is put anywhere in memory has its addresses set before
// that is forbidden, and a debugger sets its breakpoints. Such pages would be the file's again, and the program would crash.
func unchanged(maps io.Reader, file string) ([]part, error) {
	var parts []part
	var now part // the one that is being read, where it is the file's and can't be written to
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		line := lines.Text()
		name, value, _ := strings.Cut(line, ":")
		nothing := strings.TrimSpace(value) == "0 kB"
		switch {
		case strings.Contains(name, " "): // the first line of a part, which begins with its addresses
			now = part{}
			if !strings.HasSuffix(line, " "+file) {
				continue
			}
			var permissions string
			if _, err := fmt.Sscanf(line, "%x-%x %s", &now.from, &now.to, &permissions); err != nil {
				return nil, fmt.Errorf("read what is mapped: %q: %w", line, err)
			}
			if strings.Contains(permissions, "w") {
				now = part{}
			}
		case now == part{}:
		case name == "Anonymous" && nothing:
			parts = append(parts, now)
		case name == "Swap" && !nothing:
			parts = slices.DeleteFunc(parts, func(p part) bool { return p == now })
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read what is mapped: %w", err)
	}
	return parts, nil
}
