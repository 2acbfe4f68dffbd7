package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/scratch"
)

var (
	errOutOfScope = errors.New("outside of the request's scope")
	errUnscoped   = errors.New("a statement without a scope")
	// bun writes what it couldn't render into the text: of what clients send, that is a text with a NUL in it.
	errUnbuilt = errs.New(errs.BadUserInput, "A text holds a character that can't be kept.")
)

// inspect reads a rendered statement once, from left to right, for two ends. It lifts plain quoted literals into
// parameters, and the numbers and truths of new rows and of what columns are compared with or set to, so that one text
// serves all values and stays prepared; a number elsewhere, such as a page's size, is the statement's own. And it refuses what bun's scoping can't
// have made safe: a company's table that stands anywhere but in its scoped sub-select or as the target of the
// statement, a second statement, a comment, rows that come from a query, an assignment of what says whose a row
// is, or a change whose predicate is an OR on its top level, which the scope's AND would bind to one side only.
func (db *DB) inspect(sql []byte, target target) (text string, args []any, err error) {
	own := shape{text: scratch.New()}
	defer own.text.GiveBack()
	apart := own.take(sql, target)
	if apart {
		if text, passed := db.passed.made(own.text.Bytes); passed {
			return text, own.values(), nil
		}
	}
	if text, args, err = db.through(sql, target); err == nil && apart && len(args) == own.count {
		db.passed.keep(string(own.text.Bytes), text)
	}
	return text, args, err
}

// through reads a statement through, whether its shape is known or not.
func (db *DB) through(sql []byte, target target) (text string, args []any, err error) {
	out := scratch.New() // the text is shorter than what is read by what is lifted, which is most of new rows
	defer out.GiveBack()
	s := scanner{sql: sql, out: out, tables: db.tables, scoping: db.scoping, target: target}
	const folded, few = 64, 8
	s.folded, s.args = make([]byte, 0, folded), make([]any, 0, few+bytes.Count(sql, []byte{'\''})/2)
	err = s.run()
	out.Bytes = append(out.Bytes, sql[s.copied:min(s.pos, len(sql))]...)
	if err != nil {
		return "", nil, fmt.Errorf("%w in %q", err, abbreviate(string(out.Bytes)))
	}
	return db.texts.of(out.Bytes), s.args, nil
}

func abbreviate(text string) string {
	const most = 300
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// target is the table that a statement changes.
type target struct {
	table string
	// upsertScoped says that the predicate of ON CONFLICT DO UPDATE names the scope.
	upsertScoped bool
}

// ownerColumns say whose a row is; no row is given away or taken.
var ownerColumns = []string{"tenant_id", "store_id", "register_id", "id"}

// clause is one of a change.
type clause int

const (
	clauseOther clause = iota // one that doesn't matter
	clauseSet
	clauseWhere
)

type scanner struct {
	sql     []byte
	pos     int
	out     *scratch.Text
	copied  int // so much of sql is in out
	args    []any
	tables  map[string]bool
	scoping bool
	target  target

	depth   int
	verb    string // the first word, in lower case
	clause  clause
	folded  []byte
	assigns bool // the next name is the target of an assignment
	values  bool // these are the rows of an INSERT
}

func (s *scanner) run() error {
	for s.pos < len(s.sql) {
		c := s.sql[s.pos]
		var err error
		switch {
		case c == ' ' || c == '.':
			s.pos++
		case c == '\'':
			err = s.literal()
		case c == '"':
			err = s.quotedIdent()
		case isIdentStart(c):
			err = s.word()
		case (isDigit(c) || c == '-') && s.numeric(c):
		default:
			err = s.punctuation(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// numeric lifts the number that begins there; false where none does that is to be lifted.
func (s *scanner) numeric(c byte) bool {
	digits := s.pos
	if c == '-' {
		digits++
	}
	if digits == len(s.sql) || !isDigit(s.sql[digits]) || !s.lifts(s.pos) {
		return false
	}
	s.number(digits)
	return true
}

func (s *scanner) punctuation(c byte) error {
	switch c {
	case ';', '$': // a parameter of somebody else's making or a dollar quote, which this scanner doesn't read
		return errUnscoped
	case '-', '/':
		if s.at("--") || s.at("/*") {
			return errUnscoped
		}
	case '?':
		if s.at("?!(") {
			return errUnbuilt
		}
	case '(':
		if s.assigns && s.scoping {
			return errUnscoped // SET (a, b) = ...
		}
		s.depth++
	case ')':
		s.depth--
	case ',':
		s.assigns = s.depth == 0 && s.clause == clauseSet
	}
	s.pos++
	return nil
}

// lift puts a parameter in the place of what stands up to end.
func (s *scanner) lift(value string, end int) {
	s.args = append(s.args, value)
	text := append(append(s.out.Bytes, s.sql[s.copied:s.pos]...), '$')
	s.out.Bytes = strconv.AppendInt(text, int64(len(s.args)), 10)
	s.pos, s.copied = end, end
}

func (s *scanner) at(prefix string) bool { return bytes.HasPrefix(s.sql[s.pos:], []byte(prefix)) }

// literal lifts '...' into a parameter. One that touches a word (E'...') can't be one, and after one that a digit
// follows it would be another parameter.
func (s *scanner) literal() error {
	end := s.pos + 1
	for ; ; end++ {
		if end >= len(s.sql) {
			return errUnscoped
		}
		if s.sql[end] != '\'' {
			continue
		}
		if end+1 < len(s.sql) && s.sql[end+1] == '\'' {
			end++
			continue
		}
		break
	}
	if s.pos > 0 && isIdentPart(s.sql[s.pos-1]) || end+1 < len(s.sql) && isIdentPart(s.sql[end+1]) {
		return errUnscoped
	}
	s.lift(strings.ReplaceAll(string(s.sql[s.pos+1:end]), "''", "'"), end+1)
	return nil
}

// lifts says that a value begins here which another row or another request has otherwise.
func (s *scanner) lifts(at int) bool {
	before := bytes.TrimRight(s.sql[:at], " ")
	if len(before) == 0 {
		return false
	}
	switch before[len(before)-1] {
	case '(', ',':
		return s.values && s.depth == 1
	case '=':
		return len(before) > 1 && !strings.ContainsRune("<>!=", rune(before[len(before)-2]))
	}
	return false
}

// number lifts the number whose digits begin there, unless it is more than a plain one.
func (s *scanner) number(digits int) {
	end := digits
	for end < len(s.sql) && (isDigit(s.sql[end]) || s.sql[end] == '.') {
		end++
	}
	s.value(end)
}

// value lifts what stands up to end, where it ends there. The database reads it as what it is compared with, or as its
// column's.
func (s *scanner) value(end int) {
	rest := bytes.TrimLeft(s.sql[end:], " ")
	if len(rest) > 0 && rest[0] != ',' && rest[0] != ')' && !isIdentStart(rest[0]) || end < len(s.sql) && isIdentPart(s.sql[end]) {
		s.pos = end // a part of an expression
		return
	}
	s.lift(string(s.sql[s.pos:end]), end)
}

func (s *scanner) quotedIdent() error {
	end := bytes.IndexByte(s.sql[s.pos+1:], '"')
	if end < 0 || s.pos > 0 && s.sql[s.pos-1] == '&' {
		return errUnscoped // without an end, or U&"..." with its escapes
	}
	return s.ident(s.sql[s.pos+1:s.pos+1+end], s.pos+end+2)
}

func (s *scanner) word() error {
	end := s.pos
	for end < len(s.sql) && isIdentPart(s.sql[end]) {
		end++
	}
	word := s.lower(s.sql[s.pos:end])
	if s.verb == "" {
		s.verb = string(word)
	}
	if truth := string(s.sql[s.pos:end]); s.values && (truth == "TRUE" || truth == "FALSE") && s.lifts(s.pos) {
		s.value(end)
		return nil
	}
	if s.depth == 0 {
		s.values = s.verb == "insert" && string(word) == "values"
	}
	if s.depth == 0 && s.scoping {
		if err := s.keyword(word); err != nil {
			return err
		}
		if s.assigns && string(word) == "set" {
			s.pos = end
			return nil
		}
	}
	return s.ident(word, end)
}

// lower is a word in lower case, until the next one is.
func (s *scanner) lower(word []byte) []byte {
	s.folded = append(s.folded[:0], word...)
	for i, c := range s.folded {
		if 'A' <= c && c <= 'Z' {
			s.folded[i] = c + 'a' - 'A' // as the database does: of ASCII alone
		}
	}
	return s.folded
}

// keyword follows the clauses of a change.
func (s *scanner) keyword(word []byte) error {
	switch string(word) {
	case "set":
		s.clause, s.assigns = clauseSet, true
	case "where":
		s.clause, s.assigns = clauseWhere, false
	case "from", "using", "returning", "on":
		s.clause, s.assigns = clauseOther, false
	case "or":
		if s.clause == clauseWhere && s.verb != "select" && s.verb != "with" {
			return errUnscoped
		}
	case "select":
		if s.verb == "insert" {
			return errUnscoped
		}
	case "update":
		if s.verb == "insert" && !s.target.upsertScoped {
			return errUnscoped
		}
	}
	return nil
}

// ident passes a name on, unless it is a company's table in a place of its own.
func (s *scanner) ident(name []byte, end int) error {
	if s.scoping && (s.tables[string(name)] && !s.allowed(string(name), end) || s.assigns && slices.Contains(ownerColumns, string(name))) {
		return errUnscoped
	}
	s.assigns = false
	s.pos = end
	return nil
}

func (s *scanner) allowed(name string, end int) bool {
	before, after := s.sql[:s.pos], s.sql[end:]
	if bytes.HasSuffix(before, []byte(".")) {
		return false
	}
	if bytes.HasPrefix(after, []byte(".")) {
		return true // table.column, of a table that stands elsewhere in the statement
	}
	scoped := scopedSelect(name)
	opening, rest, _ := strings.Cut(scoped, `"`+name+`"`)
	if bytes.HasSuffix(before, []byte(opening)) &&
		bytes.HasPrefix(after, []byte(rest+`"tenant_id" = '`)) {
		return true
	}
	switch string(bytes.TrimSpace(before)) {
	case "INSERT INTO", "UPDATE", "DELETE FROM":
		return name == s.target.table // the hooks have scoped it
	}
	return false
}

func isIdentStart(c byte) bool {
	return c == '_' || c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isIdentPart(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '$' }
