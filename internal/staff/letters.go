package staff

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// employer is the company as a letter names it.
type employer struct {
	bun.BaseModel `bun:"table:companies,alias:employer"`
	postgres.TenantOwned

	Slug string `bun:"slug"`
	Name string `bun:"name"`
}

func readEmployer(h *postgres.Handle, e **employer) postgres.Statement {
	return postgres.Row(e, h.Select((*employer)(nil)))
}

// letter is a message before it is known who sends it.
type letter struct {
	to, subject string
	text        func(company, slug string) string
	ready       mail.Message
}

func (l *letter) from(e *employer) {
	company, slug := "tillgraph", ""
	if e != nil {
		company, slug = e.Name, e.Slug
	}
	// A subject is one line, whatever a company calls itself.
	line := strings.Join(strings.Fields(company), " ")
	l.ready = mail.Message{To: l.to, Subject: fmt.Sprintf(l.subject, line), Text: l.text(company, slug)}
}

const letterTime = "2 January 2006, 15:04 MST"

func invitationLetter(public string, u *User, token string, until time.Time) *letter {
	return &letter{to: u.Email, subject: "You are invited to %s", text: func(company, slug string) string {
		return fmt.Sprintf("Hello %s,\n\n%s invites you to work with them. To accept, choose a password here:\n\n%s\n\n"+
			"The link works once, until %s. Log in with this address and the company's name %q from then on.\n\n"+
			"If you don't know what this is about, you need do nothing.\n",
			u.Name, company, link(public, "accept-invitation", token), until.UTC().Format(letterTime), slug)
	}}
}

func resetLetter(public string, u *User, token string, until time.Time) *letter {
	return &letter{to: u.Email, subject: "A new password for %s", text: func(company, _ string) string {
		return fmt.Sprintf("Hello %s,\n\nsomebody has asked for a new password for your account at %s. To choose one:\n\n%s\n\n"+
			"The link works once, until %s, and logs you out everywhere.\n\n"+
			"If it wasn't you, you need do nothing: your password stays as it is.\n",
			u.Name, company, link(public, "reset-password", token), until.UTC().Format(letterTime))
	}}
}

func verificationLetter(public string, u *User, token string, until time.Time) *letter {
	return &letter{to: u.Email, subject: "Is this your address? %s asks", text: func(company, slug string) string {
		return fmt.Sprintf("Hello %s,\n\n%s is there, and its name to log in with is %q. To show that this address is yours, "+
			"follow this link:\n\n%s\n\nIt works once, until %s.\n\n"+
			"If you don't know what this is about, you need do nothing.\n",
			u.Name, company, slug, link(public, "verify-email", token), until.UTC().Format(letterTime))
	}}
}

func founderLetter(public string, u *User, token string, until time.Time) *letter {
	return &letter{to: u.Email, subject: "%s is ready", text: func(company, slug string) string {
		return fmt.Sprintf("Hello %s,\n\n%s is there, and its name to log in with is %q. To choose your password:\n\n%s\n\n"+
			"The link works once, until %s; after that, ask for a new password with this address.\n",
			u.Name, company, slug, link(public, "reset-password", token), until.UTC().Format(letterTime))
	}}
}

// link is a page of the front end with the token behind the #, which browsers send to no server; the token alone where
// no front end is known.
func link(public, page, token string) string {
	if public == "" {
		return token
	}
	return strings.TrimSuffix(public, "/") + "/" + page + "#token=" + url.QueryEscape(token)
}

// send mails a letter once what it tells of is written. A failure is in the log, without the letter; the way out is to
// ask for another.
func (s *Staff) send(ctx context.Context, l *letter) {
	s.Later.Do(ctx, "send mail", func(ctx context.Context) error { return s.Mail.Send(ctx, l.ready) })
}
