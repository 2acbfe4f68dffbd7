package auth

import (
	"encoding/base32"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	totpSecretBytes = 20 // what RFC 4226 recommends
	totpPeriod      = 30 // seconds a step
	totpSkew        = 1  // steps that a phone's clock may be off
	totpDigits      = otp.DigitsSix
)

func totpEncoding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

// NewTOTPSecret makes the secret of a second factor.
func NewTOTPSecret(rand io.Reader) ([]byte, error) {
	secret := make([]byte, totpSecretBytes)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, fmt.Errorf("auth: read a secret: %w", err)
	}
	return secret, nil
}

// TOTPText is a secret as people type it into an app.
func TOTPText(secret []byte) string { return totpEncoding().EncodeToString(secret) }

// TOTPURI is a secret as apps read it from a QR code.
func TOTPURI(secret []byte, issuer, account string) string {
	query := url.Values{
		"secret": {TOTPText(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {totpDigits.String()},
		"period": {strconv.Itoa(totpPeriod)},
	}
	// Apps read + literally, so that a space must be %20.
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// MatchTOTP says whether a code is the secret's (RFC 6238) at about this time, and of a later step than the one that
// was used last. It gives the step of the code.
func MatchTOTP(secret []byte, code string, at time.Time, last int64) (step int64, ok bool) {
	now := at.Unix() / totpPeriod
	options := hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1}
	text := TOTPText(secret)
	for step := now - totpSkew; step <= now+totpSkew; step++ {
		if step <= last {
			continue
		}
		if matches, err := hotp.ValidateCustom(code, uint64(step), text, options); err == nil && matches { //nolint:gosec // after 1970
			return step, true
		}
	}
	return 0, false
}
