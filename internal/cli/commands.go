package cli

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/tillgraph/tillgraph/internal/seed"
)

const description = `A GraphQL back end for retail companies.

With nothing configured it starts a private PostgreSQL, fills it with demo data and serves on 127.0.0.1:8080.
"tillgraph serve --help" shows all settings: each is a flag and a variable of the environment.`

// commands are what the program can do.
type commands struct {
	Serve     serveCommand      `cmd:"" default:"withargs" help:"Serve GraphQL. This is what happens when no command is named."`
	Migrate   migrateCommands   `cmd:"" help:"Move the database's schema."`
	Seed      seedCommand       `cmd:"" help:"Fill the database with demo data, or with as much as it takes to measure."`
	Isolation isolationCommands `cmd:"" help:"Prove that companies are kept apart."`
	Report    reportCommands    `cmd:"" help:"Look after the sums that reports are made of."`
	Audit     auditCommands     `cmd:"" help:"Verify the trail of changes and accesses."`
	Company   companyOperations `cmd:"" help:"Make companies, and look after them as an operator."`
	Support   supportCommands   `cmd:"" help:"Get access to a company, in its sight."`
	Signals   signalsCommand    `cmd:"" help:"Print what was noticed of requests that may be an attack or a mistake."`
	Token     tokenCommand      `cmd:"" help:"Print an access token for a company's user."`
	Bench     benchCommands     `cmd:"" help:"Measure the server against handlers that are written by hand."`
	DemoDay   demoDayCommand    `cmd:"" help:"Run a shop's day against a server, and check every figure of it."`
	Key       keyCommand        `cmd:"" help:"Print a new signing key."`
	Schema    schemaCommand     `cmd:"" help:"Print the GraphQL schema."`
	Settings  settingsCommand   `cmd:"" hidden:"" help:"Print the table of settings, as the README has it."`
}

// parser reads arguments and environment into commands.
type parser struct {
	kong     *kong.Kong
	commands *commands
	// helped says that help was asked for and given.
	helped bool
}

func newParser(env Env, stdout, stderr io.Writer) (*parser, error) {
	p := &parser{commands: &commands{}}
	var err error
	p.kong, err = kong.New(p.commands,
		kong.Name("tillgraph"),
		kong.Description(description),
		kong.Vars{"demoPassword": seed.Password},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { p.helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100}),
		kong.Help(printHelp),
		kong.ValueFormatter(flagHelp),
		kong.Resolvers(fromEnv(env)),
	)
	if err != nil {
		return nil, fmt.Errorf("build the commands: %w", err)
	}
	detachEnv(p.kong.Model.Node)
	return p, nil
}

func (p *parser) parse(args []string) (*kong.Context, error) {
	command, err := p.kong.Parse(args)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	return command, nil
}

// printHelp shows all commands where none is named: the default one alone would hide the others.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if !named(ctx) {
		ctx.Path = ctx.Path[:1]
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return fmt.Errorf("print the help: %w", err)
	}
	return nil
}

// named tells whether the arguments name a command.
func named(ctx *kong.Context) bool {
	return slices.ContainsFunc(ctx.Model.Children, func(command *kong.Node) bool {
		return slices.Contains(ctx.Args, command.Name)
	})
}

func flagHelp(value *kong.Value) string {
	if value.Flag == nil || len(value.Flag.Envs) == 0 {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + strings.Join(value.Flag.Envs, ", $") + ")."
}

// detachEnv keeps kong from looking into the process's environment; fromEnv looks into the one handed in.
func detachEnv(node *kong.Node) {
	for _, flag := range node.Flags {
		flag.Tag.Envs = nil
	}
	for _, child := range node.Children {
		detachEnv(child)
	}
}

// fromEnv takes what no flag says from the environment. An empty variable counts as none, since that is how
// compose files and shells leave one out.
func fromEnv(env Env) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			value, _ := env(name)
			if value == "" {
				continue
			}
			if err := tryValue(flag, value); err != nil {
				return nil, fmt.Errorf("%w (from the variable %s)", err, name)
			}
			return value, nil
		}
		return nil, nil // kong's way to say that nothing is known
	}
}

// tryValue says whether a flag takes a value, so that the error can name where the value came from.
func tryValue(flag *kong.Flag, value string) error {
	if flag.Enum != "" && !slices.Contains(flag.EnumSlice(), value) {
		return fmt.Errorf("%q is not one of %s", value, strings.Join(flag.EnumSlice(), ", "))
	}
	scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: value})
	target := reflect.New(flag.Target.Type()).Elem()
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, target); err != nil {
		return err //nolint:wrapcheck // it says what was expected
	}
	return nil
}
