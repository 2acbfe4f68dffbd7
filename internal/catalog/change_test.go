package catalog

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/errs"
)

func TestCheckBarcodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, checked, problems string }{
		{"", "", ""},
		{"1|2", "1|2", ""},
		{" 1 |2", "1|2", ""},
		{"1|2|1", "1|2", "barcodes.2"},
		{"1| 1", "1", "barcodes.1"},
		{"1|\x00|\x01", "1", "barcodes.1 barcodes.2"},
		{strings.Repeat("é", 64), strings.Repeat("é", 64), ""},
		{"4006381333931|4006381333932|96385074|96385075", "4006381333931|96385074", "barcodes.1 barcodes.3"},
		{"036000291452|0036000291452|00036000291452", "036000291452", "barcodes.1 barcodes.2"},
		{"036000291453|14006381333938|14006381333939", "14006381333938", "barcodes.0 barcodes.2"},
		{"123456789|40063813339", "123456789|40063813339", ""},
	} {
		var problems errs.Problems
		var given []string
		if c.given != "" {
			given = strings.Split(c.given, "|")
		}
		var kept []string
		for _, code := range checkBarcodes(&problems, given, "barcodes") {
			kept = append(kept, code.Barcode)
		}
		checked := strings.Join(kept, "|")
		var places []string
		for _, p := range problems {
			places = append(places, strings.Join(p.Field, "."))
		}
		if checked != c.checked || strings.Join(places, " ") != c.problems {
			t.Errorf("%q: %q, problems at %q", c.given, checked, places)
		}
	}
}

// What people type for a product finds it: any prefix of each of its words, in any case and order.
func TestWordsFindWhatTheyWereMadeOf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("aZé ñß-'Øłçİǆ字1")), 1, 40, -1).Draw(t, "name")
		sku := rapid.StringMatching(`[A-Za-z0-9 ./-]{1,20}`).Draw(t, "sku")
		kept := Words(name, sku)
		for _, typed := range []string{name, sku, strings.ToUpper(name), strings.ToLower(sku)} {
			fields := Words(typed, "")
			slices.Reverse(fields)
			for _, word := range fields {
				begin := word[:len(string([]rune(word)[:1]))]
				for _, prefix := range []string{word, begin} {
					if !slices.ContainsFunc(kept, func(k string) bool { return strings.HasPrefix(k, prefix) }) {
						t.Fatalf("%q, typed for %q %q, is no beginning of %q", prefix, name, sku, kept)
					}
				}
			}
		}
		for i, word := range kept {
			if word == "" || len(word) > maxWord || slices.Contains(kept[:i], word) {
				t.Fatalf("%q of %q", word, kept)
			}
		}
	})
}
