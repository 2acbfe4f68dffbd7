package receipt

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/mattn/go-runewidth"
	"golang.org/x/text/unicode/norm"
)

// mostMarks is how many combining marks stand on one letter; Hebrew and Thai need three, and a heap of them would
// grow over other lines.
const mostMarks = 4

// The format characters that letters and emoji are joined and parted by.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// plain gives a text of the user's without anything that is no letter, mark, digit, sign or space: no control
// characters, so that no text can start a command of a printer (ESC, GS, DLE...), and no format characters but those
// within words, so that none can turn the amounts beside it around. Letters come composed, as printers know them. Line
// breaks and tabs become spaces.
func plain(text string) string {
	var b strings.Builder
	marks, space := 0, true
	for _, r := range norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD")) {
		switch {
		case unicode.IsSpace(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		case r == joiner || r == nonJoiner || unicode.Is(unicode.M, r):
			// Nothing to stand on, or more than a letter carries.
			if marks++; space || marks > mostMarks {
				continue
			}
		case !unicode.IsGraphic(r):
			continue
		default:
			marks = 0
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimRight(b.String(), " ")
}

// rows are the lines of a text, each plain; empty ones at the ends are left out.
func rows(text string) []string {
	var list []string
	for line := range strings.SplitSeq(strings.Trim(text, "\r\n\t "), "\n") {
		list = append(list, plain(line))
	}
	if len(list) == 1 && list[0] == "" {
		return nil
	}
	return list
}

// paper measures texts, whatever the language of the machine is.
var paper = runewidth.Condition{StrictEmojiNeutral: true}

// columns is how many columns a plain text takes: none for a mark on a letter, two for the wide letters of East Asia
// and for emoji. What Unicode takes for a part of the letter before it and isn't a mark (a colour of skin, the half
// wide voicing of Japanese) has a place of its own on paper, unless it is joined to an emoji as one picture.
func columns(text string) int {
	n := 0
	for letters := graphemes.FromString(text); letters.Next(); {
		letter := letters.Value()
		if strings.ContainsFunc(letter, picture) {
			n += paper.StringWidth(letter)
			continue
		}
		for _, r := range letter {
			n += paper.RuneWidth(r)
		}
	}
	return n
}

// picture says whether a character makes one picture of those around it: families, keys, flags.
func picture(r rune) bool {
	return r == joiner || unicode.In(r, unicode.Variation_Selector, unicode.Regional_Indicator)
}

// wrap breaks a plain text into lines of at most so many columns, at spaces, and words that are longer anywhere
// between two letters.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		for _, part := range split(word, most) {
			switch {
			case line == "":
				line = part
			case columns(line+" "+part) <= most:
				line += " " + part
			default:
				lines = append(lines, line)
				line = part
			}
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// split cuts a word into parts of at most so many columns; what stands on a letter stays on it, if it fits.
func split(word string, most int) []string {
	if columns(word) <= most {
		return []string{word}
	}
	var parts []string
	var part strings.Builder
	used := 0
	for _, letter := range pieces(word, most) {
		n := columns(letter)
		if used+n > most && part.Len() > 0 {
			parts = append(parts, part.String())
			part.Reset()
			used = 0
		}
		part.WriteString(letter)
		used += n
	}
	return append(parts, part.String())
}

// pieces are the letters of a word with what stands on them, and the characters of one that is wider than so many
// columns: nothing bounds what may be heaped on a letter.
func pieces(word string, most int) (list []string) {
	for letters := graphemes.FromString(word); letters.Next(); {
		if letter := letters.Value(); columns(letter) > most {
			list = append(list, strings.Split(letter, "")...)
		} else {
			list = append(list, letter)
		}
	}
	return list
}
