package civil_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/civil"
)

// FuzzParse: a day is written in one way, and what isn't a day is refused in the same words, whatever was sent.
func FuzzParse(f *testing.F) {
	_, refused := civil.Parse("")
	for _, seed := range []string{"2026-02-28", "2024-02-29", "0000-00-00", "2026-2-3", "+026-01-01", "2026-01-01T00:00:00Z", "YYYY-MM-DD"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		day, err := civil.Parse(text)
		if err != nil {
			if err.Error() != refused.Error() {
				t.Errorf("%q: %v, and not %v", text, err, refused)
			}
			return
		}
		if day.String() != text {
			t.Errorf("%q is written %q", text, day)
		}
	})
}
