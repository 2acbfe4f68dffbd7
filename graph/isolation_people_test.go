package graph_test

import (
	"fmt"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func peopleNothings() things {
	return things{"invitation": fresh[id.UserInvitation](), "session": fresh[id.Session](), "time": fresh[id.TimeEntry]()}
}

func peopleThings(c *pgtest.Company, s *pgtest.Store) things {
	return things{"invitation": s.Invitation.String(), "session": c.Session.String(), "time": s.TimeEntry.String()}
}

// peopleProbes are the places of ids in what people, logins and devices are about.
func peopleProbes() []probe {
	var list []probe
	add := func(control bool, kind, place, query string) {
		list = append(list, probe{kind: kind, place: place, query: query, control: control})
	}
	change := func(kind, place, field, result string) {
		add(false, kind, place, fmt.Sprintf(`mutation($id: ID!) { %s { %s userErrors { code field message } } }`, field, result))
	}
	add(true, "time", "Query.node(id)", `query($id: ID!) { node(id: $id) { id `+everyDetail()+` } }`)
	add(true, "filter-user", "TimeEntryFilter.userId", `query($id: ID!) { timeEntries(filter: {userId: $id}) { totalCount nodes { id } } }`)
	add(true, "store", "TimeEntryFilter.storeId", `query($id: ID!) { timeEntries(filter: {storeId: $id}) { totalCount nodes { id } } }`)
	add(true, "filter-user", "Query.hours(userId)",
		`query($id: ID!) { hours(from: "2026-03-01", to: "2026-03-03", userId: $id) { totalMinutes days { user { name } store { name } } } }`)
	add(true, "store", "Query.hours(storeId)",
		`query($id: ID!) { hours(from: "2026-03-01", to: "2026-03-03", storeId: $id) { totalMinutes weeks { user { name } store { name } } } }`)
	change("store", "Mutation.clockIn(storeId)", `clockIn(storeId: $id)`, `timeEntry { store { name } }`)
	change("time", "Mutation.timeEntryCorrect(id)", `timeEntryCorrect(id: $id, input: {version: 1, reason: "x",
		clockedInAt: "2026-03-02T07:00:00Z", clockedOutAt: "2026-03-02T08:00:00Z"})`, `timeEntry { user { name } }`)
	add(true, "invitation", "Query.node(id)", `query($id: ID!) { node(id: $id) { id `+everyDetail()+` } }`)
	// Nobody sees another's logins, whatever holds else.
	add(false, "session", "Query.node(id)", `query($id: ID!) { node(id: $id) { id `+everyDetail()+` } }`)
	for _, field := range []string{
		"userDeactivate", "userReactivate", "userSessionsEnd", "userPinUnlock", "userSecondFactorReset",
	} {
		for _, kind := range []string{"user", "filter-user"} {
			change(kind, "Mutation."+field+"(id)", field+`(id: $id)`, `user { name status }`)
		}
	}
	for _, kind := range []string{"user", "filter-user"} {
		change(kind, "Mutation.userUpdate(id)", `userUpdate(id: $id, input: {version: 1, name: "x"})`, `user { name }`)
		change(kind, "RegisterPinLoginInput.userId", `registerPinLogin(input: {userId: $id, pin: "2580"})`, `user { name }`)
	}
	change("invitation", "Mutation.userInviteResend(id)", `userInviteResend(id: $id)`, `invitation { user { name } }`)
	change("invitation", "Mutation.userInviteRevoke(id)", `userInviteRevoke(id: $id)`, `invitation { user { name } }`)
	change("store", "UserInviteInput.storeIds",
		`userInvite(input: {email: "p@x.example", name: "x", role: CASHIER, storeIds: [$id]})`, `invitation { id }`)
	change("session", "Mutation.sessionEnd(id)", `sessionEnd(id: $id)`, `ended`)
	change("register", "Mutation.registerKeyRevoke(id)", `registerKeyRevoke(id: $id)`, `register { name }`)
	change("register", "Mutation.devicePairingApprove(registerId)",
		`devicePairingApprove(code: "7K3MQ9TX", registerId: $id)`, `register { name }`)
	return list
}
