package graph

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/reading"
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
	}
}

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
		reading.Of("User", r.staff.UsersByID, reading.Reads("allStores", "all_stores", "role")),
		reading.Of("Category", r.catalog.CategoriesByID, reading.One("parent"),
			reading.Pages("children", r.catalog.ChildrenOf), reading.Pages("products", r.catalog.ProductsOf)),
		reading.Of("Product", r.catalog.ProductsByID, reading.One("category", "parent"),
			reading.Reads("basePrice", "price", "currency_code"),
			reading.Pages("variants", r.catalog.VariantsOf), reading.Pages("storePrices", r.catalog.StorePricesOf),
			reading.Pages("inventory", r.stock.OfProducts)),
		reading.Of("StorePrice", r.catalog.StorePricesByID, reading.One("store", "product")),
		reading.Of("InventoryLevel", r.stock.ByID, reading.One("store", "product"),
			reading.Reads("quantity", "quantity"), reading.Reads("reserved", "reserved"),
			reading.Reads("available", "quantity", "reserved")),
		reading.Of("Sale", r.sales.ByID, reading.One("store", "register", "cashier"),
			reading.Many("lines", r.sales.LinesOf), reading.Many("payments", r.sales.PaymentsOf),
			reading.Many("discounts", r.sales.DiscountsOf)),
		reading.Of("SaleLine", r.sales.LinesByID, reading.One("product"),
			reading.Reads("quantity", "quantity"), reading.Reads("taxRate", "tax_rate_ppm"),
			reading.Many("discounts", r.sales.DiscountsOfLines)),
		reading.Of("Payment", r.sales.PaymentsByID),
		reading.Of("SaleDiscount", r.sales.DiscountsByID, reading.One("givenBy")),
	}
}

func (c Config) newPlanner(r *Resolver, schema *ast.Schema) (*planner, error) {
	table, err := reading.New(schema, reflect.TypeFor[generated.ResolverRoot](), c.DB.Table, r.wholeTypes()...)
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
