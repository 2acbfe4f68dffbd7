package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// ErrNothingToMeasure says that the database isn't one to measure on.
var ErrNothingToMeasure = errors.New("fill a database first: seed --companies 200 --sales 1000000")

// ErrNotMade says that a database holds a company that wasn't made to be measured: sales are recorded.
var ErrNotMade = errors.New("the database holds a company that seed didn't make, and measuring records sales")

func errorsIsNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// Request is a kind of request that both are measured with.
type Request struct {
	Name, What string
	// Goal is the share of the limit's requests a second that the server is to reach, in percent.
	Goal     int
	document string
	// variables are those of the document for a shop; the limit reads them as well.
	variables func(s *Shop, r *rand.Rand) map[string]any
	// unordered says that the rows of the answer may come in any order.
	unordered bool
	limit     query
	// change is the limit of what writes, in place of limit. Each such request has a key of its own, and what is made anew
	// each time, its id and its number, isn't compared.
	change change
	// types and stores are what the record of an access names: those that were asked for, and those whose rows were read.
	types  []string
	stores func(s scope, v map[string]string) []uuid.UUID
}

// What a sale is of: so many of each product, paid with far too much cash, in units of the currency.
const (
	saleQuantity = 2
	saleTendered = 10_000_000
)

// saleGoodsNames are the variables of a sale's products.
func saleGoodsNames() []string { return []string{"a", "b", "c"} }

// freshKey stands where a request gets a key of its own when it is sent. It is as long as those are.
const freshKey = "the-key-of-this-very-request-is-here"

// Requests are all kinds, by the names that they have in the design of the product's performance.
func Requests() []Request {
	store := func(s *Shop, _ *rand.Rand) map[string]any { return map[string]any{"id": id.Store(s.Store).String()} }
	return []Request{
		{
			Name: "Q1", What: "one product by its id", Goal: 60, limit: limitProduct,
			types: []string{"Product"}, stores: noStore,
			document: `query Q1($id: ID!) { product(id: $id) { id name sku basePrice { amount currencyCode } } }`,
			variables: func(s *Shop, r *rand.Rand) map[string]any {
				return map[string]any{"id": id.Product(s.Products[r.IntN(len(s.Products))]).String()}
			},
		},
		{
			Name: "Q2", What: "the 50 newest sales of a store", Goal: 70, limit: limitSales, variables: store,
			types: []string{"Sale"}, stores: askedStore,
			document: `query Q2($id: ID!) { sales(first: 50, filter: {storeId: $id}) { nodes { id receiptNumber occurredAt
				total { amount currencyCode } } } }`,
		},
		{
			Name: "Q3", What: "the same with store, register, cashier, lines and their products", Goal: 90, limit: limitSalesDeep,
			variables: store, types: []string{"Product", "Register", "Sale", "SaleLine", "Store", "User"}, stores: askedStore,
			document: `query Q3($id: ID!) { sales(first: 50, filter: {storeId: $id}) { nodes { id receiptNumber occurredAt
				total { amount currencyCode } store { id name } register { id name } cashier { id name }
				lines { id lineNumber quantity total { amount currencyCode } product { id name sku } } } } }`,
		},
		{
			Name: "Q4", What: "30 days by store, of all stores of a company", Goal: 80, limit: limitReport, unordered: true,
			types: []string{"SalesReport", "SalesReportFigures", "SalesReportGroup", "SalesReportRow", "Store"}, stores: everyStore,
			document: `query Q4($from: Date!, $to: Date!) { salesReport(input: {from: $from, to: $to, groupBy: [DAY, STORE]}) {
				report { rows(first: 20000) { group { day store { id } } figures { net { amount currencyCode } saleCount } } } } }`,
			variables: func(s *Shop, _ *rand.Rand) map[string]any {
				return map[string]any{"from": s.From.Format(time.DateOnly), "to": s.To.Format(time.DateOnly)}
			},
		},
		{
			Name: "Q5", What: "stores, their registers, 5 last sales each, lines, product", Goal: 65, limit: limitTree,
			types: []string{"Product", "Register", "Sale", "SaleLine", "Store"}, stores: everyStore,
			variables: func(*Shop, *rand.Rand) map[string]any { return map[string]any{} },
			document: `query Q5 { stores(first: 10) { nodes { id name registers(first: 4) { nodes { id name
				sales(first: 5) { nodes { id receiptNumber lines { id quantity product { id name } } } } } } } } }`,
		},
		{
			Name: "M1", What: "a sale of 3 lines, with stock, number and idempotency key", Goal: 85, change: sell,
			types: []string{"Sale"}, stores: registersStore,
			variables: func(s *Shop, r *rand.Rand) map[string]any {
				v := map[string]any{"key": freshKey, "register": id.Register(s.Register).String()}
				for i, n := range r.Perm(len(s.Products))[:len(saleGoodsNames())] {
					v[saleGoodsNames()[i]] = id.Product(s.Products[n]).String()
				}
				return v
			},
			document: fmt.Sprintf(`mutation M1($key: String!, $register: ID!, $a: ID!, $b: ID!, $c: ID!) { saleRecord(input: {
				idempotencyKey: $key, registerId: $register, payments: [{method: CASH, amount: "%[1]d"}], lines: [
				{productId: $a, quantity: "%[2]d"}, {productId: $b, quantity: "%[2]d"}, {productId: $c, quantity: "%[2]d"}]}) {
				sale { id receiptNumber subtotal { amount currencyCode } tax { amount currencyCode } total { amount currencyCode }
				change { amount currencyCode } } userErrors { code field } } }`, saleTendered, saleQuantity),
		},
	}
}

// body is what is posted to the server.
func (q Request) body(variables map[string]any) ([]byte, error) {
	text, err := json.Marshal(map[string]any{"query": q.document, "operationName": q.Name, "variables": variables})
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	return text, nil
}
