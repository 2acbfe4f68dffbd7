package report

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

func amount(minor int64, c money.Currency) *money.Money {
	return &money.Money{Minor: minor, Currency: c}
}

// Row is a group of a report, in one currency.
type Row struct {
	Group   *Group
	Figures *Figures
	// Previous is nil where nothing is compared.
	Previous *Figures
	// ShareOfTotal is nil where there is no total.
	ShareOfTotal *money.Decimal
	// RunningTotal is nil but in rows.
	RunningTotal *money.Money

	key key
}

// CurrencyCode is what the row's amounts are in.
func (r *Row) CurrencyCode() money.Currency { return r.key.currency }

// Change is how the row stands to the period before; nil where nothing is compared.
func (r *Row) Change() *Change {
	if r.Previous == nil {
		return nil
	}
	return &Change{now: r.Figures, before: r.Previous}
}

// compare orders rows by their groups.
func (r *Row) compare(o *Row, groupBy []Dimension) int {
	for i, d := range groupBy {
		a, b := r.key.of[i], o.key.of[i]
		if c := compareKeys(d, a, b); c != 0 {
			return c
		}
	}
	return cmp.Compare(r.key.currency, o.key.currency)
}

func compareKeys(d Dimension, a, b string) int {
	switch d {
	case ByHour, ByWeekday:
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return cmp.Compare(x, y)
	case ByTaxRate:
		x, y := taxKey(a), taxKey(b)
		return cmp.Or(cmp.Compare(y.ratePPM, x.ratePPM), cmp.Compare(a, b))
	default:
		return cmp.Compare(a, b)
	}
}

// Group says what a row is of. What a report isn't grouped by is nil.
type Group struct {
	StoreID         *id.Store
	RegisterID      *id.Register
	CashierID       *id.User
	Day             *civil.Date
	Week            *civil.Date
	Month           *civil.Date
	Hour            *int
	Weekday         *int
	CategoryID      *id.Category
	CategoryTodayID *id.Category
	ProductID       *id.Product
	Tender          *string
	TaxRate         *TaxKey
	DiscountReason  *string
}

// TaxKey names a tax as receipts did; the name is empty for what bears none.
type TaxKey struct {
	Name, Code string
	ratePPM    money.PPM
}

// Rate is the tax in percent.
func (t *TaxKey) Rate() money.Decimal { return t.ratePPM.Percent() }

func taxKey(text string) *TaxKey {
	rate, rest, _ := strings.Cut(text, "\x1f")
	code, name, _ := strings.Cut(rest, "\x1f")
	ppm, _ := strconv.ParseInt(rate, 10, 32)
	return &TaxKey{Name: name, Code: code, ratePPM: money.PPM(ppm)}
}

func groupOf(groupBy []Dimension, of key) *Group {
	g := &Group{}
	for i, d := range groupBy {
		g.set(d, of.of[i])
	}
	return g
}

func (g *Group) set(d Dimension, text string) {
	switch d {
	case ByStore:
		g.StoreID = parsed[id.Store](text)
	case ByRegister:
		g.RegisterID = parsed[id.Register](text)
	case ByCashier:
		g.CashierID = parsed[id.User](text)
	case ByCategory:
		g.CategoryID = parsed[id.Category](text)
	case ByCategoryToday:
		g.CategoryTodayID = parsed[id.Category](text)
	case ByProduct:
		g.ProductID = parsed[id.Product](text)
	case ByDay:
		g.Day = date(text)
	case ByWeek:
		g.Week = date(text)
	case ByMonth:
		g.Month = date(text)
	case ByHour:
		g.Hour = whatNumber(text)
	case ByWeekday:
		g.Weekday = whatNumber(text)
	case ByTender:
		g.Tender = &text
	case ByTaxRate:
		g.TaxRate = taxKey(text)
	case ByDiscountReason:
		g.DiscountReason = &text
	}
}

// parsed is nil for the zero id, which stands for nobody.
func parsed[T ~[16]byte](text string) *T {
	u, err := uuid.Parse(text)
	if err != nil || u == uuid.Nil {
		return nil
	}
	v := T(u)
	return &v
}

func date(text string) *civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		return nil
	}
	return &d
}

func whatNumber(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &n
}

// TenderSum is what was paid in one way.
type TenderSum struct {
	Method    string
	SaleCount int64

	minor    int64
	currency money.Currency
}

// Amount is what stayed: less change, refunds and voids.
func (t *TenderSum) Amount() *money.Money { return amount(t.minor, t.currency) }

// Figures are what sales came to. What can't be told of a group is nil.
type Figures struct {
	*sums

	// Tenders are empty where they weren't asked for or can't be told.
	Tenders []*TenderSum

	family *family
	// counts says that receipts are counted once.
	counts bool
	// costs says that the caller may see costs in all of the report's stores.
	costs bool
}

func (f *Figures) money(column string, minor int64) *money.Money {
	if !f.family.has(column) {
		return nil
	}
	return amount(minor, f.sums.Currency)
}

// value is the figure that shares and running totals are of: the net, or what the group has in its place.
func (f *Figures) value() int64 {
	switch f.family.worth {
	case "amount":
		return f.Amount
	case "discount":
		return f.Discount
	default:
		return f.sums.Net
	}
}

func (f *Figures) count(column string, n int64) *int {
	if !f.counts || !f.family.has(column) {
		return nil
	}
	whole := int(n)
	return &whole
}

// Gross is what was sold, before discounts.
func (f *Figures) Gross() *money.Money { return f.money("gross", f.sums.Gross) }

// Discounts are what was taken off.
func (f *Figures) Discounts() *money.Money { return f.money("discount", f.sums.Discount) }

// Returns are what was given back for goods.
func (f *Figures) Returns() *money.Money { return f.money("returned", f.sums.Returned) }

// Net is what was sold, after discounts and returns and before tax.
func (f *Figures) Net() *money.Money { return f.money("net", f.sums.Net) }

// Tax is the tax on it.
func (f *Figures) Tax() *money.Money { return f.money("tax", f.sums.Tax) }

// Rounding is what rounding to the smallest coin added.
func (f *Figures) Rounding() *money.Money { return f.money("rounding", f.sums.Rounding) }

// Total is what customers paid: net, tax and rounding.
func (f *Figures) Total() *money.Money {
	return f.money("rounding", f.sums.Net+f.sums.Tax+f.sums.Rounding)
}

// Tendered is what was paid in the way that the group is of.
func (f *Figures) Tendered() *money.Money { return f.money("amount", f.Amount) }

// SaleCount counts receipts on which something was sold.
func (f *Figures) SaleCount() *int { return f.count("sale_count", f.Sales) }

// ReturnCount counts receipts on which something came back.
func (f *Figures) ReturnCount() *int { return f.count("return_count", f.sums.Returns) }

// VoidCount counts receipts that were voided.
func (f *Figures) VoidCount() *int { return f.count("void_count", f.Voids) }

// Voided is the total of these.
func (f *Figures) Voided() *money.Money { return f.money("voided", f.sums.Voided) }

func (f *Figures) quantity(milli int64) *money.Decimal {
	if !f.family.has("sold") {
		return nil
	}
	quantity := money.Quantity(milli)
	return &quantity
}

// UnitsSold is how much was sold.
func (f *Figures) UnitsSold() *money.Decimal { return f.quantity(f.Sold) }

// UnitsReturned is how much came back.
func (f *Figures) UnitsReturned() *money.Decimal { return f.quantity(f.Back) }

// Units is how much was sold, less what came back.
func (f *Figures) Units() *money.Decimal { return f.quantity(f.Sold - f.Back) }

// AverageBasket is the net by receipt.
func (f *Figures) AverageBasket() *money.Money {
	if !f.counts || !f.family.has("net") || !f.family.has("sale_count") {
		return nil
	}
	minor, err := money.MulDiv(f.sums.Net, 1, f.Sales)
	if err != nil {
		return nil
	}
	return amount(minor, f.sums.Currency)
}

// UnitsPerSale is what was sold by receipt.
func (f *Figures) UnitsPerSale() *money.Decimal {
	if !f.counts || !f.family.has("sold") {
		return nil
	}
	milli, err := money.MulDiv(f.Sold, 1, f.Sales)
	if err != nil {
		return nil
	}
	return f.quantity(milli)
}

func (f *Figures) ofCost(minor int64) *money.Money {
	if !f.costs {
		return nil
	}
	return f.money("cost", minor)
}

// Cost is what the goods cost, as far as that is known.
func (f *Figures) Cost() *money.Money { return f.ofCost(f.sums.Cost) }

// Margin is what is left of the net of goods of known cost.
func (f *Figures) Margin() *money.Money { return f.ofCost(f.NetCosted - f.sums.Cost) }

// NetWithoutCost is the net of goods whose cost isn't known.
func (f *Figures) NetWithoutCost() *money.Money { return f.ofCost(f.sums.Net - f.NetCosted) }

// MarginRate is the margin in percent of that net.
func (f *Figures) MarginRate() *money.Decimal {
	if !f.costs || !f.family.has("cost") {
		return nil
	}
	return share(f.NetCosted-f.sums.Cost, f.NetCosted)
}

func share(part, whole int64) *money.Decimal {
	rate, ok := money.ShareOf(part, whole)
	if !ok {
		return nil
	}
	return &rate
}

// Change is how figures stand to those of the period before.
type Change struct{ now, before *Figures }

// Net is how much more net it is.
func (c *Change) Net() *money.Money { return c.now.money("net", c.now.sums.Net-c.before.sums.Net) }

// NetRate is the same in percent of the period before, nil where there was nothing.
func (c *Change) NetRate() *money.Decimal { return c.rate("net", c.now.sums.Net, c.before.sums.Net) }

// Gross is how much more gross it is.
func (c *Change) Gross() *money.Money {
	return c.now.money("gross", c.now.sums.Gross-c.before.sums.Gross)
}

// GrossRate is the same in percent of the period before.
func (c *Change) GrossRate() *money.Decimal {
	return c.rate("gross", c.now.sums.Gross, c.before.sums.Gross)
}

// SaleCount is how many receipts more there are.
func (c *Change) SaleCount() *int { return c.now.count("sale_count", c.now.Sales-c.before.Sales) }

// SaleCountRate is the same in percent of the period before.
func (c *Change) SaleCountRate() *money.Decimal {
	if !c.now.counts {
		return nil
	}
	return c.rate("sale_count", c.now.Sales, c.before.Sales)
}

func (c *Change) rate(column string, now, before int64) *money.Decimal {
	if !c.now.family.has(column) {
		return nil
	}
	return share(now-before, before)
}
