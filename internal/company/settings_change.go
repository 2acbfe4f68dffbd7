package company

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// SettingsUpdateInput is what to change of the settings; what is not set stays.
type SettingsUpdateInput struct {
	Version              int
	TillSessionRequired  graphql.Omittable[*bool]
	TillVarianceLimit    graphql.Omittable[*money.Decimal]
	NegativeStockAllowed graphql.Omittable[*bool]
	ParkedSaleHours      graphql.Omittable[*int]
	ParkedSaleReserves   graphql.Omittable[*bool]
	ReturnsAcrossStores  graphql.Omittable[*bool]
	ReturnDays           graphql.Omittable[*int]
	PaymentMethods       graphql.Omittable[[]string]
	RefundMethods        graphql.Omittable[[]string]
	DiscountLimit        graphql.Omittable[*money.Decimal]
	LoyaltySpendPerPoint graphql.Omittable[*money.Decimal]
	LoyaltyPointValue    graphql.Omittable[*money.Decimal]
	TaxNumber            graphql.Omittable[*string]
	ReceiptHeader        graphql.Omittable[*string]
	ReceiptFooter        graphql.Omittable[*string]
	BusinessDayStart     graphql.Omittable[*int]
}

const (
	mostParkedHours = 8760
	mostReturnDays  = 36500
	mostReceiptText = 1000
	mostReceiptRows = 20
	mostTaxNumber   = 50
	// latestDayStart is noon, in minutes.
	latestDayStart = 720
)

// apply changes settings whose Currency is known, and finds all that is wrong.
func (in SettingsUpdateInput) apply(s *Settings) error {
	var p errs.Problems
	set(&p, &s.TillSessionRequired, in.TillSessionRequired, "tillSessionRequired")
	set(&p, &s.NegativeStockAllowed, in.NegativeStockAllowed, "negativeStockAllowed")
	set(&p, &s.ParkedSaleReserves, in.ParkedSaleReserves, "parkedSaleReserves")
	set(&p, &s.ReturnsAcrossStores, in.ReturnsAcrossStores, "returnsAcrossStores")
	if v, ok := form.Required(&p, in.ParkedSaleHours, "parkedSaleHours"); ok {
		s.ParkedSaleHours = between(&p, v, 1, mostParkedHours, "parkedSaleHours")
	}
	if v, ok := form.Required(&p, in.BusinessDayStart, "businessDayStart"); ok {
		s.BusinessDayStart = between(&p, v, 0, latestDayStart, "businessDayStart")
	}
	if v, ok := in.ReturnDays.ValueOK(); ok {
		s.ReturnDays = v
		if v != nil {
			between(&p, *v, 0, mostReturnDays, "returnDays")
		}
	}
	if v, ok := form.Required(&p, in.DiscountLimit, "discountLimit"); ok {
		s.DiscountLimitPPM = int64(form.Percent(&p, v, "discountLimit"))
	}
	in.amounts(&p, s)
	in.methods(&p, s)
	in.texts(&p, s)
	return p.Err()
}

func (in SettingsUpdateInput) amounts(p *errs.Problems, s *Settings) {
	for _, amount := range []struct {
		to    **int64
		value graphql.Omittable[*money.Decimal]
		least int64
		field string
	}{
		{&s.TillVarianceMinor, in.TillVarianceLimit, 0, "tillVarianceLimit"},
		{&s.LoyaltySpendMinor, in.LoyaltySpendPerPoint, 1, "loyaltySpendPerPoint"},
		{&s.LoyaltyValueMinor, in.LoyaltyPointValue, 1, "loyaltyPointValue"},
	} {
		v, ok := amount.value.ValueOK()
		if !ok {
			continue
		}
		*amount.to = nil
		if v == nil {
			continue
		}
		minor := form.Price(p, *v, s.Currency, amount.field)
		if amount.least > 0 && v.Sign() == 0 {
			p.Add(form.Invalid, []string{amount.field}, "This must be above zero.")
		}
		*amount.to = &minor
	}
}

func (in SettingsUpdateInput) methods(p *errs.Problems, s *Settings) {
	if v, ok := in.PaymentMethods.ValueOK(); ok {
		s.PaymentMethods = chosen(p, v, payable(), "paymentMethods")
		if len(v) == 0 {
			p.Add(form.Invalid, []string{"paymentMethods"}, "There must be at least one way to pay.")
		}
	}
	if v, ok := in.RefundMethods.ValueOK(); ok {
		s.RefundMethods = chosen(p, v, refundable(), "refundMethods")
		if v == nil {
			p.Add(form.Invalid, []string{"refundMethods"}, "This can't be empty; an empty list gives no money back.")
		}
	}
}

// chosen checks a list of ways to pay. It is stored in the order of all, so that it reads the same whoever wrote it.
func chosen(p *errs.Problems, list, all []string, field string) []string {
	for i, method := range list {
		switch {
		case slices.Contains(list[:i], method):
			p.Add(form.Invalid, errs.Path(field, i), "%s stands here twice.", method)
		case !slices.Contains(all, method):
			p.Add(form.Invalid, errs.Path(field, i), "%s is no way to give money back.", method)
		}
	}
	return slices.DeleteFunc(all, func(method string) bool { return !slices.Contains(list, method) })
}

func (in SettingsUpdateInput) texts(p *errs.Problems, s *Settings) {
	if v, ok := in.TaxNumber.ValueOK(); ok {
		s.TaxNumber = form.OptionalText(p, v, mostTaxNumber, "taxNumber")
		if strings.ContainsAny(s.TaxNumber, "\n\t") {
			p.Add(form.Invalid, []string{"taxNumber"}, "This must be on one line.")
		}
	}
	for _, text := range []struct {
		to    *string
		value graphql.Omittable[*string]
		field string
	}{
		{&s.ReceiptHeader, in.ReceiptHeader, "receiptHeader"}, {&s.ReceiptFooter, in.ReceiptFooter, "receiptFooter"},
	} {
		v, ok := text.value.ValueOK()
		if !ok {
			continue
		}
		if v != nil {
			unix := strings.ReplaceAll(*v, "\r\n", "\n")
			v = &unix
		}
		*text.to = form.OptionalText(p, v, mostReceiptText, text.field)
		if strings.Count(*text.to, "\n") >= mostReceiptRows {
			p.Add(form.Invalid, []string{text.field}, "This must have at most %d lines.", mostReceiptRows)
		}
	}
}

// set takes over a value that may be left out and can't be emptied.
func set[T any](p *errs.Problems, to *T, value graphql.Omittable[*T], name string) {
	if v, ok := form.Required(p, value, name); ok {
		*to = v
	}
}

func between(p *errs.Problems, n, least, most int, field string) int {
	if n < least || n > most {
		p.Add(form.Invalid, []string{field}, "This must be %d to %d.", least, most)
	}
	return n
}

// SettingsOf gives the settings of the companies with these ids: there is never more than the request's own.
func (c *Companies) SettingsOf(ctx context.Context, ids []id.Company) (map[id.Company]*Settings, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	var own *Company
	var s *Settings
	if err := h.Read(ctx, postgres.Row(&own, h.Select((*Company)(nil))), ReadSettings(h, &s)); err != nil {
		return nil, err
	}
	if own == nil || !slices.Contains(ids, own.ID()) {
		return nil, nil //nolint:nilnil // none of them is the request's
	}
	s.Currency = own.CurrencyCode
	return map[id.Company]*Settings{own.ID(): s}, nil
}

// UpdateSettings changes the company's settings, and makes their row with the first change. With a CONFLICT problem
// it gives the settings as they are.
//
// Errors: problems INVALID and CONFLICT.
func (c *Companies) UpdateSettings(ctx context.Context, in SettingsUpdateInput) (*Settings, error) {
	s, err := c.updateSettings(ctx, in)
	if postgres.IsUnique(err) {
		// Somebody else made the row a moment before: now it is there, and this is a conflict.
		s, err = c.updateSettings(ctx, in)
	}
	if err != nil && !conflict(err) {
		return nil, err
	}
	return s, err
}

func (c *Companies) updateSettings(ctx context.Context, in SettingsUpdateInput) (*Settings, error) {
	var s *Settings
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var own *Company
		read := postgres.RowOr(&s, DefaultSettings, tx.Select((*Settings)(nil)).For("UPDATE"))
		if err := tx.Send(ctx, postgres.Row(&own, tx.Select((*Company)(nil))), read); err != nil {
			return err
		}
		s.Currency = own.CurrencyCode
		if s.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"},
				Message: "Somebody else changed the settings in the meantime.",
			}}
		}
		if err := in.apply(s); err != nil {
			return err
		}
		s.Version++
		s.UpdatedAt = c.now()
		if s.Version == 1 {
			return tx.Finish(ctx, postgres.Exec(nil, tx.Insert(s)))
		}
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(s).Where("?TableAlias.version = ?", in.Version)))
	})
	return s, err
}
