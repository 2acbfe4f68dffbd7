package seed

// The words of the schema that the data uses.
const (
	roleOwner   = "OWNER"
	roleManager = "MANAGER"
	roleCashier = "CASHIER"

	unitEach     = "EACH"
	unitKilogram = "KILOGRAM"

	methodCash   = "CASH"
	methodCard   = "CARD"
	methodMobile = "MOBILE_MONEY"

	sourceBase  = "BASE"
	sourceStore = "STORE"

	statusActive   = "ACTIVE"
	statusArchived = "ARCHIVED"

	// thousandths make one unit of a product.
	thousandths = 1000
)
