package signal

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// table is where things of a type are.
type table struct {
	model any
	// key and store are the columns with their id and their store; no store where things are the company's.
	key, store string
}

// tablesOf says where things of each type are, by the types of the models' ids.
func tablesOf(models []any) map[string]table {
	tables := map[string]table{}
	for _, model := range models {
		row := reflect.TypeOf(model).Elem()
		if base, ok := row.FieldByName("BaseModel"); ok && strings.HasPrefix(base.Tag.Get("bun"), "table:companies,") {
			tables["Company"] = table{model: model, key: "tenant_id"}
			continue
		}
		key, ok := row.FieldByName("ID")
		if !ok {
			continue
		}
		text, ok := reflect.TypeAssert[fmt.Stringer](reflect.Zero(key.Type))
		if !ok {
			continue
		}
		prefix, _, _ := strings.Cut(text.String(), "_")
		of := table{model: model, key: "id"}
		if _, is := row.FieldByName("StoreItself"); is {
			of.store = "id"
		} else if _, is := row.FieldByName("StoreOwned"); is {
			of.store = "store_id"
		}
		if typ := (id.Any{Prefix: prefix}).Type(); typ != "" {
			tables[typ] = of
		}
	}
	return tables
}

// naming is an id and who named it: what one may look at, another may not.
type naming struct {
	id       uuid.UUID
	user     id.User
	register id.Register
	support  id.SupportAccess
}

// named is something that a request named, until it is looked up.
type named struct {
	id.Any
	n int64
	// scope is who named it.
	scope *tenancy.Scope
	Evidence
}

// name keeps what a request named, but for what its company is known to have.
func (w *Watch) name(r *Request) {
	for _, ref := range r.IDs {
		if _, ok := w.tables[ref.Type()]; !ok {
			continue
		}
		if store, ok := w.known.Get(thing{r.Scope.Company, ref.UUID}); ok {
			w.judge(r.Scope, store, 1, r.Evidence)
			continue
		}
		of, key := w.named[r.Scope.Company], naming{ref.UUID, r.Scope.User, r.Scope.Register, r.Scope.Support}
		if one := of[key]; one != nil {
			one.n, one.scope, one.Evidence = one.n+1, r.Scope, r.Evidence
			continue
		}
		if len(of) >= mostNamed || w.names >= mostNamedOfAll {
			if w.Unchecked != nil {
				w.Unchecked(1)
			}
			continue
		}
		if of == nil {
			of = map[naming]*named{}
			w.named[r.Scope.Company] = of
		}
		of[key] = &named{ref, 1, r.Scope, r.Evidence}
		w.names++
	}
}

// judge counts something of a store that isn't the caller's.
func (w *Watch) judge(scope *tenancy.Scope, store id.Store, n int64, e Evidence) {
	if !store.IsZero() && !scope.AllStores() && !scope.HasStore(store) {
		w.count(signalKey{scope.Company, e.LastAt.UTC().Truncate(time.Hour), OtherStore}, counted{n, e})
	}
}

// Look looks up what requests named since it last did: whether their company has it, in which store, and, where it has
// it not, whether another one does. The last one asks every company, one after the other, and so needs a round trip for
// each; what requests named is bounded, and they don't wait.
func (w *Watch) Look(ctx context.Context) error {
	w.mu.Lock()
	all := w.named
	names := w.names
	w.named, w.names = map[id.Company]map[naming]*named{}, 0
	w.mu.Unlock()
	strangers := []*named{}
	var err error
	for company, ids := range all {
		var missing []*named
		if missing, err = w.own(ctx, company, ids); err != nil {
			break
		}
		strangers = append(strangers, missing...)
	}
	if err == nil {
		err = w.foreign(ctx, strangers)
	}
	if err != nil && w.Unchecked != nil {
		w.Unchecked(int64(names))
	}
	return err
}

// own looks among a company's own things, and gives what isn't there.
func (w *Watch) own(ctx context.Context, company id.Company, ids map[naming]*named) ([]*named, error) {
	whole, err := w.DB.WholeCompany(ctx, company)
	if err != nil || whole == nil {
		return nil, err
	}
	found, err := w.find(ctx, whole.Scope(), slices.Collect(maps.Values(ids)))
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var missing []*named
	for _, one := range ids {
		if store, ok := found[one.UUID]; ok {
			w.known.Add(thing{company, one.UUID}, store)
			w.judge(one.scope, store, one.n, one.Evidence)
			continue
		}
		w.count(signalKey{company, one.LastAt.UTC().Truncate(time.Hour), UnknownID}, counted{one.n, one.Evidence})
		missing = append(missing, one)
	}
	return missing, nil
}

// foreign looks for ids among all companies' things.
func (w *Watch) foreign(ctx context.Context, ids []*named) error {
	if len(ids) == 0 {
		return nil
	}
	return later.Each(ctx, w.DB.ReportCompanies, companyOf, func(c *postgres.Reporting) error {
		others := slices.DeleteFunc(slices.Clone(ids), func(one *named) bool { return one.scope.Company == c.Company })
		found, err := w.find(ctx, c.Scope(), others)
		if err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, one := range others {
			if _, ok := found[one.UUID]; ok {
				w.count(signalKey{one.scope.Company, one.LastAt.UTC().Truncate(time.Hour), ForeignID}, counted{one.n, one.Evidence})
			}
		}
		return nil
	})
}

// at is a thing that was found.
type at struct {
	ID      uuid.UUID  `bun:"id"`
	StoreID *uuid.UUID `bun:"store_id"`
}

// find gives those of the ids that a company has, with their stores, in one round trip.
func (w *Watch) find(ctx context.Context, scope *tenancy.Scope, ids []*named) (map[uuid.UUID]id.Store, error) {
	found := map[uuid.UUID]id.Store{}
	if len(ids) == 0 {
		return found, nil
	}
	h, err := w.DB.Bind(tenancy.With(ctx, scope))
	if err != nil {
		return nil, err
	}
	byType := map[string][]uuid.UUID{}
	for _, one := range ids {
		byType[one.Type()] = append(byType[one.Type()], one.UUID)
	}
	var statements []postgres.Statement
	results := make([][]*at, 0, len(byType))
	for typ, keys := range byType {
		of := w.tables[typ]
		q := h.Select(of.model).ColumnExpr("?TableAlias.? AS id", bun.Ident(of.key)).
			Where("?TableAlias.? = ANY (?::uuid[])", bun.Ident(of.key), postgres.UUIDs(keys))
		if of.store != "" {
			q.ColumnExpr("?TableAlias.? AS store_id", bun.Ident(of.store))
		}
		results = append(results, nil)
		statements = append(statements, postgres.Rows(&results[len(results)-1], q))
	}
	if err := h.Read(ctx, statements...); err != nil {
		return nil, err
	}
	for _, rows := range results {
		for _, row := range rows {
			found[row.ID] = id.Store{}
			if row.StoreID != nil {
				found[row.ID] = id.Store(*row.StoreID)
			}
		}
	}
	return found, nil
}
