package pgtest

import (
	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
)

// export is a report that an owner has as a file, of a page.
func (b *batch) export(c *Company, name string) {
	c.Export = id.New[id.ReportExport]()
	b.add(`insert into report_exports (tenant_id, id, asked_by_id, role, input, costs, format, status, background, page_count,
			pages_done, problem, requested_at, finished_at, expires_at, due_at)
		values ($1, $2, $3, 'OWNER', '{"from": "2026-01-01", "to": "2026-01-01"}', false, 'CSV', 'FAILED', true, 1, 1, $4,
			'2026-01-01Z', '2026-01-01Z', '2100-01-01Z', '2100-01-01Z')`,
		c.ID.UUID(), c.Export.UUID(), c.Owner.UUID(), "problem "+name)
	b.add("insert into report_export_pages (tenant_id, export_id, number, content) values ($1, $2, 1, 'page')",
		c.ID.UUID(), c.Export.UUID())
}

// schedule is what an owner gets by mail, at some time.
func (b *batch) schedule(c *Company) {
	c.Schedule = id.New[id.ReportSchedule]()
	b.add(`insert into report_schedules (tenant_id, id, user_id, kind, time_zone, minute_of_day, only_store_id, created_at, period,
			last_sent_at, due_at)
		values ($1, $2, $3, 'WEEKLY', 'Africa/Nairobi', 420, $4, '2026-01-01Z', '2100-01-04', '2026-01-12Z',
			'2100-01-11T04:00:00Z')`,
		c.ID.UUID(), c.Schedule.UUID(), c.Owner.UUID(), c.Stores[0].ID.UUID())
	b.add(`insert into report_deliveries (tenant_id, schedule_id, period, status, begun_at, ended_at)
		values ($1, $2, '2026-01-05', 'SENT', '2026-01-12Z', '2026-01-12Z')`, c.ID.UUID(), c.Schedule.UUID())
}

// alert is what an owner wants to hear of, which found something once in each store.
func (b *batch) alert(c *Company, name string) {
	c.Alert = id.New[id.ReportAlert]()
	b.add(`insert into report_alerts (tenant_id, id, user_id, kind, only_store_id, threshold, created_at, due_at)
		values ($1, $2, $3, 'VOIDS_ABOVE', $4, 5000, '2026-01-01Z', '2100-01-01Z')`,
		c.ID.UUID(), c.Alert.UUID(), c.Owner.UUID(), c.Stores[0].ID.UUID())
	for i := range c.Stores {
		s := &c.Stores[i]
		s.Notice = id.New[id.ReportNotice]()
		b.add(`insert into report_notices (tenant_id, store_id, id, alert_id, kind, subject, message, found_at, told_at)
			values ($1, $2, $3, $4, 'VOIDS_ABOVE', '2026-01-02', $5, '2026-01-02Z', '2026-01-02Z')`,
			c.ID.UUID(), s.ID.UUID(), s.Notice.UUID(), c.Alert.UUID(), "Voids of "+name)
	}
}

// reports gives a store a row in each table of sums, of a day long ago on which nothing was sold, and one of its sales
// that waits to be folded.
func (b *batch) reports(c *Company, s *Store, name string) {
	for _, r := range s.Registers {
		b.add("insert into report_pending (tenant_id, store_id, sale_id, kind) values ($1, $2, $3, 'SALE')",
			c.ID.UUID(), s.ID.UUID(), r.Sale.UUID())
	}
	b.add("update sale_lines set category_id = $1 where tenant_id = $2 and store_id = $3",
		c.Category.UUID(), c.ID.UUID(), s.ID.UUID())
	const (
		lines  = "sale_count, return_count, gross, discount, returned, net, tax, sold, back, cost, net_costed, void_count, voided"
		zeroes = "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
	)
	day := func(table, columns, values string, args ...any) {
		b.add("insert into "+table+" (tenant_id, store_id, business_date, currency_code, "+columns+
			") values ($1, $2, '2000-01-01', 'KES', "+values+")", append([]any{c.ID.UUID(), s.ID.UUID()}, args...)...)
	}
	register, cashier := s.Registers[0].ID.UUID(), s.Cashier.UUID()
	day("report_days", "rounding, "+lines, "0, "+zeroes)
	day("report_hours", "hour, at_register_id, cashier_id, rounding, "+lines, "9, $3, $4, 0, "+zeroes, register, cashier)
	day("report_products", "product_id, category_id, brand_id, supplier_id, "+lines, "$3, $4, $5, $5, "+zeroes,
		c.Products[0].UUID(), c.Category.UUID(), uuid.Nil)
	day("report_categories", "category_id, "+lines, "$3, "+zeroes, c.Category.UUID())
	day("report_tenders", "at_register_id, cashier_id, method, sale_count, amount", "$3, $4, 'CASH', 0, 0", register, cashier)
	day("report_tender_hours", "hour, at_register_id, cashier_id, method, sale_count, amount", "9, $3, $4, 'CASH', 0, 0", register, cashier)
	day("report_tender_customers", "customer_group_id, method, sale_count, amount", "$3, 'CASH', 0, 0", uuid.Nil)
	day("report_taxes", "tax_name, tax_code, tax_rate_ppm, sale_count, net, tax", "$3, '', 160000, 0, 0, 0", "Tax "+name)
	day("report_reasons", "cashier_id, reason, sale_count, discount", "$3, $4, 0, 0", cashier, "reason "+name)
}
