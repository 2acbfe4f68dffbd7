package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// LabelRows are what things are sorted by: the second product has the brand and the supplier, the customer is in the group.
type LabelRows struct {
	Brand    id.Brand
	Supplier id.Supplier
	Group    id.CustomerGroup
}

func (b *batch) labels(c *Company, name string) {
	c.Labels = LabelRows{id.New[id.Brand](), id.New[id.Supplier](), id.New[id.CustomerGroup]()}
	b.add("insert into brands (tenant_id, id, name) values ($1, $2, $3)", c.ID.UUID(), c.Labels.Brand.UUID(), "Brand "+name)
	b.add("insert into suppliers (tenant_id, id, name) values ($1, $2, $3)",
		c.ID.UUID(), c.Labels.Supplier.UUID(), "Supplier "+name)
	b.add("insert into customer_groups (tenant_id, id, name) values ($1, $2, $3)",
		c.ID.UUID(), c.Labels.Group.UUID(), "Group "+name)
	b.add("update products set brand_id = $3, supplier_id = $4 where tenant_id = $1 and id = $2",
		c.ID.UUID(), c.Products[1].UUID(), c.Labels.Brand.UUID(), c.Labels.Supplier.UUID())
	b.add("update customers set customer_group_id = $3 where tenant_id = $1 and id = $2",
		c.ID.UUID(), c.Customer.ID.UUID(), c.Labels.Group.UUID())
	const (
		columns = "sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided"
		zeroes  = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
	)
	for i := range c.Stores {
		for _, of := range []struct {
			table, key, more, zero string
			id                     [16]byte
		}{
			{"report_brands", "brand_id", "", "", c.Labels.Brand},
			{"report_suppliers", "supplier_id", "", "", c.Labels.Supplier},
			{"report_customers", "customer_group_id", ", rounding", ", 0", c.Labels.Group},
		} {
			b.add("insert into "+of.table+" (tenant_id, store_id, business_date, currency_code, "+of.key+", "+columns+of.more+
				") values ($1, $2, '2000-01-01', 'KES', $3, "+zeroes+of.zero+")", c.ID.UUID(), c.Stores[i].ID.UUID(), of.id)
		}
	}
}
