package company

import (
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	RegisterKeyRevokeUserErrorCode    string
	DevicePairingBeginUserErrorCode   string
	DevicePairingApproveUserErrorCode string
	DevicePairingFinishUserErrorCode  string

	RegisterKeyRevokeUserError    = errs.User[RegisterKeyRevokeUserErrorCode]
	DevicePairingBeginUserError   = errs.User[DevicePairingBeginUserErrorCode]
	DevicePairingApproveUserError = errs.User[DevicePairingApproveUserErrorCode]
	DevicePairingFinishUserError  = errs.User[DevicePairingFinishUserErrorCode]
)

// RegisterKeyRevokePayload is what registerKeyRevoke answers.
type RegisterKeyRevokePayload struct {
	Register   *Register
	UserErrors []RegisterKeyRevokeUserError
}

// DevicePairingBeginPayload is what devicePairingBegin answers.
type DevicePairingBeginPayload struct {
	Code       *string
	PollToken  *string
	ExpiresAt  *time.Time
	UserErrors []DevicePairingBeginUserError
}

// DevicePairingApprovePayload is what devicePairingApprove answers.
type DevicePairingApprovePayload struct {
	Register   *Register
	UserErrors []DevicePairingApproveUserError
}

// DevicePairingFinishPayload is what devicePairingFinish answers.
type DevicePairingFinishPayload struct {
	DeviceKey  *string
	UserErrors []DevicePairingFinishUserError
}
