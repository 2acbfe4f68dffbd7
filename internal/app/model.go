package app

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any { return []any{(*App)(nil), (*Document)(nil), (*written)(nil)} }

// Rule says which documents are answered.
type Rule string

// The rules.
const (
	Any        Rule = "ANY"
	Registered Rule = "REGISTERED"
)

// App is a front end of the company's.
type App struct {
	bun.BaseModel `bun:"table:apps,alias:app"`
	postgres.TenantOwned

	ID           id.App    `bun:"id,pk"`
	Name         string    `bun:"name"`
	DocumentRule Rule      `bun:"document_rule"`
	CreatedAt    time.Time `bun:"created_at"`
	RegisteredAt time.Time `bun:"registered_at"`
}

// IsNode marks App as the schema's Node.
func (*App) IsNode() {}

// Document is a document that an app has registered.
type Document struct {
	bun.BaseModel `bun:"table:app_documents,alias:document"`
	postgres.TenantOwned

	AppID      id.App   `bun:"app_id,pk"`
	DocumentID string   `bun:"document_id,pk"`
	Hash       string   `bun:"hash"`
	Operations []string `bun:"operations,array"`

	RegisteredAt time.Time `bun:"registered_at"`
	// Size is how long its text is in bytes, where that was asked for.
	Size int `bun:"size,scanonly"`
}

// written is a document with its text, which lists do without.
type written struct {
	bun.BaseModel `bun:"table:app_documents,alias:document"`
	postgres.TenantOwned

	AppID        id.App    `bun:"app_id,pk"`
	DocumentID   string    `bun:"document_id,pk"`
	Hash         string    `bun:"hash"`
	Body         string    `bun:"body"`
	Operations   []string  `bun:"operations,array"`
	RegisteredAt time.Time `bun:"registered_at"`
}

// The pages of this package's lists, as the schema names them.
type (
	DocumentConnection = page.Connection[Document]
	DocumentEdge       = page.Edge[Document]
)

func byDocumentID() page.Order[Document] {
	return page.Order[Document]{Name: "app-document", Columns: []page.Column[Document]{
		{Name: "document_id", Type: page.Text, Value: func(d *Document) string { return d.DocumentID }},
	}}
}

// switchedBy is the switch that says which documents a company answers: there is none where it has no apps.
const switchedBy tenancy.Feature = "REGISTERED_DOCUMENTS"

// RuleOf is the rule of the request's company, and whether it has any apps. It needs no look-up.
func RuleOf(s *tenancy.Scope) (rule Rule, apps bool) {
	only, apps := s.Config().Switched[switchedBy]
	if only {
		return Registered, true
	}
	return Any, apps
}

// RegisterInput is an app's documents.
type RegisterInput struct {
	App          string
	Manifest     string
	Replace      bool
	DocumentRule *Rule
}

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	RegisterUserErrorCode        string
	UpdateUserErrorCode          string
	RemoveUserErrorCode          string
	DocumentsUpdateUserErrorCode string

	RegisterUserError        = errs.User[RegisterUserErrorCode]
	UpdateUserError          = errs.User[UpdateUserErrorCode]
	RemoveUserError          = errs.User[RemoveUserErrorCode]
	DocumentsUpdateUserError = errs.User[DocumentsUpdateUserErrorCode]
)

// RegisterPayload is what appRegister answers.
type RegisterPayload struct {
	App            *App
	Added, Removed *int
	UserErrors     []RegisterUserError
}

// UpdatePayload is what appUpdate answers.
type UpdatePayload struct {
	App        *App
	UserErrors []UpdateUserError
}

// RemovePayload is what appRemove answers.
type RemovePayload struct {
	RemovedID  *id.App
	UserErrors []RemoveUserError
}

// DocumentsUpdatePayload is what companyDocumentsUpdate answers.
type DocumentsUpdatePayload struct {
	DocumentRule *Rule
	UserErrors   []DocumentsUpdateUserError
}
