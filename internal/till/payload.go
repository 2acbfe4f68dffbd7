package till

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the mutations' user errors.
type (
	OpenUserErrorCode        string
	MoveUserErrorCode        string
	CountCommitUserErrorCode string
	ApproveUserErrorCode     string
	CloseUserErrorCode       string
	HandOverUserErrorCode    string
)

// The mutations' user errors.
type (
	OpenUserError        = errs.User[OpenUserErrorCode]
	MoveUserError        = errs.User[MoveUserErrorCode]
	CountCommitUserError = errs.User[CountCommitUserErrorCode]
	ApproveUserError     = errs.User[ApproveUserErrorCode]
	CloseUserError       = errs.User[CloseUserErrorCode]
	HandOverUserError    = errs.User[HandOverUserErrorCode]
)

// OpenPayload is what tillOpen answers.
type OpenPayload struct {
	TillSession *Session
	UserErrors  []OpenUserError
}

// MovePayload is what tillMovementRecord answers.
type MovePayload struct {
	TillSession    *Session
	DrawerMovement *Movement
	UserErrors     []MoveUserError
}

// CountCommitPayload is what tillCountCommit answers.
type CountCommitPayload struct {
	TillSession *Session
	UserErrors  []CountCommitUserError
}

// ApprovePayload is what tillApprove answers.
type ApprovePayload struct {
	TillSession *Session
	UserErrors  []ApproveUserError
}

// ClosePayload is what tillClose answers.
type ClosePayload struct {
	TillSession *Session
	ZReport     *ZReport
	UserErrors  []CloseUserError
}

// HandOverPayload is what tillHandOver answers.
type HandOverPayload struct {
	TillSession *Session
	UserErrors  []HandOverUserError
}
