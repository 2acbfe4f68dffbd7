package graph_test

import (
	"fmt"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// labelThings are brands, suppliers and groups of customers.
func labelThings(c *pgtest.Company) things {
	if c == nil {
		return things{"brand": fresh[id.Brand](), "supplier": fresh[id.Supplier](), "group": fresh[id.CustomerGroup]()}
	}
	return things{"brand": c.Labels.Brand.String(), "supplier": c.Labels.Supplier.String(), "group": c.Labels.Group.String()}
}

// labelDetails are what is asked of one, by type.
func labelDetails() map[string]string {
	return map[string]string{
		"Brand": `brandName: name externalReference`, "Supplier": `supplierName: name externalReference`,
		"CustomerGroup": `groupName: name externalReference`,
	}
}

// labelProbes are the places where one can be named.
func labelProbes(own things) []probe {
	var list []probe
	read := func(kind, place, query string) {
		list = append(list, probe{kind: kind, place: place, query: query, control: true})
	}
	change := func(kind, place, field, result string) {
		list = append(list, probe{kind: kind, place: place, query: fmt.Sprintf(
			`mutation($id: ID!) { %s { %s userErrors { code field message } } }`, field, result)})
	}
	product, customer := own["product"], own["customer"]
	for kind, field := range map[string]string{"brand": "brand", "supplier": "supplier", "group": "customerGroup"} {
		read(kind, "Query.node(id)", `query($id: ID!) { node(id: $id) { id `+everyDetail()+` } }`)
		read(kind, "Query."+field+"(id)", `query($id: ID!) { `+field+`(id: $id) { id name externalReference } }`)
		change(kind, "Mutation."+field+"Update(id)", field+`Update(id: $id, input: {version: 1, name: "x"})`, field+` { name }`)
		change(kind, "Mutation."+field+"Delete(id)", field+`Delete(id: $id)`, `deletedId`)
	}
	for _, kind := range []string{"brand", "supplier"} {
		read(kind, "ProductFilter."+kind+"Id", `query($id: ID!) { products(filter: {`+kind+`Id: $id}) { totalCount nodes { name } } }`)
		change(kind, "ProductCreateInput."+kind+"Id", `productCreate(input: {sku: "x", name: "x", basePrice: "1", `+kind+`Id: $id})`, `product { id }`)
		change(kind, "ProductUpdateInput."+kind+"Id", `productUpdate(id: "`+product+`", input: {version: 1, `+kind+`Id: $id})`, `product { id }`)
	}
	read("group", "CustomerFilter.customerGroupId", `query($id: ID!) { customers(filter: {customerGroupId: $id}) { totalCount nodes { name } } }`)
	change("group", "CustomerCreateInput.customerGroupId", `customerCreate(input: {name: "x", customerGroupId: $id})`, `customer { id }`)
	change("group", "CustomerUpdateInput.customerGroupId", `customerUpdate(id: "`+customer+`", input: {version: 1, customerGroupId: $id})`, `customer { id }`)
	return list
}
