package wire

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	// PlainJSON is what every client understands.
	PlainJSON = "application/json"
	// ResponseJSON is the media type by which a client asks for statuses that tell a refused document.
	ResponseJSON = "application/graphql-response+json"

	utf8Charset = "; charset=utf-8"
)

// mediaType chooses what to answer with: what Accept weighs most, the newer type where it is named and weighs as
// much, and application/json for who says nothing or takes anything. None is acceptable where it is "".
func mediaType(h http.Header) string {
	values := h.Values("Accept")
	if len(values) == 0 {
		return PlainJSON
	}
	plain, response := weight{}, weight{}
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue // a range that can't be read is none
		}
		if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
			continue
		}
		q := quality(params["q"])
		plain.consider(media, PlainJSON, q)
		response.consider(media, ResponseJSON, q)
	}
	switch {
	case plain.q == 0 && response.q == 0:
		return ""
	case response.q > plain.q, response.q == plain.q && response.exactness == exact:
		return ResponseJSON
	}
	return PlainJSON
}

// How closely a range names a type: the closest of them counts.
const (
	anything = iota + 1
	anyOfKind
	exact
)

type weight struct {
	q         float64
	exactness int
}

func (w *weight) consider(media, of string, q float64) {
	exactness := 0
	switch media {
	case of:
		exactness = exact
	case "application/*":
		exactness = anyOfKind
	case "*/*":
		exactness = anything
	}
	if exactness > w.exactness {
		*w = weight{q: q, exactness: exactness}
	}
}

// quality reads a weight; what is none weighs nothing.
func quality(text string) float64 {
	if text == "" {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(q >= 0 && q <= 1) { // not a number is neither
		return 0
	}
	return q
}
