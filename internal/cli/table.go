package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// The README's table of settings stands between these.
const (
	settingsBegin = "<!-- settings -->"
	settingsEnd   = "<!-- /settings -->"
)

// settingsCommand prints the table of settings.
type settingsCommand struct {
	Write string `placeholder:"FILE" help:"Put the table into this file, between its markers, instead of printing it."`
}

// Run prints or writes the block.
func (c *settingsCommand) Run(p *process, k *kong.Kong) error {
	block := settingsBlock(k.Model.Node)
	if c.Write == "" {
		return say(p.stdout, "%s", block)
	}
	text, err := os.ReadFile(c.Write)
	if err != nil {
		return fmt.Errorf("read the file with the table: %w", err)
	}
	before, after, err := aroundBlock(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Write, err)
	}
	if err := os.WriteFile(c.Write, []byte(before+block+after), 0o644); err != nil { //nolint:gosec // a public text
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// aroundBlock gives what stands before the table's first marker and after its last line.
func aroundBlock(text string) (before, after string, err error) {
	before, rest, begun := strings.Cut(text, settingsBegin)
	_, after, ended := strings.Cut(rest, settingsEnd+"\n")
	if !begun || !ended {
		return "", "", fmt.Errorf("there are no lines %s and %s for the table of settings", settingsBegin, settingsEnd)
	}
	return before, after, nil
}

// settingsBlock renders the table of all settings with its markers.
func settingsBlock(root *kong.Node) string {
	var b strings.Builder
	b.WriteString(settingsBegin + "\n\n| Flag | Variable | Default | Used by | Meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range allSettings(root) {
		fmt.Fprintf(&b, "| `--%s` | `%s` | %s | %s | %s |\n",
			s.flag.Name, s.flag.Envs[0], code(s.flag.Default), strings.Join(s.commands, ", "), cell(s.flag.Help))
	}
	b.WriteString("\n" + settingsEnd + "\n")
	return b.String()
}

type setting struct {
	flag     *kong.Flag
	commands []string
}

// allSettings gives each setting once, in the order of the groups' first mention, with the commands that use it.
func allSettings(root *kong.Node) []*setting {
	var all []*setting
	var groups []string
	for _, leaf := range root.Leaves(false) {
		for _, flag := range leaf.Flags {
			if len(flag.Envs) == 0 {
				continue
			}
			at := slices.IndexFunc(all, func(s *setting) bool { return s.flag.Name == flag.Name })
			if at < 0 {
				at, all = len(all), append(all, &setting{flag: flag})
			}
			if command := topCommand(leaf); !slices.Contains(all[at].commands, command) {
				all[at].commands = append(all[at].commands, command)
			}
			if !slices.Contains(groups, flag.Group.Key) {
				groups = append(groups, flag.Group.Key)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *setting) int {
		return slices.Index(groups, a.flag.Group.Key) - slices.Index(groups, b.flag.Group.Key)
	})
	return all
}

func topCommand(node *kong.Node) string {
	for node.Parent != nil && node.Parent.Type == kong.CommandNode {
		node = node.Parent
	}
	return node.Name
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
