package cli

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
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

func TestWhatIsMappedReadOnly(t *testing.T) {
	t.Parallel()
	const maps = `00400000-020ed000 r-xp 00001000 fe:00 131 /opt/the server
020ed000-04515000 r--p 01ced000 fe:00 131 /opt/the server
04515000-046a2000 rw-p 0411d000 fe:00 131 /opt/the server
7f00-7f01 r--p 00000000 fe:00 132 /opt/other/the server.so
c000000000-c004000000 rw-p 00000000 00:00 0
`
	var got [][2]uintptr
	err := eachReadOnly(strings.NewReader(maps), "/opt/the server", func(from, to uintptr) error {
		got = append(got, [2]uintptr{from, to})
		return nil
	})
	if err != nil || len(got) != 2 || got[0] != [2]uintptr{0x400000, 0x20ed000} || got[1] != [2]uintptr{0x20ed000, 0x4515000} {
		t.Errorf("%x, %v", got, err)
	}
	failed := errors.New("it can't be")
	if err := eachReadOnly(strings.NewReader(maps), "/opt/the server", func(_, _ uintptr) error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if err := eachReadOnly(strings.NewReader("what /opt/the server\n"), "/opt/the server", nil); err == nil {
		t.Error("a line of another form is read")
	}
}
