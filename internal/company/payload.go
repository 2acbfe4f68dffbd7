package company

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	StoreCreateUserErrorCode       string
	StoreUpdateUserErrorCode       string
	RegisterCreateUserErrorCode    string
	RegisterKeyRotateUserErrorCode string
	SettingsUpdateUserErrorCode    string

	StoreCreateUserError       = errs.User[StoreCreateUserErrorCode]
	StoreUpdateUserError       = errs.User[StoreUpdateUserErrorCode]
	RegisterCreateUserError    = errs.User[RegisterCreateUserErrorCode]
	RegisterKeyRotateUserError = errs.User[RegisterKeyRotateUserErrorCode]
	SettingsUpdateUserError    = errs.User[SettingsUpdateUserErrorCode]
)

// StoreCreatePayload is what storeCreate answers.
type StoreCreatePayload struct {
	Store      *Store
	UserErrors []StoreCreateUserError
}

// StoreUpdatePayload is what storeUpdate answers.
type StoreUpdatePayload struct {
	Store      *Store
	UserErrors []StoreUpdateUserError
}

// RegisterCreatePayload is what registerCreate answers.
type RegisterCreatePayload struct {
	Register   *Register
	UserErrors []RegisterCreateUserError
}

// RegisterKeyRotatePayload is what registerKeyRotate answers.
type RegisterKeyRotatePayload struct {
	Register   *Register
	DeviceKey  *string
	UserErrors []RegisterKeyRotateUserError
}

// SettingsUpdatePayload is what companySettingsUpdate answers.
type SettingsUpdatePayload struct {
	Settings   *Settings
	UserErrors []SettingsUpdateUserError
}
