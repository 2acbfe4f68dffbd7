package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestTillsAreKept: from the third sale of a register on, neither it nor its store nor what is taxed how is asked for. Whatever
// is changed of them, past the server too, counts with the next sale, on each server.
func TestTillsAreKept(t *testing.T) {
	t.Parallel()
	d, f := pgtest.Filled(t)
	one := serveOn(t, d, f)
	two := serveOn(t, d, one.Fixture)
	register, store, tenant := one.A.Stores[0].Registers[0].ID, one.A.Stores[0].ID.UUID(), one.A.ID.UUID()
	n := 0
	sold := func(b *bundle) *answer {
		t.Helper()
		n++
		a := b.post(t, b.cashier(t, 0), recordTaxed, vars{
			"input": order(register, fmt.Sprint("kept ", n), "500", item(b.A.Products[0], "1")),
		}).ok(t)
		return a
	}
	for _, b := range []*bundle{one, two} {
		var statements []int64
		for range 4 {
			statements = append(statements, sold(b).Statements)
		}
		// Register and company's rates are known to the second, the store and its rates to the third, which so needs not
		// enter twice.
		if statements[3] != statements[2] || statements[2] != statements[1]-3 {
			t.Errorf("sales took %d statements", statements)
		}
	}
	for _, change := range []struct{ sql, codes, rate string }{
		{"update stores set tax_rate_ppm = 200000 where tenant_id = $1 and id = $2", "", "20"},
		{"update stores set status = 'CLOSED' where tenant_id = $1 and id = $2", "STORE_CLOSED registerId", ""},
		{"update stores set status = 'OPEN', tax_rate_ppm = 100000 where tenant_id = $1 and id = $2", "", "10"},
		{"update registers set status = 'CLOSED' where tenant_id = $1 and store_id = $2", "REGISTER_CLOSED registerId", ""},
		{"update registers set status = 'OPEN' where tenant_id = $1 and store_id = $2", "", "10"},
		{`with made as (insert into tax_categories (tenant_id, id, name) values ($1, gen_random_uuid(), 'Kept') returning tenant_id, id),
			rated as (insert into tax_rates (tenant_id, tax_category_id, id, valid_from, position, name, code, rate_ppm, compound)
				select tenant_id, id, gen_random_uuid(), '2020-01-01', 1, 'All', 'A', 50000, false from made),
			own as (insert into store_tax_rates (tenant_id, store_id, tax_category_id, id, valid_from, position, name, code, rate_ppm, compound)
				select tenant_id, $2, id, gen_random_uuid(), '2020-01-01', 1, 'Own', 'O', 70000, false from made)
			update products set tax_category_id = made.id from made where products.tenant_id = made.tenant_id`, "", "7"},
		{"update store_tax_rates set rate_ppm = 80000 where tenant_id = $1 and store_id = $2", "", "8"},
		{"delete from store_tax_rates where tenant_id = $1 and store_id = $2", "", "5"},
		{"update tax_rates set rate_ppm = 60000 where tenant_id = $1 and $2::uuid is not null", "", "6"},
	} {
		d.Exec(t, change.sql, tenant, store)
		for _, b := range []*bundle{one, two} {
			for range 3 {
				a := sold(b)
				if codes := strings.Join(a.codes("saleRecord"), ", "); codes != change.codes {
					t.Errorf("after %s: %q, want %q", change.sql, codes, change.codes)
				}
				if change.codes == "" {
					same(t, a.at("saleRecord", "sale", "lines", 0, "taxRate"), change.rate)
				}
			}
		}
	}
}

// TestKeptTillsAreTheirScopes: what the server knows of a register because others sold at it is no answer for who may not see
// it: they are told what they are told of one that doesn't exist.
func TestKeptTillsAreTheirScopes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	away := b.A.Stores[1].Registers[0].ID
	for i := range 4 {
		b.sell(t, b.owner(t), order(away, fmt.Sprint("known ", i), "500", item(b.A.Products[0], "1")))
	}
	for name, token := range map[string]string{
		"another store's cashier": b.cashier(t, 0), "another register": b.device(t, b.A, b.A.Stores[0].Registers[0]),
		"another company": b.token(t, b.B, b.B.Owner),
	} {
		product := b.A.Products[0]
		if name == "another company" {
			product = b.B.Products[0]
		}
		for range 2 {
			for _, document := range []string{recordSale, estimateSale} {
				theirs := b.post(t, token, document, vars{"input": sellable(document, away, product)}).ok(t)
				madeUp := b.post(t, token, document, vars{"input": sellable(document, id.New[id.Register](), product)}).ok(t)
				if theirs.Raw != madeUp.Raw {
					t.Errorf("%s: %s, and of one that doesn't exist: %s", name, theirs.Raw, madeUp.Raw)
				}
			}
		}
	}
	// Nor does their asking make the server forget, or know, anything that it shouldn't.
	b.sell(t, b.cashier(t, 1), order(away, "still known", "500", item(b.A.Products[0], "1")))
	b.sound(t)
}

// TestTillOfARequestThatChangesIt: within one document a sale is made by what the document has changed before.
func TestTillOfARequestThatChangesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till := b.A.Stores[0].Registers[0].ID
	b.warm(t, till)
	line := "lines: [{productId: " + `"` + b.A.Products[0].String() + `", quantity: "1"}], payments: [{method: CASH, amount: "500"}]`
	sale := func(name string) string {
		return fmt.Sprintf(`%s: saleRecord(input: {idempotencyKey: %[1]q, registerId: %q, %s}) {
			sale { lines { taxRate } } userErrors { code } }`, name, till.String(), line)
	}
	a := b.post(t, b.owner(t), `mutation($store: ID!) {
		`+sale("before")+`
		taxed: storeUpdate(id: $store, input: {version: 1, taxRate: "25"}) { userErrors { code } }
		`+sale("between")+`
		closed: storeUpdate(id: $store, input: {version: 2, status: CLOSED}) { userErrors { code } }
		`+sale("after")+`
	}`, vars{"store": b.A.Stores[0].ID.String()}).ok(t)
	for name, rate := range map[string]string{"before": "16", "between": "25"} {
		same(t, a.at(name, "sale", "lines", 0, "taxRate"), rate)
	}
	same(t, a.at("after", "userErrors"), []vars{{"code": "STORE_CLOSED"}})
	same(t, b.post(t, b.owner(t), "mutation { "+sale("later")+" }", nil).ok(t).at("later", "userErrors"), []vars{{"code": "STORE_CLOSED"}})
}

// recordTaxed asks for what recording knows without a further look.
const recordTaxed = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id lines { taxRate } } userErrors { code field } } }`

const estimateSale = `query($input: SaleCalculateInput!) { saleCalculate(input: $input) {
	calculation { lines { taxRate } } userErrors { code field } } }`

// sellable is the input of a document about one product at a register.
func sellable(document string, register id.Register, product id.Product) vars {
	if document == estimateSale {
		return vars{"registerId": register.String(), "lines": []vars{item(product, "1")}}
	}
	return order(register, "theirs", "500", item(product, "1"))
}
