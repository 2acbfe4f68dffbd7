package postgres_test

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	companyFeature struct {
		bun.BaseModel `bun:"table:company_features,alias:feature"`
		postgres.TenantOwned
		Feature string `bun:"feature,pk"`
		Enabled bool
		Reason  string
	}
	companyDomain struct {
		bun.BaseModel `bun:"table:company_domains,alias:domain"`
		postgres.TenantOwned
		ID        id.CompanyDomain `bun:"id,pk"`
		Host      string
		Token     string
		CreatedAt time.Time
	}
	companyPoints struct {
		bun.BaseModel `bun:"table:company_points,alias:points"`
		postgres.TenantOwned
		Holder    id.User
		Points    float64
		CountedAt time.Time
	}
	settingsChange struct {
		bun.BaseModel `bun:"table:company_settings_changes,alias:settings_change"`
		postgres.TenantOwned
		ID        id.SettingsChange `bun:"id,pk"`
		Version   int
		ChangedAt time.Time
		Changes   json.RawMessage `bun:",type:jsonb"`
	}
)

func configRules() map[string]tableRule {
	return map[string]tableRule{
		"company_features":         rule[companyFeature](byTenant, map[string]any{"feature": "FRESH"}),
		"company_domains":          rule[companyDomain](byTenant, map[string]any{"host": "fresh.example"}),
		"company_points":           rule[companyPoints](byTenant, map[string]any{"holder": id.New[id.User]().UUID()}),
		"company_settings_changes": rule[settingsChange](byTenant, map[string]any{}),
	}
}
