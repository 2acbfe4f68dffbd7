package wire

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tillgraph/tillgraph/internal/errs"
)

const (
	// mostErrors bounds what is said about one document: who sends a wrong one can make thousands.
	mostErrors = 20
	// atOnce is how many documents are parsed and checked at the same time, each of which may take a hundred times its
	// length until it is refused.
	atOnce = 4

	codeInvalid = "GRAPHQL_VALIDATION_FAILED"
	codeUnread  = "GRAPHQL_PARSE_FAILED"
)

// Reader makes an operation's document of what a client sent: it is parsed and checked once, whatever looks at it
// afterwards. The executor takes what was read for its own cache of documents.
type Reader struct {
	Schema    *ast.Schema
	Documents *Documents
	// Rules are those of validation.
	Rules func() *rules.Rules
	// Tokens bounds a document before it is parsed, Limits once it is, before validation.
	Tokens int
	Limits func(text string, doc *ast.QueryDocument) *gqlerror.Error
	// Checked has the documents that were checked before.
	Checked *Cache[*ast.QueryDocument]

	// places are for documents that are checked, large for requests with large bodies.
	places, large chan struct{}
}

var _ graphql.Cache[*ast.QueryDocument] = (*Reader)(nil)

// NewReader makes a Reader of one whose fields are filled in.
func NewReader(r Reader) *Reader {
	r.places, r.large = make(chan struct{}, atOnce), make(chan struct{}, largeBodies)
	return &r
}

type readKey struct{}

type readDocument struct {
	text string
	doc  *ast.QueryDocument
}

// Get implements graphql.Cache for the executor: what the request has read.
func (*Reader) Get(ctx context.Context, text string) (*ast.QueryDocument, bool) {
	read, ok := ctx.Value(readKey{}).(readDocument)
	if !ok || read.text != text {
		return nil, false
	}
	return read.doc, true
}

// Add implements graphql.Cache. The executor has read nothing itself.
func (*Reader) Add(context.Context, string, *ast.QueryDocument) {}

// read finds the document of a request, and holds it and the variables to the rules. The context that comes back has
// the document.
func (r *Reader) read(ctx context.Context, params *graphql.RawParams) (context.Context, gqlerror.List) {
	excuse, missing := r.Documents.find(ctx, params)
	if missing != nil {
		return ctx, gqlerror.List{missing}
	}
	doc, known := r.Checked.Get(ctx, params.Query)
	if !known {
		var wrong gqlerror.List
		if doc, wrong = r.check(ctx, params.Query); wrong != nil {
			return ctx, wrong
		}
		r.Checked.Add(ctx, params.Query, doc)
	}
	if excuse != nil {
		if wrong := excuse(doc); wrong != nil {
			return ctx, gqlerror.List{wrong}
		}
	}
	ctx = context.WithValue(ctx, readKey{}, readDocument{params.Query, doc})
	if wrong := coerceVariables(r.Schema, doc, params); wrong != nil {
		return ctx, gqlerror.List{wrong}
	}
	return ctx, nil
}

// Examine holds a document to the rules before anybody asks with it.
func (r *Reader) Examine(ctx context.Context, text string) (*ast.QueryDocument, gqlerror.List) {
	return r.check(ctx, text)
}

// check parses a document and holds it to the rules.
func (r *Reader) check(ctx context.Context, text string) (*ast.QueryDocument, gqlerror.List) {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return nil, gqlerror.List{refused(errs.Timeout, "The server has too much to read. Try again in a moment.")}
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, r.Tokens)
	if err != nil {
		return nil, gqlerror.List{unread(err)}
	}
	if wrong := r.Limits(text, doc); wrong != nil {
		return nil, gqlerror.List{wrong}
	}
	if len(doc.Operations) == 0 {
		return nil, gqlerror.List{invalid("The document has no operation.")}
	}
	wrong := validator.ValidateWithRules(r.Schema, doc, r.Rules())
	if len(wrong) > mostErrors {
		wrong = wrong[:mostErrors]
	}
	for _, e := range wrong {
		e.Message = withoutValue(e.Message)
		e.Extensions = map[string]any{"code": codeInvalid}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return doc, nil
}

// found is what the parser quotes: a text that was to be a string may stand there, such as a password.
var found = regexp.MustCompile(`(?s)(Name|String|Int|Float|Comment|character|:) ["\\].*$`)

// unread says what the parser stumbled on, and where, without what it was.
func unread(err error) *gqlerror.Error {
	said := refused(codeUnread, "The document can't be read.")
	if e, ok := errors.AsType[*gqlerror.Error](err); ok {
		said.Locations = e.Locations
		message := strings.ReplaceAll(found.ReplaceAllString(e.Message, "$1"), "<Invalid>", "character, number or string")
		said.Message = "Syntax error: " + strings.Trim(message, ":.") + "."
	}
	return said
}

// literal is where a rule of validation quotes a value.
var literal = regexp.MustCompile(`(?s)(, found | value: ).*$`)

func withoutValue(message string) string {
	return literal.ReplaceAllStringFunc(message, func(quoted string) string {
		if quoted[0] == ',' {
			return "."
		}
		return " value."
	})
}
