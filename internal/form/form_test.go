package form_test

import (
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/money"
)

// check runs one rule on a value, which must be taken as want or refused at the field.
func check[V comparable](t *testing.T, name string, want V, refused bool, rule func(p *errs.Problems) V) {
	t.Helper()
	var p errs.Problems
	got := rule(&p)
	switch {
	case refused && (len(p) != 1 || p[0].Code != form.Invalid || strings.Join(p[0].Field, ".") != "lines.3.name" || p[0].Message == ""):
		t.Errorf("%s: %+v, want one problem", name, p)
	case !refused && (len(p) != 0 || got != want):
		t.Errorf("%s: %v, %v; want %v", name, got, p, want)
	}
}

var at = []any{"lines", 3, "name"}

func TestText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value, want string
		refused     bool
	}{
		"plain":                {"Cola", "Cola", false},
		"trimmed":              {" \t Cola \n", "Cola", false},
		"inner breaks":         {"a\n\tb", "a\n\tb", false},
		"characters, no bytes": {strings.Repeat("é", 10), strings.Repeat("é", 10), false},
		"shortest":             {"ab", "ab", false},
		"empty":                {"", "", true},
		"blank":                {" \n ", "", true},
		"too short":            {"a", "", true},
		"too long":             {strings.Repeat("é", 11), "", true},
		"NUL":                  {"a\x00b", "", true},
		"bell":                 {"a\ab", "", true},
		"carriage return":      {"a\rb", "", true},
		"no UTF-8":             {"ab\xff", "", true},
	} {
		check(t, name, test.want, test.refused, func(p *errs.Problems) string { return form.Text(p, test.value, 2, 10, at...) })
	}
	check(t, "optional, absent", "", false, func(p *errs.Problems) string { return form.OptionalText(p, nil, 3, at...) })
	check(t, "optional, empty", "", false, func(p *errs.Problems) string { return form.OptionalText(p, new(" "), 3, at...) })
	check(t, "optional, too long", "", true, func(p *errs.Problems) string { return form.OptionalText(p, new("abcd"), 3, at...) })
}

func TestReference(t *testing.T) {
	t.Parallel()
	var p errs.Problems
	if got := form.Reference(&p, nil, at...); got != nil || len(p) != 0 {
		t.Errorf("absent: %v, %v", got, p)
	}
	given := " ERP-7 "
	if got := form.Reference(&p, &given, at...); got == nil || *got != "ERP-7" || given != " ERP-7 " || len(p) != 0 {
		t.Errorf("given: %v, %v", got, p)
	}
	for name, value := range map[string]string{"empty": "", "too long": strings.Repeat("a", 101)} {
		check(t, name, "", true, func(p *errs.Problems) string { return *form.Reference(p, &value, at...) })
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for value, refused := range map[string]bool{
		"A": false, "NBO-1": false, "1-": false, "0123456789ABCDEF": false,
		"": true, "-A": true, "a": true, "A B": true, "É": true, "0123456789ABCDEFG": true, "A\n": true, "A_B": true,
	} {
		check(t, value, value, refused, func(p *errs.Problems) string { return form.Code(p, value, at...) })
	}
}

func TestTimeZone(t *testing.T) {
	t.Parallel()
	for value, refused := range map[string]bool{
		"Africa/Nairobi": false, "UTC": false, "": true, "Local": true, "Nairobi": true, "+03:00": true,
		"../../etc/passwd": true, "/etc/localtime": true, "Africa/Nairobi\x00": true,
	} {
		check(t, value, value, refused, func(p *errs.Problems) string { return form.TimeZone(p, value, at...) })
	}
}

func decimal(t *testing.T, text string) money.Decimal {
	t.Helper()
	d, err := money.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.PPM{
		"0": 0, "16": 160_000, "8.875": 88_750, "100": 1_000_000, "0.0001": 1, "100.0001": -1, "-1": -1, "1.00001": -1,
	} {
		d := decimal(t, text)
		check(t, text, want, want < 0, func(p *errs.Problems) money.PPM { return form.Percent(p, d, at...) })
	}
}

func TestPrice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text     string
		currency money.Currency
		want     int64 // -1 where it is refused
	}{
		{"12.5", "KES", 1250},
		{"0", "KES", 0},
		{"12", "UGX", 12},
		{"1.234", "KWD", 1234},
		{"10000000000", "USD", 1_000_000_000_000},
		{"-0.01", "KES", -1},
		{"12.5", "UGX", -1},
		{"1.001", "KES", -1},
		{"10000000000.01", "USD", -1},
	} {
		d := decimal(t, test.text)
		check(t, test.text+" "+string(test.currency), test.want, test.want < 0, func(p *errs.Problems) int64 {
			return form.Price(p, d, test.currency, at...)
		})
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	var p errs.Problems
	if _, set := form.Required(&p, graphql.Omittable[*string]{}, "name"); set || len(p) != 0 {
		t.Errorf("left out: %v, %v", set, p)
	}
	if v, set := form.Required(&p, graphql.OmittableOf(new("Cola")), "name"); v != "Cola" || !set || len(p) != 0 {
		t.Errorf("given: %q, %v, %v", v, set, p)
	}
	if _, set := form.Required(&p, graphql.OmittableOf[*string](nil), "name"); set || len(p) != 1 || p[0].Field[0] != "name" {
		t.Errorf("null: %v, %v", set, p)
	}
}
