package graph_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// moduleTypes are the objects that the lists and look-ups of modules answer with, by module.
func moduleTypes(s *ast.Schema) map[string]string {
	types := map[string]string{}
	open := map[string]bool{} // what is found without a module, too
	for _, f := range fieldsOf(s.Query) {
		typ := s.Types[f.Type.Name()]
		if nodes := typ.Fields.ForName("nodes"); nodes != nil {
			typ = s.Types[nodes.Type.Name()]
		}
		if d := f.Directives.ForName("feature"); d != nil {
			types[typ.Name] = d.Arguments.ForName("name").Value.Raw
		} else {
			open[typ.Name] = true
		}
	}
	maps.DeleteFunc(types, func(name, _ string) bool { return open[name] })
	return types
}

// TestModulesAreClosedAllAround walks from the roots along every field that no module closes: it must come to no object
// of a module. Node is left out, whose objects TestModulesThatAreOff asks for.
func TestModulesAreClosedAllAround(t *testing.T) {
	t.Parallel()
	s := schemaOf(t)
	modules := moduleTypes(s)
	for _, name := range []string{"GiftCard", "PriceList", "BarcodeRule", "CustomRole", "ParkedSale"} {
		if modules[name] == "" {
			t.Errorf("no list or look-up of %s belongs to a module", name)
		}
	}
	seen := map[string]bool{}
	var walk func(d *ast.Definition)
	walk = func(d *ast.Definition) {
		if seen[d.Name] || d.Name == "Node" {
			return
		}
		seen[d.Name] = true
		for _, f := range fieldsOf(d) {
			if f.Directives.ForName("feature") != nil {
				continue
			}
			for _, next := range append(slices.Clone(s.GetPossibleTypes(s.Types[f.Type.Name()])), s.Types[f.Type.Name()]) {
				if module := modules[next.Name]; module != "" && f.Type.Name() != "Node" {
					t.Errorf("%s.%s shows a %s whether or not the company has %s", d.Name, f.Name, next.Name, module)
				}
				if f.Type.Name() != "Node" {
					walk(next)
				}
			}
		}
	}
	walk(s.Query)
	walk(s.Mutation)
	if !seen["Payment"] || !seen["User"] || !seen["ProductPrice"] {
		t.Errorf("the walk didn't come to where modules are: %d types", len(seen))
	}
}

// TestModulesThatAreOff asks for a module's objects by every other way than its own lists: with the module they are
// there, and without it `node` finds nothing and a field that has something answers FEATURE_OFF. What has nothing of
// the module is whole.
func TestModulesThatAreOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, owner := schemaOf(t), b.owner(t)
	store, sale := b.A.Stores[0], b.A.Stores[0].Registers[0]
	b.db.Exec(t, "delete from company_features")
	b.db.Exec(t, "update users set role = 'CUSTOM', custom_role_id = $2 where id = $1", store.Cashier.UUID(), b.A.CustomRole.UUID())
	b.db.Exec(t, "update payments set method = 'GIFT_CARD', gift_card_id = $2 where id = $1", sale.Payment.UUID(), b.A.Customer.GiftCard.UUID())
	nodes := map[string]string{
		"GiftCard": b.A.Customer.GiftCard.String(), "CustomRole": b.A.CustomRole.String(), "PriceList": b.A.PriceList.String(),
		"ParkedSale": store.Parked.String(), "StockBatch": store.Batch.String(),
	}
	for typ := range moduleTypes(s) {
		implements := slices.Contains(s.Types[typ].Interfaces, "Node")
		if _, named := nodes[typ]; named != implements {
			t.Errorf("%s: a node %v, asked for %v", typ, implements, named)
		}
	}
	const receipt = `query($id: ID!) { sale(id: $id) { payments { id giftCard { id } } } }`
	const person = `query($id: ID!) { node(id: $id) { ... on User { customRole { id } } } }`
	other := b.A.Stores[0].Registers[1].Sale.String()
	for _, on := range []bool{true, false} {
		for _, feature := range tenancy.Features() {
			b.db.Exec(t, `insert into company_features (tenant_id, feature, enabled) values ($1, $2, $3)
				on conflict (tenant_id, feature) do update set enabled = excluded.enabled`, b.A.ID.UUID(), string(feature), on)
		}
		for typ, node := range nodes {
			a := b.post(t, owner, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": node}).ok(t)
			if there := a.at("node") != nil; there != on {
				t.Errorf("on %v: the node of a %s: %s", on, typ, a.Raw)
			}
		}
		for query, thing := range map[string]string{receipt: sale.Sale.String(), person: store.Cashier.String()} {
			a := b.post(t, owner, query, vars{"id": thing})
			if off := a.code() == "FEATURE_OFF"; off == on {
				t.Errorf("on %v: %s: %s", on, query, a.Raw)
			}
		}
		b.post(t, owner, receipt, vars{"id": other}).ok(t)
		b.post(t, owner, person, vars{"id": b.A.Manager.String()}).ok(t)
	}
	b.logs.quiet(t)
}
