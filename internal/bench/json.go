package bench

import (
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/money"
)

// text appends a JSON string. Names without anything to escape are the rule.
func text(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= 0x7f {
			quoted, _ := json.Marshal(s) // a string always can be
			return append(out, quoted...)
		}
	}
	return append(append(append(out, '"'), s...), '"')
}

func number(out []byte, n int64) []byte { return strconv.AppendInt(out, n, 10) }

// amount appends money.
func amount(out []byte, minor int64, currency string) []byte {
	m := money.Money{Minor: minor, Currency: money.Currency(currency)}
	out = append(append(out, `{"amount":"`...), m.Amount().String()...)
	return append(append(append(out, `","currencyCode":"`...), currency...), `"}`...)
}

// named appends an object of an id and a name.
func named(out []byte, id, name string) []byte {
	out = append(append(out, `{"id":"`...), id...)
	return append(text(append(out, `","name":`...), name), '}')
}

func list(out []byte, begin string) []byte { return append(out, begin...) }

// ended ends a list whose items each have a comma behind them.
func ended(out []byte, end string) []byte {
	if n := len(out); n > 0 && out[n-1] == ',' {
		out = out[:n-1]
	}
	return append(out, end...)
}

// children are the written rows of lists, by their parents.
type children map[uuid.UUID][]byte

// under gives a parent's list, ready for one more.
func (c children) under(parent uuid.UUID) []byte {
	out := c[parent]
	if len(out) > 0 {
		out = append(out, ',')
	}
	return out
}
