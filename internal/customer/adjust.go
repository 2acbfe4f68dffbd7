package customer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
)

const (
	keyReused        = "IDEMPOTENCY_KEY_REUSED"
	customerNotFound = "CUSTOMER_NOT_FOUND"
	balanceTooLow    = "BALANCE_TOO_LOW"
	amountTooLarge   = "AMOUNT_TOO_LARGE"
)

// SetCreditLimit says how much a customer may owe. With a CONFLICT problem it gives the customer as it is.
//
// Errors: problems INVALID, NOT_FOUND, MERGED, ERASED and CONFLICT.
func (c *Customers) SetCreditLimit(
	ctx context.Context, customer id.Customer, version int, limit money.Decimal,
) (*Customer, error) {
	var changed *Customer
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, lock(tx, customer, &changed)); err != nil {
			return err
		}
		if err := changed.editable(version); err != nil {
			return err
		}
		var problems errs.Problems
		changed.CreditLimitMinor = form.Price(&problems, limit, changed.CurrencyCode, "creditLimit")
		if err := problems.Err(); err != nil {
			return err
		}
		return tx.Finish(ctx, c.write(tx, changed))
	})
	return conflicting(changed, err)
}

// AdjustInput is a change of a balance by hand.
type AdjustInput struct {
	IdempotencyKey string
	CustomerID     id.Customer
	Ledger         ledger.Kind
	Amount         money.Decimal
	Reason         string
}

// Changed is a customer whose balance changed, and the entry that says so.
type Changed struct {
	Customer *Customer
	Entry    *ledger.Entry
}

// Adjust changes a balance by hand, for a reason. An account may be brought beyond its limit.
//
// Errors: problems INVALID, CUSTOMER_NOT_FOUND, BALANCE_TOO_LOW and IDEMPOTENCY_KEY_REUSED.
func (c *Customers) Adjust(ctx context.Context, in AdjustInput) (*Changed, error) {
	var problems errs.Problems
	key := form.Text(&problems, in.IdempotencyKey, 1, 100, "idempotencyKey")
	reason := form.Text(&problems, in.Reason, 1, 500, "reason")
	if in.Amount.Sign() == 0 {
		problems.Add(form.Invalid, []string{"amount"}, "This must not be zero.")
	}
	request := ledger.NewRequest(key, "customerCreditAdjust", in.CustomerID, in.Ledger, in.Amount, reason)
	return c.change(ctx, request, in.CustomerID, func(
		ctx context.Context, tx *postgres.Tx, f *found,
	) error {
		problems := append(errs.Problems{}, problems...)
		if f.customer == nil {
			problems.Add(customerNotFound, []string{"customerId"}, "There is no such customer.")
			return problems.Err()
		}
		now := c.instant()
		e := &ledger.Entry{
			Ledger: in.Ledger, Reason: ledger.Adjustment, Note: reason, OccurredAt: now, RecordedAt: now,
			AmountMinor: f.customer.units(&problems, in.Ledger, in.Amount),
		}
		f.customer.affordable(&problems, e)
		if err := problems.Err(); err != nil {
			return err
		}
		return f.finish(ctx, tx, request, e)
	})
}

// units reads an amount of a ledger.
func (c *Customer) units(p *errs.Problems, kind ledger.Kind, amount money.Decimal) int64 {
	if kind == ledger.Points {
		const most, milli = 1_000_000_000, 1000
		points, err := amount.Milli()
		if err != nil || points%milli != 0 || points/milli > most || points/milli < -most {
			p.Add(form.Invalid, []string{"amount"}, "Points are whole, and at most %d.", most)
		}
		return points / milli
	}
	minor, err := amount.Minor(c.CurrencyCode)
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(form.Invalid, []string{"amount"}, "%s has %d decimals.", c.CurrencyCode, c.CurrencyCode.Decimals())
	case err != nil:
		p.Add(form.Invalid, []string{"amount"}, "This is too large.")
	}
	return minor
}

// affordable checks that a change by hand takes no more than there is.
func (c *Customer) affordable(p *errs.Problems, e *ledger.Entry) {
	balance := c.StoreCreditMinor
	if e.Ledger == ledger.Points {
		balance = c.PointsBalance
	}
	if e.Ledger == ledger.Account || e.AmountMinor >= 0 || balance+e.AmountMinor >= 0 {
		return
	}
	details := map[string]any{"balanceAvailable": c.StoreCredit().Amount()}
	if e.Ledger == ledger.Points {
		details["balanceAvailable"] = money.Whole(balance)
	}
	*p = append(*p, errs.Problem{
		Code: balanceTooLow, Field: []string{"amount"}, Message: "There is less than that to take.", Details: details,
	})
}

// found is what a change of a balance meets in the database.
type found struct {
	customer *Customer
	// place is where money is taken, for a payment; nil otherwise.
	register *company.Register
	store    *company.Store
	settings *company.Settings
	// till is the register's session that the payment happened in, or else the one that isn't closed.
	till  *till.Session
	entry *ledger.Entry
}

// change makes a change of a customer's balance once under its key.
func (c *Customers) change(
	ctx context.Context, request ledger.Request, customer id.Customer,
	fn func(ctx context.Context, tx *postgres.Tx, f *found) error, more ...func(tx *postgres.Tx, f *found) []postgres.Statement,
) (*Changed, error) {
	var changed *Changed
	var err error
	for range 2 { // a second time, when the same key was faster
		err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			var earlier ledger.Earlier
			var locked Locked
			f := &found{}
			statements := []postgres.Statement{request.Look(tx.Handle, &earlier)}
			for _, of := range more {
				statements = append(statements, of(tx, f)...)
			}
			statements = append(statements, locked.Statements(tx.Handle, customer)...)
			if err := tx.Send(ctx, statements...); err != nil {
				return err
			}
			if entry, ok := earlier.Entry(); ok {
				var err error
				changed, err = replay(ctx, tx, entry, earlier.Same(request))
				return err
			}
			if f.customer = locked.Customer(); f.customer != nil && f.customer.ErasedAt != nil {
				f.customer = nil
			}
			if err := fn(ctx, tx, f); err != nil {
				return err
			}
			changed = &Changed{Customer: f.customer, Entry: f.entry}
			return nil
		})
		if !postgres.IsUnique(err) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// finish writes an entry, the balance and what came of the key, and commits.
func (f *found) finish(
	ctx context.Context, tx *postgres.Tx, request ledger.Request, e *ledger.Entry, more ...func() postgres.Statement,
) error {
	f.customer.Move(e)
	entries := []*ledger.Entry{e}
	by(tx, entries)
	f.entry = e
	statements := []postgres.Statement{Save(tx.Handle, f.customer), ledger.Insert(tx.Handle, &entries)}
	statements = append(statements, request.Keep(tx.Handle, e.ID, e.RecordedAt))
	for _, of := range more {
		statements = append(statements, of())
	}
	return tx.Finish(ctx, statements...)
}

// replay answers a key that came before.
func replay(ctx context.Context, tx *postgres.Tx, entry id.LedgerEntry, same bool) (*Changed, error) {
	if !same {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another request before.",
		}}
	}
	again := &Changed{}
	if err := tx.Send(ctx, postgres.Row(&again.Entry,
		tx.Select((*ledger.Entry)(nil)).Where("?TableAlias.id = ?", entry))); err != nil {
		return nil, err
	}
	if again.Entry == nil || again.Entry.CustomerID == nil {
		return nil, errors.New("the entry of an idempotency key is gone")
	}
	return again, tx.Send(ctx, Find(tx.Handle, *again.Entry.CustomerID, &again.Customer))
}

// PayInput is money towards an account.
type PayInput struct {
	IdempotencyKey string
	CustomerID     id.Customer
	RegisterID     *id.Register
	Method         AccountPayMethod
	Amount         money.Decimal
	Reference      *string
	OccurredAt     *time.Time
}

// Pay takes money down that a customer brings for their account, no more than they owe. It is in the drawer of the
// register: till counts it.
//
// Errors: problems INVALID, CUSTOMER_NOT_FOUND, REGISTER_REQUIRED, REGISTER_NOT_FOUND, REGISTER_CLOSED, STORE_CLOSED,
// COMPANY_SUSPENDED, TILL_SESSION_REQUIRED, TILL_SESSION_COUNTED, CURRENCY_MISMATCH,
// PAYMENT_METHOD_NOT_ALLOWED, AMOUNT_TOO_LARGE and IDEMPOTENCY_KEY_REUSED.
func (c *Customers) Pay(ctx context.Context, in PayInput) (*Changed, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var problems errs.Problems
	p := &payment{in: in, now: c.instant()}
	register := p.check(&problems, scope)
	key := form.Text(&problems, in.IdempotencyKey, 1, 100, "idempotencyKey")
	request := ledger.NewRequest(key, "customerAccountPay", in.CustomerID, register, in.Method, in.Amount,
		p.reference, p.said())
	return c.change(ctx, request, in.CustomerID, func(ctx context.Context, tx *postgres.Tx, f *found) error {
		problems := append(errs.Problems{}, problems...)
		p.place(&problems, f)
		if f.customer == nil {
			problems.Add(customerNotFound, []string{"customerId"}, "There is no such customer.")
			return problems.Err()
		}
		e := p.entry(&problems, f.customer)
		if err := problems.Err(); err != nil {
			return err
		}
		row := &AccountPayment{
			Method: in.Method, CurrencyCode: f.customer.CurrencyCode, AmountMinor: -e.AmountMinor,
			CustomerID: f.customer.ID, Reference: p.reference, OccurredAt: e.OccurredAt, RecordedAt: p.now,
		}
		row.StoreID, row.RegisterID = f.register.StoreID, f.register.ID
		if f.till != nil {
			row.TillSessionID, row.TillAmendment = &f.till.ID, f.till.Status == till.Closed
		}
		if !scope.User.IsZero() {
			row.CashierID = &scope.User
		}
		return f.finish(ctx, tx, request, e, func() postgres.Statement {
			row.ID, row.EntryID = e.ID, e.ID
			return tx.Add(row)
		})
	}, func(tx *postgres.Tx, f *found) []postgres.Statement { return p.where(tx, f, register) })
}

type payment struct {
	in        PayInput
	now       time.Time
	reference string
}

// check finds what is wrong with a payment by itself, and gives the register that takes it.
func (p *payment) check(problems *errs.Problems, scope *tenancy.Scope) id.Register {
	p.reference = form.OptionalText(problems, p.in.Reference, 100, "reference")
	if p.in.Method == mobileMoney && strings.TrimSpace(p.reference) == "" {
		problems.Add(form.Invalid, []string{"reference"}, "Mobile money needs its reference.")
	}
	if p.in.Amount.Sign() <= 0 {
		problems.Add(form.Invalid, []string{"amount"}, "This must be above zero.")
	}
	scope.MaySell(problems)
	const skew = 5 * time.Minute
	if p.in.OccurredAt != nil && p.in.OccurredAt.After(p.now.Add(skew)) {
		problems.Add(form.Invalid, []string{"occurredAt"}, "This can't happen later than now.")
	}
	switch {
	case scope.Register.IsZero() && p.in.RegisterID == nil:
		problems.Add("REGISTER_REQUIRED", []string{"registerId"}, "Say at which register this is paid.")
		return id.Register{}
	case scope.Register.IsZero():
		return *p.in.RegisterID
	case p.in.RegisterID != nil && *p.in.RegisterID != scope.Register:
		return id.Register{} // which nobody has
	}
	return scope.Register
}

// where builds the statements that find the place of a payment. The register's counter is locked, so that its till
// session is not closed in the meantime.
func (p *payment) where(tx *postgres.Tx, f *found, register id.Register) []postgres.Statement {
	its := tx.Select((*company.Register)(nil)).Column("store_id").Where("?TableAlias.id = ?", register)
	return []postgres.Statement{
		postgres.Exec(nil, tx.Select((*company.ReceiptCounter)(nil)).
			Where("?TableAlias.register_id = ?", register).For("UPDATE")),
		postgres.Row(&f.register, tx.Select((*company.Register)(nil)).Where("?TableAlias.id = ?", register)),
		postgres.Row(&f.store, tx.Select((*company.Store)(nil)).Where("store.id = (?)", its)),
		company.ReadSettings(tx.Handle, &f.settings),
		till.At(tx.Handle, register, p.occurred(), &f.till),
	}
}

func (p *payment) place(problems *errs.Problems, f *found) {
	field := []string{"registerId"}
	switch {
	case p.in.RegisterID == nil && f.register == nil:
		// said already
	case f.register == nil || f.store == nil:
		problems.Add("REGISTER_NOT_FOUND", field, "There is no such register.")
	default:
		if f.register.Status != company.Open {
			problems.Add("REGISTER_CLOSED", field, "The register does not sell any more.")
		}
		if f.store.Status != company.Open {
			problems.Add("STORE_CLOSED", field, "The store does not sell any more.")
		}
		if f.customer != nil && f.store.CurrencyCode != f.customer.CurrencyCode {
			problems.Add("CURRENCY_MISMATCH", field, "The account is in %s and the store in %s.",
				f.customer.CurrencyCode, f.store.CurrencyCode)
		}
	}
	switch {
	case f.till == nil && f.settings.TillSessionRequired:
		problems.Add("TILL_SESSION_REQUIRED", field, "Open the register's till first.")
	case f.till != nil && f.till.Status == till.Counted && !p.occurred().Before(*f.till.CountedAt):
		problems.Add("TILL_SESSION_COUNTED", field, "The register's till was counted: close it, and open it again.")
	}
	if !slices.Contains(f.settings.PaymentMethods, string(p.in.Method)) {
		problems.Add("PAYMENT_METHOD_NOT_ALLOWED", []string{"method"}, "The company does not take this.")
	}
}

// said is the moment that the input names, empty where it names none.
func (p *payment) said() string {
	if p.in.OccurredAt == nil {
		return ""
	}
	return p.in.OccurredAt.UTC().Format(time.RFC3339Nano)
}

// occurred is when the payment happened.
func (p *payment) occurred() time.Time {
	if p.in.OccurredAt == nil {
		return p.now
	}
	return p.in.OccurredAt.UTC().Truncate(time.Microsecond)
}

// entry is what a payment does to the account.
func (p *payment) entry(problems *errs.Problems, c *Customer) *ledger.Entry {
	e := &ledger.Entry{Ledger: ledger.Account, Reason: ledger.Payment, OccurredAt: p.occurred(), RecordedAt: p.now}
	e.AmountMinor = -c.units(problems, ledger.Account, p.in.Amount)
	if c.OwedMinor+e.AmountMinor < 0 {
		*problems = append(*problems, errs.Problem{
			Code: amountTooLarge, Field: []string{"amount"}, Message: "The customer owes less than that.",
			Details: map[string]any{"amountOwed": c.AccountBalance()},
		})
	}
	return e
}
