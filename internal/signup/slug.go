package signup

import (
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
)

const (
	leastSlug = 3
	mostSlug  = 40
)

// reserved are the names that belong to whoever serves, or that people would take for theirs.
func reserved() []string {
	return []string{
		"abuse", "access", "account", "accounts", "admin", "administrator", "analytics", "api", "app", "apps", "assets",
		"auth", "autoconfig", "autodiscover", "billing", "blog", "business", "careers", "cdn", "checkout", "cloud",
		"community", "company", "config", "console", "contact", "control", "dashboard", "demo", "dev", "developer",
		"developers", "docs", "download", "downloads", "email", "enterprise", "example", "explorer", "files", "forum",
		"ftp", "git", "graph", "graphql", "grpc", "health", "healthz", "help", "home", "host", "hostmaster", "imap",
		"info", "internal", "invoice", "invoices", "kb", "legal", "live", "local", "localhost", "login", "logout", "mail",
		"manage", "media", "metrics", "mobile", "monitor", "mysql", "news", "noc", "none", "null", "oauth", "official",
		"operator", "owner", "partner", "partners", "password", "pay", "payment", "payments", "pop", "pop3", "portal",
		"postgres", "postmaster", "press", "pricing", "privacy", "private", "prod", "production", "public", "readyz",
		"register", "root", "sales", "sandbox", "schema", "search", "secure", "security", "server", "service", "services",
		"settings", "shop", "signin", "signup", "site", "smtp", "ssh", "ssl", "sso", "staff", "staging", "static", "stats",
		"status", "store", "subscribe", "subscription", "superuser", "support", "sysadmin", "system", "team", "teams",
		"tenant", "terms", "test", "testing", "till", "tillgraph", "tills", "token", "undefined", "upload", "uploads",
		"user", "users", "verify", "vpn", "web", "webhook", "webhooks", "webmail", "webmaster", "wiki", "www", "www1",
		"www2",
	}
}

// looksLike is what a slug looks like: two that people would take for one another have the same. The database has the
// same rule in the column company_directory.looks_like.
func looksLike(slug string) string {
	slug = strings.ReplaceAll(slug, "-", "")
	slug = strings.ReplaceAll(slug, "rn", "m")
	slug = strings.ReplaceAll(slug, "vv", "w")
	return strings.NewReplacer("0", "o", "1", "l", "i", "l").Replace(slug)
}

// checkSlug checks the name of a company in its addresses.
func checkSlug(p *errs.Problems, slug string) {
	valid := len(slug) >= leastSlug && len(slug) <= mostSlug && !strings.HasPrefix(slug, "-") &&
		!strings.HasSuffix(slug, "-") && !strings.Contains(slug, "--") && strings.Trim(slug, "0123456789-") != ""
	for i := range len(slug) {
		c := slug[i]
		valid = valid && ('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-')
	}
	if !valid {
		p.Add(form.Invalid, []string{"slug"}, "This must be %d to %d small letters, digits and single hyphens, with a letter "+
			"among them and no hyphen at either end.", leastSlug, mostSlug)
		return
	}
	for _, name := range reserved() {
		if looksLike(slug) == looksLike(name) {
			p.Add("SLUG_RESERVED", []string{"slug"}, "This name can't be had.")
			return
		}
	}
}
