package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is the longest word that is stored, in bytes.
const maxWord = 64

// Words are what a product is found by: the words of its name and of its SKU, the SKU as a whole, and its barcodes in
// every length in which they may be typed; in lower case and without accents, each once and at most 64 bytes long, in
// the order in which they occur. What people type is turned into words the same way, so that "creme" finds "Crème".
func Words(name, sku string, barcodes ...string) []string {
	sku = fold(sku)
	words := append(split(fold(name)), strings.TrimSpace(sku))
	words = append(words, split(sku)...)
	for _, code := range barcodes {
		words = append(words, codeWords(code)...)
	}
	seen := make(map[string]bool, len(words))
	unique := words[:0]
	for _, word := range words {
		word = cut(word)
		if word == "" || seen[word] {
			continue
		}
		seen[word] = true
		unique = append(unique, word)
	}
	return unique
}

// codeWords are the words of a barcode: a GTIN without zeros in front and in each of the lengths that has room for
// them, and another code as a whole and in parts.
func codeWords(code string) []string {
	if !gtin(code) {
		code = fold(code)
		return append([]string{strings.TrimSpace(code)}, split(code)...)
	}
	key := ScanKey(code)
	bare := strings.TrimLeft(key, "0")
	words := []string{code}
	if len(bare) > 0 {
		words = append(words, bare)
	}
	for _, length := range []int{8, 12, ean13, gtinDigits} {
		if length > len(bare) {
			words = append(words, key[gtinDigits-length:])
		}
	}
	return words
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// fold drops case and accents.
func fold(text string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		// Letters that look accented and that Unicode doesn't take apart.
		case r == 'ß':
			out.WriteString("ss")
		case r == 'æ':
			out.WriteString("ae")
		case r == 'ł':
			out.WriteByte('l')
		case r == 'ø':
			out.WriteByte('o')
		case r == 'đ':
			out.WriteByte('d')
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// cut shortens a word to maxWord bytes without breaking a character.
func cut(word string) string {
	if len(word) <= maxWord {
		return word
	}
	end := maxWord
	for !utf8.RuneStart(word[end]) {
		end--
	}
	return word[:end]
}
