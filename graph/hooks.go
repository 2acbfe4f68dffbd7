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

// Reports does what is due about reports while nobody waits for it.
func Reports(c Config) (*report.Worker, error) {
	c.Now = c.clock()
	files, err := c.files()
	if err != nil {
		return nil, err
	}
	return report.NewWorker(files), nil
}

// Hooks are what else the server does: what it answers that isn't GraphQL, by path, and what it lets go by itself.
func Hooks(c Config) (map[string]http.Handler, *closure.Closures, error) {
	c.Now = c.clock()
	people, err := c.people()
	if err != nil {
		return nil, nil, err
	}
	closures, err := c.closures(people)
	if err != nil {
		return nil, nil, err
	}
	files, err := c.files()
	if err != nil {
		return nil, nil, err
	}
	hooks := map[string]http.Handler{
		closure.Path: closure.NewExports(closures), report.Path: report.NewDownloads(files),
	}
	if len(c.BillingSecrets) > 0 {
		hooks[billing.Path] = &billing.Hook{
			DB: c.DB, SignUps: signup.New(signup.Config{DB: c.DB, Staff: people, Now: c.Now}), Secrets: c.BillingSecrets,
			Logger: c.Logger, Now: c.Now, Timeout: c.Timeout,
		}
	}
	return hooks, closures, nil
}
