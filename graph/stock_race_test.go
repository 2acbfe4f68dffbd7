package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const sellScarce = `mutation($input: SaleRecordInput!) { saleRecord(input: $input) {
	sale { id cost { amount } margin { amount } lines { cost { amount } margin { amount } } }
	userErrors { code field message quantityAvailable } } }`

func (b *bundle) receive(t testing.TB, store id.Store, product id.Product, quantity, cost string) {
	t.Helper()
	a := b.post(t, b.manager(t), receiveStock,
		stockInput(store, id.New[id.Product]().String(), nil, stockLine(product, "quantity", quantity, "unitCost", cost))).ok(t)
	if codes := a.codes("stockReceive"); len(codes) > 0 {
		t.Fatal(a.Raw)
	}
}

// The last unit is sold from two tills at once: exactly one sells it, and the other is told that there is none.
func TestTheLastUnitFromTwoTills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0]
	b.db.Exec(t, "update company_settings set negative_stock_allowed = false")
	scarce := b.product(t, b.A, goods{price: 100})
	manager := b.manager(t)
	const rounds = 15
	for round := range rounds {
		b.receive(t, store.ID, scarce, "1", "0.4")
		answers := together(t, 2, func(i int) (*answer, error) {
			return b.ask(t.Context(), manager, sellScarce, vars{"input": order(store.Registers[i].ID, fmt.Sprint(round), "1", item(scarce, "1"))})
		})
		sold := 0
		for _, a := range answers {
			switch codes := a.ok(t).codes("saleRecord"); {
			case len(codes) == 0:
				sold++
				same(t, a.at("saleRecord", "sale", "cost"), vars{"amount": "0.40"})
			case slices.Equal(codes, []string{"STOCK_INSUFFICIENT lines.0.quantity"}):
				same(t, a.at("saleRecord", "userErrors", 0, "quantityAvailable"), "0")
			default:
				t.Error(a.Raw)
			}
		}
		if sold != 1 {
			t.Fatalf("round %d: %d sold the last one", round, sold)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from sale_lines where product_id = $1", scarce.UUID()); n != rounds {
		t.Errorf("%d were sold, of %d", n, rounds)
	}
	b.sound(t)
	b.logs.quiet(t)
}

// Where negative stock is refused, lines of one product count together, what is put aside is not for sale, and the
// product's own word goes before the company's.
func TestNegativeStock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, manager := b.A.Stores[0], b.manager(t)
	scarce, plenty := b.product(t, b.A, goods{price: 100}), b.product(t, b.A, goods{price: 100})
	service := b.product(t, b.A, goods{price: 100})
	b.db.Exec(t, "update products set type = 'SERVICE', cost = 30 where id = $1", service.UUID())
	b.receive(t, store.ID, scarce, "5", "0.50")
	sell := func(key string, lines ...vars) *answer {
		return b.post(t, manager, sellScarce, vars{"input": order(store.Registers[0].ID, key, "1000", lines...)}).ok(t)
	}
	b.db.Exec(t, "update company_settings set negative_stock_allowed = false")
	b.db.Exec(t, "update inventory_levels set reserved = 1000 where product_id = $1", scarce.UUID())
	books := b.books(t)
	a := sell("1", item(scarce, "2"), item(service, "9"), item(scarce, "3"), item(plenty, "1"))
	if codes := a.codes("saleRecord"); !slices.Equal(codes, []string{
		"STOCK_INSUFFICIENT lines.0.quantity", "STOCK_INSUFFICIENT lines.2.quantity", "STOCK_INSUFFICIENT lines.3.quantity",
	}) {
		t.Errorf("%q", codes)
	}
	for i, want := range []string{"4", "4", "0"} {
		same(t, a.at("saleRecord", "userErrors", i, "quantityAvailable"), want)
	}
	b.unchanged(t, books)
	b.db.Exec(t, "update products set negative_stock_allowed = true where id = $1", plenty.UUID())
	a = sell("2", item(scarce, "2"), item(service, "9"), item(scarce, "2"), item(plenty, "1"))
	if codes := a.codes("saleRecord"); len(codes) > 0 {
		t.Fatal(a.Raw)
	}
	same(t, a.at("saleRecord", "sale", "cost"), nil) // what was never received has no cost
	same(t, a.at("saleRecord", "sale", "lines", 0, "cost"), vars{"amount": "1.00"})
	same(t, a.at("saleRecord", "sale", "lines", 1, "cost"), vars{"amount": "2.70"})
	same(t, a.at("saleRecord", "sale", "lines", 3, "cost"), nil)
	if n := pgtest.Value[int](t, b.db, "select count(*) from inventory_levels where product_id = $1", service.UUID()); n != 0 {
		t.Error("a service has a level")
	}
	b.db.Exec(t, "update company_settings set negative_stock_allowed = true")
	b.db.Exec(t, "update products set negative_stock_allowed = false where id = $1", plenty.UUID())
	if codes := sell("3", item(plenty, "1"), item(scarce, "100")).codes("saleRecord"); !slices.Equal(codes, []string{"STOCK_INSUFFICIENT lines.0.quantity"}) {
		t.Errorf("%q", codes)
	}
}

// Sales, deliveries, adjustments and voids of the same products at once, in every order: each level is the sum of its
// movements, each history carries on, and none waited for another in a circle.
func TestStockMovesAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, manager := b.A.Stores[0], b.manager(t)
	products := b.manyProducts(t, b.A, 6)
	lines := func(i int, of func(id.Product) vars) []vars {
		list := make([]vars, len(products))
		for j := range products {
			list[j] = of(products[(i+j)%len(products)])
		}
		if i%2 == 1 {
			slices.Reverse(list)
		}
		return list
	}
	sales := make([]any, 20)
	for i := range sales {
		sales[i] = b.sell(t, manager, order(store.Registers[0].ID, fmt.Sprint("before", i), "6",
			lines(i, func(p id.Product) vars { return item(p, "1") })...)).at("saleRecord", "sale", "id")
	}
	const requests = 80
	fields := []string{"saleRecord", "stockReceive", "stockAdjust", "saleVoid"}
	answers := together(t, requests, func(i int) (*answer, error) {
		key := fmt.Sprint("k", i)
		switch i % 4 {
		case 0:
			return b.ask(t.Context(), manager, recordBare, vars{"input": order(store.Registers[i/4%2].ID, key, "12",
				lines(i, func(p id.Product) vars { return item(p, "2") })...)})
		case 1:
			return b.ask(t.Context(), manager, receiveStock, stockInput(store.ID, key, nil,
				lines(i, func(p id.Product) vars { return stockLine(p, "quantity", "5", "unitCost", fmt.Sprint(1+i%7)) })...))
		case 2:
			return b.ask(t.Context(), manager, adjustStock, stockInput(store.ID, key, vars{"reason": "EXPIRED"},
				lines(i, func(p id.Product) vars { return stockLine(p, "change", "-1") })...))
		default:
			return b.ask(t.Context(), manager, voidSale, vars{"id": sales[i/4], "reason": "wrong"})
		}
	})
	for i, a := range answers {
		if codes := a.ok(t).codes(fields[i%4]); len(codes) > 0 {
			t.Fatal(a.Raw)
		}
	}
	// 20 sold before and voided; 20 times two sold, five received, one taken away.
	if n := pgtest.Value[int](t, b.db, "select count(*) from inventory_levels where quantity = 40000 and movement_count = 100"); n != len(products) {
		t.Errorf("%d of %d levels are right", n, len(products))
	}
	// The average lies between what was paid, and is that of the history in its order.
	if n := pgtest.Value[int](t, b.db, `select count(*) from inventory_levels where movement_count = 100 and average_cost not between 1000000 and 7000000`); n != 0 {
		t.Errorf("%d averages are beyond what was paid", n)
	}
	b.sound(t)
	b.logs.quiet(t)
}

// The same key at once is one change, and a key is a store's own.
func TestStockKeysAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	product := b.product(t, b.A, goods{price: 100})
	owner := b.owner(t)
	answers := together(t, 12, func(i int) (*answer, error) {
		return b.ask(t.Context(), owner, receiveStock, stockInput(b.A.Stores[i%2].ID, "one", nil, stockLine(product, "quantity", "3", "unitCost", "1")))
	})
	for i, a := range answers {
		if codes := a.ok(t).codes("stockReceive"); len(codes) > 0 || a.at("stockReceive", "levels", 0, "quantity") != "3" {
			t.Errorf("%d: %s", i, a.Raw)
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from stock_movements where product_id = $1", product.UUID()); n != 2 {
		t.Errorf("%d movements", n)
	}
	b.sound(t)
	b.logs.quiet(t)
}
