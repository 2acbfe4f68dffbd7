package sale

import (
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/money"
)

// packed reads what a scale wrote into the barcode of a line, whose quantity is then a number of packages: how much
// they are together, and what they cost where their price is printed on them. False where that can't be.
func (in *LineInput) packed(p *errs.Problems, goods *catalog.Scanned, i int) (source catalog.PriceSource, ok bool) {
	if price := goods.Price(); price != nil {
		source = price.Source
	}
	amount, weighed := goods.Amount()
	printed := goods.Embedded.PriceMinor
	if !weighed && printed == nil {
		return source, true
	}
	if in.Quantity%milli != 0 {
		p.Add(quantityNotWhole, errs.Path("lines", i, "quantity"), "Packages with a barcode of a scale are sold whole.")
		return source, false
	}
	packages := in.Quantity / milli
	if !weighed {
		p.Add(form.Invalid, errs.Path("lines", i, "barcode"),
			"The price on this package doesn't say how much is in it, because the product is free.")
		return source, false
	}
	if amount > money.MaxQuantity/packages || printed != nil && *printed > money.MaxTotal/packages {
		p.Add(tooLarge, errs.Path("lines", i, "quantity"), "This quantity is too large.")
		return source, false
	}
	in.Quantity = amount * packages
	if printed == nil {
		return source, true
	}
	gross := *printed * packages
	in.Gross = &gross
	if goods.Unit == catalog.Each {
		in.UnitPrice = *printed
	}
	return catalog.FromBarcode, true
}
