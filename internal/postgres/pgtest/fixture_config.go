package pgtest

import "github.com/tillgraph/tillgraph/internal/id"

// configuration is what the operator switched for a company, and who changed its settings.
func (b *batch) configuration(c *Company, name string) {
	b.add(`insert into company_features (tenant_id, feature, enabled, reason) values ($1, 'PRICE_LISTS', true, $2)`,
		c.ID.UUID(), "Asked for by "+name)
	b.add(`insert into company_points (tenant_id, holder, points, counted_at) values ($1, $2, 7, now())`, c.ID.UUID(), id.New[id.Session]().UUID())
	b.add(`insert into company_settings_changes (tenant_id, id, version, changed_at, changes)
		values ($1, $3, 1, now(), jsonb_build_array(jsonb_build_object('setting', 'receiptHeader', 'before', null, 'after', $2::text)))`,
		c.ID.UUID(), "Header of "+name, id.New[id.SettingsChange]().UUID())
}
