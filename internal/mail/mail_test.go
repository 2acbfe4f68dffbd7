package mail_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/mail"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Owner@Acme.Example ": "owner@acme.example", "a@b": "a@b", "o'neil+x@acme.example": "o'neil+x@acme.example",
		"": "", "acme": "", "@": "", "a@b\nBcc: c@d": "", "A <a@b.example>": "", "a@b, c@d": "", "a b@c": "",
		strings.Repeat("x", 250) + "@acme.example": "",
	} {
		if got, ok := mail.Address(text); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"http://mail.example", "smtp://", "smtp://user:hunter2@host:x", "file://", "smtp://host?tls=perhaps", "mail",
	} {
		_, err := mail.Open(mail.Config{URL: url, From: "till@acme.example"}, slog.Default())
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := mail.Open(mail.Config{URL: "smtp://host", From: "nobody"}, slog.Default()); err == nil {
		t.Error("sent by nobody")
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := mail.Open(mail.Config{URL: "file://" + dir, From: "Till <till@acme.example>"}, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	m := mail.Message{To: "nia@acme.example", Subject: "Karibu, Ñia", Text: "Hello.\n"}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 || filepath.Ext(files[0]) != ".eml" {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"To: <nia@acme.example>", "till@acme.example", "Auto-Submitted: auto-generated", "Hello."} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %q in %s", part, text)
		}
	}
}

// TestLog: on a machine of one's own the log shows a letter; elsewhere a letter is not sent, and not shown.
func TestLog(t *testing.T) {
	t.Parallel()
	for _, show := range []bool{true, false} {
		var log bytes.Buffer
		s, err := mail.Open(mail.Config{ShowInLog: show}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		err = s.Send(t.Context(), mail.Message{To: "nia@acme.example", Subject: "s", Text: "a-secret-link"})
		if (err == nil) != show || strings.Contains(log.String(), "a-secret-link") != show {
			t.Errorf("%v: %v, %s", show, err, log.String())
		}
	}
}
