package signup

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// The codes of the user errors, and the user errors.
type (
	CompanySignUpUserErrorCode string
	CompanySignUpUserError     = errs.User[CompanySignUpUserErrorCode]
)

// CompanySignUpPayload is what companySignUp answers.
type CompanySignUpPayload struct {
	Slug       *string
	Tokens     *staff.TokenPair
	UserErrors []CompanySignUpUserError
}
