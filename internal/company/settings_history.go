package company

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// SettingsChange is one change of the settings: who made which of them what.
type SettingsChange struct {
	bun.BaseModel `bun:"table:company_settings_changes,alias:settings_change"`
	postgres.TenantOwned

	ID          id.SettingsChange `bun:"id,pk"`
	Version     int               `bun:"version"`
	ChangedAt   time.Time         `bun:"changed_at"`
	ChangedByID *id.User          `bun:"changed_by_id"`
	Changes     []*SettingChange  `bun:"changes,type:jsonb"`
}

// SettingChange is one setting, before and after, in words; nil is empty.
type SettingChange struct {
	Setting string  `json:"setting"`
	Before  *string `json:"before"`
	After   *string `json:"after"`
}

// The pages of the history, as the schema names them.
type (
	SettingsChangeConnection = page.Connection[SettingsChange]
	SettingsChangeEdge       = page.Edge[SettingsChange]
)

func settingsByTime() page.Order[SettingsChange] {
	return page.Order[SettingsChange]{Name: "settings-time", Desc: true, Columns: []page.Column[SettingsChange]{
		{Name: "changed_at", Type: page.Instant, Value: func(c *SettingsChange) string { return page.InstantText(c.ChangedAt) }},
		{Name: "id", Type: page.UUID, Value: func(c *SettingsChange) string { return c.ID.UUID().String() }},
	}}
}

// SettingsChanges lists the changes of the company's settings, the newest first.
func (c *Companies) SettingsChanges(ctx context.Context, a page.Args) (*SettingsChangeConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*SettingsChange)(nil)) }, settingsByTime(), a)
}

// settingsChange writes down what is different.
func settingsChange(scope *tenancy.Scope, before, after *Settings) *SettingsChange {
	change := &SettingsChange{ID: id.New[id.SettingsChange](), Version: after.Version, ChangedAt: after.UpdatedAt, Changes: []*SettingChange{}}
	if !scope.User.IsZero() {
		change.ChangedByID = &scope.User
	}
	was := before.words()
	for i, now := range after.words() {
		if now.text != was[i].text || (now.text == "") != (was[i].text == "") {
			change.Changes = append(change.Changes, &SettingChange{
				Setting: now.name, Before: was[i].orNil(), After: now.orNil(),
			})
		}
	}
	return change
}

// word is a setting in words; "" is empty.
type word struct{ name, text string }

func (w word) orNil() *string {
	if w.text == "" {
		return nil
	}
	return &w.text
}

// words are all settings under the names that the schema has for them.
func (s *Settings) words() []word {
	flag := strconv.FormatBool
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	amount := func(minor *int64) string {
		if minor == nil {
			return ""
		}
		return money.Money{Minor: *minor, Currency: s.Currency}.Amount().String()
	}
	return []word{
		{"simpleMode", flag(s.SimpleMode)},
		{"tillSessionRequired", flag(s.TillSessionRequired)},
		{"tillVarianceLimit", amount(s.TillVarianceMinor)},
		{"negativeStockAllowed", flag(s.NegativeStockAllowed)},
		{"batchTrackingEnabled", flag(s.BatchTrackingEnabled)},
		{"parkedSaleHours", strconv.Itoa(s.ParkedSaleHours)},
		{"parkedSaleReserves", flag(s.ParkedSaleReserves)},
		{"returnsAcrossStores", flag(s.ReturnsAcrossStores)},
		{"returnDays", number(s.ReturnDays)},
		{"paymentMethods", strings.Join(s.PaymentMethods, ", ")},
		{"refundMethods", strings.Join(s.RefundMethods, ", ")},
		{"discountLimit", s.DiscountLimit().String()},
		{"stockApprovalRequired", flag(s.StockApprovalRequired)},
		{"stockApprovalLimit", amount(s.StockApprovalMinor)},
		{"discountApprovalRequired", flag(s.DiscountApprovalRequired)},
		{"returnApprovalRequired", flag(s.ReturnApprovalRequired)},
		{"approvalHours", strconv.Itoa(s.ApprovalHours)},
		{"loyaltySpendPerPoint", amount(s.LoyaltySpendMinor)},
		{"loyaltyPointValue", amount(s.LoyaltyValueMinor)},
		{"taxNumber", s.TaxNumber},
		{"receiptHeader", s.ReceiptHeader},
		{"receiptFooter", s.ReceiptFooter},
		{"auditRetentionDays", number(s.AuditRetentionDays)},
		{"businessDayStart", strconv.Itoa(s.BusinessDayStart)},
		{"supportConsentRequired", flag(s.SupportConsentRequired)},
		{"logoUrl", s.LogoURL},
		{"primaryColor", s.PrimaryColor},
		{"accentColor", s.AccentColor},
	}
}
