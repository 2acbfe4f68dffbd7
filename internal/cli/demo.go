package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/explorer"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/seed"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// demoTokenTTL is a day's look around.
const demoTokenTTL = 24 * time.Hour

// demo is what a server on the private PostgreSQL offers to try; it is empty elsewhere.
type demo struct {
	accounts []demoAccount
	// sale are the variables of the example that records one.
	sale string
}

func noDemo() *demo { return &demo{} }

type demoAccount struct {
	seed.DemoAccount

	token string
}

// prepareDemo makes the private PostgreSQL's schema and demo data, and tokens for the people in it.
func prepareDemo(ctx context.Context, p *process, t *target, issuer *auth.Issuer) (*demo, error) {
	d := &demo{}
	if !t.local() {
		return d, nil
	}
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	accounts, err := t.demoAccounts(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, account := range accounts {
		token, err := mint(issuer, account.CompanyID.UUID(), account.UserID.UUID(), p.now(), demoTokenTTL)
		if err != nil {
			return nil, err
		}
		d.accounts = append(d.accounts, demoAccount{DemoAccount: account, token: token})
	}
	return d, nil
}

// demoAccounts makes the demo companies and gives their people. Demo is asked even where there are companies: it
// completes what a start that was interrupted left out, and leaves a database with companies of other origin alone.
func (t *target) demoAccounts(ctx context.Context, p *process) ([]seed.DemoAccount, error) {
	result, err := t.demo(ctx, p, demoSeed)
	if !errors.Is(err, seed.ErrNotEmpty) {
		return result.Accounts, err
	}
	var accounts []seed.DemoAccount
	err = t.owner(ctx, func(conn *pgx.Conn) (err error) {
		accounts, err = seed.DemoAccounts(ctx, conn)
		return wrap("look for the demo's people", err)
	})
	return accounts, err
}

// distinct gives the first account of each kind.
func (d *demo) distinct(kind func(demoAccount) string) []demoAccount {
	seen := map[string]bool{}
	var list []demoAccount
	for _, account := range d.accounts {
		if key := kind(account); !seen[key] {
			seen[key] = true
			list = append(list, account)
		}
	}
	return list
}

// roles gives one account for each company, role, and what they see.
func (d *demo) roles() []demoAccount {
	return d.distinct(func(a demoAccount) string { return a.CompanySlug + " " + a.Role + " " + a.Sees })
}

// buttons are the explorer's.
func (d *demo) buttons() []explorer.Token {
	accounts := d.roles()
	tokens := make([]explorer.Token, 0, len(accounts))
	for _, a := range accounts {
		tokens = append(tokens, explorer.Token{
			Label: a.CompanyName + ": " + strings.ToLower(a.Role) + " " + a.Name, Description: a.Sees, Token: a.token,
		})
	}
	return tokens
}

// saleVariables finds a till and a product for the example that records a sale. Without them the example is left
// out: the server is no worse for it.
func saleVariables(ctx context.Context, p *process, db *postgres.DB, d *demo, log *slog.Logger) string {
	for _, account := range d.accounts {
		if tenancy.Role(account.Role) != tenancy.Cashier {
			continue
		}
		variables, err := saleOf(ctx, p, db, account)
		if err != nil {
			log.DebugContext(ctx, "no example of a sale", "error", err)
		}
		return variables
	}
	return ""
}

func saleOf(ctx context.Context, p *process, db *postgres.DB, who demoAccount) (string, error) {
	scope, err := db.PersonScope(ctx, postgres.Person{Company: who.CompanyID, User: who.UserID})
	if err != nil {
		return "", fmt.Errorf("enter as %s: %w", who.Email, err)
	}
	ctx = tenancy.With(ctx, scope)
	one, sold := 1, catalog.Active
	registers, err := company.New(db, p.now, p.rand).Registers(ctx, nil, page.Args{First: &one})
	if err != nil {
		return "", fmt.Errorf("look for a register: %w", err)
	}
	products, err := catalog.New(db, p.now).Products(ctx, &catalog.ProductFilter{Status: &sold}, catalog.NameAsc, page.Args{First: &one})
	if err != nil {
		return "", fmt.Errorf("look for a product: %w", err)
	}
	if len(registers.Edges) == 0 || len(products.Edges) == 0 {
		return "", errors.New("there is no register or no product")
	}
	return saleInput(registers.Edges[0].Node.ID.String(), products.Edges[0].Node.ID.String())
}

func saleInput(register, product string) (string, error) {
	input := map[string]any{"input": map[string]any{
		"idempotencyKey": "a-sale-from-the-explorer", // another than the README's
		"registerId":     register,
		"lines":          []map[string]any{{"productId": product, "quantity": "2"}},
		"payments":       []map[string]any{{"method": "CASH", "amount": "5000"}},
		"note":           "Sold from the explorer",
	}}
	text, err := json.MarshalIndent(input, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the variables: %w", err)
	}
	return string(text), nil
}
