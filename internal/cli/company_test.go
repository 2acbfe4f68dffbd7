package cli

import (
	"regexp"
	"testing"
)

func TestCompanyCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	local := map[string]string{"DATA_DIR": dir}
	command := []string{
		"company", "create", "--slug", "zawadi", "--name", "Zawadi Motors", "--country", "ke", "--business-type", "auto-service",
		"--owner-name", "Zawadi W.", "--owner-email", "zawadi@zawadi.example", "--sample",
	}
	run(t, local, append(command, "--tax-rate", "much")...).want(t, exitUsage, "--tax-rate")
	run(t, local, append(command, "--currency", "XYZ")...).want(t, exitUsage, "--currency")
	run(t, local, append(command, "--business-type", "bakery")...).want(t, exitUsage, "bakery")
	run(t, local, append(command, "--slug", "admin", "--owner-email", "x")...).want(t, exitUsage, "slug: ", "ownerEmail: ")
	made := run(t, local, command...)
	made.want(t, exitOK, "made the company zawadi", "zawadi@zawadi.example")
	password := regexp.MustCompile(`password  (\S+)`).FindStringSubmatch(made.stdout)
	if password == nil {
		t.Fatal(made.stdout)
	}
	run(t, local, command...).want(t, exitUsage, "slug: Another company")
	s := serve(t, local, "--listen", "127.0.0.1:0")
	got := s.query(t, "", `mutation { login(input: {companySlug: "zawadi", email: "zawadi@zawadi.example", password: "`+password[1]+
		`"}) { user { name emailVerified } userErrors { code } } }`, "")
	if got != `{"data":{"login":{"user":{"name":"Zawadi W.","emailVerified":true},"userErrors":[]}}}` {
		t.Errorf("the owner can't log in: %s", got)
	}
	if code := s.stop(t); code != exitOK {
		t.Errorf("it stops with %d", code)
	}
}
