package till

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// The codes of problems, beside form.Invalid and form.NotFound.
const (
	registerRequired  = "REGISTER_REQUIRED"
	registerNotFound  = "REGISTER_NOT_FOUND"
	registerClosed    = "REGISTER_CLOSED"
	storeClosed       = "STORE_CLOSED"
	alreadyOpen       = "ALREADY_OPEN"
	notOpen           = "NOT_OPEN"
	notCounted        = "NOT_COUNTED"
	alreadyClosed     = "CLOSED"
	personRequired    = "PERSON_REQUIRED"
	personNotFound    = "PERSON_NOT_FOUND"
	samePerson        = "SAME_PERSON"
	notNeeded         = "NOT_NEEDED"
	approvalRequired  = "APPROVAL_REQUIRED"
	amountNotPositive = "AMOUNT_NOT_POSITIVE"
	amountNotAllowed  = "AMOUNT_NOT_ALLOWED"
	tooPrecise        = "TOO_PRECISE"
	tooLarge          = "TOO_LARGE"
	tooMany           = "TOO_MANY"
	keyReused         = "IDEMPOTENCY_KEY_REUSED"
)

const (
	mostKey           = 100
	mostReason        = 200
	mostNote          = 500
	mostDenominations = 50
	// mostPieces bounds how many of one note or coin are counted.
	mostPieces = 1_000_000
	// mostEntries bounds a session's counts, and who had its drawer: lists that are shown whole.
	mostEntries = 100
)

// OpenInput opens a session.
type OpenInput struct {
	IdempotencyKey string
	RegisterID     *id.Register
	OpeningFloat   money.Decimal
}

// MoveInput is a movement of the drawer.
type MoveInput struct {
	IdempotencyKey string
	Kind           MovementKind
	Amount         *money.Decimal
	Reason         string
}

// CountInput is what was counted.
type CountInput struct {
	IdempotencyKey string
	Tenders        []CountTenderInput
	Note           *string
}

// CountTenderInput is what was counted of one way of paying: an amount, or cash by its notes and coins.
type CountTenderInput struct {
	Method        Method
	Amount        *money.Decimal
	Denominations []DenominationInput
}

// DenominationInput is one kind of note or coin and how many of it there are.
type DenominationInput struct {
	Value money.Decimal
	Count int
}

// HandOverInput gives the drawer to another person.
type HandOverInput struct {
	IdempotencyKey string
	ToUserID       id.User
	// Tenders are the count of the hand-over; none where nobody counted.
	Tenders []CountTenderInput
	Note    *string
}

// ApproveInput says why a variance is all right.
type ApproveInput struct {
	Reason string
}

// minor reads an amount, with the problems of one that can't be.
func minor(p *errs.Problems, value money.Decimal, c money.Currency, field ...any) (int64, bool) {
	n, err := value.Minor(c)
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, errs.Path(field...), "%s has %d decimals.", c, c.Decimals())
	case err != nil:
		p.Add(tooLarge, errs.Path(field...), "This amount is too large.")
	}
	return n, err == nil
}

// counted reads a count in the currency of a session, in the order in which ways of paying are listed.
func counted(p *errs.Problems, in []CountTenderInput, c money.Currency) []*CountedTender {
	if len(in) > len(countable()) {
		p.Add(form.Invalid, []string{"tenders"}, "Count each way of paying once.")
		return nil // a list of any length must not make an answer of any length
	}
	var tenders []*CountedTender
	seen := map[Method]bool{}
	for i, tender := range in {
		switch {
		case !slices.Contains(countable(), tender.Method):
			p.Add(form.Invalid, errs.Path("tenders", i, "method"), "Of this there is nothing to count at the till.")
			continue
		case seen[tender.Method]:
			p.Add(form.Invalid, errs.Path("tenders", i, "method"), "This way of paying was counted above.")
			continue
		}
		seen[tender.Method] = true
		tenders = append(tenders, tender.read(p, c, i))
	}
	if !seen[Cash] {
		p.Add(form.Invalid, []string{"tenders"}, "Count the cash, also where there is none.")
	}
	slices.SortFunc(tenders, func(a, b *CountedTender) int { return rank(a.Method) - rank(b.Method) })
	return tenders
}

func (in CountTenderInput) read(p *errs.Problems, c money.Currency, i int) *CountedTender {
	t := &CountedTender{Method: in.Method}
	byPiece := in.Denominations != nil
	switch {
	case byPiece == (in.Amount != nil):
		p.Add(form.Invalid, errs.Path("tenders", i), "Give either an amount or the notes and coins.")
	case byPiece && in.Method != Cash:
		p.Add(form.Invalid, errs.Path("tenders", i, "denominations"), "Only cash has notes and coins.")
	case byPiece:
		t.pieces(p, in.Denominations, c, i)
	default:
		var ok bool
		if t.CountedMinor, ok = minor(p, *in.Amount, c, "tenders", i, "amount"); ok && in.Method == Cash && t.CountedMinor < 0 {
			p.Add(form.Invalid, errs.Path("tenders", i, "amount"), "There can't be less cash than none.")
		}
	}
	return t
}

// pieces adds notes and coins up.
func (t *CountedTender) pieces(p *errs.Problems, in []DenominationInput, c money.Currency, tender int) {
	if len(in) > mostDenominations {
		p.Add(form.Invalid, errs.Path("tenders", tender, "denominations"), "At most %d.", mostDenominations)
		return
	}
	seen := map[int64]bool{}
	for i, d := range in {
		at := []any{"tenders", tender, "denominations", i}
		value, ok := minor(p, d.Value, c, append(at, "value")...)
		switch {
		case !ok:
		case value <= 0:
			p.Add(form.Invalid, errs.Path(append(at, "value")...), "A note or coin is worth more than nothing.")
		case seen[value]:
			p.Add(form.Invalid, errs.Path(append(at, "value")...), "This note or coin was counted above.")
		}
		if d.Count < 0 || d.Count > mostPieces {
			p.Add(form.Invalid, errs.Path(append(at, "count")...), "This must be 0 to %d.", mostPieces)
			continue
		}
		if !ok || value <= 0 {
			continue
		}
		seen[value] = true
		if value*int64(d.Count) > money.MaxPrice-t.CountedMinor {
			p.Add(tooLarge, errs.Path(append(at, "count")...), "This is more than a till can hold.")
			return
		}
		t.CountedMinor += value * int64(d.Count)
		t.Pieces = append(t.Pieces, Piece{ValueMinor: value, Count: int64(d.Count)})
	}
	slices.SortFunc(t.Pieces, func(a, b Piece) int { return cmp.Compare(b.ValueMinor, a.ValueMinor) })
}

// hash tells one request from another: a key that comes again with the same request gives the same answer.
func hash(operation string, target fmt.Stringer, parts ...any) ([]byte, error) {
	raw, err := json.Marshal([]any{operation, target.String(), parts})
	if err != nil {
		return nil, fmt.Errorf("hash a request: %w", err)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// number writes a number so that "1" and "1.000" are one.
func number(d *money.Decimal) string {
	if d == nil {
		return "-"
	}
	text := d.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func tenderWords(in []CountTenderInput) []any {
	words := []any{}
	for _, t := range in[:min(len(in), mostDenominations)] {
		words = append(words, t.Method, number(t.Amount), t.Denominations == nil)
		for _, d := range t.Denominations[:min(len(t.Denominations), mostDenominations)] {
			words = append(words, number(&d.Value), d.Count)
		}
	}
	return words
}
