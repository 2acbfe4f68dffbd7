package graph_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// sums is what both saleRecord and saleCalculate say, but for the names of their types.
const sums = `currencyCode: subtotal { currencyCode } pricesIncludeTax discount { amount } subtotal { amount } tax { amount }
	taxes { name code rate compound inclusive base { amount } amount { amount } }
	rounding { amount } total { amount } tendered { amount } change { amount }
	discounts { kind rate amount { amount } reason }
	lines { lineNumber product { id } productName sku unit quantity unitPrice { amount } priceSource taxRate
		taxes { name code rate compound inclusive base { amount } amount { amount } }
		gross { amount } discount { amount } orderDiscount { amount } subtotal { amount } tax { amount } total { amount }
		discounts { kind rate amount { amount } reason } }`

const wrong = `userErrors { code field message amountDue { amount } maximumDiscount { amount } }`

const recordSums = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) { sale { ` + sums + ` } ` + wrong + ` } }`

const calculateSums = `query($input: SaleCalculateInput!) { saleCalculate(input: $input) { calculation { ` + sums +
	` } ` + wrong + ` } }`

// calculable is what saleCalculate takes of an input of saleRecord.
func calculable(in vars) vars {
	out := vars{}
	for name, value := range in {
		if name != "idempotencyKey" && name != "note" && name != "receiptNumber" {
			out[name] = value
		}
	}
	return out
}

func off(kind, value string) vars { return vars{"kind": kind, "value": value, "reason": "because"} }

// sellBoth calculates and records one input, and fails the test unless both say the same.
func (b *bundle) sellBoth(t testing.TB, token string, in vars) *answer {
	t.Helper()
	before := b.books(t)
	calculated := b.post(t, token, calculateSums, vars{"input": calculable(in)}).ok(t)
	b.unchanged(t, before)
	recorded := b.post(t, token, recordSums, vars{"input": in}).ok(t)
	if codes := recorded.codes("saleRecord"); len(codes) > 0 {
		t.Fatalf("%v: %s", codes, recorded.Raw)
	}
	same(t, calculated.at("saleCalculate", "calculation"), recorded.at("saleRecord", "sale"))
	same(t, calculated.at("saleCalculate", "userErrors"), []any{})
	return recorded
}

// taxed makes a category with these rates, name and percent in turn; a + before the percent makes one compound.
func (b *bundle) taxed(t testing.TB, token, name string, rates ...string) string {
	t.Helper()
	a := b.post(t, token, `mutation($input: TaxCategoryCreateInput!) { taxCategoryCreate(input: $input) {
		taxCategory { id } userErrors { code field } } }`, vars{"input": vars{"name": name, "rates": rateInputs(rates)}}).ok(t)
	category, ok := a.at("taxCategoryCreate", "taxCategory", "id").(string)
	if !ok {
		t.Fatal(a.Raw)
	}
	return category
}

func rateInputs(rates []string) []vars {
	var list []vars
	for pair := range slices.Chunk(rates, 2) {
		compound := pair[1][0] == '+'
		if compound {
			pair[1] = pair[1][1:]
		}
		list = append(list, vars{"name": pair[0], "rate": pair[1], "compound": compound})
	}
	return list
}

func (b *bundle) inCategory(t testing.TB, product id.Product, category string) {
	t.Helper()
	ref, err := id.Parse(category)
	must(t, err)
	b.db.Exec(t, "update products set tax_category_id = $2 where id = $1", product.UUID(), ref.UUID)
}

// The sums of known receipts, by hand.
func TestSaleTotalsByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	for name, c := range map[string]struct {
		currency  string
		inclusive bool
		coin      int64
		rates     []string
		price     int64
		quantity  string
		discounts []vars
		order     []vars
		payments  []vars
		want      string // subtotal, tax, rounding, total, change, the base of the lowest rate
	}{
		"Switzerland, 0.05, in cash": {
			"CHF", true, 5, []string{"MWST", "8.1"}, 993, "1", nil, nil, []vars{pay("CASH", "10")}, "9.19 0.74 0.02 9.95 0.05 9.19",
		},
		"Switzerland, by card": {
			"CHF", true, 5, []string{"MWST", "8.1"}, 993, "1", nil, nil, []vars{pay("CARD", "9.93")}, "9.19 0.74 0.00 9.93 0.00 9.19",
		},
		"Switzerland, half by card": {
			"CHF", true, 5,
			[]string{"MWST", "2.6"},
			1992, "1", nil, nil,
			[]vars{pay("CARD", "10"), pay("CASH", "10")},
			"19.42 0.50 -0.02 19.90 0.10 19.42",
		},
		"Kenya, 16 % inclusive, to the shilling": {
			"KES", true, 100, []string{"VAT", "16"}, 11650, "3", nil, nil, []vars{pay("CASH", "400")}, "301.29 48.21 0.50 350.00 50.00 301.29",
		},
		"New York, 8.875 % on top": {
			"USD", false, 0,
			[]string{"Sales tax", "8.875"},
			1999, "3",
			[]vars{off("PERCENT", "10")},
			nil,
			[]vars{pay("CARD", "58.76")},
			"53.97 4.79 0.00 58.76 0.00 53.97",
		},
		"Quebec of old, compound": {
			"CAD", false, 5,
			[]string{"GST", "5", "QST", "+9.5"},
			10000, "1", nil, nil,
			[]vars{pay("CASH", "120")},
			"100.00 14.98 0.02 115.00 5.00 100.00",
		},
		"India, two halves and a cess": {
			"INR", true, 0,
			[]string{"CGST", "14", "SGST", "14", "Cess", "12"},
			14000, "1", nil, nil,
			[]vars{pay("CARD", "140")},
			"100.00 40.00 0.00 140.00 0.00 100.00",
		},
		"Kuwait, three decimals": {
			"KWD", false, 5,
			[]string{"VAT", "5"},
			1234, "2", nil,
			[]vars{off("FIXED", "0.500")},
			[]vars{pay("CASH", "3")},
			"1.968 0.098 -0.001 2.065 0.935 1.968",
		},
		"Uganda, no decimals": {
			"UGX", true, 100,
			[]string{"VAT", "18"},
			3333, "1", nil,
			[]vars{off("PERCENT", "5")},
			[]vars{pay("CASH", "5000")},
			"2683 483 34 3200 1800 2683",
		},
	} {
		till := b.till(t, b.A, c.currency, 0, c.inclusive)
		b.db.Exec(t, "update stores set cash_rounding = $2 where id = $1", till.store.UUID(), c.coin)
		product := b.product(t, b.A, goods{currency: c.currency, price: c.price})
		b.inCategory(t, product, b.taxed(t, owner, name, c.rates...))
		line := item(product, c.quantity)
		line["discounts"] = c.discounts
		in := vars{
			"idempotencyKey": name, "registerId": till.register.String(), "lines": []vars{line}, "payments": c.payments, "discounts": c.order,
		}
		if c.discounts == nil {
			delete(line, "discounts")
		}
		if c.order == nil {
			delete(in, "discounts")
		}
		a := b.sellBoth(t, owner, in)
		if got := spaced(a); got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
	b.sound(t)
}

// spaced are the sums of a recorded sale, and the base of its lowest rate.
func spaced(a *answer) string {
	text := ""
	for _, name := range []string{"subtotal", "tax", "rounding", "total", "change"} {
		text += fmt.Sprint(a.at("saleRecord", "sale", name, "amount")) + " "
	}
	taxes, _ := a.at("saleRecord", "sale", "taxes").([]any)
	return text + fmt.Sprint(a.at("saleRecord", "sale", "taxes", len(taxes)-1, "base", "amount"))
}

// What is calculated is what is recorded, and it adds up, for whatever is sold.
func TestSaleCalculateIsSaleRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	type shop struct {
		till
		decimals int
		products []id.Product
	}
	var shops []shop
	for i, c := range []struct {
		currency  string
		decimals  int
		inclusive bool
		coin      int64
	}{{"CHF", 2, true, 5}, {"USD", 2, false, 0}, {"KWD", 3, false, 5}, {"UGX", 0, true, 100}} {
		s := shop{till: b.till(t, b.A, c.currency, 160_000, c.inclusive), decimals: c.decimals}
		b.db.Exec(t, "update stores set cash_rounding = $2 where id = $1", s.store.UUID(), c.coin)
		compound := b.taxed(t, owner, fmt.Sprint("compound ", i), "GST", "5", "QST", "+9.975")
		for j, price := range []int64{1, 999, 12345, 100_000} {
			p := b.product(t, b.A, goods{currency: c.currency, price: price, unit: []string{"EACH", "KILOGRAM"}[j%2], untaxed: j == 2})
			if j == 3 {
				b.inCategory(t, p, compound)
			}
			s.products = append(s.products, p)
		}
		shops = append(shops, s)
	}
	key := 0
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.SampledFrom(shops).Draw(r, "shop")
		discounts := func(label string) []vars {
			list := []vars{}
			for range rapid.IntRange(0, 2).Draw(r, label) {
				if rapid.Bool().Draw(r, "percent") {
					list = append(list, off("PERCENT", strconv.Itoa(rapid.IntRange(1, 40).Draw(r, "rate"))))
				}
			}
			return list
		}
		var lines []vars
		for range rapid.IntRange(1, 5).Draw(r, "lines") {
			n := rapid.IntRange(0, 3).Draw(r, "product")
			quantity := strconv.Itoa(rapid.IntRange(1, 30).Draw(r, "quantity"))
			if n%2 == 1 {
				quantity += "." + strconv.Itoa(rapid.IntRange(0, 999).Draw(r, "grams"))
			}
			line := item(s.products[n], quantity)
			line["discounts"] = discounts("off a line")
			if rapid.IntRange(0, 4).Draw(r, "by hand") == 0 {
				line["unitPrice"], line["priceReason"] = strconv.Itoa(rapid.IntRange(0, 50).Draw(r, "price")), "worn"
			}
			lines = append(lines, line)
		}
		key++
		in := vars{
			"idempotencyKey": fmt.Sprint("rapid ", key), "registerId": s.register.String(), "lines": lines,
			"discounts": discounts("off it all"), "payments": []vars{},
		}
		a := b.post(t, owner, `query($input: SaleCalculateInput!) { saleCalculate(input: $input) { calculation {
			total { amount } cashTotal { amount } amountDue { amount } } `+wrong+` } }`, vars{"input": calculable(in)}).ok(t)
		due, ok := a.at("saleCalculate", "calculation", "amountDue", "amount").(string)
		if !ok || due != a.at("saleCalculate", "calculation", "total", "amount") {
			r.Fatal(a.Raw)
		}
		if strings.Trim(due, "0.") != "" {
			method := rapid.SampledFrom([]string{"CASH", "CARD"}).Draw(r, "method")
			if method == "CASH" {
				due = "99999999"
			}
			in["payments"] = []vars{pay(method, due)}
		}
		b.sellBoth(t, owner, in)
	})
	b.sound(t)
	for what, sql := range map[string]string{
		"lines and rounding":        `subtotal + tax_total + rounding <> total`,
		"tenders less change":       `tendered - change <> total`,
		"taxes of the lines":        `tax_total <> (select coalesce(sum(amount), 0) from sale_line_taxes t where (t.tenant_id, t.sale_id) = (s.tenant_id, s.id))`,
		"discounts of all kinds":    `discount_total <> (select coalesce(sum(amount), 0) from sale_discounts d where (d.tenant_id, d.sale_id) = (s.tenant_id, s.id))`,
		"discounts of the lines":    `discount_total <> (select sum(discount + order_discount) from sale_lines l where (l.tenant_id, l.sale_id) = (s.tenant_id, s.id))`,
		"discounts on the order":    `(select sum(order_discount) from sale_lines l where (l.tenant_id, l.sale_id) = (s.tenant_id, s.id)) <> (select coalesce(sum(amount), 0) from sale_discounts d where (d.tenant_id, d.sale_id) = (s.tenant_id, s.id) and sale_line_id is null)`,
		"what is left of the gross": `case when prices_include_tax then total - rounding else subtotal end <> (select sum(gross - discount - order_discount) from sale_lines l where (l.tenant_id, l.sale_id) = (s.tenant_id, s.id))`,
	} {
		if n := pgtest.Value[int](t, b.db, "select count(*) from sales s where "+sql); n > 0 {
			t.Errorf("%s: %d sales don't add up", what, n)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sales where discount_total > 0 and rounding <> 0"); n == 0 {
		t.Error("nothing was both discounted and rounded")
	}
}
