package company

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/quota"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// SettingsUpdateInput is what to change of the settings; what is not set stays.
type SettingsUpdateInput struct {
	Version              int
	SimpleMode           graphql.Omittable[*bool]
	TillSessionRequired  graphql.Omittable[*bool]
	TillVarianceLimit    graphql.Omittable[*money.Decimal]
	NegativeStockAllowed graphql.Omittable[*bool]
	BatchTrackingEnabled graphql.Omittable[*bool]
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
	LogoURL              graphql.Omittable[*string]
	BusinessDayStart     graphql.Omittable[*int]
	AuditRetentionDays   graphql.Omittable[*int]

	StockApprovalRequired    graphql.Omittable[*bool]
	StockApprovalLimit       graphql.Omittable[*money.Decimal]
	DiscountApprovalRequired graphql.Omittable[*bool]
	ReturnApprovalRequired   graphql.Omittable[*bool]
	ApprovalHours            graphql.Omittable[*int]
	SupportConsentRequired   graphql.Omittable[*bool]
	PrimaryColor             graphql.Omittable[*string]
	AccentColor              graphql.Omittable[*string]
}

const (
	mostParkedHours = 8760
	mostApproval    = 720
	mostReturnDays  = 36500

	leastAuditDays, mostAuditDays = 90, 36500
	mostReceiptText               = 1000
	mostReceiptRows               = 20
	mostTaxNumber                 = 50
	mostLogoURL                   = 500
	// latestDayStart is noon, in minutes.
	latestDayStart = 720
)

// apply changes settings whose Currency is known, and finds all that is wrong.
func (in SettingsUpdateInput) apply(s *Settings) error {
	var p errs.Problems
	set(&p, &s.SimpleMode, in.SimpleMode, "simpleMode")
	set(&p, &s.SupportConsentRequired, in.SupportConsentRequired, "supportConsentRequired")
	set(&p, &s.TillSessionRequired, in.TillSessionRequired, "tillSessionRequired")
	set(&p, &s.NegativeStockAllowed, in.NegativeStockAllowed, "negativeStockAllowed")
	set(&p, &s.BatchTrackingEnabled, in.BatchTrackingEnabled, "batchTrackingEnabled")
	set(&p, &s.ParkedSaleReserves, in.ParkedSaleReserves, "parkedSaleReserves")
	set(&p, &s.ReturnsAcrossStores, in.ReturnsAcrossStores, "returnsAcrossStores")
	if v, ok := form.Required(&p, in.ParkedSaleHours, "parkedSaleHours"); ok {
		s.ParkedSaleHours = between(&p, v, 1, mostParkedHours, "parkedSaleHours")
	}
	if v, ok := form.Required(&p, in.BusinessDayStart, "businessDayStart"); ok {
		s.BusinessDayStart = between(&p, v, 0, latestDayStart, "businessDayStart")
	}
	in.approvals(&p, s)
	if v, ok := in.ReturnDays.ValueOK(); ok {
		s.ReturnDays = v
		if v != nil {
			between(&p, *v, 0, mostReturnDays, "returnDays")
		}
	}
	if v, ok := in.AuditRetentionDays.ValueOK(); ok {
		s.AuditRetentionDays = v
		if v != nil {
			between(&p, *v, leastAuditDays, mostAuditDays, "auditRetentionDays")
		}
	}
	if v, ok := form.Required(&p, in.DiscountLimit, "discountLimit"); ok {
		s.DiscountLimitPPM = int64(form.Percent(&p, v, "discountLimit"))
	}
	in.amounts(&p, s)
	in.methods(&p, s)
	in.texts(&p, s)
	in.looks(&p, s)
	return p.Err()
}

func (in SettingsUpdateInput) approvals(p *errs.Problems, s *Settings) {
	set(p, &s.StockApprovalRequired, in.StockApprovalRequired, "stockApprovalRequired")
	set(p, &s.DiscountApprovalRequired, in.DiscountApprovalRequired, "discountApprovalRequired")
	set(p, &s.ReturnApprovalRequired, in.ReturnApprovalRequired, "returnApprovalRequired")
	if v, ok := form.Required(p, in.ApprovalHours, "approvalHours"); ok {
		s.ApprovalHours = between(p, v, 1, mostApproval, "approvalHours")
	}
}

func (in SettingsUpdateInput) amounts(p *errs.Problems, s *Settings) {
	for _, amount := range []struct {
		to    **int64
		value graphql.Omittable[*money.Decimal]
		least int64
		field string
	}{
		{&s.TillVarianceMinor, in.TillVarianceLimit, 0, "tillVarianceLimit"},
		{&s.StockApprovalMinor, in.StockApprovalLimit, 0, "stockApprovalLimit"},
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

var color = regexp.MustCompile("^#[0-9a-f]{6}$")

func (in SettingsUpdateInput) looks(p *errs.Problems, s *Settings) {
	if v, ok := in.LogoURL.ValueOK(); ok {
		s.LogoURL = form.OptionalText(p, v, mostLogoURL, "logoUrl")
		u, err := url.Parse(s.LogoURL)
		if s.LogoURL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(s.LogoURL, " \n\t")) {
			p.Add(form.Invalid, []string{"logoUrl"}, "This must be an address that begins with https://.")
		}
	}
	for _, look := range []struct {
		to    *string
		value graphql.Omittable[*string]
		field string
	}{{&s.PrimaryColor, in.PrimaryColor, "primaryColor"}, {&s.AccentColor, in.AccentColor, "accentColor"}} {
		v, ok := look.value.ValueOK()
		if !ok {
			continue
		}
		*look.to = ""
		if v != nil {
			*look.to = strings.ToLower(strings.TrimSpace(*v))
		}
		if *look.to != "" && !color.MatchString(*look.to) {
			p.Add(form.Invalid, []string{look.field}, "This must be a colour such as #0a7d3c.")
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
	if !slices.Contains(ids, h.Scope().Company) {
		return nil, nil //nolint:nilnil // none of them is the request's
	}
	var own *Company
	var s *Settings
	if err := h.Read(ctx, postgres.Kept(h, &own, nothing[Company], func() bun.Query { return h.Select((*Company)(nil)) }), ReadSettings(h, &s)); err != nil {
		return nil, err
	}
	if own == nil {
		return nil, nil //nolint:nilnil // it is gone
	}
	s.Currency = own.CurrencyCode
	return map[id.Company]*Settings{own.ID(): s}, nil
}

func nothing[T any]() *T { return nil }

// UpdateSettings changes the company's settings, and makes their row with the first change. With a CONFLICT problem
// it gives the settings as they are.
//
// Errors: problems INVALID, FEATURE_OFF and CONFLICT.
func (c *Companies) UpdateSettings(ctx context.Context, in SettingsUpdateInput) (*Settings, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.updateSettings(ctx, scope, in)
	if postgres.IsUnique(err) {
		// Somebody else made the row a moment before: now it is there, and this is a conflict.
		s, err = c.updateSettings(ctx, scope, in)
	}
	if err != nil && !conflict(err) {
		return nil, err
	}
	return s, err
}

func (c *Companies) updateSettings(ctx context.Context, scope *tenancy.Scope, in SettingsUpdateInput) (*Settings, error) {
	var s *Settings
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var own *Company
		var has *quota.Usage
		statements := []postgres.Statement{
			postgres.Row(&own, tx.Select((*Company)(nil))),
			postgres.RowOr(&s, defaultsOf(tx.Handle), tx.Select((*Settings)(nil)).For("UPDATE")),
		}
		if v, ok := in.SimpleMode.ValueOK(); ok && v != nil && *v {
			// No store is made while the company goes over to having one.
			statements = append(statements, quota.Count(tx.Handle, &has))
		}
		if err := tx.Send(ctx, statements...); err != nil {
			return err
		}
		s.Currency = own.CurrencyCode
		if s.Version != in.Version {
			return errs.Problems{{
				Code: form.Conflict, Field: []string{"version"},
				Message: "Somebody else changed the settings in the meantime.",
			}}
		}
		before := *s
		if err := in.change(scope, s, has); err != nil {
			return err
		}
		s.Version++
		s.UpdatedAt = c.now()
		write := postgres.Exec(nil, tx.Update(s).Where("?TableAlias.version = ?", in.Version))
		if s.Version == 1 {
			write = tx.Add(s)
		}
		return tx.Finish(ctx, write, tx.Add(settingsChange(scope, &before, s)))
	})
	return s, err
}

// change applies the input, and finds what the company may not have.
func (in SettingsUpdateInput) change(scope *tenancy.Scope, s *Settings, has *quota.Usage) error {
	before := *s
	var p errs.Problems
	if err := in.apply(s); err != nil && !errors.As(err, &p) {
		return err
	}
	if s.SupportConsentRequired != before.SupportConsentRequired && !scope.Support.IsZero() {
		return errs.New(errs.Forbidden, "The company decides about operators' accesses.")
	}
	if s.SimpleMode && !before.SimpleMode && has != nil && has.Stores > 1 {
		p.Add(form.Invalid, []string{"simpleMode"}, "Simple mode is for one store, and %d are open.", has.Stores)
	}
	if err := scope.HasFeature(tenancy.BatchTracking); err != nil && s.BatchTrackingEnabled && !before.BatchTrackingEnabled {
		p.Add(string(errs.FeatureOff), []string{"batchTrackingEnabled"}, "Your company does not have BATCH_TRACKING.")
	}
	for field, set := range map[string]bool{
		"logoUrl": s.LogoURL != before.LogoURL && s.LogoURL != "", "primaryColor": s.PrimaryColor != before.PrimaryColor && s.PrimaryColor != "",
		"accentColor": s.AccentColor != before.AccentColor && s.AccentColor != "",
	} {
		if err := scope.HasFeature(tenancy.WhiteLabel); set && err != nil {
			p.Add(string(errs.FeatureOff), []string{field}, "Your company does not have WHITE_LABEL.")
		}
	}
	return p.Err()
}
