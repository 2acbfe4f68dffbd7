package main

import (
	"os"
	"strings"
	"testing"
)

func TestLean(t *testing.T) {
	t.Parallel()
	const source = "a\n\tinputUnmarshalMap := graphql.BuildUnmarshalerMap(\n\t\tec.unmarshalInputX,\n\t)\n\tfirst := true\n" +
		"\t\t\tctx = graphql.WithUnmarshalerMap(ctx, inputUnmarshalMap)\n\t\t\tdata := f()\n"
	if got, err := lean([]byte(source)); err != nil || string(got) != "a\n\tfirst := true\n\t\t\tdata := f()\n" {
		t.Errorf("%q, %v", got, err)
	}
	for _, changed := range []string{"", strings.Replace(source, "inputUnmarshalMap :=", "unmarshalers :=", 1), strings.Replace(source, "ctx, input", "ctx, other", 1)} {
		if _, err := lean([]byte(changed)); err == nil {
			t.Errorf("nobody is told that %q is something else", changed)
		}
	}
}

// TestGeneratedIsLean: what is checked in was made by this command, and not by gqlgen alone.
func TestGeneratedIsLean(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../generated/root_.generated.go")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(source), "UnmarshalerMap") {
		t.Error("there is a table of inputs' readers: run go tool gqlgen generate")
	}
}
