package seed

import (
	"fmt"
	"math"
	"strings"

	"github.com/tillgraph/tillgraph/internal/money"
)

// market is where a bulk company trades.
type market struct {
	country               string
	currency              money.Currency
	zones, places, people []string
	names                 []string
	rate                  money.PPM
	inclusive             bool
	coins                 []int64
	mix                   paymentMix
	// factor turns shillings of Kenya into minor units, and step is what prices are multiples of.
	factor float64
	step   int64
}

func (m market) round(price float64) int64 {
	return max(1, int64(math.Round(price/float64(m.step)))) * m.step
}

// bulkMarkets have currencies with 0, 2 and 3 decimals, and taxes inside prices and on top of them.
func bulkMarkets() []market {
	return []market{
		{
			country: "KE", currency: "KES", zones: []string{nairobi}, rate: kenyaVAT, inclusive: true,
			coins: kenyaCoins(), mix: paymentMix{42, 8, 50}, factor: 100, step: 100,
			places: []string{"Kilimani", "Nakuru", "Kisumu", "Eldoret", "Thika", "Nyali", "Karen", "Ruiru"},
			people: []string{"Wanjiku Mwangi", "David Kariuki", "Halima Abdi", "Joseph Mutua", "Esther Chebet"},
			names:  []string{"Uhuru", "Jirani", "Baraka", "Twiga", "Maisha"},
		},
		{
			country: "UG", currency: "UGX", zones: []string{"Africa/Kampala"}, rate: 180_000, inclusive: true,
			coins: []int64{100, 1000, 2000, 5000, 10_000, 20_000, 50_000}, mix: paymentMix{60, 5, 35}, factor: 28, step: 100,
			places: []string{"Ntinda", "Entebbe", "Jinja", "Mbarara", "Gulu", "Kabalagala"},
			people: []string{"Sarah Nakato", "Moses Okello", "Ruth Namuli", "Isaac Ssemwogerere"},
			names:  []string{"Pearl", "Nile", "Kampala", "Mirembe"},
		},
		{
			country: "US", currency: "USD", zones: []string{"America/New_York", "America/Chicago", "America/Los_Angeles"},
			rate: 88_750, coins: []int64{1, 100, 500, 1000, 2000, 5000}, mix: paymentMix{20, 80, 0}, factor: 2.2, step: 1,
			places: []string{"Downtown", "Riverside", "Oak Street", "Harbor", "Mission", "Elm Park"},
			people: []string{"Jordan Blake", "Maria Lopez", "Sam Chen", "Alicia Green"},
			names:  []string{"Maple", "Harvest", "Union", "Bluebird"},
		},
		{
			country: "KW", currency: "KWD", zones: []string{"Asia/Kuwait"}, inclusive: true,
			coins: []int64{5, 250, 500, 1000, 5000, 10_000}, mix: paymentMix{40, 60, 0}, factor: 2.4, step: 5,
			places: []string{"Salmiya", "Hawalli", "Jahra", "Fahaheel"},
			people: []string{"Yousef Hamad", "Noor Khalid", "Layla Nasser", "Omar Fahad"},
			names:  []string{"Gulf", "Pearl", "Oasis", "Sadu"},
		},
	}
}

func bulkTrades() []string {
	return []string{"Mart", "Supermarket", "Grocers", "Pharmacy", "Hardware", "Stores", "Traders"}
}

// bulkProducts makes variants of the demo's products: the same thing by several makers. Their popularity follows
// Zipf's law, in an order of the company's own.
func bulkProducts(d dice, m market, count int) []productSpec {
	base, makers := kenyaProducts(), bulkMakers()
	products := make([]productSpec, 0, count)
	ranks := d.Perm(count)
	for i := range count {
		p, maker := base[i%len(base)], makers[(i/len(base))%len(makers)]
		p.name = maker + " " + p.name
		p.sku = fmt.Sprintf("%s-%s-%04d", p.sku, strings.ToUpper(maker[:3]), i+1)
		p.price = m.round(float64(p.price) / shillings * m.factor * (0.75 + 0.6*d.Float64()))
		p.popularity = 1 + 1_000_000/(ranks[i]+10)
		if d.chance(0.01) && i > 0 {
			p.popularity = 0
		}
		products = append(products, p)
	}
	return products
}

func bulkMakers() []string {
	return []string{
		"Acacia", "Bahari", "Cedar", "Duma", "Ember", "Falcon", "Garnet", "Horizon", "Indigo", "Juniper", "Kilele",
		"Lagoon", "Marula", "Nova", "Orchid", "Prairie",
	}
}
