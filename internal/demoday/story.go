package demoday

import (
	"fmt"
	"slices"
	"strings"
)

// line prints a line.
func (d *day) line(format string, values ...any) {
	if _, err := fmt.Fprintf(d.Out, format+"\n", values...); err != nil && d.mute == nil {
		d.mute = err
	}
}

// say prints what happened at a time.
func (d *day) say(time, format string, values ...any) {
	d.line("%s  %s", time, strings.TrimRight(fmt.Sprintf(format, values...), " "))
}

// differs notes and prints what is not as it should be.
func (d *day) differs(where string, what []string) {
	for _, one := range what {
		d.wrong = append(d.wrong, where+": "+one)
		d.line("!!     %s: %s", where, one)
	}
}

// story says what is in a cart, and how it is paid.
func (c *cart) story() string {
	text := c.String()
	for _, b := range c.backs {
		if b.of == nil {
			text = strings.TrimPrefix(fmt.Sprintf("%s, back: %s of line %d of %s", text, quantity(b.milli), b.line+1, b.sale), ", ")
		}
	}
	return text
}

// sayReceipt prints a receipt on a line.
func (d *day) sayReceipt(time string, who seller, t *till, c *cart, own *slip) {
	var pays []string
	for _, p := range own.pays {
		n := p.tendered
		pays = append(pays, strings.ToLower(strings.ReplaceAll(p.method, "_", " "))+" "+pretty(n))
	}
	if own.change > 0 {
		pays = append(pays, "change "+pretty(own.change))
	}
	if own.rounding != 0 {
		pays = append(pays, "rounded by "+pretty(own.rounding))
	}
	if own.discount > 0 {
		pays = append(pays, "discount "+pretty(own.discount))
	}
	d.say(time, "%-5s %-7s #%-3d %s = %s (%s)", t.code, who.name, own.number, c.story(), pretty(own.total), strings.Join(pays, ", "))
}

// table prints the figures of a Z report beside the script's own and the ledger's, and notes where they differ.
func (d *day) table(title string, z, own, ledger *figures) {
	d.line("\n%s\n  %-32s %14s %14s %14s", title, "", "Z report", "script", "receipts read")
	names := slices.Clone(z.names)
	for _, more := range [][]string{own.names, ledger.names} {
		for _, name := range more {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		is, should, read := z.of[name], own.of[name], ledger.of[name]
		mark := ""
		if is != should || is != read {
			mark = "  !!"
			d.wrong = append(d.wrong, title+": "+name)
		}
		if is == 0 && mark == "" {
			continue
		}
		d.line("  %-32s %14s %14s %14s%s", name, shown(name, is), shown(name, should), shown(name, read), mark)
	}
}
