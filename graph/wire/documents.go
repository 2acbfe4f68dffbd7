package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/errs"
)

const (
	// documentID is the parameter by which a document is named, as the draft's appendix on persisted documents has it.
	documentID = "documentId"
	// persistedQuery is the extension by which Apollo's clients name one.
	persistedQuery = "persistedQuery"

	// CodeDocumentUnknown tells a client to send the document itself, with its hash, and so do the words.
	CodeDocumentUnknown    = "PERSISTED_QUERY_NOT_FOUND"
	messageDocumentUnknown = "PersistedQueryNotFound"
)

// Documents lets clients name a document instead of sending it: one that was registered when the server started, or
// one that the same company's clients have sent before.
type Documents struct {
	// Trusted are the registered documents by id, and Only says that there are no others.
	Trusted map[string]string
	Only    bool
	// Company is on whose behalf a request comes, "" for nobody's. Nobody can find out what another's clients ask for.
	Company func(context.Context) string

	seen   *Cache[string]
	hashes map[string]bool
}

const (
	mostSeen = 2000
	// longestSeen is the longest document that is kept, in bytes. Longer ones are sent each time.
	longestSeen = 16 << 10
)

// NewDocuments makes Documents of ones whose fields are filled in.
func NewDocuments(d Documents) *Documents {
	d.seen = NewCache[string](mostSeen, mostSeen<<8)
	d.hashes = map[string]bool{}
	for _, text := range d.Trusted {
		d.hashes[hash(text)] = true
	}
	return &d
}

// find puts the document that a request names into it.
func (d *Documents) find(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	id, fine := idOf(params)
	if !fine {
		return refused(errs.BadUserInput, "A document is named by the parameter documentId, or by the extension "+
			`persistedQuery {"version": 1, "sha256Hash": "..."}.`)
	}
	switch {
	case params.Query != "":
		return d.sent(ctx, params.Query, id)
	case d.Trusted[id] != "":
		params.Query = d.Trusted[id]
		return nil
	case !d.Only:
		if text, ok := d.seen.Get(ctx, d.key(ctx, id)); ok {
			params.Query = text
			return nil
		}
	}
	return refused(CodeDocumentUnknown, messageDocumentUnknown)
}

// sent looks at a document that came itself, maybe with its hash.
func (d *Documents) sent(ctx context.Context, text, id string) *gqlerror.Error {
	if id == "" && !d.Only {
		return nil
	}
	own := hash(text)
	switch {
	case d.Only && !d.hashes[own]:
		return refused(errs.Forbidden, "This server answers registered documents alone.")
	case id != "" && id != own && d.Trusted[id] != text:
		return refused(errs.BadUserInput, "The hash is not that of the document.")
	case id == own && !d.Only && len(text) <= longestSeen:
		d.seen.Add(ctx, d.key(ctx, id), text)
	}
	return nil
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
	id, ok := given.(string)
	id = strings.TrimPrefix(id, "sha256:")
	return id, !named || ok && id != ""
}

func named(params *graphql.RawParams) bool {
	return params.Extensions[documentID] != nil || params.Extensions[persistedQuery] != nil
}

func refused(code errs.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
