package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/tillgraph/tillgraph/internal/seed"
)

// banner tells a person what has been started and how to use it.
type banner struct {
	address                 string
	local, reused, explorer bool
	demo                    *demo
}

func (b banner) print(w io.Writer) error {
	base := "http://" + reachable(b.address)
	var text strings.Builder
	text.WriteString("\ntillgraph is ready\n\n")
	line := func(name, value string) { fmt.Fprintf(&text, "  %-10s %s\n", name, value) }
	line("GraphQL", base+endpointPath)
	if b.explorer {
		line("Explorer", base+"/")
	}
	line("Schema", base+schemaPath)
	switch {
	case b.reused:
		line("Database", "the private PostgreSQL of a tillgraph that is running already; it stops with that one")
	case b.local:
		line("Database", "a private PostgreSQL; its data is kept for the next start")
	default:
		line("Database", "the one of DATABASE_URL")
	}
	if b.local {
		b.tokens(&text, base)
	}
	text.WriteString("\nCtrl-C stops it.\n\n")
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("print the banner: %w", err)
	}
	return nil
}

func (b banner) tokens(text *strings.Builder, base string) {
	roles := b.demo.roles()
	if len(roles) == 0 {
		text.WriteString("\nThere are no demo companies in it. A token for a user of yours:\n\n" +
			"  go run . token --company SLUG --user EMAIL\n")
		return
	}
	text.WriteString("\nTokens for 24 hours, one for each demo role:\n")
	for _, a := range roles {
		fmt.Fprintf(text, "\n  %s: %s %s (%s)\n  sees: %s\n  %s\n",
			a.CompanyName, strings.ToLower(a.Role), a.Name, a.Email, a.Sees, a.token)
	}
	fmt.Fprintf(text, "\nThe password of all of them is %s. To try one:\n\n"+
		"  curl -s %s -H 'Content-Type: application/json' \\\n    -H 'Authorization: Bearer %s' \\\n"+
		"    -d '{\"query\":\"{ viewer { role user { name } stores { nodes { name } } } }\"}'\n",
		seed.Password, base+endpointPath, b.curlAccount(roles).token)
}

// curlAccount prefers somebody who doesn't see all stores: that shows more.
func (b banner) curlAccount(roles []demoAccount) demoAccount {
	for _, a := range roles {
		if a.Role == "MANAGER" {
			return a
		}
	}
	return roles[0]
}
