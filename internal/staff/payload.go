package staff

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	LoginUserErrorCode        string
	TokenRefreshUserErrorCode string

	LoginUserError        = errs.User[LoginUserErrorCode]
	TokenRefreshUserError = errs.User[TokenRefreshUserErrorCode]
)

// LoginPayload is what login answers.
type LoginPayload struct {
	Tokens     *TokenPair
	User       *User
	UserErrors []LoginUserError
	// SecondFactor is there where a second factor is due, and tokens are not.
	SecondFactor *SecondFactorChallenge
}

// TokenRefreshPayload is what tokenRefresh answers.
type TokenRefreshPayload struct {
	Tokens     *TokenPair
	UserErrors []TokenRefreshUserError
}

// LogoutPayload is what logout answers.
type LogoutPayload struct {
	LoggedOut bool
}
