package sale

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

func input(t *testing.T) RecordInput {
	t.Helper()
	product, barcode := id.New[id.Product](), "b"
	return RecordInput{
		IdempotencyKey: "k",
		Lines: []RecordLineInput{
			{ProductID: &product, Quantity: decimal(t, "1")}, {Barcode: &barcode, Quantity: decimal(t, "0.5")},
		},
		Payments: []PaymentInput{{Method: Card, Amount: decimal(t, "10")}},
	}
}

func TestValidateInput(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(change time.Duration) *time.Time {
		moment := now.Add(change)
		return &moment
	}
	if p := input(t).validate(now); len(p) > 0 {
		t.Fatal(p)
	}
	text := func(n int) *string {
		s := strings.Repeat("é", n)
		return &s
	}
	for name, c := range map[string]struct {
		change func(*RecordInput)
		want   string
	}{
		"the longest key":   {func(in *RecordInput) { in.IdempotencyKey = *text(100) }, ""},
		"longer":            {func(in *RecordInput) { in.IdempotencyKey = *text(101) }, "INVALID idempotencyKey"},
		"the longest note":  {func(in *RecordInput) { in.Note = text(500) }, ""},
		"a longer note":     {func(in *RecordInput) { in.Note = text(501) }, "INVALID note"},
		"no UTF-8":          {func(in *RecordInput) { s := "\xff"; in.Note = &s }, "INVALID note"},
		"a clock ahead":     {func(in *RecordInput) { in.OccurredAt = at(clockSkew) }, ""},
		"too far ahead":     {func(in *RecordInput) { in.OccurredAt = at(clockSkew + 1) }, "OCCURRED_IN_FUTURE occurredAt"},
		"years ago":         {func(in *RecordInput) { in.OccurredAt = at(-26 * 365 * 24 * time.Hour) }, ""},
		"500 lines":         {func(in *RecordInput) { in.Lines = slices.Repeat(in.Lines[:1], 500) }, ""},
		"501 lines":         {func(in *RecordInput) { in.Lines = slices.Repeat(in.Lines[:1], 501) }, "INVALID lines"},
		"20 payments":       {func(in *RecordInput) { in.Payments = slices.Repeat(in.Payments, 20) }, ""},
		"21 payments":       {func(in *RecordInput) { in.Payments = slices.Repeat(in.Payments, 21) }, "INVALID payments"},
		"a gram":            {func(in *RecordInput) { in.Lines[0].Quantity = decimal(t, "0.001") }, ""},
		"with more zeros":   {func(in *RecordInput) { in.Lines[0].Quantity = decimal(t, "0.00100") }, ""},
		"less than a gram":  {func(in *RecordInput) { in.Lines[0].Quantity = decimal(t, "0.0009") }, "TOO_PRECISE lines.0.quantity"},
		"none":              {func(in *RecordInput) { in.Lines[1].Quantity = decimal(t, "0.000") }, "QUANTITY_NOT_POSITIVE lines.1.quantity"},
		"a million":         {func(in *RecordInput) { in.Lines[1].Quantity = decimal(t, "1000000") }, ""},
		"the longest code":  {func(in *RecordInput) { in.Lines[1].Barcode = text(64) }, ""},
		"a longer code":     {func(in *RecordInput) { in.Lines[1].Barcode = text(65) }, "INVALID lines.1.barcode"},
		"the longest ref":   {func(in *RecordInput) { in.Payments[0].Reference = text(100) }, ""},
		"mobile without it": {func(in *RecordInput) { in.Payments[0].Method = MobileMoney }, "INVALID payments.0.reference"},
	} {
		in := input(t)
		c.change(&in)
		var got []string
		for _, p := range in.validate(now) {
			got = append(got, p.Code+" "+strings.Join(p.Field, "."))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q; want %q", name, got, c.want)
		}
	}
}

// Inputs that differ in anything that is kept have different hashes, also where parts move from one field to another.
func TestHashTellsInputsApart(t *testing.T) {
	t.Parallel()
	register, base := id.New[id.Register](), input(t)
	hash := func(change func(*RecordInput)) string {
		in := base
		in.Lines, in.Payments = slices.Clone(base.Lines), slices.Clone(base.Payments)
		change(&in)
		sum, err := in.hash(register)
		if err != nil {
			t.Fatal(err)
		}
		return string(sum)
	}
	text := func(s string) *string { return &s }
	moment := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	there := moment.In(time.FixedZone("", 3*3600))
	seen := map[string]string{}
	for name, change := range map[string]func(*RecordInput){
		"as it is":          func(*RecordInput) {},
		"another product":   func(in *RecordInput) { p := id.New[id.Product](); in.Lines[0].ProductID = &p },
		"another barcode":   func(in *RecordInput) { in.Lines[1].Barcode = text("c") },
		"another quantity":  func(in *RecordInput) { in.Lines[0].Quantity = decimal(t, "2") },
		"the other order":   func(in *RecordInput) { slices.Reverse(in.Lines) },
		"a line less":       func(in *RecordInput) { in.Lines = in.Lines[:1] },
		"a line more":       func(in *RecordInput) { in.Lines = append(in.Lines, in.Lines[0]) },
		"another method":    func(in *RecordInput) { in.Payments[0].Method = Cash },
		"another amount":    func(in *RecordInput) { in.Payments[0].Amount = decimal(t, "11") },
		"a reference":       func(in *RecordInput) { in.Payments[0].Reference = text("b") },
		"no payments":       func(in *RecordInput) { in.Payments = nil },
		"a note":            func(in *RecordInput) { in.Note = text("b") },
		"a time":            func(in *RecordInput) { in.OccurredAt = &moment },
		"a number":          func(in *RecordInput) { n := 1; in.ReceiptNumber = &n },
		"another number":    func(in *RecordInput) { n := 2; in.ReceiptNumber = &n },
		"a note for a time": func(in *RecordInput) { in.Note = text(moment.Format(time.RFC3339Nano)) },
	} {
		sum := hash(change)
		if other, is := seen[sum]; is {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[sum] = name
	}
	if hash(func(in *RecordInput) { in.OccurredAt = &moment }) != hash(func(in *RecordInput) { in.OccurredAt = &there }) {
		t.Error("one moment in two time zones has two hashes")
	}
	if hash(func(in *RecordInput) { in.Lines[0].Quantity = decimal(t, "1.000") }) != hash(func(*RecordInput) {}) {
		t.Error("one quantity in two ways has two hashes")
	}
	if hash(func(in *RecordInput) { in.Payments[0].Amount = decimal(t, "10.00") }) != hash(func(*RecordInput) {}) {
		t.Error("one amount in two ways has two hashes")
	}
	one, err := base.hash(register)
	if err != nil {
		t.Fatal(err)
	}
	other, err := base.hash(id.New[id.Register]())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(one, other) {
		t.Error("two registers have one hash")
	}
}

func TestStorable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": true, "é\n\U0010FFFF": true, "a\x00": false, "\xff": false, "\xed\xa0\x80": false} {
		if storable(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
