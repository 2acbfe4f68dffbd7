package catalog

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	ProductCreateUserErrorCode          string
	ProductUpdateUserErrorCode          string
	ProductsUpsertUserErrorCode         string
	ProductAvailabilitySetUserErrorCode string
	StorePriceSetUserErrorCode          string
	StorePriceRemoveUserErrorCode       string
	CategoryCreateUserErrorCode         string
	CategoryUpdateUserErrorCode         string
	CategoryDeleteUserErrorCode         string
	BarcodeRuleSetUserErrorCode         string
	BarcodeRuleRemoveUserErrorCode      string
	PriceListCreateUserErrorCode        string
	PriceListUpdateUserErrorCode        string
	PriceListDeleteUserErrorCode        string
	PriceListItemsSetUserErrorCode      string
	PriceListItemsRemoveUserErrorCode   string

	ProductCreateUserError          = errs.User[ProductCreateUserErrorCode]
	ProductUpdateUserError          = errs.User[ProductUpdateUserErrorCode]
	ProductsUpsertUserError         = errs.User[ProductsUpsertUserErrorCode]
	ProductAvailabilitySetUserError = errs.User[ProductAvailabilitySetUserErrorCode]
	StorePriceSetUserError          = errs.User[StorePriceSetUserErrorCode]
	StorePriceRemoveUserError       = errs.User[StorePriceRemoveUserErrorCode]
	CategoryCreateUserError         = errs.User[CategoryCreateUserErrorCode]
	CategoryUpdateUserError         = errs.User[CategoryUpdateUserErrorCode]
	CategoryDeleteUserError         = errs.User[CategoryDeleteUserErrorCode]
	BarcodeRuleSetUserError         = errs.User[BarcodeRuleSetUserErrorCode]
	BarcodeRuleRemoveUserError      = errs.User[BarcodeRuleRemoveUserErrorCode]
	PriceListCreateUserError        = errs.User[PriceListCreateUserErrorCode]
	PriceListUpdateUserError        = errs.User[PriceListUpdateUserErrorCode]
	PriceListDeleteUserError        = errs.User[PriceListDeleteUserErrorCode]
	PriceListItemsSetUserError      = errs.User[PriceListItemsSetUserErrorCode]
	PriceListItemsRemoveUserError   = errs.User[PriceListItemsRemoveUserErrorCode]
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

// ProductsUpsertPayload is what productsUpsert answers.
type ProductsUpsertPayload struct {
	Results    []*ProductUpsertResult
	UserErrors []ProductsUpsertUserError
}

// ProductAvailabilitySetPayload is what productAvailabilitySet answers.
type ProductAvailabilitySetPayload struct {
	Product    *Product
	UserErrors []ProductAvailabilitySetUserError
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

// CategoryCreatePayload is what categoryCreate answers.
type CategoryCreatePayload struct {
	Category   *Category
	UserErrors []CategoryCreateUserError
}

// CategoryUpdatePayload is what categoryUpdate answers.
type CategoryUpdatePayload struct {
	Category   *Category
	UserErrors []CategoryUpdateUserError
}

// CategoryDeletePayload is what categoryDelete answers.
type CategoryDeletePayload struct {
	DeletedID  *id.Category
	UserErrors []CategoryDeleteUserError
}

// BarcodeRuleSetPayload is what barcodeRuleSet answers.
type BarcodeRuleSetPayload struct {
	BarcodeRule *BarcodeRule
	UserErrors  []BarcodeRuleSetUserError
}

// BarcodeRuleRemovePayload is what barcodeRuleRemove answers.
type BarcodeRuleRemovePayload struct {
	BarcodeRule *BarcodeRule
	UserErrors  []BarcodeRuleRemoveUserError
}

// PriceListCreatePayload is what priceListCreate answers.
type PriceListCreatePayload struct {
	PriceList  *PriceList
	UserErrors []PriceListCreateUserError
}

// PriceListUpdatePayload is what priceListUpdate answers.
type PriceListUpdatePayload struct {
	PriceList  *PriceList
	UserErrors []PriceListUpdateUserError
}

// PriceListDeletePayload is what priceListDelete answers.
type PriceListDeletePayload struct {
	DeletedID  *id.PriceList
	UserErrors []PriceListDeleteUserError
}

// PriceListItemsSetPayload is what priceListItemsSet answers.
type PriceListItemsSetPayload struct {
	PriceList  *PriceList
	UserErrors []PriceListItemsSetUserError
}

// PriceListItemsRemovePayload is what priceListItemsRemove answers.
type PriceListItemsRemovePayload struct {
	PriceList  *PriceList
	UserErrors []PriceListItemsRemoveUserError
}
