// Package signup brings companies to life: with an owner, a store and a register, in one transaction.
package signup

import (
	"context"
	"slices"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/tax"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Config is what SignUps need.
type Config struct {
	DB    *postgres.DB
	Staff *staff.Staff
	Now   func() time.Time
	// Open says that anybody may make a company.
	Open bool
	// Attempts counts them for all servers; nil counts on this one alone.
	Attempts *limit.Shared
}

// SignUps makes companies.
type SignUps struct {
	Config

	// perAddress are attempts of one address, whatever comes of them: they tell which slugs are taken.
	perAddress *limit.Limiter
}

// New makes SignUps.
func New(c Config) *SignUps {
	const attempts = 20
	return &SignUps{Config: c, perAddress: limit.New("sign-up", attempts, time.Hour, c.Now, c.Attempts)}
}

// CompanySignUpInput says which company is to be.
type CompanySignUpInput struct {
	Slug            string
	Name            string
	CountryCode     string
	BusinessType    tenancy.BusinessType
	OwnerName       string
	OwnerEmail      string
	OwnerPassword   string
	StoreName       *string
	CurrencyCode    *money.Currency
	TimeZone        *string
	TaxRate         *money.Decimal
	SampleCatalogue bool
}

// Made is a company that was made.
type Made struct {
	Company  id.Company
	Slug     string
	Store    *company.Store
	Register *company.Register
	Owner    *staff.User
	// Tokens are the owner's login; none where the operator made the company.
	Tokens *staff.TokenPair
}

// SignUp makes a company for anybody. Its owner is logged in, and shows by a mailed link that their address is theirs
// before they invite others.
//
// Errors: problems INVALID, SLUG_RESERVED, SLUG_TAKEN and COUNTRY_UNKNOWN; FORBIDDEN, RATE_LIMITED.
func (s *SignUps) SignUp(ctx context.Context, in CompanySignUpInput) (*Made, error) {
	if !s.Open {
		return nil, errs.New(errs.Forbidden, "Companies are made by whoever runs this server. Ask them.")
	}
	if err := s.perAddress.Take(ctx, staff.ClientOf(ctx).Address); err != nil {
		return nil, err
	}
	return s.make(ctx, in, staff.Present, "", nil)
}

// Create makes a company for the operator, who answers for its owner.
//
// Errors: problems INVALID, SLUG_RESERVED, SLUG_TAKEN and COUNTRY_UNKNOWN.
func (s *SignUps) Create(ctx context.Context, in CompanySignUpInput) (*Made, error) {
	return s.make(ctx, in, staff.Trusted, "", nil)
}

// Bought makes a company that was paid for, with a plan where one is named; also is written together with it. Its owner
// is mailed a link to choose their password.
//
// Errors: problems INVALID, SLUG_RESERVED, SLUG_TAKEN and COUNTRY_UNKNOWN; RATE_LIMITED.
func (s *SignUps) Bought(
	ctx context.Context, in CompanySignUpInput, plan string, also func(*postgres.Tx) []postgres.Statement,
) (*Made, error) {
	return s.make(ctx, in, staff.Mailed, plan, also)
}

func (s *SignUps) make(
	ctx context.Context, in CompanySignUpInput, by staff.FoundedBy, plan string, also func(*postgres.Tx) []postgres.Statement,
) (*Made, error) {
	b, err := s.plan(in, by)
	if err != nil {
		return nil, err
	}
	b.founding.Plan = plan
	if err := s.Staff.Prepare(ctx, b.company, b.founder); err != nil {
		return nil, err
	}
	ctx = tenancy.With(ctx, tenancy.New(tenancy.Spec{
		Company: b.company, CompanySlug: in.Slug, Role: tenancy.Owner, User: b.founder.User.ID, Stores: []id.Store{b.store.ID},
	}))
	err = s.DB.Found(ctx, b.founding, func(ctx context.Context, tx *postgres.Tx) error {
		statements := b.statements(tx)
		if also != nil {
			statements = append(statements, also(tx)...)
		}
		return tx.Finish(ctx, statements...)
	})
	if postgres.IsUnique(err) {
		return nil, errs.Problems{{
			Code: "SLUG_TAKEN", Field: []string{"slug"}, Message: "Another company has this name, or one that looks like it.",
		}}
	}
	if err != nil {
		return nil, err
	}
	s.Staff.Welcome(ctx, b.founder, b.founding.Name, b.founding.Slug)
	return &Made{
		Company: b.company, Slug: b.founding.Slug, Store: b.store, Register: b.register, Owner: b.founder.User,
		Tokens: b.founder.Tokens,
	}, nil
}

// beginning is all that a company begins with.
type beginning struct {
	company  id.Company
	founding postgres.Founding
	founder  *staff.Founder
	store    *company.Store
	register *company.Register
	taxes    []*tax.Category
	rates    []*tax.Rate
	sample   *sampleRows
}

// plan checks what a company is to be, and finds all that is wrong with it.
func (s *SignUps) plan(in CompanySignUpInput, by staff.FoundedBy) (*beginning, error) {
	var p errs.Problems
	now := s.Now()
	checkSlug(&p, in.Slug)
	name := form.Text(&p, in.Name, 1, 200, "name")
	if !slices.Contains(tenancy.BusinessTypes(), in.BusinessType) {
		p.Add(form.Invalid, []string{"businessType"}, "This is no business type.")
	}
	home := in.home(&p)
	b := &beginning{
		company: id.New[id.Company](),
		founding: postgres.Founding{
			Slug: in.Slug, Name: name, CountryCode: in.CountryCode, CurrencyCode: string(home.currency),
			BusinessType: string(in.BusinessType), At: now,
		},
		founder: s.Staff.NewFounder(&p, staff.FounderInput{
			Name: in.OwnerName, Email: in.OwnerEmail, Password: in.OwnerPassword, By: by,
		}),
		store: &company.Store{
			Code: "S1", Name: name, TimeZone: home.zone, CurrencyCode: home.currency, TaxRatePPM: home.rate,
			PricesIncludeTax: !home.exclusive, CashRoundingMinor: home.cash, Status: company.Open, Version: 1,
			CreatedAt: now, UpdatedAt: now,
		},
		register: &company.Register{
			ID: id.New[id.Register](), Code: "T1", Name: "Till 1", Status: company.Open, Version: 1, CreatedAt: now, UpdatedAt: now,
		},
	}
	if in.StoreName != nil {
		b.store.Name = form.Text(&p, *in.StoreName, 1, 200, "storeName")
	}
	b.store.ID = id.New[id.Store]()
	b.register.StoreID = b.store.ID
	if err := p.Err(); err != nil {
		return nil, err
	}
	b.addTaxes(home, now)
	if in.SampleCatalogue {
		var taxed *id.TaxCategory
		if len(b.taxes) > 0 {
			taxed = &b.taxes[0].ID
		}
		b.sample = newSample(in.BusinessType, home.currency, home.scale, taxed, now)
	}
	return b, nil
}

// home is the country's, with what the input says otherwise.
func (in CompanySignUpInput) home(p *errs.Problems) country {
	home, known := countries()[in.CountryCode]
	if !known {
		home = country{tax: "Tax", scale: 1}
		switch {
		case !isCountry(in.CountryCode):
			p.Add("COUNTRY_UNKNOWN", []string{"countryCode"}, "This must be a country's two capital letters, as ISO 3166-1 has them.")
		case in.CurrencyCode == nil || in.TimeZone == nil || in.TaxRate == nil:
			p.Add("COUNTRY_UNKNOWN", []string{"countryCode"},
				"What this country's shops begin with isn't known: give currencyCode, timeZone and taxRate.")
		}
	}
	if in.CurrencyCode != nil && *in.CurrencyCode != home.currency {
		home.currency, home.cash, home.scale = *in.CurrencyCode, 0, 1
	}
	if in.TimeZone != nil {
		home.zone = form.TimeZone(p, *in.TimeZone, "timeZone")
	}
	if in.TaxRate != nil {
		home.rate = form.Percent(p, *in.TaxRate, "taxRate")
	}
	if home.tax == "" {
		home.tax = "Tax"
	}
	return home
}

func isCountry(code string) bool {
	const letters = 2
	if len(code) != letters {
		return false
	}
	for i := range letters {
		if code[i] < 'A' || code[i] > 'Z' {
			return false
		}
	}
	return true
}

// addTaxes gives the company the country's tax and goods that bear none. Without a tax there are no categories.
func (b *beginning) addTaxes(home country, now time.Time) {
	if home.rate == 0 {
		return
	}
	for _, v := range []struct {
		category, name, code string
		rate                 money.PPM
	}{{"Standard rate", home.tax, "A", home.rate}, {"Zero-rated", home.tax + " zero-rated", "Z", 0}} {
		category := &tax.Category{ID: id.New[id.TaxCategory](), Name: v.category, Version: 1, CreatedAt: now, UpdatedAt: now}
		b.taxes = append(b.taxes, category)
		b.rates = append(b.rates, &tax.Rate{
			ID: id.New[id.TaxRate](), CategoryID: category.ID, ValidFrom: tax.Ever(), Position: 1, Name: v.name, Code: v.code,
			RatePPM: v.rate, CreatedAt: now,
		})
	}
}

func (b *beginning) statements(tx *postgres.Tx) []postgres.Statement {
	counter := &company.ReceiptCounter{NextNumber: 1}
	counter.StoreID, counter.RegisterID = b.store.ID, b.register.ID
	statements := append(b.founder.Statements(tx),
		tx.Add(b.store), tx.Add(b.register), tx.Add(counter))
	if len(b.taxes) > 0 {
		statements = append(statements, tx.Add(&b.taxes), tx.Add(&b.rates))
	}
	if b.sample != nil {
		statements = append(statements, b.sample.statements(tx)...)
	}
	return statements
}
