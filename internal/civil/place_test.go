package civil_test

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/civil"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	for range 2 { // the second one is kept
		if got := civil.Place("Africa/Nairobi"); got.String() != "Africa/Nairobi" {
			t.Errorf("Nairobi is at %s", got)
		}
		if got := civil.Place("Nowhere/At all"); got != time.UTC {
			t.Errorf("nowhere is at %s", got)
		}
	}
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	if got := noon.In(civil.Place("Africa/Nairobi")).Hour(); got != 15 {
		t.Errorf("noon is at %d in Nairobi", got)
	}
}
