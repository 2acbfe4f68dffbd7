package graph

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tillgraph/tillgraph/graph/generated"
	"github.com/tillgraph/tillgraph/graph/wire"
	"github.com/tillgraph/tillgraph/internal/access"
	"github.com/tillgraph/tillgraph/internal/app"
	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/closure"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/later"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/limit"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/receipt"
	"github.com/tillgraph/tillgraph/internal/report"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/signup"
	"github.com/tillgraph/tillgraph/internal/staff"
	"github.com/tillgraph/tillgraph/internal/support"
	"github.com/tillgraph/tillgraph/internal/tax"
	"github.com/tillgraph/tillgraph/internal/telemetry"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
	"github.com/tillgraph/tillgraph/internal/timeclock"
)

// Config is what the handler needs.
type Config struct { //nolint:recvcheck // people fills it in, once
	DB        *postgres.DB
	Issuer    *auth.Issuer
	Verifier  *auth.Verifier
	Passwords *auth.Passwords
	Logger    *slog.Logger
	Now       func() time.Time
	Rand      io.Reader

	// AccessTTL is how long an access token works, RefreshTTL how long a login can be renewed.
	AccessTTL, RefreshTTL time.Duration
	// PINTTL is how long a login by PIN lasts; AccessTTL where it is zero.
	PINTTL time.Duration
	// Keys seal what must be read again: second factors, pairings.
	Keys *auth.KeySet
	// Mail sends letters; Later does what an answer doesn't wait for.
	Mail  mail.Sender
	Later *later.Queue
	// Sold is told of the company of each sale and each void, and must not wait; it may be nil.
	Sold func(id.Company)
	// Accessed is told of each operation of a company, and must not wait; it may be nil.
	Accessed func(*audit.Access)
	// Signals counts what is noticed of requests; a nil one isn't told.
	Signals *signal.Watch
	// PublicURL is where the front end's pages are that links in mails lead to.
	PublicURL string
	// ClientAddressHeader is where a proxy in front says whom it asks for, "" without one.
	ClientAddressHeader string
	// SeenEvery is how often it is written down that a register asked for something; 0 is never.
	SeenEvery time.Duration

	devices *company.Devices
	points  *limit.Points
	planned *planned
	abouts  *abouts

	// DeletionGrace is how long after it was asked for a company is deleted.
	DeletionGrace time.Duration
	// BillingSecrets sign what whoever sends the bills tells of companies; without one nobody does.
	BillingSecrets []string
	// SignUp says that anybody may make a company.
	SignUp bool
	// TXT looks up the records that prove hosts of companies' own.
	TXT company.TXT

	// BaseDomain makes <slug>.<BaseDomain> name the company of a request; "" turns that off.
	BaseDomain string
	// Introspection lets clients ask for the schema, and errors suggest names.
	Introspection bool
	// MaxBody bounds a request's body in bytes, MaxDepth an operation's nesting, MaxComplexity its cost.
	MaxBody                 int64
	MaxDepth, MaxComplexity int
	// Documents are the operator's registered documents by app and id, and DocumentsOnly says that no others are answered
	// but those that companies have registered.
	Documents     map[string]map[string]string
	DocumentsOnly bool
	// Metrics and Traces tell operators what becomes of requests; nil ones tell nothing.
	Metrics *telemetry.Metrics
	Traces  *telemetry.Traces
	// ProveWithoutHeaders leaves out that headers and host must agree with the credential, and what they narrow. It exists
	// for the proof that the credential alone decides.
	ProveWithoutHeaders bool
	// ResolversOnly turns the read planner off: all fields are resolved one by one.
	ResolversOnly bool
	// SlowAfter is how long an operation may take before it is logged as a slow one; 0 is never.
	SlowAfter time.Duration
	// SlowPlans has the plans of its statements logged as well.
	SlowPlans bool
	// Timeout ends a request, and what the database does for it.
	Timeout time.Duration
}

const (
	// parsedDocuments is how many parsed operations are kept, and parsedBytes how long their texts are together: a
	// parsed one takes up to a hundred times its length.
	parsedDocuments = 512
	parsedBytes     = 512 << 10
	// mostTokens bounds a document before it is parsed.
	mostTokens = 10_000
	// mostRepeats bounds how often a document may ask for what it has asked for beside it already.
	mostRepeats = 200
	// mostDirectives bounds the directives of a document, which are checked against each other.
	mostDirectives = 500
	// mostRoots bounds what an operation asks of the server beside each other: each field has statements of its own.
	mostRoots = 100
)

// people makes what answers for people and devices.
func (c *Config) people() (*staff.Staff, error) {
	factors, err := c.Keys.Sealer("second factors", c.Rand)
	if err != nil {
		return nil, fmt.Errorf("seal second factors: %w", err)
	}
	pairings, err := c.Keys.Sealer("pairings", c.Rand)
	if err != nil {
		return nil, fmt.Errorf("seal pairings: %w", err)
	}
	attempts := c.newAttempts()
	c.devices = company.NewDevices(company.DevicesConfig{
		DB: c.DB, Sealer: pairings, Later: c.Later, Now: c.Now, Rand: c.Rand, SeenEvery: c.SeenEvery, Attempts: attempts,
	})
	if c.PINTTL == 0 {
		c.PINTTL = c.AccessTTL
	}
	return staff.New(staff.Config{
		DB: c.DB, Issuer: c.Issuer, Passwords: c.Passwords, Now: c.Now, Rand: c.Rand,
		AccessTTL: c.AccessTTL, RefreshTTL: c.RefreshTTL, PINTTL: c.PINTTL,
		Sealer: factors, Mail: c.Mail, Later: c.Later, PublicURL: c.PublicURL, Attempts: attempts,
	}), nil
}

// clock is Now as the database keeps it, in microseconds: what a mutation answers is what a later query reads.
func (c Config) clock() func() time.Time {
	now := c.Now
	return func() time.Time { return now().UTC().Truncate(time.Microsecond) }
}

// Server answers at the GraphQL endpoint, and has what else the same domains do.
type Server struct {
	http.Handler
	// Hooks answer what isn't GraphQL, by path.
	Hooks map[string]http.Handler
	// Closures let companies go that are to be deleted, and Reports sends what is due.
	Closures *closure.Closures
	Reports  *report.Worker
}

// New makes the server of the graph.
func New(c Config) (*Server, error) {
	c.Now = c.clock()
	c.points, c.planned, c.abouts = c.newPoints(), &planned{}, &abouts{}
	people, err := c.people()
	if err != nil {
		return nil, err
	}
	closures, err := c.closures(people)
	if err != nil {
		return nil, err
	}
	files, err := c.files()
	if err != nil {
		return nil, err
	}
	signUps := signup.New(signup.Config{DB: c.DB, Staff: people, Now: c.Now, Open: c.SignUp, Attempts: people.Attempts})
	stock := inventory.New(c.DB, c.Now)
	var reader *wire.Reader
	apps := app.New(c.DB, c.Now, func(ctx context.Context, document string) app.Checked { return c.examine(ctx, reader, document) })
	if reader, err = c.newReader(apps); err != nil {
		return nil, err
	}
	resolver := &Resolver{
		apps:      apps,
		closures:  closures,
		files:     files,
		companies: company.New(c.DB, c.Now, c.Rand),
		catalog:   catalog.New(c.DB, c.Now),
		taxes:     tax.New(c.DB, c.Now),
		access:    access.New(c.DB, c.Now),
		stock:     stock,
		approvals: approval.New(c.DB, c.Now, stock.CarryOut),
		sales:     sale.New(c.DB, c.Now, c.Sold),
		receipts:  receipt.New(c.DB),
		reports:   report.New(c.DB),
		trail:     audit.New(c.DB),
		signals:   signal.NewSignals(c.DB),
		customers: customer.New(c.DB, c.Now),
		giftCards: giftcard.New(c.DB, c.Now, c.Rand),
		ledgers:   ledger.New(c.DB),
		tills:     till.New(c.DB, c.Now),
		staff:     people,
		devices:   c.devices,
		signUps:   signUps,
		support:   support.New(c.DB, c.Now),
		domains: company.NewDomains(company.DomainsConfig{
			DB: c.DB, BaseDomain: c.BaseDomain, TXT: c.TXT, Now: c.Now, Rand: c.Rand,
		}),
		clock: timeclock.New(c.DB, c.Now),
	}
	planner, err := c.newPlanner(resolver, servedSchema())
	if err != nil {
		return nil, err
	}
	return &Server{
		Handler:  c.throughHTTP(c.endpoint(resolver, reader, planner)),
		Hooks:    c.hooks(closures, files, signUps),
		Closures: closures,
		Reports:  report.NewWorker(files),
	}, nil
}

// newReader reads operations, of which only the registered ones of apps may be answered.
func (c Config) newReader(apps *app.Apps) (*wire.Reader, error) {
	reader := wire.NewReader(wire.Reader{
		Schema: servedSchema(),
		Documents: wire.NewDocuments(wire.Documents{
			Apps: c.Documents, Only: c.DocumentsOnly, Company: companyOf, Registry: newRegistry(apps), Exempt: exempt,
		}),
		Rules: rulesOf(c.Introspection), Tokens: mostTokens,
		Limits:  repeatLimit{most: mostRepeats, directives: mostDirectives}.check,
		Checked: wire.NewCache[*ast.QueryDocument](parsedDocuments, parsedBytes),
	})
	if err := c.examined(reader); err != nil {
		return nil, err
	}
	return reader, nil
}

// endpoint answers operations with a resolver, within their limits.
func (c Config) endpoint(resolver *Resolver, reader *wire.Reader, planner *planner) *handler.Server {
	es := costed{generated.NewExecutableSchema(generated.Config{
		Schema:     servedSchema(),
		Resolvers:  resolver,
		Directives: generated.DirectiveRoot{Requires: requires, IdOf: idOf, Feature: feature},
	})}
	// What traces stands beside what doesn't, so that nobody pays for a trace who didn't ask for one.
	srv, tracing := handler.New(es), executor.New(es)
	tracing.AroundOperations(c.traceOperation)
	for _, e := range []engine{srv, tracing} {
		c.arrange(e, reader, resolver, planner)
	}
	tracing.AroundRootFields(traceRoot)
	tracing.AroundFields(traceField)
	srv.AddTransport(wire.Transport{Reader: reader, Choose: func(ctx context.Context, params *graphql.RawParams) graphql.GraphExecutor {
		if traced(ctx, params) {
			return tracing
		}
		return nil
	}})
	return srv
}

// engine runs operations.
type engine interface {
	SetQueryCache(cache graphql.Cache[*ast.QueryDocument])
	Use(extension graphql.HandlerExtension)
	AroundOperations(f graphql.OperationMiddleware)
	AroundRootFields(f graphql.RootFieldMiddleware)
	AroundFields(f graphql.FieldMiddleware)
	SetErrorPresenter(f graphql.ErrorPresenterFunc)
	SetRecoverFunc(f graphql.RecoverFunc)
}

// arrange puts around operations what holds for all of them.
func (c Config) arrange(e engine, reader *wire.Reader, resolver *Resolver, planner *planner) {
	e.SetQueryCache(reader)
	e.Use(sizeLimit{depth: c.MaxDepth, fields: c.MaxComplexity, roots: mostRoots, abouts: c.abouts})
	if c.Introspection {
		e.Use(extension.Introspection{})
	} else {
		e.Use(noIntrospection{})
	}
	e.Use(&prices{most: c.MaxComplexity, abouts: c.abouts})
	e.AroundOperations(c.observed)
	e.AroundOperations(authenticated)
	e.AroundOperations(c.charged)
	e.AroundFields(planner.around)
	e.AroundRootFields(c.ways)
	e.AroundRootFields(resolver.freshLoaders)
	e.SetErrorPresenter(presenter(c.Logger))
	e.SetRecoverFunc(recoverer(c.Logger))
}

// companyOf is the company of a request, "" before anybody is known.
func companyOf(ctx context.Context) string {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return ""
	}
	return scope.Company.String()
}

// rulesOf are the rules of validation: without suggestions, which would tell the schema word by word, where it can't be
// asked for.
func rulesOf(introspection bool) func() *rules.Rules {
	if introspection {
		return rules.NewDefaultRules
	}
	return func() *rules.Rules {
		silent := rules.NewDefaultRules()
		silent.ReplaceRule(rules.FieldsOnCorrectTypeRule.Name, rules.FieldsOnCorrectTypeRuleWithoutSuggestions.RuleFunc)
		silent.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
		silent.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
		silent.ReplaceRule(rules.ScalarLeafsRule.Name, rules.ScalarLeafsRuleWithoutSuggestions.RuleFunc)
		silent.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
		return silent
	}
}

// freshLoaders gives each mutation loaders of its own, so that what one reads isn't older than what the one before
// it wrote. The fields of a query share theirs.
func (r *Resolver) freshLoaders(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
		ctx = withLoaders(ctx, newLoaderSet(r.newLoaders))
	} else if shared := requestOf(ctx); shared != nil {
		ctx = withLoaders(ctx, shared.loadersOnce(r.newLoaders))
	}
	return next(ctx)
}
