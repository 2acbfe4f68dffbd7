package company

import (
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

// codes are the problems of an error, each with its place.
func codes(err error) string {
	problems, _ := err.(errs.Problems) //nolint:errorlint // as the rules return it
	var all []string
	for _, p := range problems {
		all = append(all, p.Code+" "+strings.Join(p.Field, "."))
	}
	return strings.Join(all, ", ")
}

func TestStoreCreateInput(t *testing.T) {
	t.Parallel()
	rate, err := money.ParseDecimal("8.875")
	if err != nil {
		t.Fatal(err)
	}
	text := " x "
	s, err := StoreCreateInput{
		Code: "N-1", Name: " Name ", TimeZone: "Africa/Nairobi", TaxRate: rate, Address: &text, Phone: &text, ExternalReference: &text,
	}.validate()
	if err != nil || s.Name != "Name" || s.TaxRatePPM != 88750 || s.Address != "x" || s.Phone != "x" || *s.ExternalReference != "x" ||
		s.Status != Open || s.Version != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = StoreCreateInput{}.validate()
	if got := codes(err); got != "INVALID code, INVALID name, INVALID timeZone" {
		t.Error(got)
	}
}

// Left out, null and a value are three things.
func TestStoreUpdateInput(t *testing.T) {
	t.Parallel()
	reference := "r"
	before := Store{Name: "n", TimeZone: "UTC", TaxRatePPM: 5, Address: "a", Phone: "p", Status: Open, ExternalReference: &reference}
	s := before
	if err := (StoreUpdateInput{Version: 1}).apply(&s); err != nil || s != before {
		t.Errorf("left out: %+v, %v", s, err)
	}
	null := graphql.OmittableOf[*string](nil)
	err := StoreUpdateInput{
		Name: null, TimeZone: null, TaxRate: graphql.OmittableOf[*money.Decimal](nil), Status: graphql.OmittableOf[*OpenStatus](nil),
		Address: null, Phone: null, ExternalReference: null,
	}.apply(&s)
	if got := codes(err); got != "INVALID name, INVALID timeZone, INVALID taxRate, INVALID status" {
		t.Error(got)
	}
	if s.Name != "n" || s.TaxRatePPM != 5 || s.Address != "" || s.Phone != "" || s.ExternalReference != nil {
		t.Errorf("null: %+v", s)
	}
	value, closed := " v ", Closed
	err = StoreUpdateInput{
		Name: graphql.OmittableOf(&value), Address: graphql.OmittableOf(&value), Status: graphql.OmittableOf(&closed),
		ExternalReference: graphql.OmittableOf(&value),
	}.apply(&s)
	if err != nil || s.Name != "v" || s.Address != "v" || s.Status != Closed || *s.ExternalReference != "v" || s.Phone != "" {
		t.Errorf("values: %+v, %v", s, err)
	}
}

func TestTakenNamesEachField(t *testing.T) {
	t.Parallel()
	one, two := "one", "two"
	others := []*Store{{Code: "A", ExternalReference: &one}, {Code: "B"}}
	others[0].ID[0], others[1].ID[0] = 1, 2
	for _, c := range []struct {
		code      string
		reference *string
		want      string
	}{
		{"C", nil, ""},
		{"C", &two, ""},
		{"A", &two, "TAKEN code"},
		{"C", &one, "TAKEN externalReference"},
		{"B", &one, "TAKEN externalReference, TAKEN code"},
	} {
		if got := codes(storeTaken(others, &Store{Code: c.code, ExternalReference: c.reference})); got != c.want {
			t.Errorf("%s: %q; want %q", c.code, got, c.want)
		}
	}
	if err := storeTaken(others, others[0]); err != nil {
		t.Errorf("taken by itself: %v", err)
	}
}
