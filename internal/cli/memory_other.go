//go:build !linux

package cli

// forgetPages does nothing where the system doesn't say what is mapped.
func forgetPages() error { return nil }
