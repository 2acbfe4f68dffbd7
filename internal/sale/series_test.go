package sale

import (
	"testing"

	"pgregory.net/rapid"
)

// What is left of a gap and the number that came are the gap.
func TestGapWithout(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		from := rapid.Int64Range(1, 50).Draw(rt, "from")
		gap := &Gap{From: from, To: from + rapid.Int64Range(0, 9).Draw(rt, "more")}
		number := rapid.Int64Range(gap.From, gap.To).Draw(rt, "number")
		covered := map[int64]int{number: 1}
		var missing int64 = 1
		for _, part := range gap.without(number) {
			missing += part.Missing()
			for n := part.From; n <= part.To; n++ {
				covered[n]++
			}
		}
		for n := gap.From; n <= gap.To; n++ {
			if covered[n] != 1 {
				rt.Fatalf("%d is covered %d times", n, covered[n])
			}
		}
		if missing != gap.Missing() || len(covered) != int(missing) {
			rt.Fatalf("%d of %d", missing, gap.Missing())
		}
	})
}
