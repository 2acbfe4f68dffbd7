package civil_test

import (
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/civil"
)

// FuzzParse: a day is written in one way.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2026-02-28", "2024-02-29", "0000-00-00", "2026-2-3", "+026-01-01", "2026-01-01T00:00:00Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		day, err := civil.Parse(text)
		if err != nil {
			if text != "" && len(text) > 3 && strings.Contains(err.Error(), text) {
				t.Errorf("the error says %q back", text)
			}
			return
		}
		if day.String() != text {
			t.Errorf("%q is written %q", text, day)
		}
	})
}
