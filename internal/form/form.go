// Package form checks what people type into a mutation's input, and collects every problem at once.
package form

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

// Codes that every mutation's enum of codes may have.
const (
	Invalid  = "INVALID"
	Taken    = "TAKEN"
	NotFound = "NOT_FOUND"
	Conflict = "CONFLICT"
)

// Text trims a text and checks its length in characters. Control characters other than line breaks and tabs are
// refused: they would reach receipts and logs. What can't be stored comes back as "", so that a rule may look for it.
func Text(p *errs.Problems, value string, least, most int, field ...any) string {
	value = strings.TrimSpace(value)
	n := utf8.RuneCountInString(value)
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, forbidden):
		p.Add(Invalid, errs.Path(field...), "This has characters that can't be stored.")
		return ""
	case n < least && n == 0:
		p.Add(Invalid, errs.Path(field...), "This must not be empty.")
	case n < least || n > most:
		p.Add(Invalid, errs.Path(field...), "This must be %d to %d characters long.", least, most)
	}
	return value
}

func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// OptionalText is Text where there is one; an absent text is "".
func OptionalText(p *errs.Problems, value *string, most int, field ...any) string {
	if value == nil {
		return ""
	}
	return Text(p, *value, 0, most, field...)
}

// Reference checks a reference of the user's own. Absent stays absent.
func Reference(p *errs.Problems, value *string, field ...any) *string {
	if value == nil {
		return nil
	}
	text := Text(p, *value, 1, 100, field...)
	return &text
}

// Code checks a short code of capital letters, digits and hyphens.
func Code(p *errs.Problems, value string, field ...any) string {
	const most = 16
	valid := value != "" && len(value) <= most && value[0] != '-'
	for i := range len(value) {
		c := value[i]
		valid = valid && ('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-')
	}
	if !valid {
		p.Add(Invalid, errs.Path(field...), "This must be 1 to 16 capital letters, digits and hyphens.")
	}
	return value
}

// TimeZone checks the name of an IANA time zone.
func TimeZone(p *errs.Problems, value string, field ...any) string {
	// LoadLocation takes "" for UTC and "Local" for the machine's zone.
	if _, err := time.LoadLocation(value); err != nil || value == "" || value == "Local" {
		p.Add(Invalid, errs.Path(field...), "This must be an IANA time zone, such as Africa/Nairobi.")
	}
	return value
}

// Percent reads a tax rate.
func Percent(p *errs.Problems, value money.Decimal, field ...any) money.PPM {
	rate, err := money.ParsePercent(value)
	if err != nil {
		p.Add(Invalid, errs.Path(field...), "This must be a percentage from 0 to 100 with at most four decimals.")
	}
	return rate
}

// Price reads an amount that is not below zero.
func Price(p *errs.Problems, value money.Decimal, currency money.Currency, field ...any) int64 {
	minor, err := value.Minor(currency)
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(Invalid, errs.Path(field...), "%s has %d decimals.", currency, currency.Decimals())
	case err != nil:
		p.Add(Invalid, errs.Path(field...), "This is too large.")
	case minor < 0:
		p.Add(Invalid, errs.Path(field...), "This must not be below zero.")
	}
	return minor
}

// Required gives the value of a field that was set; null is a problem, because the field can't be emptied.
func Required[T any](p *errs.Problems, field graphql.Omittable[*T], name string) (value T, set bool) {
	v, set := field.ValueOK()
	if !set {
		return value, false
	}
	if v == nil {
		p.Add(Invalid, []string{name}, "This can't be empty.")
		return value, false
	}
	return *v, true
}
