package auth

import (
	"errors"
	"log/slog"
)

var (
	// ErrTokenInvalid refuses a token that is forged, malformed, not valid yet or
	// meant for somebody else. Which of these it was is for the log: see [Detail].
	ErrTokenInvalid = errors.New("the access token is not valid")
	// ErrTokenExpired refuses a token that was right in everything but its time.
	ErrTokenExpired = errors.New("the access token has expired")
	// ErrKeysUnavailable says that the token could not be judged, because its
	// issuer's keys could not be had. It may be good: ask again later.
	ErrKeysUnavailable = errors.New("the token issuer's keys are unavailable")

	// ErrPasswordTooShort refuses a new password of fewer than [MinPasswordLength] characters.
	ErrPasswordTooShort = errors.New("the password is too short")
	// ErrPasswordTooLong refuses a new password of more than [MaxPasswordBytes] bytes.
	ErrPasswordTooLong = errors.New("the password is too long")
	// ErrHashInvalid says that a stored password hash is not one that we compute:
	// corrupt, of another algorithm, or dearer than any that we would make.
	ErrHashInvalid = errors.New("the stored password hash is not valid")

	// ErrSecretInvalid refuses a register key or refresh token whose text is not
	// one that [NewSecret] gives.
	ErrSecretInvalid = errors.New("the secret is not valid")
)

// refusal shows its sentinel and keeps its cause: error texts reach clients
// sooner or later, and a client that learns which check failed learns how to
// get further next time.
type refusal struct {
	sentinel error
	cause    error
}

func (r *refusal) Error() string   { return r.sentinel.Error() }
func (r *refusal) Unwrap() []error { return []error{r.sentinel, r.cause} }

// LogValue lets a logger that is handed the error write the cause as well.
func (r *refusal) LogValue() slog.Value { return slog.StringValue(r.detail()) }

func (r *refusal) detail() string { return r.sentinel.Error() + ": " + r.cause.Error() }

// Detail is the whole reason of a refusal, for the log only. For any other error
// it is the error's own text.
func Detail(err error) string {
	if err == nil {
		return ""
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.detail()
	}
	return err.Error()
}
