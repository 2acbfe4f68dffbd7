package tenancy

// BusinessType is a company's trade: it decides which modules it has, and what its settings are until it decides.
type BusinessType string

// The trades.
const (
	Retail      BusinessType = "RETAIL"
	Restaurant  BusinessType = "RESTAURANT"
	Supermarket BusinessType = "SUPERMARKET"
	AutoService BusinessType = "AUTO_SERVICE"
	Dealership  BusinessType = "DEALERSHIP"
)

// BusinessTypes are all there are.
func BusinessTypes() []BusinessType {
	return []BusinessType{Retail, Restaurant, Supermarket, AutoService, Dealership}
}
