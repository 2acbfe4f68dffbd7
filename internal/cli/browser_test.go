//go:build browser

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tillgraph/tillgraph/internal/explorer"
	"github.com/tillgraph/tillgraph/internal/explorer/explorertest"
)

// TestExplorerRunsAQuery is what a newcomer does first: open the page, take a demo role, run an example.
func TestExplorerRunsAQuery(t *testing.T) {
	t.Parallel()
	if !explorer.Offline() {
		t.Fatal("the explorer's files are not built: run npm ci and npm run build in internal/explorer first")
	}
	s := serve(t, nil, anyPort(t.TempDir())...)
	page := explorertest.New(t)
	page.Open(s.base + "/")
	page.SignIn("Savanna Supermarkets: owner Amina Wanjiru")
	page.OpenExample("Stores with their latest sales")
	page.Run()
	page.Answer("Mombasa")
	if dir := os.Getenv("TILLGRAPH_SCREENSHOTS"); dir != "" {
		page.Screenshot(filepath.Join(dir, "server.png"))
	}
	page.SignIn("Savanna Supermarkets: cashier Grace Achieng")
	page.OpenExample("Who am I, and what may I do?")
	page.Run()
	page.Answer("CASHIER")
	if faults := page.Faults(); len(faults) > 0 {
		t.Errorf("the browser complained: %q", faults)
	}
}
