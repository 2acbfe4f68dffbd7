package wire

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

func TestValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		``: 0, `{}`: 1, `{"a": 1, "b": [2, 3]}`: 4, `"[,{"`: 0, `["a\\\"[,{", {}]`: 3, `["\\\\", 1]`: 2, `[[[[`: 4,
	} {
		if got := values([]byte(text)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// TestCrowded: what stands in texts doesn't count, however much it is.
func TestCrowded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`"` + strings.Repeat(",[{", mostValues) + `"`: false, strings.Repeat("[", mostValues): false, strings.Repeat("[", mostValues+1): true,
		strings.Repeat(`{",`, mostValues): false, `"","` + strings.Repeat(`,`, mostValues) + `",1`: false,
	} {
		if got := crowded([]byte(text)); got != want {
			t.Errorf("%.20s...: %t, want %t", text, got, want)
		}
	}
}

// TestLargeBodiesTakePlaces: small ones are read beside them, and one that finds none is refused when its time is over.
func TestLargeBodiesTakePlaces(t *testing.T) {
	t.Parallel()
	places := make(chan struct{}, 1)
	request := func(ctx context.Context, n int) *http.Request {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(strings.Repeat("x", n)))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first, second, small := &room{places: places}, &room{places: places}, &room{places: places}
	body := scratch.New()
	if err := first.read(request(t.Context(), smallBody+7), body); err != nil || string(body.Bytes) != strings.Repeat("x", smallBody+7) {
		t.Fatalf("%d bytes, %v", len(body.Bytes), err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := second.read(request(over, smallBody+1), scratch.New()); !errors.Is(err, errCrowded) {
		t.Errorf("the second large one: %v", err)
	}
	body = scratch.New()
	if err := small.read(request(over, smallBody), body); err != nil || len(body.Bytes) != smallBody {
		t.Errorf("a small one: %d bytes, %v", len(body.Bytes), err)
	}
	small.leave()
	second.leave()
	first.leave()
	if err := second.read(request(t.Context(), 2*smallBody), scratch.New()); err != nil || len(places) != 1 {
		t.Errorf("after it left: %v", err)
	}
}
