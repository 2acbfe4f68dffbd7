package page

// Holds is Type.holds, for the test that asks PostgreSQL too.
func (t Type) Holds(value string) bool { return t.holds(value) }
