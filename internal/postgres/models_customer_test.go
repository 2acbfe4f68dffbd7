package postgres_test

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	customer struct {
		bun.BaseModel `bun:"table:customers,alias:customer"`
		postgres.TenantOwned
		ID                 id.Customer `bun:"id,pk"`
		Name, Phone, Email string
		CurrencyCode       string
		StoreCredit        int64
		MergedIntoID       *id.Customer
	}
	customerWord struct {
		bun.BaseModel `bun:"table:customer_words,alias:customer_word"`
		postgres.TenantOwned
		Word       string
		CustomerID id.Customer
	}
	giftCard struct {
		bun.BaseModel `bun:"table:gift_cards,alias:gift_card"`
		postgres.TenantOwned
		ID                           id.GiftCard `bun:"id,pk"`
		CodeHash                     []byte
		LastFour, CurrencyCode, Note string
		Balance                      int64
	}
	ledgerEntry struct {
		bun.BaseModel `bun:"table:ledger_entries,alias:ledger_entry"`
		postgres.TenantOwned
		ID                   id.LedgerEntry `bun:"id,pk"`
		Ledger, Reason, Note string
		CustomerID           *id.Customer
		GiftCardID           *id.GiftCard
		Amount, BalanceAfter int64
		CurrencyCode         *string
		UserID               *id.User
		OccurredAt           time.Time
	}
	accountPayment struct {
		bun.BaseModel `bun:"table:account_payments,alias:account_payment"`
		postgres.RegisterOwned
		ID                              id.LedgerEntry `bun:"id,pk"`
		EntryID                         id.LedgerEntry
		CustomerID                      id.Customer
		Method, CurrencyCode, Reference string
		Amount                          int64
		OccurredAt                      time.Time
	}
	ledgerKey struct {
		bun.BaseModel `bun:"table:ledger_idempotency_keys,alias:ledger_key"`
		postgres.TenantOwned
		ActorID     uuid.UUID
		Key         string
		RequestHash []byte
		EntryID     id.LedgerEntry
	}
)

func customerRules() map[string]tableRule {
	return map[string]tableRule{
		"customers":               rule[customer](byTenant, map[string]any{}),
		"customer_words":          rule[customerWord](byTenant, map[string]any{"word": "fresh"}),
		"gift_cards":              rule[giftCard](byTenant, map[string]any{"code_hash": `\x` + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}),
		"ledger_entries":          rule[ledgerEntry](byTenant, map[string]any{}),
		"account_payments":        rule[accountPayment](byRegister, map[string]any{}),
		"ledger_idempotency_keys": rule[ledgerKey](byTenant, map[string]any{"key": "fresh"}),
	}
}
