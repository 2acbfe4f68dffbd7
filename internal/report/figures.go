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
	Figures *Figures
	// Previous is nil where nothing is compared.
	Previous *Figures

	key   *key
	group Group
	// whole is what all rows of its currency come to, sum what it and those before it do. Totals of groups have none.
	whole, sum int64
	summed     bool
}

// ShareOfTotal can't be told where there is no total.
func (r *Row) ShareOfTotal() (money.Decimal, bool) { return money.ShareOf(r.Figures.value(), r.whole) }

// RunningTotal is told of rows alone.
func (r *Row) RunningTotal() (money.Money, bool) {
	return money.Money{Minor: r.sum, Currency: r.key.currency}, r.summed
}

// Group says what the row is of.
func (r *Row) Group() *Group { return &r.group }

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

// Group says what a row is of. What a report isn't grouped by isn't told. It is read of the row's key where it is asked for:
// most of a long report isn't.
type Group struct {
	by  []Dimension
	key *key
}

// text is the key of a dimension; ok is false where the report isn't grouped by it.
func (g *Group) text(d Dimension) (text string, ok bool) {
	for i, by := range g.by {
		if by == d {
			return g.key.of[i], true
		}
	}
	return "", false
}

// StoreID is the store.
func (g *Group) StoreID() *id.Store { return idOf[id.Store](g, ByStore) }

// RegisterID is the register.
func (g *Group) RegisterID() *id.Register { return idOf[id.Register](g, ByRegister) }

// CashierID is who sold.
func (g *Group) CashierID() *id.User { return idOf[id.User](g, ByCashier) }

// CategoryID is the category as sold.
func (g *Group) CategoryID() *id.Category { return idOf[id.Category](g, ByCategory) }

// CategoryTodayID is that of today.
func (g *Group) CategoryTodayID() *id.Category { return idOf[id.Category](g, ByCategoryToday) }

// BrandID is the brand as sold.
func (g *Group) BrandID() *id.Brand { return idOf[id.Brand](g, ByBrand) }

// BrandTodayID is that of today.
func (g *Group) BrandTodayID() *id.Brand { return idOf[id.Brand](g, ByBrandToday) }

// SupplierID is the supplier as sold.
func (g *Group) SupplierID() *id.Supplier { return idOf[id.Supplier](g, BySupplier) }

// SupplierTodayID is that of today.
func (g *Group) SupplierTodayID() *id.Supplier { return idOf[id.Supplier](g, BySupplierToday) }

// CustomerGroupID is the group that the customer was in.
func (g *Group) CustomerGroupID() *id.CustomerGroup {
	return idOf[id.CustomerGroup](g, ByCustomerGroup)
}

// ProductID is the product.
func (g *Group) ProductID() *id.Product { return idOf[id.Product](g, ByProduct) }

// Day is the business day.
func (g *Group) Day() (civil.Date, bool) { return g.date(ByDay) }

// Week is the Monday of the week.
func (g *Group) Week() (civil.Date, bool) { return g.date(ByWeek) }

// Month is the first of the month.
func (g *Group) Month() (civil.Date, bool) { return g.date(ByMonth) }

// Hour is the hour.
func (g *Group) Hour() (int, bool) { return g.number(ByHour) }

// Weekday is the day of the week, 1 for Monday.
func (g *Group) Weekday() (int, bool) { return g.number(ByWeekday) }

// Tender is the way of paying.
func (g *Group) Tender() (method string, told bool) { return g.text(ByTender) }

// DiscountReason is why discounts were given.
func (g *Group) DiscountReason() (reason string, told bool) { return g.text(ByDiscountReason) }

// TaxRate is the tax.
func (g *Group) TaxRate() *TaxKey {
	text, ok := g.text(ByTaxRate)
	if !ok {
		return nil
	}
	return taxKey(text)
}

func (g *Group) number(d Dimension) (int, bool) {
	text, told := g.text(d)
	if !told {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func (g *Group) date(d Dimension) (civil.Date, bool) {
	text, told := g.text(d)
	if !told {
		return civil.Date{}, false
	}
	day, err := civil.Parse(text)
	return day, err == nil
}

// idOf is nil for the zero id, which stands for nobody.
func idOf[T ~[16]byte](g *Group, d Dimension) *T {
	text, _ := g.text(d)
	u, err := uuid.Parse(text)
	if err != nil || u == uuid.Nil {
		return nil
	}
	v := T(u)
	return &v
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

// TenderSum is what was paid in one way.
type TenderSum struct {
	Method    string
	SaleCount int64

	minor    int64
	currency money.Currency
}

// Amount is what stayed: less change, refunds and voids.
func (t *TenderSum) Amount() *money.Money { return amount(t.minor, t.currency) }

// Figures are what sales came to. Each says whether it can be told of its group.
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

func (f *Figures) money(column string, minor int64) (money.Money, bool) {
	return money.Money{Minor: minor, Currency: f.sums.key.currency}, f.family.has(column)
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

func (f *Figures) count(column string, n int64) (int, bool) {
	return int(n), f.counts && f.family.has(column)
}

// Gross is what was sold, before discounts.
func (f *Figures) Gross() (money.Money, bool) { return f.money("gross", f.sums.Gross) }

// Discounts are what was taken off.
func (f *Figures) Discounts() (money.Money, bool) { return f.money("discount", f.sums.Discount) }

// Returns are what was given back for goods.
func (f *Figures) Returns() (money.Money, bool) { return f.money("returned", f.sums.Returned) }

// Net is what was sold, after discounts and returns and before tax.
func (f *Figures) Net() (money.Money, bool) { return f.money("net", f.sums.Net) }

// Tax is the tax on it.
func (f *Figures) Tax() (money.Money, bool) { return f.money("tax", f.sums.Tax) }

// Rounding is what rounding to the smallest coin added.
func (f *Figures) Rounding() (money.Money, bool) { return f.money("rounding", f.sums.Rounding) }

// Total is what customers paid: net, tax and rounding.
func (f *Figures) Total() (money.Money, bool) {
	return f.money("rounding", f.sums.Net+f.sums.Tax+f.sums.Rounding)
}

// Tendered is what was paid in the way that the group is of.
func (f *Figures) Tendered() (money.Money, bool) { return f.money("amount", f.Amount) }

// SaleCount counts receipts on which something was sold.
func (f *Figures) SaleCount() (int, bool) { return f.count("sale_count", f.Sales) }

// ReturnCount counts receipts on which something came back.
func (f *Figures) ReturnCount() (int, bool) { return f.count("return_count", f.sums.Returns) }

// VoidCount counts receipts that were voided.
func (f *Figures) VoidCount() (int, bool) { return f.count("void_count", f.Voids) }

// Voided is the total of these.
func (f *Figures) Voided() (money.Money, bool) { return f.money("voided", f.sums.Voided) }

func (f *Figures) quantity(milli int64) (money.Decimal, bool) {
	return money.Quantity(milli), f.family.has("sold")
}

// UnitsSold is how much was sold.
func (f *Figures) UnitsSold() (money.Decimal, bool) { return f.quantity(f.Sold) }

// UnitsReturned is how much came back.
func (f *Figures) UnitsReturned() (money.Decimal, bool) { return f.quantity(f.Back) }

// Units is how much was sold, less what came back.
func (f *Figures) Units() (money.Decimal, bool) { return f.quantity(f.Sold - f.Back) }

// AverageBasket is the net by receipt.
func (f *Figures) AverageBasket() (money.Money, bool) {
	minor, err := money.MulDiv(f.sums.Net, 1, f.Sales)
	if err != nil || !f.counts || !f.family.has("sale_count") {
		return money.Money{}, false
	}
	return f.money("net", minor)
}

// UnitsPerSale is what was sold by receipt.
func (f *Figures) UnitsPerSale() (money.Decimal, bool) {
	milli, err := money.MulDiv(f.Sold, 1, f.Sales)
	if err != nil || !f.counts {
		return money.Decimal{}, false
	}
	return f.quantity(milli)
}

func (f *Figures) ofCost(minor int64) (money.Money, bool) {
	if !f.costs {
		return money.Money{}, false
	}
	return f.money("cost", minor)
}

// Cost is what the goods cost, as far as that is known.
func (f *Figures) Cost() (money.Money, bool) { return f.ofCost(f.sums.Cost) }

// Margin is what is left of the net of goods of known cost.
func (f *Figures) Margin() (money.Money, bool) { return f.ofCost(f.NetCosted - f.sums.Cost) }

// NetWithoutCost is the net of goods whose cost isn't known.
func (f *Figures) NetWithoutCost() (money.Money, bool) { return f.ofCost(f.sums.Net - f.NetCosted) }

// MarginRate is the margin in percent of that net.
func (f *Figures) MarginRate() (money.Decimal, bool) {
	if !f.costs || !f.family.has("cost") {
		return money.Decimal{}, false
	}
	return money.ShareOf(f.NetCosted-f.sums.Cost, f.NetCosted)
}

// Change is how figures stand to those of the period before.
type Change struct{ now, before *Figures }

// Net is how much more net it is.
func (c *Change) Net() (money.Money, bool) {
	return c.now.money("net", c.now.sums.Net-c.before.sums.Net)
}

// NetRate is the same in percent of the period before, which can't be told where there was nothing.
func (c *Change) NetRate() (money.Decimal, bool) {
	return c.rate("net", c.now.sums.Net, c.before.sums.Net)
}

// Gross is how much more gross it is.
func (c *Change) Gross() (money.Money, bool) {
	return c.now.money("gross", c.now.sums.Gross-c.before.sums.Gross)
}

// GrossRate is the same in percent of the period before.
func (c *Change) GrossRate() (money.Decimal, bool) {
	return c.rate("gross", c.now.sums.Gross, c.before.sums.Gross)
}

// SaleCount is how many receipts more there are.
func (c *Change) SaleCount() (int, bool) {
	return c.now.count("sale_count", c.now.Sales-c.before.Sales)
}

// SaleCountRate is the same in percent of the period before.
func (c *Change) SaleCountRate() (money.Decimal, bool) {
	if !c.now.counts {
		return money.Decimal{}, false
	}
	return c.rate("sale_count", c.now.Sales, c.before.Sales)
}

func (c *Change) rate(column string, now, before int64) (money.Decimal, bool) {
	if !c.now.family.has(column) {
		return money.Decimal{}, false
	}
	return money.ShareOf(now-before, before)
}
