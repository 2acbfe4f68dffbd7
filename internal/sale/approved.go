package sale

import (
	"slices"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// mostApprovals is how many a sale names: one of each kind that tills ask for.
const mostApprovals = 2

func (in RecordInput) validateApprovals(p *errs.Problems) {
	if len(in.ApprovalIDs) > mostApprovals {
		p.Add(form.Invalid, []string{"approvalIds"}, "A sale names at most %d approvals.", mostApprovals)
		return
	}
	for i, named := range in.ApprovalIDs {
		if slices.Contains(in.ApprovalIDs[:i], named) {
			p.Add(form.Invalid, errs.Path("approvalIds", i), "This approval stands here twice.")
		}
	}
}

// approvals are those of an input that may not have been valid.
func (in RecordInput) approvals() []id.Approval {
	return in.ApprovalIDs[:min(len(in.ApprovalIDs), mostApprovals)]
}

func (in RecordInput) approvalTexts() (texts []string) {
	for _, a := range in.ApprovalIDs {
		texts = append(texts, a.String())
	}
	return texts
}

// cited are the approvals that a sale names, as far as they are good.
type cited struct {
	good map[approval.Kind]*approval.Approval
	path map[approval.Kind][]string
	// needed are those that the sale can't do without: it uses them up.
	needed []id.Approval
}

// cite looks at the approvals that a sale names. One of another till isn't there, whatever else is wrong with it.
func (d *draft) cite(p *errs.Problems, f *facts, in RecordInput) {
	d.cited = cited{good: map[approval.Kind]*approval.Approval{}, path: map[approval.Kind][]string{}}
	for i, named := range in.approvals() {
		if slices.Contains(in.ApprovalIDs[:i], named) {
			continue // said already
		}
		path := errs.Path("approvalIds", i)
		at := slices.IndexFunc(f.approvals, func(a *approval.Approval) bool { return a.ID == named })
		if at < 0 || f.approvals[at].RegisterID == nil || *f.approvals[at].RegisterID != d.sale.RegisterID {
			p.Add(approvalNotFound, path, "There is no such approval for this register.")
			continue
		}
		a := f.approvals[at].At(d.sale.RecordedAt)
		switch {
		case a.Status == approval.Approved && d.cited.good[a.Kind] != nil:
			p.Add(form.Invalid, path, "A sale names one approval of a kind.")
		case a.Status == approval.Approved:
			d.cited.good[a.Kind], d.cited.path[a.Kind] = a, path
		case a.Status == approval.Expired:
			p.Add(approvalExpired, path, "The approval was not used in time.")
		case a.Status == approval.Used:
			p.Add(approvalUsed, path, "The approval was used before.")
		default:
			p.Add(approvalNotGiven, path, "Nobody has approved this.")
		}
	}
}

// has says whether there is a good approval of a kind.
func (c *cited) has(kind approval.Kind) bool { return c.good[kind] != nil }

// use uses the approval of a kind for an amount.
func (c *cited) use(p *errs.Problems, kind approval.Kind, minor int64) {
	a := c.good[kind]
	if *a.AmountMinor < minor {
		*p = append(*p, errs.Problem{
			Code: approvalTooSmall, Field: c.path[kind], Message: "The approval is for no more than " + a.Amount().Amount().String() + ".",
		})
	}
	c.needed = append(c.needed, a.ID)
}

// useApprovals adds to the sale that it uses up what it needs. Of two sales that name one approval, one gets it.
func (d *draft) useApprovals() {
	needed := d.cited.needed
	if len(needed) == 0 {
		return
	}
	var used []*approval.Approval
	d.effects = append(d.effects, effect{
		first: func(tx *postgres.Tx) []postgres.Statement {
			return []postgres.Statement{approval.Use(tx.Handle, needed, d.sale.ID, d.sale.RecordedAt, &used)}
		},
		// It is looked at anew, and then says what became of it.
		stale: func() bool { return len(used) != len(needed) },
	})
}

// worthWithoutReceipt is what is given back for goods without a receipt.
func (d *draft) worthWithoutReceipt() (minor int64, some bool) {
	for _, line := range d.lines {
		if line.Kind == ReturnLine && line.OriginalLineID == nil {
			minor, some = minor-line.TotalMinor, true
		}
	}
	return minor, some
}
