package sale

import (
	"strings"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tax"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// price makes the lines and the totals; false where a line can't be priced.
func (d *draft) price(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) bool {
	before := len(*p)
	for i, line := range in.Lines {
		overridable(p, scope, d.sale.StoreID, line, i)
		made, input := d.line(p, f, line, i)
		if made == nil {
			continue
		}
		d.add(made, input)
		n := len(d.lines) - 1
		d.inputs[n].Discounts = d.discounts(p, line.Discounts, n, "lines", i, "discounts")
	}
	d.takeBack(p, scope, f, in)
	order := d.discounts(p, in.Discounts, -1, "discounts")
	if len(*p) > before || len(d.lines) == 0 || len(d.lines) != len(in.Lines)+len(in.Returns) {
		return false
	}
	if !d.calculate(p, order) {
		return false
	}
	d.approveDiscounts(p, scope, f.settings)
	if minor, some := d.worthWithoutReceipt(); some && d.cited.has(approval.ReturnWithoutReceipt) && f.needsReturnApproval(scope) {
		d.cited.use(p, approval.ReturnWithoutReceipt, minor)
	}
	return len(*p) == before
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
		d.taxes = append(d.taxes, d.levied(d.lines[i], t.Taxes)...)
	}
	d.takeOff(p, totals)
	d.sale.DiscountMinor = totals.Discount
	d.sale.SubtotalMinor, d.sale.TaxMinor, d.sale.TotalMinor = totals.Subtotal, totals.Tax, totals.Total
	return true
}

func (l *Line) take(t LineTotals) {
	l.GrossMinor, l.DiscountMinor, l.OrderDiscountMinor = t.Gross, t.Discount, t.OrderDiscount
	l.SubtotalMinor, l.TaxMinor, l.TotalMinor = t.Subtotal, t.Tax, t.Total
}

// overridable says that somebody may not sell at a price of their own.
func overridable(p *errs.Problems, scope *tenancy.Scope, store id.Store, in RecordLineInput, i int) {
	if in.UnitPrice != nil && !scope.CanAt(tenancy.PriceOverride, store) {
		p.Add(overrideNotAllowed, errs.Path("lines", i, "unitPrice"), "This needs the permission PRICE_OVERRIDE.")
	}
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
	price, source, priced := d.unitPrice(p, product, in, i, field)
	quantity, err := in.Quantity.Milli()
	if err != nil || quantity <= 0 {
		return nil, LineInput{} // said already
	}
	if !priced {
		return nil, LineInput{}
	}
	input := LineInput{Quantity: quantity, UnitPrice: price, Levies: f.levies(product)}
	packed, ok := input.packed(p, product, i)
	if !ok {
		return nil, LineInput{}
	}
	if in.UnitPrice == nil {
		source = packed
	}
	if product.Unit == catalog.Each && input.Quantity%milli != 0 {
		p.Add(quantityNotWhole, errs.Path("lines", i, "quantity"), "This product is sold in whole pieces.")
	}
	rate, _ := tax.Combined(input.Levies) // what is wrong with them is found in the calculation
	line := &Line{
		ID: id.New[id.SaleLine](), Kind: SaleLine,
		ProductID: product.ID, ProductName: product.Name, SKU: product.SKU, Unit: product.Unit,
		CategoryID: product.CategoryID, BrandID: product.BrandID, SupplierID: product.SupplierID,
		Milli: input.Quantity, UnitPriceMinor: input.UnitPrice, PriceSource: source, TaxRatePPM: rate,
		goods: product,
	}
	if in.PriceReason != nil {
		reason := strings.TrimSpace(*in.PriceReason)
		line.PriceReason = &reason
	}
	line.lot = in.lot()
	d.lotTracked(p, line, "lines", i)
	return line, input
}

// unitPrice is the price of one unit: the one that somebody made up, or the product's.
func (d *draft) unitPrice(
	p *errs.Problems, product *catalog.Scanned, in RecordLineInput, i int, field string,
) (minor int64, source catalog.PriceSource, ok bool) {
	if in.UnitPrice != nil && product.Embedded.PriceMinor != nil {
		p.Add(form.Invalid, errs.Path("lines", i, "unitPrice"), "The barcode says the price.")
		return 0, "", false
	}
	if in.UnitPrice != nil {
		minor, ok := handPrice(p, *in.UnitPrice, d.sale.CurrencyCode, i)
		return minor, catalog.FromHand, ok
	}
	price := product.Price()
	switch {
	case price != nil:
		return price.PriceMinor, price.Source, true
	case product.Embedded.PriceMinor != nil:
		return 0, catalog.FromBarcode, true // the package says what it costs
	default:
		p.Add(priceMissing, errs.Path("lines", i, field), "The product has no price in %s.", product.StoreCurrency)
		return 0, "", false
	}
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
