package giftcard

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"github.com/tillgraph/tillgraph/internal/id"
)

const (
	shortestCode = 8
	longestCode  = 32
	// randomBytes make a code of sixteen characters that nobody guesses.
	randomBytes = 10
	lastFour    = 4
)

// Code is what stands on a card, as it is compared: capital letters and digits alone.
type Code string

// ParseCode reads a code as people type it: case, spaces and hyphens don't count. It is false for what can't be one:
// one has 8 to 32 letters and digits.
func ParseCode(text string) (Code, bool) {
	const longestText = 3 * longestCode
	if len(text) > longestText {
		return "", false
	}
	code := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(text))
	for i := range len(code) {
		if c := code[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return "", false
		}
	}
	return Code(code), len(code) >= shortestCode && len(code) <= longestCode
}

// newCode makes a code without letters that are taken for digits.
func newCode(rand io.Reader) (Code, error) {
	raw := make([]byte, randomBytes)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", fmt.Errorf("make a gift card's code: %w", err)
	}
	return Code(base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").EncodeToString(raw)), nil
}

// Hash is what is kept of a code: with the company in it, so that two companies' cards can't be compared.
func (c Code) Hash(company id.Company) []byte {
	sum := sha256.Sum256([]byte("gift card of " + company.String() + ": " + string(c)))
	return sum[:]
}

// LastFour is the end of a code, which tells cards apart and buys nothing.
func (c Code) LastFour() string { return string(c[len(c)-lastFour:]) }

// String writes a code in groups of four, as it is printed.
func (c Code) String() string {
	var text strings.Builder
	for i := range len(c) {
		if i > 0 && i%lastFour == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(c[i])
	}
	return text.String()
}
