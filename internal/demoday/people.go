package demoday

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// person is somebody of the company who is signed in.
type person struct {
	client

	id, name string
	// let says that the day gave them its shops.
	let bool
}

// first is the name that colleagues use.
func (p *person) first() string {
	first, _, _ := strings.Cut(p.name, " ")
	return first
}

// roles are what somebody is, as userRolesSet takes it.
type roles struct {
	Role       string
	CustomRole *struct{ ID string }
	AllStores  bool
	StoreRoles []storeRole
	Version    int64
}

type storeRole struct {
	Store      struct{ ID string }
	Role       string
	CustomRole *struct{ ID string }
}

// signIn takes an access token as it is, and signs an address in.
func (d *day) signIn(ctx context.Context, who string) (*person, error) {
	p := &person{client: d.server.as(who)}
	if strings.Contains(who, "@") {
		var login struct{ Tokens *struct{ AccessToken string } }
		err := d.server.change(ctx, `mutation($in: LoginInput!) {
			done: login(input: $in) { tokens { accessToken } userErrors { code message field } } }`,
			vars{"in": vars{"companySlug": d.Company, "email": who, "password": d.Password}}, &login)
		if err != nil {
			return nil, fmt.Errorf("sign %s in: %w", who, err)
		}
		if login.Tokens == nil {
			return nil, fmt.Errorf("sign %s in: a second factor is due; give a token instead", who)
		}
		p.client = d.server.as(login.Tokens.AccessToken)
	}
	var data struct {
		Viewer struct{ User *struct{ ID, Name string } }
	}
	if err := p.ask(ctx, "{ viewer { user { id name } } }", nil, &data); err != nil {
		return nil, fmt.Errorf("ask who the token is of: %w", err)
	}
	if data.Viewer.User == nil {
		return nil, errors.New("the token is of a register: a person's is needed")
	}
	p.id, p.name = data.Viewer.User.ID, data.Viewer.User.Name
	return p, nil
}

const rolesOf = `query($id: ID!) { node(id: $id) { ... on User { version role allStores customRole { id }
	storeRoles { store { id } role customRole { id } } } } }`

// letIn gives somebody the shops of the day, if they don't have all.
func (d *day) letIn(ctx context.Context, p *person) error {
	var data struct{ Node *roles }
	if err := d.owner.ask(ctx, rolesOf, vars{"id": p.id}, &data); err != nil {
		return fmt.Errorf("ask for the roles of %s: %w", p.name, err)
	}
	if data.Node == nil {
		return fmt.Errorf("the owner doesn't see %s", p.name)
	}
	if data.Node.AllStores || data.Node.Role == "OWNER" {
		return nil
	}
	if err := d.setRoles(ctx, p, data.Node, d.shops); err != nil {
		return fmt.Errorf("let %s into the shops: %w", p.name, err)
	}
	p.let = true
	return nil
}

// letGo takes the shops from somebody again.
func (d *day) letGo(ctx context.Context, p *person) error {
	if !p.let {
		return nil
	}
	var data struct{ Node *roles }
	if err := d.owner.ask(ctx, rolesOf, vars{"id": p.id}, &data); err != nil {
		return fmt.Errorf("ask for the roles of %s: %w", p.name, err)
	}
	// What somebody else gave them in the meantime is kept.
	now := data.Node
	now.StoreRoles = slices.DeleteFunc(now.StoreRoles, func(r storeRole) bool {
		return slices.ContainsFunc(d.shops, func(s *shop) bool { return s.id == r.Store.ID })
	})
	return d.setRoles(ctx, p, now, nil)
}

func (d *day) setRoles(ctx context.Context, p *person, r *roles, more []*shop) error {
	stores := []vars{}
	for _, s := range r.StoreRoles {
		in := vars{"storeId": s.Store.ID, "role": s.Role}
		if s.CustomRole != nil {
			in["customRoleId"] = s.CustomRole.ID
		}
		stores = append(stores, in)
	}
	for _, s := range more {
		stores = append(stores, vars{"storeId": s.id})
	}
	in := vars{"version": r.Version, "role": r.Role, "allStores": r.AllStores, "stores": stores}
	if r.CustomRole != nil {
		in["customRoleId"] = r.CustomRole.ID
	}
	return d.owner.change(ctx, `mutation($id: ID!, $in: UserRolesSetInput!) {
		done: userRolesSet(id: $id, input: $in) { userErrors { code message field } } }`, vars{"id": p.id, "in": in}, nil)
}
