package graph_test

import (
	"maps"
	"testing"
)

// readAccounts reads what protects people's accounts, their logins and invitations.
func (b *bundle) readAccounts(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	register := s.Registers[0]
	b.db.Exec(t, `update sessions set user_agent = 'Till 1.0', address = '192.0.2.7', at_store_id = $1, at_register_id = $2
		where id = $3`, s.ID.UUID(), register.ID.UUID(), b.A.Session.UUID())
	b.db.Exec(t, "update registers set last_seen_at = '2026-02-03T04:05:06Z' where id = $1", register.ID.UUID())
	b.db.Exec(t, "update users set staff_number = '007', must_use_second_factor = true where id = $1", s.Cashier.UUID())
	b.db.Exec(t, "update user_pins set failures = 5 where user_id = $1", s.Cashier.UUID())
	b.db.Exec(t, "update user_second_factors set confirmed_at = now() where user_id = $1", s.Cashier.UUID())
	b.db.Exec(t, "update user_invitations set invited_by_id = $1 where id = $2", b.A.Owner.UUID(), s.Invitation.UUID())
	b.db.Exec(t, "update user_invitations set accepted_at = null, expires_at = now() - interval '1 day' where id = $1",
		b.A.Stores[1].Invitation.UUID())
	a := ask(t, b.owner(t), `{ viewer { sessions { totalCount edges { cursor node { id } } pageInfo { hasNextPage } nodes {
			id createdAt lastUsedAt expiresAt userAgent address register { id lastSeenAt } current } } }
		userInvitations { totalCount edges { cursor node { id } } pageInfo { hasNextPage } nodes {
			id user { id } invitedBy { id } status createdAt sentAt expiresAt acceptedAt } } }`)
	sessions := a.at("viewer", "sessions", "nodes").([]any)
	if len(sessions) != 1 {
		t.Fatalf("the owner has %d logins", len(sessions))
	}
	session := sessions[0].(map[string]any)
	same(t, []any{session["id"], session["userAgent"], session["address"], session["register"], session["current"]}, []any{
		b.A.Session, "Till 1.0", "192.0.2.7", vars{"id": register.ID, "lastSeenAt": "2026-02-03T04:05:06Z"}, false,
	})
	same(t, a.at("userInvitations", "totalCount"), 2)
	for _, node := range a.at("userInvitations", "nodes").([]any) {
		invitation := node.(map[string]any)
		if invitation["id"] == s.Invitation.String() {
			same(t, []any{invitation["status"], invitation["user"], invitation["invitedBy"]}, []any{
				"ACCEPTED", vars{"id": s.Cashier}, vars{"id": b.A.Owner},
			})
		} else {
			same(t, []any{invitation["status"], invitation["acceptedAt"], invitation["invitedBy"]}, []any{"EXPIRED", nil, nil})
		}
	}
	people := ask(t, b.owner(t), `{ node(id: "`+s.Cashier.String()+`") { ... on User { staffNumber mustUseSecondFactor emailVerified
		security { pinSet pinLocked secondFactor recoveryCodesLeft } } } }`)
	same(t, people.at("node"), vars{"staffNumber": "007", "mustUseSecondFactor": true, "emailVerified": true, "security": vars{
		"pinSet": true, "pinLocked": true, "secondFactor": true, "recoveryCodesLeft": 1,
	}})
}

// readHours reads a time on the clock and its sums.
func (b *bundle) readHours(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	b.db.Exec(t, "update time_entry_changes set old_clocked_out_at = '2026-03-02T05:45:00Z' where entry_id = $1", s.TimeEntry.UUID())
	a := ask(t, b.manager(t), `{ timeEntries { totalCount edges { cursor node { id } } pageInfo { hasNextPage } nodes { id user { id } store { id }
			clockedInAt clockedOutAt version breaks { startedAt endedAt }
			changes { changedBy { id } reason oldClockedInAt oldClockedOutAt oldBreaks createdAt } } }
		hours(from: "2026-03-01", to: "2026-03-03") { totalMinutes days { user { id } store { id } date minutes breakMinutes open }
			weeks { user { id } store { id } monday minutes breakMinutes } } }`)
	nodes := a.at("timeEntries", "nodes").([]any)
	if len(nodes) != 1 {
		t.Fatalf("%d times", len(nodes))
	}
	entry := nodes[0].(map[string]any)
	same(t, []any{entry["user"], entry["store"], entry["clockedInAt"], entry["clockedOutAt"], entry["breaks"]}, []any{
		vars{"id": s.Cashier},
		vars{"id": s.ID},
		"2026-03-02T06:00:00Z", "2026-03-02T06:30:00Z",
		[]vars{{"startedAt": "2026-03-02T06:10:00Z", "endedAt": "2026-03-02T06:15:00Z"}},
	})
	change := entry["changes"].([]any)[0].(map[string]any)
	same(t, []any{change["changedBy"], change["reason"], change["oldClockedInAt"], change["oldClockedOutAt"], change["oldBreaks"]}, []any{
		vars{"id": b.A.Owner}, "reason acme", "2026-03-02T05:00:00Z", "2026-03-02T05:45:00Z", []string{"2026-03-02T05:30:00Z"},
	})
	sums := vars{"user": vars{"id": s.Cashier}, "store": vars{"id": s.ID}, "minutes": 25, "breakMinutes": 5}
	day, week := maps.Clone(sums), maps.Clone(sums)
	day["date"], day["open"], week["monday"] = "2026-03-02", false, "2026-03-02"
	same(t, a.at("hours"), vars{"totalMinutes": 25, "days": []vars{day}, "weeks": []vars{week}})
}
