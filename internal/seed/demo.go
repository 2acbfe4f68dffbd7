package seed

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// demoDays is how far back the demo's sales go.
const demoDays = 90

// DemoResult is what Demo did.
type DemoResult struct {
	// Accounts are those of all demo companies, made now or before.
	Accounts []DemoAccount
	// Made are the slugs of the companies made now, and Sales how many sales they have.
	Made  []string
	Sales int
}

// DemoAccount is a person who can log in with Password.
type DemoAccount struct {
	CompanySlug, CompanyName, Email, Name, Role string
	// Sees is a phrase for people: "Westlands only".
	Sees      string
	CompanyID id.Company
	UserID    id.User
}

// Empty says whether the database has no company.
func Empty(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var empty bool
	if err := conn.QueryRow(ctx, `select not exists (select from company_directory)`).Scan(&empty); err != nil {
		return false, fmt.Errorf("look for companies: %w", err)
	}
	return empty, nil
}

// Demo makes the demo companies that are not there yet, each whole or not at all, with sales of the last 90 days.
// It may run again, and several at once. Errors: ErrNotEmpty when there are companies of other origin.
func Demo(ctx context.Context, conn *pgx.Conn, o Options) (DemoResult, error) {
	specs := demoCompanies()
	if err := refuseOthers(ctx, conn, specs); err != nil {
		return DemoResult{}, err
	}
	var result DemoResult
	missing, err := missingOf(ctx, conn, specs)
	if err != nil {
		return DemoResult{}, err
	}
	var hash string
	if len(missing) > 0 {
		if hash, err = o.HashPassword(ctx, Password); err != nil {
			return DemoResult{}, fmt.Errorf("hash the demo password: %w", err)
		}
	}
	for number, spec := range specs {
		if !slices.Contains(missing, spec.slug) {
			continue
		}
		sales, err := demoCompany(ctx, conn, spec, number, hash, o)
		if errors.Is(err, errTaken) {
			continue
		}
		if err != nil {
			return DemoResult{}, fmt.Errorf("make demo company %s: %w", spec.slug, err)
		}
		result.Made, result.Sales = append(result.Made, spec.slug), result.Sales+sales
		o.Logger.InfoContext(ctx, "made a demo company", "company", spec.slug, "sales", sales)
	}
	if len(result.Made) > 0 {
		if err := analyze(ctx, conn); err != nil {
			return DemoResult{}, err
		}
	}
	result.Accounts, err = DemoAccounts(ctx, conn)
	return result, err
}

func slugs(specs []companySpec) []string {
	list := make([]string, len(specs))
	for i, spec := range specs {
		list[i] = spec.slug
	}
	return list
}

func refuseOthers(ctx context.Context, conn *pgx.Conn, specs []companySpec) error {
	var others bool
	err := conn.QueryRow(ctx, `select exists (select from company_directory where slug <> all ($1))`, slugs(specs)).Scan(&others)
	if err != nil {
		return fmt.Errorf("look for other companies: %w", err)
	}
	if others {
		return ErrNotEmpty
	}
	return nil
}

func missingOf(ctx context.Context, conn *pgx.Conn, specs []companySpec) ([]string, error) {
	rows, err := conn.Query(ctx, `select s from unnest($1::text[]) as s
		where not exists (select from company_directory d where d.slug = s)`, slugs(specs))
	if err != nil {
		return nil, fmt.Errorf("look for demo companies: %w", err)
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for demo companies: %w", err)
	}
	return missing, nil
}

// demoCompany makes a company in one transaction, so that there is never half of one.
func demoCompany(ctx context.Context, conn *pgx.Conn, spec companySpec, number int, hash string, o Options) (int, error) {
	p := period{days: demoDays, until: o.Now()}
	c, err := newCompany(spec, o.Seed, number, p.opened())
	if err != nil {
		return 0, err
	}
	c.closes = p.until
	sales := 0
	err = inScope(ctx, conn, c.id, c.storeIDs(), func(tx pgx.Tx) error {
		if err := writeCompany(ctx, tx, c, hash); err != nil {
			return err
		}
		for _, s := range c.stores {
			n, err := demoStore(ctx, tx, c, s, p, o.Seed)
			if err != nil {
				return fmt.Errorf("store %s: %w", s.code, err)
			}
			sales += n
		}
		return nil
	})
	return sales, err
}

func demoStore(ctx context.Context, tx pgx.Tx, c *company, s *store, p period, seed uint64) (int, error) {
	rows, err := openStore(ctx, tx, c, s, p, seed)
	if err != nil {
		return 0, err
	}
	err = newTrade(c, s, p, seed).each(func(k *ticket) error {
		if !p.covers(k.at) {
			return nil
		}
		return rows.add(k)
	})
	if err != nil {
		return 0, err
	}
	sales := rows.len()
	return sales, rows.flush(ctx, tx)
}

// openStore writes a store's stock and gives what to put its sales into.
func openStore(ctx context.Context, tx pgx.Tx, c *company, s *store, p period, seed uint64) (*saleRows, error) {
	t, err := newTally(c, s, p, seed)
	if err != nil {
		return nil, err
	}
	ids := &idMaker{dice: newDice(seed, c.number, s.number, purposeRows)}
	stock := t.opening(c, s, seed, ids)
	if err := writeStock(ctx, tx, c, s, t, stock, ids, p.until); err != nil {
		return nil, err
	}
	after := make([]int64, len(c.products))
	for i := range after {
		after[i] = stock.counted[i] + stock.received[i]
	}
	return &saleRows{
		company: c, store: s, ids: ids, stock: stock, after: after, tills: newTills(c, s, p, seed),
	}, nil
}

// DemoAccounts gives the accounts of the demo companies that are there, whether they were made now or long ago.
func DemoAccounts(ctx context.Context, conn *pgx.Conn) ([]DemoAccount, error) {
	var accounts []DemoAccount
	for _, spec := range demoCompanies() {
		var tenant uuid.UUID
		err := conn.QueryRow(ctx, `select company_id from company_directory where slug = $1`, spec.slug).Scan(&tenant)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look up demo company %s: %w", spec.slug, err)
		}
		users, err := usersByEmail(ctx, conn, tenant)
		if err != nil {
			return nil, fmt.Errorf("look up the people of %s: %w", spec.slug, err)
		}
		for _, p := range spec.people {
			email := p.local + "@" + spec.slug + ".example"
			if user, ok := users[email]; ok {
				accounts = append(accounts, DemoAccount{
					CompanySlug: spec.slug, CompanyName: spec.name, Email: email, Name: p.name, Role: p.role, Sees: p.sees,
					CompanyID: id.Company(tenant), UserID: id.User(user),
				})
			}
		}
	}
	return accounts, nil
}

func usersByEmail(ctx context.Context, conn *pgx.Conn, tenant uuid.UUID) (map[string]uuid.UUID, error) {
	users := map[string]uuid.UUID{}
	err := inScope(ctx, conn, tenant, nil, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select email, id from users where tenant_id = $1 and status = 'ACTIVE'`, tenant)
		if err != nil {
			return err
		}
		var email string
		var user uuid.UUID
		_, err = pgx.ForEachRow(rows, []any{&email, &user}, func() error {
			users[email] = user
			return nil
		})
		return err
	})
	return users, err
}
