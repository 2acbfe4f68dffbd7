package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	userInvitation struct {
		bun.BaseModel `bun:"table:user_invitations,alias:invitation"`
		postgres.TenantOwned
		ID                               id.UserInvitation `bun:"id,pk"`
		UserID                           id.User
		TokenHash                        []byte
		CreatedAt, ExpiresAt, AcceptedAt time.Time
	}
	passwordReset struct {
		bun.BaseModel `bun:"table:password_resets,alias:reset"`
		postgres.TenantOwned
		ID        id.PasswordReset `bun:"id,pk"`
		UserID    id.User
		TokenHash []byte
		ExpiresAt time.Time
	}
	userPIN struct {
		bun.BaseModel `bun:"table:user_pins,alias:pin"`
		postgres.TenantOwned
		UserID  id.User `bun:"user_id,pk"`
		PinHash string
	}
	registerPINAttempts struct {
		bun.BaseModel `bun:"table:register_pin_attempts,alias:attempts"`
		postgres.RegisterOwned
		Failures int
		Since    time.Time
	}
	userSecondFactor struct {
		bun.BaseModel `bun:"table:user_second_factors,alias:factor"`
		postgres.TenantOwned
		UserID id.User `bun:"user_id,pk"`
		Secret []byte
	}
	userRecoveryCode struct {
		bun.BaseModel `bun:"table:user_recovery_codes,alias:recovery"`
		postgres.TenantOwned
		UserID   id.User
		CodeHash []byte
	}
	emailVerification struct {
		bun.BaseModel `bun:"table:email_verifications,alias:verification"`
		postgres.TenantOwned
		ID        id.EmailVerification `bun:"id,pk"`
		UserID    id.User
		TokenHash []byte
		ExpiresAt time.Time
	}
	billingEvent struct {
		bun.BaseModel `bun:"table:billing_events,alias:billing_event"`
		postgres.TenantOwned
		Event, Kind string
		OccurredAt  time.Time
		Applied     bool
		BodyHash    []byte
	}
	loginChallenge struct {
		bun.BaseModel `bun:"table:login_challenges,alias:challenge"`
		postgres.TenantOwned
		ID        id.LoginChallenge `bun:"id,pk"`
		UserID    id.User
		TokenHash []byte
		ExpiresAt time.Time
	}
	timeEntry struct {
		bun.BaseModel `bun:"table:time_entries,alias:entry"`
		postgres.StoreOwned
		ID                        id.TimeEntry `bun:"id,pk"`
		UserID                    id.User
		ClockedInAt, ClockedOutAt time.Time
	}
	timeBreak struct {
		bun.BaseModel `bun:"table:time_breaks,alias:pause"`
		postgres.StoreOwned
		ID                 id.TimeBreak `bun:"id,pk"`
		EntryID            id.TimeEntry
		StartedAt, EndedAt time.Time
	}
	timeEntryChange struct {
		bun.BaseModel `bun:"table:time_entry_changes,alias:correction"`
		postgres.StoreOwned
		ID             id.TimeEntryChange `bun:"id,pk"`
		EntryID        id.TimeEntry
		Reason         string
		OldClockedInAt time.Time
	}
	devicePairing struct {
		bun.BaseModel `bun:"table:device_pairings,alias:pairing"`
		postgres.TenantOwned
		ID                   id.DevicePairing `bun:"id,pk"`
		CodeHash, SecretHash []byte
		ExpiresAt            time.Time
	}
)

func peopleRules() map[string]tableRule {
	fresh := make([]byte, 32)
	return map[string]tableRule{
		"user_invitations":      rule[userInvitation](byTenant, map[string]any{}),
		"password_resets":       rule[passwordReset](byTenant, map[string]any{}),
		"email_verifications":   rule[emailVerification](byTenant, map[string]any{}),
		"billing_events":        rule[billingEvent](byTenant, map[string]any{"event": "another"}),
		"user_pins":             rule[userPIN](byTenant, nil),
		"register_pin_attempts": rule[registerPINAttempts](byRegister, nil),
		"user_second_factors":   rule[userSecondFactor](byTenant, nil),
		"user_recovery_codes":   rule[userRecoveryCode](byTenant, map[string]any{"code_hash": fresh}),
		"login_challenges":      rule[loginChallenge](byTenant, map[string]any{}),
		"time_entries":          rule[timeEntry](byStore, map[string]any{}),
		"time_breaks":           rule[timeBreak](byStore, map[string]any{}),
		"time_entry_changes":    rule[timeEntryChange](byStore, map[string]any{}),
		"device_pairings":       rule[devicePairing](byTenant, map[string]any{"code_hash": fresh}),
	}
}
