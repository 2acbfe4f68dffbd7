//go:build !linux

package cli

// uncache does nothing where the system doesn't say what is mapped.
func uncache() error { return nil }

// forgetPages does nothing where the system doesn't say what is mapped.
func forgetPages() error { return nil }
