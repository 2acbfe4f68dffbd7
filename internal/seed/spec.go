package seed

import (
	"time"

	"github.com/tillgraph/tillgraph/internal/money"
)

// companySpec says what a company is like, before it has ids.
type companySpec struct {
	slug, name, country string
	currency            money.Currency
	// coins are the amounts that customers pay with, smallest first, in minor units.
	coins    []int64
	stores   []storeSpec
	people   []personSpec
	products []productSpec

	customers []customerSpec
	giftCards []giftCardSpec
	labels    labelSpec
	loyalty   loyaltySpec
	tills     tillSpec
}

type storeSpec struct {
	code, name, zone, address, phone string
	rate                             money.PPM
	inclusive                        bool
	registers                        int
	// sales is how many are made in the whole period.
	sales int64
	// prices are those that differ in this store, by SKU.
	prices map[string]int64
	mix    paymentMix
}

// paymentMix weighs cash, card and mobile money.
type paymentMix [3]int

type personSpec struct {
	// local stands before the @ of the e-mail address.
	local, name, role string
	// stores are the codes of those the person works in; owners have none.
	stores []string
	// sells says that the person stands at a till. An owner who does sells in every store.
	sells bool
	// sees is for people who try the demo.
	sees string
}

type productSpec struct {
	sku, name string
	// category is a path, as in "Food/Bakery".
	category string
	unit     string
	// price is in minor units.
	price   int64
	taxable bool
	// popularity weighs how often it is bought; 0 is archived and never sold.
	popularity int
}

// period is the time in which a company sells.
type period struct {
	// days is how many, the last of them the day of until.
	days  int
	until time.Time
	// whole says that the last day is over everywhere, whatever until says of its hours.
	whole bool
}

// covers says whether something that was to happen has happened.
func (p period) covers(at time.Time) bool { return p.whole || !at.After(p.until) }

// opened is when the company and all it has came to be: a day or two before the first sale, and the same at
// whatever time of its last day the period ends.
func (p period) opened() time.Time {
	return p.until.UTC().Truncate(24*time.Hour).AddDate(0, 0, -p.days-1)
}
