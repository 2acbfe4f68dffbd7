package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// returns says that a line of a register's sale was looked at for a return, and nothing came back.
func (b *batch) returns(c *Company, r *Register) {
	b.add("insert into returned_quantities (tenant_id, sale_line_id, sold, returned) values ($1, $2, 1000, 0)",
		c.ID.UUID(), r.Lines[1].UUID())
}

// park puts a sale of one line aside at the first register of a store.
func (b *batch) park(c *Company, s *Store, name string) {
	s.Parked = id.New[id.ParkedSale]()
	b.add(`insert into parked_sales (tenant_id, store_id, id, parked_register_id, parked_by_id, label, idempotency_key,
			request_hash, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, now() + interval '1 day')`,
		c.ID.UUID(), s.ID.UUID(), s.Parked.UUID(), s.Registers[0].ID.UUID(), s.Cashier.UUID(), "Table of "+name,
		"park "+name, hash(s.Parked.UUID()))
	b.add(`insert into parked_sale_lines (tenant_id, store_id, parked_sale_id, line_number, product_id, quantity)
		values ($1, $2, $3, 1, $4, 2000)`, c.ID.UUID(), s.ID.UUID(), s.Parked.UUID(), c.Products[0].UUID())
}
