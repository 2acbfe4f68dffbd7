package catalog

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	ProductCreateUserErrorCode    string
	ProductUpdateUserErrorCode    string
	StorePriceSetUserErrorCode    string
	StorePriceRemoveUserErrorCode string

	ProductCreateUserError    = errs.User[ProductCreateUserErrorCode]
	ProductUpdateUserError    = errs.User[ProductUpdateUserErrorCode]
	StorePriceSetUserError    = errs.User[StorePriceSetUserErrorCode]
	StorePriceRemoveUserError = errs.User[StorePriceRemoveUserErrorCode]
)

// ProductCreatePayload is what productCreate answers.
type ProductCreatePayload struct {
	Product    *Product
	UserErrors []ProductCreateUserError
}

// ProductUpdatePayload is what productUpdate answers.
type ProductUpdatePayload struct {
	Product    *Product
	UserErrors []ProductUpdateUserError
}

// StorePriceSetPayload is what storePriceSet answers.
type StorePriceSetPayload struct {
	StorePrice *StorePrice
	UserErrors []StorePriceSetUserError
}

// StorePriceRemovePayload is what storePriceRemove answers.
type StorePriceRemovePayload struct {
	Product    *Product
	UserErrors []StorePriceRemoveUserError
}
