package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

const (
	sendTimeout = 30 * time.Second
	submission  = 587
	implicitTLS = 465
)

func compose(m Message, from string) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("the sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("the recipient: %w", err)
	}
	msg.Subject(m.Subject)
	// So that no out-of-office reply comes back.
	msg.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

type smtpSender struct {
	host    string
	options []mail.Option
	from    string
}

// newSMTPSender reads smtp://user:password@host:port: with STARTTLS unless ?tls=none says otherwise; smtps is TLS
// from the first byte.
func newSMTPSender(u *url.URL, from string) (*smtpSender, error) {
	s := &smtpSender{host: u.Hostname(), from: from, options: []mail.Option{mail.WithTimeout(sendTimeout)}}
	if s.host == "" {
		return nil, errors.New("the URL for mail names no host")
	}
	port := submission
	if u.Scheme == "smtps" {
		port = implicitTLS
		s.options = append(s.options, mail.WithSSL())
	}
	if text := u.Port(); text != "" {
		var err error
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errors.New("the URL for mail has no port that is a number")
		}
	}
	policy, known := map[string]mail.TLSPolicy{
		"": mail.TLSMandatory, "required": mail.TLSMandatory, "opportunistic": mail.TLSOpportunistic, "none": mail.NoTLS,
	}[u.Query().Get("tls")]
	if !known {
		return nil, errors.New("the URL for mail: tls is required, opportunistic or none")
	}
	s.options = append(s.options, mail.WithPort(port), mail.WithTLSPolicy(policy))
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	if _, err := mail.NewClient(s.host, s.options...); err != nil {
		return nil, errors.New("the URL for mail is not one to send with")
	}
	return s, nil
}

// Send implements Sender. Each message has a connection of its own: there are few.
func (s *smtpSender) Send(ctx context.Context, m Message) error {
	msg, err := compose(m, s.from)
	if err != nil {
		return err
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("make a connection for mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

// fileSender writes each message into a file of its own.
type fileSender struct{ dir, from string }

func newFileSender(dir, from string) (*fileSender, error) {
	const ownerOnly = 0o700
	if dir == "" {
		return nil, errors.New("the URL for mail names no folder")
	}
	if err := os.MkdirAll(dir, ownerOnly); err != nil {
		return nil, fmt.Errorf("make the folder for mail: %w", err)
	}
	return &fileSender{dir: dir, from: from}, nil
}

// Send implements Sender. A message is there as a whole or not at all.
func (s *fileSender) Send(_ context.Context, m Message) error {
	msg, err := compose(m, s.from)
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(s.dir, "*.draft") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	_, err = msg.WriteTo(draft)
	if err = errors.Join(err, draft.Close()); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	name := draft.Name()[:len(draft.Name())-len(filepath.Ext(draft.Name()))] + ".eml"
	if err := os.Rename(draft.Name(), name); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	return nil
}
