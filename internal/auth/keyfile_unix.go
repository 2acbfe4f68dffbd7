//go:build unix

package auth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func checkKeyFile(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	if info.Mode().Perm()&othersMayRead != 0 {
		return fmt.Errorf("its mode is %04o, but only its owner may read it: chmod 600", info.Mode().Perm())
	}
	// Whoever owns the file chose the key, and could sign any token with it.
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return errors.New("it belongs to another user")
	}
	return nil
}

// syncDir makes the new name itself durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
