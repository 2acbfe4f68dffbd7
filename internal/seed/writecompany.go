package seed

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/catalog"
)

// writeCompany writes everything of a company but stock and sales. It gives errTaken when the slug is in use.
func writeCompany(ctx context.Context, tx pgx.Tx, c *company, passwordHash string) error {
	tag, err := tx.Exec(ctx, `insert into company_directory (slug, company_id, created_at, plan) values ($1, $2, $3, 'ENTERPRISE')
		on conflict (slug) do nothing`, c.slug, c.id, c.opened)
	if err != nil {
		return fmt.Errorf("insert into the directory: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errTaken
	}
	var rows inserts
	rows.add(`insert into companies (tenant_id, slug, name, country_code, currency_code, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $6)`, c.id, c.slug, c.name, c.country, string(c.currency), c.opened)
	for _, s := range c.stores {
		addStore(&rows, c, s)
	}
	addPeople(&rows, c, passwordHash)
	addCategories(&rows, c)
	addTaxRows(&rows, c)
	addLabelRows(&rows, c)
	addProducts(&rows, c)
	addWords(&rows, c)
	addSettings(&rows, c)
	addCustomers(&rows, c, c.ids)
	addGiftCards(&rows, c, c.ids)
	addShowcase(&rows, c)
	return rows.send(ctx, tx)
}

func addStore(rows *inserts, c *company, s *store) {
	rows.add(`insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm,
			prices_include_tax, address, phone, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`, c.id, s.id, s.code, s.name, s.storeSpec.zone,
		string(c.currency), int32(s.rate), s.inclusive, s.address, s.phone, c.opened)
	var ids uuids
	for _, v := range s.registers {
		ids = append(ids, column(v))
	}
	rows.add(`insert into registers (tenant_id, store_id, id, code, name, created_at, updated_at)
		select $1, $2, r.id, 'T' || r.n, 'Till ' || r.n, $4, $4
		from unnest($3::uuid[]) with ordinality as r(id, n)`, c.id, s.id, ids, c.opened)
}

func addPeople(rows *inserts, c *company, passwordHash string) {
	var ids, users, stores uuids
	var emails, names, roles texts
	for _, p := range c.people {
		ids, emails = append(ids, column(p.id)), append(emails, p.email)
		names, roles = append(names, p.name), append(roles, p.role)
		for _, s := range p.stores {
			users, stores = append(users, column(p.id)), append(stores, column(s))
		}
	}
	rows.add(`insert into users (tenant_id, id, email, name, role, created_at, updated_at)
		select $1, u.id, u.email, u.name, u.role, $6, $6
		from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as u(id, email, name, role)`,
		c.id, ids, emails, names, roles, c.opened)
	rows.add(`insert into user_credentials (tenant_id, user_id, password_hash, updated_at)
		select $1, u.id, $3, $4 from unnest($2::uuid[]) as u(id)`, c.id, ids, passwordHash, c.opened)
	rows.add(`insert into user_stores (tenant_id, user_id, store_id, created_at)
		select $1, a.user_id, a.store_id, $4 from unnest($2::uuid[], $3::uuid[]) as a(user_id, store_id)`,
		c.id, users, stores, c.opened)
}

func addCategories(rows *inserts, c *company) {
	var ids, parents uuids
	var names texts
	for _, v := range c.categories {
		ids, parents, names = append(ids, column(v.id)), append(parents, optional(v.parent)), append(names, v.name())
	}
	rows.add(`insert into categories (tenant_id, id, parent_id, name, created_at, updated_at)
		select $1, v.id, v.parent_id, v.name, $5, $5
		from unnest($2::uuid[], $3::uuid[], $4::text[]) as v(id, parent_id, name)`,
		c.id, ids, parents, names, c.opened)
}

func addProducts(rows *inserts, c *company) {
	var ids, categories uuids
	var skus, names, units, states, barcodes, codes texts
	var prices ints
	var taxes, brands, suppliers uuids
	var taxable bools
	for i := range c.products {
		p := &c.products[i]
		status := statusActive
		if p.popularity == 0 {
			status = statusArchived
		}
		ids, categories = append(ids, column(p.id)), append(categories, column(p.category))
		skus, names, units = append(skus, p.sku), append(names, p.name), append(units, p.unit)
		prices, taxable = append(prices, p.price), append(taxable, p.taxable)
		taxes = append(taxes, optional(p.taxCategory))
		brands, suppliers = append(brands, optional(p.brand)), append(suppliers, optional(p.supplier))
		states, barcodes = append(states, status), append(barcodes, p.barcode)
		codes = append(codes, catalog.ScanKey(p.barcode))
	}
	rows.add(`insert into products (tenant_id, id, sku, name, category_id, unit, currency_code, price, taxable, status,
			tax_category_id, brand_id, supplier_id, created_at, updated_at)
		select $1, p.id, p.sku, p.name, p.category_id, p.unit, $2, p.price, p.taxable, p.status,
			p.tax_category_id, p.brand_id, p.supplier_id, $3, $3
		from unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::bigint[], $10::boolean[], $11::text[],
				$12::uuid[], $13::uuid[], $14::uuid[])
			as p(id, sku, name, category_id, unit, price, taxable, status, tax_category_id, brand_id, supplier_id)`,
		c.id, string(c.currency), c.opened, ids, skus, names, categories, units, prices, taxable, states,
		taxes, brands, suppliers)
	rows.add(`insert into product_barcodes (tenant_id, barcode, code, product_id)
		select $1, b.barcode, b.code, b.product_id from unnest($2::text[], $3::text[], $4::uuid[]) as b(barcode, code, product_id)`,
		c.id, barcodes, codes, ids)
}

func addWords(rows *inserts, c *company) {
	var words texts
	var products uuids
	for i := range c.products {
		p := &c.products[i]
		for _, word := range catalog.Words(p.name, p.sku, p.codes()...) {
			words, products = append(words, word), append(products, column(p.id))
		}
	}
	rows.add(`insert into product_words (tenant_id, word, product_id)
		select $1, w.word, w.product_id from unnest($2::text[], $3::uuid[]) as w(word, product_id)`,
		c.id, words, products)
}

// storeIDs are the stores that a company's scope needs.
func (c *company) storeIDs() []uuid.UUID {
	ids := make([]uuid.UUID, len(c.stores))
	for i, s := range c.stores {
		ids[i] = s.id
	}
	return ids
}
