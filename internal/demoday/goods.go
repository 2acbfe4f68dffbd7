package demoday

import (
	"fmt"
	"strconv"
	"strings"
)

// Where prices come from, as the graph calls it.
const (
	sourceBase     = "BASE"
	sourceStore    = "STORE"
	sourceList     = "PRICE_LIST"
	sourceBarcode  = "BARCODE"
	sourceManual   = "MANUAL"
	sourceOriginal = "ORIGINAL"
)

// product is something that the shops of the day sell.
type product struct {
	id, sku, name, kind, unit string
	barcode                   string
	base                      int64
	category                  string
	taxes                     []levy
	scale                     *scale
	// opening is what there is of it in each shop at the start, in thousandths; 0 is not stocked.
	opening []int64
	// short says that no more is sold than there is.
	short bool
	// option is a variant's.
	option string
	// changes are the prices of shops from a time on.
	changes []priceChange
}

type priceChange struct {
	in     *shop
	from   string
	price  int64
	source string
}

// price is what one unit costs in a shop at a time, and where that comes from.
func (p *product) price(s *shop, time string) (price int64, source string) {
	price, source = p.base, sourceBase
	for _, c := range p.changes {
		if c.in == s && time >= c.from {
			price, source = c.price, c.source
		}
	}
	return price, source
}

// some says how much of the product that is.
func (p *product) some(n int64) string {
	units := map[string]string{"KILOGRAM": "kg", "METRE": "m", "LITRE": "l"}
	switch name := units[p.unit]; {
	case name != "":
		return fmt.Sprintf("%s %s %s", quantity(n), name, p.name)
	case n == unit:
		return p.name
	default:
		return fmt.Sprintf("%s %s", quantity(n), p.name)
	}
}

// stocked says that there is a stock of it.
func (p *product) stocked() bool { return len(p.opening) > 0 }

// scale is how barcodes with a weight or a price in them are written, and which item of it a product is.
type scale struct {
	prefix      string
	itemDigits  int
	checkDigit  bool
	valueDigits int
	item        int64
}

// code is the barcode of the item with a value.
func (s *scale) code(value int64) string {
	text := s.prefix + fmt.Sprintf("%0*d", s.itemDigits, s.item)
	if s.checkDigit {
		text += "0"
	}
	return ean13(text + fmt.Sprintf("%0*d", s.valueDigits, value))
}

// ean13 adds the check digit to twelve digits.
func ean13(digits string) string {
	sum := 0
	for i, digit := range digits {
		weight := 1 + 2*(i%2)
		sum += weight * int(digit-'0')
	}
	return digits + strconv.Itoa((10-sum%10)%10)
}

// goods are the products by the names that the script has for them.
type goods struct {
	bread, milk, sugar, oil, soap, soda, cake, beer, tomatoes, cheese, cloth *product
	shirt, shirtS, shirtL, delivery, giftCard, lantern, pen, book            *product
}

// The categories of taxes that goods are in.
const (
	taxStandard = "standard"
	taxZero     = "zero-rated"
	taxExcise   = "excise and VAT"
)

func levies() map[string][]levy {
	vat := levy{name: "VAT", code: "A", ppm: 160_000}
	on := vat
	on.compound = true
	return map[string][]levy{
		taxStandard: {vat},
		taxZero:     {{name: "VAT zero-rated", code: "Z"}},
		taxExcise:   {{name: "Excise duty", code: "X", ppm: 100_000}, on},
	}
}

func newGoods() *goods {
	const each, goodsKind = "EACH", "GOODS"
	many := []int64{100 * unit, 100 * unit}
	of := func(name string, base int64, category string) *product {
		return &product{name: name, kind: goodsKind, unit: each, base: base, category: category, opening: many}
	}
	g := &goods{
		bread: of("Bread", 65_00, taxZero), milk: of("Milk", 60_00, taxZero), sugar: of("Sugar", 160_00, taxStandard),
		oil: of("Oil", 350_00, taxStandard), soap: of("Soap", 45_00, taxStandard), soda: of("Soda", 80_00, taxStandard),
		cake: of("Cake", 100_00, taxStandard), beer: of("Beer", 250_00, taxExcise),
		tomatoes: of("Tomatoes", 120_00, taxZero), cheese: of("Cheese", 1150_00, taxStandard),
		cloth: of("Kitenge", 320_00, taxStandard), shirt: of("T-shirt", 550_00, taxStandard),
		shirtS: of("T-shirt S", 550_00, taxStandard), shirtL: of("T-shirt L", 600_00, taxStandard),
		delivery: of("Delivery", 150_00, taxStandard), giftCard: of("Gift card", 1000_00, ""),
		lantern: of("Lantern", 899_00, taxStandard), pen: of("Pen", 34_95, taxStandard), book: of("Exercise book", 119_99, taxStandard),
	}
	g.tomatoes.unit, g.cheese.unit, g.cloth.unit = "KILOGRAM", "KILOGRAM", "METRE"
	g.delivery.kind, g.giftCard.kind = "SERVICE", "GIFT_CARD"
	g.delivery.opening, g.giftCard.opening, g.shirt.opening = nil, nil, nil
	g.lantern.opening, g.lantern.short = []int64{1 * unit, 1 * unit}, true
	g.shirtS.option, g.shirtL.option = "S", "L"
	for _, p := range g.all() {
		p.taxes = levies()[p.category]
	}
	return g
}

// all are the products, those with variants before them.
func (g *goods) all() []*product {
	return []*product{
		g.bread, g.milk, g.sugar, g.oil, g.soap, g.soda, g.cake, g.beer, g.tomatoes, g.cheese, g.cloth, g.shirt, g.shirtS,
		g.shirtL, g.delivery, g.giftCard, g.lantern, g.pen, g.book,
	}
}

// name gives the products SKUs and barcodes that nobody has yet.
func (g *goods) name(run string, number int64) {
	for i, p := range g.all() {
		p.sku = run + "-" + strings.ToUpper(strings.ReplaceAll(p.name, " ", ""))
		if p.scale == nil && p.stocked() {
			p.barcode = ean13(fmt.Sprintf("29%08d%02d", number%100_000_000, i))
		}
	}
}
