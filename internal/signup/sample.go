package signup

import (
	"fmt"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// sampleProduct is something to try the till with. Its price is in hundredths of a dollar.
type sampleProduct struct {
	category, name string
	price          int64
	unit           catalog.Unit
	service        bool
}

const kilogram catalog.Unit = "KILOGRAM"

// samples are what shops of a trade sell.
func samples(of tenancy.BusinessType) []sampleProduct {
	switch of {
	case tenancy.Restaurant:
		return []sampleProduct{
			{category: "Drinks", name: "Coffee", price: 200},
			{category: "Drinks", name: "Tea", price: 150},
			{category: "Drinks", name: "Mineral water", price: 100},
			{category: "Drinks", name: "Fresh juice", price: 250},
			{category: "Starters", name: "Soup of the day", price: 350},
			{category: "Starters", name: "Green salad", price: 400},
			{category: "Mains", name: "Grilled chicken", price: 900},
			{category: "Mains", name: "Vegetable curry", price: 750},
			{category: "Desserts", name: "Fruit salad", price: 300},
		}
	case tenancy.AutoService:
		return []sampleProduct{
			{category: "Work", name: "Labour, one hour", price: 3000, service: true},
			{category: "Work", name: "Oil change", price: 2500, service: true},
			{category: "Work", name: "Wheel alignment", price: 4000, service: true},
			{category: "Parts", name: "Oil filter", price: 800},
			{category: "Parts", name: "Air filter", price: 1200},
			{category: "Parts", name: "Brake pads, front", price: 4500},
			{category: "Parts", name: "Spark plug", price: 600},
			{category: "Fluids", name: "Engine oil 5W-30, 1 l", price: 1000},
		}
	case tenancy.Dealership:
		return []sampleProduct{
			{category: "Accessories", name: "Floor mats", price: 4000},
			{category: "Accessories", name: "Roof rack", price: 15000},
			{category: "Accessories", name: "Dash camera", price: 9000},
			{category: "Parts", name: "Spare key", price: 12000},
			{category: "Services", name: "Registration", price: 10000, service: true},
			{category: "Services", name: "Delivery inspection", price: 8000, service: true},
		}
	case tenancy.Supermarket:
		return append(groceries(),
			sampleProduct{category: "Fruit and vegetables", name: "Bananas", price: 150, unit: kilogram},
			sampleProduct{category: "Fruit and vegetables", name: "Tomatoes", price: 180, unit: kilogram},
			sampleProduct{category: "Meat", name: "Minced beef", price: 700, unit: kilogram})
	default:
		return groceries()
	}
}

func groceries() []sampleProduct {
	return []sampleProduct{
		{category: "Food", name: "White bread 400 g", price: 70},
		{category: "Food", name: "Rice 1 kg", price: 150},
		{category: "Food", name: "Sugar 1 kg", price: 130},
		{category: "Food", name: "Cooking oil 1 l", price: 250},
		{category: "Drinks", name: "Milk 500 ml", price: 60},
		{category: "Drinks", name: "Cola 500 ml", price: 80},
		{category: "Drinks", name: "Drinking water 1 l", price: 60},
		{category: "Household", name: "Bar soap", price: 120},
		{category: "Household", name: "Toilet paper, 4 rolls", price: 200},
	}
}

// sampleRows are the rows of a sample catalogue.
type sampleRows struct {
	categories []*catalog.Category
	products   []*catalog.Product
	words      []*catalog.Word
}

func newSample(of tenancy.BusinessType, currency money.Currency, scale int64, taxed *id.TaxCategory, now time.Time) *sampleRows {
	rows := &sampleRows{}
	categories := map[string]*id.Category{}
	for i, s := range samples(of) {
		if categories[s.category] == nil {
			category := &catalog.Category{
				ID: id.New[id.Category](), Name: s.category, Version: 1, CreatedAt: now, UpdatedAt: now,
			}
			rows.categories, categories[s.category] = append(rows.categories, category), &category.ID
		}
		p := &catalog.Product{
			ID: id.New[id.Product](), SKU: fmt.Sprintf("SAMPLE-%02d", i+1), Name: s.name, CategoryID: categories[s.category],
			Type: catalog.Goods, Unit: catalog.Each, CurrencyCode: currency, PriceMinor: samplePrice(s.price, scale, currency),
			OptionNames: []string{}, OptionValues: []string{},
			Taxable: true, TaxCategoryID: taxed, Status: catalog.Active, Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		if s.unit != "" {
			p.Unit = s.unit
		}
		if s.service {
			p.Type = catalog.Service
		}
		rows.products = append(rows.products, p)
		for _, word := range catalog.Words(p.Name, p.SKU) {
			rows.words = append(rows.words, &catalog.Word{Word: word, ProductID: p.ID})
		}
	}
	return rows
}

// samplePrice turns hundredths of a dollar into a price in minor units, in whole tenths of the dollar's worth.
func samplePrice(cents, scale int64, currency money.Currency) int64 {
	const hundredths, tenth = 100, 10
	minor := scale
	for range currency.Decimals() {
		minor *= 10
	}
	step := max(minor/tenth, 1)
	return max(cents*minor/hundredths/step, 1) * step
}

func (r *sampleRows) statements(tx *postgres.Tx) []postgres.Statement {
	return []postgres.Statement{
		tx.Add(&r.categories), tx.Add(&r.products),
		tx.Add(&r.words),
	}
}
