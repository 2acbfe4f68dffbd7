package pgtest

// returns says that a line of a register's sale was looked at for a return, and nothing came back.
func (b *batch) returns(c *Company, r *Register) {
	b.add("insert into returned_quantities (tenant_id, sale_line_id, sold, returned) values ($1, $2, 1000, 0)",
		c.ID.UUID(), r.Lines[1].UUID())
}
