package graph_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	readSeries = `query($id: ID!) { register(id: $id) { nextReceiptNumber lastReceiptNumber
		receiptGaps { totalCount nodes { from to missing since } }
		receiptConflicts { totalCount nodes { id receiptNumber idempotencyKey total { amount currencyCode } cashier { name }
			occurredAt recordedAt register { id } sale { id receiptNumber } } } } }`
	recordNumber = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
		sale { id receiptNumber } userErrors { code field message nextReceiptNumber } } }`
)

// numbered is a sale in cash whose number the till gave; 0 leaves it to the server.
func numbered(register id.Register, number int, key string, line vars) vars {
	input := order(register, key, "1000", line)
	if number != 0 {
		input["receiptNumber"] = number
	}
	return vars{"input": input}
}

// series is what a register tells of its numbers: the next, the last, and the gaps as from-to.
func (b *bundle) series(t testing.TB, register id.Register) string {
	t.Helper()
	a := b.post(t, b.owner(t), readSeries, vars{"id": register.String()}).ok(t)
	parts := []string{fmt.Sprint(a.at("register", "nextReceiptNumber"), " ", a.at("register", "lastReceiptNumber"))}
	gaps, _ := a.at("register", "receiptGaps", "nodes").([]any)
	for _, gap := range gaps {
		g, _ := gap.(vars)
		if g["missing"] != g["to"].(float64)-g["from"].(float64)+1 || g["since"] == nil {
			t.Errorf("a gap: %v", g)
		}
		if g["from"].(float64) < pgtest.GapFrom {
			parts = append(parts, fmt.Sprint(g["from"], "-", g["to"]))
		}
	}
	return strings.Join(parts, " ")
}

func (b *bundle) readSeries(t *testing.T, ask asker) {
	register := b.A.Stores[0].Registers[0]
	fields := strings.ReplaceAll(readSeries[len(`query($id: ID!) { register(id: $id) `):], "nodes {", "edges { cursor } pageInfo { hasNextPage } nodes {")
	a := ask(t, b.owner(t), `{ register(id: "`+register.ID.String()+`") `+fields)
	same(t, a.at("register", "nextReceiptNumber"), 2)
	same(t, a.at("register", "lastReceiptNumber"), 1)
	gap, _ := a.at("register", "receiptGaps", "nodes", 0).(vars)
	delete(gap, "since")
	same(t, gap, vars{"from": pgtest.GapFrom, "to": pgtest.GapTo, "missing": pgtest.GapTo - pgtest.GapFrom + 1})
	same(t, a.at("register", "receiptConflicts", "nodes"), []vars{{
		"id": register.Conflict, "receiptNumber": 1, "idempotencyKey": "twice acme", "total": kes("100.00"),
		"cashier":    vars{"name": "cashier1 of acme"},
		"occurredAt": b.when(t, "occurred_at", "receipt_conflicts", register.Conflict),
		"recordedAt": b.when(t, "recorded_at", "receipt_conflicts", register.Conflict),
		"register":   vars{"id": register.ID}, "sale": vars{"id": register.Sale, "receiptNumber": 1},
	}})
	ask(t, b.owner(t), `{ node(id: "`+register.Conflict.String()+`") { id ... on ReceiptConflict { receiptNumber } } }`)
	edges := `edges { cursor node { __typename } } pageInfo { hasNextPage }`
	ask(t, b.owner(t), `{ register(id: "`+register.ID.String()+`") { receiptGaps { `+edges+` } receiptConflicts { `+edges+` } } }`)
	// Another register's series is none of a register's business.
	other := ask(t, b.device(t, b.A, register), `{ register(id: "`+b.A.Stores[0].Registers[1].ID.String()+`") `+fields)
	same(t, other.at("register", "nextReceiptNumber"), nil)
	same(t, other.at("register", "lastReceiptNumber"), nil)
	same(t, other.at("register", "receiptGaps", "totalCount"), 0)
	same(t, other.at("register", "receiptConflicts", "totalCount"), 0)
}

// The till's numbers come in any order: what is left out is shown until it comes, and nothing is left when all have.
func TestReceiptNumbersOutOfOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till := b.till(t, b.A, "KES", 0, true)
	one := item(b.A.Products[1], "1")
	if got := b.series(t, till.register); got != "1 <nil>" {
		t.Errorf("before the first: %s", got)
	}
	for i, step := range []struct {
		given, number int
		series        string
	}{
		{3, 3, "4 3 1-2"},
		{0, 4, "5 4 1-2"},
		{10, 10, "11 10 1-2 5-9"},
		{7, 7, "11 10 1-2 5-6 8-9"},
		{1, 1, "11 10 2-2 5-6 8-9"},
		{11, 11, "12 11 2-2 5-6 8-9"},
		{0, 12, "13 12 2-2 5-6 8-9"},
		{9, 9, "13 12 2-2 5-6 8-8"},
		{2, 2, "13 12 5-6 8-8"},
		{8, 8, "13 12 5-6"},
		{5, 5, "13 12 6-6"},
		{6, 6, "13 12"},
		{0, 13, "14 13"},
	} {
		a := b.post(t, b.owner(t), recordNumber, numbered(till.register, step.given, fmt.Sprint(i), one)).done(t, "saleRecord")
		if n := a.at("saleRecord", "sale", "receiptNumber"); n != float64(step.number) {
			t.Errorf("step %d: number %v", i, n)
		}
		if got := b.series(t, till.register); got != step.series {
			t.Errorf("step %d: %s; want %s", i, got, step.series)
		}
		b.sound(t)
	}
	// The key answers with the sale that it made, whatever number that was, and another number is another sale.
	for i, given := range map[int]int{0: 3, 1: 0, 11: 6} {
		a := b.post(t, b.owner(t), recordNumber, numbered(till.register, given, fmt.Sprint(i), one)).done(t, "saleRecord")
		if want := max(given, 3+i%2); a.at("saleRecord", "sale", "receiptNumber") != float64(want) && given != 6 {
			t.Errorf("key %d: %s", i, a.Raw)
		}
	}
	for _, in := range []vars{numbered(till.register, 4, "0", one), numbered(till.register, 0, "0", one), numbered(till.register, 4, "1", one)} {
		b.post(t, b.owner(t), recordNumber, in).refused(t, "saleRecord", "sale", "IDEMPOTENCY_KEY_REUSED idempotencyKey")
	}
}

func TestReceiptNumberTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	register := store.Registers[0]
	one, device := item(b.A.Products[1], "2"), b.device(t, b.A, register)
	twice := numbered(register.ID, 1, "reinstalled", one)
	twice["input"].(vars)["occurredAt"] = "2026-03-01T10:00:00Z"
	before := b.books(t)
	for range 3 {
		// A till that tries again is refused again, and is one conflict.
		a := b.post(t, device, recordNumber, twice)
		a.refused(t, "saleRecord", "sale", "RECEIPT_NUMBER_TAKEN receiptNumber")
		if a.at("saleRecord", "userErrors", 0, "nextReceiptNumber") != 2.0 {
			t.Error(a.Raw)
		}
	}
	after := b.books(t)
	for i := range before {
		if before[i] != after[i] && !slices.Contains([]string{"receipt_conflicts", "audit_events"}, firstWord(before[i])) {
			t.Errorf("something was written: %s is now %s", before[i], after[i])
		}
	}
	b.post(t, b.cashier(t, 0), recordNumber, numbered(register.ID, 1, "another key", one)).
		refused(t, "saleRecord", "sale", "RECEIPT_NUMBER_TAKEN receiptNumber")
	a := b.post(t, b.manager(t), readSeries, vars{"id": register.ID.String()}).ok(t)
	same(t, a.at("register", "receiptConflicts", "totalCount"), 3) // and the fixture's
	for i, want := range []vars{
		{"idempotencyKey": "another key", "cashier": vars{"name": "cashier1 of acme"}, "total": kes("200.00"), "receiptNumber": 1},
		{"idempotencyKey": "reinstalled", "cashier": nil, "total": kes("200.00"), "receiptNumber": 1, "occurredAt": "2026-03-01T10:00:00Z"},
	} {
		got, _ := a.at("register", "receiptConflicts", "nodes", i).(vars)
		for key, value := range want {
			same(t, got[key], value)
		}
		same(t, got["sale"], vars{"id": register.Sale, "receiptNumber": 1})
	}
	// The same number elsewhere is another register's business.
	for _, other := range []id.Register{store.Registers[1].ID, b.A.Stores[1].Registers[0].ID} {
		b.post(t, b.owner(t), recordNumber, numbered(other, 2, "k", one)).done(t, "saleRecord")
	}
	// The sale that was refused is sold under the next free number.
	free := numbered(register.ID, 2, "reinstalled", one)
	b.post(t, device, recordNumber, free).done(t, "saleRecord")
	b.sound(t)
	b.logs.quiet(t)
}

func TestReceiptNumberRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register, one := b.A.Stores[0].Registers[0].ID, item(b.A.Products[1], "1")
	before := b.books(t)
	for number, want := range map[int]string{
		-1: "INVALID receiptNumber", 2_000_000_001: "INVALID receiptNumber",
		2_147_483_647: "INVALID receiptNumber", 10_000_003: "TOO_LARGE receiptNumber",
	} {
		b.post(t, b.owner(t), recordNumber, numbered(register, number, "k", one)).refused(t, "saleRecord", "sale", want)
	}
	zero := numbered(register, 1, "k", one)
	zero["input"].(vars)["receiptNumber"] = 0
	zero["input"].(vars)["payments"] = []vars{pay("CASH", "0")}
	b.post(t, b.owner(t), recordNumber, zero).refused(t, "saleRecord", "sale", "INVALID receiptNumber", "AMOUNT_NOT_POSITIVE payments.0.amount")
	// What is refused for something else is no conflict of numbers.
	poor := numbered(register, 1, "k", one)
	poor["input"].(vars)["payments"] = []vars{pay("CASH", "1")}
	b.post(t, b.owner(t), recordNumber, poor).refused(t, "saleRecord", "sale", "PAYMENT_TOO_SMALL payments")
	b.unchanged(t, before)
	b.post(t, b.owner(t), recordNumber, numbered(register, 10_000_002, "k", one)).done(t, "saleRecord")
	if got := b.series(t, register); got != "1.0000003e+07 1.0000002e+07 2-1.0000001e+07" {
		t.Error(got)
	}
}

// A till that was offline sends what it sold all at once, some of it twice, while others sell at the register online:
// every number is there once, and what remains missing is what nobody sent.
func TestReceiptNumbersAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till, one := b.till(t, b.A, "KES", 0, true), item(b.A.Products[1], "1")
	const offline = 40
	owner := b.owner(t)
	var sales []vars
	for n := 1; n <= offline; n++ {
		sales = append(sales, numbered(till.register, n, fmt.Sprint("offline ", n), one))
		if n%4 == 0 {
			sales = append(sales, numbered(till.register, n, fmt.Sprint("offline ", n), one))
		}
	}
	send := func() {
		t.Helper()
		rand.Shuffle(len(sales), func(i, j int) { sales[i], sales[j] = sales[j], sales[i] })
		for _, a := range together(t, len(sales), func(i int) (*answer, error) {
			return b.ask(t.Context(), owner, recordNumber, sales[i])
		}) {
			a.done(t, "saleRecord")
		}
		b.sound(t)
	}
	send()
	if got := b.series(t, till.register); got != fmt.Sprint(offline+1, " ", offline) {
		t.Errorf("all came, and the series is %s", got)
	}
	// Another till numbers from 101 in the same series, and sales without a number take the next, whatever it is.
	sales = nil
	for n := range offline / 2 {
		sales = append(sales, numbered(till.register, 101+n, fmt.Sprint("other ", n), one),
			numbered(till.register, 0, fmt.Sprint("online ", n), one))
	}
	rand.Shuffle(len(sales), func(i, j int) { sales[i], sales[j] = sales[j], sales[i] })
	taken := 0
	for _, a := range together(t, len(sales), func(i int) (*answer, error) {
		return b.ask(t.Context(), owner, recordNumber, sales[i])
	}) {
		switch codes := a.ok(t).codes("saleRecord"); {
		case len(codes) == 0:
		case slices.Equal(codes, []string{"RECEIPT_NUMBER_TAKEN receiptNumber"}):
			taken++
		default:
			t.Error(a.Raw)
		}
	}
	b.sound(t)
	sold := pgtest.Value[int](t, b.db, "select count(*) from sales where register_id = $1", till.register.UUID())
	conflicts := pgtest.Value[int](t, b.db, "select count(*) from receipt_conflicts where register_id = $1", till.register.UUID())
	if sold != offline+len(sales)-taken || conflicts != taken {
		t.Errorf("%d sales and %d conflicts of %d, %d taken", sold, conflicts, len(sales), taken)
	}
}

// Two sales under one number at once: one has it, the other one is a conflict.
func TestReceiptNumberTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till, one := b.till(t, b.A, "KES", 0, true), item(b.A.Products[1], "1")
	owner := b.owner(t)
	for n := 1; n <= 10; n++ {
		sold := 0
		for _, a := range together(t, 4, func(i int) (*answer, error) {
			return b.ask(t.Context(), owner, recordNumber, numbered(till.register, 3*n, fmt.Sprint(n, " ", i), one))
		}) {
			if codes := a.ok(t).codes("saleRecord"); len(codes) == 0 {
				sold++
			} else if !slices.Equal(codes, []string{"RECEIPT_NUMBER_TAKEN receiptNumber"}) {
				t.Error(a.Raw)
			}
		}
		if sold != 1 {
			t.Fatalf("%d sales with the number %d", sold, 3*n)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from receipt_conflicts where register_id = $1", till.register.UUID()); n != 30 {
		t.Errorf("%d conflicts", n)
	}
	b.sound(t)
	b.logs.quiet(t)
}

// A sale that fails when all of it is written but the commit leaves neither a gap nor a number behind.
func TestFailedSaleLeavesNoGap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till, one := b.till(t, b.A, "KES", 0, true), item(b.A.Products[1], "1")
	b.post(t, b.owner(t), recordNumber, numbered(till.register, 5, "first", one)).done(t, "saleRecord")
	b.db.Exec(t, `create function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`)
	b.db.Exec(t, `create constraint trigger fail after insert on sales deferrable initially deferred for each row execute function fail()`)
	before := b.books(t)
	for i, number := range []int{0, 3, 9, 6} {
		if a := b.post(t, b.owner(t), recordNumber, numbered(till.register, number, fmt.Sprint(i), one)); a.code() != "INTERNAL" {
			t.Errorf("number %d: %s", number, a.Raw)
		}
	}
	b.unchanged(t, before)
	b.db.Exec(t, "drop trigger fail on sales")
	if got := b.series(t, till.register); got != "6 5 1-4" {
		t.Error(got)
	}
	for i, number := range []int{0, 3} {
		b.post(t, b.owner(t), recordNumber, numbered(till.register, number, fmt.Sprint(i), one)).done(t, "saleRecord")
	}
	if got := b.series(t, till.register); got != "7 6 1-2 4-4" {
		t.Error(got)
	}
	b.sound(t)
}

// Whatever numbers come in whatever order, the register tells what a list of them would.
func TestSeriesProperty(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, owner := item(b.A.Products[1], "1"), b.owner(t)
	rapid.Check(t, func(rt *rapid.T) {
		till := b.till(t, b.A, "KES", 0, true)
		have, highest := map[int]bool{}, 0
		for i, given := range rapid.SliceOfN(rapid.IntRange(0, 15), 1, 12).Draw(rt, "numbers") {
			a := b.post(t, owner, recordNumber, numbered(till.register, given, fmt.Sprint(i), one)).ok(t)
			number := given
			if given == 0 {
				number = highest + 1
			}
			if have[number] {
				a.refused(t, "saleRecord", "sale", "RECEIPT_NUMBER_TAKEN receiptNumber")
				continue
			}
			if n := a.done(t, "saleRecord").at("saleRecord", "sale", "receiptNumber"); n != float64(number) {
				rt.Fatalf("number %v; want %d", n, number)
			}
			have[number], highest = true, max(highest, number)
		}
		want := fmt.Sprint(highest+1, " ", highest)
		for n := 1; n < highest; n++ {
			if have[n] {
				continue
			}
			from := n
			for !have[n+1] {
				n++
			}
			want += fmt.Sprint(" ", from, "-", n)
		}
		if got := b.series(t, till.register); got != want {
			rt.Fatalf("%s; want %s", got, want)
		}
	})
	b.sound(t)
}

// Pages of gaps go through all of them, and many registers cost as many statements as one.
func TestReceiptGapPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till, one := b.till(t, b.A, "KES", 0, true), item(b.A.Products[1], "1")
	for n := 2; n <= 10; n += 2 {
		b.post(t, b.owner(t), recordNumber, numbered(till.register, n, fmt.Sprint(n), one)).done(t, "saleRecord")
	}
	query := `query($id: ID!, $after: String) { register(id: $id) { receiptGaps(first: 2, after: $after) {
		totalCount nodes { from } pageInfo { hasNextPage endCursor } } } }`
	var from []any
	var after any
	for {
		a := b.post(t, b.owner(t), query, vars{"id": till.register.String(), "after": after}).ok(t)
		same(t, a.at("register", "receiptGaps", "totalCount"), 5)
		nodes, _ := a.at("register", "receiptGaps", "nodes").([]any)
		for _, node := range nodes {
			from = append(from, node.(vars)["from"])
		}
		if a.at("register", "receiptGaps", "pageInfo", "hasNextPage") != true {
			break
		}
		after = a.at("register", "receiptGaps", "pageInfo", "endCursor")
	}
	same(t, from, []int{1, 3, 5, 7, 9})
	many := `query($id: ID!) { a: registers { totalCount } registers(first: %d) { nodes { nextReceiptNumber lastReceiptNumber
		receiptGaps { totalCount nodes { from } } receiptConflicts { totalCount nodes { sale { id } register { id } cashier { id } } } } }
		register(id: $id) { id } }`
	var costs []cost
	for _, n := range []int{2, 5} { // one with conflicts, and four
		costs = append(costs, b.post(t, b.owner(t), fmt.Sprintf(many, n), vars{"id": till.register.String()}).ok(t).cost)
	}
	if costs[0] != costs[1] {
		t.Errorf("%+v for two registers, %+v for five", costs[0], costs[1])
	}
}

// A number of the till's own costs no further round trip.
func TestGivenNumberCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	till, one := b.till(t, b.A, "KES", 0, true), item(b.A.Products[1], "1")
	b.everywhere(t, b.A)
	b.warm(t, till.register)
	sell := func(number int, more int64) {
		t.Helper()
		in := numbered(till.register, number, fmt.Sprint(number), one)
		a := b.post(t, b.owner(t), recordNumber, in).done(t, "saleRecord")
		want := recording
		want.Statements += more
		if a.cost != want {
			t.Errorf("number %d: %+v; want %+v", number, a.cost, want)
		}
	}
	// Nothing is taxed here, which is a statement less.
	sell(1, 2) // the lock, the gap and the taken one instead of the counter; the counter
	sell(9, 3) // and the gap
	sell(5, 3) // two gaps for one
	sell(2, 3)
	sell(3, 3)
	sell(4, 2) // the gap is closed
}
