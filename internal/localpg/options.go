package localpg

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// Options says where the server lives and what Start may do to get one.
type Options struct {
	// Dir is the folder for data, socket, log and fetched binaries. It is made
	// when it is missing; when it exists it must belong to the caller. Required.
	Dir string
	// Logger is told what is started, reused, fetched and stopped. Required.
	Logger *slog.Logger
	// Settings are further PostgreSQL settings, such as fsync=off in tests. Where
	// the server listens is not theirs to change. A reused server keeps the
	// settings it was started with.
	Settings map[string]string
	// Download allows fetching a pinned build when no PostgreSQL is installed.
	Download bool
}

func (o Options) validate() error {
	var errs []error
	if o.Dir == "" {
		errs = append(errs, errors.New("no folder was given (Dir)"))
	}
	if o.Logger == nil {
		errs = append(errs, errors.New("no logger was given (Logger)"))
	}
	return errors.Join(errs...)
}

// DefaultDir is the folder a user's server lives in when none is configured:
// /var/lib/tillgraph for root, whose home the server's account could not enter,
// else tillgraph in the user's data folder. Not the cache folder: what is in
// there may be deleted at any time.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/tillgraph", nil
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		base, err := os.UserConfigDir() // there, also the place for an application's data
		if err != nil {
			return "", fmt.Errorf("find the user's data folder: %w", err)
		}
		return filepath.Join(base, "tillgraph"), nil
	}
	// The XDG base directory specification has a relative path ignored.
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "tillgraph"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the user's data folder: %w", err)
	}
	return filepath.Join(home, ".local", "share", "tillgraph"), nil
}
