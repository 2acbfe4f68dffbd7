package reading

import (
	"io"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// drafted has something written.
func drafted(write write) (*scratch.Text, error) {
	draft := scratch.New()
	var err error
	if draft.Bytes, err = write(draft.Bytes); err != nil {
		draft.GiveBack()
		return nil, err
	}
	return draft, nil
}

// written is JSON. It can be told once, which gives its memory back: told again it would be somebody else's answer.
type written struct{ draft *scratch.Text }

// MarshalGQL implements graphql.Marshaler.
func (w *written) MarshalGQL(to io.Writer) {
	draft := w.draft
	w.draft = nil
	_, _ = to.Write(draft.Bytes) // without a draft it ends here
	draft.GiveBack()
}
