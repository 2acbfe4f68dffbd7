package till

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Models are the package's tables, and its own views of the ledgers that it sums up.
func Models() []any {
	return []any{
		(*Session)(nil), (*Holder)(nil), (*Count)(nil), (*Movement)(nil), (*ZReport)(nil), (*idempotencyKey)(nil),
		(*soldSale)(nil), (*soldLine)(nil), (*soldPayment)(nil), (*soldTax)(nil), (*accountPayment)(nil),
	}
}

// Method is a way to pay, as package sale has it.
type Method string

// The ways to pay of which there is something to count at the till: money, slips, messages. The others stand in
// ledgers of their own.
const (
	Cash        Method = "CASH"
	Card        Method = "CARD"
	MobileMoney Method = "MOBILE_MONEY"
)

func countable() []Method { return []Method{Cash, Card, MobileMoney} }

// Status says where a session is on its way.
type Status string

// The statuses of sessions, in their order.
const (
	Open    Status = "OPEN"
	Counted Status = "COUNTED"
	Closed  Status = "CLOSED"
)

// Session is a register's till between opening and closing. Amounts are minor units of its currency.
type Session struct {
	bun.BaseModel `bun:"table:till_sessions,alias:till_session"`
	postgres.RegisterOwned

	ID           id.TillSession `bun:"id,pk"`
	Number       int64          `bun:"number"`
	Status       Status         `bun:"status"`
	CurrencyCode money.Currency `bun:"currency_code"`
	FloatMinor   int64          `bun:"opening_float"`
	BusinessDate civil.Date     `bun:"business_date"`
	OpenedAt     time.Time      `bun:"opened_at"`
	// OpenedByID is nil where the register opened it by itself.
	OpenedByID *id.User   `bun:"opened_by_id"`
	HolderID   *id.User   `bun:"holder_id"`
	CountedAt  *time.Time `bun:"counted_at"`
	// CountNumber is the number of the last count that is to close it.
	CountNumber *int `bun:"count_number"`
	// VarianceLimitMinor is how far a count may be off without an approval; nil is any distance.
	VarianceLimitMinor *int64 `bun:"variance_limit"`
	// Approved are the variances that were approved.
	Approved       map[Method]int64 `bun:"approved_variances,type:jsonb,nullzero"`
	ApprovedAt     *time.Time       `bun:"approved_at"`
	ApprovedByID   *id.User         `bun:"approved_by_id"`
	ApprovalReason *string          `bun:"approval_reason"`
	ClosedAt       *time.Time       `bun:"closed_at"`
	ClosedByID     *id.User         `bun:"closed_by_id"`
}

// OpeningFloat is the cash that was in the drawer at the start.
func (s *Session) OpeningFloat() *money.Money { return amount(s.FloatMinor, s.CurrencyCode) }

// IsNode marks Session as the schema's Node.
func (*Session) IsNode() {}

func amount(minor int64, c money.Currency) *money.Money {
	return &money.Money{Minor: minor, Currency: c}
}

// Holder is a person who had the drawer, from a moment on.
type Holder struct {
	bun.BaseModel `bun:"table:till_holders,alias:holder"`
	postgres.RegisterOwned

	SessionID id.TillSession `bun:"session_id"`
	Position  int            `bun:"position"`
	HolderID  id.User        `bun:"holder_id"`
	Since     time.Time      `bun:"since"`
	// HandedOverByID is nil for who opened the session.
	HandedOverByID *id.User `bun:"handed_over_by_id"`
	CountNumber    *int     `bun:"count_number"`
}

// CountKind says what a count was for.
type CountKind string

// The kinds of counts.
const (
	ToClose    CountKind = "CLOSE"
	ToHandOver CountKind = "HAND_OVER"
)

// Count is what was counted once. It is never changed: who counts again makes another.
type Count struct {
	bun.BaseModel `bun:"table:till_counts,alias:till_count"`
	postgres.RegisterOwned

	SessionID    id.TillSession   `bun:"session_id"`
	Number       int              `bun:"number"`
	Kind         CountKind        `bun:"kind"`
	CurrencyCode money.Currency   `bun:"currency_code"`
	CountedByID  id.User          `bun:"counted_by_id"`
	CountedAt    time.Time        `bun:"counted_at"`
	Lines        []*CountedTender `bun:"tenders,type:jsonb"`
	Note         string           `bun:"note"`
}

// Tenders are the count by way of paying. What was expected is shown when told is true: once the session is counted.
func (c *Count) Tenders(told bool) []*CountedTender {
	tenders := make([]*CountedTender, len(c.Lines))
	for i, line := range c.Lines {
		shown := *line
		shown.told, shown.currency = told, c.CurrencyCode
		tenders[i] = &shown
	}
	return tenders
}

// CountedTender is what was counted of one way of paying, and what was expected at that moment.
type CountedTender struct {
	Method        Method  `json:"method"`
	CountedMinor  int64   `json:"counted"`
	ExpectedMinor int64   `json:"expected"`
	Pieces        []Piece `json:"denominations,omitempty"`

	told     bool
	currency money.Currency
}

// Counted is what was there.
func (t *CountedTender) Counted() *money.Money { return amount(t.CountedMinor, t.currency) }

// Expected is what should have been there; nil as long as it is withheld.
func (t *CountedTender) Expected() *money.Money {
	if !t.told {
		return nil
	}
	return amount(t.ExpectedMinor, t.currency)
}

// Variance is how much too much was there, below zero where something is missing; nil as long as it is withheld.
func (t *CountedTender) Variance() *money.Money {
	if !t.told {
		return nil
	}
	return amount(t.CountedMinor-t.ExpectedMinor, t.currency)
}

// Denominations are the notes and coins of a count of cash.
func (t *CountedTender) Denominations() []*Denomination {
	list := make([]*Denomination, len(t.Pieces))
	for i, p := range t.Pieces {
		list[i] = &Denomination{Piece: p, currency: t.currency}
	}
	return list
}

// Piece is one kind of note or coin and how many of it there were.
type Piece struct {
	ValueMinor int64 `json:"value"`
	Count      int64 `json:"count"`
}

// Denomination is a Piece in its currency.
type Denomination struct {
	Piece

	currency money.Currency
}

// Value is what one of it is worth.
func (d *Denomination) Value() *money.Money { return amount(d.ValueMinor, d.currency) }

// MovementKind says what a drawer was opened for, beside a sale.
type MovementKind string

// The kinds of movements.
const (
	PaidIn   MovementKind = "PAID_IN"
	PaidOut  MovementKind = "PAID_OUT"
	CashDrop MovementKind = "CASH_DROP"
	NoSale   MovementKind = "NO_SALE"
)

// Movement is one entry of the drawer's ledger. It is never changed.
type Movement struct {
	bun.BaseModel `bun:"table:drawer_movements,alias:drawer_movement"`
	postgres.RegisterOwned

	ID           id.DrawerMovement `bun:"id,pk"`
	SessionID    id.TillSession    `bun:"session_id"`
	Kind         MovementKind      `bun:"kind"`
	CurrencyCode money.Currency    `bun:"currency_code"`
	AmountMinor  int64             `bun:"amount"`
	Reason       string            `bun:"reason"`
	PersonID     id.User           `bun:"person_id"`
	RecordedAt   time.Time         `bun:"recorded_at"`
}

// Amount is how much was put in or taken out: zero for a drawer that was opened for nothing.
func (m *Movement) Amount() *money.Money { return amount(m.AmountMinor, m.CurrencyCode) }

// IsNode marks Movement as the schema's Node.
func (*Movement) IsNode() {}

// ZReport closes a session. It is never changed.
type ZReport struct {
	bun.BaseModel `bun:"table:till_z_reports,alias:z_report"`
	postgres.RegisterOwned

	ID             id.ZReport     `bun:"id,pk"`
	Number         int64          `bun:"number"`
	SessionID      id.TillSession `bun:"session_id"`
	BusinessDate   civil.Date     `bun:"business_date"`
	OpenedAt       time.Time      `bun:"opened_at"`
	ClosedAt       time.Time      `bun:"closed_at"`
	ClosedByID     *id.User       `bun:"closed_by_id"`
	CountedByID    id.User        `bun:"counted_by_id"`
	ApprovedByID   *id.User       `bun:"approved_by_id"`
	ApprovalReason *string        `bun:"approval_reason"`
	// Figures are what Reports gave at the close.
	Figures *Report `bun:"figures,type:jsonb"`
}

// IsNode marks ZReport as the schema's Node.
func (*ZReport) IsNode() {}

type idempotencyKey struct {
	bun.BaseModel `bun:"table:till_idempotency_keys,alias:till_key"`
	postgres.RegisterOwned

	Key         string             `bun:"key"`
	RequestHash []byte             `bun:"request_hash"`
	SessionID   id.TillSession     `bun:"session_id"`
	MovementID  *id.DrawerMovement `bun:"movement_id"`
	CreatedAt   time.Time          `bun:"created_at"`
}

// soldSale, soldLine, soldTax and soldPayment are the columns of the sales' tables that a till's figures are the sums of.
type soldSale struct {
	bun.BaseModel `bun:"table:sales,alias:sold"`
	postgres.RegisterOwned

	ID                id.Sale         `bun:"id,pk"`
	RoundingMinor     int64           `bun:"rounding"`
	TotalMinor        int64           `bun:"total"`
	RefundedMinor     int64           `bun:"refunded"`
	TillSessionID     *id.TillSession `bun:"till_session_id"`
	VoidTillSessionID *id.TillSession `bun:"void_till_session_id"`
}

type soldLine struct {
	bun.BaseModel `bun:"table:sale_lines,alias:line"`
	postgres.RegisterOwned

	SaleID id.Sale `bun:"sale_id"`
}

type soldTax struct {
	bun.BaseModel `bun:"table:sale_line_taxes,alias:line_tax"`
	postgres.RegisterOwned

	SaleID id.Sale `bun:"sale_id"`
}

type soldPayment struct {
	bun.BaseModel `bun:"table:payments,alias:payment"`
	postgres.RegisterOwned

	SaleID id.Sale `bun:"sale_id"`
}

// accountPayment is the same of what customers paid towards their accounts.
type accountPayment struct {
	bun.BaseModel `bun:"table:account_payments,alias:paid"`
	postgres.RegisterOwned

	TillSessionID *id.TillSession `bun:"till_session_id"`
}

// The pages of this package's lists, as the schema names them.
type (
	Connection         = page.Connection[Session]
	Edge               = page.Edge[Session]
	MovementConnection = page.Connection[Movement]
	MovementEdge       = page.Edge[Movement]
	ZReportConnection  = page.Connection[ZReport]
	ZReportEdge        = page.Edge[ZReport]
)

func newestSessions() page.Order[Session] {
	return page.Order[Session]{Name: "till", Desc: true, Columns: []page.Column[Session]{
		{Name: "opened_at", Type: page.Instant, Value: func(s *Session) string { return page.InstantText(s.OpenedAt) }},
		{Name: "id", Type: page.UUID, Value: func(s *Session) string { return s.ID.UUID().String() }},
	}}
}

func oldestMovements() page.Order[Movement] {
	return page.Order[Movement]{Name: "drawer", Columns: []page.Column[Movement]{
		{Name: "recorded_at", Type: page.Instant, Value: func(m *Movement) string { return page.InstantText(m.RecordedAt) }},
		{Name: "id", Type: page.UUID, Value: func(m *Movement) string { return m.ID.UUID().String() }},
	}}
}

func newestReports() page.Order[ZReport] {
	return page.Order[ZReport]{Name: "z", Desc: true, Columns: []page.Column[ZReport]{
		{Name: "closed_at", Type: page.Instant, Value: func(z *ZReport) string { return page.InstantText(z.ClosedAt) }},
		{Name: "id", Type: page.UUID, Value: func(z *ZReport) string { return z.ID.UUID().String() }},
	}}
}
