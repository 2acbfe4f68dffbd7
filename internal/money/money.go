package money

// Money is an amount in minor units of its currency: cents for USD, shillings for UGX.
type Money struct {
	Minor    int64
	Currency Currency
}

// Amount gives the amount with as many decimal places as the currency has.
func (m Money) Amount() Decimal {
	return Decimal{unscaled: m.Minor, scale: uint8(m.Currency.Decimals())} //nolint:gosec // 0 to 4
}

// CurrencyCode gives the currency, under the name that the GraphQL type has for it.
func (m Money) CurrencyCode() Currency { return m.Currency }

// String gives the amount and the code, as in "3.50 USD".
func (m Money) String() string { return m.Amount().String() + " " + string(m.Currency) }
