package seed

import (
	"hash/fnv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// labelSpec names who makes a company's products, who delivers them, and what sorts of customers it has.
type labelSpec struct{ brands, suppliers, groups []string }

// label is a brand, a supplier or a group of customers.
type label struct {
	id   uuid.UUID
	name string
}

// buyer is a customer with the group that they are in.
type buyer struct{ customer, group pgtype.UUID }

// buyerEvery is of how many receipts one is of a customer whom the company knows.
const buyerEvery = 7

func savannaLabels() labelSpec {
	return labelSpec{
		brands:    []string{"Kilele", "Mto Dairies", "Savanna Choice", "Pwani Foods"},
		suppliers: []string{"Rift Valley Growers", "Nairobi Wholesale", "Coast Distributors"},
		groups:    []string{"Regulars", "Hotels and caterers"},
	}
}

func mamaNjeriLabels() labelSpec {
	return labelSpec{brands: []string{"Kilele", "Pwani Foods"}, suppliers: []string{"Gikomba Wholesale", "Nairobi Wholesale"}}
}

func pantryLabels() labelSpec {
	return labelSpec{
		brands: []string{"Hill Country", "Front Range Farms", "Pantry Basics"}, suppliers: []string{"Lone Star Foods", "Rockies Produce"},
	}
}

// addLabels gives ids to these, and products their own: what is delivered follows from the topmost category, who makes it
// from the product itself; some are nobody's.
func (c *company) addLabels(ids *idMaker) {
	made := func(names []string) []label {
		list := make([]label, len(names))
		for i, name := range names {
			list[i] = label{ids.next(c.opened), name}
		}
		return list
	}
	c.brands, c.suppliers, c.groups = made(c.labels.brands), made(c.labels.suppliers), made(c.labels.groups)
	for i := range c.products {
		p := &c.products[i]
		top, _, _ := strings.Cut(p.productSpec.category, "/")
		p.brand, p.supplier = oneFor(p.sku, c.brands), oneFor(top, c.suppliers)
	}
}

// oneFor is always the same one for a text, or none.
func oneFor(text string, labels []label) *uuid.UUID {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(text))
	i := int(sum.Sum32()) % (len(labels) + 1)
	if i == len(labels) {
		return nil
	}
	return &labels[i].id
}

func addLabelRows(rows *inserts, c *company) {
	for _, of := range []struct {
		table string
		list  []label
	}{{"brands", c.brands}, {"suppliers", c.suppliers}, {"customer_groups", c.groups}} {
		var ids uuids
		var names texts
		for _, v := range of.list {
			ids, names = append(ids, column(v.id)), append(names, v.name)
		}
		rows.add("insert into "+of.table+` (tenant_id, id, name, created_at, updated_at)
			select $1, v.id, v.name, $4, $4 from unnest($2::uuid[], $3::text[]) as v(id, name)`, c.id, ids, names, c.opened)
	}
}

// groupOf is the group of a customer, null without one.
func (c *company) groupOf(name string) pgtype.UUID {
	for _, v := range c.groups {
		if v.name == name {
			return column(v.id)
		}
	}
	return pgtype.UUID{}
}

// buyerOf is who bought on a receipt, nobody known on most.
func (c *company) buyerOf(receipt int64) buyer {
	if len(c.buyers) == 0 || receipt%buyerEvery != 0 {
		return buyer{}
	}
	return c.buyers[receipt/buyerEvery%int64(len(c.buyers))]
}
