package postgres_test

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	company struct {
		bun.BaseModel `bun:"table:companies,alias:company"`
		postgres.TenantOwned
		Slug, Name, CountryCode, CurrencyCode, Status string
		Version                                       int
	}
	companySettings struct {
		bun.BaseModel `bun:"table:company_settings,alias:company_settings"`
		postgres.TenantOwned
		ReceiptHeader string
	}
	store struct {
		bun.BaseModel `bun:"table:stores,alias:store"`
		postgres.StoreItself
		Code, Name, TimeZone, CurrencyCode, Address, Phone, Status string
		TaxRatePpm                                                 int
		PricesIncludeTax                                           bool
	}
	register struct {
		bun.BaseModel `bun:"table:registers,alias:register"`
		postgres.StoreOwned
		ID                 id.Register `bun:"id,pk"`
		Code, Name, Status string
	}
	registerKey struct {
		bun.BaseModel `bun:"table:register_keys,alias:register_key"`
		postgres.RegisterOwned
		KeyHash []byte
	}
	receiptCounter struct {
		bun.BaseModel `bun:"table:receipt_counters,alias:receipt_counter"`
		postgres.RegisterOwned
		NextNumber int64
	}
	user struct {
		bun.BaseModel `bun:"table:users,alias:user"`
		postgres.TenantOwned
		ID                        id.User `bun:"id,pk"`
		Email, Name, Role, Status string
		ExternalSubject           *string
	}
	userStore struct {
		bun.BaseModel `bun:"table:user_stores,alias:user_store"`
		postgres.StoreOwned
		UserID id.User
	}
	userCredential struct {
		bun.BaseModel `bun:"table:user_credentials,alias:user_credential"`
		postgres.TenantOwned
		UserID       id.User
		PasswordHash string
	}
	session struct {
		bun.BaseModel `bun:"table:sessions,alias:session"`
		postgres.TenantOwned
		ID        id.Session `bun:"id,pk"`
		UserID    id.User
		ExpiresAt time.Time
	}
	refreshToken struct {
		bun.BaseModel `bun:"table:refresh_tokens,alias:refresh_token"`
		postgres.TenantOwned
		ID        id.RefreshToken `bun:"id,pk"`
		SessionID id.Session
		TokenHash []byte
		ExpiresAt time.Time
	}
	category struct {
		bun.BaseModel `bun:"table:categories,alias:category"`
		postgres.TenantOwned
		ID       id.Category `bun:"id,pk"`
		ParentID *id.Category
		Name     string
	}
	product struct {
		bun.BaseModel `bun:"table:products,alias:product"`
		postgres.TenantOwned
		ID                                    id.Product `bun:"id,pk"`
		SKU                                   string
		Name, Description, Unit, CurrencyCode string
		CategoryID                            *id.Category
		Price                                 int64
		Category                              *category `bun:"rel:belongs-to,join:category_id=id"`
	}
	productBarcode struct {
		bun.BaseModel `bun:"table:product_barcodes,alias:product_barcode"`
		postgres.TenantOwned
		Barcode   string
		Code      string
		ProductID id.Product
	}
	productWord struct {
		bun.BaseModel `bun:"table:product_words,alias:product_word"`
		postgres.TenantOwned
		Word      string
		ProductID id.Product
	}
	storePrice struct {
		bun.BaseModel `bun:"table:store_prices,alias:store_price"`
		postgres.StoreOwned
		ID           id.StorePrice `bun:"id,pk"`
		ProductID    id.Product
		CurrencyCode string
		Price        int64
	}
	sale struct {
		bun.BaseModel `bun:"table:sales,alias:sale"`
		postgres.RegisterOwned
		ID                                          id.Sale `bun:"id,pk"`
		ReceiptNumber                               int64
		CashierID                                   *id.User
		CurrencyCode, Note                          string
		PricesIncludeTax                            bool
		Subtotal, TaxTotal, Total, Tendered, Change int64
		OccurredAt                                  time.Time
		BusinessDate                                time.Time `bun:"type:date"`
	}
	saleLine struct {
		bun.BaseModel `bun:"table:sale_lines,alias:sale_line"`
		postgres.RegisterOwned
		ID                                           id.SaleLine `bun:"id,pk"`
		SaleID                                       id.Sale
		LineNumber, TaxRatePpm                       int
		ProductID                                    id.Product
		ProductName, Unit, CurrencyCode, PriceSource string
		SKU                                          string
		Quantity, UnitPrice, Subtotal, Tax, Total    int64
		Gross                                        int64
		Kind                                         string
	}
	payment struct {
		bun.BaseModel `bun:"table:payments,alias:payment"`
		postgres.RegisterOwned
		ID                              id.Payment `bun:"id,pk"`
		SaleID                          id.Sale
		Position                        int
		Method, CurrencyCode, Reference string
		Tendered, Amount                int64
	}
	idempotencyKey struct {
		bun.BaseModel `bun:"table:sale_idempotency_keys,alias:idempotency_key"`
		postgres.RegisterOwned
		Key         string
		RequestHash []byte
		SaleID      id.Sale
	}
)

// The kinds of scope, from the widest.
const (
	byTenant   = "tenant"
	byStore    = "store"
	byRegister = "register"
)

// tableRule is what the tests know of a table. A table with tenant_id that has none fails them.
type tableRule struct {
	kind string
	// storeColumn is store_id but in the table of stores.
	storeColumn string
	// fresh are values that keep a copied row from meeting the original in a unique key.
	fresh map[string]any
	model any
	// rows reads all rows that a select over the model gives.
	rows func(ctx context.Context, h *postgres.Handle, q *bun.SelectQuery) ([]any, error)
}

func rule[T any](kind string, fresh map[string]any) tableRule {
	r := tableRule{kind: kind, storeColumn: "store_id", fresh: fresh, model: (*T)(nil)}
	r.rows = func(ctx context.Context, h *postgres.Handle, q *bun.SelectQuery) ([]any, error) {
		var typed []*T
		if err := h.Read(ctx, postgres.Rows(&typed, q)); err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		rows := make([]any, len(typed))
		for i, row := range typed {
			rows[i] = row
		}
		return rows, nil
	}
	return r
}

func tableRules() map[string]tableRule {
	stores := rule[store](byStore, map[string]any{"code": "FRESH"})
	stores.storeColumn = "id"
	rules := map[string]tableRule{
		"companies":             rule[company](byTenant, nil),
		"company_settings":      rule[companySettings](byTenant, nil),
		"stores":                stores,
		"registers":             rule[register](byStore, map[string]any{"code": "FRESH"}),
		"register_keys":         rule[registerKey](byRegister, nil),
		"receipt_counters":      rule[receiptCounter](byRegister, nil),
		"users":                 rule[user](byTenant, map[string]any{"email": "fresh@x.example", "external_subject": nil, "staff_number": nil}),
		"user_stores":           rule[userStore](byStore, nil),
		"user_credentials":      rule[userCredential](byTenant, nil),
		"sessions":              rule[session](byTenant, map[string]any{}),
		"refresh_tokens":        rule[refreshToken](byTenant, map[string]any{}),
		"categories":            rule[category](byTenant, map[string]any{}),
		"products":              rule[product](byTenant, map[string]any{"sku": "FRESH"}),
		"product_barcodes":      rule[productBarcode](byTenant, map[string]any{"barcode": "fresh", "code": "fresh"}),
		"product_words":         rule[productWord](byTenant, map[string]any{"word": "fresh"}),
		"store_prices":          rule[storePrice](byStore, nil),
		"sales":                 rule[sale](byRegister, map[string]any{"receipt_number": 99}),
		"sale_lines":            rule[saleLine](byRegister, map[string]any{"line_number": 99}),
		"payments":              rule[payment](byRegister, map[string]any{"position": 99}),
		"sale_idempotency_keys": rule[idempotencyKey](byRegister, map[string]any{"key": "fresh"}),
	}
	maps.Copy(rules, catalogueRules())
	maps.Copy(rules, returnsRules())
	maps.Copy(rules, taxRules())
	maps.Copy(rules, accessRules())
	maps.Copy(rules, receiptRules())
	maps.Copy(rules, stockRules())
	maps.Copy(rules, customerRules())
	maps.Copy(rules, tillRules())
	maps.Copy(rules, peopleRules())
	maps.Copy(rules, configRules())
	maps.Copy(rules, reportRules())
	maps.Copy(rules, approvalRules())
	maps.Copy(rules, auditRules())
	maps.Copy(rules, signalRules())
	return rules
}

func models() []any {
	var list []any
	for _, r := range tableRules() {
		list = append(list, r.model)
	}
	return list
}
