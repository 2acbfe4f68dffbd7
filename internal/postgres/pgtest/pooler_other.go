//go:build !unix

package pgtest

import "os/exec"

func asOwnerOf(*exec.Cmd, string, string) error { return nil }
