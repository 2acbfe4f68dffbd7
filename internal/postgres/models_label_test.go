package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	brand struct {
		bun.BaseModel `bun:"table:brands,alias:brand"`
		postgres.TenantOwned
		ID   id.Brand `bun:"id,pk"`
		Name string
	}
	supplier struct {
		bun.BaseModel `bun:"table:suppliers,alias:supplier"`
		postgres.TenantOwned
		ID   id.Supplier `bun:"id,pk"`
		Name string
	}
	customerGroup struct {
		bun.BaseModel `bun:"table:customer_groups,alias:customer_group"`
		postgres.TenantOwned
		ID   id.CustomerGroup `bun:"id,pk"`
		Name string
	}
	reportBrand struct {
		bun.BaseModel `bun:"table:report_brands,alias:report_brand"`
		postgres.StoreOwned
		lineSums
		BrandID id.Brand
	}
	reportSupplier struct {
		bun.BaseModel `bun:"table:report_suppliers,alias:report_supplier"`
		postgres.StoreOwned
		lineSums
		SupplierID id.Supplier
	}
	reportCustomer struct {
		bun.BaseModel `bun:"table:report_customers,alias:report_customer"`
		postgres.StoreOwned
		lineSums
		CustomerGroupID id.CustomerGroup
		Rounding        int64
	}
)

func labelRules() map[string]tableRule {
	fresh := map[string]any{"business_date": time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)}
	return map[string]tableRule{
		"brands":           rule[brand](byTenant, map[string]any{"name": "fresh"}),
		"suppliers":        rule[supplier](byTenant, map[string]any{"name": "fresh"}),
		"customer_groups":  rule[customerGroup](byTenant, map[string]any{"name": "fresh"}),
		"report_brands":    rule[reportBrand](byStore, fresh),
		"report_suppliers": rule[reportSupplier](byStore, fresh),
		"report_customers": rule[reportCustomer](byStore, fresh),
	}
}
