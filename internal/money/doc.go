// Package money holds exact amounts, quantities and tax rates. Nothing in it is a float: an amount is an int64 of
// minor units, a quantity an int64 of thousandths, a rate an int32 of parts per million. On the wire each is a
// decimal in a string.
package money

import "errors"

// The limits of what the system takes and computes. They leave room to add a million of the largest before an
// int64 overflows anywhere on the way.
const (
	// MaxPrice bounds an amount that is handed in (a price, a payment), in minor units.
	MaxPrice int64 = 1_000_000_000_000
	// MaxQuantity bounds a quantity that is handed in, in thousandths.
	MaxQuantity int64 = 1_000_000_000
	// MaxTotal bounds a computed amount, in minor units.
	MaxTotal int64 = 1_000_000_000_000_000
)

var (
	// ErrMalformed says that a text is not a decimal.
	ErrMalformed = errors.New("not a decimal number such as 12.50")
	// ErrNotString says that a value came as something other than a JSON string.
	ErrNotString = errors.New(`must be a string such as "12.50"`)
	// ErrTooPrecise says that a number has more decimal places than its purpose allows.
	ErrTooPrecise = errors.New("too many decimal places")
	// ErrTooLarge says that a number is beyond the limits above.
	ErrTooLarge = errors.New("number too large")
	// ErrNegative says that a number must not be below zero.
	ErrNegative = errors.New("must not be negative")
	// ErrDivideByZero says that MulDiv was asked to divide by zero.
	ErrDivideByZero = errors.New("division by zero")
	// ErrUnknownCurrency says that a text is not an active ISO 4217 code.
	ErrUnknownCurrency = errors.New("not an active ISO 4217 currency code")
)
