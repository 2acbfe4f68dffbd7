package graph

import (
	"net/http"

	"github.com/tillgraph/tillgraph/internal/billing"
	"github.com/tillgraph/tillgraph/internal/signup"
)

// Hooks are what else the server answers, by path: what isn't GraphQL.
func Hooks(c Config) (map[string]http.Handler, error) {
	c.Now = c.clock()
	people, err := c.people()
	if err != nil {
		return nil, err
	}
	hooks := map[string]http.Handler{}
	if len(c.BillingSecrets) > 0 {
		hooks[billing.Path] = &billing.Hook{
			DB: c.DB, SignUps: signup.New(signup.Config{DB: c.DB, Staff: people, Now: c.Now}), Secrets: c.BillingSecrets,
			Logger: c.Logger, Now: c.Now, Timeout: c.Timeout,
		}
	}
	return hooks, nil
}
