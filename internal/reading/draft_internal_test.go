package reading

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// TestAnAnswerIsToldOnce: afterwards its memory is somebody else's, and isn't looked at again.
func TestAnAnswerIsToldOnce(t *testing.T) {
	t.Parallel()
	w, err := drafted(func(dst []byte) ([]byte, error) { return append(dst, `"mine"`...), nil })
	if err != nil {
		t.Fatal(err)
	}
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

// kept are answers that were lent.
type kept []*scratch.Text

func (k *kept) Keep(answer *scratch.Text) { *k = append(*k, answer) }

// TestLentAnswers: the first answer of a response is its memory, and nothing of what that held before shows; what else
// stands around it, and a second one, are there as they would be otherwise.
func TestLentAnswers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 5000)
	for _, before := range []string{"", `{"a":`, `{"` + strings.Repeat("n", ahead-4) + `":`, `{"` + strings.Repeat("n", ahead) + `":`} {
		for _, first := range []string{`1`, `"` + long + `"`} {
			old := scratch.NewAnswer()
			old.Bytes = append(old.Bytes, strings.Repeat("?", 8<<10)...)
			old.GiveBack()
			var lent kept
			var told bytes.Buffer
			told.WriteString(before)
			for i, text := range []string{first, `{"b":2}`} {
				if i > 0 {
					told.WriteString(`,"second":`)
				}
				w, err := drafted(func(dst []byte) ([]byte, error) { return append(dst, text...), nil })
				if err != nil {
					t.Fatal(err)
				}
				w.LendTo(&lent)
				w.MarshalGQL(&told)
			}
			told.WriteString("}")
			if want := before + first + `,"second":{"b":2}}`; told.String() != want {
				t.Errorf("%q, want %q", told.String(), want)
			}
			if fits := len(before) <= ahead; fits && (len(lent) == 0 || len(first) > ahead && &lent[0].Bytes[ahead] != &told.Bytes()[len(before)]) ||
				!fits && len(lent) > 0 {
				t.Errorf("%d answers were lent after %q", len(lent), before)
			}
			for _, answer := range lent {
				answer.GiveBack()
			}
		}
	}
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
