package signup

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

func TestSlugs(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]string{
		"mama-njeri": "", "a1b": "", "7-eleven": "", strings.Repeat("a", 40): "", "shop-4-u": "", "rnw": "",
		"": "INVALID", "ab": "INVALID", "123": "INVALID", "1-2-3": "INVALID", strings.Repeat("a", 41): "INVALID", "-abc": "INVALID",
		"abc-": "INVALID", "a--b": "INVALID", "xn--80ak6aa92e": "INVALID", "Abc": "INVALID", "a_b": "INVALID", "a.b": "INVALID",
		"a b": "INVALID", "аpple": "INVALID", "appⅼe": "INVALID", "app\x00": "INVALID", "abc\n": "INVALID",
		"www": "SLUG_RESERVED", "api": "SLUG_RESERVED", "admin": "SLUG_RESERVED", "adm1n": "SLUG_RESERVED",
		"a-p-i": "SLUG_RESERVED", "adrnin": "SLUG_RESERVED", "vvvvvv": "SLUG_RESERVED", "he1p": "SLUG_RESERVED",
		"l0gin": "SLUG_RESERVED", "bi11ing": "SLUG_RESERVED", "tillgraph": "SLUG_RESERVED", "ti11-graph": "SLUG_RESERVED",
	} {
		var p errs.Problems
		checkSlug(&p, slug)
		got := ""
		if len(p) > 0 {
			got = p[0].Code
		}
		if got != want || len(p) > 1 {
			t.Errorf("%q: %v, want %q", slug, p, want)
		}
	}
}

// What a country's shops begin with fits what the database and the money hold.
func TestCountries(t *testing.T) {
	t.Parallel()
	for code, home := range countries() {
		if region, err := language.ParseRegion(code); err != nil || !region.IsCountry() {
			t.Errorf("%s is no country", code)
		}
		if _, err := money.ParseCurrency(string(home.currency)); err != nil {
			t.Errorf("%s has the currency %s", code, home.currency)
		}
		var p errs.Problems
		in := CompanySignUpInput{CountryCode: code}
		if got := in.home(&p); len(p) > 0 || got.zone == "" || got.tax == "" || got.scale < 1 {
			t.Errorf("%s begins with %+v: %v", code, got, p)
		}
		zone := home.zone
		in.TimeZone = &zone
		if in.home(&p); len(p) > 0 {
			t.Errorf("%s: %v", code, p)
		}
		if home.cash < 0 || home.cash > 1_000_000 || home.rate > 300_000 {
			t.Errorf("%s: %+v", code, home)
		}
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for _, of := range tenancy.BusinessTypes() {
		for code, home := range countries() {
			rows := newSample(of, home.currency, home.scale, nil, time.Unix(0, 0))
			if len(rows.products) < 5 || len(rows.categories) < 2 {
				t.Errorf("%s: %d products", of, len(rows.products))
			}
			var skus []string
			for _, p := range rows.products {
				if p.PriceMinor <= 0 {
					t.Errorf("%s in %s: %s costs %d", of, code, p.Name, p.PriceMinor)
				}
				skus = append(skus, p.SKU)
			}
			slices.Sort(skus)
			if len(slices.Compact(skus)) != len(rows.products) {
				t.Errorf("%s: SKUs stand there twice", of)
			}
		}
	}
	if got := samplePrice(70, 130, "KES"); got != 9100 {
		t.Errorf("bread costs %d", got)
	}
	if got := samplePrice(70, 3600, "UGX"); got != 2520 {
		t.Errorf("bread costs %d", got)
	}
}
