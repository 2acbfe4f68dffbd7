package bench

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// counted are results whose rows are counted.
type counted struct {
	pgx.BatchResults
	rows int
}

// QueryRow gives the row of a statement that has one.
func (c *counted) QueryRow() pgx.Row {
	c.rows++
	return c.BatchResults.QueryRow()
}

// each calls fn for each row of the next statement, after its columns were read into the targets.
func (c *counted) each(targets []any, fn func()) error {
	rows, err := c.Query()
	if err != nil {
		return fmt.Errorf("run a statement: %w", err)
	}
	if _, err := pgx.ForEachRow(rows, targets, func() error { c.rows++; fn(); return nil }); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	return nil
}

func limitProduct(b *pgx.Batch, s scope, v map[string]string) func(*counted) ([]byte, error) {
	b.Queue(`select id, name, sku, price, currency_code from products where tenant_id = $1 and id = $2`, s.tenant, wireID(v["id"]))
	return func(results *counted) ([]byte, error) {
		var (
			product            uuid.UUID
			name, sku, current string
			price              int64
		)
		out := []byte(`{"data":{"product":null`)
		err := results.each([]any{&product, &name, &sku, &price, &current}, func() {
			out = append(out[:len(out)-len("null")], `{"id":"`...)
			out = append(out, id.Product(product).String()...)
			out = text(append(out, `","name":`...), name)
			out = text(append(out, `,"sku":`...), sku)
			out = append(amount(append(out, `,"basePrice":`...), price, current), '}')
		})
		return append(out, "}}"...), err
	}
}

const newestSales = `select s.id, s.receipt_number, s.occurred_at, s.total, s.currency_code from sales s
	where s.tenant_id = $1 and s.store_id = $2 order by s.occurred_at desc, s.id desc limit 50`

func limitSales(b *pgx.Batch, s scope, v map[string]string) func(*counted) ([]byte, error) {
	b.Queue(newestSales, s.tenant, wireID(v["id"]))
	return func(results *counted) ([]byte, error) {
		var row saleRow
		out := list(make([]byte, 0, 16<<10), `{"data":{"sales":{"nodes":[`)
		err := results.each(row.targets(), func() {
			out = append(row.append(out), `},`...)
		})
		return ended(out, `]}}}`), err
	}
}

// saleRow is what all lists of sales begin with.
type saleRow struct {
	id       uuid.UUID
	number   int64
	at       time.Time
	total    int64
	currency string
}

func (r *saleRow) targets() []any { return []any{&r.id, &r.number, &r.at, &r.total, &r.currency} }

func (r *saleRow) append(out []byte) []byte {
	out = append(out, `{"id":"`...)
	out = append(out, id.Sale(r.id).String()...)
	out = append(out, `","receiptNumber":`...)
	out = number(out, r.number)
	out = append(out, `,"occurredAt":"`...)
	out = r.at.UTC().AppendFormat(out, time.RFC3339Nano)
	return amount(append(out, `","total":`...), r.total, r.currency)
}

func limitSalesDeep(b *pgx.Batch, s scope, v map[string]string) func(*counted) ([]byte, error) {
	store := wireID(v["id"])
	b.Queue(`select l.sale_id, l.id, l.line_number, l.quantity, l.total, l.currency_code, p.id, p.name, p.sku
		from (select s.id, s.occurred_at from sales s where s.tenant_id = $1 and s.store_id = $2
			order by s.occurred_at desc, s.id desc limit 50) s
		join sale_lines l on l.tenant_id = $1 and l.sale_id = s.id
		join products p on p.tenant_id = $1 and p.id = l.product_id
		order by l.sale_id, l.line_number`, s.tenant, store)
	// The page comes first: joined to all sales of the store, all of them are read and sorted.
	b.Queue(`select s.id, s.receipt_number, s.occurred_at, s.total, s.currency_code, t.id, t.name, r.id, r.name, u.id, u.name
		from (select id, receipt_number, occurred_at, total, currency_code, store_id, register_id, cashier_id from sales
			where tenant_id = $1 and store_id = $2 order by occurred_at desc, id desc limit 50) s
		join stores t on t.tenant_id = $1 and t.id = s.store_id
		join registers r on r.tenant_id = $1 and r.id = s.register_id
		left join users u on u.tenant_id = $1 and u.id = s.cashier_id
		order by s.occurred_at desc, s.id desc`, s.tenant, store)
	return func(results *counted) ([]byte, error) {
		lines, err := linesBySale(results)
		if err != nil {
			return nil, err
		}
		var (
			row                   saleRow
			store, register       uuid.UUID
			storeName, registered string
			user                  *uuid.UUID
			userName              *string
		)
		out := list(make([]byte, 0, 64<<10), `{"data":{"sales":{"nodes":[`)
		err = results.each(append(row.targets(), &store, &storeName, &register, &registered, &user, &userName), func() {
			out = row.append(out)
			out = named(append(out, `,"store":`...), id.Store(store).String(), storeName)
			out = named(append(out, `,"register":`...), id.Register(register).String(), registered)
			if user == nil {
				out = append(out, `,"cashier":null`...)
			} else {
				out = named(append(out, `,"cashier":`...), id.User(*user).String(), *userName)
			}
			out = append(append(append(out, `,"lines":[`...), lines[row.id]...), `]},`...)
		})
		return ended(out, `]}}}`), err
	}
}

func linesBySale(results *counted) (map[uuid.UUID][]byte, error) {
	var (
		sale, line, product uuid.UUID
		position            int
		quantity, total     int64
		currency, name, sku string
	)
	lines := make(map[uuid.UUID][]byte, 64)
	err := results.each([]any{&sale, &line, &position, &quantity, &total, &currency, &product, &name, &sku}, func() {
		out := lines[sale]
		if len(out) > 0 {
			out = append(out, ',')
		}
		out = append(append(out, `{"id":"`...), id.SaleLine(line).String()...)
		out = number(append(out, `","lineNumber":`...), int64(position))
		out = append(append(append(out, `,"quantity":"`...), money.Quantity(quantity).String()...), '"')
		out = amount(append(out, `,"total":`...), total, currency)
		out = append(append(out, `,"product":{"id":"`...), id.Product(product).String()...)
		out = text(append(out, `","name":`...), name)
		lines[sale] = append(text(append(out, `,"sku":`...), sku), `}}`...)
	})
	return lines, err
}

func limitReport(b *pgx.Batch, s scope, v map[string]string) func(*counted) ([]byte, error) {
	b.Queue(`select business_date, store_id, currency_code, net, sale_count from report_days
		where tenant_id = $1 and store_id = any ($2) and business_date between $3::date and $4::date
		order by business_date, store_id`, s.tenant, s.stores, v["from"], v["to"])
	return func(results *counted) ([]byte, error) {
		var (
			day        time.Time
			store      uuid.UUID
			currency   string
			net, count int64
		)
		out := list(make([]byte, 0, 64<<10), `{"data":{"salesReport":{"report":{"rows":[`)
		err := results.each([]any{&day, &store, &currency, &net, &count}, func() {
			out = day.AppendFormat(append(out, `{"group":{"day":"`...), time.DateOnly)
			out = append(append(out, `","store":{"id":"`...), id.Store(store).String()...)
			out = amount(append(out, `"}},"figures":{"net":`...), net, currency)
			out = append(number(append(out, `,"saleCount":`...), count), `}},`...)
		})
		return ended(out, `]}}}}`), err
	}
}

func limitTree(b *pgx.Batch, s scope, _ map[string]string) func(*counted) ([]byte, error) {
	const registers = `select r.id from stores t cross join lateral (select id from registers where tenant_id = $1 and store_id = t.id
			order by name, id limit 4) r
		where t.tenant_id = $1 and t.id in (select id from stores where tenant_id = $1 order by name, id limit 10)`
	const sales = `select x.id, r.id register_id, x.receipt_number, x.occurred_at from (` + registers + `) r cross join lateral (
			select id, receipt_number, occurred_at from sales where tenant_id = $1 and register_id = r.id
			order by occurred_at desc, id desc limit 5) x`
	b.Queue(`select l.sale_id, l.id, l.quantity, p.id, p.name from (`+sales+`) s
		join sale_lines l on l.tenant_id = $1 and l.sale_id = s.id
		join products p on p.tenant_id = $1 and p.id = l.product_id order by l.sale_id, l.line_number`, s.tenant)
	b.Queue(`select register_id, id, receipt_number from (`+sales+`) s order by register_id, occurred_at desc, id desc`, s.tenant)
	b.Queue(`select t.id, r.id, r.name from stores t cross join lateral (select id, name from registers
			where tenant_id = $1 and store_id = t.id order by name, id limit 4) r
		where t.tenant_id = $1 and t.id in (select id from stores where tenant_id = $1 order by name, id limit 10)
		order by t.id, r.name, r.id`, s.tenant)
	b.Queue(`select id, name from stores where tenant_id = $1 order by name, id limit 10`, s.tenant)
	return writeTree
}

func writeTree(results *counted) ([]byte, error) {
	var (
		parent, object, product uuid.UUID
		quantity, receipt       int64
		name                    string
	)
	lines := children{}
	if err := results.each([]any{&parent, &object, &quantity, &product, &name}, func() {
		out := append(append(lines.under(parent), `{"id":"`...), id.SaleLine(object).String()...)
		out = append(append(append(out, `","quantity":"`...), money.Quantity(quantity).String()...), `","product":`...)
		lines[parent] = append(named(out, id.Product(product).String(), name), '}')
	}); err != nil {
		return nil, err
	}
	sales := children{}
	if err := results.each([]any{&parent, &object, &receipt}, func() {
		out := append(append(sales.under(parent), `{"id":"`...), id.Sale(object).String()...)
		out = append(number(append(out, `","receiptNumber":`...), receipt), `,"lines":[`...)
		sales[parent] = append(append(out, lines[object]...), `]}`...)
	}); err != nil {
		return nil, err
	}
	registers := children{}
	if err := results.each([]any{&parent, &object, &name}, func() {
		out := named(registers.under(parent), id.Register(object).String(), name)
		out = append(out[:len(out)-1], `,"sales":{"nodes":[`...)
		registers[parent] = append(append(out, sales[object]...), `]}}`...)
	}); err != nil {
		return nil, err
	}
	out := list(make([]byte, 0, 64<<10), `{"data":{"stores":{"nodes":[`)
	err := results.each([]any{&object, &name}, func() {
		out = named(out, id.Store(object).String(), name)
		out = append(out[:len(out)-1], `,"registers":{"nodes":[`...)
		out = append(append(out, registers[object]...), `]}},`...)
	})
	return ended(out, `]}}}`), err
}
