package graph

import (
	"encoding/json"
	"math"
	"testing"
)

// TestSpentIsWrittenAsItsTypeSays: what writes itself is what it would be marshalled to.
func TestSpentIsWrittenAsItsTypeSays(t *testing.T) {
	t.Parallel()
	for _, s := range []*spent{
		{},
		{Requested: 7, Actual: 3},
		{Requested: math.MaxInt, Actual: -1, ThrottleStatus: &throttleStatus{MaximumAvailable: 1000, CurrentlyAvailable: -5, RestoreRate: math.MaxInt64}},
	} {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.AppendJSON([]byte("x")); string(got) != "x"+string(want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
