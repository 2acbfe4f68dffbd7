//go:build clients

package cli

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clients is where the generated clients stand. npm ci has been run there.
const clients = "../../schema/clients"

// TestClients generates each client from a running server, checks its types, runs it, and sends its documents by
// their hashes to a server that answers no others.
func TestClients(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, nil, anyPort(dir)...)
	token := s.tokens()[0]
	in := func(folder, name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = filepath.Join(clients, folder)
		cmd.Env = append(os.Environ(), "TILLGRAPH="+s.base, "TOKEN="+token)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	says := func(out string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(out, text) {
				t.Errorf("%q is not said: %s", text, out)
			}
		}
	}
	says(in("", "npm", "run", "--silent", "audit"), " audits passed", "is what introspection says")
	says(in("", "npm", "run", "--silent", "typescript"), "Mama Njeri Duka", "receipt ", " KES, change ")
	in("", "npm", "run", "--silent", "relay")
	_, _, schema := s.get(t, schemaPath)
	if err := os.WriteFile(filepath.Join(clients, "go", "schema.graphql"), []byte(schema), 0o600); err != nil {
		t.Fatal(err)
	}
	in("go", "go", "generate", ".")
	in("go", "go", "vet", ".")
	says(in("go", "go", "run", "."), "Mama Njeri Duka has ", "receipt ")
	if code := s.stop(t); code != exitOK {
		t.Errorf("it stops with %d", code)
	}
	t.Run("registered documents", func(t *testing.T) { registered(t, dir, token) })
}

func registered(t *testing.T, dir, token string) {
	t.Helper()
	manifests := t.TempDir()
	var all []string
	for app, file := range map[string]string{"pos.json": "typescript/gql/persisted-documents.json", "office.json": "relay/persisted.json"} {
		text, err := os.ReadFile(filepath.Join(clients, file))
		if err != nil {
			t.Fatal(err)
		}
		documents := map[string]string{}
		if err := json.Unmarshal(text, &documents); err != nil {
			t.Fatal(err)
		}
		all = slices.AppendSeq(all, maps.Keys(documents))
		if err := os.WriteFile(filepath.Join(manifests, app), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	only := map[string]string{"DOCUMENTS_DIR": manifests, "DOCUMENTS_ONLY": "true"}
	s := serve(t, only, anyPort(dir)...)
	answered := 0
	for _, hash := range all {
		_, _, body := exchange(t, "POST", s.base+endpointPath, token, `{"documentId": "`+hash+`"}`)
		if strings.HasPrefix(body, `{"data":{`) {
			answered++
		} else if !strings.Contains(body, `"$input`) && !strings.Contains(body, "must be defined") {
			t.Errorf("%s: %s", hash, body)
		}
	}
	if len(all) != 4 || answered != 3 {
		t.Errorf("of %d documents %d were answered", len(all), answered)
	}
	if got := s.query(t, token, "{ viewer { role } }", ""); !strings.Contains(got, `"DOCUMENT_NOT_REGISTERED"`) {
		t.Errorf("an unknown document: %s", got)
	}
}

// TestBreakingChanges: what was released is there now, and what would break it is found.
func TestBreakingChanges(t *testing.T) {
	t.Parallel()
	now := filepath.Join(t.TempDir(), "now.graphql")
	r := run(t, nil, "schema")
	if err := os.WriteFile(now, []byte(r.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	compare := func(earlier, later string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "node", "audit/breaking.mjs", earlier, later)
		cmd.Dir = clients
		out, err := cmd.CombinedOutput()
		return string(out), err //nolint:wrapcheck // shown as it is
	}
	released, err := filepath.Abs(filepath.Join(clients, "audit", "released.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := compare(released, now); err != nil {
		t.Errorf("since the last release: %s", out)
	}
	if out, err := compare(now, now); err != nil {
		t.Errorf("against itself: %s", out)
	}
	for from, to := range map[string]string{
		"  receiptNumber: Int!": "  receiptNumberNow: Int!", "input SaleRecordInput {": "input SaleRecordInput {\n  more: Int!",
	} {
		if !strings.Contains(r.stdout, from) {
			t.Fatalf("the schema has no %q", from)
		}
		broken := filepath.Join(t.TempDir(), "broken.graphql")
		if err := os.WriteFile(broken, []byte(strings.Replace(r.stdout, from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := compare(now, broken); err == nil || !strings.Contains(out, "breaking changes") {
			t.Errorf("%s for %s breaks nothing: %s", to, from, out)
		}
	}
}
