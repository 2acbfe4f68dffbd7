package reading

import (
	"io"
	"sync"
)

// draft is room for an answer, or for a part of it, while it is written: how long that gets isn't known before, and room
// that grows takes several times what it ends with. The next answer has the same room, so that nobody may look at it
// once it is given back.
type draft struct{ text []byte }

const (
	// usual is how much there is room for at first.
	usual = 8 << 10
	// mostKept is how much room is kept for the next one: a long answer's would never be used up again.
	mostKept = 128 << 10
)

var drafts = sync.Pool{New: func() any { return &draft{make([]byte, 0, usual)} }}

func newDraft() *draft {
	d, _ := drafts.Get().(*draft)
	d.text = d.text[:0]
	return d
}

func (d *draft) giveBack() {
	if cap(d.text) <= mostKept {
		drafts.Put(d)
	}
}

// drafted has something written into a draft.
func drafted(write write) (d *draft, err error) {
	d = newDraft()
	if d.text, err = write(d.text); err != nil {
		d.giveBack()
		return nil, err
	}
	return d, nil
}

// written is JSON. It can be told once, which gives its room back: told again it would be somebody else's answer.
type written struct{ draft *draft }

// MarshalGQL implements graphql.Marshaler.
func (w *written) MarshalGQL(to io.Writer) {
	d := w.draft
	w.draft = nil
	_, _ = to.Write(d.text) // without a draft it ends here
	d.giveBack()
}
