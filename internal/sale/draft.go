package sale

import (
	"slices"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// draft is a sale about to be written.
type draft struct {
	key       *idempotencyKey
	sale      *Sale
	lines     []*Line
	payments  []*Payment
	movements []*inventory.Movement
	levels    []*inventory.Level
	effects   []effect
}

// draft makes the sale of the facts, collecting what is wrong with it.
func (s *Sales) draft(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) *draft {
	if scope.Suspended {
		p.Add(companySuspended, []string{}, "The company may not sell at the moment.")
	}
	if f.register == nil || f.store == nil {
		p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
		return nil
	}
	if f.register.Status != company.Open {
		p.Add(registerClosed, []string{"registerId"}, "The register does not sell any more.")
	}
	if f.store.Status != company.Open {
		p.Add(storeClosed, []string{"registerId"}, "The store does not sell any more.")
	}
	place, err := time.LoadLocation(f.store.TimeZone)
	if err != nil {
		place = time.UTC // the zone was checked when it was set; this machine may know fewer
	}
	now := s.now().UTC().Truncate(time.Microsecond) // what the database keeps
	occurred := now
	if in.OccurredAt != nil {
		occurred = in.OccurredAt.UTC().Truncate(time.Microsecond)
	}
	d := &draft{sale: &Sale{
		ID: id.New[id.Sale](), Status: Completed,
		CurrencyCode: f.store.CurrencyCode, PricesIncludeTax: f.store.PricesIncludeTax,
		OccurredAt: occurred, RecordedAt: now, BusinessDate: civil.Of(occurred, place),
	}}
	d.sale.StoreID, d.sale.RegisterID = f.store.ID, f.register.ID
	if !scope.User.IsZero() {
		d.sale.CashierID = &scope.User
	}
	if in.Note != nil {
		d.sale.Note = strings.TrimSpace(*in.Note)
	}
	d.key = &idempotencyKey{Key: in.key(), SaleID: d.sale.ID, CreatedAt: now}
	d.key.StoreID, d.key.RegisterID = f.store.ID, f.register.ID
	priced := d.price(p, f, in.Lines)
	d.pay(p, in.Payments, priced)
	d.move()
	return d
}

// price makes the lines and the totals; false where a line can't be priced.
func (d *draft) price(p *errs.Problems, f *facts, lines []RecordLineInput) bool {
	before := len(*p)
	inputs := make([]LineInput, 0, len(lines))
	for i, line := range lines {
		made, input := d.line(p, f, line, i)
		if made == nil {
			continue
		}
		d.lines = append(d.lines, made)
		inputs = append(inputs, input)
	}
	if len(*p) > before || len(inputs) != len(lines) || len(lines) == 0 {
		return false
	}
	totals, err := Calculate(inputs, d.sale.PricesIncludeTax)
	if err != nil {
		p.Add(tooLarge, []string{"lines"}, "The total is too large.")
		return false
	}
	for i, t := range totals.Lines {
		d.lines[i].SubtotalMinor, d.lines[i].TaxMinor, d.lines[i].TotalMinor = t.Subtotal, t.Tax, t.Total
		d.lines[i].GrossMinor = t.Subtotal
		if d.sale.PricesIncludeTax {
			d.lines[i].GrossMinor = t.Total
		}
	}
	d.sale.SubtotalMinor, d.sale.TaxMinor, d.sale.TotalMinor = totals.Subtotal, totals.Tax, totals.Total
	return true
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
	if product.Status != catalog.Active {
		p.Add(productArchived, errs.Path("lines", i, field), "The product is not sold any more.")
	}
	if product.Excluded {
		p.Add(productNotSoldHere, errs.Path("lines", i, field), "The product is not sold in this store.")
	}
	if product.HasVariants() {
		p.Add(productHasVariants, errs.Path("lines", i, field), "The product is sold through its variants.")
	}
	price := product.Price()
	if price == nil {
		p.Add(priceMissing, errs.Path("lines", i, field), "The product has no price in %s.", product.StoreCurrency)
	}
	quantity, err := in.Quantity.Milli()
	if err != nil || quantity <= 0 {
		return nil, LineInput{} // said already
	}
	if product.Unit == catalog.Each && quantity%milli != 0 {
		p.Add(quantityNotWhole, errs.Path("lines", i, "quantity"), "This product is sold in whole pieces.")
	}
	if price == nil {
		return nil, LineInput{}
	}
	var rate money.PPM
	if product.Taxable {
		rate = f.store.TaxRatePPM
	}
	line := &Line{
		ID: id.New[id.SaleLine](), SaleID: d.sale.ID, LineNumber: i + 1, Kind: SaleLine,
		ProductID: product.ID, ProductName: product.Name, SKU: product.SKU, Unit: product.Unit,
		CurrencyCode: d.sale.CurrencyCode, Milli: quantity,
		UnitPriceMinor: price.Price.Minor, PriceSource: price.Source, TaxRatePPM: rate,
	}
	line.RegisterOwned = d.sale.RegisterOwned
	return line, LineInput{Quantity: quantity, UnitPrice: price.Price.Minor, TaxRate: rate}
}

// pay takes the payments down; whether they cover the total is known only when that is, and each of them.
func (d *draft) pay(p *errs.Problems, in []PaymentInput, priced bool) {
	before := len(*p)
	d.payments = tenders(p, in, d.sale.CurrencyCode)
	if !priced || len(*p) > before || slices.ContainsFunc(d.payments, (*Payment).worthless) {
		return
	}
	d.sale.ChangeMinor = settle(p, d.payments, d.sale.TotalMinor, d.sale.CurrencyCode)
	d.sale.TenderedMinor = d.sale.TotalMinor + d.sale.ChangeMinor
	for _, payment := range d.payments {
		payment.ID, payment.SaleID = id.New[id.Payment](), d.sale.ID
		payment.RegisterOwned = d.sale.RegisterOwned
	}
}

// move sums the lines by product, in the order of the products' ids: two sales lock levels in one order.
func (d *draft) move() {
	sums := map[id.Product]int64{}
	for _, line := range d.lines {
		sums[line.ProductID] += line.Milli
	}
	for product, sum := range sums {
		level := &inventory.Level{
			ID: id.New[id.InventoryLevel](), ProductID: product, Milli: -sum, UpdatedAt: d.sale.RecordedAt,
		}
		level.StoreID = d.sale.StoreID
		d.levels = append(d.levels, level)
	}
	slices.SortFunc(d.levels, func(a, b *inventory.Level) int { return slices.Compare(a.ProductID[:], b.ProductID[:]) })
}
