package sale

import (
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tax"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// price makes the lines and the totals; false where a line can't be priced.
func (d *draft) price(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) bool {
	before := len(*p)
	for i, line := range in.Lines {
		if made, input := d.line(p, f, line, i); made != nil {
			d.add(made, input)
		}
	}
	d.takeBack(p, scope, f, in)
	if len(*p) > before || len(d.lines) == 0 || len(d.lines) != len(in.Lines)+len(in.Returns) {
		return false
	}
	return d.calculate(p, nil)
}

// add puts a line on the receipt, after those that are there.
func (d *draft) add(line *Line, input LineInput) {
	line.SaleID, line.LineNumber = d.sale.ID, len(d.lines)+1
	line.RegisterOwned, line.CurrencyCode = d.sale.RegisterOwned, d.sale.CurrencyCode
	d.lines, d.inputs = append(d.lines, line), append(d.inputs, input)
}

// calculate works out the lines and the totals; false where they are beyond the limits.
func (d *draft) calculate(p *errs.Problems, order []Discount) bool {
	totals, err := Calculate(d.inputs, order, d.sale.PricesIncludeTax)
	if err != nil {
		p.Add(tooLarge, []string{"lines"}, "The total is too large.")
		return false
	}
	for i, t := range totals.Lines {
		d.lines[i].take(t)
	}
	d.sale.DiscountMinor = totals.Discount
	d.sale.SubtotalMinor, d.sale.TaxMinor, d.sale.TotalMinor = totals.Subtotal, totals.Tax, totals.Total
	return true
}

func (l *Line) take(t LineTotals) {
	l.GrossMinor, l.DiscountMinor, l.OrderDiscountMinor = t.Gross, t.Discount, t.OrderDiscount
	l.SubtotalMinor, l.TaxMinor, l.TotalMinor = t.Subtotal, t.Tax, t.Total
}

// line makes one line; nil where the product can't be sold or the quantity is known to be wrong.
func (d *draft) line(p *errs.Problems, f *facts, in RecordLineInput, i int) (*Line, LineInput) {
	product, field := f.find(in)
	if field == "" {
		return nil, LineInput{} // named twice or not at all: said already
	}
	if product == nil {
		p.Add(productNotFound, errs.Path("lines", i, field), "There is no such product.")
		return nil, LineInput{}
	}
	sellable(p, product, errs.Path("lines", i, field))
	if product.Type == catalog.GiftCard {
		return d.giftLine(p, product, in, i)
	}
	in.noCard(p, i)
	price := product.Price()
	if price == nil {
		p.Add(priceMissing, errs.Path("lines", i, field), "The product has no price in %s.", product.StoreCurrency)
	}
	quantity, err := in.Quantity.Milli()
	if err != nil || quantity <= 0 {
		return nil, LineInput{} // said already
	}
	if price == nil {
		return nil, LineInput{}
	}
	input := LineInput{Quantity: quantity, UnitPrice: price.Price.Minor, Levies: levies(f.store, product)}
	source, ok := input.packed(p, product, i)
	if !ok {
		return nil, LineInput{}
	}
	if product.Unit == catalog.Each && input.Quantity%milli != 0 {
		p.Add(quantityNotWhole, errs.Path("lines", i, "quantity"), "This product is sold in whole pieces.")
	}
	rate, _ := tax.Combined(input.Levies) // what is wrong with them is found in the calculation
	return &Line{
		ID: id.New[id.SaleLine](), Kind: SaleLine,
		ProductID: product.ID, ProductName: product.Name, SKU: product.SKU, Unit: product.Unit,
		Milli: input.Quantity, UnitPriceMinor: input.UnitPrice, PriceSource: source, TaxRatePPM: rate,
		goods: product,
	}, input
}

// sellable says why a product isn't sold.
func sellable(p *errs.Problems, product *catalog.Scanned, field []string) {
	if product.Status != catalog.Active {
		p.Add(productArchived, field, "The product is not sold any more.")
	}
	if product.Excluded {
		p.Add(productNotSoldHere, field, "The product is not sold in this store.")
	}
	if product.HasVariants() {
		p.Add(productHasVariants, field, "The product is sold through its variants.")
	}
}
