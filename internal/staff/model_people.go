package staff

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Invitation asks somebody to join the company. The person is there already, invited and without a password.
type Invitation struct {
	bun.BaseModel `bun:"table:user_invitations,alias:invitation"`
	postgres.TenantOwned

	ID          id.UserInvitation `bun:"id,pk"`
	UserID      id.User           `bun:"user_id"`
	InvitedByID *id.User          `bun:"invited_by_id"`
	TokenHash   []byte            `bun:"token_hash"`
	CreatedAt   time.Time         `bun:"created_at"`
	SentAt      time.Time         `bun:"sent_at"`
	ExpiresAt   time.Time         `bun:"expires_at"`
	AcceptedAt  *time.Time        `bun:"accepted_at"`
	RevokedAt   *time.Time        `bun:"revoked_at"`
}

// IsNode marks Invitation as the schema's Node.
func (*Invitation) IsNode() {}

// InvitationStatus says what became of an invitation.
type InvitationStatus string

// The statuses of invitations.
const (
	InvitationOpen     InvitationStatus = "OPEN"
	InvitationAccepted InvitationStatus = "ACCEPTED"
	InvitationRevoked  InvitationStatus = "REVOKED"
	InvitationExpired  InvitationStatus = "EXPIRED"
)

// StatusAt says what has become of it at a time.
func (i *Invitation) StatusAt(now time.Time) InvitationStatus {
	switch {
	case i.AcceptedAt != nil:
		return InvitationAccepted
	case i.RevokedAt != nil:
		return InvitationRevoked
	case !now.Before(i.ExpiresAt):
		return InvitationExpired
	default:
		return InvitationOpen
	}
}

type passwordReset struct {
	bun.BaseModel `bun:"table:password_resets,alias:reset"`
	postgres.TenantOwned

	ID id.PasswordReset `bun:"id,pk"`
	mailedLink
}

type pin struct {
	bun.BaseModel `bun:"table:user_pins,alias:pin"`
	postgres.TenantOwned

	UserID    id.User   `bun:"user_id,pk"`
	PINHash   string    `bun:"pin_hash"`
	Failures  int       `bun:"failures"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// pinAttempts are what a register has tried in vain since a time.
type pinAttempts struct {
	bun.BaseModel `bun:"table:register_pin_attempts,alias:attempts"`
	postgres.RegisterOwned

	Failures int       `bun:"failures"`
	Since    time.Time `bun:"since"`
}

type secondFactor struct {
	bun.BaseModel `bun:"table:user_second_factors,alias:factor"`
	postgres.TenantOwned

	UserID id.User `bun:"user_id,pk"`
	// Secret is sealed.
	Secret      []byte     `bun:"secret"`
	ConfirmedAt *time.Time `bun:"confirmed_at"`
	// LastStep is the time step of the code that was used last.
	LastStep    int64      `bun:"last_step"`
	Failures    int        `bun:"failures"`
	LockedUntil *time.Time `bun:"locked_until"`
	CreatedAt   time.Time  `bun:"created_at"`
}

func (f *secondFactor) confirmed() bool { return f != nil && f.ConfirmedAt != nil }

type recoveryCode struct {
	bun.BaseModel `bun:"table:user_recovery_codes,alias:recovery"`
	postgres.TenantOwned

	UserID    id.User    `bun:"user_id,pk"`
	CodeHash  []byte     `bun:"code_hash,pk"`
	CreatedAt time.Time  `bun:"created_at"`
	UsedAt    *time.Time `bun:"used_at"`
}

// challenge is a login whose password was right and whose second factor is still to come.
type challenge struct {
	bun.BaseModel `bun:"table:login_challenges,alias:challenge"`
	postgres.TenantOwned

	ID        id.LoginChallenge `bun:"id,pk"`
	UserID    id.User           `bun:"user_id"`
	TokenHash []byte            `bun:"token_hash"`
	Attempts  int               `bun:"attempts"`
	CreatedAt time.Time         `bun:"created_at"`
	ExpiresAt time.Time         `bun:"expires_at"`
	UsedAt    *time.Time        `bun:"used_at"`
}

func sessionsByTime() page.Order[Session] {
	return page.Order[Session]{Name: "session-time", Desc: true, Columns: []page.Column[Session]{
		{Name: "created_at", Type: page.Instant, Value: func(s *Session) string { return page.InstantText(s.CreatedAt) }},
		{Name: "id", Type: page.UUID, Value: func(s *Session) string { return s.ID.UUID().String() }},
	}}
}

func invitationsByTime() page.Order[Invitation] {
	return page.Order[Invitation]{Name: "invitation-time", Desc: true, Columns: []page.Column[Invitation]{
		{Name: "created_at", Type: page.Instant, Value: func(i *Invitation) string { return page.InstantText(i.CreatedAt) }},
		{Name: "id", Type: page.UUID, Value: func(i *Invitation) string { return i.ID.UUID().String() }},
	}}
}
