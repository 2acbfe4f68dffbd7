package postgres

import (
	"context"
	"strings"

	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// config is what tillgraph.company_config answers.
type config struct {
	version            int64
	plan, businessType string
	// switched are features with a sign before each, joined by commas.
	switched string
}

func (c *config) into() []any { return []any{&c.version, &c.plan, &c.businessType, &c.switched} }

func (c *config) config() tenancy.Config {
	known := tenancy.Config{
		Version: c.version, Plan: tenancy.Plan(c.plan), BusinessType: tenancy.BusinessType(c.businessType),
	}
	for feature := range strings.SplitSeq(c.switched, ",") {
		if feature == "" {
			continue
		}
		if known.Switched == nil {
			known.Switched = map[tenancy.Feature]bool{}
		}
		known.Switched[tenancy.Feature(feature[1:])] = feature[0] == '+'
	}
	return known
}

// SlugByHost gives the slug of the company that proved a host of its own.
//
// Errors: ErrNoAccess.
func (db *DB) SlugByHost(ctx context.Context, host string) (string, error) {
	var slug *string
	if err := db.gate(ctx, "select tillgraph.company_by_host($1)", []any{host}, &slug); err != nil {
		return "", err
	}
	if slug == nil {
		return "", ErrNoAccess
	}
	return *slug, nil
}
