package sale

import "github.com/tillgraph/tillgraph/internal/errs"

// RecordPayload is what saleRecord answers.
type RecordPayload struct {
	Sale       *Sale
	UserErrors []RecordUserError
}

// Payload makes the answer of saleRecord: problems become its user errors.
func Payload(s *Sale, err error) (*RecordPayload, error) {
	users, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	if len(users) > 0 {
		s = nil
	}
	return &RecordPayload{Sale: s, UserErrors: users}, nil
}

// userErrors splits what Record or Calculate gave: problems become user errors, anything else stays an error.
func userErrors(err error) ([]RecordUserError, error) {
	users, err := errs.AsUser[RecordCode](err)
	if err != nil {
		return nil, err
	}
	list := make([]RecordUserError, len(users))
	for i, user := range users {
		list[i] = RecordUserError{User: user}
	}
	return list, nil
}

// VoidCode says why a sale was not voided; VoidUserError carries it.
type (
	VoidCode      string
	VoidUserError = errs.User[VoidCode]
)

// VoidPayload is what saleVoid answers.
type VoidPayload struct {
	Sale       *Sale
	UserErrors []VoidUserError
}

// Why a sale was not parked, changed while parked, or given up, one enum a mutation; and the user errors.
type (
	ParkCode        string
	ParkUpdateCode  string
	ParkDiscardCode string

	ParkUserError        = errs.User[ParkCode]
	ParkUpdateUserError  = errs.User[ParkUpdateCode]
	ParkDiscardUserError = errs.User[ParkDiscardCode]
)

// ParkPayload is what parkedSaleCreate answers.
type ParkPayload struct {
	ParkedSale *Parked
	UserErrors []ParkUserError
}

// ParkUpdatePayload is what parkedSaleUpdate answers.
type ParkUpdatePayload struct {
	ParkedSale *Parked
	UserErrors []ParkUpdateUserError
}

// ParkDiscardPayload is what parkedSaleDiscard answers.
type ParkDiscardPayload struct {
	ParkedSale *Parked
	UserErrors []ParkDiscardUserError
}
