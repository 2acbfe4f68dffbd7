package graph

import (
	"fmt"
	"net/http"

	"github.com/tillgraph/tillgraph/internal/billing"
	"github.com/tillgraph/tillgraph/internal/closure"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/signup"
	"github.com/tillgraph/tillgraph/internal/staff"
)

// closures makes what lets companies go.
func (c Config) closures(people *staff.Staff) (*closure.Closures, error) {
	links, err := c.Keys.Sealer("exports", c.Rand)
	if err != nil {
		return nil, fmt.Errorf("seal links to exports: %w", err)
	}
	return closure.New(closure.Config{
		DB: c.DB, Staff: people, Sealer: links, Now: c.Now, Grace: c.DeletionGrace, Logger: c.Logger,
	}), nil
}

// files makes reports as files.
func (c Config) files() (*report.Files, error) {
	links, err := c.Keys.Sealer("reports", c.Rand)
	if err != nil {
		return nil, fmt.Errorf("seal links to reports: %w", err)
	}
	return report.NewFiles(report.FilesConfig{DB: c.DB, Sealer: links, Mail: c.Mail, Now: c.Now, Logger: c.Logger}), nil
}

// hooks are what the server answers that isn't GraphQL, by path.
func (c Config) hooks(closures *closure.Closures, files *report.Files, signUps *signup.SignUps) map[string]http.Handler {
	hooks := map[string]http.Handler{
		closure.Path: closure.NewExports(closures), report.Path: report.NewDownloads(files),
	}
	if len(c.BillingSecrets) > 0 {
		hooks[billing.Path] = &billing.Hook{
			DB: c.DB, SignUps: signUps, Secrets: c.BillingSecrets, Logger: c.Logger, Now: c.Now, Timeout: c.Timeout,
		}
	}
	return hooks
}
