package postgres

import (
	"bytes"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// mostLiterals bounds those of a statement whose shape is looked at: what has more is read through as a whole.
const mostLiterals = 64

// shape is a rendered statement without what stands in its quoted literals. What inspect says of a statement, and the text
// that it makes of it, depend on nothing else as long as the literals are all that it lifts: where it has passed a shape
// before, the statement has only to be taken apart, which is several times as quick.
type shape struct {
	text *scratch.Text
	sql  []byte
	// at is where the literals are, from and to, with their quotes.
	at    [mostLiterals][2]int
	count int
}

// take takes a statement apart as the scanner would. It is false where that could be another way: where a quote stands in
// a name, a literal has no end, or there are too many.
func (s *shape) take(sql []byte, changed target) bool {
	s.sql, s.text.Bytes = sql, append(s.text.Bytes[:0], changed.table...)
	if changed.upsertScoped {
		s.text.Bytes = append(s.text.Bytes, '+')
	}
	s.text.Bytes = append(s.text.Bytes, ' ')
	names, from := 0, 0
	for {
		opens := bytes.IndexByte(sql[from:], '\'')
		if opens < 0 {
			s.text.Bytes = append(s.text.Bytes, sql[from:]...)
			return true
		}
		opens += from
		names += bytes.Count(sql[from:opens], []byte{'"'})
		ends := literalEnd(sql, opens)
		if names%2 > 0 || ends < 0 || s.count == mostLiterals {
			return false
		}
		s.text.Bytes = append(append(s.text.Bytes, sql[from:opens]...), "''"...)
		s.at[s.count], from = [2]int{opens, ends}, ends
		s.count++
	}
}

// literalEnd is where a literal ends that begins there; two quotes in it stand for one.
func literalEnd(sql []byte, opens int) int {
	for end := opens + 1; ; end++ {
		quote := bytes.IndexByte(sql[end:], '\'')
		if quote < 0 {
			return -1
		}
		if end += quote; end+1 == len(sql) || sql[end+1] != '\'' {
			return end + 1
		}
		end++
	}
}

// values are those of the literals, all in one string.
func (s *shape) values() []any {
	all := scratch.New()
	defer all.GiveBack()
	var ends [mostLiterals]int
	for i, at := range s.at[:s.count] {
		from := len(all.Bytes)
		all.Bytes = append(all.Bytes, s.sql[at[0]:at[1]]...)
		all.Bytes = all.Bytes[:from+unquote(all.Bytes[from:])]
		ends[i] = len(all.Bytes)
	}
	text, from := string(all.Bytes), 0
	args := make([]any, s.count)
	for i := range args {
		args[i], from = text[from:ends[i]], ends[i]
	}
	return args
}
