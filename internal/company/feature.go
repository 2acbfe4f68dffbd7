package company

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Feature is a module, and whether the company has it.
type Feature struct {
	Name      tenancy.Feature
	Enabled   bool
	DecidedBy tenancy.FeatureSource
	Plans     []tenancy.Plan
}

// Features are all modules, as the company of a scope has them.
func Features(scope *tenancy.Scope) []*Feature {
	all := tenancy.Features()
	features := make([]*Feature, len(all))
	for i, name := range all {
		features[i] = &Feature{Name: name, Plans: name.Plans()}
		features[i].Enabled, features[i].DecidedBy = scope.Config().Feature(name)
	}
	return features
}

// switched is a feature that was decided for one company. The gate reads it, with the scope.
type switched struct {
	bun.BaseModel `bun:"table:company_features,alias:feature"`
	postgres.TenantOwned

	Feature   tenancy.Feature `bun:"feature,pk"`
	Enabled   bool            `bun:"enabled"`
	Reason    string          `bun:"reason"`
	ChangedAt time.Time       `bun:"changed_at"`
}

// points are what requests of a company, or of one who asks for it, may still cost. The gate takes them.
type points struct {
	bun.BaseModel `bun:"table:company_points,alias:points"`
	postgres.TenantOwned

	Holder    id.Session `bun:"holder,pk"`
	Points    float64    `bun:"points"`
	CountedAt time.Time  `bun:"counted_at"`
}
