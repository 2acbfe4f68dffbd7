package sale

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// storeTax is what the store's own rate is called on a receipt.
const storeTax = "Tax"

// levies are the taxes on a product: those of its tax category, else the store's own rate where it is taxable.
func (f *facts) levies(product *catalog.Scanned) []tax.Levy {
	switch {
	case product.TaxCategoryID != nil:
		return f.taxes.Levies(*product.TaxCategoryID)
	case !product.Taxable || f.store.TaxRatePPM == 0:
		return nil
	default:
		return []tax.Levy{{Name: storeTax, Rate: f.store.TaxRatePPM}}
	}
}

// LineTax is one tax of a line, as it was when it was sold.
type LineTax struct {
	bun.BaseModel `bun:"table:sale_line_taxes,alias:line_tax"`
	postgres.RegisterOwned

	SaleID       id.Sale        `bun:"sale_id"`
	LineID       id.SaleLine    `bun:"sale_line_id"`
	Position     int            `bun:"position"`
	Name         string         `bun:"name"`
	Code         string         `bun:"code"`
	RatePPM      money.PPM      `bun:"rate_ppm"`
	Compound     bool           `bun:"compound"`
	Inclusive    bool           `bun:"inclusive"`
	CurrencyCode money.Currency `bun:"currency_code"`
	BaseMinor    int64          `bun:"base"`
	AmountMinor  int64          `bun:"amount"`
}

// Rate is the tax in percent.
func (t *LineTax) Rate() money.Decimal { return t.RatePPM.Percent() }

// Base is what the rate was laid on.
func (t *LineTax) Base() *money.Money { return amount(t.BaseMinor, t.CurrencyCode) }

// Amount is what the tax came to.
func (t *LineTax) Amount() *money.Money { return amount(t.AmountMinor, t.CurrencyCode) }

// levied are the rows of a line's taxes.
func (d *draft) levied(line *Line, taxes []tax.Amount) []*LineTax {
	rows := make([]*LineTax, len(taxes))
	for i, t := range taxes {
		rows[i] = &LineTax{
			SaleID: d.sale.ID, LineID: line.ID, Position: i + 1, Name: t.Name, Code: t.Code, RatePPM: t.Rate,
			Compound: t.Compound, Inclusive: d.sale.PricesIncludeTax, CurrencyCode: d.sale.CurrencyCode,
			BaseMinor: t.Base, AmountMinor: t.Amount,
		}
		rows[i].RegisterOwned = d.sale.RegisterOwned
	}
	return rows
}

// TaxSummary adds up taxes of one name, code and rate, whatever their lines: the highest rate first.
func TaxSummary(taxes []*LineTax) []*LineTax {
	type kind struct {
		name, code          string
		rate                money.PPM
		compound, inclusive bool
	}
	sums := map[kind]*LineTax{}
	list := []*LineTax{}
	for _, t := range taxes {
		of := kind{t.Name, t.Code, t.RatePPM, t.Compound, t.Inclusive}
		if sums[of] == nil {
			sums[of] = &LineTax{
				SaleID: t.SaleID, Name: t.Name, Code: t.Code, RatePPM: t.RatePPM, Compound: t.Compound,
				Inclusive: t.Inclusive, CurrencyCode: t.CurrencyCode,
			}
			list = append(list, sums[of])
		}
		sums[of].BaseMinor += t.BaseMinor
		sums[of].AmountMinor += t.AmountMinor
	}
	slices.SortStableFunc(list, func(a, b *LineTax) int {
		return cmp.Or(cmp.Compare(b.RatePPM, a.RatePPM), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// TaxesOfLines gives the taxes of several lines, in their order.
func (s *Sales) TaxesOfLines(ctx context.Context, lines []id.SaleLine) ([]*LineTax, error) {
	return byKey[LineTax](ctx, s.db, "sale_line_id", lines, "?TableAlias.sale_line_id, ?TableAlias.position")
}

// TaxesOf gives the taxes of several sales by rate, the highest first.
func (s *Sales) TaxesOf(ctx context.Context, sales []id.Sale) ([]*LineTax, error) {
	rows, err := byKey[LineTax](ctx, s.db, "sale_id", sales, "?TableAlias.sale_id, ?TableAlias.sale_line_id, ?TableAlias.position")
	if err != nil {
		return nil, err
	}
	var all []*LineTax
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(t *LineTax) bool { return t.SaleID != rows[0].SaleID })
		if n < 0 {
			n = len(rows)
		}
		all = append(all, TaxSummary(rows[:n])...)
		rows = rows[n:]
	}
	return all, nil
}

// taxesBack are a line's taxes for goods that come back, below zero: subtotal and back are what is paid back of them
// now, before is the tax that was paid back earlier. The parts of each tax add up to it when all has come back, in
// whatever steps.
func taxesBack(sold []*LineTax, subtotal, before, back int64) []tax.Amount {
	weights := make([]int64, len(sold))
	for i, t := range sold {
		weights[i] = t.AmountMinor
	}
	then, now := money.Allocate(before, weights), money.Allocate(before+back, weights)
	taxes := make([]tax.Amount, len(sold))
	compounded := -subtotal
	for i, t := range sold {
		levy := tax.Levy{Name: t.Name, Code: t.Code, Rate: t.RatePPM, Compound: t.Compound}
		taxes[i] = tax.Amount{Levy: levy, Base: -subtotal, Amount: then[i] - now[i]}
		if t.Compound {
			taxes[i].Base = compounded
		}
		compounded += taxes[i].Amount
	}
	return taxes
}
