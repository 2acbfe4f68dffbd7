package access

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	CustomRoleCreateUserErrorCode string
	CustomRoleUpdateUserErrorCode string
	CustomRoleDeleteUserErrorCode string
	UserRolesSetUserErrorCode     string

	CustomRoleCreateUserError = errs.User[CustomRoleCreateUserErrorCode]
	CustomRoleUpdateUserError = errs.User[CustomRoleUpdateUserErrorCode]
	CustomRoleDeleteUserError = errs.User[CustomRoleDeleteUserErrorCode]
	UserRolesSetUserError     = errs.User[UserRolesSetUserErrorCode]
)

// CustomRoleCreatePayload is what customRoleCreate answers.
type CustomRoleCreatePayload struct {
	CustomRole *CustomRole
	UserErrors []CustomRoleCreateUserError
}

// CustomRoleUpdatePayload is what customRoleUpdate answers.
type CustomRoleUpdatePayload struct {
	CustomRole *CustomRole
	UserErrors []CustomRoleUpdateUserError
}

// CustomRoleDeletePayload is what customRoleDelete answers.
type CustomRoleDeletePayload struct {
	DeletedID  *id.CustomRole
	UserErrors []CustomRoleDeleteUserError
}

// UserRolesSetPayload is what userRolesSet answers.
type UserRolesSetPayload struct {
	User       *staff.User
	UserErrors []UserRolesSetUserError
}
