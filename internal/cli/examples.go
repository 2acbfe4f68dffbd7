package cli

import (
	"github.com/tillgraph/tillgraph/internal/explorer"
	"github.com/tillgraph/tillgraph/internal/seed"
)

// examples are the explorer's.
func (d *demo) examples() []explorer.Example {
	list := []explorer.Example{
		{Name: "Who am I, and what may I do?", Query: viewerExample},
		{Name: "Stores with their latest sales", Query: storesExample},
		{Name: "Products by words, with prices", Query: productsExample, Variables: `{ "search": "milk" }`},
		{Name: "Sales, page by page", Query: salesExample, Variables: `{ "first": 20, "after": null }`},
	}
	if len(d.accounts) > 0 {
		list = append(list, explorer.Example{Name: "Tills: open sessions and Z reports", Query: tillsExample})
	}
	if d.sale != "" {
		list = append(list, explorer.Example{Name: "Record a sale (as Savanna's cashier)", Query: saleExample, Variables: d.sale})
	}
	if len(d.accounts) > 0 {
		list = append(list, explorer.Example{
			Name: "Log in (needs no token)", Query: loginExample,
			Variables: `{ "input": { "companySlug": "savanna", "email": "owner@savanna.example", "password": "` + seed.Password + `" } }`,
		})
	}
	return list
}

const viewerExample = `query Viewer {
  viewer {
    role
    permissions
    user { name }
    company { name currencyCode }
    stores { nodes { code name timeZone currencyCode } }
  }
}
`

const storesExample = `# The same query answers with other stores for another token.
query StoresWithSales {
  stores {
    totalCount
    nodes {
      name
      sales(first: 3) {
        nodes {
          receiptNumber
          occurredAt
          total { amount currencyCode }
          cashier { name }
          lines {
            quantity
            productName
            unitPrice { amount }
            priceSource
          }
        }
      }
    }
  }
}
`

const productsExample = `query Products($search: String!) {
  products(first: 10, filter: { search: $search, status: ACTIVE }) {
    totalCount
    nodes {
      sku
      name
      unit
      category { name }
      basePrice { amount currencyCode }
      storePrices {
        nodes {
          store { name }
          price { amount currencyCode }
        }
      }
    }
  }
}
`

const salesExample = `# Put pageInfo.endCursor into the variable "after" for the next page.
query Sales($first: Int!, $after: String) {
  sales(first: $first, after: $after, sort: OCCURRED_AT_DESC) {
    nodes {
      id
      receiptNumber
      businessDate
      store { name }
      register { code }
      total { amount currencyCode }
      payments { method amount { amount } reference }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`

const tillsExample = `# What should be in a till is withheld until it is counted: see expected.
query Tills {
  tillSessions(first: 3, filter: { status: OPEN }) {
    totalCount
    nodes {
      register { code store { name } }
      holder { name }
      openedAt
      openingFloat { amount currencyCode }
      drawerMovements(first: 5) { nodes { kind amount { amount } reason } }
      xReport { saleCount total { amount } tenders { method expected { amount } } }
    }
  }
  zReports(first: 3) {
    totalCount
    nodes {
      number
      businessDate
      register { code }
      approvedBy { name }
      figures {
        saleCount
        net { amount }
        total { amount }
        taxes { name rate base { amount } amount { amount } }
        tenders { method count amount { amount } expected { amount } counted { amount } variance { amount } }
      }
    }
  }
}
`

const saleExample = `# Sent again with the same idempotencyKey it answers with the same sale; with another key it sells once more.
mutation RecordSale($input: SaleRecordInput!) {
  saleRecord(input: $input) {
    sale {
      receiptNumber
      lines { productName quantity unitPrice { amount } priceSource total { amount } }
      tax { amount }
      total { amount currencyCode }
      tendered { amount }
      change { amount }
    }
    userErrors { code message field amountDue { amount currencyCode } }
  }
}
`

const loginExample = `mutation Login($input: LoginInput!) {
  login(input: $input) {
    tokens { accessToken expiresAt refreshToken refreshExpiresAt }
    user { name }
    userErrors { code message field }
  }
}
`
