package graph_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/tenancy"
)

func (b *bundle) readRoles(t *testing.T, ask asker) {
	role, store := b.A.CustomRole, b.A.Stores[0]
	b.db.Exec(t, "update user_stores set role = 'CUSTOM', custom_role_id = $1 where user_id = $2", role.UUID(), store.Cashier.UUID())
	b.db.Exec(t, "update users set role = 'CUSTOM', custom_role_id = $1 where id = $2", role.UUID(), b.A.Stores[1].Cashier.UUID())
	a := ask(t, b.owner(t), `{ rolePresets { role permissions }
		customRole(id: "`+role.String()+`") { id name description permissions version createdAt updatedAt }
		customRoles `+pages+`
		users(first: 2) { nodes { id allStores customRole { id } storeRoles { store { id } role customRole { id } } } }
		viewer { permissions(storeId: "`+store.ID.String()+`") user { allStores storeRoles { role } } } }`)
	same(t, a.at("customRole"), vars{
		"id": role, "name": "Role of acme", "description": "", "permissions": []string{"SALE_READ"}, "version": 1,
		"createdAt": b.when(t, "created_at", "custom_roles", role), "updatedAt": b.when(t, "updated_at", "custom_roles", role),
	})
	same(t, a.at("customRoles", "nodes"), []vars{{"id": role}})
	same(t, a.at("users", "nodes"), []vars{{
		"id": store.Cashier, "allStores": false, "customRole": nil,
		"storeRoles": []vars{{"store": vars{"id": store.ID}, "role": "CUSTOM", "customRole": vars{"id": role}}},
	}, {
		"id": b.A.Stores[1].Cashier, "allStores": false, "customRole": vars{"id": role},
		"storeRoles": []vars{{"store": vars{"id": b.A.Stores[1].ID}, "role": "CUSTOM", "customRole": vars{"id": role}}},
	}})
	same(t, a.at("viewer"), vars{
		"permissions": tenancy.PermissionsOf(tenancy.Owner), "user": vars{"allStores": true, "storeRoles": []vars{}},
	})
	presets, _ := a.at("rolePresets").([]any)
	if len(presets) != len(tenancy.Presets()) {
		t.Errorf("%d presets", len(presets))
	}
	for i, preset := range tenancy.Presets() {
		same(t, presets[i], vars{"role": preset, "permissions": tenancy.PermissionsOf(preset)})
	}
	b.db.Exec(t, "update user_stores set role = null, custom_role_id = null where user_id = $1", store.Cashier.UUID())
	b.db.Exec(t, "update users set role = 'CASHIER', custom_role_id = null where id = $1", b.A.Stores[1].Cashier.UUID())
}
