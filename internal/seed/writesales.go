package seed

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// saleRows are the rows of sales of one store that wait to be written.
type saleRows struct {
	company *company
	store   *store
	ids     *idMaker
	// stock has the running number of movements of each product, and after its running quantity.
	stock *stockRows
	after []int64
	// tills are nil where there are no sessions.
	tills *tills

	sales     saleColumns
	lines     lineColumns
	taxes     taxColumns
	payments  paymentColumns
	movements movementColumns
}

type saleColumns struct {
	registers, ids, cashiers        uuids
	sessions, customers, groups     uuids
	numbers, subtotals, taxes, paid ints
	occurred                        times
	dates                           dates
	hours                           ints
}

type lineColumns struct {
	registers, ids, sales, products, categories          uuids
	brands, suppliers                                    uuids
	names, skus, units, sources                          texts
	numbers, quantities, prices, rates, subtotals, taxes ints
	costs                                                ints
}

type paymentColumns struct {
	registers, ids, sales        uuids
	positions, tendered, amounts ints
	methods, references          texts
}

type movementColumns struct {
	registers, ids, levels, sales, cashiers, products uuids
	sequences, quantities, after, costs               ints
	occurred                                          times
}

func (r *saleRows) len() int { return len(r.sales.ids) }

// add appends a sale, its lines, payments and movements.
func (r *saleRows) add(k *ticket) error {
	register, sale := column(r.store.registers[k.register]), column(r.ids.next(k.at))
	c := &r.sales
	c.registers, c.ids = append(c.registers, register), append(c.ids, sale)
	c.sessions = append(c.sessions, r.tills.at(k))
	who := r.company.buyerOf(k.number)
	c.customers, c.groups = append(c.customers, who.customer), append(c.groups, who.group)
	c.cashiers, c.numbers = append(c.cashiers, column(k.cashier)), append(c.numbers, k.number)
	c.subtotals, c.taxes = append(c.subtotals, k.totals.Subtotal), append(c.taxes, k.totals.Tax)
	c.occurred = append(c.occurred, k.at)
	c.hours = append(c.hours, int64(k.at.Hour()))
	y, m, d := k.at.Date()
	c.dates = append(c.dates, pgtype.Date{Time: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Valid: true})
	for i := range k.lines {
		if err := r.addLine(k, i, register, sale); err != nil {
			return err
		}
	}
	for i := range k.lines {
		r.addMovement(k, i, register, sale)
	}
	c.paid = append(c.paid, r.addPayments(k, register, sale))
	return nil
}

func (r *saleRows) addLine(k *ticket, i int, register, sale pgtype.UUID) error {
	c, in, totals, p := &r.lines, k.inputs[i], k.totals.Lines[i], &r.company.products[k.lines[i].product]
	source := sourceBase
	if k.lines[i].own {
		source = sourceStore
	}
	c.registers, c.ids = append(c.registers, register), append(c.ids, column(r.ids.next(k.at)))
	c.sales, c.products = append(c.sales, sale), append(c.products, column(p.id))
	c.categories = append(c.categories, column(p.category))
	c.brands, c.suppliers = append(c.brands, optional(p.brand)), append(c.suppliers, optional(p.supplier))
	c.names, c.skus, c.units = append(c.names, p.name), append(c.skus, p.sku), append(c.units, p.unit)
	c.numbers, c.sources = append(c.numbers, int64(i+1)), append(c.sources, source)
	c.quantities, c.prices = append(c.quantities, in.Quantity), append(c.prices, in.UnitPrice)
	rate := int64(0)
	for _, levy := range in.Levies {
		rate += int64(levy.Rate)
	}
	c.rates, c.subtotals = append(c.rates, rate), append(c.subtotals, totals.Subtotal)
	c.taxes = append(c.taxes, totals.Tax)
	r.addTaxes(totals)
	cost, err := r.stock.average[k.lines[i].product].Of(in.Quantity)
	if err != nil {
		return fmt.Errorf("the cost of %s: %w", p.sku, err)
	}
	c.costs = append(c.costs, cost)
	return nil
}

func (r *saleRows) addMovement(k *ticket, i int, register, sale pgtype.UUID) {
	c, n, quantity := &r.movements, k.lines[i].product, k.inputs[i].Quantity
	r.after[n] -= quantity
	r.stock.movements[n]++
	c.levels, c.sequences = append(c.levels, r.stock.levels[n]), append(c.sequences, r.stock.movements[n])
	c.cashiers, c.costs = append(c.cashiers, column(k.cashier)), append(c.costs, int64(r.stock.average[n]))
	c.registers, c.ids = append(c.registers, register), append(c.ids, column(r.ids.next(k.at)))
	c.sales, c.products = append(c.sales, sale), append(c.products, column(r.company.products[n].id))
	c.quantities, c.after = append(c.quantities, -quantity), append(c.after, r.after[n])
	c.occurred = append(c.occurred, k.at)
}

// addPayments gives what was tendered in all.
func (r *saleRows) addPayments(k *ticket, register, sale pgtype.UUID) (tendered int64) {
	c := &r.payments
	for i, p := range k.payments {
		c.registers, c.ids = append(c.registers, register), append(c.ids, column(r.ids.next(k.at)))
		c.sales, c.positions = append(c.sales, sale), append(c.positions, int64(i+1))
		c.methods, c.references = append(c.methods, p.method), append(c.references, p.reference)
		c.tendered, c.amounts = append(c.tendered, p.tendered), append(c.amounts, p.amount)
		tendered += p.tendered
	}
	return tendered
}

// flush writes the rows and forgets them.
func (r *saleRows) flush(ctx context.Context, tx pgx.Tx) error {
	if r.len() == 0 {
		return nil
	}
	var rows inserts
	if err := r.tills.addTills(&rows); err != nil {
		return err
	}
	r.addSaleInsert(&rows)
	r.addLineInsert(&rows)
	r.addTaxInsert(&rows)
	r.addPaymentInsert(&rows)
	r.addMovementInsert(&rows)
	if err := rows.send(ctx, tx); err != nil {
		return err
	}
	r.sales, r.lines, r.taxes = saleColumns{}, lineColumns{}, taxColumns{}
	r.payments, r.movements = paymentColumns{}, movementColumns{}
	return nil
}

func (r *saleRows) addSaleInsert(rows *inserts) {
	c := &r.sales
	// The server hears of a sale a second after it happened.
	rows.add(`insert into sales (tenant_id, store_id, register_id, id, receipt_number, cashier_id, currency_code,
			prices_include_tax, subtotal, tax_total, total, tendered, change, occurred_at, recorded_at, business_date,
			till_session_id, local_hour, customer_id, customer_group_id)
		select $1, $2, s.register_id, s.id, s.receipt_number, s.cashier_id, $3, $4, s.subtotal, s.tax,
			s.subtotal + s.tax, s.tendered, s.tendered - s.subtotal - s.tax, s.at, s.at + interval '1 second', s.date,
			s.session_id, s.hour, s.customer_id, s.customer_group_id
		from unnest($5::uuid[], $6::uuid[], $7::bigint[], $8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[],
				$12::timestamptz[], $13::date[], $14::uuid[], $15::bigint[], $16::uuid[], $17::uuid[])
			as s(register_id, id, receipt_number, cashier_id, subtotal, tax, tendered, at, date, session_id, hour, customer_id,
				customer_group_id)`,
		r.company.id, r.store.id, string(r.company.currency), r.store.inclusive, c.registers, c.ids, c.numbers,
		c.cashiers, c.subtotals, c.taxes, c.paid, c.occurred, c.dates, c.sessions, c.hours, c.customers, c.groups)
	rows.add("insert into report_pending (tenant_id, store_id, sale_id, kind) select $1, $2, unnest($3::uuid[]), 'SALE'",
		r.company.id, r.store.id, c.ids)
}

func (r *saleRows) addLineInsert(rows *inserts) {
	c := &r.lines
	rows.add(`insert into sale_lines (tenant_id, store_id, register_id, id, sale_id, line_number, product_id,
			product_name, sku, unit, currency_code, quantity, unit_price, price_source, tax_rate_ppm, subtotal, tax,
			total, gross, cost, category_id, brand_id, supplier_id)
		select $1, $2, l.register_id, l.id, l.sale_id, l.line_number, l.product_id, l.name, l.sku, l.unit, $3,
			l.quantity, l.price, l.source, l.rate, l.subtotal, l.tax, l.subtotal + l.tax,
			l.subtotal + case when $18 then l.tax else 0 end, l.cost, l.category_id, l.brand_id, l.supplier_id
		from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::uuid[], $9::text[], $10::text[],
				$11::text[], $12::bigint[], $13::bigint[], $14::text[], $15::bigint[], $16::bigint[], $17::bigint[],
				$19::bigint[], $20::uuid[], $21::uuid[], $22::uuid[])
			as l(register_id, id, sale_id, line_number, product_id, name, sku, unit, quantity, price, source, rate,
				subtotal, tax, cost, category_id, brand_id, supplier_id)`,
		r.company.id, r.store.id, string(r.company.currency), c.registers, c.ids, c.sales, c.numbers, c.products,
		c.names, c.skus, c.units, c.quantities, c.prices, c.sources, c.rates, c.subtotals, c.taxes,
		r.store.inclusive, c.costs, c.categories, c.brands, c.suppliers)
}

func (r *saleRows) addPaymentInsert(rows *inserts) {
	c := &r.payments
	rows.add(`insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code,
			tendered, amount, reference)
		select $1, $2, p.register_id, p.id, p.sale_id, p.position, p.method, $3, p.tendered, p.amount, p.reference
		from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[],
				$11::text[])
			as p(register_id, id, sale_id, position, method, tendered, amount, reference)`,
		r.company.id, r.store.id, string(r.company.currency), c.registers, c.ids, c.sales, c.positions, c.methods,
		c.tendered, c.amounts, c.references)
}

func (r *saleRows) addMovementInsert(rows *inserts) {
	c := &r.movements
	rows.add(`insert into stock_movements (tenant_id, store_id, id, level_id, product_id, sequence, kind, quantity,
			quantity_after, unit_cost, register_id, sale_id, user_id, occurred_at, recorded_at)
		select $1, $2, m.id, m.level_id, m.product_id, m.sequence, 'SALE', m.quantity, m.after, m.cost, m.register_id,
			m.sale_id, m.user_id, m.at, m.at + interval '1 second'
		from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::timestamptz[],
				$10::uuid[], $11::bigint[], $12::bigint[], $13::uuid[])
			as m(register_id, id, sale_id, product_id, quantity, after, at, level_id, sequence, cost, user_id)`,
		r.company.id, r.store.id, c.registers, c.ids, c.sales, c.products, c.quantities, c.after, c.occurred,
		c.levels, c.sequences, c.costs, c.cashiers)
}
