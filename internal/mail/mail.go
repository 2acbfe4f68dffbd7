// Package mail sends short texts to people: by SMTP, into a folder, or, where nothing is configured, into the log.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"net/url"
	"strings"
)

// Message is a text for one person.
type Message struct {
	To      string
	Subject string
	Text    string
}

// Sender sends a message, or says why not. It is safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Config says how mail goes out.
type Config struct {
	// URL is smtp://user:password@host:port, smtps://... or file:///folder; "" is the log.
	URL string
	// From is the sender's address, with or without a name.
	From string
	// ShowInLog lets the log, where mail goes without a URL, show whole messages, links included: on a machine of
	// one's own. Elsewhere it says that there was one.
	ShowInLog bool
}

// Open makes the sender that is configured. It connects to nothing yet. Its errors don't quote the URL, which holds a
// password.
func Open(c Config, log *slog.Logger) (Sender, error) {
	if c.URL == "" {
		return &logSender{log: log, show: c.ShowInLog}, nil
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		return nil, fmt.Errorf("the sender's address %q is none", c.From)
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, errors.New("the URL for mail can't be read")
	}
	switch u.Scheme {
	case "file":
		return newFileSender(u.Path, c.From)
	case "smtp", "smtps":
		return newSMTPSender(u, c.From)
	default:
		return nil, errors.New("the URL for mail is neither smtp://, smtps:// nor file://")
	}
}

// Address gives an e-mail address in the form in which it is kept, in small letters; false where it is none.
func Address(text string) (string, bool) {
	const least, most = 3, 254
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || a.Name != "" || len(text) < least || len(text) > most ||
		strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", false
	}
	return text, true
}

// logSender is what there is without any configuration.
type logSender struct {
	log  *slog.Logger
	show bool
}

// Send implements Sender.
func (s *logSender) Send(ctx context.Context, m Message) error {
	if s.show {
		s.log.InfoContext(ctx, "mail: no MAIL_URL is set, so that it stands here", "to", m.To, "subject", m.Subject, "text", m.Text)
		return nil
	}
	return errors.New("no MAIL_URL is set: the message was not sent")
}
