package auth

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	ownerOnly     fs.FileMode = 0o600
	ownerOnlyDir  fs.FileMode = 0o700
	othersMayRead fs.FileMode = 0o077
)

// LoadOrCreateKeyFile reads the signing keys in a file, and first makes the file
// with one new key if there is none: for a server that nobody configured. Two
// processes that start at once end up with the same key. A file that the group
// or the world may touch, or that belongs to another user, is refused rather
// than mended: who could read it may have done so.
func LoadOrCreateKeyFile(path string, rand io.Reader) (*KeySet, error) {
	keys, err := loadKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if err := createKeyFile(path, rand); err != nil {
		return nil, fmt.Errorf("auth: make key file %s: %w", path, err)
	}
	// Read back rather than kept: another process may have been first.
	return loadKeyFile(path)
}

func loadKeyFile(path string) (*KeySet, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from

	// The open file is asked, not the path: the path may lead elsewhere by now.
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	}
	if err := checkKeyFile(info); err != nil {
		return nil, fmt.Errorf("auth: key file %s: %w", path, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeySetText+1))
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	}
	keys, err := ParseKeySet(string(text))
	if err != nil {
		return nil, fmt.Errorf("auth: key file %s: %w", path, err)
	}
	return keys, nil
}

// createKeyFile writes a whole file beside the path and links it into place:
// link, unlike rename, refuses to replace what another process put there first,
// and nobody ever sees half a key.
func createKeyFile(path string, rand io.Reader) error {
	text, err := NewKey(rand)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, ownerOnlyDir); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dir, ".key-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) //nolint:errcheck // a left-over draft harms nobody
	if err := writeWhole(draft, text+"\n"); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// writeWhole writes, syncs and closes: the key is on the disk before its name is,
// so that a power cut can't leave an empty key file behind.
func writeWhole(f *os.File, text string) error {
	_, err := f.WriteString(text)
	if err == nil {
		err = f.Chmod(ownerOnly)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
