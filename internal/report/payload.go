package report

import "github.com/tillgraph/tillgraph/internal/errs"

// Code says why there is no report.
type Code string

// UserError says why there is no report.
type UserError = errs.User[Code]

// Payload is a report, or why there is none.
type Payload struct {
	Report     *Report
	UserErrors []UserError
}
