package graph

import (
	"context"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/till"
)

// tillLoaders are the look-ups of till sessions and what belongs to them.
type tillLoaders struct {
	tillSession    loader.Loader[id.TillSession, *till.Session]
	drawerMovement loader.Loader[id.DrawerMovement, *till.Movement]
	zReport        loader.Loader[id.ZReport, *till.ZReport]

	unclosedTill  loader.Loader[id.Register, *till.Session]
	zReportOfTill loader.Loader[id.TillSession, *till.ZReport]
	tillReport    loader.Loader[id.TillSession, *till.Report]
	tillHolders   loader.Loader[id.TillSession, []*till.Holder]
	tillCounts    loader.Loader[id.TillSession, []*till.Count]

	movementsOfTill  *loader.Pages[id.TillSession, till.Movement]
	salesOfTill      *loader.Pages[id.TillSession, sale.Sale]
	amendmentsOfTill *loader.Pages[id.TillSession, sale.Sale]
	latePayments     *loader.Pages[id.TillSession, ledger.Entry]
}

func (r *Resolver) newTillLoaders() tillLoaders {
	sessionOf := func(s *till.Session) id.TillSession { return s.ID }
	return tillLoaders{
		tillSession:    loader.ByKey(warmRows(r.tills.ByID, tillSessionRelations()), sessionOf),
		drawerMovement: loader.ByKey(warmRows(r.tills.MovementsByID, drawerRelations()), func(m *till.Movement) id.DrawerMovement { return m.ID }),
		zReport:        loader.ByKey(warmRows(r.tills.ZReportsByID, zReportRelations()), func(z *till.ZReport) id.ZReport { return z.ID }),

		unclosedTill:  loader.ByKey(warmRows(r.tills.UnclosedOf, tillSessionRelations()), func(s *till.Session) id.Register { return s.RegisterID }),
		zReportOfTill: loader.ByKey(warmRows(r.tills.ZReportsOf, zReportRelations()), func(z *till.ZReport) id.TillSession { return z.SessionID }),
		tillReport:    loader.Of(r.tills.Reports),
		tillHolders:   loader.Grouped(warmRows(r.tills.HoldersOf, holderRelations()), func(h *till.Holder) id.TillSession { return h.SessionID }),
		tillCounts:    loader.Grouped(warmRows(r.tills.CountsOf, countRelations()), func(c *till.Count) id.TillSession { return c.SessionID }),

		movementsOfTill:  warmed(r.tills.MovementsOf, drawerRelations()),
		salesOfTill:      warmed(r.sales.OfTillSessions(false), saleRelations()),
		amendmentsOfTill: warmed(r.sales.OfTillSessions(true), saleRelations()),
		latePayments:     warmed(r.customers.LatePayments, entryRelations()),
	}
}

func (l *loaders) tillSessions() loader.Loader[id.TillSession, *till.Session] { return l.tillSession }

func (l *loaders) tillReports() loader.Loader[id.TillSession, *till.Report] { return l.tillReport }

func tillSessionRelations() relations[till.Session] {
	key := func(s *till.Session) id.TillSession { return s.ID }
	return relations[till.Session]{"TillSession", map[string]ask[till.Session]{
		"store":      to((*loaders).stores, func(s *till.Session) id.Store { return s.StoreID }),
		"register":   to((*loaders).registers, func(s *till.Session) id.Register { return s.RegisterID }),
		"openedBy":   maybe((*loaders).users, func(s *till.Session) *id.User { return s.OpenedByID }),
		"holder":     maybe((*loaders).users, func(s *till.Session) *id.User { return s.HolderID }),
		"approvedBy": maybe((*loaders).users, func(s *till.Session) *id.User { return s.ApprovedByID }),
		"closedBy":   maybe((*loaders).users, func(s *till.Session) *id.User { return s.ClosedByID }),
		"holders":    to(func(l *loaders) loader.Loader[id.TillSession, []*till.Holder] { return l.tillHolders }, key),
		"counts":     to(func(l *loaders) loader.Loader[id.TillSession, []*till.Count] { return l.tillCounts }, key),
		"approvalRequired": maybe((*loaders).tillReports, func(s *till.Session) *id.TillSession {
			if s.Status != till.Counted {
				return nil
			}
			return &s.ID
		}),
		"xReport":                  to((*loaders).tillReports, key),
		"zReport":                  to(func(l *loaders) loader.Loader[id.TillSession, *till.ZReport] { return l.zReportOfTill }, key),
		"drawerMovements":          pages(func(l *loaders) *loader.Pages[id.TillSession, till.Movement] { return l.movementsOfTill }, key),
		"sales":                    pages(func(l *loaders) *loader.Pages[id.TillSession, sale.Sale] { return l.salesOfTill }, key),
		"accountPaymentAmendments": pages(func(l *loaders) *loader.Pages[id.TillSession, ledger.Entry] { return l.latePayments }, key),
		"amendments":               pages(func(l *loaders) *loader.Pages[id.TillSession, sale.Sale] { return l.amendmentsOfTill }, key),
	}}
}

func holderRelations() relations[till.Holder] {
	return relations[till.Holder]{"TillHolder", map[string]ask[till.Holder]{
		"person":       to((*loaders).users, func(h *till.Holder) id.User { return h.HolderID }),
		"handedOverBy": maybe((*loaders).users, func(h *till.Holder) *id.User { return h.HandedOverByID }),
	}}
}

func countRelations() relations[till.Count] {
	return relations[till.Count]{"TillCount", map[string]ask[till.Count]{
		"countedBy": to((*loaders).users, func(c *till.Count) id.User { return c.CountedByID }),
		"tenders":   to((*loaders).tillSessions, func(c *till.Count) id.TillSession { return c.SessionID }),
	}}
}

func drawerRelations() relations[till.Movement] {
	return relations[till.Movement]{"DrawerMovement", map[string]ask[till.Movement]{
		"tillSession": to((*loaders).tillSessions, func(m *till.Movement) id.TillSession { return m.SessionID }),
		"person":      to((*loaders).users, func(m *till.Movement) id.User { return m.PersonID }),
	}}
}

func zReportRelations() relations[till.ZReport] {
	return relations[till.ZReport]{"ZReport", map[string]ask[till.ZReport]{
		"store":       to((*loaders).stores, func(z *till.ZReport) id.Store { return z.StoreID }),
		"register":    to((*loaders).registers, func(z *till.ZReport) id.Register { return z.RegisterID }),
		"tillSession": to((*loaders).tillSessions, func(z *till.ZReport) id.TillSession { return z.SessionID }),
		"closedBy":    maybe((*loaders).users, func(z *till.ZReport) *id.User { return z.ClosedByID }),
		"countedBy":   to((*loaders).users, func(z *till.ZReport) id.User { return z.CountedByID }),
		"approvedBy":  maybe((*loaders).users, func(z *till.ZReport) *id.User { return z.ApprovedByID }),
	}}
}

// unclosedTillOf asks for the session of a register that isn't closed.
func unclosedTillOf() ask[company.Register] {
	return to(func(l *loaders) loader.Loader[id.Register, *till.Session] { return l.unclosedTill },
		func(r *company.Register) id.Register { return r.ID })
}

// person is somebody that a row names, or nobody.
func person(ctx context.Context, user *id.User) (*staff.User, error) {
	if user == nil {
		return nil, nil //nolint:nilnil // nobody
	}
	return load(ctx).user.Get(ctx, *user)
}
