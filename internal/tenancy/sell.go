package tenancy

import "github.com/tillgraph/tillgraph/internal/errs"

// Suspended is the code of the problem that a company may not sell.
const Suspended = "COMPANY_SUSPENDED"

// MaySell finds that the company is suspended: it reads, and closes its tills, and sells nothing. The triggers
// company_sells have the same rule, for those who were suspended meanwhile.
func (s *Scope) MaySell(p *errs.Problems) {
	if s.Suspended {
		p.Add(Suspended, []string{}, "The company may not sell at the moment.")
	}
}

// ErrSuspended is what the database's own rule is told as.
func ErrSuspended() error {
	var p errs.Problems
	(&Scope{Suspended: true}).MaySell(&p)
	return p
}
