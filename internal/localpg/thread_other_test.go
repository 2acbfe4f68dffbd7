//go:build !linux

package localpg

// isMainThread matters only where a thread's end is told to its children.
func isMainThread() bool { return false }
