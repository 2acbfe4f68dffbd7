package customer

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Customers answers for the customers of the request's company.
type Customers struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes Customers.
func New(db *postgres.DB, now func() time.Time) *Customers { return &Customers{db: db, now: now} }

func (c *Customers) instant() time.Time { return c.now().UTC().Truncate(time.Microsecond) }

// ByID gives those of the customers that are the company's, doubles as such.
func (c *Customers) ByID(ctx context.Context, ids []id.Customer) ([]*Customer, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Customer](ctx, h, "id", ids)
}

// Current gives the customers that ids stand for: those with these ids, and for a double the one it was merged into.
func (c *Customers) Current(ctx context.Context, ids []id.Customer) (map[id.Customer]*Customer, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	into := h.Select((*Customer)(nil)).Column("merged_into_id").
		Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids))
	var named, survivors []*Customer
	if err := h.Read(ctx,
		postgres.Rows(&named, h.Select((*Customer)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids))),
		postgres.Rows(&survivors, h.Select((*Customer)(nil)).Where("customer.id IN (?)", into)),
	); err != nil {
		return nil, err
	}
	byID := make(map[id.Customer]*Customer, len(survivors))
	for _, row := range survivors {
		byID[row.ID] = row
	}
	current := make(map[id.Customer]*Customer, len(named))
	for _, row := range named {
		if row.MergedIntoID == nil {
			current[row.ID] = row
		} else if survivor := byID[*row.MergedIntoID]; survivor != nil {
			current[row.ID] = survivor
		}
	}
	return current, nil
}

// Filter says which customers to list.
type Filter struct {
	Search            *string
	ExternalReference *string
	CustomerGroupID   *id.CustomerGroup
}

const (
	longestSearch = 200
	mostWords     = 8
	mostNotes     = 5000
)

func (f *Filter) limit(h *postgres.Handle, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	q.Where("?TableAlias.merged_into_id IS NULL").Where("?TableAlias.erased_at IS NULL")
	if f == nil {
		return q, nil
	}
	if f.ExternalReference != nil {
		q.Where("?TableAlias.external_reference = ?", *f.ExternalReference)
	}
	if f.CustomerGroupID != nil {
		q.Where("?TableAlias.customer_group_id = ?", *f.CustomerGroupID)
	}
	if f.Search == nil {
		return q, nil
	}
	if utf8.RuneCountInString(*f.Search) > longestSearch || !utf8.ValidString(*f.Search) {
		return nil, errs.New(errs.BadUserInput, "A search has at most %d characters.", longestSearch)
	}
	typed := searchWords(*f.Search)
	if len(typed) == 0 && *f.Search != "" {
		return q.Where("false"), nil
	}
	for _, word := range typed[:min(len(typed), mostWords)] {
		// A range of words, because a comparison is leakproof and so may use the index under row-level security.
		q.Where("customer.id IN (?)", h.Select((*Word)(nil)).Column("customer_id").
			Where("?TableAlias.word >= ? AND ?TableAlias.word < ?", word, word+"\U0010FFFF"))
	}
	return q, nil
}

// List lists the company's customers, without doubles and those erased.
func (c *Customers) List(ctx context.Context, f *Filter, sort Sort, a page.Args) (*CustomerConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := f.limit(h, h.Select((*Customer)(nil))); err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q, _ := f.limit(h, h.Select((*Customer)(nil))) // checked above
		return q
	}
	return page.List(ctx, h, base, sort.order(), a)
}

// Entries lists the entries in the ledgers of each of several customers and their doubles, the newest first.
func (c *Customers) Entries(
	ctx context.Context, customers []id.Customer, a page.Args,
) (map[id.Customer]*ledger.EntryConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[ledger.Entry, id.Customer]{
		Through: Own(h, "customer_id"), Of: func(e *ledger.Entry) id.Customer { return e.Owner },
	}
	return page.PerParent(ctx, h, customers, parents,
		func() *bun.SelectQuery { return h.Select((*ledger.Entry)(nil)) }, ledger.NewestFirst(), a)
}

// LatePayments lists what was paid towards accounts in each of several till sessions but came when they were closed,
// the newest first.
func (c *Customers) LatePayments(
	ctx context.Context, sessions []id.TillSession, a page.Args,
) (map[id.TillSession]*ledger.EntryConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[ledger.Entry, id.TillSession]{
		Through: func(q *bun.SelectQuery) *bun.SelectQuery {
			late := h.Select((*AccountPayment)(nil)).Column("entry_id").
				Where("?TableAlias.till_session_id = parent.id").Where("?TableAlias.till_amendment")
			return q.Where("entry.id IN (?)", late)
		},
		Of: func(e *ledger.Entry) id.TillSession { return id.TillSession(e.Owner) },
	}
	return page.PerParent(ctx, h, sessions, parents,
		func() *bun.SelectQuery { return h.Select((*ledger.Entry)(nil)) }, ledger.NewestFirst(), a)
}

// CreateInput is a new customer.
type CreateInput struct {
	Name              *string
	Phone             *string
	Email             *string
	TaxNumber         *string
	Notes             *string
	ExternalReference *string
	CustomerGroupID   *id.CustomerGroup
}

// Create adds a customer.
//
// Errors: problems INVALID, NAME_REQUIRED, TAKEN and CUSTOMER_GROUP_NOT_FOUND.
func (c *Customers) Create(ctx context.Context, in CreateInput) (*Customer, error) {
	var problems errs.Problems
	now := c.instant()
	made := &Customer{
		ID: id.New[id.Customer](), Version: 1, CreatedAt: now, UpdatedAt: now,
		Name:              form.OptionalText(&problems, in.Name, 200, "name"),
		TaxNumber:         form.OptionalText(&problems, in.TaxNumber, 50, "taxNumber"),
		Notes:             form.OptionalText(&problems, in.Notes, mostNotes, "notes"),
		ExternalReference: form.Reference(&problems, in.ExternalReference, "externalReference"),
		CustomerGroupID:   in.CustomerGroupID,
	}
	made.Phone, made.Email = phone(&problems, in.Phone), email(&problems, in.Email)
	made.named(&problems)
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		problems := append(errs.Problems{}, problems...)
		var own *company.Company
		var other *Customer
		var group *Group
		if err := tx.Send(ctx, postgres.Row(&own, tx.Select((*company.Company)(nil))),
			made.sameReference(tx.Handle, &other), made.sameGroup(tx.Handle, &group)); err != nil {
			return err
		}
		if own == nil {
			return errs.New(errs.NotFound, "There is no such company.")
		}
		made.CurrencyCode = own.CurrencyCode
		if other != nil {
			problems = append(problems, referenceTaken())
		}
		made.grouped(&problems, group)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, append(
			[]postgres.Statement{tx.Add(made)}, indexing(tx, made)...)...)
	})
	if postgres.IsUnique(err) {
		err = errs.Problems{referenceTaken()}
	}
	if err != nil {
		return nil, err
	}
	return made, nil
}

const (
	nameRequired = "NAME_REQUIRED"
	merged       = "MERGED"
	erased       = "ERASED"
)

// named checks that there is something to know a customer by.
func (c *Customer) named(p *errs.Problems) {
	if c.Name == "" && c.Phone == "" && c.Email == "" {
		p.Add(nameRequired, []string{"name"}, "A customer needs a name, a phone number or an e-mail address.")
	}
}

func referenceTaken() errs.Problem {
	return errs.Problem{
		Code: form.Taken, Field: []string{"externalReference"}, Message: "Another customer has this reference already.",
	}
}

// sameReference builds the statement that finds another customer with the same reference.
func (c *Customer) sameReference(h *postgres.Handle, other **Customer) postgres.Statement {
	reference := ""
	if c.ExternalReference != nil {
		reference = *c.ExternalReference
	}
	return postgres.Row(other, h.Select((*Customer)(nil)).
		Where("?TableAlias.external_reference = ?", reference).Where("?TableAlias.id <> ?", c.ID))
}

func phone(p *errs.Problems, value *string) string {
	text := form.OptionalText(p, value, 50, "phone")
	const fewest = 3
	if text != "" && (!isPhone(text) || len(digits(text)) < fewest) {
		p.Add(form.Invalid, []string{"phone"}, "A phone number has digits, spaces and the signs + - ( ) . / only.")
	}
	return text
}

func email(p *errs.Problems, value *string) string {
	text := form.OptionalText(p, value, 254, "email")
	before, after, ok := strings.Cut(text, "@")
	if text != "" && (!ok || before == "" || after == "" || strings.ContainsAny(text, " \t\n") || strings.Contains(after, "@")) {
		p.Add(form.Invalid, []string{"email"}, "This is no e-mail address.")
	}
	return text
}

// indexing writes the words that a customer is found by, those of doubles among them.
func indexing(tx *postgres.Tx, c *Customer, doubles ...*Customer) []postgres.Statement {
	var rows []*Word
	seen := map[string]bool{}
	for _, of := range append(doubles, c) {
		for _, word := range Words(of) {
			if !seen[word] {
				seen[word] = true
				rows = append(rows, &Word{Word: word, CustomerID: c.ID})
			}
		}
	}
	statements := []postgres.Statement{
		postgres.Exec(nil, tx.Delete((*Word)(nil)).Where("?TableAlias.customer_id = ?", c.ID)),
	}
	if len(rows) > 0 {
		statements = append(statements, tx.Add(&rows))
	}
	return statements
}

// UpdateInput is what to change of a customer; what is not set stays.
type UpdateInput struct {
	Version           int
	Name              graphql.Omittable[*string]
	Phone             graphql.Omittable[*string]
	Email             graphql.Omittable[*string]
	TaxNumber         graphql.Omittable[*string]
	Notes             graphql.Omittable[*string]
	ExternalReference graphql.Omittable[*string]
	CustomerGroupID   graphql.Omittable[*id.CustomerGroup]
}

func (in UpdateInput) apply(p *errs.Problems, c *Customer) {
	if v, ok := in.Name.ValueOK(); ok {
		c.Name = form.OptionalText(p, v, 200, "name")
	}
	if v, ok := in.Phone.ValueOK(); ok {
		c.Phone = phone(p, v)
	}
	if v, ok := in.Email.ValueOK(); ok {
		c.Email = email(p, v)
	}
	if v, ok := in.TaxNumber.ValueOK(); ok {
		c.TaxNumber = form.OptionalText(p, v, 50, "taxNumber")
	}
	if v, ok := in.Notes.ValueOK(); ok {
		c.Notes = form.OptionalText(p, v, mostNotes, "notes")
	}
	if v, ok := in.ExternalReference.ValueOK(); ok {
		c.ExternalReference = form.Reference(p, v, "externalReference")
	}
	if v, ok := in.CustomerGroupID.ValueOK(); ok {
		c.CustomerGroupID = v
	}
	c.named(p)
}

func notFound(field string) errs.Problem {
	return errs.Problem{Code: form.NotFound, Field: []string{field}, Message: "There is no such customer."}
}

func conflict() errs.Problems {
	return errs.Problems{{
		Code: form.Conflict, Field: []string{"version"}, Message: "Somebody else changed the customer in the meantime.",
	}}
}

// editable checks that a locked customer may be changed.
func (c *Customer) editable(version int) error {
	switch {
	case c == nil:
		return errs.Problems{notFound("id")}
	case c.MergedIntoID != nil:
		return errs.Problems{{
			Code: merged, Field: []string{"id"}, Message: "This customer was merged into another one: change that one.",
		}}
	case c.ErasedAt != nil:
		return errs.Problems{{Code: erased, Field: []string{"id"}, Message: "This customer was erased."}}
	case c.Version != version:
		return conflict()
	}
	return nil
}

// Update changes what is known of a customer. With a CONFLICT problem it gives the customer as it is.
//
// Errors: problems INVALID, NAME_REQUIRED, TAKEN, CUSTOMER_GROUP_NOT_FOUND, NOT_FOUND, MERGED, ERASED and CONFLICT.
func (c *Customers) Update(ctx context.Context, customer id.Customer, in UpdateInput) (*Customer, error) {
	var changed *Customer
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var doubles []*Customer
		if err := tx.Send(ctx, lock(tx, customer, &changed), doublesOf(tx, customer, &doubles)); err != nil {
			return err
		}
		if err := changed.editable(in.Version); err != nil {
			return err
		}
		var problems errs.Problems
		in.apply(&problems, changed)
		var other *Customer
		var group *Group
		if err := tx.Send(ctx, changed.sameReference(tx.Handle, &other), changed.sameGroup(tx.Handle, &group)); err != nil {
			return err
		}
		if other != nil {
			problems = append(problems, referenceTaken())
		}
		changed.grouped(&problems, group)
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, append([]postgres.Statement{c.write(tx, changed)}, indexing(tx, changed, doubles...)...)...)
	})
	return conflicting(changed, err)
}

// write builds the statement that writes a locked customer.
func (c *Customers) write(tx *postgres.Tx, changed *Customer) postgres.Statement {
	changed.Version++
	changed.UpdatedAt = c.instant()
	return postgres.Exec(nil, tx.Update(changed).Where("?TableAlias.id = ?", changed.ID))
}

// conflicting gives the customer with a CONFLICT, and otherwise only where all went well.
func conflicting(c *Customer, err error) (*Customer, error) {
	var problems errs.Problems
	switch {
	case err == nil, errors.As(err, &problems) && problems[0].Code == form.Conflict:
		return c, err
	case postgres.IsUnique(err):
		return nil, errs.Problems{referenceTaken()}
	}
	return nil, err
}

func lock(tx *postgres.Tx, customer id.Customer, c **Customer) postgres.Statement {
	return postgres.Row(c, tx.Select((*Customer)(nil)).Where("?TableAlias.id = ?", customer).For("UPDATE"))
}

func doublesOf(tx *postgres.Tx, customer id.Customer, doubles *[]*Customer) postgres.Statement {
	return postgres.Rows(doubles, tx.Select((*Customer)(nil)).Where("?TableAlias.merged_into_id = ?", customer))
}
