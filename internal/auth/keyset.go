package auth

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	maxKeys       = 16
	maxKeySetText = 16 << 10
	maxKeyID      = 64
	keyIDBytes    = 6
	keyIDLetters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
)

// KeySet holds our own signing keys: the first signs, all verify. It can't be
// changed once it is made, and printing it shows the keys' ids only.
type KeySet struct {
	ids     []string
	signing ed25519.PrivateKey
	public  map[string]ed25519.PublicKey
	seeds   map[string][]byte
}

// NewKey makes a signing key and gives its text, "kid:seed", which
// [ParseKeySet] reads. The text is a secret. The kid comes from the public key,
// so two machines that make keys at once don't give them the same name.
func NewKey(rand io.Reader) (string, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return "", fmt.Errorf("auth: read a seed: %w", err)
	}
	digest := sha256.Sum256(publicKey(ed25519.NewKeyFromSeed(seed)))
	return hex.EncodeToString(digest[:keyIDBytes]) + ":" + base64.RawURLEncoding.EncodeToString(seed), nil
}

// ParseKeySet reads one or several keys, separated by commas or line breaks,
// each as "kid:seed" with a seed of 32 bytes in base64url. A kid is 1 to 64 of
// A-Z a-z 0-9 . _ and -, and names one key only. Errors name a key by its place
// and quote nothing: somebody who swaps the two halves must not find the seed
// in the log.
func ParseKeySet(text string) (*KeySet, error) {
	if len(text) > maxKeySetText {
		return nil, errors.New("auth: signing keys: the text is too long")
	}
	s := &KeySet{public: map[string]ed25519.PublicKey{}, seeds: map[string][]byte{}}
	for _, entry := range strings.FieldsFunc(text, isKeySeparator) {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if err := s.add(entry); err != nil {
			return nil, fmt.Errorf("auth: signing key %d: %w", len(s.ids)+1, err)
		}
	}
	if len(s.ids) == 0 {
		return nil, errors.New("auth: signing keys: there is none")
	}
	return s, nil
}

// KeyIDs are the kids, the signing key's first.
func (s *KeySet) KeyIDs() []string { return slices.Clone(s.ids) }

// String names the keys without their secrets.
func (s *KeySet) String() string { return "keys " + strings.Join(s.ids, " ") }

// Format prints the same for every verb: %d would walk through the private key.
func (s *KeySet) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

func (s *KeySet) add(entry string) error {
	kid, seedText, ok := strings.Cut(entry, ":")
	if !ok {
		return errors.New("it has no colon: the form is kid:seed")
	}
	if !validKeyID(kid) {
		return errors.New("its kid is not 1 to 64 of A-Z a-z 0-9 . _ -")
	}
	if _, taken := s.public[kid]; taken {
		return errors.New("another key before it has the same kid")
	}
	if len(s.ids) == maxKeys {
		return fmt.Errorf("there are more than %d", maxKeys)
	}
	key, err := parseSeed(seedText)
	if err != nil {
		return err
	}
	if len(s.ids) == 0 {
		s.signing = key
	}
	s.ids = append(s.ids, kid)
	s.public[kid] = publicKey(key)
	s.seeds[kid] = key.Seed()
	return nil
}

func parseSeed(text string) (ed25519.PrivateKey, error) {
	seed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	// The decoder's error is dropped: it would quote a piece of the secret.
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("its seed is not 32 bytes in base64url (43 characters, no padding)")
	}
	// The placeholder that a template or a failed read leaves.
	if !slices.ContainsFunc(seed, func(b byte) bool { return b != 0 }) {
		return nil, errors.New("its seed is all zeros")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// publicKey is what key.Public() says, without the type assertion: RFC 8032's
// private key ends in the public one.
func publicKey(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.SeedSize:])
}

func isKeySeparator(r rune) bool { return r == ',' || r == '\n' || r == '\r' }

func validKeyID(kid string) bool {
	outside := func(c rune) bool { return !strings.ContainsRune(keyIDLetters, c) }
	return kid != "" && len(kid) <= maxKeyID && !strings.ContainsFunc(kid, outside)
}
