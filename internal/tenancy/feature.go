package tenancy

import (
	"slices"
	"sync/atomic"

	"github.com/tillgraph/tillgraph/internal/errs"
)

// Plan is what a company pays for.
type Plan string

// The plans, the smallest first.
const (
	Starter    Plan = "STARTER"
	Standard   Plan = "STANDARD"
	Enterprise Plan = "ENTERPRISE"
)

// Plans are all there are, the smallest first.
func Plans() []Plan { return []Plan{Starter, Standard, Enterprise} }

// BusinessType is a company's trade: it decides which modules it has, and what its settings are until it decides.
type BusinessType string

// The trades.
const (
	Retail      BusinessType = "RETAIL"
	Restaurant  BusinessType = "RESTAURANT"
	Supermarket BusinessType = "SUPERMARKET"
	AutoService BusinessType = "AUTO_SERVICE"
	Dealership  BusinessType = "DEALERSHIP"
)

// BusinessTypes are all there are.
func BusinessTypes() []BusinessType {
	return []BusinessType{Retail, Restaurant, Supermarket, AutoService, Dealership}
}

// Feature is a module that a company has or hasn't. The schema's @feature names them.
type Feature string

// The features.
const (
	GiftCards      Feature = "GIFT_CARDS"
	PriceLists     Feature = "PRICE_LISTS"
	ParkedSales    Feature = "PARKED_SALES"
	ScaleBarcodes  Feature = "SCALE_BARCODES"
	CustomerCredit Feature = "CUSTOMER_CREDIT"
	CustomRoles    Feature = "CUSTOM_ROLES"
	WhiteLabel     Feature = "WHITE_LABEL"
	CustomDomains  Feature = "CUSTOM_DOMAINS"
	BatchTracking  Feature = "BATCH_TRACKING"
)

// Features are all there are, in the order of the schema.
func Features() []Feature {
	return []Feature{GiftCards, PriceLists, ParkedSales, ScaleBarcodes, CustomerCredit, CustomRoles, WhiteLabel, CustomDomains, BatchTracking}
}

// Plans are those that have the feature.
func (f Feature) Plans() []Plan {
	switch f {
	case ParkedSales, ScaleBarcodes:
		return Plans()
	case GiftCards, PriceLists, CustomerCredit, WhiteLabel, BatchTracking:
		return []Plan{Standard, Enterprise}
	case CustomRoles, CustomDomains:
		return []Plan{Enterprise}
	default:
		return nil
	}
}

// BusinessTypes are those whose shops need the feature.
func (f Feature) BusinessTypes() []BusinessType {
	switch f {
	case ScaleBarcodes:
		return []BusinessType{Retail, Supermarket}
	case ParkedSales:
		return []BusinessType{Retail, Restaurant, Supermarket, AutoService}
	case GiftCards:
		return []BusinessType{Retail, Restaurant, Supermarket, AutoService}
	case BatchTracking:
		return []BusinessType{Retail, Restaurant, Supermarket}
	default:
		return BusinessTypes()
	}
}

// FeatureSource says what decided whether a company has a feature.
type FeatureSource string

// The sources: the plan lacks it, the trade doesn't need it, both bring it, or it was decided for this company.
const (
	ByPlan         FeatureSource = "PLAN"
	ByBusinessType FeatureSource = "BUSINESS_TYPE"
	ByOverride     FeatureSource = "OVERRIDE"
)

// Quotas are how much a plan allows; nil is without limit.
type Quotas struct {
	Stores, Registers, Users *int
	// RequestPoints is how much requests may cost at once, over all servers, and RequestPointsPerSecond how much of it
	// comes back. One who asks for the company gets half of both.
	RequestPoints, RequestPointsPerSecond *int
}

// Quotas are how much the plan allows. A plan that this program doesn't know allows as little as the smallest.
func (p Plan) Quotas() Quotas {
	of := func(stores, registers, users, points, perSecond int) Quotas {
		return Quotas{
			Stores: &stores, Registers: &registers, Users: &users, RequestPoints: &points, RequestPointsPerSecond: &perSecond,
		}
	}
	switch p {
	case Enterprise:
		return Quotas{}
	case Standard:
		return of(10, 50, 100, 1_000_000, 20_000)
	default:
		return of(1, 2, 5, 100_000, 2000)
	}
}

// Config is what a company may use, as of when its request came.
type Config struct {
	// Version counts the changes of all that may be kept of the company between requests; zero is not known.
	Version      int64
	Plan         Plan
	BusinessType BusinessType
	// Switched are the features that were decided for this company alone.
	Switched map[Feature]bool
}

// Feature says whether the company has a feature, and what decided that.
func (c Config) Feature(f Feature) (bool, FeatureSource) {
	if on, ok := c.Switched[f]; ok {
		return on, ByOverride
	}
	if !slices.Contains(f.BusinessTypes(), c.BusinessType) {
		return false, ByBusinessType
	}
	return slices.Contains(f.Plans(), c.Plan), ByPlan
}

// Config is what the request's company may use.
func (s *Scope) Config() Config { return s.config }

// HasFeature is nil where the company has a feature.
//
// Errors: FEATURE_OFF.
func (s *Scope) HasFeature(f Feature) error {
	if on, _ := s.config.Feature(f); !on {
		return errs.New(errs.FeatureOff, "Your company does not have %s: its plan or kind of business leaves it out.", f)
	}
	return nil
}

// ConfigVersion is the version of what may be kept of the company, false where that isn't known: nothing is kept then.
func (s *Scope) ConfigVersion() (int64, bool) {
	return s.config.Version, s.config.Version > 0 && !s.configChanged.Load()
}

// ConfigChanged says that the request itself has changed what is kept of the company: from now on it reads anew.
func (s *Scope) ConfigChanged() { s.configChanged.Store(true) }

// newConfigChanged is shared by all scopes that are made of one.
func newConfigChanged() *atomic.Bool { return &atomic.Bool{} }
