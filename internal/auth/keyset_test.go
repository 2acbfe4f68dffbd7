package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestParseKeySet(t *testing.T) {
	t.Parallel()
	first, second := newKeyText(t), newKeyText(t)
	kid := func(text string) string { id, _, _ := strings.Cut(text, ":"); return id }
	for name, text := range map[string]string{
		"comma":             first + "," + second,
		"lines":             first + "\n" + second + "\n",
		"lines of Windows":  first + "\r\n" + second + "\r\n",
		"blanks and commas": " " + first + " ,, \n\t" + second + ",",
	} {
		keys := parseKeySet(t, text)
		if want := []string{kid(first), kid(second)}; !slices.Equal(keys.KeyIDs(), want) {
			t.Errorf("%s: %v, want %v", name, keys.KeyIDs(), want)
		}
		equal(t, keys.signing.Equal(parseKeySet(t, first).signing), true)
	}
}

func TestParseKeySetRefuses(t *testing.T) {
	t.Parallel()
	good := newKeyText(t)
	kid, seed, _ := strings.Cut(good, ":")
	many := make([]string, 0, maxKeys+1)
	for i := range maxKeys + 1 {
		many = append(many, fmt.Sprintf("k%d:%s", i, seed))
	}
	for name, text := range map[string]string{
		"empty":           "",
		"only separators": " ,\n, ",
		"no colon":        seed,
		"swapped":         seed + ":" + kid,
		"no kid":          ":" + seed,
		"no seed":         kid + ":",
		"kid with blank":  "my key:" + seed,
		"kid with slash":  "../key:" + seed,
		"kid too long":    strings.Repeat("k", 65) + ":" + seed,
		"kid in Cyrillic": "ключ:" + seed,
		"seed too short":  kid + ":" + seed[:42],
		"seed too long":   kid + ":" + seed + "A",
		"seed padded":     kid + ":" + seed + "=",
		"seed loose bits": kid + ":" + seed[:42] + "_",
		"seed of zeros":   kid + ":" + base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		"seed in hex":     kid + ":" + strings.Repeat("0a", 32),
		"two of one kid":  good + "," + good,
		"second is bad":   good + "," + seed,
		"too many":        strings.Join(many, ","),
		"too long":        strings.Repeat(" ", maxKeySetText) + good,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseKeySet(text)
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), seed[:8]) {
				t.Fatalf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestKeySetDoesNotPrintItsSecrets(t *testing.T) {
	t.Parallel()
	text := newKeyText(t)
	keys := parseKeySet(t, text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%o"} {
		equal(t, fmt.Sprintf(verb, keys), "keys "+keys.KeyIDs()[0])
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "keys", keys)
	slog.New(slog.NewTextHandler(&log, nil)).Info("started", "keys", keys)
	_, seed, _ := strings.Cut(text, ":")
	if strings.Contains(log.String(), seed) || !strings.Contains(log.String(), keys.KeyIDs()[0]) {
		t.Errorf("the log says %s", log.String())
	}
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	if first, second := newKeyText(t), newKeyText(t); first == second {
		t.Fatal("two keys are one")
	}
	if _, err := NewKey(bytes.NewReader(make([]byte, 31))); err == nil {
		t.Fatal("a key was made of too little randomness")
	}
}

func TestKeyFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folder", "signing.key")
	first, err := LoadOrCreateKeyFile(path, rand.Reader)
	noError(t, err)
	second, err := LoadOrCreateKeyFile(path, strings.NewReader(""))
	noError(t, err)
	equal(t, first.KeyIDs()[0], second.KeyIDs()[0])
	info, err := os.Stat(path)
	noError(t, err)
	equal(t, info.Mode().Perm(), ownerOnly)
	equal(t, len(files(t, filepath.Dir(path))), 1) // no draft stays behind
}

func TestKeyFileMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		path := filepath.Join(t.TempDir(), "signing.key")
		ids := make([]string, 8)
		start := make(chan struct{})
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				<-start
				keys, err := LoadOrCreateKeyFile(path, rand.Reader)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = keys.KeyIDs()[0]
			})
		}
		close(start)
		wait.Wait()
		equal(t, len(slices.Compact(ids)), 1)
	}
}

// Another process made the file after this one had looked for it.
func TestKeyFileIsNeverReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "signing.key")
	first, err := LoadOrCreateKeyFile(path, rand.Reader)
	noError(t, err)
	noError(t, createKeyFile(path, rand.Reader))
	again, err := LoadOrCreateKeyFile(path, rand.Reader)
	noError(t, err)
	equal(t, again.KeyIDs()[0], first.KeyIDs()[0])
	equal(t, len(files(t, filepath.Dir(path))), 1)
}

func TestKeyFileRefuses(t *testing.T) {
	t.Parallel()
	good := newKeyText(t) + "\n"
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"group may read":  {good, 0o640},
		"group may write": {good, 0o620},
		"world may read":  {good, 0o604},
		"empty":           {"", 0o600},
		"no key":          {"hello\n", 0o600},
		"too long":        {strings.Repeat("\n", maxKeySetText) + good, 0o600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "signing.key")
			noError(t, os.WriteFile(path, []byte(c.text), 0o600))
			noError(t, os.Chmod(path, c.mode)) // past the umask
			if _, err := LoadOrCreateKeyFile(path, rand.Reader); err == nil {
				t.Fatal("accepted")
			}
			after, err := os.ReadFile(path)
			noError(t, err)
			equal(t, string(after), c.text) // it is refused, not replaced
		})
	}
}

func TestKeyFileOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "signing.key")
	_, err := LoadOrCreateKeyFile(path, rand.Reader)
	noError(t, err)
	noError(t, os.Chown(path, 65534, 65534))
	if _, err := LoadOrCreateKeyFile(path, rand.Reader); err == nil {
		t.Fatal("accepted a key that somebody else chose")
	}
}

func TestKeyFileThatIsAFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder")
	noError(t, os.Mkdir(path, ownerOnlyDir))
	if _, err := LoadOrCreateKeyFile(path, rand.Reader); err == nil {
		t.Fatal("accepted")
	}
	if _, err := LoadOrCreateKeyFile(filepath.Join(t.TempDir(), "k"), strings.NewReader("")); err == nil {
		t.Fatal("made without randomness")
	}
}

func files(tb testing.TB, dir string) []os.DirEntry {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	noError(tb, err)
	return entries
}
