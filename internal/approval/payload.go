package approval

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	RequestUserErrorCode string
	ApproveUserErrorCode string
	RefuseUserErrorCode  string

	RequestUserError = errs.User[RequestUserErrorCode]
	ApproveUserError = errs.User[ApproveUserErrorCode]
	RefuseUserError  = errs.User[RefuseUserErrorCode]
)

// RequestPayload is what approvalRequest answers.
type RequestPayload struct {
	Approval   *Approval
	UserErrors []RequestUserError
}

// ApprovePayload is what approvalApprove answers.
type ApprovePayload struct {
	Approval   *Approval
	UserErrors []ApproveUserError
}

// RefusePayload is what approvalRefuse answers.
type RefusePayload struct {
	Approval   *Approval
	UserErrors []RefuseUserError
}
