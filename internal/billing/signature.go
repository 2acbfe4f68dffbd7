package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries the signature.
const SignatureHeader = "Tillgraph-Signature"

// tolerance is how far a signature's time may be off, either way.
const tolerance = 5 * time.Minute

// errSignature is the answer to every bad signature: what is wrong with it is nobody's to know.
var errSignature = errors.New("the signature is not valid")

// Sign makes the header of a body.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(secret, t, body))
}

func mac(secret, t string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(t + "."))
	h.Write(body)
	return h.Sum(nil)
}

// check verifies a header: its time, and one signature of one of the secrets, of which there are two while they change.
func check(secrets []string, header string, body []byte, now time.Time) error {
	const mostParts = 10
	var t string
	var given [][]byte
	parts := strings.Split(header, ",")
	if len(parts) > mostParts {
		return errSignature
	}
	for _, part := range parts {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			if t != "" {
				return errSignature
			}
			t = value
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil {
				given = append(given, sum)
			}
		}
	}
	seconds, err := strconv.ParseInt(t, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != t {
		return errSignature
	}
	good := false
	for _, secret := range secrets {
		want := mac(secret, t, body)
		for _, sum := range given {
			good = hmac.Equal(want, sum) || good
		}
	}
	off := now.Sub(time.Unix(seconds, 0))
	if !good || off > tolerance || off < -tolerance {
		return errSignature
	}
	return nil
}
