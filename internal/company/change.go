package company

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/quota"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// StoreCreateInput is a new store.
type StoreCreateInput struct {
	Code              string
	Name              string
	TimeZone          string
	CurrencyCode      *money.Currency
	TaxRate           money.Decimal
	PricesIncludeTax  bool
	CashRounding      *money.Decimal
	Address           *string
	Phone             *string
	ExternalReference *string
}

func (in StoreCreateInput) validate() (*Store, error) {
	var p errs.Problems
	s := &Store{
		Code:              form.Code(&p, in.Code, "code"),
		Name:              form.Text(&p, in.Name, 1, 200, "name"),
		TimeZone:          form.TimeZone(&p, in.TimeZone, "timeZone"),
		TaxRatePPM:        form.Percent(&p, in.TaxRate, "taxRate"),
		PricesIncludeTax:  in.PricesIncludeTax,
		Address:           form.OptionalText(&p, in.Address, 500, "address"),
		Phone:             form.OptionalText(&p, in.Phone, 50, "phone"),
		ExternalReference: form.Reference(&p, in.ExternalReference, "externalReference"),
		Status:            Open,
		Version:           1,
	}
	return s, p.Err()
}

// CreateStore opens a new store. Only who has all stores may.
//
// Errors: Forbidden, and problems INVALID, TAKEN, QUOTA_EXCEEDED and SIMPLE_MODE.
func (c *Companies) CreateStore(ctx context.Context, in StoreCreateInput) (*Store, error) {
	store, err := in.validate()
	if err != nil {
		return nil, err
	}
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	store.ID = id.New[id.Store]()
	if scope, err = scope.WithNewStore(store.ID); err != nil {
		return nil, err
	}
	store.CreatedAt, store.UpdatedAt = c.now(), c.now()
	err = c.db.Write(tenancy.With(ctx, scope), func(ctx context.Context, tx *postgres.Tx) error {
		var own *Company
		var taken []*Store
		q := tx.Select((*Store)(nil)).Where("?TableAlias.code = ?", store.Code)
		if store.ExternalReference != nil {
			q.WhereOr("?TableAlias.external_reference = ?", *store.ExternalReference)
		}
		var room roomForStore
		statements := append(room.statements(tx), postgres.Row(&own, tx.Select((*Company)(nil))), postgres.Rows(&taken, q))
		if err := tx.Send(ctx, statements...); err != nil {
			return err
		}
		if err := storeTaken(taken, store); err != nil {
			return err
		}
		if err := room.check(tx.Scope()); err != nil {
			return err
		}
		store.CurrencyCode = own.CurrencyCode
		if in.CurrencyCode != nil {
			store.CurrencyCode = *in.CurrencyCode
		}
		if err := in.round(store); err != nil {
			return err
		}
		return tx.Finish(ctx, tx.Add(store))
	})
	if postgres.IsUnique(err) {
		// Somebody else was faster by a moment.
		return nil, errs.Problems{{Code: form.Taken, Field: []string{"code"}, Message: "Another store has this value already."}}
	}
	if err != nil {
		return nil, err
	}
	return store, nil
}

// roomForStore says whether the company may have one open store more. The count comes first: behind its lock the
// others read what is there.
type roomForStore struct {
	has      *quota.Usage
	settings *Settings
}

func (r *roomForStore) statements(tx *postgres.Tx) []postgres.Statement {
	return []postgres.Statement{
		quota.Count(tx.Handle, &r.has), postgres.RowOr(&r.settings, defaultsOf(tx.Handle), tx.Select((*Settings)(nil))),
	}
}

func (r *roomForStore) check(scope *tenancy.Scope) error {
	if r.settings.SimpleMode && r.has.Stores > 0 {
		return errs.Problems{{
			Code: simpleMode, Field: []string{}, Message: "Simple mode is for one store. Leave it to open another one.",
		}}
	}
	return quota.Room(scope.Config().Plan.Quotas().Stores, r.has.Stores, "stores")
}

const simpleMode = "SIMPLE_MODE"

// round reads the smallest cash, which the store's currency must be known for.
func (in StoreCreateInput) round(s *Store) error {
	if in.CashRounding == nil {
		return nil
	}
	var p errs.Problems
	s.CashRoundingMinor = smallestCash(&p, *in.CashRounding, s.CurrencyCode)
	return p.Err()
}

// smallestCash reads an amount that cash is rounded to.
func smallestCash(p *errs.Problems, value money.Decimal, currency money.Currency) int64 {
	const most = 1_000_000
	minor := form.Price(p, value, currency, "cashRounding")
	if minor > most {
		p.Add(form.Invalid, []string{"cashRounding"}, "This is too large.")
	}
	return minor
}

func storeTaken(others []*Store, s *Store) error {
	var p errs.Problems
	for _, other := range others {
		if other.ID == s.ID {
			continue
		}
		if other.Code == s.Code {
			p.Add(form.Taken, []string{"code"}, "Another store has this code already.")
		}
		if same(other.ExternalReference, s.ExternalReference) {
			p.Add(form.Taken, []string{"externalReference"}, "Another store has this reference already.")
		}
	}
	return p.Err()
}

func same(a, b *string) bool { return a != nil && b != nil && *a == *b }

// StoreUpdateInput is what to change of a store; what is not set stays.
type StoreUpdateInput struct {
	Version           int
	Name              graphql.Omittable[*string]
	TimeZone          graphql.Omittable[*string]
	TaxRate           graphql.Omittable[*money.Decimal]
	CashRounding      graphql.Omittable[*money.Decimal]
	Address           graphql.Omittable[*string]
	Phone             graphql.Omittable[*string]
	Status            graphql.Omittable[*OpenStatus]
	ExternalReference graphql.Omittable[*string]
}

func (in StoreUpdateInput) apply(s *Store) error {
	var p errs.Problems
	if v, ok := form.Required(&p, in.Name, "name"); ok {
		s.Name = form.Text(&p, v, 1, 200, "name")
	}
	if v, ok := form.Required(&p, in.TimeZone, "timeZone"); ok {
		s.TimeZone = form.TimeZone(&p, v, "timeZone")
	}
	if v, ok := form.Required(&p, in.TaxRate, "taxRate"); ok {
		s.TaxRatePPM = form.Percent(&p, v, "taxRate")
	}
	if v, ok := form.Required(&p, in.CashRounding, "cashRounding"); ok {
		s.CashRoundingMinor = smallestCash(&p, v, s.CurrencyCode)
	}
	if v, ok := form.Required(&p, in.Status, "status"); ok {
		s.Status = v
	}
	if v, ok := in.Address.ValueOK(); ok {
		s.Address = form.OptionalText(&p, v, 500, "address")
	}
	if v, ok := in.Phone.ValueOK(); ok {
		s.Phone = form.OptionalText(&p, v, 50, "phone")
	}
	if v, ok := in.ExternalReference.ValueOK(); ok {
		s.ExternalReference = form.Reference(&p, v, "externalReference")
	}
	return p.Err()
}

// UpdateStore changes a store of the request. With a CONFLICT problem it gives the store as it is.
//
// Errors: problems INVALID, TAKEN, NOT_FOUND, CONFLICT, QUOTA_EXCEEDED and SIMPLE_MODE.
func (c *Companies) UpdateStore(ctx context.Context, store id.Store, in StoreUpdateInput) (*Store, error) {
	var s *Store
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		q := tx.Select((*Store)(nil)).Where("?TableAlias.id = ?", store).For("UPDATE")
		var room roomForStore
		statements := []postgres.Statement{}
		if reopens := in.Status.Value(); reopens != nil && *reopens == Open {
			statements = room.statements(tx)
		}
		if err := tx.Send(ctx, append(statements, postgres.Row(&s, q))...); err != nil {
			return err
		}
		if s == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such store."}}
		}
		was := s.Status
		if s.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"},
				Message: "Somebody else changed the store in the meantime.",
			}}
		}
		if err := in.apply(s); err != nil {
			return err
		}
		if was != Open && s.Status == Open {
			if err := room.check(tx.Scope()); err != nil {
				return err
			}
		}
		s.Version++
		s.UpdatedAt = c.now()
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(s).Where("?TableAlias.id = ?", s.ID)))
	})
	if postgres.IsUnique(err) {
		return nil, errs.Problems{{
			Code: form.Taken, Field: []string{"externalReference"}, Message: "Another store has this reference already.",
		}}
	}
	if conflict(err) {
		return s, err
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func conflict(err error) bool {
	var p errs.Problems
	return errors.As(err, &p) && len(p) == 1 && p[0].Code == form.Conflict
}

// RegisterCreateInput is a new register.
type RegisterCreateInput struct {
	StoreID           id.Store
	Code              string
	Name              string
	ExternalReference *string
}

// CreateRegister puts a new register into a store of the request.
//
// Errors: problems INVALID, TAKEN, STORE_NOT_FOUND and QUOTA_EXCEEDED.
func (c *Companies) CreateRegister(ctx context.Context, in RegisterCreateInput) (*Register, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	var p errs.Problems
	r := &Register{
		ID:                id.New[id.Register](),
		Code:              form.Code(&p, in.Code, "code"),
		Name:              form.Text(&p, in.Name, 1, 200, "name"),
		ExternalReference: form.Reference(&p, in.ExternalReference, "externalReference"),
		Status:            Open, Version: 1, CreatedAt: c.now(), UpdatedAt: c.now(),
	}
	r.StoreID = in.StoreID
	if !scope.HasStore(in.StoreID) {
		p.Add("STORE_NOT_FOUND", []string{"storeId"}, "There is no such store.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	counter := &ReceiptCounter{NextNumber: 1}
	counter.StoreID, counter.RegisterID = r.StoreID, r.ID
	err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var others []*Register
		var has *quota.Usage
		q := tx.Select((*Register)(nil)).Where("?TableAlias.store_id = ?", r.StoreID)
		if err := tx.Send(ctx, quota.Count(tx.Handle, &has), postgres.Rows(&others, q)); err != nil {
			return err
		}
		if err := registerTaken(others, r); err != nil {
			return err
		}
		if err := quota.Room(scope.Config().Plan.Quotas().Registers, has.Registers, "registers"); err != nil {
			return err
		}
		return tx.Finish(ctx, tx.Add(r), tx.Add(counter))
	})
	if postgres.IsUnique(err) {
		return nil, errs.Problems{{
			Code: form.Taken, Field: []string{"code"}, Message: "Another register of the store has this value already.",
		}}
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func registerTaken(others []*Register, r *Register) error {
	var p errs.Problems
	for _, other := range others {
		if other.Code == r.Code {
			p.Add(form.Taken, []string{"code"}, "Another register of the store has this code already.")
		}
		if same(other.ExternalReference, r.ExternalReference) {
			p.Add(form.Taken, []string{"externalReference"}, "Another register of the store has this reference already.")
		}
	}
	return p.Err()
}

// RotateKey gives a register a new device key and shows it this once; the old one stops working.
//
// Errors: problems NOT_FOUND and CLOSED.
func (c *Companies) RotateKey(ctx context.Context, register id.Register) (*Register, string, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, "", err
	}
	text, hash, err := auth.NewSecret(auth.KindRegisterKey, scope.Company.UUID(), register.UUID(), c.rand)
	if err != nil {
		return nil, "", err
	}
	var r *Register
	err = c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		q := tx.Select((*Register)(nil)).Where("?TableAlias.id = ?", register).For("UPDATE")
		if err := tx.Send(ctx, postgres.Row(&r, q)); err != nil {
			return err
		}
		if r == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such register."}}
		}
		if r.Status != Open {
			return errs.Problems{{Code: "CLOSED", Field: []string{"id"}, Message: "The register is closed."}}
		}
		now := c.now()
		r.KeyRotatedAt, r.UpdatedAt = &now, now
		r.Version++
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(r).Where("?TableAlias.id = ?", r.ID)), putKey(tx, r, hash, now))
	})
	if err != nil {
		return nil, "", err
	}
	return r, text, nil
}
