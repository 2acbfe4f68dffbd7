package sale

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// mostDiscounts is how many discounts a line has, and how many a sale as a whole.
const mostDiscounts = 10

// DiscountInput is a discount to be given.
type DiscountInput struct {
	Kind DiscountKind
	// Value is an amount in the store's currency, or a percentage.
	Value  money.Decimal
	Reason string
}

// AppliedDiscount is what was taken off a line, or off a sale as a whole.
type AppliedDiscount struct {
	bun.BaseModel `bun:"table:sale_discounts,alias:discount"`
	postgres.RegisterOwned

	ID     id.SaleDiscount `bun:"id,pk"`
	SaleID id.Sale         `bun:"sale_id"`
	// LineID is nil for the sale as a whole.
	LineID       *id.SaleLine   `bun:"sale_line_id"`
	Position     int            `bun:"position"`
	Kind         DiscountKind   `bun:"kind"`
	RatePPM      *money.PPM     `bun:"rate_ppm"`
	ValueMinor   *int64         `bun:"value"`
	CurrencyCode money.Currency `bun:"currency_code"`
	AmountMinor  int64          `bun:"amount"`
	Reason       string         `bun:"reason"`
	GivenByID    *id.User       `bun:"given_by_id"`
}

// IsNode marks AppliedDiscount as the schema's Node.
func (*AppliedDiscount) IsNode() {}

// Rate is the percentage, nil for a fixed amount.
func (a *AppliedDiscount) Rate() *money.Decimal {
	if a.RatePPM == nil {
		return nil
	}
	rate := a.RatePPM.Percent()
	return &rate
}

// Amount is what it took off.
func (a *AppliedDiscount) Amount() *money.Money { return amount(a.AmountMinor, a.CurrencyCode) }

// discount is the discount as the calculation takes it.
func (a *AppliedDiscount) discount() Discount {
	if a.RatePPM != nil {
		return Discount{Kind: Percent, Rate: *a.RatePPM}
	}
	return Discount{Kind: Fixed, Minor: *a.ValueMinor}
}

// off is a discount of a draft.
type off struct {
	*AppliedDiscount

	// line is the place of its line in the draft, -1 for the sale as a whole.
	line int
	path []string
}

func validateDiscounts(p *errs.Problems, in []DiscountInput, path ...any) {
	if len(in) > mostDiscounts {
		p.Add(form.Invalid, errs.Path(path...), "There are at most %d discounts.", mostDiscounts)
		return
	}
	for i, discount := range in {
		form.Text(p, discount.Reason, 1, 200, append(slices.Clip(path), i, "reason")...)
		if discount.Value.Sign() <= 0 {
			p.Add(amountNotPositive, errs.Path(append(slices.Clip(path), i, "value")...), "A discount must be above zero.")
		}
	}
}

// discounts reads what is to be taken off a line, or with -1 off the sale as a whole.
func (d *draft) discounts(p *errs.Problems, in []DiscountInput, line int, path ...any) []Discount {
	list := make([]Discount, 0, min(len(in), mostDiscounts))
	for i, input := range in[:min(len(in), mostDiscounts)] {
		path := errs.Path(append(slices.Clip(path), i)...)
		given := &AppliedDiscount{
			ID: id.New[id.SaleDiscount](), SaleID: d.sale.ID, Position: len(d.offs) + 1, Kind: input.Kind,
			CurrencyCode: d.sale.CurrencyCode, Reason: strings.TrimSpace(input.Reason), GivenByID: d.sale.CashierID,
		}
		given.RegisterOwned = d.sale.RegisterOwned
		if line >= 0 {
			given.LineID = &d.lines[line].ID
		}
		if !given.read(p, input.Value, append(path, "value")) {
			continue
		}
		d.offs = append(d.offs, off{AppliedDiscount: given, line: line, path: path})
		list = append(list, given.discount())
	}
	return list
}

func (a *AppliedDiscount) read(p *errs.Problems, value money.Decimal, path []string) bool {
	if value.Sign() <= 0 {
		return false // said already
	}
	if a.Kind == Percent {
		rate, err := money.ParsePercent(value)
		if err != nil {
			p.Add(form.Invalid, path, "This must be a percentage up to 100 with at most four decimals.")
		}
		a.RatePPM = &rate
		return err == nil
	}
	minor, err := value.Minor(a.CurrencyCode)
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, path, "%s has %d decimals.", a.CurrencyCode, a.CurrencyCode.Decimals())
	case err != nil:
		p.Add(tooLarge, path, "This amount is too large.")
	}
	a.ValueMinor = &minor
	return err == nil
}

// takeOff writes down what each discount came to, and says which are more than there is to take.
func (d *draft) takeOff(p *errs.Problems, totals Totals) {
	seen := map[int]int{}
	for _, o := range d.offs {
		amounts := totals.OrderDiscounts
		if o.line >= 0 {
			amounts = totals.Lines[o.line].Discounts
		}
		o.AmountMinor = amounts[seen[o.line]]
		seen[o.line]++
		if o.ValueMinor != nil && o.AmountMinor < *o.ValueMinor {
			d.tooMuch(p, append(o.path, "value"), o.AmountMinor, "There is no more than this left to take off.")
		}
	}
}

// discountRows are the rows to be written.
func (d *draft) discountRows() []*AppliedDiscount {
	rows := make([]*AppliedDiscount, len(d.offs))
	for i, o := range d.offs {
		rows[i] = o.AppliedDiscount
	}
	return rows
}

func (d *draft) tooMuch(p *errs.Problems, path []string, most int64, message string) {
	*p = append(*p, errs.Problem{
		Code: discountTooLarge, Field: path, Message: message,
		Details: map[string]any{"maximumDiscount": amount(most, d.sale.CurrencyCode)},
	})
}

// approveDiscounts holds the discounts to the limit, but for who may give larger ones, or has a second person's leave.
func (d *draft) approveDiscounts(p *errs.Problems, scope *tenancy.Scope, settings *company.Settings) {
	if scope.CanAt(tenancy.DiscountLarge, d.sale.StoreID) && !settings.DiscountWaits() {
		return
	}
	var over errs.Problems
	d.limitDiscounts(&over, settings.DiscountLimitPPM)
	switch {
	case len(over) == 0:
	case d.cited.has(approval.Discount):
		d.cited.use(p, approval.Discount, d.given())
	default:
		*p = append(*p, over...)
	}
}

// given is what all discounts of what is sold take off.
func (d *draft) given() (minor int64) {
	for _, line := range d.lines {
		if line.Kind == SaleLine {
			minor += line.DiscountMinor + line.OrderDiscountMinor
		}
	}
	return minor
}

// limitDiscounts says which lines are discounted by more than the company lets everybody do: by their own discounts,
// or by the sale's on top of them. A percentage that is within the limit may exceed it by a minor unit through
// rounding.
func (d *draft) limitDiscounts(p *errs.Problems, limit int64) {
	if len(d.offs) == 0 || limit >= ppm {
		return
	}
	const message = "This needs the permission DISCOUNT_LARGE, or an approval; without, this is the most."
	allowances, roundings := make([]int64, len(d.lines)), make([]int64, len(d.lines))
	var whole int64
	for _, o := range d.offs {
		switch {
		case o.line < 0:
			whole++
		case o.Kind == Percent:
			roundings[o.line]++
		}
	}
	for i, line := range d.lines {
		if d.inputs[i].Priced != nil {
			continue
		}
		allowances[i] = share(line.GrossMinor, limit)
		if limit == 0 {
			roundings[i] = 0
		}
		if line.DiscountMinor > allowances[i]+roundings[i] {
			d.tooMuch(p, errs.Path("lines", i, "discounts"), allowances[i], message)
		}
	}
	if whole == 0 {
		return
	}
	if limit == 0 {
		whole = 0
	}
	for i, line := range d.lines {
		if d.inputs[i].Priced == nil && line.OrderDiscountMinor > max(allowances[i]-line.DiscountMinor, 0)+roundings[i]+whole {
			d.tooMuch(p, []string{"discounts"}, d.mostOff(allowances), message)
			return
		}
	}
}

// mostOff is the largest discount of the sale as a whole whose part of each line is within that line's allowance.
func (d *draft) mostOff(allowances []int64) int64 {
	var sum int64
	for i, line := range d.lines {
		if d.inputs[i].Priced == nil {
			sum += line.GrossMinor - line.DiscountMinor
		}
	}
	most := sum
	for i, line := range d.lines {
		left := line.GrossMinor - line.DiscountMinor
		if d.inputs[i].Priced != nil || left <= 0 {
			continue
		}
		// Down to the unit: rounded, and one less where that is more than the exact part.
		room := max(allowances[i]-line.DiscountMinor, 0)
		part, err := money.MulDiv(room, sum, left)
		if err != nil {
			continue // the line has room for everything
		}
		if over, err := money.MulDiv(part, left, sum); err == nil && over > room {
			part--
		}
		most = min(most, part)
	}
	return most
}

// share is a share of an amount, rounded down.
func share(gross, limit int64) int64 {
	// In two steps, so that it can't overflow.
	return gross/ppm*limit + gross%ppm*limit/ppm
}

// DiscountsByID gives those of the discounts that the request may see.
func (s *Sales) DiscountsByID(ctx context.Context, ids []id.SaleDiscount) ([]*AppliedDiscount, error) {
	return byKey[AppliedDiscount](ctx, s.db, "id", ids, "")
}

// DiscountsOf gives the discounts of several sales as a whole, in the order they were given.
func (s *Sales) DiscountsOf(ctx context.Context, sales []id.Sale) ([]*AppliedDiscount, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[AppliedDiscount](ctx, h, "sale_id", sales, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.sale_line_id IS NULL").OrderExpr("?TableAlias.sale_id, ?TableAlias.position")
	})
}

// DiscountsOfLines gives the discounts of several lines, in the order they were given.
func (s *Sales) DiscountsOfLines(ctx context.Context, lines []id.SaleLine) ([]*AppliedDiscount, error) {
	return byKey[AppliedDiscount](ctx, s.db, "sale_line_id", lines, "?TableAlias.sale_line_id, ?TableAlias.position")
}
