package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/id"
)

// ProvedDomain is a host that names a company.
type ProvedDomain struct {
	Company id.Company
	Domain  id.CompanyDomain
	Host    string
}

// DomainsDue gives hosts that were not looked for since an instant, at most so many.
func (db *DB) DomainsDue(ctx context.Context, before time.Time, most int) ([]ProvedDomain, error) {
	rows, err := db.read.Query(ctx, "select company, domain, host from tillgraph.domains_due($1, $2)", before, most)
	if err != nil {
		return nil, translate(fmt.Errorf("ask the gate: %w", err))
	}
	var due []ProvedDomain
	var company, domain uuid.UUID
	var host string
	_, err = pgx.ForEachRow(rows, []any{&company, &domain, &host}, func() error {
		due = append(due, ProvedDomain{Company: id.Company(company), Domain: id.CompanyDomain(domain), Host: host})
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Errorf("ask the gate: %w", err))
	}
	return due, nil
}

// DomainChecked writes down what was found for a host: its records, nil where nobody could be asked. It says what that
// means: PROVED, MISSING, LAPSED (its record has been missing since grace began), UNKNOWN, or GONE.
func (db *DB) DomainChecked(ctx context.Context, d ProvedDomain, records []string, now, grace time.Time) (string, error) {
	var outcome string
	err := db.write.QueryRow(ctx, "select tillgraph.domain_checked($1, $2, $3, $4, $5)",
		d.Company.UUID(), d.Domain.UUID(), records, now, grace).Scan(&outcome)
	if err != nil {
		return "", translate(fmt.Errorf("write down what was found for a host: %w", err))
	}
	return outcome, nil
}
