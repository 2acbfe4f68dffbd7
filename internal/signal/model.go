// Package signal counts what may be an attack or a mistake: attempts that were refused, ids that are not there, more
// requests than usual, companies that take more than their share. It informs, by the hour and with the last one as
// evidence, and nothing is refused for it.
//
// What a company is told of its own requests must not tell it what there is of others: an id of another company and one
// that somebody made up are one kind to it, UnknownID. Which of these were another company's is looked up afterwards, at
// no request's cost, and told operators alone.
package signal

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables.
func Models() []any { return []any{(*Signal)(nil), (*Activity)(nil)} }

// Kind is what was noticed.
type Kind string

// The kinds.
const (
	// PermissionDenied asked for what the caller may not do.
	PermissionDenied Kind = "PERMISSION_DENIED"
	// OtherCompany named, by a header or a host, another company than the credential's.
	OtherCompany Kind = "OTHER_COMPANY"
	// OtherStore named a store that isn't the caller's, or something of one.
	OtherStore Kind = "OTHER_STORE"
	// UnknownID named something that the company hasn't.
	UnknownID          Kind = "UNKNOWN_ID"
	RefreshTokenReused Kind = "REFRESH_TOKEN_REUSED" //nolint:gosec // a kind
	DeviceKeyRefused   Kind = "DEVICE_KEY_REFUSED"
	PINRefused         Kind = "PIN_REFUSED"
	LoginRefused       Kind = "LOGIN_REFUSED"
	// TokenRefused sent a token that nobody signed, or of somebody who is out. One that has expired is nothing unusual.
	TokenRefused    Kind = "TOKEN_REFUSED"
	UnusualRequests Kind = "UNUSUAL_REQUESTS"
	UnusualRows     Kind = "UNUSUAL_ROWS"
)

// The kinds that operators alone are told.
const (
	// ForeignID is the part of UnknownID that is another company's.
	ForeignID Kind = "FOREIGN_ID"
	// Slow is who has a large share of all requests' time or rows.
	Slow Kind = "SLOW"
)

// Evidence is the last one of what was counted.
type Evidence struct {
	LastAt       time.Time    `bun:"last_at" json:"last_at"`
	UserID       *id.User     `bun:"user_id" json:"-"`
	AtRegisterID *id.Register `bun:"at_register_id" json:"-"`
	Operator     string       `bun:"operator" json:"operator"`
	Address      string       `bun:"address" json:"address"`
	RequestID    string       `bun:"request_id" json:"request_id"`
	Operation    string       `bun:"operation" json:"operation"`
}

// Signal is how often something was noticed in an hour.
type Signal struct {
	bun.BaseModel `bun:"table:signals,alias:signal"`
	postgres.TenantOwned

	Hour  time.Time `bun:"hour"`
	Kind  Kind      `bun:"kind"`
	Count int64     `bun:"occurrences"`
	Usual *int64    `bun:"usual"`
	Evidence
}

// Activity is what a company's requests took in an hour. The server itself doesn't read it.
type Activity struct {
	bun.BaseModel `bun:"table:company_activity,alias:activity"`
	postgres.TenantOwned

	Hour     time.Time `bun:"hour"`
	Requests int64     `bun:"requests"`
	Micros   int64     `bun:"micros"`
	RowsRead int64     `bun:"rows_read"`
}

// The pages of this package's lists, as the schema names them.
type (
	Connection = page.Connection[Signal]
	Edge       = page.Edge[Signal]
)

func byHour() page.Order[Signal] {
	return page.Order[Signal]{Name: "signal", Desc: true, Columns: []page.Column[Signal]{
		{Name: "hour", Type: page.Instant, Value: func(s *Signal) string { return page.InstantText(s.Hour) }},
		{Name: "kind", Type: page.Text, Value: func(s *Signal) string { return string(s.Kind) }},
	}}
}
