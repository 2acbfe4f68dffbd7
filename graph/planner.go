package graph

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/reading"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/trace"
)

// planner answers fields of Query as a whole where it can, as package reading says.
type planner struct {
	table *reading.Table
	// off leaves all to the resolvers.
	off bool
}

// wholeFields are the fields of Query whose resolvers answer with what their first look-up read, and nothing else.
func wholeFields() []string {
	return []string{
		"product", "products", "category", "categories", "sale", "sales", "store", "stores", "register", "registers", "users",
		"customer", "customers", "customerGroup", "customerGroups", "brand", "brands", "supplier", "suppliers", "taxCategories",
	}
}

// madeFields are the fields of Query that the planner writes once their resolvers have made what they answer with.
func madeFields() []string { return []string{"salesReport"} }

// wholeTypes are the types that are read whole: their fields are derived from the models, and what is said here are the
// relations, by what their loaders call.
func (r *Resolver) wholeTypes() []*reading.Type {
	return []*reading.Type{
		reading.Of("Store", r.companies.StoresByID,
			reading.Reads("taxRate", "tax_rate_ppm"), reading.Reads("cashRounding", "cash_rounding", "currency_code"),
			reading.Pages("registers", r.companies.RegistersOfStores), reading.Pages("sales", r.sales.OfStores),
			reading.Pages("inventory", r.stock.OfStores)),
		reading.Of("Register", r.companies.RegistersByID,
			reading.One("store"), reading.Pages("sales", r.sales.OfRegisters)),
		reading.Of("User", r.staff.UsersByID, reading.One("customRole"), reading.Reads("allStores", "all_stores", "role")),
		reading.Of("CustomRole", r.access.RolesByID),
		reading.Of("Brand", r.catalog.BrandsByID), reading.Of("Supplier", r.catalog.SuppliersByID),
		reading.Of("TaxCategory", r.taxes.CategoriesByID),
		reading.Of("CustomerGroup", r.customers.GroupsByID),
		reading.Of("Customer", r.customers.ByID, reading.One("customerGroup", "mergedInto")),
		reading.Of("GiftCard", r.giftCards.ByID),
		reading.Of("Category", r.catalog.CategoriesByID, reading.One("parent"),
			reading.Pages("children", r.catalog.ChildrenOf), reading.Pages("products", r.catalog.ProductsOf)),
		reading.Of("Product", r.catalog.ProductsByID, reading.One("category", "parent", "brand", "supplier", "taxCategory"),
			reading.Values("barcodes", "barcode", r.catalog.BarcodesOf),
			reading.Reads("basePrice", "price", "currency_code"),
			reading.Told("price", placed(r.catalog.Prices)), reading.ToldValue("soldInStore", "sold", placed(r.catalog.SoldIn)),
			reading.Pages("variants", r.catalog.VariantsOf), reading.Pages("storePrices", r.catalog.StorePricesOf),
			reading.Pages("inventory", r.stock.OfProducts)),
		reading.Rows[catalog.Price]("ProductPrice", reading.One("priceList")),
		reading.Of("PriceList", r.catalog.PriceListsByID, reading.Pages("items", r.catalog.ItemsOfLists)),
		reading.Rows[catalog.PriceListItem]("PriceListItem", reading.One("product")),
		reading.Of("StorePrice", r.catalog.StorePricesByID, reading.One("store", "product")),
		reading.Of("InventoryLevel", r.stock.ByID, reading.One("store", "product"),
			reading.Reads("quantity", "quantity"), reading.Reads("reserved", "reserved"),
			reading.Reads("available", "quantity", "reserved")),
		reading.Of("Sale", r.sales.ByID, reading.One("store", "register", "cashier", "voidedBy"),
			reading.Many("lines", r.sales.LinesOf), reading.Many("payments", r.sales.PaymentsOf),
			reading.Many("discounts", r.sales.DiscountsOf)),
		reading.Of("SaleLine", r.sales.LinesByID, reading.One("product", "originalLine", "giftCard"),
			reading.Reads("quantity", "quantity"), reading.Reads("taxRate", "tax_rate_ppm"),
			reading.Many("discounts", r.sales.DiscountsOfLines), reading.Many("taxes", r.sales.TaxesOfLines)),
		reading.Rows[sale.LineTax]("SaleTax", reading.Reads("rate", "rate_ppm")),
		reading.Of("Payment", r.sales.PaymentsByID, reading.One("giftCard")),
		reading.Of("SaleDiscount", r.sales.DiscountsByID, reading.One("givenBy")),
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

func (c Config) newPlanner(r *Resolver, schema *ast.Schema) (*planner, error) {
	types := append(r.wholeTypes(), madeTypes()...)
	table, err := reading.New(schema, reflect.TypeFor[generated.ResolverRoot](), c.DB.Table, types...)
	if err != nil {
		return nil, err
	}
	return &planner{table: table, off: c.ResolversOnly}, nil
}

// around is the middleware of all fields: those of Query are tried.
func (p *planner) around(ctx context.Context, next graphql.Resolver) (any, error) {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || fc.Object != "Query" || !fc.IsResolver {
		return next(ctx)
	}
	answer, way, err := p.answer(ctx, fc, next)
	taken := trace.Resolvers
	if way.Whole {
		taken = trace.Planner
	}
	trace.Field(ctx).Way(taken, string(way.Why))
	return answer, err
}

func (p *planner) answer(ctx context.Context, fc *graphql.FieldContext, next graphql.Resolver) (any, reading.Way, error) {
	field := fc.Field
	ref, isNode := fc.Args["id"].(id.Any)
	switch {
	case p.off:
	case field.Name == "node" && isNode:
		if scope, err := tenancy.From(ctx); err == nil {
			if within, ok := nodeLoaders()[ref.Type()].within(ctx, scope); ok {
				return p.table.Node(ctx, within, field, ref, next)
			}
		}
	case field.Name == "nodes":
		return p.nodes(ctx, fc, next)
	case slices.Contains(madeFields(), field.Name):
		return p.made(ctx, fc, next)
	case slices.Contains(wholeFields(), field.Name):
		if attempt := p.table.Attempt(field); attempt != nil {
			return attempt.Resolve(ctx, next)
		}
	}
	answer, err := next(ctx)
	way := reading.Way{Field: field.Name, Why: reading.OfType, Where: field.Name}
	if p.off {
		way.Why = reading.Off
	}
	return answer, way, err
}

// nodes answers what is found by ids of several types.
func (p *planner) nodes(ctx context.Context, fc *graphql.FieldContext, next graphql.Resolver) (any, reading.Way, error) {
	refs, _ := fc.Args["ids"].([]*id.Any)
	types := nodeLoaders()
	whole, way := p.table.Nodes(ctx, fc.Field, refs, func(typ string) (context.Context, bool) {
		scope, err := tenancy.From(ctx)
		of, known := types[typ]
		if err != nil || !known {
			return ctx, false
		}
		return of.within(ctx, scope)
	})
	if way.Whole {
		return whole, way, nil
	}
	answer, err := next(ctx)
	return answer, way, err
}

// made writes what a resolver made, in the context that its field's directive left to what is below.
func (p *planner) made(ctx context.Context, fc *graphql.FieldContext, next graphql.Resolver) (any, reading.Way, error) {
	answer, err := next(ctx)
	if below, ok := permitted(ctx, fc.Field); ok && err == nil {
		answer, way := p.table.Write(below, fc.Field, answer)
		return answer, way, nil
	}
	return answer, reading.Way{Field: fc.Field.Name, Why: reading.OfLook, Where: fc.Field.Name}, err
}
