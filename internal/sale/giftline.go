package sale

import (
	"errors"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// byHand says that a person set the price.
const byHand catalog.PriceSource = "MANUAL"

// giftLine makes the line that puts money on a gift card: as much as the input says, or as the product costs. It is
// one card, without tax and without any part in discounts: the money is taxed and discounted when it is spent.
func (d *draft) giftLine(p *errs.Problems, product *catalog.Scanned, in RecordLineInput, i int) (*Line, LineInput) {
	before := len(*p)
	code, ok := giftcard.Code(""), false
	if in.GiftCardCode != nil {
		code, ok = giftcard.ParseCode(*in.GiftCardCode)
	}
	if !ok {
		p.Add(form.Invalid, errs.Path("lines", i, "giftCardCode"), "A code has 8 to 32 letters and digits.")
	}
	quantity, err := in.Quantity.Milli()
	if err == nil && quantity > 0 && quantity != milli {
		p.Add(form.Invalid, errs.Path("lines", i, "quantity"), "A line is one gift card.")
	}
	if len(in.Discounts) > 0 {
		p.Add(form.Invalid, errs.Path("lines", i, "discounts"), "A gift card is sold without discounts.")
	}
	if in.UnitPrice != nil {
		p.Add(form.Invalid, errs.Path("lines", i, "unitPrice"), "Give giftCardAmount for a gift card.")
	}
	minor, source := d.giftAmount(p, product, in.GiftCardAmount, i)
	if len(*p) > before || err != nil || quantity != milli {
		return nil, LineInput{}
	}
	return &Line{
		ID: id.New[id.SaleLine](), Kind: SaleLine, card: code,
		ProductID: product.ID, ProductName: product.Name, SKU: product.SKU, Unit: product.Unit,
		CategoryID: product.CategoryID, BrandID: product.BrandID, SupplierID: product.SupplierID,
		Milli: quantity, UnitPriceMinor: minor, PriceSource: source, goods: product,
	}, LineInput{Quantity: quantity, UnitPrice: minor, Priced: &LineTotals{Gross: minor, Subtotal: minor, Total: minor}}
}

// giftAmount is what goes on a card.
func (d *draft) giftAmount(
	p *errs.Problems, product *catalog.Scanned, given *money.Decimal, i int,
) (minor int64, source catalog.PriceSource) {
	if given == nil {
		price := product.Price()
		if price == nil || price.PriceMinor == 0 {
			p.Add(priceMissing, errs.Path("lines", i, "giftCardAmount"), "Say how much goes on the gift card.")
			return 0, byHand
		}
		return price.PriceMinor, price.Source
	}
	minor, err := given.Minor(d.sale.CurrencyCode)
	field := errs.Path("lines", i, "giftCardAmount")
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, field, "%s has %d decimals.", d.sale.CurrencyCode, d.sale.CurrencyCode.Decimals())
	case err != nil:
		p.Add(tooLarge, field, "This amount is too large.")
	case minor <= 0:
		p.Add(amountNotPositive, field, "An amount must be above zero.")
	}
	return minor, byHand
}

// noCard refuses a gift card's code and amount on other lines.
func (l RecordLineInput) noCard(p *errs.Problems, i int) {
	if l.GiftCardCode != nil {
		p.Add(form.Invalid, errs.Path("lines", i, "giftCardCode"), "This product is no gift card.")
	}
	if l.GiftCardAmount != nil {
		p.Add(form.Invalid, errs.Path("lines", i, "giftCardAmount"), "This product is no gift card.")
	}
}
