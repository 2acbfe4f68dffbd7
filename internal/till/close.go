package till

import (
	"context"
	"errors"
	"slices"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Commit takes a count down that is to close a session. From then on it is told what was expected. A session can be
// counted again until it is closed; each count is kept, and an approval is of one count.
//
// Errors: problems with the codes of CountCommitUserErrorCode.
func (t *Tills) Commit(ctx context.Context, session id.TillSession, in CountInput) (*Session, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	key := form.Text(&p, in.IdempotencyKey, 1, mostKey, "idempotencyKey")
	note := form.OptionalText(&p, in.Note, mostNote, "note")
	needPerson(&p, scope)
	found, lines, err := t.countOf(ctx, &p, session, in.Tenders)
	if err != nil {
		return nil, err
	}
	request, err := hash("count", session, tenderWords(in.Tenders), note, scope.User)
	if err != nil {
		return nil, err
	}
	var s sums
	var settings *company.Settings
	c, err := t.do(ctx, found, ask{
		session: session, key: key, hash: request,
		more: func(c *change) []postgres.Statement {
			return append(s.statements(c.tx.Handle, []id.TillSession{session}), company.ReadSettings(c.tx.Handle, &settings))
		},
		rules: func(c *change, p *errs.Problems) ([]postgres.Statement, error) {
			if c.session.Status == Closed {
				p.Add(alreadyClosed, []string{"id"}, "The till session is closed.")
			}
			count := c.count(p, &s, ToClose, lines, note)
			c.session.Status, c.session.CountedAt, c.session.CountNumber = Counted, &c.now, &count.Number
			c.session.VarianceLimitMinor = settings.VarianceLimit()
			c.session.Approved, c.session.ApprovedAt, c.session.ApprovedByID, c.session.ApprovalReason = nil, nil, nil, nil
			update, err := c.update()
			return []postgres.Statement{c.tx.Add(count), update}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return c.session, nil
}

// countOf reads a count in the currency of its session.
func (t *Tills) countOf(
	ctx context.Context, p *errs.Problems, session id.TillSession, in []CountTenderInput,
) (*Session, []*CountedTender, error) {
	found, err := t.find(ctx, session)
	if err != nil {
		return nil, nil, err
	}
	if found == nil {
		p.Add(form.NotFound, []string{"id"}, "There is no such till session.")
		return nil, nil, p.Err()
	}
	lines := counted(p, in, found.CurrencyCode)
	return found, lines, p.Err()
}

// count makes the next count of a session, with what is expected at this moment.
func (c *change) count(p *errs.Problems, s *sums, kind CountKind, lines []*CountedTender, note string) *Count {
	count := &Count{
		SessionID: c.session.ID, Number: len(s.counts) + 1, Kind: kind, CurrencyCode: c.session.CurrencyCode,
		CountedByID: c.scope.User, CountedAt: c.now, Note: note,
	}
	count.RegisterOwned = c.session.RegisterOwned
	if count.Number > mostEntries {
		p.Add(tooMany, []string{"id"}, "This till was counted %d times.", mostEntries)
	}
	report := s.reports()[c.session.ID]
	for _, tender := range report.Tenders {
		if (&Count{}).of(tender.Method) == nil {
			continue
		}
		line := &CountedTender{Method: tender.Method}
		for _, given := range lines {
			if given.Method == tender.Method {
				*line = *given
			}
		}
		line.ExpectedMinor = tender.ExpectedMinor
		count.Lines = append(count.Lines, line)
	}
	for _, given := range lines {
		if !has(count.Lines, given.Method) {
			count.Lines = append(count.Lines, given)
		}
	}
	slices.SortFunc(count.Lines, func(a, b *CountedTender) int { return rank(a.Method) - rank(b.Method) })
	return count
}

func has(lines []*CountedTender, m Method) bool {
	for _, line := range lines {
		if line.Method == m {
			return true
		}
	}
	return false
}

// Approve says that a variance above the company's limit is all right. Who counted can't.
//
// Errors: problems with the codes of ApproveUserErrorCode.
func (t *Tills) Approve(ctx context.Context, session id.TillSession, in ApproveInput) (*Session, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	reason := form.Text(&p, in.Reason, 1, mostNote, "reason")
	needPerson(&p, scope)
	found, err := t.find(ctx, session)
	if err != nil {
		return nil, err
	}
	if found == nil {
		p.Add(form.NotFound, []string{"id"}, "There is no such till session.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	var s sums
	c, err := t.do(ctx, found, ask{
		session: session,
		more: func(c *change) []postgres.Statement {
			return s.statements(c.tx.Handle, []id.TillSession{session})
		},
		rules: func(c *change, p *errs.Problems) ([]postgres.Statement, error) {
			report := s.reports()[session]
			if c.approvable(p, &s, report); len(*p) > 0 || !c.session.NeedsApproval(report) {
				return nil, nil
			}
			c.session.Approved = report.variances(c.session.VarianceLimitMinor)
			c.session.ApprovedAt, c.session.ApprovedByID, c.session.ApprovalReason = &c.now, c.person(), &reason
			update, err := c.update()
			return []postgres.Statement{update}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return c.session, nil
}

// approvable finds why a session can't be approved. What is approved already can be again: nothing happens.
func (c *change) approvable(p *errs.Problems, s *sums, report *Report) {
	switch c.session.Status {
	case Open:
		p.Add(notCounted, []string{"id"}, "The till was not counted.")
		return
	case Closed:
		p.Add(alreadyClosed, []string{"id"}, "The till session is closed.")
		return
	case Counted:
	}
	if len(report.variances(c.session.VarianceLimitMinor)) == 0 {
		p.Add(notNeeded, []string{"id"}, "The count is not further off than the company allows.")
		return
	}
	for _, count := range s.counts {
		if count.CountedByID == c.scope.User {
			p.Add(samePerson, []string{"id"}, "Who counted this till can't approve of the count.")
			return
		}
	}
}

// Close closes a session that was counted, and makes its Z report. Closing it again gives the same report.
//
// Errors: problems with the codes of CloseUserErrorCode.
func (t *Tills) Close(ctx context.Context, session id.TillSession) (*Session, *ZReport, error) {
	found, err := t.find(ctx, session)
	if err != nil {
		return nil, nil, err
	}
	if found == nil {
		return nil, nil, noSession()
	}
	var s sums
	var z, last *ZReport
	c, err := t.do(ctx, found, ask{
		session: session,
		more: func(c *change) []postgres.Statement {
			return append(s.statements(c.tx.Handle, []id.TillSession{session}),
				postgres.Row(&z, c.tx.Select((*ZReport)(nil)).Where("?TableAlias.session_id = ?", session)),
				postgres.Row(&last, c.tx.Select((*ZReport)(nil)).Where("?TableAlias.register_id = ?", found.RegisterID).
					OrderExpr("?TableAlias.number DESC").Limit(1)))
		},
		rules: func(c *change, p *errs.Problems) ([]postgres.Statement, error) {
			report := s.reports()[session]
			switch {
			case c.session.Status == Closed && z == nil:
				return nil, errors.New("a closed till session has no Z report")
			case c.session.Status == Closed:
				return nil, nil
			case c.session.Status == Open:
				p.Add(notCounted, []string{"id"}, "Count the till first.")
				return nil, nil
			case c.session.NeedsApproval(report):
				p.Add(approvalRequired, []string{"id"},
					"The count is further off than the company allows: somebody else must approve.")
				return nil, nil
			}
			z = c.close(report, last)
			update, err := c.update()
			return []postgres.Statement{c.tx.Add(z), update}, err
		},
	})
	if err != nil {
		return nil, nil, err
	}
	return c.session, z, nil
}

// close makes the register's next Z report of the figures.
func (c *change) close(report *Report, last *ZReport) *ZReport {
	s := c.session
	if s.ClosedAt = &c.now; c.now.Before(s.OpenedAt) {
		s.ClosedAt = &s.OpenedAt
	}
	s.Status, s.ClosedByID = Closed, c.person()
	z := &ZReport{
		ID: id.New[id.ZReport](), Number: 1, SessionID: s.ID, BusinessDate: s.BusinessDate,
		OpenedAt: s.OpenedAt, ClosedAt: *s.ClosedAt, ClosedByID: s.ClosedByID, CountedByID: report.countedBy,
		ApprovedByID: s.ApprovedByID, ApprovalReason: s.ApprovalReason, Figures: report,
	}
	z.RegisterOwned = s.RegisterOwned
	if last != nil {
		z.Number = last.Number + 1
	}
	return z
}

// HandOver gives the drawer to another person who works in the store, with a count or without one. What such a count
// was expected to be is told when the session is counted to be closed.
//
// Errors: problems with the codes of HandOverUserErrorCode.
func (t *Tills) HandOver(ctx context.Context, session id.TillSession, in HandOverInput) (*Session, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	key := form.Text(&p, in.IdempotencyKey, 1, mostKey, "idempotencyKey")
	note := form.OptionalText(&p, in.Note, mostNote, "note")
	needPerson(&p, scope)
	found, err := t.find(ctx, session)
	if err != nil {
		return nil, err
	}
	var lines []*CountedTender
	if found == nil || in.Tenders != nil {
		if found, lines, err = t.countOf(ctx, &p, session, in.Tenders); err != nil {
			return nil, err
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	request, err := hash("hand over", session, in.ToUserID, tenderWords(in.Tenders), in.Tenders == nil, note, scope.User)
	if err != nil {
		return nil, err
	}
	var s sums
	var holders []*Holder
	var person *staff.User
	c, err := t.do(ctx, found, ask{
		session: session, key: key, hash: request,
		more: func(c *change) []postgres.Statement {
			return append(s.statements(c.tx.Handle, []id.TillSession{session}),
				postgres.Row(&person, staff.Working(c.tx.Handle, found.StoreID, in.ToUserID)),
				postgres.Rows(&holders, c.tx.Select((*Holder)(nil)).Where("?TableAlias.session_id = ?", session)))
		},
		rules: func(c *change, p *errs.Problems) ([]postgres.Statement, error) {
			return c.handOver(p, &s, handover{holders: holders, person: person, lines: lines, note: note, counts: in.Tenders != nil})
		},
	})
	if err != nil {
		return nil, err
	}
	return c.session, nil
}

type handover struct {
	holders []*Holder
	person  *staff.User
	counts  bool
	lines   []*CountedTender
	note    string
}

func (c *change) handOver(p *errs.Problems, s *sums, o handover) ([]postgres.Statement, error) {
	if c.session.Status != Open {
		p.Add(notOpen, []string{"id"}, "The till was counted or closed.")
	}
	if o.person == nil {
		p.Add(personNotFound, []string{"toUserId"}, "Nobody who works in the store has this id.")
	}
	if len(o.holders) >= mostEntries {
		p.Add(tooMany, []string{"id"}, "This till was handed over %d times.", mostEntries)
	}
	if len(*p) > 0 {
		return nil, nil
	}
	c.session.HolderID = &o.person.ID
	next := holder(c.session, len(o.holders)+1)
	next.Since, next.HandedOverByID = c.now, c.person()
	var statements []postgres.Statement
	if o.counts {
		count := c.count(p, s, ToHandOver, o.lines, o.note)
		next.CountNumber = &count.Number
		statements = append(statements, c.tx.Add(count))
	}
	update, err := c.update()
	return append(statements, c.tx.Add(next), update), err
}
