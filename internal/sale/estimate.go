package sale

import (
	"context"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Calculation is what a sale would come to: what Record would write, as far as it is known before.
type Calculation struct {
	*Sale

	Lines     []*CalculatedLine
	Discounts []*AppliedDiscount
	Taxes     []*LineTax
	// dueMinor is what is still to be paid, cashMinor the total when nothing but cash is paid.
	dueMinor, cashMinor int64
}

// AmountDue is what the payments leave to be paid.
func (c *Calculation) AmountDue() *money.Money { return amount(c.dueMinor, c.CurrencyCode) }

// CashTotal is the total as it is when all is paid in cash.
func (c *Calculation) CashTotal() *money.Money { return amount(c.cashMinor, c.CurrencyCode) }

// CalculatedLine is a line of a calculation.
type CalculatedLine struct {
	*Line

	Discounts []*AppliedDiscount
	Taxes     []*LineTax
}

// Calculate says what a sale would come to, and writes nothing. It goes the way of Record up to the writing.
//
// Errors: problems as of Record, but for payments that don't cover the total: the calculation says what is due.
func (s *Sales) Calculate(ctx context.Context, in RecordInput) (*Calculation, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := mayTakeBack(scope, in); err != nil {
		return nil, err
	}
	in.IdempotencyKey = ""
	var problems errs.Problems
	in.validateBasket(&problems, s.now())
	register, ok := chooseRegister(&problems, scope, in.RegisterID)
	if !ok {
		return nil, problems.Err()
	}
	facts, err := s.look(ctx, register, in)
	if err != nil {
		return nil, err
	}
	if err := facts.mayTakeBack(scope, in); err != nil {
		return nil, err
	}
	facts.estimate = true
	draft := s.draft(&problems, scope, facts, in)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if err := s.foresee(ctx, draft); err != nil {
		return nil, err
	}
	return draft.calculation(facts.store.CashRoundingMinor), nil
}

// foresee says what recording the draft would find in the stock and at the till, as they are now. It locks nothing.
func (s *Sales) foresee(ctx context.Context, d *draft) error {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return err
	}
	if err := h.Read(ctx, append(d.stock.Look(h), d.till.find(h)...)...); err != nil {
		return err
	}
	var problems errs.Problems
	if err := d.applyStock(&problems); err != nil {
		return err
	}
	d.till.check(&problems)
	return problems.Err()
}

// calculation shows the draft.
func (d *draft) calculation(coin int64) *Calculation {
	unrounded := d.sale.TotalMinor - d.sale.RoundingMinor
	c := &Calculation{
		Sale: d.sale, dueMinor: d.sale.TotalMinor - d.sale.TenderedMinor + d.sale.ChangeMinor + d.sale.RefundedMinor,
		cashMinor: toCoin(unrounded, coin), Discounts: []*AppliedDiscount{}, Taxes: TaxSummary(d.taxes),
		Lines: make([]*CalculatedLine, len(d.lines)),
	}
	for i, line := range d.lines {
		c.Lines[i] = &CalculatedLine{Line: line, Discounts: []*AppliedDiscount{}, Taxes: []*LineTax{}}
		for _, t := range d.taxes {
			if t.LineID == line.ID {
				c.Lines[i].Taxes = append(c.Lines[i].Taxes, t)
			}
		}
	}
	for _, o := range d.offs {
		if o.line < 0 {
			c.Discounts = append(c.Discounts, o.AppliedDiscount)
			continue
		}
		c.Lines[o.line].Discounts = append(c.Lines[o.line].Discounts, o.AppliedDiscount)
	}
	return c
}

// CalculatePayload is what saleCalculate answers.
type CalculatePayload struct {
	Calculation *Calculation
	UserErrors  []RecordUserError
}

// CalculateAnswer makes the answer of saleCalculate: problems become its user errors.
func CalculateAnswer(c *Calculation, err error) (*CalculatePayload, error) {
	users, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	if len(users) > 0 {
		c = nil
	}
	return &CalculatePayload{Calculation: c, UserErrors: users}, nil
}
