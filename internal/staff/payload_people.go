package staff

import (
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	UserInviteUserErrorCode            string
	UserInviteResendUserErrorCode      string
	UserInviteRevokeUserErrorCode      string
	InvitationAcceptUserErrorCode      string
	UserUpdateUserErrorCode            string
	UserDeactivateUserErrorCode        string
	UserReactivateUserErrorCode        string
	UserSessionsEndUserErrorCode       string
	UserPinUnlockUserErrorCode         string
	UserSecondFactorResetUserErrorCode string
	PasswordChangeUserErrorCode        string
	PasswordResetRequestUserErrorCode  string
	PasswordResetUserErrorCode         string
	LoginSecondFactorUserErrorCode     string
	TotpBeginUserErrorCode             string
	TotpConfirmUserErrorCode           string
	TotpRemoveUserErrorCode            string
	RecoveryCodesRenewUserErrorCode    string
	PinSetUserErrorCode                string
	RegisterPinLoginUserErrorCode      string
	SessionEndUserErrorCode            string
	SessionsEndAllUserErrorCode        string

	UserInviteUserError            = errs.User[UserInviteUserErrorCode]
	UserInviteResendUserError      = errs.User[UserInviteResendUserErrorCode]
	UserInviteRevokeUserError      = errs.User[UserInviteRevokeUserErrorCode]
	InvitationAcceptUserError      = errs.User[InvitationAcceptUserErrorCode]
	UserUpdateUserError            = errs.User[UserUpdateUserErrorCode]
	UserDeactivateUserError        = errs.User[UserDeactivateUserErrorCode]
	UserReactivateUserError        = errs.User[UserReactivateUserErrorCode]
	UserSessionsEndUserError       = errs.User[UserSessionsEndUserErrorCode]
	UserPinUnlockUserError         = errs.User[UserPinUnlockUserErrorCode]
	UserSecondFactorResetUserError = errs.User[UserSecondFactorResetUserErrorCode]
	PasswordChangeUserError        = errs.User[PasswordChangeUserErrorCode]
	PasswordResetRequestUserError  = errs.User[PasswordResetRequestUserErrorCode]
	PasswordResetUserError         = errs.User[PasswordResetUserErrorCode]
	LoginSecondFactorUserError     = errs.User[LoginSecondFactorUserErrorCode]
	TotpBeginUserError             = errs.User[TotpBeginUserErrorCode]
	TotpConfirmUserError           = errs.User[TotpConfirmUserErrorCode]
	TotpRemoveUserError            = errs.User[TotpRemoveUserErrorCode]
	RecoveryCodesRenewUserError    = errs.User[RecoveryCodesRenewUserErrorCode]
	PinSetUserError                = errs.User[PinSetUserErrorCode]
	RegisterPinLoginUserError      = errs.User[RegisterPinLoginUserErrorCode]
	SessionEndUserError            = errs.User[SessionEndUserErrorCode]
	SessionsEndAllUserError        = errs.User[SessionsEndAllUserErrorCode]
)

// UserInvitePayload is what userInvite answers.
type UserInvitePayload struct {
	Invitation *Invitation
	UserErrors []UserInviteUserError
}

// UserInviteResendPayload is what userInviteResend answers.
type UserInviteResendPayload struct {
	Invitation *Invitation
	UserErrors []UserInviteResendUserError
}

// UserInviteRevokePayload is what userInviteRevoke answers.
type UserInviteRevokePayload struct {
	Invitation *Invitation
	UserErrors []UserInviteRevokeUserError
}

// InvitationAcceptPayload is what invitationAccept answers.
type InvitationAcceptPayload struct {
	User       *User
	UserErrors []InvitationAcceptUserError
}

// UserUpdatePayload is what userUpdate answers.
type UserUpdatePayload struct {
	User       *User
	UserErrors []UserUpdateUserError
}

// UserDeactivatePayload is what userDeactivate answers.
type UserDeactivatePayload struct {
	User       *User
	UserErrors []UserDeactivateUserError
}

// UserReactivatePayload is what userReactivate answers.
type UserReactivatePayload struct {
	User       *User
	UserErrors []UserReactivateUserError
}

// UserSessionsEndPayload is what userSessionsEnd answers.
type UserSessionsEndPayload struct {
	User       *User
	UserErrors []UserSessionsEndUserError
}

// UserPinUnlockPayload is what userPinUnlock answers.
type UserPinUnlockPayload struct {
	User       *User
	UserErrors []UserPinUnlockUserError
}

// UserSecondFactorResetPayload is what userSecondFactorReset answers.
type UserSecondFactorResetPayload struct {
	User       *User
	UserErrors []UserSecondFactorResetUserError
}

// PasswordChangePayload is what passwordChange answers.
type PasswordChangePayload struct {
	Changed    bool
	UserErrors []PasswordChangeUserError
}

// PasswordResetRequestPayload is what passwordResetRequest answers.
type PasswordResetRequestPayload struct {
	Accepted   bool
	UserErrors []PasswordResetRequestUserError
}

// PasswordResetPayload is what passwordReset answers.
type PasswordResetPayload struct {
	Changed    bool
	UserErrors []PasswordResetUserError
}

// LoginSecondFactorPayload is what loginSecondFactor answers.
type LoginSecondFactorPayload struct {
	Tokens        *TokenPair
	User          *User
	RecoveryCodes []string
	UserErrors    []LoginSecondFactorUserError
}

// TotpBeginPayload is what totpBegin answers.
type TotpBeginPayload struct {
	Setup      *TOTPSetup
	UserErrors []TotpBeginUserError
}

// TotpConfirmPayload is what totpConfirm answers.
type TotpConfirmPayload struct {
	RecoveryCodes []string
	UserErrors    []TotpConfirmUserError
}

// TotpRemovePayload is what totpRemove answers.
type TotpRemovePayload struct {
	Removed    bool
	UserErrors []TotpRemoveUserError
}

// RecoveryCodesRenewPayload is what recoveryCodesRenew answers.
type RecoveryCodesRenewPayload struct {
	RecoveryCodes []string
	UserErrors    []RecoveryCodesRenewUserError
}

// PinSetPayload is what pinSet answers.
type PinSetPayload struct {
	Set        bool
	UserErrors []PinSetUserError
}

// RegisterPinLoginPayload is what registerPinLogin answers.
type RegisterPinLoginPayload struct {
	AccessToken *string
	ExpiresAt   *time.Time
	User        *User
	UserErrors  []RegisterPinLoginUserError
}

// SessionEndPayload is what sessionEnd answers.
type SessionEndPayload struct {
	Ended      bool
	UserErrors []SessionEndUserError
}

// SessionsEndAllPayload is what sessionsEndAll answers.
type SessionsEndAllPayload struct {
	Ended      int64
	UserErrors []SessionsEndAllUserError
}
