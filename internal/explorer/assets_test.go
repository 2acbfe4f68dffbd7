package explorer

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The built files are copies of what the npm packages hold, and the CDN serves
// the npm packages: when this holds, the two pages run the same bytes.
func TestBuiltFilesAreThoseThatThePageAsksTheCDNFor(t *testing.T) {
	t.Parallel()

	if !Offline() {
		t.Skip("not built: npm ci --prefix internal/explorer && npm run build --prefix internal/explorer")
	}

	for _, p := range pins(t) {
		body, err := built.ReadFile("assets/" + p.path())
		if err != nil {
			t.Fatal(err)
		}

		sum := sha512.Sum384(body)
		if got := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); got != p.Integrity {
			t.Errorf("%s is %s, pinned is %s", p.path(), got, p.Integrity)
		}
	}

	notices, err := built.ReadFile("assets/" + licencesFile)
	if err != nil {
		t.Fatal(err)
	}

	for _, p := range pins(t) {
		if !strings.Contains(string(notices), "\n"+p.Package+" "+p.Version+" (") {
			t.Errorf("the notices lack %s %s", p.Package, p.Version)
		}
	}
}

func TestPinsAreTheVersionsOfTheLockfile(t *testing.T) {
	t.Parallel()

	var lock struct {
		Packages map[string]struct {
			Version      string            `json:"version"`
			Resolved     string            `json:"resolved"`
			Integrity    string            `json:"integrity"`
			Dependencies map[string]string `json:"dependencies"`
		} `json:"packages"`
	}

	raw, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}

	if err := json.Unmarshal(raw, &lock); err != nil {
		t.Fatal(err)
	}

	for _, p := range pins(t) {
		if got := lock.Packages["node_modules/"+p.Package].Version; got != p.Version {
			t.Errorf("%s is %s in the lockfile, %s in pinned.json", p.Package, got, p.Version)
		}

		if got := lock.Packages[""].Dependencies[p.Package]; got != p.Version {
			t.Errorf("package.json asks for %s %q, not for exactly %s", p.Package, got, p.Version)
		}
	}

	for name, l := range lock.Packages {
		if name != "" && l.Integrity == "" {
			t.Errorf("%s has no integrity in the lockfile", name)
		}

		if l.Resolved != "" {
			t.Errorf("%s is tied to a registry: %s", name, l.Resolved)
		}
	}
}

func TestPinsAreWhole(t *testing.T) {
	t.Parallel()

	integrity := regexp.MustCompile(`^sha384-[A-Za-z0-9+/]{64}$`)
	version := regexp.MustCompile(`^\d+\.\d+\.\d+$`)

	for _, p := range pins(t) {
		if !integrity.MatchString(p.Integrity) || !version.MatchString(p.Version) {
			t.Errorf("%s/%s: version %q, integrity %q", p.Package, p.File, p.Version, p.Integrity)
		}
	}
}
