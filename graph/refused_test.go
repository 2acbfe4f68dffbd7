package graph_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/errs"
)

var refusal = regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([0-9, ]+) \\|")

// TestRefusalsAreInTheReadme: the page of what is refused has every code that an answer may have, no other, and the
// statuses that come with it.
func TestRefusalsAreInTheReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	must(t, err)
	_, table, _ := strings.Cut(string(text), "<!-- refusals -->")
	table, _, _ = strings.Cut(table, "<!-- /refusals -->")
	listed := map[string][]string{}
	for _, row := range refusal.FindAllStringSubmatch(table, -1) {
		listed[row[1]] = strings.Split(row[2], ", ")
		if !slices.Contains(codes, errs.Code(row[1])) {
			t.Errorf("%s is no code", row[1])
		}
	}
	for _, code := range codes {
		if listed[string(code)] == nil {
			t.Errorf("%s is not in the README", code)
		}
	}
	b := setup(t)
	b.setPlan(t, "STARTER")
	b.db.Exec(t, "delete from company_features")
	post := func(token, query string, headers ...string) *answer { return b.post(t, token, query, nil, headers...) }
	owner := b.owner(t)
	for _, got := range []struct {
		code string
		a    *answer
	}{
		{"GRAPHQL_PARSE_FAILED", post(owner, "{")},
		{"GRAPHQL_VALIDATION_FAILED", post(owner, "{ nothing }")},
		{"PERSISTED_QUERY_NOT_FOUND", b.raw(t, "POST", "", "application/json", `{"documentId": "unknown"}`)},
		{"COMPLEXITY_LIMIT", post(owner, "{ stores { nodes { sales { nodes { lines { product { name } } } } } } }")},
		{"BAD_USER_INPUT", post(owner, "{ sales(first: 251) { nodes { id } } }")},
		{"BAD_USER_INPUT", b.raw(t, "POST", "", "application/json", `{`)},
		{"BAD_USER_INPUT", b.raw(t, "PUT", "", "application/json", `{}`)},
		{"BAD_USER_INPUT", b.raw(t, "POST", "", "application/json", `{"query": "{ viewer { role } }"}`, "Accept", "text/html")},
		{"BAD_USER_INPUT", b.raw(t, "POST", "", "application/json", `{"query": "`+strings.Repeat(" ", 2<<20)+`"}`)},
		{"BAD_USER_INPUT", b.raw(t, "POST", "", "text/plain", `{}`)},
		{"UNAUTHENTICATED", post("", "{ viewer { role } }")},
		{"FORBIDDEN", post(owner, "{ viewer { role } }", "X-Tenant-ID", b.B.ID.String())},
		{"FEATURE_OFF", post(owner, "{ priceLists { totalCount } }")},
	} {
		if got.a.code() != got.code || !slices.Contains(listed[got.code], strconv.Itoa(got.a.Status)) {
			t.Errorf("%s with the status %d isn't in the README: %s", got.a.code(), got.a.Status, got.a.Raw)
		}
	}
}
