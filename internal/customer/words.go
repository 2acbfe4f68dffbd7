package customer

import (
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/catalog"
)

const (
	// localDigits of a phone number are what people remember of it, without the country and the leading zero.
	localDigits = 9
	longestWord = 64
)

// Words are what a customer is found by: those of the name, the phone number with and without what stands before its
// local part, and the e-mail address, whole and in its parts.
func Words(c *Customer) []string {
	list := catalog.Words(c.Name+" "+c.Email, "")
	if email := emailWord(c.Email); email != "" {
		list = append(list, email)
	}
	if number := digits(c.Phone); number != "" {
		list = append(list, number)
		if len(number) > localDigits {
			list = append(list, number[len(number)-localDigits:])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// searchWords turns what people type into words, each of which a customer must have one that begins with.
func searchWords(text string) []string {
	if isPhone(text) {
		return []string{digits(text)}
	}
	var list []string
	for part := range strings.FieldsSeq(text) {
		if email := emailWord(part); strings.Contains(email, "@") {
			list = append(list, email)
			continue
		}
		list = append(list, catalog.Words(part, "")...)
	}
	return list
}

func emailWord(email string) string {
	email = strings.ToLower(strings.TrimSpace(email))
	if len(email) > longestWord {
		return ""
	}
	return email
}

// isPhone says that a text has the digits of a phone number and nothing but what stands between them.
func isPhone(text string) bool {
	return digits(text) != "" && strings.Trim(text, "0123456789 +-()./") == "" &&
		!strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789 +-()./", r) })
}

// digits are those of a phone number, without the zeros that lead it.
func digits(phone string) string {
	number := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone), "0")
	return number[:min(len(number), longestWord)]
}
