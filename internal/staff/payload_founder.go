package staff

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors about verifying an address, and the user errors.
type (
	EmailVerifyUserErrorCode           string
	EmailVerificationSendUserErrorCode string

	EmailVerifyUserError           = errs.User[EmailVerifyUserErrorCode]
	EmailVerificationSendUserError = errs.User[EmailVerificationSendUserErrorCode]
)

// EmailVerifyPayload is what emailVerify answers.
type EmailVerifyPayload struct {
	Verified   bool
	UserErrors []EmailVerifyUserError
}

// EmailVerificationSendPayload is what emailVerificationSend answers.
type EmailVerificationSendPayload struct {
	Sent       bool
	UserErrors []EmailVerificationSendUserError
}
