package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tillgraph/tillgraph/internal/demoday"
)

// demoDayCommand runs a day in a shop of its own.
//
//nolint:lll // a tag can't be broken over lines
type demoDayCommand struct {
	URL      string        `name:"url" default:"http://127.0.0.1:8080/graphql" placeholder:"URL" help:"The server's GraphQL endpoint."`
	Company  string        `default:"savanna" placeholder:"SLUG" help:"The company whose people work that day. Its currency has two decimals."`
	Password string        `default:"${demoPassword}" help:"The password of those who sign in."`
	Owner    string        `default:"owner@savanna.example" placeholder:"WHO" help:"Who opens the shop: an address, or an access token, as of all of them."`
	Manager  string        `default:"manager.westlands@savanna.example" placeholder:"WHO" help:"Who may void, approve and set prices."`
	Cashier  string        `default:"cashier.westlands@savanna.example" placeholder:"WHO" help:"Who is at the till in the morning."`
	Second   string        `default:"cashier2.westlands@savanna.example" placeholder:"WHO" help:"Who is at the till in the afternoon."`
	Timeout  time.Duration `default:"2m" help:"How long it may take."`
}

// Help says what is done and checked.
func (*demoDayCommand) Help() string {
	return "It opens a shop of its own on a running server, sells there from morning to evening in every way that there is, " +
		"over the public graph alone, and prints the story. Then it checks each figure of the Z reports, the stock and all " +
		"balances against what it reckoned itself, and against what it reads back; the exit code is 1 where one differs. In " +
		"the end the shop is shut and its goods archived; what was sold stays. By default it signs in people of the demo."
}

// Run runs the day.
func (c *demoDayCommand) Run(ctx context.Context, p *process) error {
	if c.Timeout <= 0 {
		return usagef("--timeout must be above zero")
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	err := demoday.Run(ctx, demoday.Options{
		URL: c.URL, Company: c.Company, Password: c.Password, Owner: c.Owner, Manager: c.Manager,
		MorningShift: c.Cashier, LateShift: c.Second, HTTP: http.DefaultClient, Now: p.now, Out: p.stdout,
	})
	if err != nil {
		return fmt.Errorf("the demo day: %w", err)
	}
	return nil
}
