package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
)

const parkedCart = `id version customer { id } discounts { kind value reason }
	lines { lineNumber product { id } quantity unitPrice { amount currencyCode } priceReason discounts { kind value reason } }`

// takenUp is what a till makes of a parked sale that it carries on.
func takenUp(parked vars) vars {
	in := vars{"parkedSaleId": parked["id"], "discounts": parked["discounts"]}
	if who, is := parked["customer"].(vars); is {
		in["customerId"] = who["id"]
	}
	lines := []vars{}
	for _, line := range parked["lines"].([]any) {
		line := line.(vars)
		next := vars{"productId": line["product"].(vars)["id"], "quantity": line["quantity"], "discounts": line["discounts"]}
		if price, is := line["unitPrice"].(vars); is {
			next["unitPrice"], next["priceReason"] = price["amount"], line["priceReason"]
		}
		lines = append(lines, next)
	}
	in["lines"] = lines
	return in
}

// TestParkedSaleKeepsTheCart: what is carried on comes to what it came to when it was parked.
func TestParkedSaleKeepsTheCart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, token := b.A.Stores[0].Registers[0].ID, b.owner(t)
	weighed := b.product(t, b.A, goods{price: 12345, unit: "KILOGRAM"})
	cart := vars{
		"registerId": register.String(), "customerId": b.A.Customer.ID.String(),
		"lines": []vars{
			{
				"productId": weighed.String(), "quantity": "0.755",
				"discounts": []vars{off("PERCENT", "2.50"), {"kind": "FIXED", "value": "1.5", "reason": " bruised "}},
			},
			{"productId": b.A.Products[1].String(), "quantity": "3", "unitPrice": "95.50", "priceReason": " scratched "},
			item(b.A.Products[0], "1"),
		},
		"discounts": []vars{off("FIXED", "10"), off("PERCENT", "3")},
	}
	calculate := func(in vars) any {
		t.Helper()
		in = maps.Clone(in)
		in["registerId"], in["payments"] = register.String(), []vars{}
		a := b.post(t, token, calculateSums, vars{"input": in}).ok(t)
		if len(a.codes("saleCalculate")) > 0 {
			t.Fatal(a.Raw)
		}
		return a.at("saleCalculate", "calculation")
	}
	want := calculate(cart)
	input := maps.Clone(cart)
	input["idempotencyKey"] = "cart"
	const create = `mutation($input: ParkedSaleCreateInput!) { parkedSaleCreate(input: $input) { parkedSale { ` + parkedCart + ` } userErrors { code field message } } }`
	a := b.post(t, token, create, vars{"input": input}).ok(t).well(t, "parkedSaleCreate")
	if again := b.post(t, token, create, vars{"input": input}).ok(t); again.Raw != a.Raw {
		t.Errorf("again: %s", again.Raw)
	}
	for _, change := range []vars{
		{"customerId": nil},
		{"discounts": []vars{}},
		{"discounts": []vars{off("FIXED", "11"), off("PERCENT", "3")}},
		{"lines": []vars{item(weighed, "0.755")}},
	} {
		other := maps.Clone(input)
		maps.Copy(other, change)
		if got := b.post(t, token, create, vars{"input": other}).ok(t).codes("parkedSaleCreate"); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED idempotencyKey"}) {
			t.Errorf("with %v: %q", change, got)
		}
	}
	// The other register of the store reads it, and carries it on.
	read := b.post(t, token, `{ parkedSales(first: 1) { nodes { `+parkedCart+` } } }`, nil).ok(t).at("parkedSales", "nodes", 0).(vars)
	same(t, a.at("parkedSaleCreate", "parkedSale"), read)
	same(t, read["discounts"], []vars{off("FIXED", "10.00"), off("PERCENT", "3")})
	same(t, read["lines"].([]any)[0].(vars)["discounts"], []vars{off("PERCENT", "2.5"), {"kind": "FIXED", "value": "1.50", "reason": "bruised"}})
	same(t, read["lines"].([]any)[1].(vars)["priceReason"], "scratched")
	up := takenUp(read)
	same(t, calculate(up), want)
	up["idempotencyKey"], up["registerId"], up["payments"] = "up", b.A.Stores[0].Registers[1].ID.String(), []vars{pay("CASH", "10000")}
	recorded := b.post(t, token, `mutation($input: SaleRecordInput!) { saleRecord(input: $input) { sale { total { amount } customer { id }
		discounts { amount { amount } } } userErrors { code field message } } }`, vars{"input": up}).ok(t).well(t, "saleRecord")
	same(t, recorded.at("saleRecord", "sale", "total", "amount"), want.(vars)["total"].(vars)["amount"])
	same(t, recorded.at("saleRecord", "sale", "customer", "id"), b.A.Customer.ID.String())
	b.sound(t)
	b.logs.quiet(t)
}

// TestParkedSaleChangesTheCart: each part by itself, and what is left out stays.
func TestParkedSaleChangesTheCart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token, register, product := b.cashier(t, 0), b.A.Stores[0].Registers[0].ID, b.A.Products[0]
	in := parking(register, "k", "", vars{"productId": product.String(), "quantity": "2", "discounts": []vars{off("PERCENT", "5")}})
	in["customerId"], in["discounts"] = b.A.Customer.ID.String(), []vars{off("FIXED", "1")}
	parked := b.park(t, token, in).well(t, "parkedSaleCreate").at("parkedSaleCreate", "parkedSale", "id")
	version := 0
	change := func(more vars) vars {
		t.Helper()
		version++
		more["version"] = version
		a := b.post(t, token, `mutation($id: ID!, $input: ParkedSaleUpdateInput!) { parkedSaleUpdate(id: $id, input: $input) {
			parkedSale { `+parkedCart+` } userErrors { code field message } } }`, vars{"id": parked, "input": more}).ok(t).well(t, "parkedSaleUpdate")
		return a.at("parkedSaleUpdate", "parkedSale").(vars)
	}
	got := change(vars{"label": "x"})
	same(t, got["customer"], vars{"id": b.A.Customer.ID.String()})
	same(t, got["discounts"], []vars{off("FIXED", "1.00")})
	same(t, got["lines"].([]any)[0].(vars)["discounts"], []vars{off("PERCENT", "5")})
	got = change(vars{"customerId": nil, "discounts": []vars{off("PERCENT", "10"), off("FIXED", "0.5")}})
	same(t, got["customer"], nil)
	same(t, got["discounts"], []vars{off("PERCENT", "10"), off("FIXED", "0.50")})
	got = change(vars{"customerId": b.A.Customer.ID.String(), "discounts": nil, "lines": []vars{
		{"productId": product.String(), "quantity": "1", "unitPrice": "0", "priceReason": "gift"},
	}})
	same(t, got["customer"], vars{"id": b.A.Customer.ID.String()})
	same(t, got["discounts"], []vars{})
	same(t, got["lines"].([]any)[0].(vars)["unitPrice"], kes("0.00"))
	before := b.books(t)
	for name, c := range map[string]struct {
		more vars
		want []string
	}{
		"nobody":       {vars{"customerId": fresh[id.Customer]()}, []string{"CUSTOMER_NOT_FOUND customerId"}},
		"another's":    {vars{"customerId": b.B.Customer.ID.String()}, []string{"CUSTOMER_NOT_FOUND customerId"}},
		"a free offer": {vars{"discounts": []vars{off("FIXED", "0")}}, []string{"AMOUNT_NOT_POSITIVE discounts.0.value"}},
		"half cents":   {vars{"discounts": []vars{off("FIXED", "0.005")}}, []string{"TOO_PRECISE discounts.0.value"}},
		"more than all": {
			vars{"discounts": []vars{off("PERCENT", "101"), {"kind": "PERCENT", "value": "1", "reason": " "}}},
			[]string{"INVALID discounts.1.reason", "INVALID discounts.0.value"},
		},
		"eleven": {vars{"discounts": slices.Repeat([]vars{off("FIXED", "1")}, 11)}, []string{"INVALID discounts"}},
		"all of it": {
			vars{"customerId": fresh[id.Customer](), "lines": []vars{
				{"productId": product.String(), "quantity": "1", "unitPrice": "1"},
				{"productId": product.String(), "quantity": "1", "unitPrice": "-1", "priceReason": strings.Repeat("x", 201)},
				{"productId": product.String(), "quantity": "1", "unitPrice": "0.001", "priceReason": "x"},
				{"productId": product.String(), "quantity": "1", "priceReason": "x", "discounts": []vars{off("PERCENT", "0.00001")}},
			}},
			[]string{
				"CUSTOMER_NOT_FOUND customerId", "INVALID lines.0.priceReason", "INVALID lines.1.priceReason", "INVALID lines.1.unitPrice",
				"TOO_PRECISE lines.2.unitPrice", "INVALID lines.3.priceReason", "INVALID lines.3.discounts.0.value",
			},
		},
	} {
		c.more["version"] = version + 1
		a := b.post(t, token, parkChange, vars{"id": parked, "input": c.more}).ok(t)
		if got := a.codes("parkedSaleUpdate"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
		create := maps.Clone(c.more)
		delete(create, "version")
		input := parking(register, name, "", item(product, "1"))
		maps.Copy(input, create)
		if got := b.park(t, token, input).codes("parkedSaleCreate"); !slices.Equal(got, c.want) {
			t.Errorf("parking %s: %q, not %q", name, got, c.want)
		}
	}
	b.unchanged(t, before)
	b.logs.quiet(t)
}
