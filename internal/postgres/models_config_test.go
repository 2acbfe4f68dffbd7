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
	app struct {
		bun.BaseModel `bun:"table:apps,alias:app"`
		postgres.TenantOwned
		ID                      id.App `bun:"id,pk"`
		Name, DocumentRule      string
		CreatedAt, RegisteredAt time.Time
	}
	appDocument struct {
		bun.BaseModel `bun:"table:app_documents,alias:document"`
		postgres.TenantOwned
		AppID        id.App `bun:"app_id,pk"`
		DocumentID   string `bun:"document_id,pk"`
		Hash, Body   string
		Operations   []string `bun:",array"`
		RegisteredAt time.Time
	}
	supportAccess struct {
		bun.BaseModel `bun:"table:support_accesses,alias:access"`
		postgres.TenantOwned
		ID                     id.SupportAccess `bun:"id,pk"`
		Operator, Reason       string
		Writes                 bool
		Minutes                int
		RequestedAt, ExpiresAt time.Time
	}
	supportAct struct {
		bun.BaseModel `bun:"table:support_acts,alias:act"`
		postgres.TenantOwned
		ID               id.SupportAct `bun:"id,pk"`
		Operator, Action string
		At               time.Time
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
		"apps":                     rule[app](byTenant, map[string]any{"name": "fresh"}),
		"app_documents":            rule[appDocument](byTenant, map[string]any{"document_id": "fresh"}),
		"support_accesses":         rule[supportAccess](byTenant, map[string]any{}),
		"support_acts":             rule[supportAct](byTenant, map[string]any{}),
		"company_points":           rule[companyPoints](byTenant, map[string]any{"holder": id.New[id.User]().UUID()}),
		"company_settings_changes": rule[settingsChange](byTenant, map[string]any{}),
	}
}
