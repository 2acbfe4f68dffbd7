package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// ErrSealBroken refuses what wasn't sealed by one of our keys for this purpose and owner.
var ErrSealBroken = errors.New("the seal is not ours")

const sealKeyBytes = 32

// Sealer keeps small secrets that must be read again, such as those of second factors: AES-256-GCM under keys that
// are derived from the signing keys, one for each purpose. The first key seals, all open. It is safe for concurrent
// use.
type Sealer struct {
	first string
	aeads map[string]cipher.AEAD
	mac   []byte
	rand  io.Reader
}

// Sealer makes a Sealer for one purpose; what is sealed for another doesn't open.
func (s *KeySet) Sealer(purpose string, rand io.Reader) (*Sealer, error) {
	sealer := &Sealer{first: s.ids[0], aeads: map[string]cipher.AEAD{}, rand: rand}
	for kid, seed := range s.seeds {
		key, err := hkdf.Key(sha256.New, seed, nil, "tillgraph seal "+purpose, sealKeyBytes)
		if err != nil {
			return nil, fmt.Errorf("auth: derive a key: %w", err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("auth: make a cipher: %w", err)
		}
		if sealer.aeads[kid], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("auth: make a cipher: %w", err)
		}
	}
	var err error
	sealer.mac, err = hkdf.Key(sha256.New, s.seeds[s.ids[0]], nil, "tillgraph mac "+purpose, sealKeyBytes)
	if err != nil {
		return nil, fmt.Errorf("auth: derive a key: %w", err)
	}
	return sealer, nil
}

// Seal encrypts a secret. It opens only for the same owner.
func (s *Sealer) Seal(secret, owner []byte) ([]byte, error) {
	aead := s.aeads[s.first]
	sealed := append([]byte{byte(len(s.first))}, s.first...) //nolint:gosec // a kid is at most 64 long
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(s.rand, nonce); err != nil {
		return nil, fmt.Errorf("auth: read a nonce: %w", err)
	}
	sealed = append(sealed, nonce...)
	return aead.Seal(sealed, nonce, secret, owner), nil
}

// Open decrypts a secret. fresh says that it was sealed with the first key; one that wasn't should be sealed anew.
//
// Errors: ErrSealBroken.
func (s *Sealer) Open(sealed, owner []byte) (secret []byte, fresh bool, err error) {
	if len(sealed) == 0 || len(sealed) < 1+int(sealed[0]) {
		return nil, false, ErrSealBroken
	}
	kid, rest := string(sealed[1:1+sealed[0]]), sealed[1+sealed[0]:]
	aead, ok := s.aeads[kid]
	if !ok || len(rest) < aead.NonceSize() {
		return nil, false, ErrSealBroken
	}
	secret, err = aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], owner)
	if err != nil {
		return nil, false, ErrSealBroken
	}
	return secret, kid == s.first, nil
}

// MAC is a hash of a short text that nobody without the key can find by trying.
func (s *Sealer) MAC(text string) []byte {
	h := hmac.New(sha256.New, s.mac)
	_, _ = io.WriteString(h, text)
	return h.Sum(nil)
}
