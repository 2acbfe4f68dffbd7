package wire

import (
	"bytes"
	"errors"
	"math"
	"net/http"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

const (
	// smallBody is the longest body that is read at any time, in bytes. Of longer ones so many are held at a time.
	smallBody   = 64 << 10
	largeBodies = 16
	// mostValues bounds what a body is made into: an empty object takes fifty times its two bytes.
	mostValues = 50_000
)

var errCrowded = errors.New("too many large requests")

// room is the place that a large request takes until it is answered. Without it many at once would fill the memory, since
// anybody may send them.
type room struct {
	places chan struct{}
	taken  bool
}

// leave gives the place back.
func (p *room) leave() {
	if p.taken {
		<-p.places
	}
}

// read reads a body into a text. A large one waits for a place, as long as its request may take.
//
// Errors: errCrowded.
func (p *room) read(r *http.Request, into *scratch.Text) error {
	if err := into.AppendFrom(r.Body, smallBody+1); err != nil || len(into.Bytes) <= smallBody {
		return err
	}
	select {
	case p.places <- struct{}{}:
		p.taken = true
	case <-r.Context().Done():
		return errCrowded
	}
	return into.AppendFrom(r.Body, math.MaxInt64)
}

// crowded says that there are more values in a JSON text than a body may have. It counts the places where one begins,
// roughly: texts are looked at only where these would be too many with what stands in them.
func crowded(text []byte) bool {
	most := 0
	for _, c := range []byte(",[{") {
		most += bytes.Count(text, []byte{c})
	}
	return most > mostValues && values(text) > mostValues
}

// values counts the places outside of texts where a value begins.
func values(text []byte) int {
	n, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == '[' || c == '{'):
			n++
		}
	}
	return n
}
