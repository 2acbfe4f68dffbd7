//nolint:lll // a tag can't be broken over lines
package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/graph/wire"
	"github.com/tillgraph/tillgraph/internal/auth"
	"github.com/tillgraph/tillgraph/internal/localpg"
	"github.com/tillgraph/tillgraph/internal/mail"
)

// databaseSettings say which database a command works on.
type databaseSettings struct {
	DatabaseURL      string `name:"database-url" env:"DATABASE_URL" group:"Database" placeholder:"URL" help:"PostgreSQL that the server logs in to, as a role that owns nothing. Without it a private one is started."`
	DatabaseOwnerURL string `name:"database-owner-url" env:"DATABASE_OWNER_URL" group:"Database" placeholder:"URL" help:"The same database as the role that owns the schema, for migrate, seed and token; serve doesn't use it."`
	DataDir          string `name:"data-dir" env:"DATA_DIR" group:"Database" placeholder:"DIR" help:"Folder of the private PostgreSQL and its signing key: /var/lib/tillgraph for root, else tillgraph in your data folder, unless given."`
}

// configured says that a database was named.
func (s databaseSettings) configured() bool { return s.DatabaseURL != "" || s.DatabaseOwnerURL != "" }

// dir is the folder of the private PostgreSQL.
func (s databaseSettings) dir() (string, error) {
	if s.DataDir != "" {
		return s.DataDir, nil
	}
	dir, err := localpg.DefaultDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for PostgreSQL, --data-dir (DATA_DIR) names one: %w", err)
	}
	return dir, nil
}

// validate looks at the URLs only as far as their form goes. It never quotes them: they carry passwords.
func (s databaseSettings) validate() error {
	var faults []error
	check := func(url, name string) {
		if url == "" {
			return
		}
		if _, err := pgx.ParseConfig(url); err != nil {
			faults = append(faults, usagef("%s is no PostgreSQL URL, such as postgres://role:password@host:5432/database", name))
		}
	}
	check(s.DatabaseURL, "--database-url (DATABASE_URL)")
	check(s.DatabaseOwnerURL, "--database-owner-url (DATABASE_OWNER_URL)")
	return errors.Join(faults...)
}

// login is the role that DATABASE_URL logs in as, empty without it.
func (s databaseSettings) login() string {
	if s.DatabaseURL == "" {
		return ""
	}
	config, err := pgx.ParseConfig(s.DatabaseURL)
	if err != nil {
		return ""
	}
	return config.User
}

// logSettings say what is logged and how.
type logSettings struct {
	LogLevel  string `name:"log-level" env:"LOG_LEVEL" group:"Log" enum:"debug,info,warn,error" default:"info" help:"The least that is logged: debug, info, warn or error."`
	LogFormat string `name:"log-format" env:"LOG_FORMAT" group:"Log" enum:"auto,text,json" default:"auto" help:"text, json, or auto: text with the private PostgreSQL, json with a configured one."`
}

func (s logSettings) logger(w io.Writer, local bool) *slog.Logger {
	var level slog.Level
	// The settings' enum holds only texts that this reads.
	_ = level.UnmarshalText([]byte(s.LogLevel))
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "text" || s.LogFormat == "auto" && local {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// tokenSettings say how our own tokens are signed.
type tokenSettings struct {
	SigningKeys     string `name:"signing-keys" env:"SIGNING_KEYS" group:"Tokens" placeholder:"KEYS" help:"Keys that sign access tokens, as the command key prints them, separated by commas: the first signs, all verify. A secret: other users of the machine can see a flag, so prefer the variable or a file."`
	SigningKeysFile string `name:"signing-keys-file" env:"SIGNING_KEYS_FILE" group:"Tokens" placeholder:"FILE" help:"File with the signing keys, one a line. With the private PostgreSQL a key is made in its folder when neither is given."`
	TokenIssuer     string `name:"token-issuer" env:"TOKEN_ISSUER" group:"Tokens" default:"tillgraph" help:"The iss of our own tokens."`
	TokenAudience   string `name:"token-audience" env:"TOKEN_AUDIENCE" group:"Tokens" default:"tillgraph" help:"The aud of our own tokens."`
}

func (s tokenSettings) validate() error {
	var faults []error
	if s.SigningKeys != "" && s.SigningKeysFile != "" {
		faults = append(faults, usagef("--signing-keys (SIGNING_KEYS) and --signing-keys-file (SIGNING_KEYS_FILE) exclude each other"))
	}
	if s.TokenIssuer == "" || s.TokenAudience == "" {
		faults = append(faults, usagef("--token-issuer (TOKEN_ISSUER) and --token-audience (TOKEN_AUDIENCE) can't be empty"))
	}
	return errors.Join(faults...)
}

// jwksSettings describe an outside identity provider.
type jwksSettings struct {
	JWKSURL         string   `name:"jwks-url" env:"JWKS_URL" group:"Identity provider" placeholder:"URL" help:"Keys of an outside identity provider whose access tokens are accepted too; https."`
	JWKSIssuer      string   `name:"jwks-issuer" env:"JWKS_ISSUER" group:"Identity provider" placeholder:"ISS" help:"The iss of its tokens, exactly; required with JWKS_URL."`
	JWKSAudience    string   `name:"jwks-audience" env:"JWKS_AUDIENCE" group:"Identity provider" placeholder:"AUD" help:"The aud of its tokens for us; required with JWKS_URL."`
	JWKSTenantClaim string   `name:"jwks-tenant-claim" env:"JWKS_TENANT_CLAIM" group:"Identity provider" default:"tenant_id" help:"The claim of its tokens that holds our company's id, a UUID."`
	JWKSAlgorithms  []string `name:"jwks-algorithms" env:"JWKS_ALGORITHMS" group:"Identity provider" default:"RS256,PS256,ES256,EdDSA" help:"The signatures to accept."`
}

func (s jwksSettings) validate() error {
	given := 0
	for _, text := range []string{s.JWKSURL, s.JWKSIssuer, s.JWKSAudience} {
		if text != "" {
			given++
		}
	}
	if given != 0 && given != 3 {
		return usagef("--jwks-url (JWKS_URL), --jwks-issuer (JWKS_ISSUER) and --jwks-audience (JWKS_AUDIENCE) go together: give all of them or none")
	}
	return nil
}

// issuers are the outside issuers to accept: one or none.
func (s jwksSettings) issuers() []auth.ExternalIssuer {
	if s.JWKSURL == "" {
		return nil
	}
	return []auth.ExternalIssuer{{
		Issuer: s.JWKSIssuer, Audience: s.JWKSAudience, JWKSURL: s.JWKSURL,
		TenantClaim: s.JWKSTenantClaim, Algorithms: s.JWKSAlgorithms,
	}}
}

// httpSettings say where and how long the server listens and what it offers.
type httpSettings struct {
	Listen          string        `name:"listen" env:"LISTEN" group:"HTTP" default:"127.0.0.1:8080" help:"Address and port to serve on; port 0 takes a free one."`
	ClientHeader    string        `name:"client-address-header" env:"CLIENT_ADDRESS_HEADER" group:"HTTP" placeholder:"NAME" help:"The header in which a proxy in front says whom it asks for, such as X-Forwarded-For: its last address counts. Without it all who come through a proxy are one for the limits of attempts."`
	BaseDomain      string        `name:"base-domain" env:"BASE_DOMAIN" group:"HTTP" placeholder:"DOMAIN" help:"With example.com, the host savanna.example.com names the company savanna and must agree with the token, as must a host of a company's own; unknown hosts are refused."`
	Explorer        string        `name:"explorer" env:"EXPLORER" group:"HTTP" enum:"auto,on,off" default:"auto" help:"Whether a page to try operations is served at /: on, off, or auto: only with the private PostgreSQL and an address of this machine alone."`
	Introspection   string        `name:"introspection" env:"INTROSPECTION" group:"HTTP" enum:"auto,on,off" default:"auto" help:"Whether the schema can be asked for by a query: on, off, or auto: only with the private PostgreSQL."`
	ShutdownDelay   time.Duration `name:"shutdown-delay" env:"SHUTDOWN_DELAY" group:"HTTP" default:"0s" help:"How long /readyz says no before the server stops listening, for a load balancer to notice."`
	ShutdownTimeout time.Duration `name:"shutdown-timeout" env:"SHUTDOWN_TIMEOUT" group:"HTTP" default:"20s" help:"How long requests may take to finish once the server was told to stop."`
}

// webSettings say which pages and documents may use the API.
type webSettings struct {
	CORSOrigins   []string `name:"cors-origins" env:"CORS_ORIGINS" group:"HTTP" placeholder:"ORIGIN,..." help:"The origins whose pages may use the API from a browser, such as https://pos.example.com, separated by commas. Without it no page of another origin may."`
	DocumentsDir  string   `name:"documents-dir" env:"DOCUMENTS_DIR" group:"HTTP" placeholder:"DIR" help:"Folder with the manifests of registered documents, a .json file for each front end, as graphql-codegen, Relay and Apollo write them; its name is the app's. Clients name a document by documentId. One that doesn't fit the schema keeps the server from starting."`
	DocumentsOnly bool     `name:"documents-only" env:"DOCUMENTS_ONLY" group:"HTTP" help:"Answer registered documents alone: those of the folder, and those that companies have registered."`
}

func (s webSettings) validate() error {
	var faults []error
	for _, origin := range s.CORSOrigins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || origin != u.Scheme+"://"+u.Host || strings.Contains(origin, "*") {
			faults = append(faults, usagef("--cors-origins (CORS_ORIGINS) has an entry that is no origin such as https://pos.example.com: %q", origin))
		}
	}
	if s.DocumentsOnly && s.DocumentsDir == "" {
		faults = append(faults, usagef("--documents-only (DOCUMENTS_ONLY) needs --documents-dir (DOCUMENTS_DIR)"))
	}
	return errors.Join(faults...)
}

// documents reads the registered documents.
func (s webSettings) documents() (map[string]map[string]string, error) {
	if s.DocumentsDir == "" {
		return nil, nil //nolint:nilnil // there are none
	}
	documents, err := wire.ReadManifests(os.DirFS(s.DocumentsDir))
	if err != nil {
		return nil, fmt.Errorf("--documents-dir (DOCUMENTS_DIR): %w", err)
	}
	if len(documents) == 0 {
		return nil, usagef("--documents-dir (DOCUMENTS_DIR) holds no .json files: %s", s.DocumentsDir)
	}
	return documents, nil
}

// watchSettings say what operators see.
type watchSettings struct {
	MetricsListen string        `name:"metrics-listen" env:"METRICS_LISTEN" group:"Operation" placeholder:"ADDRESS" help:"Address of the operators' own port, such as 127.0.0.1:9090: Prometheus metrics at /metrics and pprof at /debug/pprof/. Without it there is none. Nobody else may reach it."`
	SlowAfter     time.Duration `name:"slow-after" env:"SLOW_AFTER" group:"Operation" default:"1s" help:"How long an operation may take before it is logged as a slow one, by the hash of its document; 0 is never."`
	SlowPlans     bool          `name:"slow-plans" env:"SLOW_PLANS" group:"Operation" help:"Log the plans of a slow operation's statements as well, once the answer is on its way: as the restricted role in the request's scope, without clients' values, and those of one document every ten minutes at most."`
}

// peopleSettings say how people are reached and let in.
type peopleSettings struct {
	MailURL       string        `name:"mail-url" env:"MAIL_URL" group:"People" placeholder:"URL" help:"How mail goes out: smtp://user:password@host:587 (STARTTLS, or ?tls=none), smtps://user:password@host:465, or file:///folder, which gets a file a message. Without it mail stands in the log with the private PostgreSQL, and isn't sent elsewhere. A secret: prefer the variable."`
	MailFrom      string        `name:"mail-from" env:"MAIL_FROM" group:"People" default:"tillgraph <no-reply@localhost>" help:"The sender of mail."`
	PublicURL     string        `name:"public-url" env:"PUBLIC_URL" group:"People" placeholder:"URL" help:"Where the front end is that links in mail lead to: its pages accept-invitation, reset-password and verify-email get the token behind #token=. Without it mail has the token alone."`
	BillingSecret []string      `name:"billing-webhook-secret" env:"BILLING_WEBHOOK_SECRET" group:"People" placeholder:"SECRET" help:"What signs messages about plans and payments, 32 characters or more; two, separated by commas, while it changes. Without it there is no webhook. A secret: prefer the variable."`
	SignUp        string        `name:"sign-up" env:"SIGN_UP" group:"People" enum:"auto,on,off" default:"auto" help:"Whether anybody may make a company (companySignUp): on, off, or auto: only with the private PostgreSQL."`
	DeletionGrace time.Duration `name:"deletion-grace" env:"DELETION_GRACE" group:"People" default:"720h" help:"How long after its owner asked for it a company is deleted, for good. Until then every owner can take it back."`
	PINTokenTTL   time.Duration `name:"pin-token-ttl" env:"PIN_TOKEN_TTL" group:"People" default:"30m" help:"How long a login with a PIN at a register works."`
}

func (s peopleSettings) validate() error {
	const least = 32
	faults := []error{positive(map[string]int64{
		"--pin-token-ttl (PIN_TOKEN_TTL)": int64(s.PINTokenTTL), "--deletion-grace (DELETION_GRACE)": int64(s.DeletionGrace),
	})}
	if s.PublicURL != "" {
		u, err := url.Parse(s.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Fragment != "" || u.RawQuery != "" {
			faults = append(faults, usagef("--public-url (PUBLIC_URL) is no web address, such as https://shop.example.com"))
		}
	}
	if slices.ContainsFunc(s.BillingSecret, func(secret string) bool { return len(secret) < least }) {
		faults = append(faults, usagef("--billing-webhook-secret (BILLING_WEBHOOK_SECRET) must have %d characters or more", least))
	}
	return errors.Join(faults...)
}

// sender is how mail goes out; with the private PostgreSQL the log shows it.
func (s peopleSettings) sender(log *slog.Logger, local bool) (mail.Sender, error) {
	sender, err := mail.Open(mail.Config{URL: s.MailURL, From: s.MailFrom, ShowInLog: local}, log)
	if err != nil {
		return nil, usagef("--mail-url (MAIL_URL), --mail-from (MAIL_FROM): %v", err)
	}
	return sender, nil
}

// limitSettings bound what one request may cost.
type limitSettings struct {
	MaxBody        byteSize      `name:"max-body-bytes" env:"MAX_BODY_BYTES" group:"Limits" default:"1MiB" help:"The largest request body: bytes, or with KiB or MiB."`
	MaxDepth       int           `name:"max-depth" env:"MAX_DEPTH" group:"Limits" default:"15" help:"How many levels an operation may nest."`
	MaxComplexity  int           `name:"max-complexity" env:"MAX_COMPLEXITY" group:"Limits" default:"50000" help:"How much an operation may cost: about one for each field of each object that it could answer with."`
	RequestTimeout time.Duration `name:"request-timeout" env:"REQUEST_TIMEOUT" group:"Limits" default:"10s" help:"How long a request may take, its statements in the database included."`
}

// poolSettings bound what the server asks of the database.
type poolSettings struct {
	MaxConns       int    `name:"database-max-conns" env:"DATABASE_MAX_CONNS" group:"Database" default:"16" help:"The most connections of each of the two pools, the reading and the writing one."`
	StatementCache int    `name:"statement-cache" env:"STATEMENT_CACHE" group:"Database" default:"512" help:"How many prepared statements a connection keeps; 0 for a pooler in transaction mode."`
	ReadPlanner    string `name:"read-planner" env:"READ_PLANNER" group:"Database" enum:"on,off" default:"on" help:"Whether lists are read whole in one round trip where that is possible; off resolves all fields one by one, more slowly and alike."`
}

// on decides an auto setting.
func on(setting string, local bool) bool { return setting == "on" || setting == "auto" && local }

// positive collects what isn't above zero.
func positive(settings map[string]int64) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if settings[name] <= 0 {
			faults = append(faults, usagef("%s must be above zero", name))
		}
	}
	return errors.Join(faults...)
}

// byteSize is a number of bytes.
type byteSize int64

// UnmarshalText reads a number of bytes, KiB or MiB.
func (b *byteSize) UnmarshalText(text []byte) error {
	digits, unit := string(text), int64(1)
	for suffix, factor := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20} {
		if rest, ok := strings.CutSuffix(digits, suffix); ok {
			digits, unit = strings.TrimSpace(rest), factor
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return fmt.Errorf("%q is no size, such as 1048576, 512KiB or 1MiB", text)
	}
	*b = byteSize(n * unit)
	return nil
}
