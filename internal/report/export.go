package report

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// FilesConfig is what Files need.
type FilesConfig struct {
	DB *postgres.DB
	// Sealer keeps what a link says.
	Sealer *auth.Sealer
	// Mail sends what is sent by itself.
	Mail   mail.Sender
	Now    func() time.Time
	Logger *slog.Logger
}

// Files are reports as files: made when they are fetched, or in the background page by page.
type Files struct {
	FilesConfig

	reports *Reports
}

// NewFiles makes Files.
func NewFiles(c FilesConfig) *Files { return &Files{FilesConfig: c, reports: New(c.DB)} }

// ExportStatus says what became of an export.
type ExportStatus string

// The statuses.
const (
	ExportWaiting   ExportStatus = "WAITING"
	ExportReady     ExportStatus = "READY"
	ExportFailed    ExportStatus = "FAILED"
	ExportCancelled ExportStatus = "CANCELLED"
)

const (
	// exportTTL is how long a file can be fetched, with however many links.
	exportTTL = 24 * time.Hour
	// mostExports is how many a person has at once.
	mostExports = 20
	// exportTries is how often a page is tried that fails, exportRetry how long after, times the failures.
	exportTries = 5
	exportRetry = 30 * time.Second
	// lease is how long a server has for a page before another one takes it over.
	lease = 2 * time.Minute
)

const (
	tooManyExports = "TOO_MANY_EXPORTS"
	exportNotFound = "NOT_FOUND"
	exportDone     = "ALREADY_DONE"
)

// Export is a report as a file.
type Export struct {
	bun.BaseModel `bun:"table:report_exports,alias:export"`
	postgres.TenantOwned

	ID         id.ReportExport `bun:"id,pk"`
	AskedByID  id.User         `bun:"asked_by_id"`
	Role       tenancy.Role    `bun:"role"`
	Subject    *Subject        `bun:"input,type:jsonb"`
	Costs      bool            `bun:"costs"`
	Format     Format          `bun:"format"`
	Status     ExportStatus    `bun:"status"`
	Background bool            `bun:"background"`
	PageCount  int             `bun:"page_count"`
	PagesDone  int             `bun:"pages_done"`
	Rows       int             `bun:"row_count"`
	// Problem says why it failed, "" unless it did.
	Problem     string     `bun:"problem"`
	RequestedAt time.Time  `bun:"requested_at"`
	FinishedAt  *time.Time `bun:"finished_at"`
	ExpiresAt   time.Time  `bun:"expires_at"`
	DueAt       time.Time  `bun:"due_at"`
	Claim       int64      `bun:"claim"`
	Failures    int        `bun:"failures"`
}

// exportPage is a part of a file.
type exportPage struct {
	bun.BaseModel `bun:"table:report_export_pages,alias:export_page"`
	postgres.TenantOwned

	ExportID id.ReportExport `bun:"export_id"`
	Number   int             `bun:"number"`
	Content  []byte          `bun:"content"`
}

// Kind says which report it is of.
func (e *Export) Kind() ExportKind { return e.Subject.of.kind() }

// Progress is how much is done, in percent.
func (e *Export) Progress() int {
	if e.Status == ExportReady {
		return 100
	}
	return 100 * e.PagesDone / e.PageCount
}

// RowCount is how many rows are made; nil of what is made when it is fetched.
func (e *Export) RowCount() *int {
	if !e.Background {
		return nil
	}
	return &e.Rows
}

// Failure says why it failed, nil unless it did.
func (e *Export) Failure() *string {
	if e.Problem == "" {
		return nil
	}
	return &e.Problem
}

// The inputs ask for a report as a file, one type a report.
type (
	ExportInput struct {
		Report     *Input
		Format     Format
		Background bool
	}
	StockExportInput struct {
		Report     *StockInput
		Format     Format
		Background bool
	}
	VarianceExportInput struct {
		Report     *VarianceInput
		Format     Format
		Background bool
	}
	ZReportsExportInput struct {
		Report     *ZReportsInput
		Format     Format
		Background bool
	}
)

// Asking is one of these.
type Asking interface {
	asks() (of exportable, format Format, background bool)
}

func (in ExportInput) asks() (exportable, Format, bool) { return in.Report, in.Format, in.Background }

func (in StockExportInput) asks() (exportable, Format, bool) {
	return in.Report, in.Format, in.Background
}

func (in VarianceExportInput) asks() (exportable, Format, bool) {
	return in.Report, in.Format, in.Background
}

func (in ZReportsExportInput) asks() (exportable, Format, bool) {
	return in.Report, in.Format, in.Background
}

// person is the request's scope where a person asks, who has a report's stores as a whole.
func person(h *postgres.Handle) (*tenancy.Scope, error) {
	scope := h.Scope()
	if err := scope.Whole(); err != nil {
		return nil, err
	}
	if scope.User.IsZero() {
		return nil, errs.New(errs.Forbidden, "Only a person may do this.")
	}
	return scope, nil
}

// Ask has a report made as a file. Its stores and whether it shows costs are settled now.
//
// Errors: the problems of a report, below "report"; tooManyExports; FORBIDDEN.
func (f *Files) Ask(ctx context.Context, in Asking) (*Export, error) {
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := person(h)
	if err != nil {
		return nil, err
	}
	of, format, background := in.asks()
	of, costs, err := of.settled(ctx, h)
	if err != nil {
		return nil, within(err, "report")
	}
	now := f.Now()
	e := &Export{
		ID: id.New[id.ReportExport](), AskedByID: scope.User, Role: scope.Role, Subject: &Subject{of}, Costs: costs,
		Format: format, Status: ExportReady, Background: background, PageCount: len(of.cut()),
		RequestedAt: now, ExpiresAt: now.Add(exportTTL), FinishedAt: &now, DueAt: now.Add(exportTTL),
	}
	if background {
		e.Status, e.FinishedAt, e.DueAt = ExportWaiting, nil, now
	}
	err = f.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var n int
		if err := tx.Send(ctx, postgres.Value(&n, f.exports(tx.Handle, scope).ColumnExpr("count(*)"))); err != nil {
			return err
		}
		if n >= mostExports {
			return errs.Problems{{
				Code: tooManyExports, Field: []string{},
				Message: fmt.Sprintf("You have %d files already: wait until they expire, or take one back.", n),
			}}
		}
		return tx.Finish(ctx, tx.Add(e))
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// within moves the problems of a report to where it stands in an input.
func within(err error, field string) error {
	problems, ok := errors.AsType[errs.Problems](err)
	if !ok {
		return err
	}
	moved := make(errs.Problems, len(problems))
	for i, p := range problems {
		p.Field = append([]string{field}, p.Field...)
		moved[i] = p
	}
	return moved
}

// exports are those of the person who asks that haven't expired.
func (f *Files) exports(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
	return h.Select((*Export)(nil)).Where("export.asked_by_id = ?", scope.User).Where("export.expires_at > ?", f.Now())
}

// List gives the caller's exports, the latest first.
//
// Errors: FORBIDDEN.
func (f *Files) List(ctx context.Context) ([]*Export, error) {
	return own[Export](ctx, f, func(h *postgres.Handle, scope *tenancy.Scope) *bun.SelectQuery {
		return f.exports(h, scope).OrderExpr("export.requested_at DESC, export.id DESC").Limit(mostExports)
	})
}

// Cancel takes an export back: what is made of it is made no further, and none of its links work.
//
// Errors: the problem exportNotFound, also for another person's; exportDone for what failed or was cancelled.
func (f *Files) Cancel(ctx context.Context, key id.ReportExport) (*Export, error) {
	var e *Export
	err := f.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		scope, err := person(tx.Handle)
		if err != nil {
			return err
		}
		e = nil
		if err := tx.Send(ctx, postgres.Row(&e, f.exports(tx.Handle, scope).Where("export.id = ?", key).For("UPDATE"))); err != nil {
			return err
		}
		if e == nil {
			return errs.Problems{{Code: exportNotFound, Field: []string{"id"}, Message: "There is no such export."}}
		}
		if e.Status == ExportFailed || e.Status == ExportCancelled {
			return errs.Problems{{Code: exportDone, Field: []string{"id"}, Message: "This is over."}}
		}
		f.end(e, ExportCancelled, "")
		return tx.Finish(ctx, postgres.Exec(nil, f.update(tx.Handle, e)))
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// end settles what became of an export. What failed or was taken back stands in the list for as long as a file would.
func (f *Files) end(e *Export, status ExportStatus, problem string) {
	now := f.Now()
	e.Status, e.Problem, e.FinishedAt, e.DueAt = status, problem, &now, e.ExpiresAt
	e.Claim++ // who is making a page finds out
}

func (*Files) update(h *postgres.Handle, e *Export) *bun.UpdateQuery {
	return h.Update(e).Column("status", "pages_done", "row_count", "problem", "finished_at", "due_at", "claim", "failures").
		Where("?TableAlias.id = ?", e.ID)
}

// may says whether somebody may still have what was asked for: with the same role, in all of its stores, and with costs
// where they stand in it.
func (e *Export) may(scope *tenancy.Scope) bool {
	stores := e.Subject.of.span().stores
	return scope.User == e.AskedByID && scope.Role == e.Role && permitted(scope, stores, e.Subject.of.needs()) &&
		(!e.Costs || scope.CanAtAll(tenancy.CostRead, stores))
}

// page makes a page's cells.
func (f *Files) page(ctx context.Context, e *Export, of exportable) ([][]string, error) {
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	if len(of.span().stores) == 0 {
		return nil, nil // of no store there is nothing, and no list of stores is all of them
	}
	return of.cells(ctx, f, h, e.Costs)
}

// squeeze and unsqueeze keep a page small in the database.
func squeeze(cells [][]string) ([]byte, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	if err := json.NewEncoder(zip).Encode(cells); err != nil {
		return nil, fmt.Errorf("keep a page: %w", err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("keep a page: %w", err)
	}
	return out.Bytes(), nil
}

func unsqueeze(content []byte) (cells [][]string, err error) {
	zip, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}
	if err := json.NewDecoder(zip).Decode(&cells); err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}
	return cells, nil
}

// each hands the pages of an export over, one after the other.
func (f *Files) each(ctx context.Context, e *Export, do func(cells [][]string) error) error {
	h, err := f.DB.Bind(ctx)
	if err != nil {
		return err
	}
	rows := 0
	for i, of := range e.Subject.of.cut() {
		var cells [][]string
		if e.Background {
			var page *exportPage
			err = h.Read(ctx, postgres.Row(&page, h.Select((*exportPage)(nil)).Where("export_page.export_id = ?", e.ID).
				Where("export_page.number = ?", i+1)))
			if err == nil && page == nil {
				err = fmt.Errorf("page %d of export %s is missing", i+1, e.ID)
			}
			if err == nil {
				cells, err = unsqueeze(page.Content)
			}
		} else {
			cells, err = f.page(ctx, e, of)
		}
		if err != nil {
			return err
		}
		if rows += len(cells); rows > mostFileRows {
			return errTooLarge
		}
		if err := do(cells); err != nil {
			return err
		}
	}
	return nil
}

var errTooLarge = errs.Problems{{
	Code: tooManyRows, Field: []string{},
	Message: fmt.Sprintf("A file has at most %d rows: take a shorter period, fewer stores or a coarser group.", mostFileRows),
}}

// Write writes a file; begin is called before its first byte, once the first rows are there.
//
// Errors: those of a report that can't be made.
func (f *Files) Write(ctx context.Context, e *Export, to io.Writer, begin func()) error {
	var s sheet
	defer func() {
		if s != nil {
			s.discard()
		}
	}()
	err := f.each(ctx, e, func(cells [][]string) (err error) {
		if s == nil {
			begin()
			if s, err = newSheet(e.Format, to, e.Subject.of.heads(e.Costs)); err != nil {
				return err
			}
		}
		for _, row := range cells {
			if err := s.row(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.close()
}
