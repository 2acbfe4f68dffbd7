package cli

import (
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fromFiles is how much of what the process holds are pages of files, in kB.
func fromFiles(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb
}

// TestWhatStartingTookIsGivenBack: the process holds less of its program than before, and goes on.
func TestWhatStartingTookIsGivenBack(t *testing.T) { //nolint:paralleltest // others would touch what is given back
	before := fromFiles(t)
	if err := forgetPages(); err != nil {
		t.Fatal(err)
	}
	if after := fromFiles(t); after >= before {
		t.Errorf("%d kB of files, and %d kB before", after, before)
	}
}

// cached is how many pages of the program's file the system keeps.
func cached(t *testing.T, program *os.File) (pages int) {
	t.Helper()
	info, err := program.Stat()
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := unix.Mmap(int(program.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(mapped) }()
	kept := make([]byte, len(mapped)/os.Getpagesize()+1)
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapped[0])), uintptr(len(mapped)),
		uintptr(unsafe.Pointer(&kept[0]))); errno != 0 {
		t.Fatal(errno)
	}
	for _, k := range kept {
		pages += int(k & 1)
	}
	return pages
}

// TestTheProgramLeavesTheCache, but for what is in use, where its file has a disk to be read from again.
func TestTheProgramLeavesTheCache(t *testing.T) { //nolint:paralleltest // others would read what is given back
	program, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close() }()
	if _, err := io.Copy(io.Discard, program); err != nil {
		t.Fatal(err)
	}
	before := cached(t, program)
	if err := uncache(); err != nil {
		t.Fatal(err)
	}
	var in unix.Statfs_t
	if err := unix.Fstatfs(int(program.Fd()), &in); err != nil {
		t.Fatal(err)
	}
	if after := cached(t, program); after >= before && in.Type != unix.TMPFS_MAGIC {
		t.Errorf("%d pages are kept, and %d before", after, before)
	}
}

// What was changed is not given back: the addresses of a program that may be put anywhere, and a debugger's breakpoints.
func TestWhatIsMappedUnchanged(t *testing.T) {
	t.Parallel()
	entry := func(line, anonymous, swap string) string {
		return line + "\nSize:  100 kB\nAnonymous:  " + anonymous + " kB\nSwap:  " + swap + " kB\nVmFlags: rd mr mw me sd\n"
	}
	maps := entry("00400000-020ed000 r-xp 00001000 fe:00 131 /opt/the server", "0", "0") +
		entry("020ed000-04515000 r--p 01ced000 fe:00 131 /opt/the server", "0", "0") +
		entry("04515000-046a2000 r--p 0411d000 fe:00 131 /opt/the server", "4", "0") +
		entry("046a2000-046a4000 r-xp 0411d000 fe:00 131 /opt/the server", "0", "8") +
		entry("046a4000-046b0000 rw-p 0411d000 fe:00 131 /opt/the server", "0", "0") +
		entry("7f00-7f01 r--p 00000000 fe:00 132 /opt/other/the server.so", "0", "0") +
		entry("7f01-7f02 r--p 00000000 fe:00 133 /opt/the server", "0", "0") +
		entry("c000000000-c004000000 rw-p 00000000 00:00 0 ", "8", "8")
	got, err := unchanged(strings.NewReader(maps), "/opt/the server")
	if want := []part{{0x400000, 0x20ed000}, {0x20ed000, 0x4515000}, {0x7f01, 0x7f02}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%x, %v; want %x", got, err, want)
	}
	if _, err := unchanged(strings.NewReader("what it is /opt/the server\n"), "/opt/the server"); err == nil {
		t.Error("a line of another form is read")
	}
}
