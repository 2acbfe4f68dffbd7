package signup

import "github.com/tillgraph/tillgraph/internal/money"

// country is what shops of a country mostly begin with. The tax is its standard rate; what a company owes is the
// company's to check.
type country struct {
	currency money.Currency
	zone     string
	tax      string
	rate     money.PPM
	// exclusive says that the tax comes on top of prices.
	exclusive bool
	// cash is the smallest cash in use, in minor units; 0 doesn't round.
	cash int64
	// scale is about how much of the currency a dollar is: sample prices are multiples of it.
	scale int64
}

const vat = "VAT"

// countries are those whose rules are known, by ISO 3166-1 alpha-2. For others the input says them.
func countries() map[string]country {
	return map[string]country{
		"AE": {currency: "AED", zone: "Asia/Dubai", tax: vat, rate: 50_000, cash: 25, scale: 4},
		"AR": {currency: "ARS", zone: "America/Argentina/Buenos_Aires", tax: "IVA", rate: 210_000, cash: 1000, scale: 1400},
		"AT": {currency: "EUR", zone: "Europe/Vienna", tax: "USt", rate: 200_000, scale: 1},
		"AU": {currency: "AUD", zone: "Australia/Sydney", tax: "GST", rate: 100_000, cash: 5, scale: 2},
		"BD": {currency: "BDT", zone: "Asia/Dhaka", tax: vat, rate: 150_000, cash: 100, scale: 120},
		"BE": {currency: "EUR", zone: "Europe/Brussels", tax: vat, rate: 210_000, cash: 5, scale: 1},
		"BW": {currency: "BWP", zone: "Africa/Gaborone", tax: vat, rate: 140_000, cash: 5, scale: 13},
		"CA": {currency: "CAD", zone: "America/Toronto", tax: "GST", rate: 50_000, exclusive: true, cash: 5, scale: 1},
		"CH": {currency: "CHF", zone: "Europe/Zurich", tax: "MWST", rate: 81_000, cash: 5, scale: 1},
		"CL": {currency: "CLP", zone: "America/Santiago", tax: "IVA", rate: 190_000, cash: 10, scale: 950},
		"CO": {currency: "COP", zone: "America/Bogota", tax: "IVA", rate: 190_000, cash: 5000, scale: 4000},
		"CZ": {currency: "CZK", zone: "Europe/Prague", tax: "DPH", rate: 210_000, cash: 100, scale: 21},
		"DE": {currency: "EUR", zone: "Europe/Berlin", tax: "USt", rate: 190_000, scale: 1},
		"DK": {currency: "DKK", zone: "Europe/Copenhagen", tax: "Moms", rate: 250_000, cash: 50, scale: 6},
		"EG": {currency: "EGP", zone: "Africa/Cairo", tax: vat, rate: 140_000, cash: 25, scale: 48},
		"ES": {currency: "EUR", zone: "Europe/Madrid", tax: "IVA", rate: 210_000, scale: 1},
		"ET": {currency: "ETB", zone: "Africa/Addis_Ababa", tax: vat, rate: 150_000, cash: 5, scale: 140},
		"FI": {currency: "EUR", zone: "Europe/Helsinki", tax: "ALV", rate: 255_000, cash: 5, scale: 1},
		"FR": {currency: "EUR", zone: "Europe/Paris", tax: "TVA", rate: 200_000, scale: 1},
		"GB": {currency: "GBP", zone: "Europe/London", tax: vat, rate: 200_000, scale: 1},
		"IE": {currency: "EUR", zone: "Europe/Dublin", tax: vat, rate: 230_000, cash: 5, scale: 1},
		"IN": {currency: "INR", zone: "Asia/Kolkata", tax: "GST", rate: 180_000, cash: 100, scale: 85},
		"IT": {currency: "EUR", zone: "Europe/Rome", tax: "IVA", rate: 220_000, cash: 5, scale: 1},
		"JP": {currency: "JPY", zone: "Asia/Tokyo", tax: "Consumption tax", rate: 100_000, scale: 150},
		"KE": {currency: "KES", zone: "Africa/Nairobi", tax: vat, rate: 160_000, cash: 100, scale: 130},
		"KW": {currency: "KWD", zone: "Asia/Kuwait", cash: 5, scale: 1},
		"LK": {currency: "LKR", zone: "Asia/Colombo", tax: vat, rate: 180_000, cash: 100, scale: 300},
		"MA": {currency: "MAD", zone: "Africa/Casablanca", tax: "TVA", rate: 200_000, cash: 10, scale: 10},
		"MU": {currency: "MUR", zone: "Indian/Mauritius", tax: vat, rate: 150_000, cash: 100, scale: 45},
		"MX": {currency: "MXN", zone: "America/Mexico_City", tax: "IVA", rate: 160_000, cash: 50, scale: 18},
		"NA": {currency: "NAD", zone: "Africa/Windhoek", tax: vat, rate: 150_000, cash: 5, scale: 18},
		"NG": {currency: "NGN", zone: "Africa/Lagos", tax: vat, rate: 75_000, cash: 100, scale: 1500},
		"NL": {currency: "EUR", zone: "Europe/Amsterdam", tax: "BTW", rate: 210_000, cash: 5, scale: 1},
		"NO": {currency: "NOK", zone: "Europe/Oslo", tax: "MVA", rate: 250_000, cash: 100, scale: 10},
		"NZ": {currency: "NZD", zone: "Pacific/Auckland", tax: "GST", rate: 150_000, cash: 10, scale: 2},
		"PH": {currency: "PHP", zone: "Asia/Manila", tax: vat, rate: 120_000, cash: 25, scale: 57},
		"PL": {currency: "PLN", zone: "Europe/Warsaw", tax: vat, rate: 230_000, scale: 4},
		"PT": {currency: "EUR", zone: "Europe/Lisbon", tax: "IVA", rate: 230_000, scale: 1},
		"RW": {currency: "RWF", zone: "Africa/Kigali", tax: vat, rate: 180_000, cash: 10, scale: 1400},
		"SA": {currency: "SAR", zone: "Asia/Riyadh", tax: vat, rate: 150_000, cash: 5, scale: 4},
		"SE": {currency: "SEK", zone: "Europe/Stockholm", tax: "Moms", rate: 250_000, cash: 100, scale: 10},
		"SG": {currency: "SGD", zone: "Asia/Singapore", tax: "GST", rate: 90_000, cash: 5, scale: 1},
		"TH": {currency: "THB", zone: "Asia/Bangkok", tax: vat, rate: 70_000, cash: 25, scale: 33},
		"TR": {currency: "TRY", zone: "Europe/Istanbul", tax: "KDV", rate: 200_000, cash: 5, scale: 40},
		"TZ": {currency: "TZS", zone: "Africa/Dar_es_Salaam", tax: vat, rate: 180_000, cash: 5000, scale: 2500},
		"UG": {currency: "UGX", zone: "Africa/Kampala", tax: vat, rate: 180_000, cash: 50, scale: 3600},
		"US": {currency: "USD", zone: "America/New_York", tax: "Sales tax", exclusive: true, scale: 1},
		"ZA": {currency: "ZAR", zone: "Africa/Johannesburg", tax: vat, rate: 150_000, cash: 10, scale: 18},
		"ZM": {currency: "ZMW", zone: "Africa/Lusaka", tax: vat, rate: 160_000, cash: 5, scale: 25},
	}
}
