package money

import (
	"io"
	"strconv"
)

// Currency is an ISO 4217 alphabetic code, as in "KES".
type Currency string

// ParseCurrency reads an active ISO 4217 code in capitals. Its error is ErrUnknownCurrency.
func ParseCurrency(text string) (Currency, error) {
	c := Currency(text)
	if _, ok := c.minorUnits(); !ok {
		return "", ErrUnknownCurrency
	}
	return c, nil
}

// Decimals is how many decimal places the currency has: 0 for UGX, 2 for KES, 3 for KWD, 4 for CLF. A code that
// ParseCurrency would refuse counts as 2, so that a row with a code that has since been withdrawn still prints.
func (c Currency) Decimals() int {
	if n, ok := c.minorUnits(); ok {
		return n
	}
	return 2
}

// minorUnits is ISO 4217 list one (SIX Interbank Clearing, the standard's maintenance agency,
// https://www.six-group.com/en/products-services/financial-information/data-standards.html), amendments up to 180:
// the active codes that have minor units, so without precious metals, bond market units, XDR, XSU, XUA, XTS, XXX.
func (c Currency) minorUnits() (int, bool) {
	switch c {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
		"XOF", "XPF":
		return 0, true
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3, true
	case "CLF", "UYW":
		return 4, true
	case "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB",
		"BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CNY", "COP", "COU",
		"CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL",
		"GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES",
		"KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK",
		"MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
		"NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG",
		"SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP",
		"TRY", "TTD", "TWD", "TZS", "UAH", "USD", "USN", "UYU", "UZS", "VED", "VES", "WST", "XAD", "XCD", "XCG",
		"YER", "ZAR", "ZMW", "ZWG":
		return 2, true
	}
	return 0, false
}

// MarshalGQL writes the code as a JSON string.
func (c Currency) MarshalGQL(w io.Writer) { writeQuoted(w, string(c)) }

// UnmarshalGQL reads a code. Its errors don't repeat what came.
func (c *Currency) UnmarshalGQL(src any) error {
	text, ok := src.(string)
	if !ok {
		return ErrUnknownCurrency
	}
	parsed, err := ParseCurrency(text)
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// writeQuoted has no error to give: gqlgen's interface has none, and its writers are buffers.
func writeQuoted(w io.Writer, text string) {
	_, _ = io.WriteString(w, strconv.Quote(text))
}
