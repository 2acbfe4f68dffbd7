package inventory

import (
	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	StockAdjustUserErrorCode          string
	StockReceiveUserErrorCode         string
	StockOpeningUserErrorCode         string
	LowStockThresholdSetUserErrorCode string

	StockReceiveUserError         = errs.User[StockReceiveUserErrorCode]
	StockOpeningUserError         = errs.User[StockOpeningUserErrorCode]
	LowStockThresholdSetUserError = errs.User[LowStockThresholdSetUserErrorCode]
)

// StockAdjustUserError says why levels were not put right, with the quantity that a shop reacts to.
type StockAdjustUserError struct {
	errs.User[StockAdjustUserErrorCode]
}

// QuantityAvailable is what is available of a product that is short, nil where it isn't about that.
func (e StockAdjustUserError) QuantityAvailable() *money.Decimal {
	quantity, _ := e.Details[quantityAvailable].(*money.Decimal)
	return quantity
}

// StockAdjustPayload is what stockAdjust answers.
type StockAdjustPayload struct {
	Levels     []*Level
	Movements  []*Movement
	Approval   *approval.Approval
	UserErrors []StockAdjustUserError
}

// StockReceivePayload is what stockReceive answers.
type StockReceivePayload struct {
	Levels     []*Level
	Movements  []*Movement
	UserErrors []StockReceiveUserError
}

// StockOpeningPayload is what stockOpening answers.
type StockOpeningPayload struct {
	Levels     []*Level
	Movements  []*Movement
	UserErrors []StockOpeningUserError
}

// LowStockThresholdSetPayload is what lowStockThresholdSet answers.
type LowStockThresholdSetPayload struct {
	Levels     []*Level
	UserErrors []LowStockThresholdSetUserError
}

// AdjustPayload makes the answer of stockAdjust: problems become its user errors.
func AdjustPayload(o *Outcome, err error) (*StockAdjustPayload, error) {
	users, err := errs.AsUser[StockAdjustUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	o = o.orNothing()
	payload := &StockAdjustPayload{
		Levels: o.Levels, Movements: o.Movements, Approval: o.Approval, UserErrors: []StockAdjustUserError{},
	}
	for _, user := range users {
		payload.UserErrors = append(payload.UserErrors, StockAdjustUserError{User: user})
	}
	return payload, nil
}

// ReceivePayload makes the answer of stockReceive.
func ReceivePayload(o *Outcome, err error) (*StockReceivePayload, error) {
	users, err := errs.AsUser[StockReceiveUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	o = o.orNothing()
	return &StockReceivePayload{Levels: o.Levels, Movements: o.Movements, UserErrors: users}, nil
}

// OpeningPayload makes the answer of stockOpening.
func OpeningPayload(o *Outcome, err error) (*StockOpeningPayload, error) {
	users, err := errs.AsUser[StockOpeningUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	o = o.orNothing()
	return &StockOpeningPayload{Levels: o.Levels, Movements: o.Movements, UserErrors: users}, nil
}

// ThresholdPayload makes the answer of lowStockThresholdSet.
func ThresholdPayload(o *Outcome, err error) (*LowStockThresholdSetPayload, error) {
	users, err := errs.AsUser[LowStockThresholdSetUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	return &LowStockThresholdSetPayload{Levels: o.orNothing().Levels, UserErrors: users}, nil
}
