// Command gqlgen is github.com/99designs/gqlgen for this schema: it makes graph/generated and the resolvers' signatures,
// and then takes out of the generated code what each operation would pay for and none uses.
package main

import (
	"fmt"
	"io"
	"log" //nolint:depguard // where gqlgen writes
	"os"
	"path/filepath"
	"regexp"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	log.SetOutput(io.Discard) // as gqlgen itself does: it goes on about each binding
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 || args[0] != "generate" {
		return fmt.Errorf("say generate, and not %q", args)
	}
	c, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return fmt.Errorf("read gqlgen.yml: %w", err)
	}
	if err := api.Generate(c); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	return rewrite(filepath.Join(c.Exec.DirName, "root_.generated.go"))
}

func rewrite(path string) error {
	source, err := os.ReadFile(path) //nolint:gosec // where gqlgen.yml says
	if err != nil {
		return fmt.Errorf("read what was generated: %w", err)
	}
	if source, err = lean(source); err != nil {
		return err
	}
	if err := os.WriteFile(path, source, 0o600); err != nil { //nolint:gosec // as above; it keeps its mode
		return fmt.Errorf("write what was generated: %w", err)
	}
	return nil
}

// lean takes away the table of all inputs' readers, which gqlgen makes anew for each operation: a hundred closures in a
// map, a quarter of what a small query allocates. Only graphql.UnmarshalInputFromContext looks there, for resolvers that
// read inputs themselves, of which this graph has none: the generated code reads arguments by itself.
//
// Another gqlgen may make no such table, or another one: then somebody must look.
func lean(source []byte) ([]byte, error) {
	for _, made := range []string{
		`(?s)\n\tinputUnmarshalMap := graphql\.BuildUnmarshalerMap\(.*?\n\t\)`,
		`\n\t+ctx = graphql\.WithUnmarshalerMap\(ctx, inputUnmarshalMap\)`,
	} {
		pattern := regexp.MustCompile(made)
		if !pattern.Match(source) {
			return nil, fmt.Errorf("the generated code has no %s: see whether gqlgen still makes a table of inputs", made)
		}
		source = pattern.ReplaceAll(source, nil)
	}
	return source, nil
}
