package postgres

import "sync"

const (
	mostStatementTexts   = 500
	longestStatementText = 8 << 10
)

// statementTexts are texts of statements, by what each was made of, which may be itself. Looking one up takes no memory, as
// it would with a cache whose keys are strings. The empty value is ready.
type statementTexts struct {
	mu    sync.RWMutex
	known map[string]string
}

// of gives the text that stands there, so that it is one string in memory, for all requests that send it and for all
// connections that keep it prepared.
func (t *statementTexts) of(text []byte) string {
	if known, ok := t.made(text); ok {
		return known
	}
	own := string(text)
	t.keep(own, own)
	return own
}

// made gives what was made of that.
func (t *statementTexts) made(of []byte) (string, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	text, ok := t.known[string(of)]
	return text, ok
}

// keep has a text given for what it was made of, unless that is long.
func (t *statementTexts) keep(of, text string) {
	if len(of) > longestStatementText {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) == mostStatementTexts {
		t.known = make(map[string]string, mostStatementTexts)
	}
	t.known[of] = text
}
