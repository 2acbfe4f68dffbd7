package company

import (
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Settings are what a company decided about its shops.
type Settings struct {
	bun.BaseModel `bun:"table:company_settings,alias:settings"`
	postgres.TenantOwned

	// SimpleMode is for who runs one shop alone: nothing waits for a second person.
	SimpleMode bool `bun:"simple_mode"`
	// TillSessionRequired says that a register sells only while a till session is open.
	TillSessionRequired bool `bun:"till_session_required"`
	// TillVarianceMinor is how far a count may be off before a second person approves, in minor units of the
	// store's currency; nil is any distance.
	TillVarianceMinor *int64 `bun:"till_variance_limit"`
	// NegativeStockAllowed says whether more may be sold than is known to be there; a product may say otherwise.
	NegativeStockAllowed bool `bun:"negative_stock_allowed"`
	// BatchTrackingEnabled says that goods of tracked products move by their batches, where the company has the feature.
	BatchTrackingEnabled bool `bun:"batch_tracking_enabled"`
	ParkedSaleHours      int  `bun:"parked_sale_hours"`
	ParkedSaleReserves   bool `bun:"parked_sale_reserves"`
	ReturnsAcrossStores  bool `bun:"returns_across_stores"`
	// ReturnDays is how long after a sale its goods are taken back; nil is for ever.
	ReturnDays     *int     `bun:"return_days"`
	PaymentMethods []string `bun:"payment_methods,array"`
	RefundMethods  []string `bun:"refund_methods,array"`
	// DiscountLimitPPM is the largest share of what it is taken off that a discount may be without DISCOUNT_LARGE.
	DiscountLimitPPM int64 `bun:"discount_limit_ppm"`
	// LoyaltySpendMinor is what is spent for one point, LoyaltyValueMinor what a point pays, in minor units of the
	// company's currency; nil where there are no points.
	LoyaltySpendMinor *int64 `bun:"loyalty_spend_per_point"`
	LoyaltyValueMinor *int64 `bun:"loyalty_point_value"`
	// StockApprovalRequired says that adjustments of stock worth more than StockApprovalMinor, in minor units of the
	// store's currency, wait for a second person; nil is any adjustment.
	StockApprovalRequired bool   `bun:"stock_approval_required"`
	StockApprovalMinor    *int64 `bun:"stock_approval_limit"`
	// DiscountApprovalRequired and ReturnApprovalRequired say that a large discount, or goods without a receipt, take a
	// second person also of who has the permission.
	DiscountApprovalRequired bool `bun:"discount_approval_required"`
	ReturnApprovalRequired   bool `bun:"return_approval_required"`
	// ApprovalHours is how long something waits, and how long an approval can be used.
	ApprovalHours int `bun:"approval_hours"`
	// SupportConsentRequired says that operators get in only with the company's consent.
	SupportConsentRequired bool `bun:"support_consent_required"`
	// AuditRetentionDays is how long records of changes and accesses are kept; nil is for ever.
	AuditRetentionDays *int   `bun:"audit_retention_days"`
	TaxNumber          string `bun:"tax_number"`
	ReceiptHeader      string `bun:"receipt_header"`
	ReceiptFooter      string `bun:"receipt_footer"`
	// BusinessDayStart is how many minutes after midnight a business day begins, on a store's clocks.
	BusinessDayStart int `bun:"business_day_start"`
	// LogoURL, PrimaryColor and AccentColor are how front ends and receipts look; empty for the usual look.
	LogoURL      string    `bun:"logo_url"`
	PrimaryColor string    `bun:"primary_color"`
	AccentColor  string    `bun:"accent_color"`
	Version      int       `bun:"version"`
	UpdatedAt    time.Time `bun:"updated_at"`

	// Currency is the company's, which the amounts are in; it stands elsewhere.
	Currency money.Currency `bun:"-"`
}

// TillVarianceLimit is how far a count may be off, written with the decimals of the company's currency.
func (s *Settings) TillVarianceLimit() *money.Decimal {
	if s.TillVarianceMinor == nil {
		return nil
	}
	limit := money.Money{Minor: *s.TillVarianceMinor, Currency: s.Currency}.Amount()
	return &limit
}

// StockWaits says whether an adjustment of stock worth so much, nil where that isn't known, waits for a second person.
func (s *Settings) StockWaits(worth *int64) bool {
	if s.SimpleMode || !s.StockApprovalRequired {
		return false
	}
	return worth == nil || s.StockApprovalMinor == nil || *worth > *s.StockApprovalMinor
}

// DiscountWaits says whether large discounts take a second person also of who has the permission.
func (s *Settings) DiscountWaits() bool { return !s.SimpleMode && s.DiscountApprovalRequired }

// ReturnWaits says so of goods that come back without a receipt.
func (s *Settings) ReturnWaits() bool { return !s.SimpleMode && s.ReturnApprovalRequired }

// StockApprovalLimit is StockApprovalMinor, written with the decimals of the company's currency.
func (s *Settings) StockApprovalLimit() *money.Decimal {
	if s.StockApprovalMinor == nil {
		return nil
	}
	limit := money.Money{Minor: *s.StockApprovalMinor, Currency: s.Currency}.Amount()
	return &limit
}

// DiscountLimit is the largest discount without DISCOUNT_LARGE, in percent.
func (s *Settings) DiscountLimit() money.Decimal {
	return money.PPM(s.DiscountLimitPPM).Percent() //nolint:gosec // at most a million, as the database checks
}

// LoyaltySpendPerPoint is what is spent for one point.
func (s *Settings) LoyaltySpendPerPoint() *money.Money { return s.amount(s.LoyaltySpendMinor) }

// LoyaltyPointValue is what one point pays.
func (s *Settings) LoyaltyPointValue() *money.Money { return s.amount(s.LoyaltyValueMinor) }

func (s *Settings) amount(minor *int64) *money.Money {
	if minor == nil {
		return nil
	}
	return &money.Money{Minor: *minor, Currency: s.Currency}
}

// The ways to pay that settings may name, as package sale has them.
func payable() []string {
	return []string{"CASH", "CARD", "MOBILE_MONEY", "GIFT_CARD", "STORE_CREDIT", "ACCOUNT", "LOYALTY_POINTS"}
}

// refundable are those that money can go back by: points come back with what they paid for.
func refundable() []string {
	return slices.DeleteFunc(payable(), func(m string) bool { return m == "LOYALTY_POINTS" })
}

// DefaultSettings are those of a company that decided nothing, by its trade.
func DefaultSettings(of tenancy.BusinessType) *Settings {
	const month = 30 * 24
	s := &Settings{
		NegativeStockAllowed: true, ParkedSaleHours: 24, ApprovalHours: 24, DiscountLimitPPM: 100_000,
		PaymentMethods: payable(), RefundMethods: refundable(),
	}
	switch of {
	case tenancy.Supermarket: // many cashiers at many tills
		s.TillSessionRequired, s.DiscountLimitPPM = true, 50_000
	case tenancy.Restaurant: // tables are parked sales, and what is cooked isn't counted
		s.TillSessionRequired, s.ParkedSaleHours = true, 12
	case tenancy.AutoService: // a job stays open while the car does, with its parts put aside
		s.ParkedSaleHours, s.ParkedSaleReserves = month, true
	case tenancy.Dealership: // what is sold is one of a kind
		s.NegativeStockAllowed, s.ParkedSaleHours, s.ParkedSaleReserves, s.DiscountLimitPPM = false, month, true, 50_000
	case tenancy.Retail:
	}
	return s
}

// VarianceLimit is how far a till's count may be off before a second person approves: any distance, in simple mode.
func (s *Settings) VarianceLimit() *int64 {
	if s.SimpleMode {
		return nil
	}
	return s.TillVarianceMinor
}

// IsConfiguration marks what is kept between requests.
func (*Settings) IsConfiguration() {}

// ReadSettings builds the statement that reads the company's settings into s: the defaults, where the company has
// decided nothing. They are kept between requests; its lists are not to be changed.
func ReadSettings(h *postgres.Handle, s **Settings) postgres.Statement {
	return postgres.Kept(h, s, defaultsOf(h), func() bun.Query { return h.Select((*Settings)(nil)) })
}

func defaultsOf(h *postgres.Handle) func() *Settings {
	return func() *Settings { return DefaultSettings(h.Scope().Config().BusinessType) }
}
