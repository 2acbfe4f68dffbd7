package customer

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
)

// The codes of the user errors, one enum a mutation.
type (
	CustomerCreateUserErrorCode         string //nolint:revive // the schema's name
	CustomerUpdateUserErrorCode         string //nolint:revive // the schema's name
	CustomerMergeUserErrorCode          string //nolint:revive // the schema's name
	CustomerEraseUserErrorCode          string //nolint:revive // the schema's name
	CustomerCreditLimitSetUserErrorCode string //nolint:revive // the schema's name
	CustomerCreditAdjustUserErrorCode   string //nolint:revive // the schema's name
	CustomerAccountPayUserErrorCode     string //nolint:revive // the schema's name
)

// The user errors that are no more than a code and a sentence.
type (
	CustomerCreateUserError         = errs.User[CustomerCreateUserErrorCode]         //nolint:revive // the schema's name
	CustomerUpdateUserError         = errs.User[CustomerUpdateUserErrorCode]         //nolint:revive // the schema's name
	CustomerMergeUserError          = errs.User[CustomerMergeUserErrorCode]          //nolint:revive // the schema's name
	CustomerCreditLimitSetUserError = errs.User[CustomerCreditLimitSetUserErrorCode] //nolint:revive // the schema's name
)

// CustomerEraseUserError says why a customer was not erased.
type CustomerEraseUserError struct { //nolint:revive // the schema's name
	errs.User[CustomerEraseUserErrorCode]
}

// StoreCredit is what the shop owes the customer; nil where it isn't about that.
func (e CustomerEraseUserError) StoreCredit() *money.Money {
	return detail[money.Money](e.Details, "storeCredit")
}

// AccountBalance is what the customer owes; nil where it isn't about that.
func (e CustomerEraseUserError) AccountBalance() *money.Money {
	return detail[money.Money](e.Details, "accountBalance")
}

func detail[T any](details map[string]any, name string) *T {
	value, _ := details[name].(*T)
	return value
}

// CustomerCreditAdjustUserError says why a balance was not changed.
type CustomerCreditAdjustUserError struct { //nolint:revive // the schema's name
	errs.User[CustomerCreditAdjustUserErrorCode]
}

// BalanceAvailable is what there is, in the ledger's currency or in points; nil where it isn't about that.
func (e CustomerCreditAdjustUserError) BalanceAvailable() *money.Decimal { return available(e.Details) }

// CustomerAccountPayUserError says why a payment was not taken.
type CustomerAccountPayUserError struct { //nolint:revive // the schema's name
	errs.User[CustomerAccountPayUserErrorCode]
}

// AmountOwed is what the customer owes; nil where it isn't about that.
func (e CustomerAccountPayUserError) AmountOwed() *money.Money {
	return detail[money.Money](e.Details, "amountOwed")
}

func available(details map[string]any) *money.Decimal {
	value, ok := details["balanceAvailable"].(money.Decimal)
	if !ok {
		return nil
	}
	return &value
}

// CustomerCreatePayload is what customerCreate answers.
type CustomerCreatePayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	UserErrors []CustomerCreateUserError
}

// CustomerUpdatePayload is what customerUpdate answers.
type CustomerUpdatePayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	UserErrors []CustomerUpdateUserError
}

// CustomerMergePayload is what customerMerge answers.
type CustomerMergePayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	UserErrors []CustomerMergeUserError
}

// CustomerErasePayload is what customerErase answers.
type CustomerErasePayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	UserErrors []CustomerEraseUserError
}

// CustomerCreditLimitSetPayload is what customerCreditLimitSet answers.
type CustomerCreditLimitSetPayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	UserErrors []CustomerCreditLimitSetUserError
}

// CustomerCreditAdjustPayload is what customerCreditAdjust answers.
type CustomerCreditAdjustPayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	Entry      *ledger.Entry
	UserErrors []CustomerCreditAdjustUserError
}

// CustomerAccountPayPayload is what customerAccountPay answers.
type CustomerAccountPayPayload struct { //nolint:revive // the schema's name
	Customer   *Customer
	Entry      *ledger.Entry
	UserErrors []CustomerAccountPayUserError
}

// Erased makes the answer of customerErase: problems become its user errors.
func Erased(c *Customer, err error) (*CustomerErasePayload, error) {
	users, err := errs.AsUser[CustomerEraseUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	payload := &CustomerErasePayload{Customer: c, UserErrors: make([]CustomerEraseUserError, len(users))}
	for i, user := range users {
		payload.UserErrors[i] = CustomerEraseUserError{User: user}
	}
	return payload, nil
}

// Adjusted makes the answer of customerCreditAdjust.
func Adjusted(changed *Changed, err error) (*CustomerCreditAdjustPayload, error) {
	users, err := errs.AsUser[CustomerCreditAdjustUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	payload := &CustomerCreditAdjustPayload{UserErrors: make([]CustomerCreditAdjustUserError, len(users))}
	for i, user := range users {
		payload.UserErrors[i] = CustomerCreditAdjustUserError{User: user}
	}
	if changed != nil {
		payload.Customer, payload.Entry = changed.Customer, changed.Entry
	}
	return payload, nil
}

// Paid makes the answer of customerAccountPay.
func Paid(changed *Changed, err error) (*CustomerAccountPayPayload, error) {
	users, err := errs.AsUser[CustomerAccountPayUserErrorCode](err)
	if err != nil {
		return nil, err
	}
	payload := &CustomerAccountPayPayload{UserErrors: make([]CustomerAccountPayUserError, len(users))}
	for i, user := range users {
		payload.UserErrors[i] = CustomerAccountPayUserError{User: user}
	}
	if changed != nil {
		payload.Customer, payload.Entry = changed.Customer, changed.Entry
	}
	return payload, nil
}
