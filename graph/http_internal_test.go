package graph

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/scratch"
)

// TestBodiesAreHeld until their request is over, and then sent whole, with their length and the status of the operation.
func TestBodiesAreHeld(t *testing.T) {
	t.Parallel()
	const long = 5000 // more than net/http finds the length of
	body := func(c string) *scratch.Text {
		text := scratch.New()
		text.Bytes = append(text.Bytes, strings.Repeat(c, long)...)
		return text
	}
	out := httptest.NewRecorder()
	w := &statusWriter{ResponseWriter: out, request: &request{status: http.StatusTooManyRequests}}
	w.Hold(body("a"))
	if out.Body.Len() > 0 || w.sent != http.StatusTooManyRequests {
		t.Errorf("%d bytes are sent before their time, with %d", out.Body.Len(), w.sent)
	}
	w.send()
	w.send()
	if out.Code != http.StatusTooManyRequests || out.Header().Get("Content-Length") != "5000" || out.Body.Len() != long ||
		out.Header().Get("Retry-After") == "" {
		t.Errorf("%d with %d bytes and %v", out.Code, out.Body.Len(), out.Header())
	}

	out = httptest.NewRecorder()
	w = &statusWriter{ResponseWriter: out, request: &request{}, settle: func() bool { return false }}
	w.Hold(body("b"))
	if w.send(); out.Body.Len() > 0 || !w.void || w.sent != 0 {
		t.Errorf("what doesn't hold is sent: %d bytes", out.Body.Len())
	}

	out = httptest.NewRecorder()
	w = &statusWriter{ResponseWriter: out, request: &request{}}
	w.WriteHeader(http.StatusBadRequest)
	w.Hold(body("c"))
	if w.send(); out.Code != http.StatusBadRequest || out.Body.Len() != long {
		t.Errorf("behind a status: %d with %d bytes", out.Code, out.Body.Len())
	}
}

// TestClipped: what is plain and short stays what it is; anything else is made to fit.
func TestClipped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Till/1.0 (x; y)": "Till/1.0 (x; y)", "0123456789012345": "0123456789012345", "01234567890123456": "0123456789012345",
		"a\tb\x00c": "abc", "caf\u00e9 \u2615": "caf\u00e9 \u2615", "a\xffb": "ab", "\u00e9123456789012345x": "\u00e9123456789012345",
		"x\x7fy": "xy",
	} {
		const most = 16
		if got := clipped(text, most); got != want {
			t.Errorf("%q is clipped to %q, not %q", text, got, want)
		}
	}
}
