package audit_test

import (
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

// TestNoRowIsBetweenTheTriggers: a row that is on the trail only under a condition is so whoever writes it, and no trigger
// for many rows is without the one for each.
func TestNoRowIsBetweenTheTriggers(t *testing.T) {
	t.Parallel()
	d := pgtest.New(t)
	var pairs []string
	for _, one := range pgtest.Values[[]string](t, d, `select jsonb_build_array(tgrelid::regclass, condition, many, one)
		from (`+manyTrails+`) pairs order by 1`) {
		table, condition, many, each := one[0], one[1], one[2], one[3]
		pairs = append(pairs, table)
		want := map[string]string{
			"stock_movements": "sale_id is null", "inventory_levels": "low_stock_threshold is not null",
		}[table]
		if condition != want {
			t.Errorf("%s: for each row where %q, and not where %q", table, condition, want)
		}
		if want == "" {
			want = "true"
		}
		if many != each+want+`\000` {
			t.Errorf("%s: for each row with %s, for many with %s", table, each, many)
		}
	}
	all := pgtest.Values[string](t, d, `select to_jsonb(tgrelid::regclass::text) from pg_trigger
		where tgfoid = 'tillgraph.audited_many()'::regprocedure`)
	if len(all) != len(pairs) || len(all) < 6 {
		t.Errorf("%v of %v", pairs, all)
	}
}
