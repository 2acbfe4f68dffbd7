package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// receipt is all that a sale says of itself.
const receipt = `id receiptNumber status store { code } register { code } cashier { name } pricesIncludeTax note
	subtotal { amount currencyCode } tax { amount } total { amount } tendered { amount } change { amount }
	occurredAt recordedAt businessDate
	lines { id lineNumber product { sku } productName sku unit quantity unitPrice { amount } priceSource taxRate
		subtotal { amount } tax { amount } total { amount } }
	payments { id position method amount { amount } tendered { amount } reference }`

const recordSale = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { ` + receipt + ` } userErrors { code field message amountDue { amount currencyCode } } } }`

// recordBare asks for what is known without a further look: what it costs is what recording costs.
const recordBare = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id receiptNumber total { amount } } userErrors { code field message } } }`

// till is a register of a store.
type till struct {
	store    id.Store
	register id.Register
}

// till gives a company one more store, open and with one register.
func (b *bundle) till(t testing.TB, c pgtest.Company, currency string, taxPPM int, inclusive bool) till {
	t.Helper()
	made := till{store: id.New[id.Store](), register: id.New[id.Register]()}
	code := strings.ToUpper(made.store.String()[len(made.store.String())-12:])
	b.db.Exec(t, `insert into stores (tenant_id, id, code, name, time_zone, currency_code, tax_rate_ppm, prices_include_tax)
		values ($1, $2, $3, 'Corner', 'Africa/Nairobi', $4, $5, $6)`,
		c.ID.UUID(), made.store.UUID(), code, currency, taxPPM, inclusive)
	b.db.Exec(t, "insert into registers (tenant_id, store_id, id, code, name) values ($1, $2, $3, 'R1', 'One')",
		c.ID.UUID(), made.store.UUID(), made.register.UUID())
	b.db.Exec(t, "insert into receipt_counters (tenant_id, store_id, register_id) values ($1, $2, $3)",
		c.ID.UUID(), made.store.UUID(), made.register.UUID())
	return made
}

// goods is a product to be made.
type goods struct {
	unit     string // EACH unless told
	currency string // KES unless told
	price    int64  // minor units
	untaxed  bool
	status   string // ACTIVE unless told
}

// product adds a product to a company's catalogue.
func (b *bundle) product(t testing.TB, c pgtest.Company, g goods) id.Product {
	t.Helper()
	made := id.New[id.Product]()
	def := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	b.db.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price, taxable, status)
		values ($1, $2, $3, 'Goods', $4, $5, $6, $7, $8)`,
		c.ID.UUID(), made.UUID(), made.String(), def(g.unit, "EACH"), def(g.currency, "KES"), g.price, !g.untaxed,
		def(g.status, "ACTIVE"))
	return made
}

// manyProducts adds products of 1.00 each; their ids are in order.
func (b *bundle) manyProducts(t testing.TB, c pgtest.Company, n int) []id.Product {
	t.Helper()
	products, ids := make([]id.Product, n), make([]uuid.UUID, n)
	for i := range products {
		products[i] = id.New[id.Product]()
		ids[i] = products[i].UUID()
	}
	b.db.Exec(t, `insert into products (tenant_id, id, sku, name, unit, currency_code, price)
		select $1, p, p, 'Goods', 'EACH', 'KES', 100 from unnest($2::uuid[]) p`, c.ID.UUID(), ids)
	return products
}

// everywhere has a company's stores know all of its products: none is sold in one for the first time.
func (b *bundle) everywhere(t testing.TB, c pgtest.Company) {
	t.Helper()
	b.db.Exec(t, `insert into inventory_levels (tenant_id, store_id, id, product_id) select s.tenant_id, s.id, gen_random_uuid(), p.id
		from stores s join products p using (tenant_id) where tenant_id = $1 on conflict do nothing`, c.ID.UUID())
}

// storePrice gives a product a price of its own in a store.
func (b *bundle) storePrice(t testing.TB, c pgtest.Company, store id.Store, product id.Product, currency string, price int64) {
	t.Helper()
	b.db.Exec(t, `insert into store_prices (tenant_id, store_id, id, product_id, currency_code, price)
		values ($1, $2, $3, $4, $5, $6)`,
		c.ID.UUID(), store.UUID(), id.New[id.StorePrice]().UUID(), product.UUID(), currency, price)
}

func item(product id.Product, quantity string) vars {
	return vars{"productId": product.String(), "quantity": quantity}
}

func pay(method, amount string) vars { return vars{"method": method, "amount": amount} }

// order is the input of a sale that is paid in cash.
func order(register id.Register, key, cash string, lines ...vars) vars {
	input := vars{"idempotencyKey": key, "registerId": register.String(), "lines": lines}
	if cash != "" {
		input["payments"] = []vars{pay("CASH", cash)}
	}
	return input
}

// sell records a sale and fails the test unless that went well.
func (b *bundle) sell(t testing.TB, token string, input vars) *answer {
	t.Helper()
	a := b.post(t, token, recordSale, vars{"input": input}).ok(t)
	if codes := a.codes("saleRecord"); len(codes) > 0 {
		t.Fatalf("refused: %s", a.Raw)
	}
	return a
}

// texts reads fields of an object; a Money is its amount, another object its name.
func (a *answer) texts(fields string, path ...any) string {
	object, _ := a.at(path...).(map[string]any)
	var texts []string
	for name := range strings.FieldsSeq(fields) {
		value := object[name]
		if object, is := value.(map[string]any); is {
			value = object["name"]
			if amount, is := object["amount"]; is {
				value = amount
			}
		}
		texts = append(texts, fmt.Sprint(value))
	}
	return strings.Join(texts, " ")
}

// books is every table's number of rows and what stands in them, but for the counts of attempts.
func (b *bundle) books(t testing.TB) []string {
	t.Helper()
	var sql strings.Builder
	for i, table := range pgtest.Values[string](t, b.db,
		"select tablename::text from pg_tables where schemaname = 'public' and tablename not in ('register_pin_attempts', 'attempts') order by 1") {
		if i > 0 {
			sql.WriteString(" union all ")
		}
		fmt.Fprintf(&sql, `select '%s ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '')
			from %s t`, table, table)
	}
	books := pgtest.Values[string](t, b.db, sql.String())
	slices.Sort(books)
	if len(books) < 15 {
		t.Fatalf("only %d tables", len(books))
	}
	return books
}

// unchanged fails the test when something was written since the books were taken.
func (b *bundle) unchanged(t testing.TB, before []string) {
	t.Helper()
	after := b.books(t)
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("something was written: %s is now %s", before[i], after[i])
		}
	}
}

// sound checks that all sales beside the fixture's are whole, and that numbers and stock add up.
func (b *bundle) sound(t testing.TB) {
	t.Helper()
	var fixture []uuid.UUID
	for _, c := range []pgtest.Company{b.A, b.B} {
		for _, s := range c.Stores {
			for _, r := range s.Registers {
				fixture = append(fixture, r.Sale.UUID())
			}
		}
	}
	const sales = "with s as (select * from sales where id <> all($1)) select count(*) from s where "
	for what, sql := range map[string]string{
		"sales whose lines don't add up": sales + `concat_ws(' ', subtotal, tax_total, total - rounding) is distinct from
			(select concat_ws(' ', sum(subtotal), sum(tax), sum(total)) from sale_lines l where (l.tenant_id, l.sale_id) = (s.tenant_id, s.id))`,
		"sales whose payments don't add up": sales + `concat_ws(' ', tendered, total) is distinct from
			(select concat_ws(' ', coalesce(sum(tendered), 0), coalesce(sum(amount), 0)) from payments p where (p.tenant_id, p.sale_id) = (s.tenant_id, s.id))`,
		"sales whose stock didn't move": sales + `exists (select product_id, sum(quantity) from (
			select product_id, quantity from sale_lines l where (l.tenant_id, l.sale_id) = (s.tenant_id, s.id)
			union all select product_id, quantity from stock_movements m where (m.tenant_id, m.sale_id) = (s.tenant_id, s.id) and m.kind <> 'VOID') x
			group by product_id having sum(quantity) <> 0)`,
		"sales without their key": sales + `1 <> (select count(*) from sale_idempotency_keys k
			where (k.tenant_id, k.store_id, k.register_id, k.sale_id) = (s.tenant_id, s.store_id, s.register_id, s.id))`,
		"keys without a sale": `select count(*) from sale_idempotency_keys k where not exists
			(select from sales s where (k.tenant_id, k.sale_id) = (s.tenant_id, s.id)) and k.sale_id <> all($1)`,
		"registers with a gap in their receipts": `select count(*) from (select 1 from receipt_counters c
			left join sales s on (s.tenant_id, s.register_id) = (c.tenant_id, c.register_id)
			where $1::uuid[] is not null
			group by c.tenant_id, c.register_id, c.next_number
			having count(s.id) + coalesce((select sum(to_number - from_number + 1) from receipt_gaps g
					where (g.tenant_id, g.register_id) = (c.tenant_id, c.register_id) and g.to_number < c.next_number), 0)
				<> c.next_number - 1 or coalesce(max(s.receipt_number), 0) <> c.next_number - 1
				or count(distinct s.receipt_number) <> count(s.id)) x`,
		"receipts in a gap": `select count(*) from sales s join receipt_gaps g
			on (g.tenant_id, g.register_id) = (s.tenant_id, s.register_id) and s.receipt_number between g.from_number and g.to_number
			where $1::uuid[] is not null`,
		"levels that aren't the sum of their movements": `select count(*) from inventory_levels l
			where (l.quantity, l.movement_count) <> (select coalesce(sum(m.quantity), 0), count(*) from stock_movements m
				where (m.tenant_id, m.level_id) = (l.tenant_id, l.id)) and $1::uuid[] is not null`,
		"movements that don't carry on from one another": `select count(*) from (
			select quantity_after, quantity, sequence,
				lag(quantity_after, 1, 0::bigint) over history as before, lag(sequence, 1, 0::bigint) over history as last
			from stock_movements where $1::uuid[] is not null
			window history as (partition by tenant_id, level_id order by sequence)) x
			where before + quantity <> quantity_after or last + 1 <> sequence`,
	} {
		if n := pgtest.Value[int](t, b.db, sql, fixture); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

// ask is post for many at once: it fails no test, and its context is the caller's.
func (b *bundle) ask(ctx context.Context, token, query string, variables vars, headers ...string) (*answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{Status: res.StatusCode, Header: res.Header, Raw: string(raw)}
	a.cost = b.logs.cost(a.Header.Get("X-Request-Id"))
	return a, json.Unmarshal(raw, a)
}

// together asks n times at once and gives the answers; any that doesn't come fails the test.
func together(t testing.TB, n int, fn func(i int) (*answer, error)) []*answer {
	t.Helper()
	answers, failures := make([]*answer, n), make([]error, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			answers[i], failures[i] = fn(i)
		})
	}
	close(begin)
	wg.Wait()
	for _, err := range failures {
		must(t, err)
	}
	return answers
}
