package graph

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/signal"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// signal tells what was noticed of a request that is over.
func (c Config) signal(ctx context.Context, r *request, codes []string, took time.Duration) {
	if c.Signals == nil {
		return
	}
	noticed := &signal.Request{Took: took, Rows: r.stats.Rows(), Found: r.notes.List(), IDs: r.ids, Evidence: signal.Evidence{
		LastAt: c.Now(), Address: r.address, RequestID: r.id, Operation: r.named,
	}}
	scope, err := tenancy.From(ctx)
	if err != nil {
		scope = r.asked
	}
	if scope != nil {
		noticed.Scope, noticed.Operator = scope, operatorOf(scope)
		if !scope.User.IsZero() {
			noticed.UserID = &scope.User
		}
		if !scope.Register.IsZero() {
			noticed.AtRegisterID = &scope.Register
		}
		if slices.Contains(codes, string(errs.Forbidden)) && !slices.ContainsFunc(noticed.Found, elsewhere) {
			noticed.Found = append(noticed.Found, signal.Found{Kind: signal.PermissionDenied})
		}
	}
	c.Signals.Request(noticed)
}

// elsewhere are what is refused as forbidden and has a kind of its own.
func elsewhere(f signal.Found) bool {
	return f.Kind == signal.OtherCompany || f.Kind == signal.OtherStore
}

// mostIDs is how many ids of one request are looked up.
const mostIDs = 50

// idsWith are the ids that an operation names, in variables and in its document.
func (a *about) idsWith(variables map[string]any) []id.Any {
	if len(variables) == 0 {
		return a.ids
	}
	found := ids{}
	inVariables(variables, found.add)
	for _, ref := range a.ids {
		found.have(ref)
	}
	return found.list
}

// idsIn are the ids that an operation's document names.
func idsIn(op *ast.OperationDefinition) []id.Any {
	found := ids{}
	eachField(op.SelectionSet, func(f *ast.Field) {
		for _, argument := range f.Arguments {
			inValue(argument.Value, found.add)
		}
	})
	return found.list
}

// ids are some, each once.
type ids struct{ list []id.Any }

// add adds a text, where it is an id.
func (f *ids) add(text string) {
	const longestPrefix, encoded = 12, 26
	if len(f.list) >= mostIDs || len(text) < encoded || len(text) > longestPrefix+encoded || !strings.Contains(text, "_") {
		return
	}
	if ref, err := id.Parse(text); err == nil {
		f.have(ref)
	}
}

func (f *ids) have(ref id.Any) {
	if len(f.list) < mostIDs && !slices.Contains(f.list, ref) {
		f.list = append(f.list, ref)
	}
}

func inVariables(value any, add func(string)) {
	switch value := value.(type) {
	case string:
		add(value)
	case []any:
		for _, one := range value {
			inVariables(one, add)
		}
	case map[string]any:
		for _, one := range value {
			inVariables(one, add)
		}
	}
}

func inValue(value *ast.Value, add func(string)) {
	if value == nil {
		return
	}
	if value.Kind == ast.StringValue {
		add(value.Raw)
	}
	for _, child := range value.Children {
		inValue(child.Value, add)
	}
}

func signalRelations() relations[signal.Signal] {
	return relations[signal.Signal]{"Signal", map[string]ask[signal.Signal]{
		"user":     maybe((*loaders).users, func(s *signal.Signal) *id.User { return s.UserID }),
		"register": maybe((*loaders).registers, func(s *signal.Signal) *id.Register { return s.AtRegisterID }),
	}}
}
