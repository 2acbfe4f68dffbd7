package seed

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// company is a companySpec with ids: what the tables hold, apart from the sales.
type company struct {
	companySpec
	id         uuid.UUID
	opened     time.Time
	categories []category
	products   []product
	stores     []*store
	people     []person
	brands     []label
	suppliers  []label
	groups     []label
	buyers     []buyer
	// closes is when the demo's own sales are over; zero for companies that are made for measuring.
	closes time.Time
	// bought weighs the products by popularity.
	bought wheel
	// number spreads the random numbers of companies.
	number int
	// ids makes those of what hangs on nothing else.
	ids   *idMaker
	taxes []taxCategory
}

// measured says that a company is made for measuring.
func (c *company) measured() bool { return c.closes.IsZero() }

type category struct {
	id     uuid.UUID
	parent *uuid.UUID
	path   string
}

func (c category) name() string { return c.path[strings.LastIndex(c.path, "/")+1:] }

type product struct {
	productSpec
	id, category    uuid.UUID
	taxCategory     *uuid.UUID
	brand, supplier *uuid.UUID
	barcode         string
	// item is the number by which scales know it.
	item int
}

type store struct {
	storeSpec
	id uuid.UUID
	// taxes are ids of the rates by which the store differs from the company, one a category; none where it doesn't.
	taxes     []uuid.UUID
	zone      *time.Location
	registers []uuid.UUID
	cashiers  []uuid.UUID
	// number spreads the random numbers of stores of one company.
	number int
}

// price is what the store asks for a product, and whether that is its own price.
func (s *store) price(p *product) (price int64, own bool) {
	if price, own = s.prices[p.sku]; own {
		return price, true
	}
	return p.price, false
}

type person struct {
	personSpec
	id     uuid.UUID
	email  string
	stores []uuid.UUID
}

// newCompany gives ids to everything that a spec names.
func newCompany(spec companySpec, seed uint64, number int, opened time.Time) (*company, error) {
	ids := &idMaker{dice: newDice(seed, number, purposeIDs)}
	c := &company{companySpec: spec, id: ids.next(opened), opened: opened, number: number}
	for i, storeSpec := range spec.stores {
		s, err := newStore(storeSpec, ids, opened)
		if err != nil {
			return nil, fmt.Errorf("company %s: %w", spec.slug, err)
		}
		s.number = i
		c.stores = append(c.stores, s)
	}
	c.addPeople(ids)
	c.addProducts(ids)
	c.addLabels(&idMaker{dice: newDice(seed, number, purposeLabels)})
	c.ids = ids
	c.addTaxes(ids)
	return c, nil
}

func newStore(spec storeSpec, ids *idMaker, opened time.Time) (*store, error) {
	zone, err := time.LoadLocation(spec.zone)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", spec.code, err)
	}
	s := &store{storeSpec: spec, id: ids.next(opened), zone: zone}
	for range spec.registers {
		s.registers = append(s.registers, ids.next(opened))
	}
	return s, nil
}

func (c *company) addPeople(ids *idMaker) {
	for _, spec := range c.companySpec.people {
		p := person{personSpec: spec, id: ids.next(c.opened), email: spec.local + "@" + c.slug + ".example"}
		for _, s := range c.stores {
			works := slices.Contains(spec.stores, s.code)
			if works {
				p.stores = append(p.stores, s.id)
			}
			if spec.sells && (works || spec.role == roleOwner) {
				s.cashiers = append(s.cashiers, p.id)
			}
		}
		c.people = append(c.people, p)
	}
}

func (c *company) addProducts(ids *idMaker) {
	known := map[string]uuid.UUID{}
	weights := make([]int, 0, len(c.companySpec.products))
	for i, spec := range c.companySpec.products {
		p := product{productSpec: spec, category: c.addCategory(known, spec.category, ids), id: ids.next(c.opened)}
		prefix := prefixMade
		if spec.unit != unitEach {
			prefix = prefixInternal
		}
		p.barcode, p.item = ean13(prefix, 1000+7*i), i+1
		c.products = append(c.products, p)
		weights = append(weights, spec.popularity)
	}
	c.bought = newWheel(weights)
}

// addCategory adds the category of a path and those above it where they are not there yet.
func (c *company) addCategory(known map[string]uuid.UUID, path string, ids *idMaker) uuid.UUID {
	if v, ok := known[path]; ok {
		return v
	}
	var parent *uuid.UUID
	if end := strings.LastIndex(path, "/"); end >= 0 {
		above := c.addCategory(known, path[:end], ids)
		parent = &above
	}
	known[path] = ids.next(c.opened)
	c.categories = append(c.categories, category{id: known[path], parent: parent, path: path})
	return known[path]
}
