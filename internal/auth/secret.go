package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Kind is what an opaque secret is for. It is the secret's prefix, so that one
// kind can't be taken for another.
type Kind string

const (
	// KindRegisterKey is the key that a register logs in with.
	KindRegisterKey Kind = "tgk_"
	// KindRefreshToken is what a session trades for a new access token.
	KindRefreshToken Kind = "tgr_"
	// KindInvitation is what an invited person accepts with.
	KindInvitation Kind = "tgi_"
	// KindPasswordReset is what sets a new password.
	KindPasswordReset Kind = "tgp_"
	// KindLoginChallenge is a login that waits for its second factor.
	KindLoginChallenge Kind = "tgc_"
	// KindEmailVerification is what shows that an address is its owner's.
	KindEmailVerification Kind = "tgv_"
)

func kinds() []Kind {
	return []Kind{
		KindRegisterKey, KindRefreshToken, KindInvitation, KindPasswordReset, KindLoginChallenge, KindEmailVerification,
	}
}

const (
	secretIDBytes     = 32 // company, then object
	secretRandomBytes = 32
	secretBodyText    = 86 // base64url of the 64 bytes
	secretSumText     = 6  // base64url of a CRC-32
	secretTextLength  = 4 + secretBodyText + secretSumText
)

// NewSecret makes a secret for an object (a register, a session) of a company.
// The text is shown once and never stored; the hash is stored.
func NewSecret(kind Kind, tenant, object uuid.UUID, rand io.Reader) (text string, hash []byte, err error) {
	if !kind.valid() {
		return "", nil, fmt.Errorf("auth: %q is no kind of secret", string(kind))
	}
	if tenant == uuid.Nil || object == uuid.Nil {
		return "", nil, errors.New("auth: a secret needs a company and an object")
	}
	random := make([]byte, secretRandomBytes)
	if _, err := io.ReadFull(rand, random); err != nil {
		return "", nil, fmt.Errorf("auth: read a secret: %w", err)
	}
	body := make([]byte, 0, secretIDBytes+secretRandomBytes)
	body = append(append(append(body, tenant[:]...), object[:]...), random...)
	text = string(kind) + base64.RawURLEncoding.EncodeToString(body)
	return text + secretChecksum(text), hashSecret(random), nil
}

// ParseSecret takes a secret of one kind apart. The ids are what the text claims:
// they say which row to compare the hash with ([EqualHash]) and prove nothing
// until it matched. Error: [ErrSecretInvalid], which never quotes the text.
func ParseSecret(kind Kind, text string) (tenant, object uuid.UUID, hash []byte, err error) {
	body, ok := secretBody(kind, text)
	if !ok {
		return uuid.Nil, uuid.Nil, nil, ErrSecretInvalid
	}
	copy(tenant[:], body)
	copy(object[:], body[len(tenant):])
	if tenant == uuid.Nil || object == uuid.Nil {
		return uuid.Nil, uuid.Nil, nil, ErrSecretInvalid
	}
	return tenant, object, hashSecret(body[secretIDBytes:]), nil
}

// KindOf says by its prefix which kind of secret a text would be. It doesn't say
// that it is one.
func KindOf(text string) (Kind, bool) {
	for _, kind := range kinds() {
		if strings.HasPrefix(text, string(kind)) {
			return kind, true
		}
	}
	return "", false
}

// EqualHash compares a stored hash with a presented one in constant time. An
// empty or short hash equals nothing, itself included: a row without a key lets
// nobody in.
func EqualHash(stored, presented []byte) bool {
	return len(presented) == sha256.Size && subtle.ConstantTimeCompare(stored, presented) == 1
}

func (k Kind) valid() bool { return slices.Contains(kinds(), k) }

// secretBody gives the 64 bytes of a well-formed text. The length is fixed and
// base64 strict, so a secret has one text only.
func secretBody(kind Kind, text string) ([]byte, bool) {
	if !kind.valid() || len(text) != secretTextLength || !strings.HasPrefix(text, string(kind)) {
		return nil, false
	}
	signed, sum := text[:len(text)-secretSumText], text[len(text)-secretSumText:]
	if sum != secretChecksum(signed) {
		return nil, false
	}
	body, err := base64.RawURLEncoding.Strict().DecodeString(signed[len(kind):])
	// The decoder skips line breaks, which would leave it short.
	return body, err == nil && len(body) == secretIDBytes+secretRandomBytes
}

// secretChecksum tells typos, not forgers.
func secretChecksum(text string) string {
	var sum [4]byte
	binary.BigEndian.PutUint32(sum[:], crc32.ChecksumIEEE([]byte(text)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func hashSecret(random []byte) []byte {
	sum := sha256.Sum256(random)
	return sum[:]
}
