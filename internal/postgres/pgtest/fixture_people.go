package pgtest

import (
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
)

// StorePeople is what Fixture made of the people of one store: the invitation that the cashier accepted, and a time on
// the clock: half an hour of a day, with a break of five minutes, once corrected.
type StorePeople struct {
	Invitation id.UserInvitation
	TimeEntry  id.TimeEntry
}

func (b *batch) timeEntry(c *Company, s *Store, name string) {
	s.TimeEntry = id.New[id.TimeEntry]()
	b.add(`insert into time_entries (tenant_id, store_id, id, user_id, clocked_in_at, clocked_out_at)
		values ($1, $2, $3, $4, '2026-03-02T06:00:00Z', '2026-03-02T06:30:00Z')`,
		c.ID.UUID(), s.ID.UUID(), s.TimeEntry.UUID(), s.Cashier.UUID())
	b.add(`insert into time_breaks (tenant_id, store_id, id, entry_id, started_at, ended_at)
		values ($1, $2, $3, $4, '2026-03-02T06:10:00Z', '2026-03-02T06:15:00Z')`,
		c.ID.UUID(), s.ID.UUID(), id.New[id.TimeBreak]().UUID(), s.TimeEntry.UUID())
	b.add(`insert into time_entry_changes (tenant_id, store_id, id, entry_id, changed_by_id, reason, old_clocked_in_at, old_breaks)
		values ($1, $2, $3, $4, $5, $6, '2026-03-02T05:00:00Z', '{2026-03-02T05:30:00Z}')`,
		c.ID.UUID(), s.ID.UUID(), id.New[id.TimeEntryChange]().UUID(), s.TimeEntry.UUID(), c.Owner.UUID(), "reason "+name)
}

// billed is what was told of a company, long ago.
func (b *batch) billed(c *Company, name string) {
	b.add(`insert into billing_events (tenant_id, event, kind, occurred_at, applied, body_hash)
		values ($1, $2, 'SIGN_UP', '2026-01-01Z', true, $3)`, c.ID.UUID(), "event "+name, hash(c.ID.UUID()))
}

// person is what protects somebody's account, and how they came: they accepted an invitation.
func (b *batch) person(c *Company, user id.User, name string) id.UserInvitation {
	invitation := id.New[id.UserInvitation]()
	b.add(`insert into user_invitations (tenant_id, id, user_id, token_hash, expires_at, accepted_at)
		values ($1, $2, $3, $4, now() + interval '7 days', now())`,
		c.ID.UUID(), invitation.UUID(), user.UUID(), hash(invitation.UUID()))
	b.add(`insert into password_resets (tenant_id, id, user_id, token_hash, expires_at)
		values ($1, $2, $3, $4, now() + interval '1 hour')`,
		c.ID.UUID(), id.New[id.PasswordReset]().UUID(), user.UUID(), hash(user.UUID()))
	b.add(`insert into email_verifications (tenant_id, id, user_id, token_hash, expires_at)
		values ($1, $2, $3, $4, now() + interval '3 days')`,
		c.ID.UUID(), id.New[id.EmailVerification]().UUID(), user.UUID(), hash(user.UUID()))
	b.add("insert into user_pins (tenant_id, user_id, pin_hash) values ($1, $2, $3)", c.ID.UUID(), user.UUID(), "no PIN "+name)
	b.add("insert into user_second_factors (tenant_id, user_id, secret) values ($1, $2, $3)",
		c.ID.UUID(), user.UUID(), []byte("no secret "+name))
	b.add("insert into user_recovery_codes (tenant_id, user_id, code_hash) values ($1, $2, $3)",
		c.ID.UUID(), user.UUID(), hash(user.UUID()))
	b.add(`insert into login_challenges (tenant_id, id, user_id, token_hash, expires_at)
		values ($1, $2, $3, $4, now() + interval '1 hour')`,
		c.ID.UUID(), id.New[id.LoginChallenge]().UUID(), user.UUID(), hash(user.UUID()))
	pairing := id.New[id.DevicePairing]()
	b.add(`insert into device_pairings (tenant_id, id, code_hash, secret_hash, expires_at)
		values ($1, $2, $3, $3, now() + interval '1 hour')`,
		c.ID.UUID(), pairing.UUID(), hash(pairing.UUID()))
	return invitation
}

// pinAttempts are a register's.
func (b *batch) pinAttempts(c *Company, store id.Store, register uuid.UUID) {
	b.add("insert into register_pin_attempts (tenant_id, store_id, register_id, since) values ($1, $2, $3, now())",
		c.ID.UUID(), store.UUID(), register)
}
