package reading

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestAnAnswerIsToldOnce: afterwards its room is somebody else's, and isn't looked at again.
func TestAnAnswerIsToldOnce(t *testing.T) {
	t.Parallel()
	d, err := drafted(func(dst []byte) ([]byte, error) { return append(dst, `"mine"`...), nil })
	if err != nil {
		t.Fatal(err)
	}
	w := &written{d}
	var first, second bytes.Buffer
	w.MarshalGQL(&first)
	if first.String() != `"mine"` {
		t.Errorf("it tells %s", &first)
	}
	defer func() {
		if recover() == nil || second.Len() > 0 {
			t.Errorf("it tells once more, %q", &second)
		}
	}()
	w.MarshalGQL(&second)
}

// TestAnswersKeepApart: what is written at the same time, over and over in the same rooms, is each what it was.
func TestAnswersKeepApart(t *testing.T) {
	t.Parallel()
	const writers, times = 8, 300
	for n := range writers {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			row := &object{bare: func(dst []byte) ([]byte, error) { return append(dst, byte('a'+n)), nil }}
			for round := range times {
				rows := (round + 1) * (n + 1) % (2 * usual) // some don't fit in what there is at first
				p := &plan{levels: []*level{{parts: []*object{row}}}}
				l := p.levels[0]
				l.begin()
				for range rows {
					if err := l.each(); err != nil {
						t.Fatal(err)
					}
				}
				d, err := drafted(func(dst []byte) ([]byte, error) { return append(dst, l.draft.text...), nil })
				p.end()
				if err != nil || l.draft != nil {
					t.Fatal(err, "a level keeps its room")
				}
				var told strings.Builder
				(&written{d}).MarshalGQL(&told)
				if want := strings.Repeat(string(rune('a'+n)), rows); told.String() != want {
					t.Fatalf("%d bytes are %q, want %q", rows, told.String(), want)
				}
			}
		})
	}
}
