// Package page reads lists a page at a time: Relay connections over keyset cursors, never OFFSET, for one list
// or for the same list of many parents in one statement.
package page

import (
	"fmt"
	"strconv"

	"github.com/tillgraph/tillgraph/internal/errs"
)

const (
	// Default is the size of a page when the client says none.
	Default = 50
	// Max is the largest page; asking for more is an error, not a silent cut.
	Max = 250
)

// Args are the arguments of a connection.
type Args struct {
	First, Last   *int
	After, Before *string
	// Total says that totalCount was selected: it costs a statement.
	Total bool
}

// Key tells pages apart: two fields with the same key read the same page.
func (a Args) Key() string {
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return strconv.Quote(*s)
	}
	number := func(n *int) string {
		if n == nil {
			return "-"
		}
		return strconv.Itoa(*n)
	}
	return number(a.First) + " " + number(a.Last) + " " + text(a.After) + " " + text(a.Before) + fmt.Sprint(a.Total)
}

// size checks the arguments and gives the size of the page.
func (a Args) size() (int, error) {
	switch {
	case a.First != nil && a.Last != nil:
		return 0, errs.New(errs.BadUserInput, "Give either first or last.")
	case a.After != nil && a.Before != nil:
		return 0, errs.New(errs.BadUserInput, "Give either after or before.")
	case a.First != nil && a.Before != nil, a.Last != nil && a.After != nil, a.Last == nil && a.Before != nil:
		return 0, errs.New(errs.BadUserInput, "first goes with after, and last with before.")
	}
	n, name := Default, "first"
	if a.First != nil {
		n = *a.First
	}
	if a.Last != nil {
		n, name = *a.Last, "last"
	}
	if n < 0 || n > Max {
		return 0, errs.New(errs.BadUserInput, "%s must be between 0 and %d.", name, Max)
	}
	return n, nil
}

func (a Args) backward() bool { return a.Last != nil }

func (a Args) cursor() *string {
	if a.backward() {
		return a.Before
	}
	return a.After
}
