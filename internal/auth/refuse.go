package auth

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// refuse turns any failure to verify into one of the three sentinels.
func refuse(err error) error {
	sentinel := ErrTokenInvalid
	switch {
	case errors.Is(err, errNoKeys):
		sentinel = ErrKeysUnavailable
	case onlyExpired(err):
		sentinel = ErrTokenExpired
	}
	return &refusal{sentinel: sentinel, cause: err}
}

// onlyExpired says whether time is all that a token lacks. The library joins all
// that is wrong with the claims, and only once the signature is right; "expired"
// invites the client to come again with a fresh token, which a token for another
// audience does not deserve.
func onlyExpired(err error) bool {
	if !errors.Is(err, jwt.ErrTokenExpired) {
		return false
	}
	for _, other := range []error{
		jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenInvalidIssuer,
		jwt.ErrTokenInvalidAudience, jwt.ErrTokenRequiredClaimMissing, jwt.ErrInvalidType,
	} {
		if errors.Is(err, other) {
			return false
		}
	}
	return true
}
