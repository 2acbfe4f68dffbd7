package page

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/errs"
)

func TestSize(t *testing.T) {
	t.Parallel()
	n := func(i int) *int { return &i }
	cursor := new(string)
	for name, test := range map[string]struct {
		args Args
		want int // -1 where it is refused
	}{
		"nothing":             {Args{}, Default},
		"first":               {Args{First: n(7)}, 7},
		"none":                {Args{First: n(0)}, 0},
		"none of the last":    {Args{Last: n(0)}, 0},
		"most":                {Args{First: n(Max)}, Max},
		"most of the last":    {Args{Last: n(Max), Before: cursor}, Max},
		"after alone":         {Args{After: cursor}, Default},
		"too many":            {Args{First: n(Max + 1)}, -1},
		"too many last":       {Args{Last: n(Max + 1)}, -1},
		"negative":            {Args{First: n(-1)}, -1},
		"negative last":       {Args{Last: n(-1)}, -1},
		"both sizes":          {Args{First: n(1), Last: n(1)}, -1},
		"both cursors":        {Args{First: n(1), After: cursor, Before: cursor}, -1},
		"first with before":   {Args{First: n(1), Before: cursor}, -1},
		"last with after":     {Args{Last: n(1), After: cursor}, -1},
		"before without last": {Args{Before: cursor}, -1},
	} {
		got, err := test.args.size()
		switch {
		case test.want < 0 && errs.CodeOf(err) != errs.BadUserInput:
			t.Errorf("%s: %d, %v; want it refused", name, got, err)
		case test.want >= 0 && (err != nil || got != test.want):
			t.Errorf("%s: %d, %v; want %d", name, got, err, test.want)
		}
	}
}

// TestKeysTellArgumentsApart is what the loader of pages relies on: one key, one page.
func TestKeysTellArgumentsApart(t *testing.T) {
	t.Parallel()
	text := rapid.Ptr(rapid.StringMatching(`[-=" a]{0,4}`), true)
	number := rapid.Ptr(rapid.IntRange(-2, 2), true)
	args := rapid.Custom(func(t *rapid.T) Args {
		return Args{
			First: number.Draw(t, "first"), Last: number.Draw(t, "last"),
			After: text.Draw(t, "after"), Before: text.Draw(t, "before"), Total: rapid.Bool().Draw(t, "total"),
		}
	})
	same := func(a, b Args) bool {
		return show(a.First) == show(b.First) && show(a.Last) == show(b.Last) &&
			show(a.After) == show(b.After) && show(a.Before) == show(b.Before) && a.Total == b.Total
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := args.Draw(t, "a"), args.Draw(t, "b")
		if (a.Key() == b.Key()) != same(a, b) {
			t.Fatalf("%+v has %q and %+v has %q", a, a.Key(), b, b.Key())
		}
	})
	cursor, both, other := "a", `a" "b`, "b"
	if (Args{After: &both}).Key() == (Args{After: &cursor, Before: &other}).Key() {
		t.Error("a cursor passes for two")
	}
}

func show[T any](v *T) string {
	if v == nil {
		return "nil"
	}
	return fmt.Sprintf("%#v", *v)
}

func TestErrorsHaveACode(t *testing.T) {
	t.Parallel()
	if _, err := (Order[struct{}]{Name: "x"}).place("!"); !errors.Is(err, errCursor) || errs.CodeOf(err) != errs.BadUserInput {
		t.Errorf("a cursor that is none: %v", err)
	}
}
