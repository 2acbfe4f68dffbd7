// Package closure lets a company go: its owner takes its data along, asks for it to be deleted, and can take that back
// until it is due.
package closure

import (
	"archive/zip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Config is what Closures need.
type Config struct {
	DB    *postgres.DB
	Staff *staff.Staff
	// Sealer keeps what a link to an export says.
	Sealer *auth.Sealer
	Now    func() time.Time
	// Grace is how long after it was asked for a company is deleted.
	Grace  time.Duration
	Logger *slog.Logger
}

// Closures let companies go.
type Closures struct{ Config }

// New makes Closures.
func New(c Config) *Closures { return &Closures{Config: c} }

const (
	alreadyAsked = "ALREADY_ASKED"
	notAsked     = "NOT_ASKED"
	linkTTL      = 15 * time.Minute
	// longestExport and longestPurge bound what a large company takes.
	longestExport = 30 * time.Minute
	longestPurge  = time.Hour
)

// owner gives the request's scope where it is an owner's own.
func owner(ctx context.Context) (*tenancy.Scope, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if scope.Role != tenancy.Owner {
		return nil, errs.New(errs.Forbidden, "Only an owner may do this.")
	}
	return scope, scope.PersonWithPassword()
}

// Ask has the company deleted after the grace period, and tells its owners.
//
// Errors: problems INVALID_PASSWORD and ALREADY_ASKED, FORBIDDEN, RATE_LIMITED.
func (c *Closures) Ask(ctx context.Context, password string) (*company.Company, error) {
	scope, err := owner(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Staff.Prove(ctx, password); err != nil {
		return nil, err
	}
	var owners []*staff.User
	own, err := c.change(ctx, func(tx *postgres.Tx, own *company.Company) ([]postgres.Statement, error) {
		if own.DeletionDueAt != nil {
			return nil, errs.Problems{{Code: alreadyAsked, Field: []string{}, Message: "This was asked for already."}}
		}
		now := c.Now()
		due := now.Add(c.Grace)
		own.DeletionAskedAt, own.DeletionDueAt, own.DeletionAskedByID = &now, &due, &scope.User
		return []postgres.Statement{postgres.Rows(&owners, staff.Owners(tx.Handle))}, nil
	})
	if err != nil {
		return nil, err
	}
	c.Staff.TellOfDeletion(ctx, owners, own.Name, *own.DeletionDueAt)
	return own, nil
}

// Cancel takes it back.
//
// Errors: the problem NOT_ASKED, FORBIDDEN.
func (c *Closures) Cancel(ctx context.Context) (*company.Company, error) {
	if _, err := owner(ctx); err != nil {
		return nil, err
	}
	return c.change(ctx, func(_ *postgres.Tx, own *company.Company) ([]postgres.Statement, error) {
		if own.DeletionDueAt == nil {
			return nil, errs.Problems{{Code: notAsked, Field: []string{}, Message: "Nobody asked for the company to be deleted."}}
		}
		own.DeletionAskedAt, own.DeletionDueAt, own.DeletionAskedByID = nil, nil, nil
		return nil, nil
	})
}

func (c *Closures) change(
	ctx context.Context, do func(*postgres.Tx, *company.Company) ([]postgres.Statement, error),
) (*company.Company, error) {
	var own *company.Company
	err := c.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		own = nil
		if err := tx.Send(ctx, postgres.Row(&own, tx.Select((*company.Company)(nil)).For("UPDATE"))); err != nil {
			return err
		}
		if own == nil {
			return errs.New(errs.NotFound, "There is no such company.")
		}
		more, err := do(tx, own)
		if err != nil {
			return err
		}
		own.Version++
		own.UpdatedAt = c.Now()
		return tx.Finish(ctx, append([]postgres.Statement{postgres.Exec(nil, tx.Update(own).
			Column("deletion_asked_at", "deletion_asked_by_id", "deletion_due_at", "version", "updated_at").
			Where("TRUE"))}, more...)...)
	})
	if err != nil {
		return nil, err
	}
	return own, nil
}

// claim is what a link to an export says; it is sealed.
type claim struct {
	Company, User uuid.UUID
	Until         time.Time
}

var linkOwner = []byte("export")

// Link makes a link to the company's data, for as long as it works the caller's alone.
//
// Errors: the problem INVALID_PASSWORD, FORBIDDEN, RATE_LIMITED.
func (c *Closures) Link(ctx context.Context, password string) (token string, until time.Time, err error) {
	scope, err := owner(ctx)
	if err != nil {
		return "", until, err
	}
	if err := c.Staff.Prove(ctx, password); err != nil {
		return "", until, err
	}
	until = c.Now().Add(linkTTL).Truncate(time.Second)
	text, err := json.Marshal(claim{scope.Company.UUID(), scope.User.UUID(), until})
	if err != nil {
		return "", until, fmt.Errorf("make a link: %w", err)
	}
	sealed, err := c.Sealer.Seal(text, linkOwner)
	if err != nil {
		return "", until, fmt.Errorf("make a link: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), until, nil
}

// ErrLink says that a link is none, or works no more.
var ErrLink = errors.New("this link works no more")

// Follow gives the scope of who made a link, as of now.
//
// Errors: ErrLink, also where the person is an owner no more.
func (c *Closures) Follow(ctx context.Context, token string) (context.Context, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrLink
	}
	text, _, err := c.Sealer.Open(sealed, linkOwner)
	if err != nil {
		return nil, ErrLink
	}
	var said claim
	if err := json.Unmarshal(text, &said); err != nil || !c.Now().Before(said.Until) {
		return nil, ErrLink
	}
	scope, err := c.DB.PersonScope(ctx, postgres.Person{Company: id.Company(said.Company), User: id.User(said.User)})
	if errors.Is(err, postgres.ErrNoAccess) || err == nil && scope.Role != tenancy.Owner {
		return nil, ErrLink
	}
	if err != nil {
		return nil, err
	}
	return tenancy.With(ctx, scope), nil
}

// Export writes a zip of the company's tables: a file of JSON lines each.
func (c *Closures) Export(ctx context.Context, to io.Writer) error {
	archive := zip.NewWriter(to)
	err := c.DB.Export(ctx, longestExport, func(table string) (io.Writer, error) {
		return archive.CreateHeader(&zip.FileHeader{Name: table + ".jsonl", Method: zip.Deflate, Modified: c.Now()})
	})
	if err != nil {
		return fmt.Errorf("export a company: %w", err)
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("end an archive: %w", err)
	}
	return nil
}

// Purge deletes the companies that are due. Several servers may do so at once.
func (c *Closures) Purge(ctx context.Context) error {
	due, err := c.DB.Due(ctx)
	if err != nil {
		return fmt.Errorf("look for companies that are due: %w", err)
	}
	var failures []error
	for _, one := range due {
		done, err := c.DB.Purge(ctx, one, longestPurge)
		switch {
		case err != nil:
			failures = append(failures, fmt.Errorf("delete company %s: %w", one, err))
		case done:
			c.Logger.WarnContext(ctx, "a company was deleted, as its owner asked", "company", one.String())
		}
	}
	return errors.Join(failures...)
}

// Keep purges every so often until ctx ends.
func (c *Closures) Keep(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := c.Purge(ctx); err != nil && ctx.Err() == nil {
			c.Logger.ErrorContext(ctx, "companies that are due were not deleted", "error", strings.TrimSpace(err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
