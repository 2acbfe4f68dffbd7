// Command tillgraph serves retail companies' data over GraphQL, each company apart from all others.
package main

import (
	"os"

	"github.com/tillgraph/tillgraph/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)) }
