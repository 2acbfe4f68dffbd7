package wire

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/app"
	"github.com/tillgraph/tillgraph/internal/errs"
)

const (
	// documentID is the parameter by which a document is named, as the draft's appendix on persisted documents has it.
	documentID = "documentId"
	// persistedQuery is the extension by which Apollo's clients name one.
	persistedQuery = "persistedQuery"
	// appHeader names the front end that asks.
	appHeader = "X-App"

	// CodeDocumentUnknown tells a client to send the document itself, with its hash, and so do the words.
	CodeDocumentUnknown    = "PERSISTED_QUERY_NOT_FOUND"
	messageDocumentUnknown = "PersistedQueryNotFound"
	// CodeDocumentUnregistered tells a client that sent a document itself that registered ones alone are answered.
	CodeDocumentUnregistered = "DOCUMENT_NOT_REGISTERED"
)

// relays are the parameters by which clients of Relay name a document.
func relays() []string { return []string{"doc_id", "id"} }

// Documents lets clients name a document instead of sending it: one that the server's operator registered when it
// started, one that their company has registered, or one that the same company's clients have sent before.
type Documents struct {
	// Apps are the operator's documents by app and id, and Only says that there are no others but companies' own.
	Apps map[string]map[string]string
	Only bool
	// Company is on whose behalf a request comes, "" for nobody's. Nobody can find out what another's clients ask for.
	Company func(context.Context) string
	// Registry has companies' own documents; nil where there are none.
	Registry Registry
	// Exempt are the fields that a document may ask for that isn't registered.
	Exempt func(*ast.FieldDefinition) bool

	trusted map[string]string
	seen    *Cache[string]
	hashes  map[string]map[string]bool
}

// Registry has the documents that companies have registered. Each request sees its own company's alone.
type Registry interface {
	// Rule is what counts for a request, by the app that it names.
	Rule(ctx context.Context, app string) (Rule, error)
	// Find gives the document that an id or a hash names, "" where there is none.
	Find(ctx context.Context, app, name string) (string, error)
}

// Rule says what counts for a request.
type Rule struct {
	// Known says that there is something to find, and Only that nothing else is answered.
	Known, Only bool
}

const (
	mostSeen = 2000
	// longestSeen is the longest document that is kept, in bytes. Longer ones are sent each time.
	longestSeen = 16 << 10
	// anyApp stands for all of the operator's apps.
	anyApp = ""
)

// NewDocuments makes Documents of ones whose fields are filled in.
func NewDocuments(d Documents) *Documents {
	d.seen = NewCache[string](mostSeen, mostSeen<<8)
	d.trusted, d.hashes = map[string]string{}, map[string]map[string]bool{anyApp: {}}
	for name, documents := range d.Apps {
		d.hashes[name] = map[string]bool{}
		for id, text := range documents {
			own := app.Hash(text)
			d.trusted[id], d.trusted[own] = text, text
			d.hashes[name][own], d.hashes[anyApp][own] = true, true
		}
	}
	return &d
}

// asked is a request's question for a document.
type asked struct {
	app, id string
	rule    Rule
}

// find puts the document that a request names into it. An excuse, where there is one, says of the document whether it is
// answered although it isn't registered.
func (d *Documents) find(ctx context.Context, params *graphql.RawParams) (excuse func(*ast.QueryDocument) *gqlerror.Error, wrong *gqlerror.Error) {
	id, fine := idOf(params)
	if !fine {
		return nil, refused(errs.BadUserInput, "A document is named by the parameter documentId, of letters, digits and -._~: alone, "+
			`or by the extension persistedQuery {"version": 1, "sha256Hash": "..."}.`)
	}
	if id == "" && !d.Only && d.Registry == nil {
		return nil, nil
	}
	q := asked{app: params.Headers.Get(appHeader), id: id}
	if d.Registry != nil {
		var err error
		if q.rule, err = d.Registry.Rule(ctx, q.app); err != nil {
			return nil, gqlerror.WrapIfUnwrapped(err)
		}
	}
	if params.Query != "" {
		return d.sent(ctx, params.Query, q)
	}
	text, err := d.registered(ctx, q, id)
	if err != nil {
		return nil, gqlerror.WrapIfUnwrapped(err)
	}
	if text == "" && !d.Only && !q.rule.Only {
		text, _ = d.seen.Get(ctx, d.key(ctx, id))
	}
	if text == "" {
		return nil, refused(CodeDocumentUnknown, messageDocumentUnknown)
	}
	params.Query = text
	return nil, nil
}

// registered is the document that an id or a hash names, "" where nobody has registered it: of the app that the request
// names, where that is one.
func (d *Documents) registered(ctx context.Context, q asked, id string) (string, error) {
	if own, ok := d.Apps[q.app]; ok {
		if text := own[id]; text != "" {
			return text, nil
		}
		if d.hashes[q.app][id] {
			return d.trusted[id], nil
		}
	} else if text := d.trusted[id]; text != "" {
		return text, nil
	}
	if !q.rule.Known {
		return "", nil
	}
	return d.Registry.Find(ctx, q.app, id)
}

// sent looks at a document that came itself, maybe with its id.
func (d *Documents) sent(ctx context.Context, text string, q asked) (excuse func(*ast.QueryDocument) *gqlerror.Error, wrong *gqlerror.Error) {
	only := d.Only || q.rule.Only
	if q.id == "" && !only {
		return nil, nil
	}
	own := app.Hash(text)
	if q.id != "" && q.id != own {
		// An id that is no hash is looked up, so that a client may send both.
		known, err := d.registered(ctx, q, q.id)
		if err != nil {
			return nil, gqlerror.WrapIfUnwrapped(err)
		}
		if known != text {
			return nil, refused(errs.BadUserInput, "The document is another one than it is named.")
		}
	}
	if !only {
		if q.id == own && len(text) <= longestSeen {
			d.seen.Add(ctx, d.key(ctx, own), text)
		}
		return nil, nil
	}
	known, err := d.registered(ctx, q, own)
	switch {
	case err != nil:
		return nil, gqlerror.WrapIfUnwrapped(err)
	case known != "":
		return nil, nil
	case d.Only:
		return nil, unregistered()
	}
	return d.excused, nil
}

func unregistered() *gqlerror.Error {
	return refused(CodeDocumentUnregistered, "Registered documents alone are answered here, and this is none.")
}

// excused refuses a document that asks for anything beyond what is exempt.
func (d *Documents) excused(doc *ast.QueryDocument) *gqlerror.Error {
	for _, op := range doc.Operations {
		if !d.exempts(op.SelectionSet) {
			return unregistered()
		}
	}
	return nil
}

func (d *Documents) exempts(set ast.SelectionSet) bool {
	for _, selection := range set {
		fine := false
		switch s := selection.(type) {
		case *ast.Field:
			fine = s.Definition != nil && d.Exempt != nil && d.Exempt(s.Definition)
		case *ast.InlineFragment:
			fine = d.exempts(s.SelectionSet)
		case *ast.FragmentSpread:
			fine = s.Definition != nil && d.exempts(s.Definition.SelectionSet)
		}
		if !fine {
			return false
		}
	}
	return true
}

func (d *Documents) key(ctx context.Context, id string) string { return d.Company(ctx) + " " + id }

// idOf is the name of a request's document, "" where it has none.
func idOf(params *graphql.RawParams) (string, bool) {
	given, named := params.Extensions[documentID]
	if extension, ok := params.Extensions[persistedQuery].(map[string]any); ok {
		given, named = extension["sha256Hash"], true
	} else if params.Extensions[persistedQuery] != nil {
		return "", false
	}
	if !named {
		return "", true
	}
	id, ok := given.(string)
	id = strings.TrimPrefix(id, "sha256:")
	return id, ok && app.IsID(id)
}

func named(params *graphql.RawParams) bool {
	return params.Extensions[documentID] != nil || params.Extensions[persistedQuery] != nil
}

func refused(code errs.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}
