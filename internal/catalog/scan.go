package catalog

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Scanned is a product as a till names it, with its price in the till's store.
type Scanned struct {
	Priced

	// Barcode is the one it was named by, as it was given; nil where it was named by id.
	Barcode *string `bun:"-"`
	// Embedded is what the barcode says beside the product.
	Embedded Embedded `bun:"-"`

	// Code is the key of the barcode that was found.
	Code *string `bun:"scanned"`
}

// Embedded is what a scale wrote into a barcode: one of the two, or neither.
type Embedded struct {
	// Milli is a quantity in thousandths of the product's unit.
	Milli *int64
	// PriceMinor is the price of the whole package in minor units of the store's currency.
	PriceMinor *int64
}

// Lookup finds products for a sale, by id and by barcode at once.
type Lookup struct {
	statements []postgres.Statement
	rows       []*Scanned
	rules      []*BarcodeRule
}

// ForSale builds the look-up of products for a sale that happens at an instant: one statement, whatever their number,
// and another one where a barcode names any. store selects the id of the one store that sells.
func ForSale(
	h *postgres.Handle, store *bun.SelectQuery, at time.Time, products []id.Product, barcodes []string,
) *Lookup {
	l := &Lookup{}
	var keys []string
	for _, text := range barcodes {
		if code, ok := scanned(text); ok {
			keys = append(keys, scanKeys(code)...)
		}
	}
	named := h.NewSelect().ColumnExpr("unnest(?::uuid[])", postgres.UUIDs(products))
	codes := func() *bun.SelectQuery {
		return h.Select((*Barcode)(nil)).Where("?TableAlias.code = ANY (?::text[])", postgres.Texts(keys))
	}
	if len(keys) > 0 {
		named.UnionAll(codes().Column("product_id"))
	}
	q := pricedQuery(h, h.Select((*Product)(nil)).
		Join("CROSS JOIN (?) AS at", h.Select((*company.Store)(nil)).Where("store.id = (?)", store)).
		Where("product.id IN (?)", named), "?::timestamptz", at)
	l.statements = []postgres.Statement{postgres.Rows(&l.rows, q)}
	if len(keys) > 0 {
		q.ColumnExpr("code.code AS scanned").Join("LEFT JOIN (?) AS code ON code.product_id = product.id", codes())
		l.statements = append(l.statements, postgres.Rows(&l.rules, h.Select((*BarcodeRule)(nil))))
	}
	return l
}

// Statements are what must be read before the products can be asked for.
func (l *Lookup) Statements() []postgres.Statement { return l.statements }

// Product gives the product with an id, nil where there is none.
func (l *Lookup) Product(product id.Product) *Scanned {
	for _, row := range l.rows {
		if row.ID == product {
			found := *row
			return &found
		}
	}
	return nil
}

// Scan gives the product that a barcode stands for, nil where there is none. A code that a product has as it is comes
// before the company's rules for codes with a weight or a price in them.
func (l *Lookup) Scan(barcode string) *Scanned {
	code, ok := scanned(barcode)
	if !ok {
		return nil
	}
	found, rule := l.find(code)
	if found == nil {
		return nil
	}
	found.Barcode = &barcode
	if rule != nil {
		if found.Embedded, ok = rule.embed(inStore(code), found.StoreCurrency); !ok {
			return nil
		}
	}
	return found
}

// find gives the product of a code, and the rule by which it was found where that was needed.
func (l *Lookup) find(code string) (*Scanned, *BarcodeRule) {
	if found := l.byKey(ScanKey(code)); found != nil {
		return found, nil
	}
	own := inStore(code)
	rule := ruleOf(l.rules, own)
	if rule == nil {
		return nil, nil
	}
	for _, key := range rule.item(own) {
		if found := l.byKey(key); found != nil {
			return found, rule
		}
	}
	return nil, nil
}

func (l *Lookup) byKey(key string) *Scanned {
	for _, row := range l.rows {
		if row.Code != nil && *row.Code == key {
			found := *row
			return &found
		}
	}
	return nil
}

// ScannedProduct is what a barcode says in a store.
type ScannedProduct struct {
	Product *Product
	// Quantity is what the barcode says of it, or what the price in the barcode buys; nil where it says nothing.
	Quantity *money.Decimal
	Price    *Price
	// Total is the price of the package that stands in the barcode; nil where there is none.
	Total *money.Money
}

// ProductByScan gives what a barcode says in a store of the request, or nil.
func (c *Catalog) ProductByScan(ctx context.Context, barcode string, store id.Store) (*ScannedProduct, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	l := ForSale(h, h.Select((*company.Store)(nil)).Column("id").Where("?TableAlias.id = ?", store), c.now(), nil,
		[]string{barcode})
	if err := h.Read(ctx, l.Statements()...); err != nil {
		return nil, err
	}
	found := l.Scan(barcode)
	if found == nil {
		return nil, nil //nolint:nilnil // an absent product is null in the graph, and no error
	}
	answer := &ScannedProduct{Product: &found.Product, Price: found.Price()}
	if e := found.Embedded; e.PriceMinor != nil {
		answer.Total = &money.Money{Minor: *e.PriceMinor, Currency: found.StoreCurrency}
	}
	if amount, ok := found.Amount(); ok {
		quantity := money.Quantity(amount)
		answer.Quantity = &quantity
	}
	return answer, nil
}

// Amount is how much of the product, in thousandths of its unit, the barcode says that there is: what it weighs, or
// what its price buys, rounded half up, and of pieces one. False where the barcode doesn't say, or where the price
// says nothing of the amount because the product costs nothing.
func (s *Scanned) Amount() (amount int64, ok bool) {
	const one = 1000
	switch {
	case s.Embedded.Milli != nil:
		return *s.Embedded.Milli, true
	case s.Embedded.PriceMinor == nil:
		return 0, false
	case s.Unit == Each:
		return one, true
	}
	price := s.Price()
	if price == nil || price.PriceMinor == 0 {
		return 0, false
	}
	bought, err := money.MulDiv(*s.Embedded.PriceMinor, one, price.PriceMinor)
	return max(bought, 1), err == nil
}
