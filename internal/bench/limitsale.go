package bench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// limitSale is a sale as it is written by hand: all that is locked and read in one round trip, all that is written and
// the commit in another. Two statements of the first need the answer of no other, and so nothing is read before the
// transaction begins, as the server does.
type limitSale struct {
	scope

	id, store, register uuid.UUID
	session             *uuid.UUID
	key                 string
	number              int64
	currency, zone      string
	inclusive           bool
	dayStart            int
	at                  time.Time
	lines               []*limitLine

	subtotal, tax, total, tendered int64
}

// limitLine is a line of it, with what the shop knows of the product.
type limitLine struct {
	id, product, level          uuid.UUID
	category, brand, supplier   *uuid.UUID
	name, sku, unit, source     string
	levy, levyCode              *string
	rate                        int64
	quantity, price             int64
	stock, moved                int64
	average                     *int64
	fallback                    *int64
	subtotal, tax, total, gross int64
	cost                        *int64
	negative                    bool
}

var (
	errNotSold    = errors.New("the register doesn't sell that")
	errOutOfStock = errors.New("there isn't enough of it, and the shop doesn't sell below zero")
)

const (
	saleKey = `insert into sale_idempotency_keys (tenant_id, store_id, register_id, key, request_hash, sale_id, created_at)
		select $1, store_id, id, $3, $4, $5, $6 from registers where tenant_id = $1 and id = $2`
	saleNumber = `update receipt_counters set next_number = next_number + 1
		where tenant_id = $1 and store_id = (select store_id from registers where tenant_id = $1 and id = $2) and register_id = $2
		returning next_number - 1`
	salePlace = `select t.id, t.currency_code, t.prices_include_tax, t.time_zone, coalesce(c.business_day_start, 0), s.id
		from registers r
		join stores t on t.tenant_id = $1 and t.id = r.store_id and t.status = 'OPEN'
		left join company_settings c on c.tenant_id = $1
		left join till_sessions s on s.tenant_id = $1 and s.register_id = r.id and s.status <> 'CLOSED'
		where r.tenant_id = $1 and r.id = $2 and r.status = 'OPEN'`
	// The levels are locked in the order of their products, as everybody does.
	saleGoods = `select p.id, p.name, p.sku, p.unit, p.category_id, p.brand_id, p.supplier_id,
			coalesce(list.price, own.price, p.price),
			case when list.price is not null then 'PRICE_LIST' when own.price is not null then 'STORE' else 'BASE' end,
			p.cost, coalesce(p.negative_stock_allowed, c.negative_stock_allowed, true),
			x.id, x.quantity, x.average_cost, x.movement_count, levy.name, levy.code, coalesce(levy.rate_ppm, 0)
		from products p
		join stores t on t.tenant_id = $1 and t.id = (select store_id from registers where tenant_id = $1 and id = $2)
		join inventory_levels x on x.tenant_id = $1 and x.store_id = t.id and x.product_id = p.id
		left join company_settings c on c.tenant_id = $1
		left join lateral (select price from store_prices where tenant_id = $1 and store_id = t.id and product_id = p.id
			and currency_code = t.currency_code and (valid_from is null or valid_from <= $4) and (valid_until is null or valid_until > $4)
			order by valid_from desc nulls last limit 1) own on true
		left join lateral (select i.price from price_list_items i
			join price_lists l on l.tenant_id = $1 and l.id = i.price_list_id and l.status = 'ACTIVE' and l.currency_code = t.currency_code
				and (l.valid_from is null or l.valid_from <= $4) and (l.valid_until is null or l.valid_until > $4)
			join price_list_stores s on s.tenant_id = $1 and s.store_id = t.id and s.price_list_id = l.id
			where i.tenant_id = $1 and i.product_id = p.id
			order by l.priority desc, l.valid_from desc nulls last, l.id desc limit 1) list on true
		left join lateral (select name, code, rate_ppm from (
			select name, code, rate_ppm, valid_from, true as own from store_tax_rates
				where tenant_id = $1 and store_id = t.id and tax_category_id = p.tax_category_id and valid_from <= $4
					and (valid_until is null or valid_until > $4) and position = 1
			union all select name, code, rate_ppm, valid_from, false from tax_rates
				where tenant_id = $1 and tax_category_id = p.tax_category_id and valid_from <= $4 and position = 1
			union all select 'Tax', '', t.tax_rate_ppm, $4, false
				where p.tax_category_id is null and p.taxable and t.tax_rate_ppm > 0) levies
			order by own desc, valid_from desc limit 1) levy on true
		where p.tenant_id = $1 and p.id = any ($3) and p.status = 'ACTIVE' and p.currency_code = t.currency_code and not exists (
			select from product_availability where tenant_id = $1 and store_id = t.id and product_id = p.id and not sold)
		order by p.id for update of x`
)

// enterWriting is what a change enters its scope with: the trail says of the request what the server says.
const enterWriting = "select tillgraph.enter($1, $2, $3, $4, $5)"

// sell records a sale.
func sell(ctx context.Context, l *Limit, s scope, v map[string]string) ([]byte, int, error) {
	sale := newLimitSale(s, v, l.now())
	conn, err := l.write.Acquire(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("get a connection: %w", err)
	}
	defer conn.Release() // where the transaction hasn't ended, the pool closes the connection and that ends it
	found := &counted{BatchResults: conn.SendBatch(ctx, sale.first(v))}
	if err := sale.look(found); err != nil {
		return nil, 0, err
	}
	if err := sale.reckon(); err != nil {
		return nil, 0, err
	}
	last, err := sale.last()
	if err != nil {
		return nil, 0, err
	}
	if err := conn.SendBatch(ctx, last).Close(); err != nil {
		return nil, 0, fmt.Errorf("write the sale: %w", err)
	}
	l.sold(id.Company(s.tenant))
	return sale.answer(), found.rows, nil
}

func newLimitSale(s scope, v map[string]string, now time.Time) *limitSale {
	sale := &limitSale{
		scope: s, id: id.New[uuid.UUID](), register: wireID(v["register"]), key: v["key"],
		at: now.UTC().Truncate(time.Microsecond),
	}
	for _, name := range saleGoodsNames() {
		sale.lines = append(sale.lines, &limitLine{
			id: id.New[uuid.UUID](), product: wireID(v[name]), quantity: saleQuantity * thousandths,
		})
	}
	sale.tendered = saleTendered
	return sale
}

func (s *limitSale) first(v map[string]string) *pgx.Batch {
	hash := sha256.New()
	products := make([]uuid.UUID, len(s.lines))
	for i, name := range append(saleGoodsNames(), "register") {
		_, _ = hash.Write([]byte(v[name])) // a hash takes everything
		if i < len(products) {
			products[i] = s.lines[i].product
		}
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(enterWriting, s.tenant, s.entered, s.user, (*uuid.UUID)(nil), `{"operation":"M1"}`)
	b.Queue(saleKey, s.tenant, s.register, s.key, hash.Sum(nil), s.id, s.at)
	b.Queue(saleNumber, s.tenant, s.register)
	b.Queue(salePlace, s.tenant, s.register)
	b.Queue(saleGoods, s.tenant, s.register, products, s.at)
	return b
}

// look reads what the first batch answers.
func (s *limitSale) look(results *counted) (err error) {
	defer func() {
		if closed := results.Close(); err == nil && closed != nil {
			err = fmt.Errorf("finish the batch: %w", closed)
		}
	}()
	for range 3 { // begin, enter, and the key
		if _, err := results.Exec(); err != nil {
			return fmt.Errorf("begin a sale: %w", err)
		}
	}
	if err := results.QueryRow().Scan(&s.number); err != nil {
		return fmt.Errorf("take a number: %w", err)
	}
	if err := results.QueryRow().Scan(&s.store, &s.currency, &s.inclusive, &s.zone, &s.dayStart, &s.session); err != nil {
		return fmt.Errorf("find the register: %w", err)
	}
	var row limitLine
	found := 0
	err = results.each([]any{
		&row.product, &row.name, &row.sku, &row.unit, &row.category, &row.brand, &row.supplier, &row.price, &row.source,
		&row.fallback, &row.negative, &row.level, &row.stock, &row.average, &row.moved, &row.levy, &row.levyCode, &row.rate,
	}, func() {
		for _, line := range s.lines {
			if line.product == row.product {
				own := row
				own.id, own.quantity = line.id, line.quantity
				*line = own
				found++
			}
		}
	})
	if err == nil && found != len(s.lines) {
		err = errNotSold
	}
	return err
}

// reckon works out what the sale comes to.
func (s *limitSale) reckon() error {
	for _, line := range s.lines {
		if line.stock < line.quantity && !line.negative {
			return errOutOfStock
		}
		if err := line.reckon(s.inclusive); err != nil {
			return err
		}
		s.subtotal, s.tax, s.total = s.subtotal+line.subtotal, s.tax+line.tax, s.total+line.total
	}
	s.tendered *= pow10(money.Currency(s.currency).Decimals())
	if s.tendered < s.total {
		return fmt.Errorf("%d is less than the sale's %d", s.tendered, s.total)
	}
	return nil
}

const (
	thousandths = 1000
	millionths  = 1_000_000
)

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

func (l *limitLine) reckon(inclusive bool) (err error) {
	if l.gross, err = money.MulDiv(l.quantity, l.price, thousandths); err != nil {
		return fmt.Errorf("reckon a line: %w", err)
	}
	whole := int64(millionths)
	if inclusive {
		whole += l.rate
	}
	if l.tax, err = money.MulDiv(l.gross, l.rate, whole); err != nil {
		return fmt.Errorf("reckon a tax: %w", err)
	}
	l.subtotal, l.total = l.gross, l.gross+l.tax
	if inclusive {
		l.subtotal, l.total = l.gross-l.tax, l.gross
	}
	unit := l.unitCost()
	if unit == nil {
		return nil
	}
	cost, err := money.Cost(*unit).Of(l.quantity)
	if err != nil {
		return fmt.Errorf("reckon a cost: %w", err)
	}
	l.cost = &cost
	return nil
}

// unitCost is what one unit cost, nil where that isn't known.
func (l *limitLine) unitCost() *int64 {
	if l.average != nil {
		return l.average
	}
	return l.fallback
}

// zones are the time zones that were met: finding one reads a file.
var zones sync.Map

func zoneOf(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		place, _ := known.(*time.Location)
		return place, nil
	}
	place, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("find a time zone: %w", err)
	}
	zones.Store(name, place)
	return place, nil
}

// last writes the sale.
func (s *limitSale) last() (*pgx.Batch, error) {
	place, err := zoneOf(s.zone)
	if err != nil {
		return nil, err
	}
	local := s.at.In(place)
	day := local.Add(-time.Duration(s.dayStart) * time.Minute).Format(time.DateOnly)
	b := &pgx.Batch{}
	b.Queue(`insert into sales (tenant_id, store_id, register_id, id, receipt_number, status, cashier_id, currency_code,
			prices_include_tax, discount_total, subtotal, tax_total, rounding, total, tendered, change, refunded, till_session_id,
			till_amendment, note, occurred_at, recorded_at, business_date, local_hour)
		values ($1, $2, $3, $4, $5, 'COMPLETED', $6, $7, $8, 0, $9, $10, 0, $11, $12, $13, 0, $14, false, '', $15, $15, $16, $17)`,
		s.tenant, s.store, s.register, s.id, s.number, s.user, s.currency, s.inclusive, s.subtotal, s.tax, s.total,
		s.tendered, s.tendered-s.total, s.session, s.at, day, local.Hour())
	s.writeLines(b)
	s.writeStock(b)
	b.Queue(`insert into payments (tenant_id, store_id, register_id, id, sale_id, position, method, currency_code, tendered,
			amount, reference)
		values ($1, $2, $3, $4, $5, 1, 'CASH', $6, $7, $8, '')`,
		s.tenant, s.store, s.register, id.New[uuid.UUID](), s.id, s.currency, s.tendered, s.total)
	b.Queue("insert into report_pending (tenant_id, store_id, sale_id, kind) values ($1, $2, $3, 'SALE')", s.tenant, s.store, s.id)
	b.Queue("commit")
	return b, nil
}

// rows are the values of several rows, with their places in the statement. The first so many values are common to all, and
// each row ends with the same text.
type rows struct {
	common int
	text   []byte
	end    string
	args   []any
}

func rowsOf(end string, common ...any) *rows {
	return &rows{common: len(common), end: end, args: common}
}

func (r *rows) place(n int) {
	if last := r.text[len(r.text)-1]; last != '(' {
		r.text = append(r.text, ',')
	}
	r.text = strconv.AppendInt(append(r.text, '$'), int64(n), 10)
}

func (r *rows) add(own ...any) {
	if len(r.text) > 0 {
		r.text = append(r.text, ',')
	}
	r.text = append(r.text, '(')
	for i := range r.common {
		r.place(i + 1)
	}
	for i := range own {
		r.place(len(r.args) + i + 1)
	}
	r.text, r.args = append(append(r.text, r.end...), ')'), append(r.args, own...)
}

// insert queues them, where there are any.
func (r *rows) insert(b *pgx.Batch, into string) {
	if len(r.text) > 0 {
		b.Queue("insert into "+into+" values "+string(r.text), r.args...)
	}
}

func (s *limitSale) writeLines(b *pgx.Batch) {
	lines := rowsOf("", s.tenant, s.store, s.register, s.id, s.currency)
	taxes := rowsOf(",1,false", s.tenant, s.store, s.register, s.id, s.currency, s.inclusive)
	for i, l := range s.lines {
		lines.add(l.id, i+1, l.product, l.name, l.category, l.brand, l.supplier, l.sku, l.unit, l.quantity, l.price, l.source,
			l.rate, l.gross, l.subtotal, l.tax, l.total, l.cost)
		if l.levy != nil {
			taxes.add(l.id, *l.levy, *l.levyCode, l.rate, l.subtotal, l.tax)
		}
	}
	lines.insert(b, `sale_lines (tenant_id, store_id, register_id, sale_id, currency_code, id, line_number, product_id,
		product_name, category_id, brand_id, supplier_id, sku, unit, quantity, unit_price, price_source, tax_rate_ppm, gross,
		subtotal, tax, total, cost)`)
	taxes.insert(b, `sale_line_taxes (tenant_id, store_id, register_id, sale_id, currency_code, inclusive, sale_line_id, name, code,
		rate_ppm, base, amount, position, compound)`)
}

func (s *limitSale) writeStock(b *pgx.Batch) {
	movements := rowsOf(",'SALE'", s.tenant, s.store, s.register, s.id, s.user, s.at, s.at)
	levels, quantities := make([]uuid.UUID, len(s.lines)), make([]int64, len(s.lines))
	for i, l := range s.lines {
		levels[i], quantities[i] = l.level, l.quantity
		movements.add(id.New[uuid.UUID](), l.level, l.product, l.moved+1, -l.quantity, l.stock-l.quantity, l.unitCost())
	}
	b.Queue(`update inventory_levels x set quantity = x.quantity - sold.quantity, movement_count = x.movement_count + 1,
			updated_at = $3
		from unnest($4::uuid[], $5::bigint[]) sold (level_id, quantity)
		where x.tenant_id = $1 and x.store_id = $2 and x.id = sold.level_id`, s.tenant, s.store, s.at, levels, quantities)
	movements.insert(b, `stock_movements (tenant_id, store_id, register_id, sale_id, user_id, occurred_at, recorded_at, id, level_id,
		product_id, sequence, quantity, quantity_after, unit_cost, kind)`)
}

func (s *limitSale) answer() []byte {
	out := list(make([]byte, 0, 512), `{"data":{"saleRecord":{"sale":{"id":"`)
	out = append(append(out, id.Sale(s.id).String()...), `","receiptNumber":`...)
	out = number(out, s.number)
	for _, part := range []struct {
		name  string
		minor int64
	}{{"subtotal", s.subtotal}, {"tax", s.tax}, {"total", s.total}, {"change", s.tendered - s.total}} {
		out = append(append(append(out, `,"`...), part.name...), `":`...)
		out = amount(out, part.minor, s.currency)
	}
	return append(out, `},"userErrors":[]}}}`...)
}
