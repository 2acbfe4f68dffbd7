package closure

import (
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
)

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	CompanyDeleteUserErrorCode         string
	CompanyDeletionCancelUserErrorCode string
	CompanyExportUserErrorCode         string

	CompanyDeleteUserError         = errs.User[CompanyDeleteUserErrorCode]
	CompanyDeletionCancelUserError = errs.User[CompanyDeletionCancelUserErrorCode]
	CompanyExportUserError         = errs.User[CompanyExportUserErrorCode]
)

// CompanyDeletePayload is what companyDelete answers.
type CompanyDeletePayload struct {
	Company    *company.Company
	UserErrors []CompanyDeleteUserError
}

// CompanyDeletionCancelPayload is what companyDeletionCancel answers.
type CompanyDeletionCancelPayload struct {
	Company    *company.Company
	UserErrors []CompanyDeletionCancelUserError
}

// CompanyExportPayload is what companyExport answers.
type CompanyExportPayload struct {
	Path       *string
	ExpiresAt  *time.Time
	UserErrors []CompanyExportUserError
}
