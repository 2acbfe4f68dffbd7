package page

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"
)

type row struct{ text, id, at, number string }

var everyType = Order[row]{Name: "rows@company1", Columns: []Column[row]{
	{Name: "text", Type: Text, Value: func(r *row) string { return r.text }},
	{Name: "at", Type: Instant, Value: func(r *row) string { return r.at }},
	{Name: "number", Type: Number, Value: func(r *row) string { return r.number }},
	{Name: "id", Type: UUID, Value: func(r *row) string { return r.id }},
}}

const someID = "01a1fc25-6594-7aa2-a486-7b37a8ae792e"

var someTime = time.Date(2026, 11, 21, 9, 30, 0, 123456000, time.FixedZone("", 3*3600))

func TestCursorsComeBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Cola", `a "b" \c`, "Crème 🍮\n", "<b>&amp;'?!(", strings.Repeat("<", 200)} {
		r := row{text: text, id: someID, at: InstantText(someTime), number: "-42"}
		values, err := everyType.place(everyType.cursor(&r))
		if want := []string{text, "2026-11-21T06:30:00.123456Z", "-42", someID}; err != nil || !slices.Equal(values, want) {
			t.Errorf("%q, %v; want %q", values, err, want)
		}
	}
}

func TestCursorsThatAreRefused(t *testing.T) {
	t.Parallel()
	raw := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	at := InstantText(someTime)
	good := raw(`["rows@company1","a","` + at + `","1","` + someID + `"]`)
	if _, err := everyType.place(good); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for name, cursor := range map[string]string{
		"empty":                       "",
		"no base 64":                  "%%%",
		"padded":                      base64.URLEncoding.EncodeToString([]byte(`["rows@company1"]`)),
		"no JSON":                     raw("["),
		"an object":                   raw(`{"a":1}`),
		"numbers":                     raw(`["rows@company1","a","` + at + `",1,"` + someID + `"]`),
		"another order":               raw(`["cols@company1","a","` + at + `","1","` + someID + `"]`),
		"another company":             raw(`["rows@company2","a","` + at + `","1","` + someID + `"]`),
		"too few values":              raw(`["rows@company1","a","` + at + `","1"]`),
		"too many values":             raw(`["rows@company1","a","` + at + `","1","` + someID + `","x"]`),
		"no time":                     raw(`["rows@company1","a","now","1","` + someID + `"]`),
		"a year that is none":         raw(`["rows@company1","a","0000-01-01T00:00:00Z","1","` + someID + `"]`),
		"a zone PostgreSQL refuses":   raw(`["rows@company1","a","2026-01-01T00:00:00+23:59","1","` + someID + `"]`),
		"a comma PostgreSQL refuses":  raw(`["rows@company1","a","2026-01-01T00:00:00,5Z","1","` + someID + `"]`),
		"no number":                   raw(`["rows@company1","a","` + at + `","1e3","` + someID + `"]`),
		"a number beyond bigint":      raw(`["rows@company1","a","` + at + `","9223372036854775808","` + someID + `"]`),
		"no id":                       raw(`["rows@company1","a","` + at + `","1","x"]`),
		"an id in another form":       raw(`["rows@company1","a","` + at + `","1","` + strings.ToUpper(someID) + `"]`),
		"NUL":                         raw(`["rows@company1","a\u0000","` + at + `","1","` + someID + `"]`),
		"spaces":                      raw(`["rows@company1", "a","` + at + `","1","` + someID + `"]`),
		"a line break in the base 64": good[:10] + "\n" + good[10:],
		"something behind it":         good + "AA",
		"too long":                    raw(`["rows@company1","` + strings.Repeat("a", 3000) + `","` + at + `","1","` + someID + `"]`),
	} {
		if values, err := everyType.place(cursor); err == nil {
			t.Errorf("%s: taken for %q", name, values)
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("")
	f.Add(everyType.cursor(&row{text: "a", id: someID, at: InstantText(someTime), number: "1"}))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`["rows@company1","a\ud800","0001-01-01T00:00:00Z","+1","x"]`)))
	f.Fuzz(func(t *testing.T, cursor string) {
		values, err := everyType.place(cursor)
		if err != nil {
			return
		}
		if again := everyType.encode(values); again != cursor {
			t.Errorf("%q stands for the same place as %q", cursor, again)
		}
		for i, c := range everyType.Columns {
			if !c.Type.holds(values[i]) {
				t.Errorf("%q is no %s", values[i], c.Type)
			}
		}
	})
}
