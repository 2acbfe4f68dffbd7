package reading

import (
	"bytes"
	"testing"
)

// TestAnAnswerIsToldOnce: afterwards its memory is somebody else's, and isn't looked at again.
func TestAnAnswerIsToldOnce(t *testing.T) {
	t.Parallel()
	draft, err := drafted(func(dst []byte) ([]byte, error) { return append(dst, `"mine"`...), nil })
	if err != nil {
		t.Fatal(err)
	}
	w := &written{draft}
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

// TestAPlanEndsWithoutItsRows: what its levels were written into is another one's then.
func TestAPlanEndsWithoutItsRows(t *testing.T) {
	t.Parallel()
	row := &object{bare: func(dst []byte) ([]byte, error) { return append(dst, "row"...), nil }}
	p := &plan{levels: []*level{{parts: []*object{row}}, {}}}
	l := p.levels[0]
	l.begin()
	if err := l.each(); err != nil || string(l.fragment(0, 0)) != "row" {
		t.Fatal(err, l.draft)
	}
	p.end()
	if l.draft != nil {
		t.Error("a level keeps its rows")
	}
	p.end() // once more gives nothing back twice
}
