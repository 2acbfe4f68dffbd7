package localpg

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Bounds of an unpacked build; the largest, macOS's, has 1,027 files and 148 MB.
const (
	maxUnpacked = 512 << 20
	maxEntries  = 10_000
	maxLinkList = 1 << 20
)

// The build is below native in npm's folder package; the rest is npm's.
const (
	archiveRoot = "package/"
	nativeRoot  = "native/"
	linkList    = "pg-symlinks.json"
)

// unpack unpacks a build's tarball into dir: readable by everyone, since root's
// stand-in has to run it, and written by the caller alone. An entry that is not
// a plain file or folder, or whose name leads out, is refused; os.Root would not
// let one out either.
func unpack(r io.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // a handle on a folder: nothing to lose
	gz, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	u := unpacker{root: root, left: maxUnpacked}
	if err := u.entries(tar.NewReader(gz)); err != nil {
		return err
	}
	if err := u.links(); err != nil {
		return err
	}
	return root.Chmod(".", 0o755)
}

type unpacker struct {
	root *os.Root
	left int64 // bytes that may still be written
}

func (u *unpacker) entries(tr *tar.Reader) error {
	for range maxEntries {
		hdr, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := u.entry(hdr, tr); err != nil {
			return fmt.Errorf("entry %q: %w", hdr.Name, err)
		}
	}
	return fmt.Errorf("more than %d entries", maxEntries)
}

func (u *unpacker) entry(hdr *tar.Header, r io.Reader) error {
	if !isLocal(hdr.Name) {
		return errors.New("its name leads out of the archive")
	}
	name, ours := strings.CutPrefix(path.Clean(hdr.Name), archiveRoot+nativeRoot)
	if !ours {
		return nil
	}
	switch hdr.Typeflag {
	case tar.TypeDir:
		return u.mkdir(name)
	case tar.TypeReg:
		return u.file(name, hdr.FileInfo().Mode().Perm()&0o111 != 0, r)
	default:
		return fmt.Errorf("entries of type %q are not accepted", hdr.Typeflag)
	}
}

// isLocal holds for plain relative names. npm has no reason to use .. at all.
func isLocal(name string) bool {
	return filepath.IsLocal(name) && !strings.Contains(name, "..") && !strings.Contains(name, `\`)
}

// mkdir makes a folder with its parents, whatever the umask.
func (u *unpacker) mkdir(name string) error {
	if name == "." {
		return nil
	}
	if info, err := u.root.Lstat(name); err == nil && info.IsDir() {
		return nil
	}
	if err := u.mkdir(path.Dir(name)); err != nil {
		return err
	}
	if err := u.root.Mkdir(name, 0o755); err != nil {
		return err
	}
	return u.root.Chmod(name, 0o755)
}

func (u *unpacker) file(name string, executable bool, r io.Reader) error {
	perm := os.FileMode(0o644)
	if executable {
		perm = 0o755
	}
	if err := u.mkdir(path.Dir(name)); err != nil {
		return err
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(r, u.left+1))
	if u.left -= n; err == nil && u.left < 0 {
		err = fmt.Errorf("the archive has more than %d bytes", maxUnpacked)
	}
	// Synced, so that after a power cut the renamed folder has what it shows.
	return errors.Join(err, f.Chmod(perm), f.Sync(), f.Close())
}

// links makes the links of the build's libraries. npm's archives have none, so
// the package lists them; an archive without the list has no links.
func (u *unpacker) links() error {
	b, err := u.root.ReadFile(linkList)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(b) > maxLinkList {
		return fmt.Errorf("%s is too long", linkList)
	}
	var list []struct{ Source, Target string }
	if err := json.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("%s: %w", linkList, err)
	}
	for _, l := range list {
		if err := u.link(l.Source, l.Target); err != nil {
			return fmt.Errorf("link %q to %q: %w", l.Target, l.Source, err)
		}
	}
	return nil
}

// link makes target a relative link to source, so that the folder can be moved.
func (u *unpacker) link(source, target string) error {
	source, ok1 := strings.CutPrefix(source, nativeRoot)
	target, ok2 := strings.CutPrefix(target, nativeRoot)
	if !ok1 || !ok2 || !isLocal(source) || !isLocal(target) {
		return errors.New("it leads out of the archive")
	}
	if _, err := u.root.Stat(source); err != nil {
		return err
	}
	to, err := filepath.Rel(path.Dir(target), source)
	if err != nil {
		return err
	}
	return u.root.Symlink(to, target)
}
