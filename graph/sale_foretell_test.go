package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
)

// foretold are the user errors that calculating a sale gives, whole and in their order.
func (b *bundle) foretold(t testing.TB, token string, in vars) (codes, whole []string) {
	t.Helper()
	a := b.post(t, token, `query($input: SaleCalculateInput!) { saleCalculate(input: $input) { calculation { total { amount } } `+foretelling+` } }`,
		vars{"input": calculable(in)}).ok(t)
	if (a.at("saleCalculate", "calculation") == nil) != (len(a.codes("saleCalculate")) > 0) {
		t.Errorf("a calculation with errors, or none without: %s", a.Raw)
	}
	return a.codes("saleCalculate"), a.wholeErrors(t, "saleCalculate")
}

const foretelling = `userErrors { code field message amountDue { amount currencyCode } maximumDiscount { amount } balanceAvailable { amount }
	pointsAvailable quantityReturnable quantityAvailable nextReceiptNumber }`

func (a *answer) wholeErrors(t testing.TB, field string) []string {
	t.Helper()
	list, _ := a.at(field, "userErrors").([]any)
	texts := []string{}
	for _, e := range list {
		text, err := json.Marshal(e)
		must(t, err)
		texts = append(texts, string(text))
	}
	return texts
}

// recordedAlone says that a code of saleRecord is about what a calculation doesn't take or need.
func recordedAlone(code string) bool {
	code, field, _ := strings.Cut(code, " ")
	return slices.Contains([]string{"idempotencyKey", "note", "receiptNumber"}, field) || code == "PAYMENT_TOO_SMALL" ||
		code == "REFUND_MISMATCH" && field == "payments"
}

// foretells fails the test unless a calculation says what recording said, which was refused.
func (b *bundle) foretells(t testing.TB, name, token string, in vars, refused []string) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(refused), recordedAlone)
	got, _ := b.foretold(t, token, in)
	if len(want) < len(refused) && len(want) == 0 {
		// What comes after these in a recording is told here.
		got = slices.DeleteFunc(got, func(code string) bool {
			return strings.HasPrefix(code, "STOCK_INSUFFICIENT ") || strings.HasPrefix(code, "TILL_SESSION_")
		})
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: the calculation says %q, the recording %q", name, got, refused)
	}
}

// TestCalculationForetells: for baskets that the stock or the till refuses, the calculation says word for word and
// number for number what recording says, and locks and writes nothing.
func TestCalculationForetells(t *testing.T) {
	t.Parallel()
	start := time.Now()
	clock := start
	b := setup(t, func(c *graph.Config) { c.Now = func() time.Time { return clock } })
	store, product, token := b.A.Stores[0], b.A.Products[1], b.owner(t)
	register, other := store.Registers[0].ID, store.Registers[1].ID
	b.db.Exec(t, `update company_settings set negative_stock_allowed = false, parked_sale_reserves = true, parked_sale_hours = 1,
		till_session_required = true where tenant_id = $1`, b.A.ID.UUID())
	session := b.openTill(t, token, register, "0")
	there := b.stock(t, store.ID, product) / 1000
	nowhere, free := b.product(t, b.A, goods{price: 100}), b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set negative_stock_allowed = true where id = $1", free.UUID())
	parked := b.park(t, token, parking(register, "p", "", item(product, "2"))).at("parkedSaleCreate", "parkedSale", "id")
	_, sold := b.sold(t, token, order(register, "sold", "100", item(product, "1")))
	there--
	n := 0
	// with is a sale in which so many pieces, and what else there is, go out.
	with := func(register id.Register, pieces int, more vars, lines ...vars) vars {
		n++
		in := order(register, fmt.Sprint("n", n), "1000000", append(lines, item(product, fmt.Sprint(pieces)))...)
		maps.Copy(in, more)
		return in
	}
	late := vars{"occurredAt": start.Add(time.Minute).UTC().Format(time.RFC3339Nano)}
	steps := []struct {
		name string
		do   func()
		in   vars
		want []string
	}{
		{"beyond what is left beside what is parked", nil, with(register, there-1, nil), []string{"STOCK_INSUFFICIENT lines.0.quantity"}},
		{"all that is left", nil, with(register, there-2, nil), nil},
		{"what never was there", nil, with(register, 1, nil, item(nowhere, "1")), []string{"STOCK_INSUFFICIENT lines.0.quantity"}},
		{"what may run short", nil, with(register, 1, nil, item(free, "1000")), nil},
		{"in two lines", nil, with(register, 1, nil, item(product, fmt.Sprint(there-2))), []string{"STOCK_INSUFFICIENT lines.0.quantity", "STOCK_INSUFFICIENT lines.1.quantity"}},
		{"with what was put aside for it", nil, with(register, there, vars{"parkedSaleId": parked}), nil},
		{"more than that", nil, with(register, there+1, vars{"parkedSaleId": parked}), []string{"STOCK_INSUFFICIENT lines.0.quantity"}},
		{
			"with one that comes back", nil,
			with(register, there-1, vars{"returns": []vars{back(sold[0], "1", true)}}), nil,
		},
		{
			"with one that comes back broken", nil, with(register, there-1, vars{"returns": []vars{back(sold[0], "1", false)}}),
			[]string{"STOCK_INSUFFICIENT lines.0.quantity"},
		},
		{"at a register that isn't open", nil, with(other, 1, nil), []string{"TILL_SESSION_REQUIRED registerId"}},
		{
			"there, and too much", nil, with(other, there, nil),
			[]string{"STOCK_INSUFFICIENT lines.0.quantity", "TILL_SESSION_REQUIRED registerId"},
		},
		{"a parked sale that isn't there", nil, with(register, 1, vars{"parkedSaleId": fresh[id.ParkedSale]()}), []string{"PARKED_SALE_GONE parkedSaleId"}},
		{
			"when the till was counted",
			func() {
				clock = start.Add(2 * time.Minute)
				b.countTill(t, token, session, `{method: CASH, amount: "0"}`).well(t, "tillCountCommit")
				clock = start.Add(3 * time.Minute)
			},
			with(register, 1, nil),
			[]string{"TILL_SESSION_COUNTED registerId"},
		},
		{"from before it was counted", nil, with(register, 1, late), nil},
		{
			"when what was put aside has lapsed", func() { clock = start.Add(2 * time.Hour) },
			with(register, there, vars{"occurredAt": late["occurredAt"]}), nil,
		},
	}
	for _, step := range steps {
		if step.do != nil {
			step.do()
		}
		before := b.books(t)
		codes, whole := b.foretold(t, token, step.in)
		b.unchanged(t, before)
		if !slices.Equal(codes, step.want) && len(codes)+len(step.want) > 0 {
			t.Errorf("%s: the calculation says %q, not %q", step.name, codes, step.want)
		}
		if len(step.want) == 0 {
			continue
		}
		a := b.post(t, token, `mutation($input: SaleRecordInput!) { saleRecord(input: $input) { sale { id } `+foretelling+` } }`, vars{"input": step.in}).ok(t)
		if recorded := a.wholeErrors(t, "saleRecord"); !slices.Equal(whole, recorded) {
			t.Errorf("%s: the calculation says\n%s, the recording\n%s", step.name, whole, recorded)
		}
		b.unchanged(t, before)
	}
	// The last of them can be recorded, as it was foretold.
	b.sell(t, token, steps[len(steps)-1].in)
	b.sound(t)
	b.logs.quiet(t)
}
