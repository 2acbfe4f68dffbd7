// Package errs is the one error type of the house: a code that a client can switch on and a sentence that a shop
// can act on. An error without a code is internal: it is logged, and the client learns nothing but that.
package errs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Code is what a front end switches on. It stands in extensions.code of a GraphQL error.
type Code string

// The codes of errors that end a request or a field.
const (
	Internal        Code = "INTERNAL"
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	NotFound        Code = "NOT_FOUND"
	BadUserInput    Code = "BAD_USER_INPUT"
	RateLimited     Code = "RATE_LIMITED"
	// Throttled says that a company, or who asks for it, has spent its points: they come back with time.
	Throttled       Code = "THROTTLED"
	ComplexityLimit Code = "COMPLEXITY_LIMIT"
	// Unavailable says that the database can't be reached: try again.
	Unavailable Code = "UNAVAILABLE"
	// FeatureOff says that the company has not the module that a field belongs to.
	FeatureOff Code = "FEATURE_OFF"
	// Timeout says that the request took longer than it may.
	Timeout Code = "TIMEOUT"
)

// Error is an error whose code and message may be shown.
type Error struct {
	Code    Code
	Message string
	// Cause is for the log alone.
	Cause error
}

// New makes an error that may be shown.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error that may be shown from one that may not.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	e := New(code, format, args...)
	e.Cause = cause
	return e
}

// Error implements error, for the log.
func (e *Error) Error() string {
	if e.Cause == nil {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + ": " + e.Message + ": " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf gives the code of an error; what has none is Internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Problem is one thing wrong with an input: an expected failure, which a mutation's payload carries as data.
type Problem struct {
	Code string
	// Field is the path in the input, list positions as digits: ["lines", "2", "quantity"].
	Field   []string
	Message string
	// Details are numbers and names that a front end needs to react, for the mutations whose error type has them.
	Details map[string]any
}

// Problems are all that is wrong with an input. They are an error, so that a rule inside a transaction ends it.
type Problems []Problem //nolint:errname // what they are comes before what they are for

// Error implements error.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problems"
	}
	return fmt.Sprintf("%d problems, the first: %s: %s", len(p), p[0].Code, p[0].Message)
}

// Add appends a problem.
func (p *Problems) Add(code string, field []string, format string, args ...any) {
	*p = append(*p, Problem{Code: code, Field: field, Message: fmt.Sprintf(format, args...)})
}

// Err is nil where there are no problems.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Path builds a field path: strings and list positions.
func Path(parts ...any) []string {
	path := make([]string, 0, len(parts))
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			path = append(path, part)
		case int:
			path = append(path, strconv.Itoa(part))
		default:
			path = append(path, fmt.Sprint(part))
		}
	}
	return path
}

// UserError is an expected failure of a mutation, of whichever mutation.
type UserError interface {
	IsUserError()
	GetMessage() string
	GetField() []string
}

// User is a problem as a payload shows it; C is the mutation's own enum of codes, so that each mutation's
// error is a type of its own.
type User[C ~string] struct {
	Code    C
	Field   []string
	Message string
	Details map[string]any
}

// GetMessage and GetField make User the schema's UserError interface.
func (u User[C]) GetMessage() string { return u.Message }

// GetField gives the path in the input.
func (u User[C]) GetField() []string { return u.Field }

// IsUserError marks User as the schema's UserError.
func (User[C]) IsUserError() {}

// AsUser splits what a mutation returned: problems become the payload's user errors, anything else stays an
// error. The list is never nil, as the schema promises.
func AsUser[C ~string](err error) ([]User[C], error) {
	users := []User[C]{}
	var problems Problems
	if !errors.As(err, &problems) {
		return users, err
	}
	for _, p := range problems {
		field := slices.Clone(p.Field)
		if field == nil {
			field = []string{}
		}
		users = append(users, User[C]{Code: C(p.Code), Field: field, Message: p.Message, Details: p.Details})
	}
	return users, nil
}
