package graph_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/id"
)

// examples writes calls of fields out of the schema, with ids that nothing has.
type examples struct {
	schema *ast.Schema
	// everything gives the arguments and input fields that may be left out too.
	everything bool
	// wrong is the place, from 1, of the id that is made of another type.
	wrong int
	// ids counts those that were written.
	ids []string
}

// call writes a field with its arguments and as little of its object as there can be.
func (g *examples) call(f *ast.FieldDefinition) string {
	text := f.Name
	var args []string
	paging := []string{"after", "last", "before"} // they don't go together
	for _, a := range f.Arguments {
		if slices.Contains(paging, a.Name) || !g.everything && (!a.Type.NonNull || a.DefaultValue != nil) {
			continue
		}
		typ := ""
		if d := a.Directives.ForName("idOf"); d != nil {
			typ = d.Arguments.ForName("type").Value.Raw
		}
		args = append(args, a.Name+": "+g.literal(a.Type, a.Name, typ))
	}
	if len(args) > 0 {
		text += "(" + strings.Join(args, ", ") + ")"
	}
	switch g.schema.Types[f.Type.Name()].Kind {
	case ast.Object, ast.Interface, ast.Union:
		text += " { __typename }"
	}
	return text
}

func (g *examples) literal(typ *ast.Type, name, idOf string) string {
	if typ.Elem != nil {
		return "[" + g.literal(typ.Elem, name, idOf) + "]"
	}
	d := g.schema.Types[typ.NamedType]
	switch d.Kind {
	case ast.Enum:
		return d.EnumValues[0].Name
	case ast.InputObject:
		var fields []string
		for _, f := range fieldsOf(d) {
			if g.everything || f.Type.NonNull && f.DefaultValue == nil {
				fields = append(fields, f.Name+": "+g.literal(f.Type, f.Name, idsOfInputs[d.Name+"."+f.Name]))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	switch d.Name {
	case "ID":
		return g.id(name, idOf)
	case "Int":
		return "1"
	case "Boolean":
		return "true"
	case "Decimal":
		return `"1"`
	case "CurrencyCode":
		return `"KES"`
	case "Date":
		return `"2026-01-02"`
	case "DateTime":
		return `"2026-01-02T03:04:05Z"`
	}
	return `"x"`
}

// idsOfInputs are the types of ids whose field's name doesn't say them.
var idsOfInputs = map[string]string{
	"ProductCreateInput.parentId": "Product", "CategoryCreateInput.parentId": "Category", "CategoryUpdateInput.parentId": "Category",
	"CategoryFilter.parentId": "Category", "SalesReportFilter.categoryTodayIds": "Category", "ProductFilter.soldInStoreId": "Store",
	"SalesReportFilter.brandTodayIds": "Brand", "SalesReportFilter.supplierTodayIds": "Supplier",
	"AuditEventFilter.objectId": "Sale",
}

// id makes an id of the type that an argument says, or that the name of an input field says.
func (g *examples) id(name, idOf string) string {
	types := map[string]func() string{
		"Store": fresh[id.Store], "Register": fresh[id.Register], "Category": fresh[id.Category], "Product": fresh[id.Product],
		"Sale": fresh[id.Sale], "User": fresh[id.User], "CustomRole": fresh[id.CustomRole],
		"TillSession": fresh[id.TillSession], "ZReport": fresh[id.ZReport],
		"ParkedSale": fresh[id.ParkedSale], "StockBatch": fresh[id.StockBatch],
		"Customer": fresh[id.Customer], "GiftCard": fresh[id.GiftCard],
		"Brand": fresh[id.Brand], "Supplier": fresh[id.Supplier], "CustomerGroup": fresh[id.CustomerGroup],
		"PriceList":      fresh[id.PriceList],
		"SaleLine":       fresh[id.SaleLine],
		"UserInvitation": fresh[id.UserInvitation], "Session": fresh[id.Session],
		"CompanyDomain": fresh[id.CompanyDomain], "App": fresh[id.App], "SupportAccess": fresh[id.SupportAccess],
		"TaxCategory": fresh[id.TaxCategory], "Approval": fresh[id.Approval], "TimeEntry": fresh[id.TimeEntry],
		"ReportExport": fresh[id.ReportExport], "ReportSchedule": fresh[id.ReportSchedule], "ReportAlert": fresh[id.ReportAlert],
	}
	if idOf == "" {
		word := strings.TrimSuffix(strings.TrimSuffix(name, "s"), "Id")
		idOf = map[string]string{"cashier": "User", "toUser": "User", "id": "Sale", "ids": "Sale", "into": "Customer", "batch": "StockBatch"}[word]
		if idOf == "" {
			idOf = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	g.ids = append(g.ids, idOf)
	if g.wrong == len(g.ids) {
		idOf = map[bool]string{true: "Sale", false: "Product"}[idOf == "Product"]
	}
	return strconv.Quote(types[idOf]())
}

func fresh[K interface {
	~[16]byte
	String() string
}]() string {
	return id.New[K]().String()
}
