package tenancy

import (
	"slices"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// Across gives the stores that something over several stores at once is about: those of the asked ones where the actor
// has the permission; all of these where none is asked for. Unknown are the places of the asked ones that aren't among
// them, whatever they are instead. Each is given once, in the order of their ids.
//
// It is the one way by which figures of several stores come together, and it never reaches beyond the scope.
func (s *Scope) Across(p Permission, asked []id.Store) (stores []id.Store, unknown []int) {
	if len(asked) == 0 {
		return slices.DeleteFunc(s.Stores(), func(store id.Store) bool { return !s.CanAt(p, store) }), nil
	}
	for i, store := range asked {
		if !s.CanAt(p, store) {
			unknown = append(unknown, i)
			continue
		}
		stores = append(stores, store)
	}
	slices.SortFunc(stores, compare)
	return slices.Compact(stores), unknown
}

// CanAtAll says whether the actor has a permission in each of several stores.
func (s *Scope) CanAtAll(p Permission, stores []id.Store) bool {
	return !slices.ContainsFunc(stores, func(store id.Store) bool { return !s.CanAt(p, store) })
}

// Whole is nil where the request sees all of its stores' receipts, and not only those of one register.
func (s *Scope) Whole() error {
	if !s.Register.IsZero() {
		return errs.New(errs.Forbidden, "A register, or a login by PIN at one, sees no reports: log in with your password.")
	}
	return nil
}
