package errs_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/errs"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	cause := errors.New("SQLSTATE 42501")
	for _, test := range []struct {
		err  error
		want errs.Code
	}{
		{nil, errs.Internal},
		{cause, errs.Internal},
		{errs.New(errs.NotFound, "There is no %s.", "sale"), errs.NotFound},
		{fmt.Errorf("read: %w", errs.New(errs.Forbidden, "No.")), errs.Forbidden},
		{errs.Wrap(cause, errs.Unavailable, "Later."), errs.Unavailable},
		{errors.Join(cause, errs.New(errs.Timeout, "Slow.")), errs.Timeout},
	} {
		if got := errs.CodeOf(test.err); got != test.want {
			t.Errorf("%v has the code %s, want %s", test.err, got, test.want)
		}
	}
	wrapped := errs.Wrap(cause, errs.Unavailable, "Try %d times.", 2)
	if wrapped.Message != "Try 2 times." || !errors.Is(wrapped, cause) || !strings.Contains(wrapped.Error(), "42501") {
		t.Errorf("wrapped: %q, %v", wrapped.Message, wrapped)
	}
	if text := errs.New(errs.NotFound, "None.").Error(); text != "NOT_FOUND: None." {
		t.Errorf("for the log: %q", text)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	var p errs.Problems
	if p.Err() != nil {
		t.Error("no problems are an error")
	}
	p.Add("INVALID", errs.Path("lines", 2, "quantity"), "At most %d.", 3)
	p.Add("TAKEN", nil, "Taken.")
	err := fmt.Errorf("in a transaction: %w", p.Err())
	if !strings.Contains(err.Error(), "2 problems") || !strings.Contains(err.Error(), "At most 3.") {
		t.Errorf("for the log: %v", err)
	}
	type code string
	users, rest := errs.AsUser[code](err)
	want := []errs.User[code]{
		{Code: "INVALID", Field: []string{"lines", "2", "quantity"}, Message: "At most 3."},
		{Code: "TAKEN", Field: []string{}, Message: "Taken."},
	}
	if rest != nil || !reflect.DeepEqual(users, want) {
		t.Errorf("%+v, %v", users, rest)
	}
	var shown errs.UserError = users[0]
	if shown.GetMessage() != "At most 3." || !reflect.DeepEqual(shown.GetField(), want[0].Field) {
		t.Errorf("as the interface: %q at %q", shown.GetMessage(), shown.GetField())
	}
}

func TestWhatIsNoProblemStaysAnError(t *testing.T) {
	t.Parallel()
	failure := errs.New(errs.Unavailable, "Later.")
	users, err := errs.AsUser[string](failure)
	if !errors.Is(err, failure) || users == nil || len(users) != 0 {
		t.Errorf("%v, %v", users, err)
	}
	if users, err := errs.AsUser[string](nil); err != nil || users == nil || len(users) != 0 {
		t.Errorf("of nothing: %v, %v", users, err)
	}
}

// TestUserErrorsAreTheirOwn: who changes what a client is shown doesn't change the problem.
func TestUserErrorsAreTheirOwn(t *testing.T) {
	t.Parallel()
	p := errs.Problems{{Code: "X", Field: []string{"a"}}}
	users, _ := errs.AsUser[string](p)
	users[0].Field[0] = "b"
	if p[0].Field[0] != "a" {
		t.Error("the path is shared")
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	if got := errs.Path("lines", 0, "unit", int64(7)); !reflect.DeepEqual(got, []string{"lines", "0", "unit", "7"}) {
		t.Errorf("%q", got)
	}
	if got := errs.Path(); got == nil || len(got) != 0 {
		t.Errorf("an empty path is %#v", got)
	}
}
