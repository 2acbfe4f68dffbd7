package app

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	mostApps = 20
	// mostAtOnce is how many documents a manifest may have, mostDocuments an app, and mostBytes how long they are together.
	mostAtOnce, mostDocuments = 500, 1000
	mostBytes                 = 4 << 20
	longestDocument           = 64 << 10
	// mostSaid bounds what is said about one document, and mostWrong about how many.
	mostSaid, mostWrong = 3, 50

	tooMany = "TOO_MANY"
)

// Checked is what is known of a document that was held to the schema.
type Checked struct {
	// Operations are the names of its operations, "" for one without.
	Operations []string
	// Wrong is what is wrong with it, in words; none where nothing is.
	Wrong []string
}

// Apps answers for the apps of the request's company.
type Apps struct {
	db  *postgres.DB
	now func() time.Time
	// check holds a document to the schema and to the limits of a request.
	check func(ctx context.Context, document string) Checked
}

// New makes Apps.
func New(db *postgres.DB, now func() time.Time, check func(context.Context, string) Checked) *Apps {
	return &Apps{db: db, now: now, check: check}
}

// All gives the company's apps by name: a handful.
func (a *Apps) All(ctx context.Context) ([]*App, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	apps := []*App{}
	if err := h.Read(ctx, postgres.Rows(&apps, h.Select((*App)(nil)).OrderExpr("?TableAlias.name"))); err != nil {
		return nil, err
	}
	return apps, nil
}

// ByID gives those of the apps that are the company's.
func (a *Apps) ByID(ctx context.Context, ids []id.App) ([]*App, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[App](ctx, h, "id", ids)
}

// DocumentsOf lists the documents of each of several apps.
func (a *Apps) DocumentsOf(ctx context.Context, apps []id.App, args page.Args) (map[id.App]*DocumentConnection, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Document, id.App]{Column: "app_id", Of: func(d *Document) id.App { return d.AppID }}
	return page.PerParent(ctx, h, apps, parents, func() *bun.SelectQuery { return h.Select((*Document)(nil)) }, byDocumentID(), args)
}

// Find gives the document that an id or a hash names, "" where there is none: one of an app, or where none is named one of
// any.
func (a *Apps) Find(ctx context.Context, app id.App, name string) (string, error) {
	h, err := a.db.Bind(ctx)
	if err != nil {
		return "", err
	}
	// An id is what was registered: it comes before a hash.
	q := h.Select((*written)(nil)).Where("(?TableAlias.document_id = ? OR ?TableAlias.hash = ?)", name, name).
		OrderExpr("?TableAlias.document_id = ? DESC", name).Limit(1)
	if !app.IsZero() {
		q = q.Where("?TableAlias.app_id = ?", app)
	}
	var found *written
	if err := h.Read(ctx, postgres.Row(&found, q)); err != nil || found == nil {
		return "", err
	}
	return found.Body, nil
}

var appName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,39}$`)

// Register registers the documents of an app, and makes the app where there is none of the name.
//
// Errors: problems INVALID, TAKEN (the id stands for another document) and TOO_MANY.
func (a *Apps) Register(ctx context.Context, in RegisterInput) (*RegisterPayload, error) {
	var p errs.Problems
	if !appName.MatchString(in.App) {
		p.Add(form.Invalid, errs.Path("input", "app"), "This must be 1 to 40 small letters, digits, hyphens and dots.")
	}
	documents := a.read(ctx, &p, in.Manifest)
	if err := p.Err(); err != nil {
		return &RegisterPayload{}, err
	}
	done := &RegisterPayload{}
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		r := registration{in: in, now: a.now(), documents: documents}
		if err := r.carryOut(ctx, tx); err != nil {
			return err
		}
		done = &RegisterPayload{App: r.app, Added: new(len(r.added)), Removed: new(len(r.gone))}
		return nil
	})
	if err != nil {
		return &RegisterPayload{}, err
	}
	return done, nil
}

// read holds each document of a manifest to the schema.
func (a *Apps) read(ctx context.Context, p *errs.Problems, manifest string) map[string]*written {
	at := func(more ...any) []string { return errs.Path(append([]any{"input", "manifest"}, more...)...) }
	texts, err := ReadManifest([]byte(manifest))
	if err != nil {
		p.Add(form.Invalid, at(), "This is no manifest: %s.", err.Error())
		return nil
	}
	if len(texts) > mostAtOnce {
		p.Add(tooMany, at(), "A manifest has at most %d documents.", mostAtOnce)
		return nil
	}
	documents := make(map[string]*written, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		if len(text) > longestDocument || !utf8.ValidString(text) || slices.Contains([]byte(text), 0) {
			p.Add(form.Invalid, at(name), "A document has at most %d bytes of UTF-8.", longestDocument)
			continue
		}
		checked := a.check(ctx, text)
		for _, wrong := range checked.Wrong[:min(len(checked.Wrong), mostSaid)] {
			p.Add(form.Invalid, at(name), "%s: %s", Title(text, name), wrong)
		}
		if len(*p) >= mostWrong {
			break
		}
		documents[name] = &written{DocumentID: name, Hash: Hash(text), Body: text, Operations: checked.Operations}
	}
	return documents
}

var operation = regexp.MustCompile(`\b(?:query|mutation|subscription)\s+([_A-Za-z][_0-9A-Za-z]{0,99})`)

// Title is what a document is called, also one that can't be read: its first operation, or its id.
func Title(document, name string) string {
	if found := operation.FindStringSubmatch(document); found != nil {
		return found[1]
	}
	return name
}

// registration is one manifest on its way into the database.
type registration struct {
	in        RegisterInput
	now       time.Time
	documents map[string]*written

	app *App
	// known are the app's documents, and those of other apps that have an id of the manifest's.
	known []*Document
	added []*written
	again []string
	gone  []string
}

func (r *registration) carryOut(ctx context.Context, tx *postgres.Tx) error {
	var count int
	if err := tx.Send(ctx,
		postgres.Row(&r.app, tx.Select((*App)(nil)).Where("?TableAlias.name = ?", r.in.App)),
		postgres.Value(&count, tx.Select((*App)(nil)).ColumnExpr("count(*)")),
	); err != nil {
		return err
	}
	change := r.appChange(tx)
	if r.app.CreatedAt.Equal(r.now) && count >= mostApps {
		return errs.Problems{{
			Code: tooMany, Field: errs.Path("input", "app"), Message: fmt.Sprintf("A company has at most %d apps.", mostApps),
		}}
	}
	// The change locks the company, so that from here on nobody else registers anything for it.
	ids := postgres.Texts(slices.Sorted(maps.Keys(r.documents)))
	err := tx.Send(ctx, postgres.Exec(nil, change),
		postgres.Rows(&r.known, tx.Select((*Document)(nil)).ColumnExpr("?TableAlias.app_id, ?TableAlias.document_id, ?TableAlias.hash").
			ColumnExpr("octet_length(?TableAlias.body) AS size").
			Where("(?TableAlias.app_id = ? OR ?TableAlias.document_id = ANY (?::text[]))", r.app.ID, ids)))
	if postgres.IsUnique(err) {
		return errs.Wrap(err, errs.Unavailable, "Somebody is making this app right now. Try again.")
	}
	if err != nil {
		return err
	}
	if err := r.compare(); err != nil {
		return err
	}
	return r.write(ctx, tx)
}

// appChange makes the app, or brings it up to date.
func (r *registration) appChange(tx *postgres.Tx) bun.Query {
	if r.app == nil {
		r.app = &App{ID: id.New[id.App](), Name: r.in.App, DocumentRule: Any, CreatedAt: r.now, RegisteredAt: r.now}
		if r.in.DocumentRule != nil {
			r.app.DocumentRule = *r.in.DocumentRule
		}
		return tx.Insert(r.app)
	}
	r.app.RegisteredAt = r.now
	if r.in.DocumentRule != nil {
		r.app.DocumentRule = *r.in.DocumentRule
	}
	return tx.Update(r.app).Column("registered_at", "document_rule").Where("?TableAlias.id = ?", r.app.ID)
}

// compare finds out what is new, what is known, and what is another document than the one that has its id.
func (r *registration) compare() error {
	var p errs.Problems
	own := map[string]bool{}
	count, bytes := 0, 0
	for _, known := range r.known {
		given := r.documents[known.DocumentID]
		switch {
		case given != nil && given.Hash != known.Hash:
			p.Add(form.Taken, errs.Path("input", "manifest", known.DocumentID),
				"%s: this id stands for another document already.", Title(given.Body, given.DocumentID))
		case known.AppID != r.app.ID:
		case given != nil:
			own[known.DocumentID] = true
			r.again = append(r.again, known.DocumentID)
		case r.in.Replace:
			r.gone = append(r.gone, known.DocumentID)
		default:
			count, bytes = count+1, bytes+known.Size
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.documents)) {
		document := r.documents[name]
		count, bytes = count+1, bytes+len(document.Body)
		if !own[name] {
			document.AppID, document.RegisteredAt = r.app.ID, r.now
			r.added = append(r.added, document)
		}
	}
	if count > mostDocuments || bytes > mostBytes {
		p.Add(tooMany, errs.Path("input", "manifest"),
			"An app has at most %d documents of %d MiB together: remove what no front end asks for any more.", mostDocuments, mostBytes>>20)
	}
	return p.Err()
}

func (r *registration) write(ctx context.Context, tx *postgres.Tx) error {
	var statements []postgres.Statement
	of := func(names []string) (string, any, any) {
		return "?TableAlias.app_id = ? AND ?TableAlias.document_id = ANY (?::text[])", r.app.ID, postgres.Texts(names)
	}
	if len(r.gone) > 0 {
		where, app, names := of(r.gone)
		statements = append(statements, postgres.Exec(nil, tx.Delete((*Document)(nil)).Where(where, app, names)))
	}
	if len(r.again) > 0 {
		where, app, names := of(r.again)
		statements = append(statements, postgres.Exec(nil,
			tx.Update((*Document)(nil)).Set("registered_at = ?", r.now).Where(where, app, names)))
	}
	if len(r.added) > 0 {
		statements = append(statements, tx.Add(&r.added))
	}
	if _, apps := RuleOf(tx.Scope()); !apps {
		statements = append(statements, decide(tx, new(false)))
	}
	tx.Scope().ConfigChanged()
	return tx.Finish(ctx, statements...)
}

// decide switches which documents the company answers; nil is for a company without apps.
func decide(tx *postgres.Tx, only *bool) postgres.Statement {
	return postgres.Exec(nil, tx.NewSelect().ColumnExpr("tillgraph.documents_switch(?::boolean)", only))
}

// Update says which documents are answered to requests that name an app.
//
// Errors: problem NOT_FOUND.
func (a *Apps) Update(ctx context.Context, app id.App, rule Rule) (*App, error) {
	var changed *App
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		tx.Scope().ConfigChanged()
		return tx.Finish(ctx,
			postgres.Exec(nil, tx.Update((*App)(nil)).Set("document_rule = ?", rule).Where("?TableAlias.id = ?", app)),
			postgres.Row(&changed, tx.Select((*App)(nil)).Where("?TableAlias.id = ?", app)))
	})
	if err == nil && changed == nil {
		err = noSuchApp()
	}
	return changed, err
}

func noSuchApp() error {
	return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such app."}}
}

// Remove removes an app with its documents.
//
// Errors: problems NOT_FOUND and NEEDED (the last one of a company that answers registered documents alone).
func (a *Apps) Remove(ctx context.Context, app id.App) (*id.App, error) {
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var removed int64
		var others int
		if err := tx.Send(ctx,
			postgres.Exec(&removed, tx.Delete((*App)(nil)).Where("?TableAlias.id = ?", app)),
			postgres.Value(&others, tx.Select((*App)(nil)).ColumnExpr("count(*)")),
		); err != nil {
			return err
		}
		rule, _ := RuleOf(tx.Scope())
		switch {
		case removed == 0:
			return noSuchApp()
		case others == 0 && rule == Registered:
			return errs.Problems{{
				Code: "NEEDED", Field: []string{"id"},
				Message: "This is the last app, and the company answers registered documents alone.",
			}}
		case others == 0:
			tx.Scope().ConfigChanged()
			return tx.Finish(ctx, decide(tx, nil))
		}
		tx.Scope().ConfigChanged()
		return tx.Finish(ctx)
	})
	if err != nil {
		return nil, err
	}
	return &app, nil
}

// Decide says which documents are answered on the company's behalf.
//
// Errors: problem NO_DOCUMENTS.
func (a *Apps) Decide(ctx context.Context, rule Rule) (*Rule, error) {
	err := a.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var documents int
		if err := tx.Send(ctx, postgres.Value(&documents,
			tx.Select((*Document)(nil)).ColumnExpr("count(*)").Where("true"))); err != nil {
			return err
		}
		switch {
		case rule == Registered && documents == 0:
			return errs.Problems{{
				Code: "NO_DOCUMENTS", Field: []string{"documentRule"},
				Message: "Register the documents of your apps first: nothing would be answered.",
			}}
		case documents == 0:
			return nil
		}
		tx.Scope().ConfigChanged()
		return tx.Finish(ctx, decide(tx, new(rule == Registered)))
	})
	if err != nil {
		return nil, err
	}
	return &rule, nil
}
