package sale

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// parkedGone says that a parked sale can't be carried on.
const parkedGone = "PARKED_SALE_GONE"

// ParkInput is a sale to be put aside.
type ParkInput struct {
	IdempotencyKey string
	RegisterID     *id.Register
	Label          string
	Note           *string
	Lines          []ParkLineInput
	CustomerID     *id.Customer
	// Discounts come off the sale as a whole.
	Discounts []DiscountInput
}

// ParkUpdateInput is what to change of a parked sale.
type ParkUpdateInput struct {
	Version int
	Label   graphql.Omittable[*string]
	Note    graphql.Omittable[*string]
	Lines   graphql.Omittable[[]ParkLineInput]

	CustomerID graphql.Omittable[*id.Customer]
	Discounts  graphql.Omittable[[]DiscountInput]
}

// ParkLineInput is one line of it.
type ParkLineInput struct {
	ProductID id.Product
	Quantity  money.Decimal
	// UnitPrice is a price of one's own, and PriceReason why.
	UnitPrice   *money.Decimal
	PriceReason *string
	Discounts   []DiscountInput
}

// hash tells one input from another.
func (in ParkInput) hash(register id.Register) ([]byte, error) {
	// What is new is left out where it isn't used: parked sales from before keep their hash.
	type line struct {
		Product, Quantity      string
		UnitPrice, PriceReason string           `json:",omitempty"`
		Discounts              []discountHashed `json:",omitempty"`
	}
	canonical := struct {
		Register, Label, Note string
		Lines                 []line
		Customer              string           `json:",omitempty"`
		Discounts             []discountHashed `json:",omitempty"`
	}{Register: register.String(), Label: in.Label, Discounts: hashDiscounts(in.Discounts)}
	if in.CustomerID != nil {
		canonical.Customer = in.CustomerID.String()
	}
	if in.Note != nil {
		canonical.Note = *in.Note
	}
	for _, l := range in.Lines {
		c := line{Product: l.ProductID.String(), Quantity: l.Quantity.Canonical(), Discounts: hashDiscounts(l.Discounts)}
		if l.UnitPrice != nil {
			c.UnitPrice = l.UnitPrice.Canonical()
		}
		if l.PriceReason != nil {
			c.PriceReason = *l.PriceReason
		}
		canonical.Lines = append(canonical.Lines, c)
	}
	raw, err := json.Marshal(canonical)
	if err != nil {
		return nil, fmt.Errorf("hash the input: %w", err)
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

// parkedLines makes the lines of a parked sale, with what is wrong with them.
func parkedLines(
	p *errs.Problems, in []ParkLineInput, of *Parked, f *parking,
) []*ParkedLine {
	if len(in) < 1 || len(in) > mostLines {
		p.Add(form.Invalid, []string{"lines"}, "A sale has 1 to %d lines.", mostLines)
		return nil
	}
	lines := make([]*ParkedLine, 0, len(in))
	for i, l := range in {
		field := errs.Path("lines", i, "quantity")
		quantity, err := l.Quantity.Milli()
		product := f.products[l.ProductID]
		switch {
		case l.Quantity.Sign() <= 0:
			p.Add(quantityNotPositive, field, "A quantity must be above zero.")
		case errors.Is(err, money.ErrTooPrecise):
			p.Add(tooPrecise, field, "A quantity has at most three decimals.")
		case err != nil:
			p.Add(tooLarge, field, "This quantity is too large.")
		case product != nil && product.Unit == catalog.Each && quantity%milli != 0:
			p.Add(quantityNotWhole, field, "This product is sold in whole pieces.")
		}
		if product == nil {
			p.Add(productNotFound, errs.Path("lines", i, "productId"), "There is no such product.")
		}
		line := &ParkedLine{ParkedSaleID: of.ID, LineNumber: i + 1, ProductID: l.ProductID, Milli: quantity, product: product}
		line.StoreOwned = of.StoreOwned
		line.cart(p, l, f.store.CurrencyCode, i)
		lines = append(lines, line)
	}
	return lines
}

func productsOf(in []ParkLineInput) []id.Product {
	products := make([]id.Product, 0, len(in))
	for _, line := range in[:min(len(in), mostLines)] {
		products = append(products, line.ProductID)
	}
	return products
}
