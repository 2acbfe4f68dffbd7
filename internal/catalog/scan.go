package catalog

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
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

// ForSale builds the look-up of products for a sale that happens at an instant: two statements, whatever their
// number. store selects the id of the one store that sells.
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
	codes := func() *bun.SelectQuery {
		return h.Select((*Barcode)(nil)).Where("?TableAlias.code = ANY (?::text[])", postgres.Texts(keys))
	}
	q := pricedQuery(h, h.Select((*Product)(nil)).
		Join("CROSS JOIN (?) AS at", h.Select((*company.Store)(nil)).Where("store.id = (?)", store)).
		Where("product.id IN (?)", h.NewSelect().ColumnExpr("unnest(?::uuid[])", postgres.UUIDs(products)).
			UnionAll(codes().Column("product_id"))),
		"?::timestamptz", at).
		ColumnExpr("code.code AS scanned").
		Join("LEFT JOIN (?) AS code ON code.product_id = product.id", codes())
	l.statements = []postgres.Statement{
		postgres.Rows(&l.rows, q),
		postgres.Rows(&l.rules, h.Select((*BarcodeRule)(nil))),
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
