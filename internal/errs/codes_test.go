package errs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	codeForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	tableRow = regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\|")
)

// codesIn are the codes that a file of the source may put into extensions.code: constants of the type Code, constants
// whose name says that they are one, what stands under "code" in a map, and what is handed to who makes an error.
func codesIn(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	note := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && codeForm.MatchString(text) {
				found[text] = file
			}
		}
	}
	inWire := strings.Contains(filepath.ToSlash(file), "graph/")
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, name := range n.Names {
				named := inWire && strings.HasPrefix(strings.ToLower(name.Name), "code")
				if i < len(n.Values) && (isCode(n.Type) || named) {
					note(n.Values[i])
				}
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.BasicLit); ok && key.Value == `"code"` {
				note(n.Value)
			}
		case *ast.CallExpr:
			switch called(n.Fun) {
			case "errs.New", "refused":
				note(n.Args[0])
			case "errs.Wrap":
				note(n.Args[1])
			case "errs.Code", "Code":
				if len(n.Args) == 1 {
					note(n.Args[0])
				}
			}
		}
		return true
	})
	return found
}

func isCode(typ ast.Expr) bool {
	name := called(typ)
	return name == "Code" || name == "errs.Code"
}

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if of, ok := e.X.(*ast.Ident); ok {
			return of.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// TestEveryCodeIsInTheReadme: the table of what is refused has each code of the source, and no other.
func TestEveryCodeIsInTheReadme(t *testing.T) {
	t.Parallel()
	const root = "../.."
	inSource := map[string]string{}
	for _, folder := range []string{"graph", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "generated" || entry.Name() == "testdata" || entry.Name() == "node_modules"):
				return filepath.SkipDir
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				maps.Copy(inSource, codesIn(t, path))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "<!-- refusals -->")
	table, _, _ = strings.Cut(table, "<!-- /refusals -->")
	var listed []string
	for _, row := range tableRow.FindAllStringSubmatch(table, -1) {
		listed = append(listed, row[1])
	}
	slices.Sort(listed)
	for code, file := range inSource {
		if !slices.Contains(listed, code) {
			t.Errorf("%s of %s is not in the README", code, file)
		}
	}
	for _, code := range listed {
		if inSource[code] == "" {
			t.Errorf("%s is in the README and nowhere else", code)
		}
	}
	if len(listed) < 14 || len(slices.Compact(listed)) != len(listed) {
		t.Errorf("the README has %v", listed)
	}
}

// TestCodesAreFound proves that the search can find what is missing.
func TestCodesAreFound(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "graph", "x.go")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`package x
const typed errs.Code = "ONE"
const codeOf = "TWO"
var _ = map[string]any{"code": "THREE"}
var _ = errs.New("FOUR", "x")
var _ = errs.Wrap(nil, "FIVE", "x")
var _ = errs.Code("SIX")
var _ = errs.Problems{{Code: "NOT_THIS"}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(codesIn(t, file))); !slices.Equal(got, []string{"FIVE", "FOUR", "ONE", "SIX", "THREE", "TWO"}) {
		t.Errorf("found %v", got)
	}
}
