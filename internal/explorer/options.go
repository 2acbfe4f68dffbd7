package explorer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Options says what the page talks to and what it offers.
type Options struct {
	// Endpoint is where operations are posted: a path of this server, or an
	// http(s) address of another one, which then has to allow this origin.
	Endpoint string
	// Tokens are offered as buttons, in this order. They are readable by
	// whoever can load the page: only demo tokens belong here.
	Tokens []Token
	// Examples are offered in a list, in this order. The first is what a first
	// visit opens with.
	Examples []Example
}

// Token is a demo role's ready token and what it may see.
type Token struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Token       string `json:"token"`
}

// Example is an operation to start from. Variables is a JSON object, or empty.
type Example struct {
	Name      string `json:"name"`
	Query     string `json:"query"`
	Variables string `json:"variables"`
}

// validate returns everything that is wrong, not only the first thing.
func (o Options) validate() error {
	var errs []error

	if _, err := o.origin(); err != nil {
		errs = append(errs, err)
	}

	for i, t := range o.Tokens {
		if t.Label == "" || t.Token == "" {
			errs = append(errs, fmt.Errorf("explorer: token %d has no label or no token", i))
		}
	}

	for i, e := range o.Examples {
		if e.Name == "" || e.Query == "" {
			errs = append(errs, fmt.Errorf("explorer: example %d has no name or no query", i))
		}

		if e.Variables == "" {
			continue
		}

		var object map[string]any
		if err := json.Unmarshal([]byte(e.Variables), &object); err != nil {
			errs = append(errs, fmt.Errorf("explorer: variables of example %q: %w", e.Name, err))
		}
	}

	return errors.Join(errs...)
}

// origin is the other server that the page may talk to, empty for this one.
// What it returns goes into a header, so that it holds nothing that would end
// the source or the directive that it stands in.
func (o Options) origin() (string, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return "", fmt.Errorf("explorer: endpoint: %w", err)
	}

	if u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") {
		return "", nil
	}

	web := u.Scheme == "http" || u.Scheme == "https"
	if !web || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, ";, '\"") {
		return "", fmt.Errorf("explorer: endpoint %q is neither a path nor an http(s) address", o.Endpoint)
	}

	return u.Scheme + "://" + u.Host, nil
}
