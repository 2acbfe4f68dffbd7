// Package id gives every object a typed, opaque, global id.
//
// In the database an id is a UUIDv7. On the wire it carries its type, as in "prod_06f3v8k2xw7j9c1d5t0r4b6n8m":
// node(id) needs no hint, and a product's id given where a sale's is due is refused before it reaches a query.
package id

//go:generate go run ./gen

import (
	"encoding/base32"
	"errors"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// Node is any object that has an id, as node(id) answers it.
type Node interface{ IsNode() }

// encoding is Crockford's base 32 in lower case: it has no letters that people mistake for digits.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const encodedLen = 26

// ErrMalformed says that a text is not an id at all, or not one of the type that is due.
var ErrMalformed = errs.New(errs.BadUserInput, "This is not a valid id of the type that is due.")

// New makes a new id: time-ordered (UUIDv7), so that new rows lie together in an index.
func New[K ~[16]byte]() K {
	// It fails only if crypto/rand does, which ends the program instead.
	return K(uuid.Must(uuid.NewV7()))
}

// Any is an id whose kind is known only at run time, as node(id) takes it.
type Any struct {
	Prefix string
	UUID   uuid.UUID
}

// Type is the name of the schema's type whose id this is.
func (v Any) Type() string { return prefixes[v.Prefix] }

// Parse reads the wire form of an id of any kind. It accepts only what String writes, so that one object has one
// id in a client's cache.
func Parse(text string) (Any, error) {
	prefix, rest, ok := strings.Cut(text, "_")
	if !ok || len(rest) != encodedLen || prefixes[prefix] == "" {
		return Any{}, ErrMalformed
	}
	var v uuid.UUID
	raw, err := encoding.DecodeString(rest)
	if err != nil || len(raw) != len(v) {
		return Any{}, ErrMalformed
	}
	copy(v[:], raw)
	// 26 characters carry 130 bits: the last two must be zero, or several texts would name one object.
	if encoding.EncodeToString(v[:]) != rest || v.Version() != 7 || v.Variant() != uuid.RFC4122 {
		return Any{}, ErrMalformed
	}
	return Any{Prefix: prefix, UUID: v}, nil
}

// OfType gives an id of a type that is known only at run time, false where no such type has ids.
func OfType(typ string, v uuid.UUID) (Any, bool) {
	for prefix, name := range prefixes {
		if name == typ {
			return Any{Prefix: prefix, UUID: v}, true
		}
	}
	return Any{}, false
}

// String gives the wire form.
func (v Any) String() string { return string(v.Append(nil)) }

// Append appends the wire form.
func (v Any) Append(to []byte) []byte {
	return encoding.AppendEncode(append(append(to, v.Prefix...), '_'), v.UUID[:])
}

// MarshalGQL writes the wire form. Its alphabet needs no escaping.
func (v Any) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, `"`+v.String()+`"`) }

// UnmarshalGQL reads the wire form from an argument.
func (v *Any) UnmarshalGQL(src any) error {
	text, ok := src.(string)
	if !ok {
		return ErrMalformed
	}
	parsed, err := Parse(text)
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

func scan[K ~[16]byte](dst *K, src pgtype.UUID) error {
	if !src.Valid {
		return errors.New("scan an id: null")
	}
	*dst = K(src.Bytes)
	return nil
}

func unmarshal[K ~[16]byte](dst *K, prefix string, src any) error {
	var ref Any
	if err := ref.UnmarshalGQL(src); err != nil {
		return err
	}
	if ref.Prefix != prefix {
		return ErrMalformed
	}
	*dst = K(ref.UUID)
	return nil
}
