package postgres

import "sync"

const (
	mostStatementTexts   = 500
	longestStatementText = 8 << 10
)

// statementTexts are statements that were sent before, so that a text is one string in memory, for all requests that send it
// and for all connections that keep it prepared. Looking one up takes no memory, as it would with a cache whose keys are
// strings. The empty value is ready.
type statementTexts struct {
	mu    sync.RWMutex
	known map[string]string
}

// of gives the text that stands there.
func (t *statementTexts) of(text []byte) string {
	if len(text) > longestStatementText {
		return string(text)
	}
	t.mu.RLock()
	known, ok := t.known[string(text)]
	t.mu.RUnlock()
	if ok {
		return known
	}
	known = string(text)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) == mostStatementTexts {
		t.known = make(map[string]string, mostStatementTexts)
	}
	t.known[known] = known
	return known
}
