// Package staff has the people of a company, and how they log in and out.
package staff

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any {
	return []any{
		(*User)(nil), (*StoreAccess)(nil), (*credential)(nil), (*Session)(nil), (*refreshToken)(nil), (*Invitation)(nil),
		(*passwordReset)(nil), (*pin)(nil), (*pinAttempts)(nil), (*secondFactor)(nil), (*recoveryCode)(nil),
		(*challenge)(nil), (*ownRole)(nil), (*employer)(nil), (*emailVerification)(nil),
	}
}

// Status says whether a person may log in.
type Status string

// The statuses of people.
const (
	// Invited people have not accepted yet.
	Invited     Status = "INVITED"
	Active      Status = "ACTIVE"
	Deactivated Status = "DEACTIVATED"
)

// User is a person who works for the company.
type User struct {
	bun.BaseModel `bun:"table:users,alias:person"`
	postgres.TenantOwned

	ID    id.User      `bun:"id,pk"`
	Email string       `bun:"email"`
	Name  string       `bun:"name"`
	Role  tenancy.Role `bun:"role"`
	// CustomRoleID is the role that the company made itself, with tenancy.Custom.
	CustomRoleID *id.CustomRole `bun:"custom_role_id"`
	// AllStores says that the role is for all stores; an owner's is, whatever this says.
	AllStores       bool    `bun:"all_stores"`
	Status          Status  `bun:"status"`
	ExternalSubject *string `bun:"external_subject"`
	// StaffNumber names the person at a till, in few digits.
	StaffNumber *string `bun:"staff_number"`
	// MustUseSecondFactor says that a password alone doesn't let them in.
	MustUseSecondFactor bool `bun:"must_use_second_factor"`
	// EmailVerified says that letters to the address reach the person.
	EmailVerified bool      `bun:"email_verified"`
	Version       int       `bun:"version"`
	CreatedAt     time.Time `bun:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at"`
}

// EveryStore says that the person's role is for all stores.
func (u *User) EveryStore() bool { return u.AllStores || u.Role == tenancy.Owner }

// IsNode marks User as the schema's Node.
func (*User) IsNode() {}

// StoreAccess gives a person a store.
type StoreAccess struct {
	bun.BaseModel `bun:"table:user_stores,alias:access"`
	postgres.StoreOwned

	UserID id.User `bun:"user_id"`
	// Role is what the person is in this store; nil is what they are anyway.
	Role         *tenancy.Role  `bun:"role"`
	CustomRoleID *id.CustomRole `bun:"custom_role_id"`
	CreatedAt    time.Time      `bun:"created_at"`
}

type credential struct {
	bun.BaseModel `bun:"table:user_credentials,alias:credential"`
	postgres.TenantOwned

	UserID       id.User   `bun:"user_id,pk"`
	PasswordHash string    `bun:"password_hash"`
	UpdatedAt    time.Time `bun:"updated_at"`
}

// Session is a login and all that was refreshed from it, or the time of a person at a register.
type Session struct {
	bun.BaseModel `bun:"table:sessions,alias:session"`
	postgres.TenantOwned

	ID        id.Session `bun:"id,pk"`
	UserID    id.User    `bun:"user_id"`
	CreatedAt time.Time  `bun:"created_at"`
	ExpiresAt time.Time  `bun:"expires_at"`
	EndedAt   *time.Time `bun:"ended_at"`
	EndReason *string    `bun:"end_reason"`
	// LastUsedAt is when it was last renewed.
	LastUsedAt time.Time `bun:"last_used_at"`
	UserAgent  string    `bun:"user_agent"`
	Address    string    `bun:"address"`
	// AtRegisterID is the register of a login by PIN.
	AtStoreID    *id.Store    `bun:"at_store_id"`
	AtRegisterID *id.Register `bun:"at_register_id"`
}

// IsNode marks Session as the schema's Node.
func (*Session) IsNode() {}

type refreshToken struct {
	bun.BaseModel `bun:"table:refresh_tokens,alias:refresh_token"`
	postgres.TenantOwned

	ID        id.RefreshToken `bun:"id,pk"`
	SessionID id.Session      `bun:"session_id"`
	TokenHash []byte          `bun:"token_hash"`
	CreatedAt time.Time       `bun:"created_at"`
	ExpiresAt time.Time       `bun:"expires_at"`
	UsedAt    *time.Time      `bun:"used_at"`
}

// The pages of this package's lists, as the schema names them.
type (
	UserConnection           = page.Connection[User]
	UserEdge                 = page.Edge[User]
	SessionConnection        = page.Connection[Session]
	SessionEdge              = page.Edge[Session]
	UserInvitationConnection = page.Connection[Invitation]
	UserInvitationEdge       = page.Edge[Invitation]
)

func byName() page.Order[User] {
	return page.Order[User]{Name: "user-name", Columns: []page.Column[User]{
		{Name: "name", Type: page.Text, Value: func(u *User) string { return u.Name }},
		{Name: "id", Type: page.UUID, Value: func(u *User) string { return u.ID.UUID().String() }},
	}}
}
