package sale

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

const (
	receiptNumberTaken = "RECEIPT_NUMBER_TAKEN"
	// mostNumber is the highest receipt number: the graph's integers have 32 bits.
	mostNumber = 2_000_000_000
	// mostAhead bounds how far a number may lie above the next one, so that no slip of a till uses a series up.
	mostAhead = 10_000_000
)

// Gap is a run of numbers below a register's highest that no receipt has yet.
type Gap struct {
	bun.BaseModel `bun:"table:receipt_gaps,alias:gap"`
	postgres.RegisterOwned

	From int64 `bun:"from_number"`
	To   int64 `bun:"to_number"`
	// Since is when a higher number came first.
	Since time.Time `bun:"since"`
}

// Missing is how many numbers that are.
func (g *Gap) Missing() int64 { return g.To - g.From + 1 }

// without gives what is left of a gap when one of its numbers comes.
func (g *Gap) without(number int64) []*Gap {
	var left []*Gap
	for _, part := range [][2]int64{{g.From, number - 1}, {number + 1, g.To}} {
		if part[0] <= part[1] {
			left = append(left, &Gap{RegisterOwned: g.RegisterOwned, From: part[0], To: part[1], Since: g.Since})
		}
	}
	return left
}

// Conflict is a sale that was refused because its number was taken. Nothing of it was sold.
type Conflict struct {
	bun.BaseModel `bun:"table:receipt_conflicts,alias:conflict"`
	postgres.RegisterOwned

	ID            id.ReceiptConflict `bun:"id,pk"`
	ReceiptNumber int64              `bun:"receipt_number"`
	// SaleID is the sale that has the number.
	SaleID         id.Sale        `bun:"sale_id"`
	IdempotencyKey string         `bun:"idempotency_key"`
	RequestHash    []byte         `bun:"request_hash"`
	CurrencyCode   money.Currency `bun:"currency_code"`
	TotalMinor     int64          `bun:"total"`
	CashierID      *id.User       `bun:"cashier_id"`
	OccurredAt     time.Time      `bun:"occurred_at"`
	RecordedAt     time.Time      `bun:"recorded_at"`
}

// Total is what the refused sale came to.
func (c *Conflict) Total() *money.Money { return amount(c.TotalMinor, c.CurrencyCode) }

// IsNode marks Conflict as the schema's Node.
func (*Conflict) IsNode() {}

// numbering is how a sale gets its receipt number.
//
// The register owns its series. Without a number of its own a sale takes the next. A till that sells offline numbers
// its receipts itself, and its sales come later and in any order: what they leave out stands in receipt_gaps until it
// comes. Whoever changes the series holds the lock of the register's counter, so that nothing here can race.
type numbering struct {
	of postgres.RegisterOwned
	// given is the till's own number, 0 where the server counts.
	given int64
	// is becomes the number of the sale.
	is int64

	counter *company.ReceiptCounter
	gap     *Gap
	// holder is the sale that has the number already, and taken says that this is what the sale was refused for.
	holder *Sale
	taken  bool
}

func (in RecordInput) checkNumber(p *errs.Problems) {
	if n := in.ReceiptNumber; n != nil && (*n < 1 || *n > mostNumber) {
		p.Add(form.Invalid, []string{"receiptNumber"}, "This must be 1 to %d.", mostNumber)
	}
}

// first locks the series, and finds out what there is to know of the number.
func (n *numbering) first(tx *postgres.Tx) []postgres.Statement {
	if n.given == 0 {
		return []postgres.Statement{
			postgres.Value(&n.is, tx.Update((*company.ReceiptCounter)(nil)).
				Set("next_number = ?TableAlias.next_number + 1").
				Where("?TableAlias.register_id = ?", n.of.RegisterID).
				Returning("?TableAlias.next_number - 1")),
		}
	}
	// Each statement sees what was committed when it began, and these begin when the lock is held.
	return []postgres.Statement{
		postgres.Row(&n.counter, tx.Select((*company.ReceiptCounter)(nil)).
			Where("?TableAlias.register_id = ?", n.of.RegisterID).For("UPDATE")),
		// The store stands here because the keys begin with it.
		postgres.Row(&n.gap, tx.Select((*Gap)(nil)).
			Where("?TableAlias.store_id = ?", n.of.StoreID).
			Where("?TableAlias.register_id = ?", n.of.RegisterID).
			Where("?TableAlias.from_number <= ?", n.given).
			OrderExpr("?TableAlias.from_number DESC").Limit(1)),
		postgres.Row(&n.holder, tx.Select((*Sale)(nil)).
			Where("?TableAlias.store_id = ?", n.of.StoreID).
			Where("?TableAlias.register_id = ?", n.of.RegisterID).
			Where("?TableAlias.receipt_number = ?", n.given)),
	}
}

// check decides on the number.
func (n *numbering) check(p *errs.Problems) error {
	if n.given == 0 {
		if n.is == 0 {
			return fmt.Errorf("register %s has no receipt counter", n.of.RegisterID)
		}
		return nil
	}
	switch {
	case n.counter == nil:
		return fmt.Errorf("register %s has no receipt counter", n.of.RegisterID)
	case n.holder != nil:
		n.taken = true
		*p = append(*p, errs.Problem{
			Code: receiptNumberTaken, Field: []string{"receiptNumber"},
			Message: fmt.Sprintf("The register has a receipt %d already; the next free number is %d.",
				n.given, n.counter.NextNumber),
			Details: map[string]any{"nextReceiptNumber": n.counter.NextNumber},
		})
	case n.given > n.counter.NextNumber+mostAhead:
		p.Add(tooLarge, []string{"receiptNumber"}, "The number is too far from the next one, which is %d.",
			n.counter.NextNumber)
	}
	n.is = n.given
	return nil
}

// last carries the series on. A gap that n.given opens or closes is changed, and the counter never goes back.
func (n *numbering) last(tx *postgres.Tx, now time.Time) []postgres.Statement {
	if n.given == 0 {
		return nil
	}
	var gaps []*Gap
	var statements []postgres.Statement
	switch next := n.counter.NextNumber; {
	case n.given >= next:
		statements = append(statements, postgres.Exec(nil, tx.Update((*company.ReceiptCounter)(nil)).
			Set("next_number = ?", n.given+1).Where("?TableAlias.register_id = ?", n.of.RegisterID)))
		if n.given > next {
			gaps = []*Gap{{RegisterOwned: n.of, From: next, To: n.given - 1, Since: now}}
		}
	case n.gap != nil && n.given <= n.gap.To:
		statements = append(statements, postgres.Exec(nil, tx.Delete((*Gap)(nil)).
			Where("?TableAlias.register_id = ?", n.of.RegisterID).
			Where("?TableAlias.from_number = ?", n.gap.From)))
		gaps = n.gap.without(n.given)
	}
	if len(gaps) > 0 {
		statements = append(statements, tx.Add(&gaps))
	}
	return statements
}

// taken writes down that a draft was refused because its number was taken; the problems say so.
func (s *Sales) taken(ctx context.Context, d *draft) error {
	c := &Conflict{
		ID: id.New[id.ReceiptConflict](), ReceiptNumber: d.number.given, SaleID: d.number.holder.ID,
		IdempotencyKey: d.key.Key, RequestHash: d.key.RequestHash,
		CurrencyCode: d.sale.CurrencyCode, TotalMinor: d.sale.TotalMinor, CashierID: d.sale.CashierID,
		OccurredAt: d.sale.OccurredAt, RecordedAt: d.sale.RecordedAt,
	}
	c.RegisterOwned = d.sale.RegisterOwned
	return s.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(nil, tx.Insert(c).
			On("CONFLICT (tenant_id, store_id, register_id, receipt_number, idempotency_key) DO NOTHING")))
	})
}

// NextReceiptNumber is the next free number of the register; nil where it isn't about that.
func (e RecordUserError) NextReceiptNumber() *int64 {
	if next, ok := e.Details["nextReceiptNumber"].(int64); ok {
		return &next
	}
	return nil
}

// ConflictsByID gives those of the conflicts that the request may see.
func (s *Sales) ConflictsByID(ctx context.Context, ids []id.ReceiptConflict) ([]*Conflict, error) {
	return byKey[Conflict](ctx, s.db, "id", ids, "")
}

// The pages of these lists, as the schema names them.
type (
	GapConnection      = page.Connection[Gap]
	GapEdge            = page.Edge[Gap]
	ConflictConnection = page.Connection[Conflict]
	ConflictEdge       = page.Edge[Conflict]
)

// GapsOf lists the gaps in the receipts of each of several registers, the lowest first.
func (s *Sales) GapsOf(ctx context.Context, registers []id.Register, a page.Args) (map[id.Register]*GapConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Gap, id.Register]{Column: "register_id", Of: func(g *Gap) id.Register { return g.RegisterID }}
	order := page.Order[Gap]{Name: "receipt-gap", Columns: []page.Column[Gap]{
		{Name: "from_number", Type: page.Number, Value: func(g *Gap) string { return strconv.FormatInt(g.From, 10) }},
	}}
	return page.PerParent(ctx, h, registers, parents,
		func() *bun.SelectQuery { return h.Select((*Gap)(nil)) }, order, a)
}

// ConflictsOf lists the sales of each of several registers that were refused for their number, the newest first.
func (s *Sales) ConflictsOf(
	ctx context.Context, registers []id.Register, a page.Args,
) (map[id.Register]*ConflictConnection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	parents := page.Parents[Conflict, id.Register]{
		Column: "register_id", Of: func(c *Conflict) id.Register { return c.RegisterID },
	}
	order := page.Order[Conflict]{Name: "receipt-conflict", Desc: true, Columns: []page.Column[Conflict]{
		{Name: "recorded_at", Type: page.Instant, Value: func(c *Conflict) string { return page.InstantText(c.RecordedAt) }},
		{Name: "id", Type: page.UUID, Value: func(c *Conflict) string { return c.ID.UUID().String() }},
	}}
	return page.PerParent(ctx, h, registers, parents,
		func() *bun.SelectQuery { return h.Select((*Conflict)(nil)) }, order, a)
}
