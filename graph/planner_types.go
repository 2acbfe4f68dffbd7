package graph

import (
	"context"
	"slices"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/sale"
)

// wholeTypes are the types that are read whole: their fields are derived from the models, and what is said here are the
// relations, by what their loaders call, and what else their resolvers call.
func (r *Resolver) wholeTypes() []*reading.Type {
	return slices.Concat(r.wholeCompany(), r.wholeTills(), r.wholeCatalogue(), r.wholeTaxes(), r.wholeStock(), r.wholeSales(), r.wholeCustomers())
}

func (r *Resolver) wholeCompany() []*reading.Type {
	counter := reading.With(r.companies.CountersOf, "next_number")
	return []*reading.Type{
		reading.Of("Store", r.companies.StoresByID,
			reading.Reads("taxRate", "tax_rate_ppm"), reading.Reads("cashRounding", "cash_rounding", "currency_code"),
			reading.Pages("registers", r.companies.RegistersOfStores), reading.Pages("sales", r.sales.OfStores),
			reading.Pages("inventory", r.stock.OfStores)),
		reading.Of("Register", r.companies.RegistersByID,
			reading.One("store"), reading.Pages("sales", r.sales.OfRegisters), reading.Sole("tillSession", r.tills.UnclosedOf),
			reading.Together("nextReceiptNumber", counter, reading.AtMostOne(
				func(_ *company.Register, c *company.ReceiptCounter) *int { return c.Next() })),
			reading.Together("lastReceiptNumber", counter, reading.AtMostOne(
				func(_ *company.Register, c *company.ReceiptCounter) *int { return c.Last() })),
			reading.Reads("nextReceiptNumber", "id"), reading.Reads("lastReceiptNumber", "id"),
			reading.Pages("receiptGaps", r.sales.GapsOf), reading.Pages("receiptConflicts", r.sales.ConflictsOf)),
		reading.Rows[sale.Gap]("ReceiptGap", reading.Reads("missing", "from_number", "to_number")),
		reading.Of("ReceiptConflict", r.sales.ConflictsByID, reading.One("register", "sale", "cashier")),
		reading.Of("User", r.staff.UsersByID, reading.One("customRole"), reading.Reads("allStores", "all_stores", "role")),
		reading.Of("CustomRole", r.access.RolesByID),
	}
}

func (r *Resolver) wholeTills() []*reading.Type {
	return []*reading.Type{
		reading.Of("TillSession", r.tills.ByID, reading.One("store", "register", "openedBy", "holder", "approvedBy", "closedBy"),
			reading.Reads("openingFloat", "opening_float", "currency_code"),
			reading.Pages("drawerMovements", r.tills.MovementsOf), reading.Pages("sales", r.sales.OfTillSessions(false)),
			reading.Pages("amendments", r.sales.OfTillSessions(true)),
			reading.Pages("accountPaymentAmendments", r.customers.LatePayments)),
		reading.Of("DrawerMovement", r.tills.MovementsByID),
	}
}

func (r *Resolver) wholeCatalogue() []*reading.Type {
	return []*reading.Type{
		reading.Of("Brand", r.catalog.BrandsByID), reading.Of("Supplier", r.catalog.SuppliersByID),
		reading.Of("Category", r.catalog.CategoriesByID, reading.One("parent"),
			reading.Pages("children", r.catalog.ChildrenOf), reading.Pages("products", r.catalog.ProductsOf)),
		reading.Of("Product", r.catalog.ProductsByID, reading.One("category", "parent", "brand", "supplier", "taxCategory"),
			reading.Values("barcodes", "barcode", r.catalog.BarcodesOf),
			reading.Reads("basePrice", "price", "currency_code"),
			reading.Told("price", placed(r.catalog.Prices)), reading.ToldValue("soldInStore", "sold", placed(r.catalog.SoldIn)),
			reading.Joined("options", "parent", optionsOf, "option_names"), reading.Reads("options", "option_values"),
			reading.Pages("variants", r.catalog.VariantsOf), reading.Pages("storePrices", r.catalog.StorePricesOf),
			reading.Pages("inventory", r.stock.OfProducts)),
		reading.Made[catalog.ProductOption]("ProductOption"),
		reading.Rows[catalog.Price]("ProductPrice", reading.One("priceList")),
		reading.Of("PriceList", r.catalog.PriceListsByID, reading.Pages("items", r.catalog.ItemsOfLists)),
		reading.Rows[catalog.PriceListItem]("PriceListItem", reading.One("product")),
		reading.Of("StorePrice", r.catalog.StorePricesByID, reading.One("store", "product")),
	}
}

// placed asks a look-up for the place that a field's arguments name, whatever the product.
func placed[V any](
	look func(context.Context, []catalog.At) (map[catalog.At]V, error),
) func(ctx context.Context, args map[string]any) error {
	return func(ctx context.Context, args map[string]any) error {
		place, err := placeOf(args)
		if err != nil {
			return err
		}
		_, err = look(ctx, []catalog.At{place})
		return err
	}
}

// optionsOf are those of a product, none where it is no variant.
func optionsOf(p, parent *catalog.Product) []*catalog.ProductOption {
	if parent == nil {
		return nil
	}
	return p.Options(parent)
}

func (r *Resolver) wholeTaxes() []*reading.Type {
	return []*reading.Type{
		reading.Of("TaxCategory", r.taxes.CategoriesByID,
			reading.Pages("rateHistory", r.taxes.RatesOf), reading.Pages("storeRates", r.taxes.StoreRatesOf)),
		reading.Of("TaxRate", r.taxes.RatesByID, reading.One("category")),
		reading.Of("StoreTaxRate", r.taxes.StoreRatesByID, reading.One("store", "category")),
	}
}

func (r *Resolver) wholeStock() []*reading.Type {
	return []*reading.Type{
		reading.Of("InventoryLevel", r.stock.ByID, reading.One("store", "product"),
			reading.Reads("quantity", "quantity"), reading.Reads("reserved", "reserved"),
			reading.Reads("available", "quantity", "reserved"),
			reading.Joined("averageCost", "store", func(l *inventory.Level, s *company.Store) *money.UnitCost {
				return costIn(s, l.Average)
			}, "currency_code"), reading.Reads("averageCost", "average_cost"),
			reading.Pages("movements", r.stock.MovementsOf), reading.Pages("batches", r.stock.BatchesOf)),
		reading.Of("StockMovement", r.stock.MovementsByID, reading.One("level", "store", "product", "user", "register", "sale"),
			reading.Reads("quantity", "quantity"), reading.Reads("quantityAfter", "quantity_after"),
			reading.Joined("unitCost", "store", func(m *inventory.Movement, s *company.Store) *money.UnitCost {
				return costIn(s, m.Cost)
			}, "currency_code"), reading.Reads("unitCost", "unit_cost"),
			reading.Many("batches", r.stock.PartsOf)),
		reading.Made[money.UnitCost]("UnitCost"),
		reading.Of("StockBatch", r.stock.BatchesByID, reading.One("store", "product"), reading.Reads("quantity", "quantity")),
		reading.Rows[inventory.Part]("StockMovementBatch", reading.One("batch"), reading.Reads("quantity", "quantity")),
	}
}

func (r *Resolver) wholeSales() []*reading.Type {
	lines := reading.With(r.sales.LinesOf, "cost")
	taxes := reading.With(r.sales.TaxesOf)
	returned := reading.With(r.sales.ReturnedOf, "returned", "voided")
	return []*reading.Type{
		reading.Of("Sale", r.sales.ByID, reading.One("store", "register", "cashier", "voidedBy", "tillSession"),
			reading.Many("lines", r.sales.LinesOf), reading.Many("payments", r.sales.PaymentsOf),
			reading.Many("discounts", r.sales.DiscountsOf), reading.Lists("returns", r.sales.ReturnsOf),
			reading.Together("taxes", taxes, func(_ *sale.Sale, taxes []*sale.LineTax) []*sale.LineTax {
				return sale.TaxSummary(taxes)
			}), reading.Reads("taxes", "id"),
			reading.Together("cost", lines, sale.CostOf), reading.Reads("cost", "currency_code"),
			reading.Together("margin", lines, sale.MarginOf), reading.Reads("margin", "currency_code", "subtotal")),
		reading.Of("SaleLine", r.sales.LinesByID, reading.One("product", "originalLine", "giftCard"),
			reading.Reads("quantity", "quantity"), reading.Reads("taxRate", "tax_rate_ppm"),
			reading.Together("returnedQuantity", returned, reading.AtMostOne((*sale.Line).ReturnedQuantity)),
			reading.Reads("returnedQuantity", "kind", "quantity"),
			reading.Together("returnableQuantity", returned, reading.AtMostOne((*sale.Line).ReturnableQuantity)),
			reading.Reads("returnableQuantity", "kind", "quantity"),
			reading.Figure("batches", func(l *sale.Line) []*sale.LineBatch { return l.Batches }), reading.Reads("batches", "batches"),
			reading.Many("discounts", r.sales.DiscountsOfLines), reading.Many("taxes", r.sales.TaxesOfLines)),
		reading.Made[sale.LineBatch]("SaleLineBatch"),
		reading.Rows[sale.LineTax]("SaleTax", reading.Reads("rate", "rate_ppm")),
		reading.Of("Payment", r.sales.PaymentsByID, reading.One("giftCard")),
		reading.Of("SaleDiscount", r.sales.DiscountsByID, reading.One("givenBy")),
	}
}

func (r *Resolver) wholeCustomers() []*reading.Type {
	return []*reading.Type{
		reading.Of("CustomerGroup", r.customers.GroupsByID),
		reading.Of("Customer", r.customers.ByID, reading.One("customerGroup", "mergedInto"),
			reading.Pages("sales", r.sales.OfCustomers), reading.Pages("ledgerEntries", r.customers.Entries)),
		reading.Of("GiftCard", r.giftCards.ByID, reading.Pages("ledgerEntries", r.ledgers.OfCards)),
		reading.Of("LedgerEntry", r.ledgers.ByID, reading.One("giftCard", "sale", "user"),
			reading.Reads("amount", "amount", "currency_code"), reading.Reads("balanceAfter", "balance_after", "currency_code")),
	}
}
