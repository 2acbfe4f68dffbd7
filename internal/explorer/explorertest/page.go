//go:build browser

// Package explorertest drives the explorer in a headless Chromium, as a person
// would. It needs Debian's chromium, or the one that TILLGRAPH_CHROMIUM names,
// and is built only under the tag "browser".
package explorertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is for a machine whose cores are busy with other tests.
const patience = 3 * time.Minute

// Page is one tab with a profile of its own, which ends with the test.
type Page struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // the tab is its context: chromedp has no other handle

	mu     sync.Mutex
	faults []string
}

// New starts a browser that reaches this machine and no other.
func New(t *testing.T) *Page {
	t.Helper()

	browser := os.Getenv("TILLGRAPH_CHROMIUM")
	if browser == "" {
		browser = "chromium"
	}

	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser),
		chromedp.Headless,
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	}
	if os.Geteuid() == 0 {
		// Chromium does not start its sandbox for root.
		options = append(options, chromedp.NoSandbox)
	}

	ctx, cancelTime := context.WithTimeout(context.Background(), patience)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, options...)
	ctx, cancelTab := chromedp.NewContext(ctx)

	t.Cleanup(func() {
		cancelTab()
		cancelBrowser()
		cancelTime()
	})

	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.watch); err != nil {
		t.Fatalf("starting %s: %v", browser, err)
	}

	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}

	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}

	// The window's own size would count what a headless browser does not draw.
	p.Do(chromedp.EmulateViewport(1280, 800))

	return p
}

// Faults returns the console's errors, the refusals of the page's policy among
// them, and each request to another host than 127.0.0.1, so far.
func (p *Page) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()

	return append([]string{}, p.faults...)
}

// Context is for what the methods here do not cover.
func (p *Page) Context() context.Context { return p.ctx }

// Do runs actions, and ends the test if one fails.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()

	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("%v; the console says: %s", err, strings.Join(p.Faults(), "; "))
	}
}

// Get runs an action on the page and returns its value, and ends the test if
// it fails.
func Get[T any](p *Page, action chromedp.Action[T]) T { //nolint:ireturn // T is of the caller's choice
	p.t.Helper()

	got, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.t.Fatalf("%v; the console says: %s", err, strings.Join(p.Faults(), "; "))
	}

	return got
}

// Open loads the page and waits for the editor.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.Do(chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS(".graphiql-execute-button")))
}

// SignIn presses the button of the demo token with this label.
func (p *Page) SignIn(label string) {
	p.t.Helper()
	p.Do(chromedp.Click(fmt.Sprintf(`//button[@data-token and normalize-space()=%q]`, label)))
}

// OpenExample picks the example operation with this name, and waits until the
// editor has its text and the name that it will be run by: the page changes
// tabs a moment later, and a test is quicker with the run button than a person.
func (p *Page) OpenExample(name string) {
	p.t.Helper()
	p.Do(
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
			const list = document.getElementById('examples');
			list.selectedIndex = [...list.options].findIndex(o => o.text === %q);
			const {examples} = JSON.parse(document.getElementById('config').textContent);
			const {query} = examples[Number(list.value)];
			window.exampleIsOpen = () => {
				const editor = document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror;
				return editor.getValue() === query && query.includes(' ' + editor.operationName);
			};
			list.dispatchEvent(new Event('change', {bubbles: true}));
		})()`, name)),
		chromedp.Poll[chromedp.Void](`window.exampleIsOpen()`, chromedp.WithPollingTimeout(patience/3)),
	)
}

// SetHeaders writes JSON into the header editor.
func (p *Page) SetHeaders(headers string) {
	p.t.Helper()
	// Of the two editors there the second is that of the headers.
	p.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`[...document.querySelectorAll('.graphiql-editor-tool .CodeMirror')].at(-1).CodeMirror.setValue(%q)`, headers,
	)))
}

// Run presses the run button.
func (p *Page) Run() {
	p.t.Helper()
	p.Do(chromedp.Click(chromedp.CSS(".graphiql-execute-button")))
}

// Answer waits until the answer holds the text, and returns all of it.
func (p *Page) Answer(text string) string {
	p.t.Helper()

	return p.waitFor(".graphiql-response .CodeMirror", text)
}

// Query waits until the operation in the editor holds the text.
func (p *Page) Query(text string) string {
	p.t.Helper()

	return p.waitFor(".graphiql-query-editor .CodeMirror", text)
}

// Docs opens the documentation and waits until it shows the text.
func (p *Page) Docs(text string) {
	p.t.Helper()
	p.Do(
		chromedp.Click(chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)),
		chromedp.Poll[chromedp.Void](fmt.Sprintf(`document.querySelector('.graphiql-doc-explorer')?.textContent.includes(%q)`, text),
			chromedp.WithPollingTimeout(patience/3)),
	)
}

// Screenshot writes what is in view as a PNG.
func (p *Page) Screenshot(file string) {
	p.t.Helper()

	if err := os.WriteFile(file, Get(p, chromedp.CaptureScreenshot()), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// watch notes what a person would find in the browser's console.
func (p *Page) watch(event any) {
	if fault := faultIn(event); fault != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, fault)
	}
}

// waitFor asks the editor and not the document for its text: only the lines in
// view are in the document.
func (p *Page) waitFor(editor, text string) string {
	p.t.Helper()

	return Get(p, chromedp.Poll[string](fmt.Sprintf(
		`(() => { const v = document.querySelector(%q)?.CodeMirror?.getValue() ?? ''; return v.includes(%q) ? v : ''; })()`,
		editor, text,
	), chromedp.WithPollingTimeout(patience/3)))
}

func faultIn(event any) string {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			return e.Entry.Text + " " + e.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		return e.ExceptionDetails.Text + described(e.ExceptionDetails.Exception)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			return "console.error" + described(e.Args...)
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, "http://127.0.0.1:") && !strings.HasPrefix(u, "data:") {
			return "asked for " + u
		}
	}

	return ""
}

// described is what the console shows of values: text has a value, an error or
// another object a description.
func described(values ...*runtime.RemoteObject) string {
	var b strings.Builder

	for _, v := range values {
		if v != nil {
			b.WriteString(" " + string(v.Value) + v.Description)
		}
	}

	return b.String()
}
