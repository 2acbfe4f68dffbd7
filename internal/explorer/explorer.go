package explorer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// Paths that the handler answers. Everything the page loads from this server
// lies under AssetsPath, so that a server may mount the two and nothing else.
const (
	PagePath   = "/"
	AssetsPath = "/explorer/assets/"
)

// Offline reports whether this binary carries the built files, so that the
// page works with no network.
func Offline() bool {
	pins, err := readPins()

	return err == nil && holdsAll(built, pins)
}

// Handler serves the page at "/", exactly, and its files under
// "/explorer/assets/". Other paths are 404, other methods than GET and HEAD
// 405. An Options that cannot work is an error that names all that is wrong
// with it.
func Handler(o Options) (http.Handler, error) {
	return newHandler(o, built)
}

// newHandler takes the folder of built files, which decides between the page
// that needs no network and the one that takes GraphiQL from the CDN.
func newHandler(o Options, assets fs.FS) (http.Handler, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}

	pins, err := readPins()
	if err != nil {
		return nil, err
	}

	files := make(map[string]asset)
	offline := holdsAll(assets, pins)

	if offline {
		if err := addBuilt(files, assets, pins); err != nil {
			return nil, err
		}
	}

	version, err := addOwn(files)
	if err != nil {
		return nil, err
	}

	html, err := render(newPageData(o, pins, offline, version))
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PagePath+"{$}", func(w http.ResponseWriter, r *http.Request) {
		// It may carry demo tokens: nobody on the way keeps it.
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(html))
	})
	mux.HandleFunc("GET "+AssetsPath+"{path...}", func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[r.PathValue("path")]
		if !ok {
			http.NotFound(w, r)

			return
		}

		file.serve(w, r)
	})

	return secured(mux, policy(o, pins, offline)), nil
}

// pageData is what page/index.html shows.
type pageData struct {
	Own      string // address of the folder of our own script and style
	Licences string // address of the notices; empty without the build
	Offline  bool
	Styles   []link
	Scripts  []link
	Tokens   []Token
	Examples []Example
	Config   config
}

// link is one file of other people's code.
type link struct {
	URL       string
	Integrity string
	// Foreign is another origin: the browser checks integrity only of what it
	// asks for with CORS.
	Foreign bool
}

// config is what the page's script reads. It goes into the page as JSON, which
// html/template escapes so that no value can end the element that holds it.
type config struct {
	Endpoint string    `json:"endpoint"`
	Tokens   []Token   `json:"tokens"`
	Examples []Example `json:"examples"`
}

func newPageData(o Options, pins []pin, offline bool, version string) pageData {
	d := pageData{
		Own:      AssetsPath + version,
		Offline:  offline,
		Tokens:   o.Tokens,
		Examples: o.Examples,
		Config: config{
			Endpoint: o.Endpoint,
			// Never null in the page's JSON.
			Tokens:   append([]Token{}, o.Tokens...),
			Examples: append([]Example{}, o.Examples...),
		},
	}

	if offline {
		d.Licences = AssetsPath + licencesFile
	}

	for _, p := range pins {
		l := link{URL: p.cdnURL(), Integrity: p.Integrity, Foreign: true}
		if offline {
			l = link{URL: AssetsPath + p.path(), Integrity: p.Integrity}
		}

		if strings.HasSuffix(p.File, ".css") {
			d.Styles = append(d.Styles, l)
		} else {
			d.Scripts = append(d.Scripts, l)
		}
	}

	return d
}

func render(d pageData) ([]byte, error) {
	t, err := template.ParseFS(page, "page/index.html")
	if err != nil {
		return nil, fmt.Errorf("explorer: the page's template: %w", err)
	}

	var b bytes.Buffer
	if err := t.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("explorer: the page: %w", err)
	}

	return b.Bytes(), nil
}

// addOwn adds our own script, style and icon in a folder named after what they
// hold, and returns that folder: a new build has a new address, so that each
// may be cached for good.
func addOwn(files map[string]asset) (string, error) {
	names, err := fs.Glob(page, "page/*")
	if err != nil {
		return "", fmt.Errorf("explorer: own files: %w", err)
	}

	sum := sha256.New()
	own := make(map[string][]byte)

	for _, name := range names {
		body, err := page.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("explorer: own files: %w", err)
		}

		sum.Write(body)

		if base := strings.TrimPrefix(name, "page/"); base != "index.html" {
			own[base] = body
		}
	}

	version := "page-" + hex.EncodeToString(sum.Sum(nil))[:12]
	for base, body := range own {
		files[version+"/"+base] = asset{name: base, body: body, cache: immutable}
	}

	return version, nil
}
