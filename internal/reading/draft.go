package reading

import (
	"bytes"
	"io"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// ahead is kept free before an answer, for what gqlgen writes before it: a brace and the name of its field.
const ahead = 64

// Keeper keeps the memory of answers until nobody looks at them any more, and gives it back then.
type Keeper interface{ Keep(answer *scratch.Text) }

// Lent is an answer whose memory may be lent to who puts the answers of all fields together.
type Lent interface{ LendTo(keeper Keeper) }

// drafted has an answer written.
func drafted(write write) (*written, error) {
	draft := scratch.NewAnswer()
	var err error
	if draft.Bytes, err = write(draft.Bytes[:ahead]); err != nil {
		draft.GiveBack()
		return nil, err
	}
	return &written{draft: draft}, nil
}

// written is JSON. It can be told once, which gives its memory back: told again it would be somebody else's answer.
type written struct {
	draft  *scratch.Text
	keeper Keeper
}

// LendTo implements Lent.
func (w *written) LendTo(keeper Keeper) { w.keeper = keeper }

// MarshalGQL implements graphql.Marshaler. gqlgen puts answers together in a buffer that grows from nothing. Where an
// answer is the first in it, and lent, the buffer goes on in the answer's memory: nothing is copied but what stands before.
func (w *written) MarshalGQL(to io.Writer) {
	draft := w.draft
	w.draft = nil
	text := draft.Bytes[ahead:] // without a draft it ends here
	if before, ok := to.(*bytes.Buffer); ok && w.keeper != nil && before.Len() <= ahead {
		whole := draft.Bytes[ahead-before.Len():]
		copy(whole, before.Bytes())
		*before = *bytes.NewBuffer(whole)
		w.keeper.Keep(draft)
		return
	}
	_, _ = to.Write(text)
	draft.GiveBack()
}

// drop gives the memory of an answer back that isn't told.
func (w *written) drop() {
	w.draft.GiveBack()
	w.draft = nil
}
