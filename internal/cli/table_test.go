package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func settingsTable(t *testing.T) string {
	t.Helper()
	p, err := newParser(environment(nil), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return settingsBlock(p.kong.Model.Node)
}

func TestReadmeHasTheSettings(t *testing.T) {
	t.Parallel()
	const readme = "../../README.md"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, after, err := aroundBlock(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if before+settingsTable(t)+after != string(text) {
		t.Errorf("the README's table of settings is not that of the program: go run . settings --write README.md")
	}
}

func TestSettingsAreWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# Shop\n\n" + settingsBegin + "\nold\n" + settingsEnd + "\n\nMore.\n")
	run(t, nil, "settings", "--write", file).want(t, exitOK)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "# Shop\n\n" + settingsTable(t) + "\nMore.\n"; string(text) != want {
		t.Errorf("the file is now\n%s", text)
	}
	write("# Shop\n")
	run(t, nil, "settings", "--write", file).want(t, exitError, settingsBegin)
}

func TestEachSettingIsAFlagAndAVariable(t *testing.T) {
	t.Parallel()
	p, err := newParser(environment(nil), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	flags, variables := map[string]bool{}, map[string]bool{}
	for _, s := range allSettings(p.kong.Model.Node) {
		if len(s.flag.Envs) != 1 || flags[s.flag.Name] || variables[s.flag.Envs[0]] || s.flag.Help == "" {
			t.Errorf("--%s is not one flag with one variable and a text", s.flag.Name)
		}
		if want := strings.ToUpper(strings.ReplaceAll(s.flag.Name, "-", "_")); s.flag.Envs[0] != want {
			t.Errorf("--%s has the variable %s", s.flag.Name, s.flag.Envs[0])
		}
		flags[s.flag.Name], variables[s.flag.Envs[0]] = true, true
	}
	for _, name := range p.kong.Model.Children[0].Flags {
		if name.Name != "help" && len(name.Envs) == 0 {
			t.Errorf("--%s of serve has no variable", name.Name)
		}
	}
}
