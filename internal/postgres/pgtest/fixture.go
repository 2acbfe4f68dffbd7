package pgtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// The canaries stand in the texts of what company A's first store must not see.
const (
	CanaryB  = "CANARY-B"  // in company B's rows
	CanaryA2 = "CANARY-A2" // in the rows of A's second store
)

// Fixture is two companies. A has two stores, B has one.
type Fixture struct {
	A, B Company
}

// Company is what Fixture made of one company.
type Company struct {
	ID         id.Company
	Slug       string
	Owner      id.User
	Manager    id.User // of the first store
	Session    id.Session
	Token      id.RefreshToken
	Category   id.Category
	CustomRole id.CustomRole
	Domain     id.CompanyDomain // not proved
	App        id.App           // has one document
	Support    id.SupportAccess // waits for consent
	Export     id.ReportExport  // the owner's
	Schedule   id.ReportSchedule
	Alert      id.ReportAlert
	Products   []id.Product // two
	Barcodes   []string     // one a product
	// PriceList has a price of the second product and counts in all stores.
	PriceList id.PriceList
	// TaxCategory has a rate of the company and one of each store; no product is in it.
	TaxCategory id.TaxCategory
	TaxRate     id.TaxRate
	Prefix      string // of a rule for barcodes
	Labels      LabelRows
	Stores      []Store

	Customer CustomerRows
}

// Store is what Fixture made of one store.
type Store struct {
	ID          id.Store
	Cashier     id.User
	Registers   []Register // two
	Price       id.StorePrice
	TaxRate     id.StoreTaxRate
	Levels      []id.InventoryLevel // one a product: 50 of it
	Receipt     id.StockMovement    // of the first product: 2 of it, at 60.00 each
	Batch       id.StockBatch       // of the receipt
	StockKey    string              // its idempotency key
	Parked      id.ParkedSale
	Approval    id.Approval // waits, of its first register
	Notice      id.ReportNotice
	AuditEvent  id.AuditEvent // in the store
	AuditAccess id.AuditAccess
	StorePeople
}

// Register is what Fixture made of one register: a sale, of two lines, paid in cash.
type Register struct {
	ID       id.Register
	KeyHash  []byte
	Sale     id.Sale
	Lines    []id.SaleLine
	Payment  id.Payment
	Conflict id.ReceiptConflict
	Movement id.StockMovement
	Discount id.SaleDiscount // on the sale as a whole
	Key      string          // the sale's idempotency key

	// TillSession is closed, and has the movement, a count and the report.
	TillSession    id.TillSession
	DrawerMovement id.DrawerMovement
	ZReport        id.ZReport
	TillKey        string // the session's idempotency key
}

// StoreIDs are the company's stores.
func (c *Company) StoreIDs() []id.Store {
	ids := make([]id.Store, len(c.Stores))
	for i := range c.Stores {
		ids[i] = c.Stores[i].ID
	}
	return ids
}

// OwnerScope is the scope of the company's owner: all stores.
func (c *Company) OwnerScope() *tenancy.Scope {
	return tenancy.New(tenancy.Spec{
		Company: c.ID, CompanySlug: c.Slug, Role: tenancy.Owner, User: c.Owner, Session: c.Session,
		Stores: c.StoreIDs(),
	})
}

// CashierScope is the scope of the cashier of a store, by its place in Stores.
func (c *Company) CashierScope(store int) *tenancy.Scope {
	return tenancy.New(tenancy.Spec{
		Company: c.ID, CompanySlug: c.Slug, Role: tenancy.Cashier, User: c.Stores[store].Cashier,
		Stores: []id.Store{c.Stores[store].ID},
	})
}

// RegisterScope is the scope of a register that acts by itself.
func (c *Company) RegisterScope(store, register int) *tenancy.Scope {
	s := &c.Stores[store]
	return tenancy.New(tenancy.Spec{
		Company: c.ID, CompanySlug: c.Slug, Role: tenancy.Register, Register: s.Registers[register].ID,
		Stores: []id.Store{s.ID},
	})
}

// Context gives a context with a scope in it.
func Context(t testing.TB, s *tenancy.Scope) context.Context {
	t.Helper()
	return tenancy.With(t.Context(), s)
}

type batch struct{ pgx.Batch }

func (b *batch) add(sql string, args ...any) { b.Queue(sql, args...) }

func (b *batch) company(c *Company, slug string, stores int) {
	c.ID, c.Slug = id.New[id.Company](), slug
	name := slug
	if stores == 1 {
		name += " " + CanaryB
	}
	b.add("insert into company_directory (slug, company_id, plan) values ($1, $2, 'ENTERPRISE')", slug, c.ID.UUID())
	b.add("insert into companies (tenant_id, slug, name, country_code, currency_code) values ($1, $2, $3, 'KE', 'KES')",
		c.ID.UUID(), slug, name)
	b.add("insert into company_settings (tenant_id, receipt_header) values ($1, $2)", c.ID.UUID(), "Header of "+name)
	b.configuration(c, name)
	b.domain(c, name)
	b.support(c, name)
	c.Owner = b.user(c, "owner", tenancy.Owner, name)
	c.Manager = b.user(c, "manager", tenancy.Manager, name)
	b.customRole(c, name)
	c.Session, c.Token = id.New[id.Session](), id.New[id.RefreshToken]()
	b.add("insert into sessions (tenant_id, id, user_id, expires_at) values ($1, $2, $3, now() + interval '30 days')",
		c.ID.UUID(), c.Session.UUID(), c.Owner.UUID())
	b.add(`insert into refresh_tokens (tenant_id, id, session_id, token_hash, expires_at)
		values ($1, $2, $3, $4, now() + interval '30 days')`,
		c.ID.UUID(), c.Token.UUID(), c.Session.UUID(), hash(c.Token.UUID()))
	b.products(c, name)
	c.Stores = make([]Store, stores)
	for i := range c.Stores {
		storeName := name
		if i > 0 {
			storeName += " " + CanaryA2
		}
		b.store(c, &c.Stores[i], i+1, name, storeName)
	}
	b.add("insert into user_stores (tenant_id, store_id, user_id) values ($1, $2, $3)",
		c.ID.UUID(), c.Stores[0].ID.UUID(), c.Manager.UUID())
	b.catalogue(c, name)
	b.billed(c, name)
	b.export(c, name)
	b.schedule(c)
	b.alert(c, name)
	b.customers(c, name)
	b.taxes(c, name)
	b.labels(c, name)
	b.sealed(c)
	b.noticed(c, name)
}

func (b *batch) user(c *Company, who string, role tenancy.Role, name string) id.User {
	user := id.New[id.User]()
	b.add(`insert into users (tenant_id, id, email, name, role, external_subject)
		values ($1, $2, $3, $4, $5, $6)`,
		c.ID.UUID(), user.UUID(), who+"@"+c.Slug+".example", who+" of "+name, string(role), "sub-"+c.Slug+"-"+who)
	b.add("insert into user_credentials (tenant_id, user_id, password_hash) values ($1, $2, $3)",
		c.ID.UUID(), user.UUID(), "no password "+name)
	return user
}

func (b *batch) products(c *Company, name string) {
	c.Category = id.New[id.Category]()
	b.add("insert into categories (tenant_id, id, name) values ($1, $2, $3)", c.ID.UUID(), c.Category.UUID(),
		"Drinks "+name)
	for i := range 2 {
		product, barcode := id.New[id.Product](), fmt.Sprintf("%s-%d", c.Slug, 4006381333931+i)
		c.Products, c.Barcodes = append(c.Products, product), append(c.Barcodes, barcode)
		b.add(`insert into products (tenant_id, id, sku, name, category_id, unit, currency_code, price)
			values ($1, $2, $3, $4, $5, 'EACH', 'KES', 10000)`,
			c.ID.UUID(), product.UUID(), fmt.Sprintf("SKU-%d", i+1), fmt.Sprintf("Cola %d %s", i+1, name),
			c.Category.UUID())
		b.add("insert into product_barcodes (tenant_id, barcode, code, product_id) values ($1, $2, $2, $3)",
			c.ID.UUID(), barcode, product.UUID())
		b.add("insert into product_words (tenant_id, word, product_id) values ($1, $2, $3), ($1, $4, $3)",
			c.ID.UUID(), "cola", product.UUID(), "word"+c.Slug)
	}
}

func (b *batch) store(c *Company, s *Store, number int, companyName, name string) {
	s.ID = id.New[id.Store]()
	b.add(`insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm, prices_include_tax)
		values ($1, $2, $3, $4, 'Africa/Nairobi', 'KES', 160000, true)`,
		c.ID.UUID(), s.ID.UUID(), fmt.Sprintf("S%d", number), name)
	s.Cashier = b.user(c, fmt.Sprintf("cashier%d", number), tenancy.Cashier, companyName)
	b.add("insert into user_stores (tenant_id, store_id, user_id) values ($1, $2, $3)",
		c.ID.UUID(), s.ID.UUID(), s.Cashier.UUID())
	s.Invitation = b.person(c, s.Cashier, companyName)
	b.timeEntry(c, s, name)
	s.Price = id.New[id.StorePrice]()
	b.add(`insert into store_prices (tenant_id, store_id, id, product_id, currency_code, price)
		values ($1, $2, $3, $4, 'KES', 9000)`,
		c.ID.UUID(), s.ID.UUID(), s.Price.UUID(), c.Products[0].UUID())
	for _, product := range c.Products {
		level := id.New[id.InventoryLevel]()
		s.Levels = append(s.Levels, level)
		b.level(c, s, level, product)
	}
	s.Registers = make([]Register, 2)
	for i := range s.Registers {
		b.register(c, s, &s.Registers[i], i+1, name)
	}
	b.stock(c, s, name)
	b.park(c, s, name)
	b.reports(c, s, name)
	b.approval(c, s, name)
	b.audited(c, s, name)
}

func (b *batch) register(c *Company, s *Store, r *Register, number int, name string) {
	r.ID = id.New[id.Register]()
	r.KeyHash = hash(r.ID.UUID())
	b.add("insert into registers (tenant_id, store_id, id, code, name) values ($1, $2, $3, $4, $5)",
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), fmt.Sprintf("R%d", number), fmt.Sprintf("Register %d %s", number, name))
	b.add("insert into register_keys (tenant_id, store_id, register_id, key_hash) values ($1, $2, $3, $4)",
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.KeyHash)
	b.add("insert into receipt_counters (tenant_id, store_id, register_id, next_number) values ($1, $2, $3, 2)",
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID())
	b.pinAttempts(c, s.ID, r.ID.UUID())
	b.sale(c, s, r, name)
	b.till(c, s, r, name)
	b.receipts(c, s, r, name)
}

func (b *batch) sale(c *Company, s *Store, r *Register, name string) {
	now := time.Now()
	r.Sale, r.Payment, r.Movement = id.New[id.Sale](), id.New[id.Payment](), id.New[id.StockMovement]()
	r.Key = "key " + name
	b.add(`insert into sales (tenant_id, store_id, register_id, id, receipt_number, cashier_id, currency_code,
			prices_include_tax, subtotal, tax_total, total, tendered, change, note, occurred_at, business_date)
		values ($1, $2, $3, $4, 1, $5, 'KES', true, 17242, 2758, 20000, 20000, 0, $6, $7, $7::timestamptz::date)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.Sale.UUID(), s.Cashier.UUID(), "note "+name, now)
	for i, product := range c.Products {
		line := id.New[id.SaleLine]()
		r.Lines = append(r.Lines, line)
		b.add(`insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id,
				product_name, sku, unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm,
				subtotal, tax, total, gross)
			values ($1, $2, $3, $4, $5, $6, $7, $8, 'SKU', 'EACH', 'KES', 1000, 10000, 'BASE', 160000,
				8621, 1379, 10000, 10000)`,
			c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), line.UUID(), r.Sale.UUID(), i+1, product.UUID(), "Cola "+name)
	}
	b.add(`insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code,
			tendered, amount, reference)
		values ($1, $2, $3, $4, $5, 1, 'CASH', 'KES', 20000, 20000, $6)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.Payment.UUID(), r.Sale.UUID(), "ref "+name)
	b.add(`insert into sale_idempotency_keys (tenant_id, store_id, register_id, key, request_hash, sale_id)
		values ($1, $2, $3, $4, $5, $6)`,
		c.ID.UUID(), s.ID.UUID(), r.ID.UUID(), r.Key, hash(r.Sale.UUID()), r.Sale.UUID())
	b.movement(c, s, r, now)
	b.returns(c, r)
}

// hash is 32 bytes that belong to an id.
func hash(u uuid.UUID) []byte { return append(u[:], u[:]...) }
