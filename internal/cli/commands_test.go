package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/auth"
)

func TestHelpNamesEachCommand(t *testing.T) {
	t.Parallel()
	r := run(t, nil, "--help")
	r.want(t, exitOK, "serve", "migrate up", "migrate down", "migrate status", "seed", "token", "demo-day", "key", "schema")
	if strings.Contains(r.stdout, "settings [flags]") {
		t.Error("the hidden command is listed")
	}
	for _, command := range []string{"serve", "migrate", "seed", "token", "demo-day", "key", "schema"} {
		run(t, nil, command, "--help").want(t, exitOK, "Usage: tillgraph "+command)
	}
	run(t, nil, "serve", "--help").want(t, exitOK, "--listen", "$LISTEN", "127.0.0.1:8080")
}

func TestMisuseIsNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env  map[string]string
		args string
		want []string
	}{
		"unknown command":      {nil, "sevre", []string{"sevre"}},
		"unknown flag":         {nil, "--prot 1", []string{"--prot", "--help"}},
		"not a duration":       {nil, "--request-timeout 3", []string{"--request-timeout"}},
		"variable no duration": {map[string]string{"REQUEST_TIMEOUT": "3"}, "", []string{"--request-timeout", "REQUEST_TIMEOUT"}},
		"variable no choice":   {map[string]string{"LOG_LEVEL": "loud"}, "", []string{"--log-level", "LOG_LEVEL", "debug"}},
		"variable no size":     {map[string]string{"MAX_BODY_BYTES": "1 heap"}, "", []string{"--max-body-bytes", "MAX_BODY_BYTES", "1MiB"}},
		"variable no number":   {map[string]string{"MAX_DEPTH": "deep"}, "", []string{"--max-depth", "MAX_DEPTH"}},
		"zero limit":           {nil, "--max-depth 0", []string{"--max-depth (MAX_DEPTH)", "above zero"}},
		"negative cache":       {nil, "--statement-cache=-1", []string{"STATEMENT_CACHE"}},
		"negative delay":       {nil, "--shutdown-delay=-1s", []string{"SHUTDOWN_DELAY"}},
		"no address":           {nil, "--listen 8080", []string{"--listen (LISTEN)"}},
		"half a provider":      {map[string]string{"JWKS_URL": "https://id.example/keys"}, "", []string{"JWKS_ISSUER", "JWKS_AUDIENCE"}},
		"keys twice":           {map[string]string{"SIGNING_KEYS": "a:b", "SIGNING_KEYS_FILE": "f"}, "", []string{"exclude"}},
		"no audience":          {nil, "--token-audience=", []string{"TOKEN_AUDIENCE"}},
		"owner alone":          {map[string]string{"DATABASE_OWNER_URL": "postgres://o@h/d"}, "", []string{"DATABASE_URL", "owner"}},
		"half a bulk":          {nil, "seed --companies 3", []string{"--sales"}},
		"too many companies":   {nil, "seed --companies 10000 --sales 1", []string{"9999"}},
		"negative sales":       {nil, "seed --companies 1 --sales=-1", []string{"--sales"}},
		"nobody's token":       {nil, "token", []string{"--company", "--user"}},
		"no lifetime":          {nil, "token --company a --user b --ttl 0s", []string{"--ttl"}},
		"no time for a day":    {nil, "demo-day --timeout 0s", []string{"--timeout"}},
		"migrate where":        {nil, "migrate", []string{"up", "down", "status"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, tc.env, strings.Fields(tc.args)...)
			r.want(t, exitUsage, tc.want...)
			if r.stdout != "" {
				t.Errorf("it says on standard output: %s", r.stdout)
			}
		})
	}
}

func TestFlagOverridesVariable(t *testing.T) {
	t.Parallel()
	p, err := newParser(environment(map[string]string{
		"LISTEN": ":1", "MAX_BODY_BYTES": "2KiB", "MAX_DEPTH": "", "JWKS_ALGORITHMS": "ES256,EdDSA",
	}), os.Stdout, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.parse([]string{"--listen", ":2"}); err != nil {
		t.Fatal(err)
	}
	c := p.commands.Serve
	if c.Listen != ":2" {
		t.Errorf("--listen is %s", c.Listen)
	}
	if c.MaxBody != 2048 {
		t.Errorf("MAX_BODY_BYTES is %d", c.MaxBody)
	}
	if c.MaxDepth != 15 {
		t.Errorf("an empty variable gives %d, not the default", c.MaxDepth)
	}
	if len(c.JWKSAlgorithms) != 2 {
		t.Errorf("JWKS_ALGORITHMS is %v", c.JWKSAlgorithms)
	}
}

func TestRefusesWithoutSigningKey(t *testing.T) {
	t.Parallel()
	r := run(t, map[string]string{"DATABASE_URL": "postgres://server@127.0.0.1:1/shop"}, "--listen", "127.0.0.1:0")
	r.want(t, exitUsage, "SIGNING_KEYS_FILE", "SIGNING_KEYS", "`key`")
	missing := filepath.Join(t.TempDir(), "none")
	r = run(t, map[string]string{"DATABASE_URL": "postgres://server@127.0.0.1:1/shop"},
		"--listen", "127.0.0.1:0", "--signing-keys-file", missing)
	r.want(t, exitError, "SIGNING_KEYS_FILE", missing)
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Error("a configured file was made: each server of a fleet would sign with its own key")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	const (
		secret      = "hunter2"
		malformed   = "postgres://u:" + secret + "@h:port/d"
		unreachable = "postgres://u:" + secret + "@127.0.0.1:1/d"
	)
	key := strings.TrimSpace(run(t, nil, "key").stdout)
	for name, tc := range map[string]struct {
		env  map[string]string
		args []string
	}{
		"no URL":      {map[string]string{"DATABASE_URL": malformed}, nil},
		"no owner":    {map[string]string{"DATABASE_OWNER_URL": malformed}, []string{"migrate", "up"}},
		"unreachable": {map[string]string{"DATABASE_URL": unreachable, "SIGNING_KEYS": key}, nil},
		"migrate":     {map[string]string{"DATABASE_OWNER_URL": unreachable}, []string{"migrate", "up"}},
		"seed":        {map[string]string{"DATABASE_OWNER_URL": unreachable}, []string{"seed"}},
		"key":         {map[string]string{"DATABASE_URL": "postgres://u@127.0.0.1:1/d", "SIGNING_KEYS": secret + ":" + secret}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := tc.args
			if args == nil {
				args = []string{"--listen", "127.0.0.1:0"}
			}
			r := run(t, tc.env, args...)
			if r.code == exitOK {
				t.Error("it was done")
			}
			if said := r.stdout + r.stderr; strings.Contains(said, secret) || strings.Contains(said, key) {
				t.Errorf("the secret is shown:\n%s", said)
			}
		})
	}
}

func TestInterruptedStartIsShort(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr buffer
	code := Run(ctx, anyPort(t.TempDir()), environment(nil), &stdout, &stderr)
	if said := stderr.String(); code != exitError || !strings.Contains(said, "stopped before") || strings.Count(said, "\n") != 1 {
		t.Errorf("it ends with %d and says %q", code, said)
	}
}

func TestOwnersWorkNeedsOwnersURL(t *testing.T) {
	t.Parallel()
	key := strings.TrimSpace(run(t, nil, "key").stdout)
	env := map[string]string{"DATABASE_URL": "postgres://server@127.0.0.1:1/shop", "SIGNING_KEYS": key}
	for _, args := range []string{
		"migrate up", "migrate down", "migrate status", "seed", "seed --companies 1 --sales 1", "token --company a --user b",
	} {
		run(t, env, strings.Fields(args)...).want(t, exitUsage, "DATABASE_OWNER_URL")
	}
}

func TestKeyIsOneThatSigns(t *testing.T) {
	t.Parallel()
	r := run(t, nil, "key")
	r.want(t, exitOK)
	if _, err := auth.ParseKeySet(r.stdout); err != nil {
		t.Error(err)
	}
	if again := run(t, nil, "key"); again.stdout == r.stdout {
		t.Error("two keys are the same")
	}
}

func TestSchemaNeedsNoDatabase(t *testing.T) {
	t.Parallel()
	r := run(t, map[string]string{"DATABASE_URL": "none"}, "schema")
	r.want(t, exitOK, "type Query", "type Mutation", "saleRecord")
}

func TestByteSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]byteSize{"0": 0, "17": 17, "512KiB": 512 << 10, "1MiB": 1 << 20, "2 MiB": 2 << 20} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5MiB", "MiB", "1GB", "99999999999999999999", "9999999999999MiB"} {
		var got byteSize
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %d", text, got)
		}
	}
}
