package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// transport reads an operation from a POST or a GET and writes its answer. gqlgen's own transports tell what they
// can't read without a code, or as a success, and quote a body that they can't read, in which a password may stand.
type transport struct{}

var _ graphql.Transport = transport{}

// responseJSON is the media type by which a client asks for statuses that tell a refused document.
const responseJSON = "application/graphql-response+json"

// Supports implements graphql.Transport: what else comes is refused here.
func (transport) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	media, rejected := "application/json", http.StatusUnprocessableEntity
	if strings.Contains(r.Header.Get("Accept"), responseJSON) {
		media, rejected = responseJSON, http.StatusBadRequest
	}
	w.Header().Set("Content-Type", media)
	params, refused := readParams(r)
	if refused != nil {
		refused.write(w, exec.DispatchError(ctx, refused.errors()))
		return
	}
	op, wrong := exec.CreateOperationContext(ctx, params)
	if wrong != nil {
		if errcode.GetErrorKind(wrong) == errcode.KindProtocol {
			w.WriteHeader(rejected)
		}
		write(w, exec.DispatchError(graphql.WithOperationContext(ctx, op), wrong))
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
}

func refuse(status int, message string) *refusal { return &refusal{status: status, message: message} }

func (f *refusal) errors() gqlerror.List {
	return gqlerror.List{{Message: f.message, Extensions: map[string]any{"code": string(errs.BadUserInput)}}}
}

func (f *refusal) write(w http.ResponseWriter, answer *graphql.Response) {
	if f.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, POST, OPTIONS")
	}
	w.WriteHeader(f.status)
	write(w, answer)
}

func write(w http.ResponseWriter, answer *graphql.Response) {
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err) // strings and JSON that was made here
	}
	_, _ = w.Write(text)
}

func readParams(r *http.Request) (*graphql.RawParams, *refusal) {
	params := &graphql.RawParams{Headers: r.Header}
	switch r.Method {
	case http.MethodGet:
		return params, readQuery(r, params)
	case http.MethodPost:
		return params, readBody(r, params)
	}
	return nil, refuse(http.StatusMethodNotAllowed, "Send a query by GET or POST, a mutation by POST.")
}

func readQuery(r *http.Request, params *graphql.RawParams) *refusal {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return refuse(http.StatusBadRequest, "The address can't be read.")
	}
	params.Query, params.OperationName = query.Get("query"), query.Get("operationName")
	for name, into := range map[string]*map[string]any{
		"variables": &params.Variables, "extensions": &params.Extensions,
	} {
		if text := query.Get(name); text != "" && decode([]byte(text), into) != nil {
			return refuse(http.StatusBadRequest, "The "+name+" must be a JSON object.")
		}
	}
	return nil
}

func readBody(r *http.Request, params *graphql.RawParams) *refusal {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "The Content-Type must be application/json.")
	}
	body, err := io.ReadAll(r.Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, "The request is too large.")
	}
	if err != nil || decode(body, params) != nil {
		return refuse(http.StatusBadRequest,
			`The body must be one JSON object: {"query": "...", "variables": {...}, "operationName": "..."}.`)
	}
	return nil
}

var errTrailing = errors.New("something follows the value")

// decode reads one JSON value with its numbers as they are written.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}
