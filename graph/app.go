package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/graph/wire"
	"github.com/tillgraph/tillgraph/internal/app"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// appLoaders look up companies' front ends.
type appLoaders struct {
	app          loader.Loader[id.App, *app.App]
	appDocuments *loader.Pages[id.App, app.Document]
}

func (r *Resolver) newAppLoaders() appLoaders {
	return appLoaders{
		app:          loader.ByKey(warmRows(r.apps.ByID, appRelations()), func(a *app.App) id.App { return a.ID }),
		appDocuments: loader.PagesOf(r.apps.DocumentsOf),
	}
}

func appRelations() relations[app.App] {
	return relations[app.App]{"App", map[string]ask[app.App]{
		"documents": pages(func(l *loaders) *loader.Pages[id.App, app.Document] { return l.appDocuments },
			func(a *app.App) id.App { return a.ID }),
	}}
}

const (
	// keptDocuments and keptBytes bound the texts of companies' documents that a server keeps, keptApps the lists of apps.
	keptDocuments, keptBytes = 10_000, 32 << 20
	keptApps                 = 2_000
)

// registry finds the documents that companies have registered. What it has found is kept under the version of the
// company's configuration, which comes with who somebody is and counts all that is registered: no server is behind.
type registry struct {
	apps  *app.Apps
	texts *wire.Cache[string]
	lists *wire.Cache[[]*app.App]
}

var _ wire.Registry = (*registry)(nil)

func newRegistry(apps *app.Apps) *registry {
	return &registry{
		apps: apps, lists: wire.NewCache[[]*app.App](keptApps, keptApps<<6),
		texts: wire.NewCache[string](keptDocuments, keptBytes).Weighing(func(text string) int { return len(text) }),
	}
}

// Rule implements wire.Registry. An operator with an access uses tools of their own.
func (g *registry) Rule(ctx context.Context, named string) (wire.Rule, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return wire.Rule{}, nil //nolint:nilerr // nobody's company is known
	}
	rule, apps := app.RuleOf(scope)
	if !apps {
		return wire.Rule{}, nil
	}
	found := wire.Rule{Known: true, Only: rule == app.Registered && scope.Support.IsZero()}
	one, err := g.named(ctx, scope, named)
	if one != nil && one.DocumentRule == app.Registered {
		found.Only = true
	}
	return found, err
}

// Find implements wire.Registry.
func (g *registry) Find(ctx context.Context, named, document string) (string, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return "", err
	}
	one, err := g.named(ctx, scope, named)
	if err != nil {
		return "", err
	}
	var of id.App
	if one != nil {
		of = one.ID
	}
	version, keep := scope.ConfigVersion()
	key := fmt.Sprintf("%s %d %s %s", scope.Company, version, of, document)
	if keep {
		if text, ok := g.texts.Get(ctx, key); ok {
			return text, nil
		}
	}
	found, err := g.apps.Find(ctx, of, document)
	if err == nil && found != "" && keep {
		g.texts.Add(ctx, key, found)
	}
	return found, err
}

// named is the company's app of a name; nil where there is none, as though none had been named.
func (g *registry) named(ctx context.Context, scope *tenancy.Scope, name string) (*app.App, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // none is named
	}
	version, keep := scope.ConfigVersion()
	key := fmt.Sprintf("%s %d", scope.Company, version)
	list, known := g.lists.Get(ctx, key)
	if !known || !keep {
		var err error
		if list, err = g.apps.All(ctx); err != nil {
			return nil, err
		}
		if keep {
			g.lists.Add(ctx, key, list)
		}
	}
	for _, one := range list {
		if one.Name == name {
			return one, nil
		}
	}
	return nil, nil //nolint:nilnil // there is none of the name
}

// exempt says which fields are answered in any document: what needs no login, since nobody's company is known before, and
// what says which documents are registered, so that nobody locks themselves out.
func exempt(field *ast.FieldDefinition) bool {
	managing := []string{"appRegister", "appUpdate", "appRemove", "companyDocumentsUpdate", "__typename"}
	return slices.Contains(managing, field.Name) || field.Directives.ForName("public") != nil
}

// examine holds a document that is to be registered to all that a request is held to, but for what it costs, which its
// variables say.
func (c Config) examine(ctx context.Context, reader *wire.Reader, text string) app.Checked {
	doc, wrong := reader.Examine(ctx, text)
	checked := app.Checked{}
	for _, e := range wrong {
		said := e.Message
		if len(e.Locations) > 0 {
			said = fmt.Sprintf("%s (line %d)", said, e.Locations[0].Line)
		}
		checked.Wrong = append(checked.Wrong, said)
	}
	if doc == nil {
		return checked
	}
	for _, op := range doc.Operations {
		checked.Operations = append(checked.Operations, op.Name)
		size := measure(op.SelectionSet, map[string]size{})
		if size.depth > c.MaxDepth || size.fields > c.MaxComplexity || copies(op.SelectionSet, 1, 0) > mostCopies {
			checked.Wrong = append(checked.Wrong, "The operation is deeper or larger than the limit.")
		}
	}
	return checked
}

// examined holds the operator's own documents to the schema, and names those that don't fit.
func (c Config) examined(reader *wire.Reader) error {
	const most = 20
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(c.Documents)) {
		for _, document := range slices.Sorted(maps.Keys(c.Documents[name])) {
			text := c.Documents[name][document]
			for _, problem := range c.examine(context.Background(), reader, text).Wrong {
				wrong = append(wrong, fmt.Sprintf("%s: %s (%s): %s", name, app.Title(text, document), document, problem))
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	if len(wrong) > most {
		wrong = append(wrong[:most], fmt.Sprintf("and %d more", len(wrong)-most))
	}
	return fmt.Errorf("registered documents don't fit the schema:\n  %s", strings.Join(wrong, "\n  ")) //nolint:err113 // said once
}
