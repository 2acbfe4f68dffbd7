package tax

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	CategoryCreateUserErrorCode string
	CategoryUpdateUserErrorCode string
	RatesSetUserErrorCode       string
	StoreRatesSetUserErrorCode  string
	StoreRatesEndUserErrorCode  string

	CategoryCreateUserError = errs.User[CategoryCreateUserErrorCode]
	CategoryUpdateUserError = errs.User[CategoryUpdateUserErrorCode]
	RatesSetUserError       = errs.User[RatesSetUserErrorCode]
	StoreRatesSetUserError  = errs.User[StoreRatesSetUserErrorCode]
	StoreRatesEndUserError  = errs.User[StoreRatesEndUserErrorCode]
)

// Payload is what a mutation of a category answers; E is its user error.
type Payload[E any] struct {
	TaxCategory *Category
	UserErrors  []E
}

// The payloads, one type a mutation.
type (
	CategoryCreatePayload = Payload[CategoryCreateUserError]
	CategoryUpdatePayload = Payload[CategoryUpdateUserError]
	RatesSetPayload       = Payload[RatesSetUserError]
	StoreRatesSetPayload  = Payload[StoreRatesSetUserError]
	StoreRatesEndPayload  = Payload[StoreRatesEndUserError]
)

// Answer makes a mutation's payload: problems become its user errors.
func Answer[C ~string](c *Category, err error) (*Payload[errs.User[C]], error) {
	users, err := errs.AsUser[C](err)
	if err != nil {
		return nil, err
	}
	return &Payload[errs.User[C]]{TaxCategory: c, UserErrors: users}, nil
}
