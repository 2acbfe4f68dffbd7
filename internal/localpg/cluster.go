package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// cluster answers the data folder for bin, made with initdb when there is none.
func (h home) cluster(ctx context.Context, bin binaries, lock *os.File, noSync bool) (string, error) {
	data := h.dataDir(bin.major)
	exists, err := h.checkData(data, bin.major)
	if err != nil || exists {
		return data, err
	}
	// C.UTF-8 orders by code point like C and knows every letter's case. Not every
	// system has it.
	err = h.initdb(ctx, bin, data, "C.UTF-8", lock, noSync)
	if err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "locale") {
		err = h.initdb(ctx, bin, data, "C", lock, noSync)
	}
	return data, err
}

// checkData reports whether data is a data folder that can be used. A missing or
// empty folder is not there; one with anything else in it is an error and is
// left alone, since initdb never leaves such a thing here (see initdb).
func (h home) checkData(data string, major int) (bool, error) {
	info, err := os.Lstat(data)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !info.IsDir() {
		return false, fmt.Errorf("%s is not a folder", data)
	}
	entries, err := os.ReadDir(data)
	if err != nil {
		return false, err
	}
	if len(entries) == 0 {
		return false, nil
	}
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION")) //nolint:gosec // our own folder
	if err != nil || strings.TrimSpace(string(version)) != strconv.Itoa(major) {
		return false, fmt.Errorf("%s is not a data folder of PostgreSQL %d: move it away to start with an empty one", data, major)
	}
	if owner := ownerOf(info); owner != h.account.uid {
		return false, fmt.Errorf("%s belongs to %s but PostgreSQL would run as %s", data, userName(owner), h.account.name)
	}
	return true, nil
}

// initdb makes a data folder under a temporary name and moves it in when it is
// whole.
func (h home) initdb(ctx context.Context, bin binaries, data, locale string, lock *os.File, noSync bool) error {
	tmp, err := h.tempDir(initPrefix)
	if err != nil {
		return fmt.Errorf("make a data folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }() // gone already when it was moved in

	args := []string{
		"-D", tmp, "-U", superuser, "-E", "UTF8", "--locale=" + locale,
		"--auth-local=trust", "--auth-host=reject",
	}
	if noSync { // who turned fsync off does not wait for it here either
		args = append(args, "--no-sync")
	}
	cmd := h.command(ctx, bin.program("initdb"), args...)
	cmd.ExtraFiles = []*os.File{lock}
	cmd.SysProcAttr = h.account.procAttr(killSignal)
	runtime.LockOSThread() // see child.run
	out, err := cmd.CombinedOutput()
	runtime.UnlockOSThread()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("initdb: %w\n%s", err, lastLines(out, 20))
	}
	if err := os.Remove(data); err != nil && !errors.Is(err, fs.ErrNotExist) { // empty, see checkData
		return fmt.Errorf("move the new data folder in: %w", err)
	}
	if err := h.moveIn(tmp, data); err != nil {
		return fmt.Errorf("move the new data folder in: %w", err)
	}
	return nil
}

// lastLines answers the last n lines of a log.
func lastLines(b []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
