package giftcard

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Cards answers for the gift cards of the request's company.
type Cards struct {
	db   *postgres.DB
	now  func() time.Time
	rand io.Reader
}

// New makes Cards. The random source makes codes; it must be safe for concurrent use.
func New(db *postgres.DB, now func() time.Time, rand io.Reader) *Cards {
	return &Cards{db: db, now: now, rand: rand}
}

// ByID gives those of the cards that are the company's.
func (c *Cards) ByID(ctx context.Context, ids []id.GiftCard) ([]*GiftCard, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[GiftCard](ctx, h, "id", ids)
}

// ByCode gives the card with a code, or nil.
func (c *Cards) ByCode(ctx context.Context, text string) (*GiftCard, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	code, ok := ParseCode(text)
	if !ok {
		return nil, nil //nolint:nilnil // an absent card is null in the graph, and no error
	}
	var cards []*GiftCard
	if err := h.Read(ctx, ByHash(h, [][]byte{code.Hash(h.Scope().Company)}, &cards)); err != nil || len(cards) == 0 {
		return nil, err
	}
	return cards[0], nil
}

// Filter says which cards to list.
type Filter struct {
	Status   *Status
	LastFour *string
}

// List lists the company's cards, the newest first.
func (c *Cards) List(ctx context.Context, f *Filter, a page.Args) (*GiftCardConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	base := func() *bun.SelectQuery {
		q := h.Select((*GiftCard)(nil))
		if f != nil && f.Status != nil {
			q.Where("?TableAlias.status = ?", string(*f.Status))
		}
		if f != nil && f.LastFour != nil {
			q.Where("?TableAlias.last_four = ?", *f.LastFour)
		}
		return q
	}
	return page.List(ctx, h, base, newestFirst(), a)
}

// IssueInput is a card to be issued.
type IssueInput struct {
	IdempotencyKey string
	Amount         money.Decimal
	CurrencyCode   *money.Currency
	Code           *string
	ExpiresOn      *civil.Date
	Note           *string
}

// The codes of the problems that Issue can find, beside form.Invalid.
const (
	codeTaken = "CODE_TAKEN"
	keyReused = "IDEMPOTENCY_KEY_REUSED"
)

// issue is a card about to be issued.
type issue struct {
	card    *GiftCard
	entry   *ledger.Entry
	request ledger.Request
	given   bool // the code
	amount  money.Decimal
}

// Issue makes a card and puts money on it. It gives the card and its code, which is known this once: the same
// request again gives the same card without.
//
// Errors: problems INVALID, CODE_TAKEN and IDEMPOTENCY_KEY_REUSED.
func (c *Cards) Issue(ctx context.Context, in IssueInput) (*GiftCard, *Code, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, nil, err
	}
	var problems errs.Problems
	made, code, err := c.draft(&problems, h.Scope().Company, in)
	if err != nil {
		return nil, nil, err
	}
	if !h.Scope().User.IsZero() {
		made.entry.UserID = &h.Scope().User
	}
	var card *GiftCard
	for range 2 { // a second time, when the same key or code was faster
		card = nil
		err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			var err error
			card, err = made.write(ctx, tx, problems)
			return err
		})
		if !postgres.IsUnique(err) {
			break
		}
	}
	switch {
	case err != nil:
		return nil, nil, err
	case card != nil:
		return card, nil, nil
	default:
		return made.card, &code, nil
	}
}

func (c *Cards) draft(p *errs.Problems, company id.Company, in IssueInput) (*issue, Code, error) {
	now := c.now().UTC().Truncate(time.Microsecond)
	made := &issue{given: in.Code != nil, amount: in.Amount}
	made.card = &GiftCard{
		ID: id.New[id.GiftCard](), Status: Active, ExpiresOn: in.ExpiresOn, Version: 1, CreatedAt: now, UpdatedAt: now,
		Note: form.OptionalText(p, in.Note, 500, "note"),
	}
	if in.CurrencyCode != nil {
		made.card.CurrencyCode = *in.CurrencyCode
	}
	key := form.Text(p, in.IdempotencyKey, 1, 100, "idempotencyKey")
	text := ""
	if in.Code != nil {
		text = *in.Code
	}
	code, ok := ParseCode(text)
	if in.Code == nil {
		var err error
		if code, err = newCode(c.rand); err != nil {
			return nil, "", err
		}
	} else if !ok {
		p.Add(form.Invalid, []string{"code"}, "A code has 8 to 32 letters and digits.")
	}
	if ok || in.Code == nil {
		made.card.CodeHash, made.card.LastFour = code.Hash(company), code.LastFour()
	}
	if in.ExpiresOn != nil && in.ExpiresOn.String() < civil.Of(now, time.UTC).String() {
		p.Add(form.Invalid, []string{"expiresOn"}, "This day is over.")
	}
	made.entry = &ledger.Entry{Reason: ledger.Issued, OccurredAt: now, RecordedAt: now, Note: made.card.Note}
	given := ""
	if in.Code != nil {
		given = string(code)
	}
	made.request = ledger.NewRequest(key, "giftCardIssue", in.Amount, made.card.CurrencyCode, given,
		in.ExpiresOn, made.card.Note)
	return made, code, nil
}

// write issues the card; it gives the one that the same request made before, where there was one.
func (made *issue) write(ctx context.Context, tx *postgres.Tx, problems errs.Problems) (*GiftCard, error) {
	var earlier ledger.Earlier
	var own *company.Company
	var taken []*GiftCard
	if err := tx.Send(ctx,
		made.request.Look(tx.Handle, &earlier),
		postgres.Row(&own, tx.Select((*company.Company)(nil))),
		ByHash(tx.Handle, [][]byte{made.card.CodeHash}, &taken),
	); err != nil {
		return nil, err
	}
	if entry, ok := earlier.Entry(); ok {
		return replay(ctx, tx, entry, earlier.Same(made.request))
	}
	if own == nil {
		return nil, errs.New(errs.NotFound, "There is no such company.")
	}
	if made.card.CurrencyCode == "" {
		made.card.CurrencyCode = own.CurrencyCode
	}
	problems = append(errs.Problems{}, problems...)
	minor := form.Price(&problems, made.amount, made.card.CurrencyCode, "amount")
	if made.amount.Sign() == 0 {
		problems.Add(form.Invalid, []string{"amount"}, "This must be above zero.")
	}
	if made.given && len(taken) > 0 {
		problems.Add(codeTaken, []string{"code"}, "Another card has this code already.")
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	made.card.BalanceMinor, made.entry.AmountMinor = 0, minor
	made.card.Move(made.entry)
	entries := []*ledger.Entry{made.entry}
	return nil, tx.Finish(ctx,
		tx.Add(made.card),
		ledger.Insert(tx.Handle, &entries),
		made.request.Keep(tx.Handle, made.entry.ID, made.card.CreatedAt))
}

// replay answers a key that came before.
func replay(ctx context.Context, tx *postgres.Tx, entry id.LedgerEntry, same bool) (*GiftCard, error) {
	if !same {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another request before.",
		}}
	}
	var card *GiftCard
	of := tx.Select((*ledger.Entry)(nil)).Column("gift_card_id").Where("?TableAlias.id = ?", entry)
	if err := tx.Send(ctx, postgres.Row(&card, tx.Select((*GiftCard)(nil)).Where("gift_card.id = (?)", of))); err != nil {
		return nil, err
	}
	if card == nil {
		return nil, errors.New("the gift card of an idempotency key is gone")
	}
	return card, nil
}

// Block keeps a card from paying, or lets it pay again.
//
// Errors: the problem NOT_FOUND.
func (c *Cards) Block(ctx context.Context, card id.GiftCard, blocked bool) (*GiftCard, error) {
	status := Active
	if blocked {
		status = Blocked
	}
	var changed *GiftCard
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, postgres.Row(&changed, tx.Update((*GiftCard)(nil)).
			Set("status = ?", string(status)).Set("version = ?TableAlias.version + 1").Set("updated_at = ?", c.now()).
			Where("?TableAlias.id = ?", card).Returning("?TableAlias.*"))); err != nil {
			return err
		}
		if changed == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such gift card."}}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}
