package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tillgraph/tillgraph/internal/auth"
)

const (
	// localKeysFile is where the private PostgreSQL's folder keeps the signing key.
	localKeysFile = "signing-keys"
	// maxKeysFile is more than any set of keys takes.
	maxKeysFile = 64 << 10
)

var errNoKey = usageError{errors.New("no signing key is configured: set --signing-keys-file (SIGNING_KEYS_FILE) or " +
	"--signing-keys (SIGNING_KEYS); the command `key` prints a new one")}

// keys gives the signing keys that are configured. Without any, a private PostgreSQL's folder has or gets one.
func (s tokenSettings) keys(d databaseSettings, p *process) (*auth.KeySet, error) {
	switch {
	case s.SigningKeys != "":
		return parseKeys(s.SigningKeys, "--signing-keys (SIGNING_KEYS)")
	case s.SigningKeysFile != "":
		return readKeys(s.SigningKeysFile)
	case d.configured():
		return nil, errNoKey
	}
	dir, err := d.dir()
	if err != nil {
		return nil, err
	}
	keys, err := auth.LoadOrCreateKeyFile(filepath.Join(dir, localKeysFile), p.rand)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return keys, nil
}

func readKeys(path string) (*auth.KeySet, error) {
	const name = "--signing-keys-file (SIGNING_KEYS_FILE)"
	f, err := os.Open(path) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer f.Close() //nolint:errcheck // only read from
	text, err := io.ReadAll(io.LimitReader(f, maxKeysFile))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return parseKeys(string(text), name)
}

func parseKeys(text, name string) (*auth.KeySet, error) {
	keys, err := auth.ParseKeySet(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return keys, nil
}

func (s tokenSettings) issuer(keys *auth.KeySet, p *process) (*auth.Issuer, error) {
	issuer, err := auth.NewIssuer(auth.IssuerConfig{
		Keys: keys, Issuer: s.TokenIssuer, Audience: s.TokenAudience, Now: p.now, Rand: p.rand,
	})
	if err != nil {
		return nil, fmt.Errorf("sign tokens: %w", err)
	}
	return issuer, nil
}

// keyCommand prints a new signing key.
type keyCommand struct{}

// Help explains what to do with it.
func (keyCommand) Help() string {
	return "The key is a secret. Put it into SIGNING_KEYS or a file that SIGNING_KEYS_FILE names. To change keys, put " +
		"the new one in front, and take the old one away when the last token that it signed has expired."
}

// Run prints the key alone.
func (keyCommand) Run(p *process) error {
	key, err := auth.NewKey(p.rand)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	return say(p.stdout, "%s\n", key)
}
