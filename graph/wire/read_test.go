package wire

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// reader is one that has no registered documents and no limits, and counts the documents that it parses.
func reader(t testing.TB, parsed *int) *Reader {
	t.Helper()
	return NewReader(Reader{
		Schema: variables(t).Schema, Tokens: 1000, Rules: rules.NewDefaultRules,
		Documents: NewDocuments(Documents{Company: func(context.Context) string { return "" }}),
		Checked:   NewCache[*ast.QueryDocument](8, 8<<10),
		Limits: func(string, *ast.QueryDocument) *gqlerror.Error {
			*parsed++
			return nil
		},
	})
}

// TestADocumentIsParsedOnce, whoever looks at it; the executor finds what the request has read and nothing else.
func TestADocumentIsParsedOnce(t *testing.T) {
	t.Parallel()
	parsed := 0
	r := reader(t, &parsed)
	const text = "query($n: [[Int!]]) { x(a: $n) }"
	for range 2 {
		ctx, wrong := r.read(t.Context(), &graphql.RawParams{Query: text})
		if wrong != nil {
			t.Fatal(wrong)
		}
		doc, ok := r.Get(ctx, text)
		if !ok || len(doc.Operations) != 1 || doc.Operations[0].SelectionSet[0].(*ast.Field).Definition == nil { //nolint:forcetypeassert // it is one
			t.Errorf("the executor has no checked document: %v", doc)
		}
		if _, ok := r.Get(ctx, "{ __typename }"); ok {
			t.Error("the executor finds another document than it asked for")
		}
		if _, ok := r.Get(t.Context(), text); ok {
			t.Error("another request finds the document")
		}
	}
	if parsed != 1 {
		t.Errorf("it was parsed %d times", parsed)
	}
	// One that is wrong is not kept.
	for range 2 {
		if _, wrong := r.read(t.Context(), &graphql.RawParams{Query: "{ nothing }"}); wrong == nil {
			t.Error("it is taken")
		}
	}
	if parsed != 3 || r.Checked.Len() != 1 {
		t.Errorf("%d were parsed and %d kept", parsed, r.Checked.Len())
	}
}

// TestErrorsDoNotQuote: what stands in a document as a value, or where one was meant, isn't said back.
func TestErrorsDoNotQuote(t *testing.T) {
	t.Parallel()
	parsed := 0
	r := reader(t, &parsed)
	for text, want := range map[string]string{
		`{ x(b: {lines: [], note: "S3CRET) } }`:                "Syntax error: Unexpected character, number or string.",
		`{ x(b: "S3CRET" "S3CRET") }`:                          "Syntax error: Expected Name, found String.",
		`{ x } S3CRET`:                                         "Syntax error: Unexpected Name.",
		`{ x(b: {note: "\q S3CRET"}) }`:                        "Syntax error: Unexpected character, number or string.",
		`{ x(b: {note: "\u12 S3CRET"}) }`:                      "Syntax error: Unexpected character, number or string.",
		`{ x } fragment F S3CRET { x }`:                        `Syntax error: Expected "on", found Name.`,
		`{ x(a: 1S3CRET) }`:                                    "Syntax error: ",
		`{ x(a: "S3CRET") }`:                                   "Int cannot represent a non",
		`{ x(a: [["S3CRET"]]) }`:                               "Int cannot represent non-integer value.",
		`{ x(b: {lines: [], note: 53}) }`:                      "String cannot represent a non string value.",
		`{ x(b: {lines: [], must: "S3CRET"}) }`:                "Boolean cannot represent a non boolean value.",
		`{ x(c: "S3CRET") }`:                                   `Enum "Color" cannot represent non-enum value.`,
		`{ x(b: "S3CRET") }`:                                   `Expected value of type "Basket".`,
		`{ x(b: {lines: [{quantity: 1, weight: "S3CRET"}]}) }`: "Float cannot represent non numeric value.",
		`# x`:  "The document has no operation.",
		"\x00": "Syntax error: Unexpected character, number or string.",
	} {
		_, wrong := r.read(t.Context(), &graphql.RawParams{Query: text})
		if len(wrong) == 0 {
			t.Errorf("%s is taken", text)
			continue
		}
		for _, e := range wrong {
			if strings.Contains(e.Message, "S3CRET") || strings.Contains(e.Message, "53") {
				t.Errorf("%s: %s", text, e.Message)
			}
		}
		if !strings.HasPrefix(wrong[0].Message, want) && !strings.Contains(want, "a non") {
			t.Errorf("%s: %s, want %s", text, wrong[0].Message, want)
		}
	}
	if _, wrong := r.read(t.Context(), &graphql.RawParams{Query: "{ " + strings.Repeat("nothing ", 300) + "}"}); len(wrong) != mostErrors {
		t.Errorf("%d errors about one document", len(wrong))
	}
}

// TestReadingWaits: documents beyond those that are read at once wait, and not for ever.
func TestReadingWaits(t *testing.T) {
	t.Parallel()
	parsed := 0
	r := reader(t, &parsed)
	for range atOnce {
		r.places <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, wrong := r.read(ctx, &graphql.RawParams{Query: "{ x }"})
	if len(wrong) != 1 || wrong[0].Extensions["code"] != "TIMEOUT" || parsed != 0 {
		t.Errorf("%v, and %d were parsed", wrong, parsed)
	}
	<-r.places
	if _, wrong = r.read(t.Context(), &graphql.RawParams{Query: "{ x }"}); wrong != nil {
		t.Error(wrong)
	}
	if len(r.places) != atOnce-1 {
		t.Error("a place isn't given back")
	}
}

// TestTextsAreReadOneAfterTheOther: what reads a text has read others before, good ones and bad ones, and nothing of these
// shows.
func TestTextsAreReadOneAfterTheOther(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		`{"a":1.50,"b":["x",{}]}`: `{"a":1.50,"b":["x",{}]}`, " \n{\"n\":12345678901234567890}\t ": `{"n":12345678901234567890}`,
		`{}`: `{}`, `null`: `null`, `12`: `12`, `"x"`: `"x"`,
		``: "", ` `: "", `{`: "", `{"a":`: "", `{} {}`: "", `{}]`: "", `{}x`: "", `{} "`: "", `x`: "", `[1,]`: "", "{}\x00": "",
		`{"long":"` + strings.Repeat("x", 2*smallBody) + `"}`: `{"long":"` + strings.Repeat("x", 2*smallBody) + `"}`,
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				for text, want := range texts { // in another order each time
					var value any
					err := decode([]byte(text), &value)
					if (err != nil) != (want == "") {
						t.Errorf("%.20q: %v", text, err)
					}
					if got := string(marshalled(value)); err == nil && got != want {
						t.Errorf("%.20q is read as %.40s", text, got)
					}
				}
			}
		})
	}
	all.Wait()
}
