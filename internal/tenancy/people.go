package tenancy

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// AtRegister limits the scope of a person to a register and its store, where they have logged in with their PIN.
func (s *Scope) AtRegister(register id.Register, store id.Store) (*Scope, error) {
	narrowed, err := s.Narrow(store)
	if err != nil {
		return nil, err
	}
	narrowed.Register = register
	return narrowed, nil
}

// Person is nil when a person asks, with a login or with a PIN, and not a register by itself.
func (s *Scope) Person() error {
	if s.User.IsZero() {
		return errs.New(errs.Forbidden, "This is for people: log in.")
	}
	return nil
}

// PersonWithPassword is nil when a person asks who hasn't come in with a PIN, which is too little to change what one
// logs in with.
func (s *Scope) PersonWithPassword() error {
	if err := s.Person(); err != nil {
		return err
	}
	if !s.Register.IsZero() {
		return errs.New(errs.Forbidden, "A PIN is not enough for this: log in with your password.")
	}
	return nil
}
