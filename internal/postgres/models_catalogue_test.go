package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	barcodeRule struct {
		bun.BaseModel `bun:"table:barcode_rules,alias:barcode_rule"`
		postgres.TenantOwned
		Prefix, ValueKind                 string
		ItemDigits, ValueDigits, Decimals int
	}
	productAvailability struct {
		bun.BaseModel `bun:"table:product_availability,alias:availability"`
		postgres.StoreOwned
		ProductID id.Product
		Sold      bool
	}
	priceList struct {
		bun.BaseModel `bun:"table:price_lists,alias:price_list"`
		postgres.TenantOwned
		ID                 id.PriceList `bun:"id,pk"`
		Name, CurrencyCode string
		ValidFrom          *time.Time
	}
	priceListStore struct {
		bun.BaseModel `bun:"table:price_list_stores,alias:price_list_store"`
		postgres.StoreOwned
		PriceListID id.PriceList
	}
	priceListItem struct {
		bun.BaseModel `bun:"table:price_list_items,alias:price_list_item"`
		postgres.TenantOwned
		PriceListID  id.PriceList
		ProductID    id.Product
		CurrencyCode string
		Price        int64
	}
)

func catalogueRules() map[string]tableRule {
	return map[string]tableRule{
		"barcode_rules":        rule[barcodeRule](byTenant, map[string]any{"prefix": "27"}),
		"product_availability": rule[productAvailability](byStore, nil),
		"price_lists":          rule[priceList](byTenant, map[string]any{}),
		"price_list_stores":    rule[priceListStore](byStore, nil),
		"price_list_items":     rule[priceListItem](byTenant, nil),
	}
}
