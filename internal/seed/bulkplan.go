package seed

import (
	"fmt"
	"math"

	"github.com/tillgraph/tillgraph/internal/money"
)

const (
	maxBulkStores   = 50
	minBulkProducts = 50
	maxBulkProducts = 2000
)

// bulkPlan is the size of a company.
type bulkPlan struct {
	number, stores, products int
	sales                    int64
}

func (p bulkPlan) slug() string { return fmt.Sprintf("bulk-%04d", p.number) }

// planBulk shares sales among companies as in trade: stores fall with the rank as Zipf's law has it, with 50 for the
// first where there are enough companies, and sales go by stores, give or take.
func planBulk(seed uint64, companies int, sales int64) []bulkPlan {
	d := newDice(seed, purposePlan)
	largest := float64(min(maxBulkStores, 2*companies))
	plans, weights := make([]bulkPlan, companies), make([]int64, companies)
	for i := range plans {
		stores := max(1, int(math.Round(largest/math.Pow(float64(i+1), 1.2))))
		products := minBulkProducts + d.IntN(250) + 36*(stores-1)
		plans[i] = bulkPlan{number: i + 1, stores: stores, products: min(products, maxBulkProducts)}
		weights[i] = int64(1e6 * float64(stores) * d.around(0.5))
	}
	for i, share := range money.Allocate(sales, weights) {
		plans[i].sales = share
	}
	return plans
}

// spec makes a company of that size up.
func (p bulkPlan) spec(d dice) companySpec {
	m := pick(d, bulkMarkets())
	spec := companySpec{
		slug: p.slug(), name: fmt.Sprintf("%s %s %04d", pick(d, m.names), pick(d, bulkTrades()), p.number),
		country: m.country, currency: m.currency, coins: m.coins,
		people:   []personSpec{{local: "owner", name: pick(d, m.people), role: roleOwner, sells: p.stores == 1}},
		products: bulkProducts(d, m, p.products),
	}
	weights := make([]int64, p.stores)
	for i := range weights {
		weights[i] = int64(1e6 * d.around(0.4))
	}
	for i, share := range money.Allocate(p.sales, weights) {
		spec.stores = append(spec.stores, p.store(d, m, i+1, share, spec.products))
		spec.people = append(spec.people, p.staff(d, m, i+1)...)
	}
	return spec
}

func (p bulkPlan) store(d dice, m market, number int, sales int64, products []productSpec) storeSpec {
	s := storeSpec{
		code: bulkStoreCode(number), name: fmt.Sprintf("%s %d", pick(d, m.places), number), zone: pick(d, m.zones),
		rate: m.rate, inclusive: m.inclusive, registers: 1, sales: sales, mix: m.mix,
	}
	if p.stores == 1 {
		return s
	}
	s.registers += d.IntN(4)
	s.prices = map[string]int64{}
	for _, v := range products {
		if d.chance(0.03) {
			s.prices[v.sku] = m.round(float64(v.price) * (0.9 + 0.25*d.Float64()))
		}
	}
	return s
}

// staff are the people of one store: a manager in chains, and a cashier or two.
func (p bulkPlan) staff(d dice, m market, store int) []personSpec {
	code := []string{bulkStoreCode(store)}
	people := []personSpec{{
		local: fmt.Sprintf("cashier.%d", store), name: pick(d, m.people), role: roleCashier, stores: code, sells: true,
	}}
	if p.stores > 1 {
		people = append(people,
			personSpec{local: fmt.Sprintf("manager.%d", store), name: pick(d, m.people), role: roleManager, stores: code},
			personSpec{
				local: fmt.Sprintf("cashier2.%d", store), name: pick(d, m.people), role: roleCashier, stores: code,
				sells: true,
			})
	}
	return people
}

func bulkStoreCode(number int) string { return fmt.Sprintf("S%02d", number) }
