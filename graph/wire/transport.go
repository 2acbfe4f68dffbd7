package wire

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/scratch"
)

// Transport reads an operation from a POST or a GET and writes its answer. gqlgen's own transports tell what they
// can't read without a code, or as a success, and quote a body that they can't read, in which a password may stand.
type Transport struct {
	Reader *Reader
	// Choose gives another executor for a request, nil for the server's own. It may be nil.
	Choose func(ctx context.Context, params *graphql.RawParams) graphql.GraphExecutor
}

var _ graphql.Transport = Transport{}

const methods = "GET, POST, OPTIONS"

// Supports implements graphql.Transport: what else comes is refused here.
func (Transport) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (t Transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	media := mediaType(r.Header)
	w.Header().Add("Vary", "Accept")
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	large := &room{places: t.Reader.large}
	defer large.leave()
	params, refused := readParams(r, media, large)
	if media == "" {
		media = PlainJSON
	}
	w.Header().Set("Content-Type", media+utf8Charset)
	if refused != nil {
		refused.write(w, exec.DispatchError(ctx, refused.errors()))
		return
	}
	if t.Choose != nil {
		if other := t.Choose(ctx, params); other != nil {
			exec = other
		}
	}
	ctx, wrong := t.Reader.read(ctx, params)
	var op *graphql.OperationContext
	if wrong == nil {
		op, wrong = exec.CreateOperationContext(ctx, params)
	}
	if wrong != nil {
		if op == nil {
			op = &graphql.OperationContext{}
		}
		answer := exec.DispatchError(graphql.WithOperationContext(ctx, op), wrong)
		if media == ResponseJSON {
			w.WriteHeader(http.StatusBadRequest)
		}
		write(w, answer)
		return
	}
	if r.Method == http.MethodGet && op.Operation.Operation != ast.Query {
		refused = refuse(http.StatusMethodNotAllowed, "Only queries come by GET. Send a mutation by POST.")
		refused.write(w, exec.DispatchError(ctx, refused.errors()))
		return
	}
	next, ctx := exec.DispatchOperation(ctx, op)
	write(w, next(ctx))
}

// refusal is why a request holds no operation.
type refusal struct {
	status  int
	message string
	code    errs.Code
}

func refuse(status int, message string) *refusal {
	return &refusal{status: status, message: message, code: errs.BadUserInput}
}

func (f *refusal) errors() gqlerror.List {
	return gqlerror.List{{Message: f.message, Extensions: map[string]any{"code": string(f.code)}}}
}

func (f *refusal) write(w http.ResponseWriter, answer *graphql.Response) {
	if f.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", methods)
	}
	if f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(f.status)
	write(w, answer)
}

// write puts the parts of an answer together. The data is JSON already, and the largest part: it isn't read again.
// An operation that never began has none.
func write(w http.ResponseWriter, answer *graphql.Response) {
	text := scratch.NewAnswer()
	text.Bytes = slices.Grow(text.Bytes, len(answer.Data)+len(`{"data":}`))
	part := func(name string, value []byte) {
		between := byte(',')
		if len(text.Bytes) == 0 {
			between = '{'
		}
		text.Bytes = append(append(text.Bytes, between, '"'), name...)
		text.Bytes = append(append(text.Bytes, `":`...), value...)
	}
	if len(answer.Errors) > 0 {
		part("errors", marshalled(answer.Errors))
	}
	if answer.Data != nil {
		part("data", answer.Data)
	}
	if len(answer.Extensions) > 0 {
		part("extensions", marshalled(answer.Extensions))
	}
	text.Bytes = append(text.Bytes, '}')
	if holder, ok := w.(Holder); ok {
		holder.Hold(text)
		return
	}
	_, _ = w.Write(text.Bytes)
	text.GiveBack()
}

// Holder is a writer that has a whole body sent later, and gives its memory back then.
type Holder interface{ Hold(body *scratch.Text) }

func marshalled(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings and JSON that was made here
	}
	return text
}
