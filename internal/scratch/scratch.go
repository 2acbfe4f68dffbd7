// Package scratch keeps the memory in which texts are written, for the next ones. How long a text gets isn't known before,
// and memory that grows with it takes several times what it ends with: for the answers and the statements of requests that
// was a third of all that the server allocated.
package scratch

import (
	"bytes"
	"io"
	"sync"
)

const (
	// usual is how much there is at first, and usualAnswer where it is to be an answer.
	usual, usualAnswer = 8 << 10, 32 << 10
	// mostKept is how much is kept: what a very long text had would hardly be used up again.
	mostKept = 256 << 10
)

// Text is one that is being written.
type Text struct {
	Bytes []byte

	pool *sync.Pool
}

// Answers have a pool of their own: among statements, which are short, their memory would mostly be a statement's when an
// answer needs it.
var texts, answers = pool(usual), pool(usualAnswer)

func pool(size int) *sync.Pool {
	p := &sync.Pool{}
	p.New = func() any { return &Text{Bytes: make([]byte, 0, size), pool: p} }
	return p
}

// New begins a text. Give it back once nobody looks at it any more.
func New() *Text { return from(texts) }

// NewAnswer is New for what may get long: an answer, or a part of it.
func NewAnswer() *Text { return from(answers) }

func from(p *sync.Pool) *Text {
	t, _ := p.Get().(*Text)
	t.Bytes = t.Bytes[:0]
	return t
}

// AppendFrom adds what a reader has, at most so many bytes of it.
func (t *Text) AppendFrom(from io.Reader, most int64) error {
	all := bytes.NewBuffer(t.Bytes)
	_, err := all.ReadFrom(io.LimitReader(from, most))
	t.Bytes = all.Bytes()
	return err //nolint:wrapcheck // as it is
}

// GiveBack ends a text: its memory is another one's from now on, so that nobody may look at it, or give it back again.
func (t *Text) GiveBack() {
	if cap(t.Bytes) <= mostKept {
		t.pool.Put(t)
	}
}
