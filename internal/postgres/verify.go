package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/schema"
)

// ErrSchemaBehind says that migrations of this program are still to be applied.
var ErrSchemaBehind = errors.New("the schema is behind this program: run `migrate up`")

// Proof is what became of one rule of the isolation.
type Proof struct {
	// Rule is what holds, in words.
	Rule string
	// Objects is how many things of Kind were looked at.
	Objects int
	Kind    string
	// Findings are the exceptions, each a sentence that names its object.
	Findings []error
}

// Verify looks, as the server itself, whether the isolation holds: the role, the policies, the keys, the models.
// The server must not start where it doesn't. All findings come at once.
//
// Errors: ErrSchemaBehind among the findings; a code of errs where the database couldn't be asked.
func (db *DB) Verify(ctx context.Context) error {
	proofs, err := db.Prove(ctx)
	if err != nil {
		return err
	}
	var findings []error
	for _, p := range proofs {
		findings = append(findings, p.Findings...)
	}
	return errors.Join(findings...)
}

// Prove looks at what Verify looks at, and says of each rule what it covers. Where the schema isn't this program's it
// stops there: what else differs follows from that.
//
// Errors: a code of errs where the database couldn't be asked.
func (db *DB) Prove(ctx context.Context) ([]Proof, error) {
	proofs, err := db.prove(ctx, roleRules())
	if err != nil {
		return nil, err
	}
	version := Proof{Rule: "the schema is the one that this program was built with", Objects: 1, Kind: "schema"}
	finding, err := db.checkVersion(ctx)
	if err != nil {
		return nil, err
	}
	if finding != nil {
		version.Findings = []error{finding}
		return append(proofs, version), nil //nolint:nilerr // what is wrong is in the proof
	}
	tables, err := db.prove(ctx, tableRules())
	if err != nil {
		return nil, err
	}
	models, err := db.checkModels(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Concat(proofs, []Proof{version}, tables, models), nil
}

// prove asks for what rules say of each object that they cover.
func (db *DB) prove(ctx context.Context, rules []rule) ([]Proof, error) {
	proofs := make([]Proof, 0, len(rules))
	for _, r := range rules {
		rows, err := db.read.Query(ctx, r.check, r.args...)
		if err != nil {
			return nil, translate(fmt.Errorf("check the database: %w", err))
		}
		proof := Proof{Rule: r.says, Kind: r.kind}
		objects := map[string]bool{}
		var object string
		var finding *string
		_, err = pgx.ForEachRow(rows, []any{&object, &finding}, func() error {
			objects[object] = true
			if finding != nil {
				proof.Findings = append(proof.Findings, errors.New(*finding))
			}
			return nil
		})
		if err != nil {
			return nil, translate(fmt.Errorf("check the database: %w", err))
		}
		proof.Objects = len(objects)
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

// checkVersion gives a finding where the schema isn't the one that this program was built with.
func (db *DB) checkVersion(ctx context.Context) (finding, err error) {
	newest, err := newestMigration()
	if err != nil {
		return nil, err
	}
	var version string
	err = db.read.QueryRow(ctx, "select tillgraph.schema_version()").Scan(&version)
	switch {
	case state(err) == undefinedFunction || state(err) == invalidSchemaName:
		return ErrSchemaBehind, nil
	case state(err) == insufficientPrivilege:
		return errors.New("the server's role may not ask for the version of the schema: " +
			"run `migrate up`, which grants it its way in"), nil
	case err != nil:
		return nil, translate(fmt.Errorf("ask for the version of the schema: %w", err))
	case version < newest:
		return fmt.Errorf("%w (it is at %s, this program needs %s)", ErrSchemaBehind, version, newest), nil
	case version > newest:
		return fmt.Errorf("the schema is at %s, ahead of this program, which knows %s", version, newest), nil
	}
	return nil, nil
}

// catalogTable is what the database says of a table.
type catalogTable struct {
	tenant  bool
	columns []string
	// policy is the text of its policies: which settings narrow a row.
	policy  string
	ofStore bool
}

const tableQuery = `
select c.relname,
    coalesce(bool_or(a.attname = 'tenant_id'), false),
    coalesce(array_agg(a.attname::text) filter (where a.attname is not null), '{}'),
    coalesce((select string_agg(p.qual, ' ') from pg_policies p
        where p.schemaname = 'public' and p.tablename = c.relname and p.roles && '{public,tillgraph_app}'), ''),
    coalesce(bool_or(a.attname = 'store_id' and a.attnotnull), false)
from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
group by c.oid, c.relname`

func (db *DB) catalog(ctx context.Context) (map[string]catalogTable, error) {
	rows, err := db.read.Query(ctx, tableQuery)
	if err != nil {
		return nil, translate(fmt.Errorf("read the catalog: %w", err))
	}
	tables := map[string]catalogTable{}
	var name string
	var t catalogTable
	_, err = pgx.ForEachRow(rows, []any{&name, &t.tenant, &t.columns, &t.policy, &t.ofStore}, func() error {
		tables[name] = t
		t.columns = nil
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Errorf("read the catalog: %w", err))
	}
	return tables, nil
}

// checkModels compares the models with the tables: a table that layer one doesn't know is one that it can't keep.
func (db *DB) checkModels(ctx context.Context) ([]Proof, error) {
	tables, err := db.catalog(ctx)
	if err != nil {
		return nil, err
	}
	models := Proof{Rule: "every model embeds the scoped base that its table's policy asks for", Kind: "models"}
	known := map[string]bool{}
	for _, model := range db.models {
		table := db.table(model)
		known[table.Name] = true
		models.Objects++
		row, ok := table.ZeroIface.(owned)
		if !ok {
			models.Findings = append(models.Findings, fmt.Errorf("model %s embeds no scoped base", table.TypeName))
			continue
		}
		models.Findings = append(models.Findings, checkModel(table, row, tables)...)
	}
	modelled := Proof{Rule: "every table with tenant_id has a model, by which statements are scoped", Kind: "tables"}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if !tables[name].tenant {
			continue
		}
		modelled.Objects++
		if !known[name] {
			modelled.Findings = append(modelled.Findings, fmt.Errorf("table %s has tenant_id and no model", name))
		}
	}
	return []Proof{models, modelled}, nil
}

func (db *DB) table(model any) *schema.Table {
	return db.bun.Dialect().Tables().Get(reflect.TypeOf(model).Elem())
}

func checkModel(model *schema.Table, row owned, tables map[string]catalogTable) []error {
	table, ok := tables[model.Name]
	if !ok {
		return []error{fmt.Errorf("model %s: there is no table %s", model.TypeName, model.Name)}
	}
	var findings []error
	for _, field := range model.Fields {
		if !slices.Contains(table.columns, field.Name) {
			findings = append(findings, fmt.Errorf("model %s: table %s has no column %s",
				model.TypeName, model.Name, field.Name))
		}
	}
	rule := row.predicate("")
	for _, narrowing := range []struct {
		due        bool
		argument   string
		wantedBase string
	}{
		{table.ofStore || strings.Contains(table.policy, "app.store_ids"), "?app_stores", "StoreOwned"},
		{strings.Contains(table.policy, "app.register_id"), "?app_register", "RegisterOwned"},
	} {
		if narrowing.due && !strings.Contains(rule, narrowing.argument) {
			findings = append(findings, fmt.Errorf("model %s: the rows of table %s are narrower than its base, "+
				"which must be %s", model.TypeName, model.Name, narrowing.wantedBase))
		}
	}
	return findings
}
