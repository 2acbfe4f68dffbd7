package sale

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tax"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// The codes of the problems of goods that come back.
const (
	returnLineNotFound  = "RETURN_LINE_NOT_FOUND"
	returnOfReturn      = "RETURN_OF_RETURN"
	returnSaleVoided    = "RETURN_SALE_VOIDED"
	returnOtherCurrency = "RETURN_OTHER_CURRENCY"
	returnTooLate       = "RETURN_TOO_LATE"
	returnTooMuch       = "RETURN_TOO_MUCH"
	returnOfGiftCard    = "RETURN_OF_GIFT_CARD"
	receiptRequired     = "RECEIPT_REQUIRED"
)

// The sources of the prices of goods that come back, beside the catalogue's.
const (
	fromOriginal catalog.PriceSource = "ORIGINAL"
	fromHand     catalog.PriceSource = "MANUAL"
)

// ReturnInput is goods that come back: of a line that was sold, or of a product where there is no receipt.
type ReturnInput struct {
	SaleLineID *id.SaleLine
	ProductID  *id.Product
	UnitPrice  *money.Decimal
	Quantity   money.Decimal
	Restock    bool
	Reason     *string
	// LotNumber names the batch that the goods are of.
	LotNumber *string
}

func (r ReturnInput) validate(p *errs.Problems, i int) {
	if (r.SaleLineID == nil) == (r.ProductID == nil) {
		p.Add(form.Invalid, errs.Path("returns", i), "Give either saleLineId or productId.")
	}
	if r.SaleLineID != nil && r.UnitPrice != nil {
		p.Add(form.Invalid, errs.Path("returns", i, "unitPrice"), "With a receipt goods come back at what was paid.")
	}
	if r.UnitPrice != nil && r.UnitPrice.Sign() < 0 {
		p.Add(form.Invalid, errs.Path("returns", i, "unitPrice"), "This must not be below zero.")
	}
	_, err := r.Quantity.Milli()
	switch {
	case r.Quantity.Sign() <= 0:
		p.Add(quantityNotPositive, errs.Path("returns", i, "quantity"), "A quantity must be above zero.")
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, errs.Path("returns", i, "quantity"), "A quantity has at most three decimals.")
	case err != nil:
		p.Add(tooLarge, errs.Path("returns", i, "quantity"), "This quantity is too large.")
	}
	form.OptionalText(p, r.Reason, 200, "returns", i, "reason")
	if r.LotNumber != nil {
		form.Text(p, *r.LotNumber, 1, inventory.LongestLot, "returns", i, "lotNumber")
	}
}

// reason is what a line keeps of it: nothing where nothing was said.
func (r ReturnInput) reason() *string {
	if text := form.OptionalText(&errs.Problems{}, r.Reason, 200); text != "" {
		return &text
	}
	return nil
}

// returnHash is what tells one return from another.
type returnHash struct {
	Line, Product, UnitPrice, Quantity, Reason string
	Restock                                    bool
	// Returns from before there were batches keep their hash.
	Lot string `json:",omitempty"`
}

func (r ReturnInput) hashed() returnHash {
	h := returnHash{Quantity: r.Quantity.Canonical(), Restock: r.Restock}
	if r.SaleLineID != nil {
		h.Line = r.SaleLineID.String()
	}
	if r.ProductID != nil {
		h.Product = r.ProductID.String()
	}
	if r.UnitPrice != nil {
		h.UnitPrice = r.UnitPrice.Canonical()
	}
	if r.Reason != nil {
		h.Reason = *r.Reason
	}
	if r.LotNumber != nil {
		h.Lot = *r.LotNumber
	}
	return h
}

// mayTakeBack says that the actor takes goods back nowhere, before anything is looked up.
func mayTakeBack(scope *tenancy.Scope, in RecordInput) error {
	if len(in.Returns) == 0 {
		return nil
	}
	return scope.Require(tenancy.SaleRefund)
}

// mayTakeBack says that the actor doesn't take goods back in the store that this is about.
func (f *facts) mayTakeBack(scope *tenancy.Scope, in RecordInput) error {
	if len(in.Returns) == 0 || f.store == nil || scope.CanAt(tenancy.SaleRefund, f.store.ID) {
		return nil
	}
	return errs.New(errs.Forbidden, "This needs the permission %s.", tenancy.SaleRefund)
}

// original is a sold line of which goods come back.
type original struct {
	line  *Line
	taxes []*LineTax
	sale  *Sale
	// before is what came back so far, and by this very sale.
	before Returned
	// now is what this sale takes back.
	now Returned
}

// originals finds the lines that come back to a register. They may be of other registers of the store, or of other
// stores: the gate says where they are, and they are read there and nowhere else.
func (s *Sales) originals(ctx context.Context, at id.Register, in RecordInput) (map[id.SaleLine]*original, error) {
	found := map[id.SaleLine]*original{}
	var named []id.SaleLine
	for _, r := range in.Returns[:min(len(in.Returns), mostLines)] {
		if r.SaleLineID != nil {
			named = append(named, *r.SaleLineID)
		}
	}
	if len(named) == 0 {
		return found, nil
	}
	stores, err := s.db.ReturnableLines(ctx, at, named)
	if err != nil || len(stores) == 0 {
		return found, err
	}
	h, err := s.beyond(ctx, stores)
	if err != nil {
		return nil, err
	}
	var lines []*Line
	var sales []*Sale
	var returned []*Returned
	var taxes []*LineTax
	ids := postgres.UUIDs(named)
	ofLines := h.Select((*Line)(nil)).Column("sale_id").Where("?TableAlias.id = ANY (?::uuid[])", ids)
	if err := h.Read(ctx,
		postgres.Rows(&lines, h.Select((*Line)(nil)).Where("?TableAlias.id = ANY (?::uuid[])", ids)),
		postgres.Rows(&sales, h.Select((*Sale)(nil)).Where("sale.id IN (?)", ofLines)),
		postgres.Rows(&returned, h.Select((*Returned)(nil)).Where("?TableAlias.sale_line_id = ANY (?::uuid[])", ids)),
		postgres.Rows(&taxes, h.Select((*LineTax)(nil)).Where("?TableAlias.sale_line_id = ANY (?::uuid[])", ids).
			OrderExpr("?TableAlias.sale_line_id, ?TableAlias.position")),
	); err != nil {
		return nil, err
	}
	bySale := map[id.Sale]*Sale{}
	for _, sale := range sales {
		bySale[sale.ID] = sale
	}
	before := byLine(returned)
	for _, line := range lines {
		o := &original{line: line, sale: bySale[line.SaleID], now: Returned{LineID: line.ID, SoldMilli: line.Milli}}
		if row := before[line.ID]; row != nil {
			o.before = *row
		}
		o.now.Version = o.before.Version + 1
		found[line.ID] = o
	}
	for _, t := range taxes {
		if o := found[t.LineID]; o != nil {
			o.taxes = append(o.taxes, t)
		}
	}
	return found, nil
}

// takeBack puts what comes back on the receipt, after what is sold, but for what it finds wrong.
func (d *draft) takeBack(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) {
	for i, r := range in.Returns {
		quantity, err := r.Quantity.Milli()
		if err != nil || quantity <= 0 || (r.SaleLineID == nil) == (r.ProductID == nil) {
			continue // said already
		}
		if r.SaleLineID == nil {
			d.takeBackProduct(p, scope, f, r, i, quantity)
			continue
		}
		o := f.originals[*r.SaleLineID]
		if o == nil || o.sale == nil {
			p.Add(returnLineNotFound, errs.Path("returns", i, "saleLineId"), "There is no such line.")
			continue
		}
		if !d.returnable(p, f, o, i) || !o.enough(p, quantity, i) {
			continue
		}
		d.takeBackLine(p, f, o, r, i, quantity)
	}
	d.expectReturns(f.originals)
}

// returnable says what keeps all of a line from coming back.
func (d *draft) returnable(p *errs.Problems, f *facts, o *original, i int) bool {
	before := len(*p)
	field := errs.Path("returns", i, "saleLineId")
	switch {
	case o.line.Kind != SaleLine:
		p.Add(returnOfReturn, field, "What came back can't come back again.")
	case o.line.GiftCardID != nil:
		p.Add(returnOfGiftCard, field, "Money on a gift card does not come back: it is spent.")
	case o.sale.Status == Voided || o.before.Voided:
		p.Add(returnSaleVoided, field, "The sale was voided.")
	case o.line.CurrencyCode != d.sale.CurrencyCode:
		p.Add(returnOtherCurrency, field, "It was sold in %s.", o.line.CurrencyCode)
	case !inTime(o.sale.BusinessDate, d.sale.BusinessDate, f.settings.ReturnDays):
		p.Add(returnTooLate, field, "Goods came back until %s.",
			returnableUntil(o.sale.BusinessDate, f.settings.ReturnDays))
	}
	return len(*p) == before
}

// enough says whether so much of a line is left.
func (o *original) enough(p *errs.Problems, quantity int64, i int) bool {
	field := errs.Path("returns", i, "quantity")
	if o.line.Unit == catalog.Each && quantity%milli != 0 {
		p.Add(quantityNotWhole, field, "This product is sold in whole pieces.")
		return false
	}
	left := o.line.returnable(&o.before)
	if quantity <= left {
		return true
	}
	returnable := money.Quantity(left)
	*p = append(*p, errs.Problem{
		Code: returnTooMuch, Field: field, Message: fmt.Sprintf("Only %s of it can come back.", returnable),
		Details: map[string]any{"quantityReturnable": &returnable},
	})
	return false
}

// takeBackLine puts a part of a sold line on the receipt, at what was paid for it.
func (d *draft) takeBackLine(p *errs.Problems, f *facts, o *original, in ReturnInput, i int, quantity int64) {
	lots := d.lotsBack(p, o, in, i, quantity)
	part := o.line.part(&o.before, quantity, o.sale.PricesIncludeTax)
	totals := part.back(d.sale.PricesIncludeTax)
	totals.Taxes = taxesBack(o.taxes, part.subtotal, o.before.TaxMinor, part.tax)
	o.take(part, quantity)
	line := &Line{
		ID: id.New[id.SaleLine](), Kind: ReturnLine, OriginalLineID: &o.line.ID,
		Restocked: &in.Restock, ReturnReason: in.reason(),
		ProductID: o.line.ProductID, ProductName: o.line.ProductName, SKU: o.line.SKU, Unit: o.line.Unit,
		CategoryID: o.line.CategoryID, BrandID: o.line.BrandID, SupplierID: o.line.SupplierID,
		Milli: -quantity, UnitPriceMinor: o.line.UnitPriceMinor, PriceSource: fromOriginal,
		TaxRatePPM: o.line.TaxRatePPM, CostMinor: o.line.costOf(quantity), goods: f.goods.Product(o.line.ProductID),
		Batches: lots, lot: in.lot(),
	}
	d.add(line, LineInput{Priced: totals})
}

// take keeps what comes back of the line, for the next return of it and for the row.
func (o *original) take(part part, quantity int64) {
	for _, row := range []*Returned{&o.before, &o.now} {
		row.Milli += quantity
		row.DiscountMinor += part.discount
		row.OrderDiscountMinor += part.orderDiscount
		row.SubtotalMinor += part.subtotal
		row.TaxMinor += part.tax
	}
}

// back is the part as a line of what comes back has it: below zero.
func (p part) back(pricesIncludeTax bool) *LineTotals {
	left := p.subtotal
	if pricesIncludeTax {
		left = p.total()
	}
	return &LineTotals{
		Gross: -(left + p.discount + p.orderDiscount), Discount: -p.discount, OrderDiscount: -p.orderDiscount,
		Subtotal: -p.subtotal, Tax: -p.tax, Total: -p.total(),
	}
}

// costOf is what a part of the line cost the shop, as a line of what comes back has it: below zero.
func (l *Line) costOf(quantity int64) *int64 {
	if l.CostMinor == nil {
		return nil
	}
	cost, err := money.MulDiv(-*l.CostMinor, quantity, l.Milli)
	if err != nil {
		return nil // it isn't known then
	}
	return &cost
}

// needsReturnApproval says that goods without a receipt take a second person's leave.
func (f *facts) needsReturnApproval(scope *tenancy.Scope) bool {
	return f.settings.ReturnWaits() || !scope.CanAt(tenancy.ReturnNoReceipt, f.store.ID)
}

// takeBackProduct puts goods without a receipt on the receipt, at today's price or the one that was given.
func (d *draft) takeBackProduct(
	p *errs.Problems, scope *tenancy.Scope, f *facts, in ReturnInput, i int, quantity int64,
) {
	product := f.goods.Product(*in.ProductID)
	switch {
	case f.needsReturnApproval(scope) && !d.cited.has(approval.ReturnWithoutReceipt):
		p.Add(receiptRequired, errs.Path("returns", i, "productId"), "Goods come back with their receipt.")
		return
	case product == nil:
		p.Add(productNotFound, errs.Path("returns", i, "productId"), "There is no such product.")
		return
	case product.Type == catalog.GiftCard:
		p.Add(returnOfGiftCard, errs.Path("returns", i, "productId"), "Money on a gift card does not come back: it is spent.")
		return
	case product.HasVariants():
		p.Add(productHasVariants, errs.Path("returns", i, "productId"), "The product is sold through its variants.")
		return
	case product.Unit == catalog.Each && quantity%milli != 0:
		p.Add(quantityNotWhole, errs.Path("returns", i, "quantity"), "This product is sold in whole pieces.")
		return
	}
	unitPrice, source, ok := d.priceWithoutReceipt(p, product, in, i)
	if !ok {
		return
	}
	input := LineInput{Quantity: quantity, UnitPrice: unitPrice, Levies: f.levies(product)}
	totals, err := Calculate([]LineInput{input}, nil, d.sale.PricesIncludeTax)
	if err != nil {
		p.Add(tooLarge, errs.Path("returns", i, "quantity"), "The amount is too large.")
		return
	}
	rate, _ := tax.Combined(input.Levies) // it was calculated with them
	line := &Line{
		ID: id.New[id.SaleLine](), Kind: ReturnLine, Restocked: &in.Restock, ReturnReason: in.reason(),
		ProductID: product.ID, ProductName: product.Name, SKU: product.SKU, Unit: product.Unit,
		CategoryID: product.CategoryID, BrandID: product.BrandID, SupplierID: product.SupplierID,
		Milli: -quantity, UnitPriceMinor: unitPrice, PriceSource: source, TaxRatePPM: rate, goods: product, lot: in.lot(),
	}
	if d.tracks(line) && line.lot == "" && in.Restock && !d.happened() {
		p.Add(lotRequired, errs.Path("returns", i, "lotNumber"), "Say which lot the goods are of.")
	}
	d.lotTracked(p, line, "returns", i)
	d.add(line, LineInput{Priced: totals.Lines[0].negative()})
}

func (d *draft) priceWithoutReceipt(
	p *errs.Problems, product *catalog.Scanned, in ReturnInput, i int,
) (minor int64, source catalog.PriceSource, ok bool) {
	if in.UnitPrice == nil {
		price := product.Price()
		if price == nil {
			p.Add(priceMissing, errs.Path("returns", i, "productId"), "The product has no price in %s.", product.StoreCurrency)
			return 0, "", false
		}
		return price.PriceMinor, price.Source, true
	}
	minor, err := in.UnitPrice.Minor(d.sale.CurrencyCode)
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, errs.Path("returns", i, "unitPrice"),
			"%s has %d decimals.", d.sale.CurrencyCode, d.sale.CurrencyCode.Decimals())
	case err != nil:
		p.Add(tooLarge, errs.Path("returns", i, "unitPrice"), "This price is too large.")
	}
	return minor, fromHand, err == nil && minor >= 0
}

// negative is what a line comes to when its goods come back.
func (l *LineTotals) negative() *LineTotals {
	back := LineTotals{
		Gross: -l.Gross, Discount: -l.Discount, OrderDiscount: -l.OrderDiscount,
		Subtotal: -l.Subtotal, Tax: -l.Tax, Total: -l.Total, Taxes: slices.Clone(l.Taxes),
	}
	for i := range back.Taxes {
		back.Taxes[i].Base, back.Taxes[i].Amount = -back.Taxes[i].Base, -back.Taxes[i].Amount
	}
	return &back
}

// expectReturns adds what the sale does to the lines that goods come back of: they must still be as they were when
// the amounts were reckoned, or the sale is reckoned again.
func (d *draft) expectReturns(originals map[id.SaleLine]*original) {
	var rows []*Returned
	for _, o := range originals {
		if o.now.Milli > 0 {
			rows = append(rows, &o.now)
		}
	}
	if len(rows) == 0 {
		return
	}
	inOrder(rows)
	var taken []*Returned
	d.effects = append(d.effects, effect{
		first: func(tx *postgres.Tx) []postgres.Statement {
			return []postgres.Statement{takeBack(tx.Handle, rows, &taken)}
		},
		stale: func() bool { return len(taken) != len(rows) },
	})
}
