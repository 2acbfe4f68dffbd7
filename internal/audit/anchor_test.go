package audit_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/audit"
)

// TestHeadsAreAnchored: who writes the chain anew from a record on is found by a head that is kept elsewhere.
func TestHeadsAreAnchored(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	kept := ""
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			text, _ := io.ReadAll(r.Body)
			kept += string(text)
		}
		_, _ = io.WriteString(w, kept)
	}))
	t.Cleanup(server.Close)
	for name, place := range map[string]string{"file": "file://" + filepath.Join(t.TempDir(), "heads"), "address": server.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.seal(t)
			anchors, err := audit.OpenAnchors(place, server.Client())
			if err != nil {
				t.Fatal(err)
			}
			anchorer := audit.NewAnchorer(b.db, slog.New(slog.DiscardHandler), anchors, time.Now)
			company := b.A.ID.UUID()
			anchor := func(want int) []audit.Anchor {
				t.Helper()
				if err := anchorer.Anchor(t.Context()); err != nil {
					t.Fatal(err)
				}
				heads, err := anchors.Read(t.Context())
				if err != nil || len(heads[company.String()]) != want || len(heads[b.B.ID.UUID().String()]) != 1 {
					t.Fatalf("%v, %v; want %d", heads, err, want)
				}
				return heads[company.String()]
			}
			anchor(1)
			anchor(1) // it hasn't moved
			b.write(t, 3)
			b.seal(t)
			heads := anchor(2)
			last := b.sound(t).LastPosition
			if found := b.verify(t, audit.Check{Anchors: heads}); found.Broken != nil {
				t.Fatal(found.Broken)
			}
			b.split(t)
			b.d.Exec(t, `update audit_events set operator = 'nobody' where id = $1`, b.at(t, last-1).UUID())
			b.d.Exec(t, `delete from audit_seals where tenant_id = $1 and position >= $2`, company, last-1)
			b.d.Exec(t, `update audit_heads set position = $2, horizon = '0',
				digest = (select digests from audit_seals where tenant_id = $1 and position = $2) where tenant_id = $1`, company, last-2)
			b.seal(t)
			b.sound(t)
			if found := b.verify(t, audit.Check{Anchors: heads}); found.Broken == nil || found.Broken.Fault != audit.AnchorDiffers || found.Broken.Position != last {
				t.Errorf("%v", found.Broken)
			}
		})
	}
	for _, place := range []string{"", "heads", "file://heads", "http://a.example", "https://", "https://a b"} {
		if _, err := audit.OpenAnchors(place, nil); err == nil {
			t.Errorf("%q is a place", place)
		}
	}
	if _, err := audit.OpenAnchors("https://user:secret@%zz", nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
