package money

const (
	// costScale is how many decimal places a cost has beyond those of its currency.
	costScale = 4
	// costUnits are the units of a cost in one minor unit.
	costUnits = 10_000
	// milliUnits are the thousandths in one unit of a product.
	milliUnits = 1000
)

// MaxCost bounds a cost: MaxPrice.
const MaxCost = Cost(MaxPrice * costUnits)

// Cost is what one unit of a product costs a shop, in ten-thousandths of a minor unit: an average of prices seldom is
// a whole number of cents, and screws are bought by the thousand.
type Cost int64

// CostOf makes the cost of an amount of minor units.
func CostOf(minor int64) Cost { return Cost(minor * costUnits) }

// Cost gives the number as a cost in a currency: up to four decimal places more than it has. Errors: ErrTooPrecise,
// and ErrTooLarge beyond MaxCost in either direction.
func (d Decimal) Cost(c Currency) (Cost, error) {
	n, err := d.scaled(c.Decimals()+costScale, int64(MaxCost))
	return Cost(n), err
}

// Of gives what a quantity of thousandths costs, in minor units, rounded half away from zero. Errors: ErrTooLarge
// beyond MaxTotal in either direction.
func (c Cost) Of(milli int64) (int64, error) {
	minor, err := MulDiv(milli, int64(c), costUnits*milliUnits)
	if err == nil && (minor > MaxTotal || minor < -MaxTotal) {
		err = ErrTooLarge
	}
	return minor, err
}

// UnitCostOf is the cost of one unit when a quantity of thousandths cost an amount of minor units. Errors: those of
// MulDiv, and ErrTooLarge beyond MaxCost in either direction.
func UnitCostOf(minor, milli int64) (Cost, error) {
	n, err := MulDiv(minor, costUnits*milliUnits, milli)
	if err == nil && (n > int64(MaxCost) || n < -int64(MaxCost)) {
		err = ErrTooLarge
	}
	return Cost(n), err
}

// UnitCost is a cost with its currency, as the graph shows it.
type UnitCost struct {
	Cost     Cost
	Currency Currency
}

// Amount gives the cost with at least as many decimal places as the currency has, and four more where it needs them.
func (u UnitCost) Amount() Decimal {
	d := Decimal{unscaled: int64(u.Cost), scale: uint8(u.Currency.Decimals() + costScale)} //nolint:gosec // 4 to 8
	for int(d.scale) > u.Currency.Decimals() && d.unscaled%10 == 0 {
		d.unscaled /= 10
		d.scale--
	}
	return d
}

// CurrencyCode gives the currency, under the name that the GraphQL type has for it.
func (u UnitCost) CurrencyCode() Currency { return u.Currency }
