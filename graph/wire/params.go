package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/scratch"
)

const form = `The body must be one JSON object: {"query": "...", "variables": {...}, "operationName": "..."}.`

// readParams reads the operation of a request that will be answered in a media type, "" where the client takes none.
func readParams(r *http.Request, media string, room *room) (*graphql.RawParams, *refusal) {
	params := &graphql.RawParams{Headers: r.Header}
	var refused *refusal
	switch r.Method {
	case http.MethodGet:
		refused = readQuery(r, params)
	case http.MethodPost:
		refused = readBody(r, params, room)
	default:
		return nil, refuse(http.StatusMethodNotAllowed, "Send a query by GET or POST, a mutation by POST.")
	}
	switch {
	case refused != nil:
		return nil, refused
	case media == "":
		return nil, refuse(http.StatusNotAcceptable, "Accept must take "+ResponseJSON+" or "+PlainJSON+".")
	case params.Query == "" && !named(params) && !relayed(params):
		return nil, refuse(http.StatusBadRequest, "There is no query.")
	}
	return params, nil
}

func readQuery(r *http.Request, params *graphql.RawParams) *refusal {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return refuse(http.StatusBadRequest, "The address can't be read.")
	}
	for name, values := range query {
		if len(values) > 1 || !utf8.ValidString(values[0]) {
			return refuse(http.StatusBadRequest, "Each parameter of the address must stand there once, in UTF-8.")
		}
		var value any = values[0]
		if name == "variables" || name == "extensions" {
			if value = nil; values[0] != "" && decode([]byte(values[0]), &value) != nil {
				return refuse(http.StatusBadRequest, mustBe(name))
			}
		}
		if !assign(params, name, value) {
			return refuse(http.StatusBadRequest, mustBe(name))
		}
	}
	return nil
}

func readBody(r *http.Request, params *graphql.RawParams, room *room) *refusal {
	if refused := plainJSON(r.Header.Get("Content-Type")); refused != nil {
		return refused
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return refuse(http.StatusUnsupportedMediaType, "Send the body as it is, without a Content-Encoding.")
	}
	text := scratch.New()
	defer text.GiveBack()
	err := room.read(r, text)
	body := text.Bytes
	if errors.Is(err, errCrowded) {
		return &refusal{status: http.StatusServiceUnavailable, code: errs.Unavailable, message: "The server has too many large requests. Try again in a moment."}
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, "The request is too large.")
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "The body ended too early.")
	}
	if !utf8.Valid(body) {
		return refuse(http.StatusBadRequest, "The body must be UTF-8.")
	}
	if crowded(body) {
		return refuse(http.StatusRequestEntityTooLarge, fmt.Sprintf("The request has more than %d values.", mostValues))
	}
	var parts map[string]any
	if decode(body, &parts) != nil || parts == nil {
		return refuse(http.StatusBadRequest, form)
	}
	for name, value := range parts {
		if !assign(params, name, value) {
			return refuse(http.StatusBadRequest, mustBe(name))
		}
	}
	return nil
}

// plainJSON refuses what else a body may be.
func plainJSON(contentType string) *refusal {
	if contentType == PlainJSON { // as nearly all send it
		return nil
	}
	media, how, err := mime.ParseMediaType(contentType)
	if err != nil || media != PlainJSON {
		return refuse(http.StatusUnsupportedMediaType, "The Content-Type must be application/json.")
	}
	if charset := how["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refuse(http.StatusUnsupportedMediaType, "The charset must be utf-8.")
	}
	return nil
}

// relayed names the document as clients of Relay do, where it isn't named otherwise.
func relayed(params *graphql.RawParams) bool {
	for _, name := range relays() {
		if id, ok := params.Extensions[name].(relayID); ok {
			extend(params, documentID, string(id))
			return true
		}
	}
	return false
}

// relayID is a parameter that names a document, and no extension of this name.
type relayID string

// assign takes one parameter; null is as good as nothing. What isn't known is left to others.
func assign(params *graphql.RawParams, name string, value any) bool {
	switch name {
	case "query":
		return is(value, &params.Query)
	case "operationName":
		return is(value, &params.OperationName)
	case "variables":
		return is(value, &params.Variables)
	case "extensions":
		var given map[string]any
		if !is(value, &given) {
			return false
		}
		for key, value := range given {
			extend(params, key, value)
		}
	case "id", "doc_id":
		if id, ok := value.(string); ok && id != "" { // with a query, it may be anything
			extend(params, name, relayID(id))
		}
	case documentID:
		if value == nil {
			return true
		}
		id, ok := value.(string)
		extend(params, documentID, id)
		return ok
	}
	return true
}

// is takes a value of a type, or null.
func is[T any](value any, into *T) (ok bool) {
	if value == nil {
		return true
	}
	*into, ok = value.(T)
	return ok
}

func extend(params *graphql.RawParams, key string, value any) {
	if params.Extensions == nil {
		params.Extensions = map[string]any{}
	}
	params.Extensions[key] = value
}

func mustBe(name string) string {
	if name == "variables" || name == "extensions" {
		return "The " + name + " must be a JSON object."
	}
	return "The " + name + " must be a string."
}

var errTrailing = errors.New("something follows the value")

// decoder reads values one after the other, each from a text of its own.
type decoder struct {
	*json.Decoder

	from *bytes.Reader
}

var decoders = sync.Pool{New: func() any {
	from := bytes.NewReader(nil)
	d := &decoder{json.NewDecoder(from), from}
	d.UseNumber()
	return d
}}

// decode reads one JSON value with its numbers as they are written.
func decode(text []byte, into any) error {
	d, _ := decoders.Get().(*decoder)
	d.from.Reset(text)
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	// It has read all that there was and nothing was wrong: for it the next text is what follows. What a long text took isn't kept.
	if len(text) <= smallBody {
		decoders.Put(d)
	}
	return nil
}
