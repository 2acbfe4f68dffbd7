package explorer

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"time"
)

const (
	// cdn serves the files of npm packages as they were published.
	cdn          = "https://cdn.jsdelivr.net/npm/"
	licencesFile = "LICENSES.txt"

	// immutable is for addresses that name the version of what they hold.
	immutable = "public, max-age=31536000, immutable"
	// revalidate is for the one address that does not.
	revalidate = "no-cache"
)

// What the npm build left; only the read-me when it was not run.
//
//go:embed assets
var built embed.FS

//go:embed page
var page embed.FS

//go:embed pinned.json
var pinnedJSON []byte

// pin is one file of another project: the version that the page is written
// for and the hash that the browser holds it to, from wherever it comes.
type pin struct {
	Package   string `json:"package"`
	File      string `json:"file"`
	Version   string `json:"version"`
	Integrity string `json:"integrity"`
}

// readPins returns the pinned files in the order in which the page loads them.
func readPins() ([]pin, error) {
	var pins []pin
	if err := json.Unmarshal(pinnedJSON, &pins); err != nil {
		return nil, fmt.Errorf("explorer: pinned.json: %w", err)
	}

	return pins, nil
}

// path is where the build puts the file, below assets/ and below AssetsPath.
func (p pin) path() string {
	return p.Package + "-" + p.Version + "/" + p.File
}

func (p pin) cdnURL() string {
	return cdn + p.Package + "@" + p.Version + "/" + p.File
}

// holdsAll reports whether every pinned file was built. Half a build counts as
// none: the page would mix two sources.
func holdsAll(assets fs.FS, pins []pin) bool {
	for _, p := range pins {
		if _, err := fs.Stat(assets, "assets/"+p.path()); err != nil {
			return false
		}
	}

	return len(pins) > 0
}

// addBuilt adds the pinned files, and nothing else that may lie in the folder.
func addBuilt(files map[string]asset, assets fs.FS, pins []pin) error {
	for _, p := range pins {
		body, err := fs.ReadFile(assets, "assets/"+p.path())
		if err != nil {
			return fmt.Errorf("explorer: built files: %w", err)
		}

		files[p.path()] = asset{name: path.Base(p.File), body: body, cache: immutable}
	}

	notices, err := fs.ReadFile(assets, "assets/"+licencesFile)
	if err != nil {
		return fmt.Errorf("explorer: built files: %w", err)
	}

	files[licencesFile] = asset{name: licencesFile, body: notices, cache: revalidate}

	return nil
}

// asset is one file below AssetsPath.
type asset struct {
	name  string
	body  []byte
	cache string
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", a.cache)
	w.Header().Set("Content-Type", contentType(a.name))
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.body))
}

// contentType does not leave the scripts' type to the machine's table of
// types, which may lack it or have an old one: with nosniff the browser would
// then refuse to run them.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return "application/octet-stream"
	}
}
