package receipt

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/width"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/sale"
	"github.com/tillgraph/tillgraph/internal/staff"
)

var update = flag.Bool("update", false, "write what is printed to testdata")

// sample is a receipt with all that there can be on one: an exchange of a store whose prices include tax.
func sample() *Receipt {
	at := time.Date(2026, 11, 21, 11, 5, 0, 0, time.UTC)
	original, card, kes := id.SaleLine{15: 9}, id.GiftCard{15: 3}, money.Currency("KES")
	s := &sale.Sale{
		ID: id.Sale{15: 1}, ReceiptNumber: 128, Status: sale.Completed, CurrencyCode: "KES", PricesIncludeTax: true,
		DiscountMinor: 4000, SubtotalMinor: 59233, TaxMinor: 8027, RoundingMinor: 40, TotalMinor: 67300,
		TenderedMinor: 80000, ChangeMinor: 12700, OccurredAt: at, BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 21},
		Note: "Delivered to table 4",
	}
	return &Receipt{
		Sale: s,
		Lines: []*sale.Line{
			{
				ID: id.SaleLine{15: 1}, Kind: sale.SaleLine, ProductName: "Cola 500 ml", Unit: "EACH", Milli: 2000, UnitPriceMinor: 10000, TaxRatePPM: 160000,
				GrossMinor: 20000, DiscountMinor: 1000, OrderDiscountMinor: 3000, SubtotalMinor: 13793, TaxMinor: 2207, TotalMinor: 16000,
			},
			{
				ID: id.SaleLine{15: 2}, Kind: sale.SaleLine, ProductName: "Bananas from the farm of Ngugi wa Mirii, sweet", Unit: "KILOGRAM", Milli: 755,
				UnitPriceMinor: 12000, GrossMinor: 9060, SubtotalMinor: 9060, TotalMinor: 9060,
				Batches: []*sale.LineBatch{{Lot: "NGU-7", Expires: "2026-11-30", Milli: 500}, {Lot: "NGU-8", Milli: 255}},
			},
			{
				ID: id.SaleLine{15: 3}, Kind: sale.SaleLine, ProductName: "烏龍茶 大瓶装 オーガニック緑茶", Unit: "EACH", Milli: 1000, UnitPriceMinor: 52200, TaxRatePPM: 160000,
				GrossMinor: 52200, SubtotalMinor: 45000, TaxMinor: 7200, TotalMinor: 52200,
			},
			{
				Kind: sale.ReturnLine, OriginalLineID: &original, ReturnReason: new("Seal was broken"), ProductName: "Café crème",
				Unit: "EACH", Milli: -1000, UnitPriceMinor: 10000, TaxRatePPM: 160000,
				GrossMinor: -10000, SubtotalMinor: -8620, TaxMinor: -1380, TotalMinor: -10000,
			},
		},
		Payments: []*sale.Payment{
			{Method: sale.MobileMoney, TenderedMinor: 40000, AmountMinor: 40000, Reference: "QK71HX22ZP"},
			{Method: sale.Cash, TenderedMinor: 40000, AmountMinor: 27300},
		},
		Company:  &company.Company{Name: "Savanna Stores Ltd"},
		Settings: &company.Settings{ReceiptHeader: "Karibu!\nOpen 8 to 8", ReceiptFooter: "Asante sana.\nGoods are taken back within 14 days with this receipt.", TaxNumber: "P051234567X"},
		Store:    &company.Store{Code: "WEST", Name: "Westlands", Address: "12 Ring Road\nNairobi", Phone: "+254 20 123456", TimeZone: "Africa/Nairobi"},
		Register: &company.Register{Code: "T2", Name: "Till 2"},
		Cashier:  &staff.User{Name: "Wanjiru Kamau"},
		Customer: &customer.Customer{Name: "Achieng' & Sons", TaxNumber: "A009"},
		Originals: map[id.SaleLine]*Original{original: {
			Sale:  &sale.Sale{ReceiptNumber: 97, BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 19}},
			Store: &company.Store{Code: "KAREN"}, Register: &company.Register{Code: "T1"},
		}},
		Taxes: []*sale.LineTax{
			{Name: "VAT", Code: "A", RatePPM: 160000, Inclusive: true, CurrencyCode: "KES", BaseMinor: 50173, AmountMinor: 8027},
		},
		UntaxedMinor: 9060,
		Discounts:    []*sale.AppliedDiscount{{Kind: sale.Fixed, ValueMinor: new(int64(3000)), CurrencyCode: "KES", AmountMinor: 3000, Reason: "Opening day"}},
		LineDiscounts: map[id.SaleLine][]*sale.AppliedDiscount{{15: 1}: {
			{Kind: sale.Percent, RatePPM: new(money.PPM(50000)), CurrencyCode: "KES", AmountMinor: 1000, Reason: "Dented can"},
		}},
		Balances: balances([]*ledger.Entry{
			{Ledger: ledger.GiftCard, GiftCardID: &card, Currency: &kes, AmountMinor: -5000, BalanceMinor: 120000},
			{Ledger: ledger.StoreCredit, Currency: &kes, AmountMinor: -1, BalanceMinor: 0},
			{Ledger: ledger.Account, Currency: &kes, AmountMinor: 1, BalanceMinor: 96000},
			{Ledger: ledger.Points, AmountMinor: -10, BalanceMinor: 90},
			{Ledger: ledger.Points, AmountMinor: 6, BalanceMinor: 96},
		}, map[id.GiftCard]*giftcard.GiftCard{card: {LastFour: "9F3K"}}, true),
	}
}

// exclusive is a voided receipt of a store whose prices don't include tax, with amounts that fit no table.
func exclusive() *Receipt {
	r := sample()
	voided := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	r.Sale = &sale.Sale{
		ID: id.Sale{15: 2}, ReceiptNumber: 2_000_000_000, Status: sale.Voided, VoidedAt: &voided, VoidReason: new("Wrong customer"),
		CurrencyCode: "USD", SubtotalMinor: 900_000_000_000_000, TaxMinor: 79_875_000_000_000, TotalMinor: 979_875_000_000_000,
		TenderedMinor: 979_875_000_000_000, OccurredAt: voided,
	}
	r.Lines = []*sale.Line{{
		Kind: sale.SaleLine, ProductName: "Gold", Unit: "KILOGRAM", Milli: 1_000_000_000, UnitPriceMinor: 900_000_000, TaxRatePPM: 88750,
		GrossMinor: 900_000_000_000_000, SubtotalMinor: 900_000_000_000_000, TaxMinor: 79_875_000_000_000, TotalMinor: 979_875_000_000_000,
	}}
	r.Payments = []*sale.Payment{{Method: sale.Card, TenderedMinor: 979_875_000_000_000, AmountMinor: 979_875_000_000_000}}
	r.Store.TimeZone, r.Settings = "America/New_York", &company.Settings{}
	r.Cashier, r.Customer, r.Discounts, r.LineDiscounts, r.Balances, r.UntaxedMinor = nil, nil, nil, nil, nil, 0
	r.Taxes = []*sale.LineTax{{Name: "Sales tax", RatePPM: 88750, BaseMinor: 900_000_000_000_000, AmountMinor: 79_875_000_000_000}}
	return r
}

// refund is a receipt of goods that came back without a receipt.
func refund() *Receipt {
	r := sample()
	r.Lines = r.Lines[3:]
	r.Lines[0].OriginalLineID = nil
	r.Sale.SubtotalMinor, r.Sale.TaxMinor, r.Sale.RoundingMinor, r.Sale.TotalMinor = -8620, -1380, 0, -10000
	r.Sale.TenderedMinor, r.Sale.ChangeMinor, r.Sale.RefundedMinor, r.Sale.Note = 0, 0, 10000, ""
	r.Payments = []*sale.Payment{{Method: sale.StoreCredit, TenderedMinor: -10000, AmountMinor: -10000}}
	r.Discounts, r.LineDiscounts, r.UntaxedMinor = nil, nil, 0
	r.Taxes[0].BaseMinor, r.Taxes[0].AmountMinor = -8620, -1380
	r.Balances = r.Balances[1:2]
	return r
}

// TestPrinted compares with what is printed in testdata, which somebody has looked at.
func TestPrinted(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*Receipt{"exchange": sample(), "exclusive-void": exclusive(), "return": refund()} {
		for file, printed := range map[string]func() (string, error){
			"32.txt": func() (string, error) { return r.Text(Narrow) },
			"48.txt": func() (string, error) { return r.Text(Wide) },
			"html":   r.HTML,
		} {
			got, err := printed()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+"."+file)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is printed as\n%s", path, got)
			}
		}
	}
}

func TestTextHasTwoWidths(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{-1, 0, 31, 33, 40, 47, 49, 1 << 40} {
		if _, err := sample().Text(columns); errs.CodeOf(err) != errs.BadUserInput {
			t.Errorf("%d columns: %v", columns, err)
		}
	}
}

// anything are texts as people and attackers type them.
func anything() *rapid.Generator[string] {
	nasty := rapid.SampledFrom([]string{
		"\x1b@", "\x1bp\x00\x19\xfa", "\x1dV\x00", "\x10\x14\x01", "\u0085", "\u009b31m", "\u202e123", "\u2066", "\u200f", "\ufeff", "\x00", "\x7f",
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</title>", "</style><style>", "{{.}}", "' onload='", "&amp;", "javascript:",
		"漢字仮名", "한국어", "שלום עולם", "مرحبا", "e\u0301\u0301\u0301\u0301\u0301", "👩‍👩‍👧‍👦", "👍🏿", "어🏿", "\U0001F3FB\U0001F3FC\U0001F3FD\U0001F3FE\U0001F3FF", "🀄ﾞ", "ﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟﾟ", "🇰🇪", "1️⃣", "é", "\u0301", "\n", "\r\n", "\t", "\u2028", "\u00a0", "\u3000", "ﷺ",
		"averyverylongwordthatisnotbrokenanywhereatallbecauseithasnospaces", " ", "  ", "-", "\xff\xfe", "\ufffd", "\u1160", "ｆｕｌｌ", "ﾊﾝｶｸ",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(nasty, rapid.StringN(0, 12, -1)), 0, 6).Draw(t, "parts"), "")
	})
}

// drawn is the sample with texts and amounts of any kind.
func drawn(t *rapid.T) *Receipt {
	r := sample()
	text := func() string { return anything().Draw(t, "text") }
	amount := func() int64 {
		return rapid.OneOf(rapid.Int64Range(-1_000_000_000_000_000, 1_000_000_000_000_000), rapid.Int64Range(-999, 999)).Draw(t, "amount")
	}
	r.Company.Name, r.Store.Name, r.Store.Address, r.Store.Phone = text(), text(), text(), text()
	r.Settings.ReceiptHeader, r.Settings.ReceiptFooter, r.Settings.TaxNumber = text(), text(), text()
	r.Register.Name, r.Cashier.Name, r.Customer.Name, r.Customer.TaxNumber = text(), text(), text(), text()
	reason := text()
	r.Sale.Note, r.Sale.VoidReason = text(), &reason
	if rapid.Bool().Draw(t, "voided") {
		r.Sale.Status = sale.Voided
	}
	for _, line := range r.Lines {
		line.ProductName, line.GrossMinor, line.DiscountMinor, line.OrderDiscountMinor = text(), amount(), amount(), amount()
		line.Milli, line.UnitPriceMinor, line.TotalMinor = amount(), amount(), amount()
		if line.ReturnReason != nil {
			line.ReturnReason = &reason
		}
	}
	for _, p := range r.Payments {
		p.TenderedMinor, p.Reference = amount(), text()
	}
	r.Discounts[0].Reason, r.Discounts[0].AmountMinor = text(), amount()
	r.Taxes[0].Name, r.Taxes[0].Code, r.Taxes[0].BaseMinor, r.Taxes[0].AmountMinor = text(), text(), amount(), amount()
	r.UntaxedMinor = amount()
	for _, b := range r.Balances {
		b.changeMinor, b.afterMinor = amount(), amount()
	}
	r.Sale.TotalMinor, r.Sale.RoundingMinor, r.Sale.ChangeMinor = amount(), amount(), amount()
	r.Sale.PricesIncludeTax = rapid.Bool().Draw(t, "inclusive")
	r.Sale.CurrencyCode = rapid.SampledFrom([]money.Currency{"KES", "UGX", "KWD"}).Draw(t, "currency")
	return r
}

// Whatever stands in the names, no line is wider than the paper, and nothing but line breaks reaches the printer
// beside letters.
func TestTextFitsAndIsPlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		for _, most := range []int{Narrow, Wide} {
			printed, err := r.Text(most)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(printed, "\n") {
				if n := max(columns(line), wide(line)); n > most {
					t.Fatalf("%d columns: %q", n, line)
				}
			}
			for _, letter := range strings.ReplaceAll(printed, "\n", "") {
				if !printable(letter) {
					t.Fatalf("%U in %q", letter, printed)
				}
			}
			if !strings.Contains(printed, r.amount(r.Sale.TotalMinor)) {
				t.Fatalf("no total in %q", printed)
			}
		}
	})
}

// wide measures a line by another's tables, where each of its letters stands alone; it counts more than there is of
// none.
func wide(line string) int {
	n := 0
	for _, r := range line {
		switch {
		case r == joiner || unicode.In(r, unicode.Variation_Selector, unicode.Regional_Indicator) || r >= 0x1100 && r <= 0x11ff:
			return 0
		case unicode.Is(unicode.M, r) || r == nonJoiner:
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// printable is what may reach a printer.
func printable(letter rune) bool {
	return letter == ' ' || unicode.IsGraphic(letter) && !unicode.IsSpace(letter) || letter == joiner || letter == nonJoiner
}

// Whatever stands in the names, the page has the elements that the template has and no others.
func TestHTMLIsEscaped(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{}
	for name := range strings.FieldsSeq("html head meta title style body header footer h1 p hr table tbody tr th td bdi time br") {
		allowed[name] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		printed, err := drawn(t).HTML()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewBufferString(strings.TrimPrefix(printed, "<!doctype html>")))
		d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, printed)
			}
			element, is := token.(xml.StartElement)
			if !is {
				continue
			}
			if !allowed[element.Name.Local] {
				t.Fatalf("<%s> in %s", element.Name.Local, printed)
			}
			for _, a := range element.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "src" || a.Name.Local == "href" || a.Name.Local == "style" {
					t.Fatalf("%s in %s", a.Name.Local, printed)
				}
			}
		}
		for _, letter := range printed {
			if letter != '\n' && !printable(letter) {
				t.Fatalf("%U in %s", letter, printed)
			}
		}
	})
}

func TestKind(t *testing.T) {
	t.Parallel()
	sold := sample()
	sold.Lines = sold.Lines[:3]
	for want, r := range map[Kind]*Receipt{Exchanged: sample(), Returned: refund(), Sold: sold} {
		if got := r.Kind(); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\x1b@b": "a@b", "a\tb\nc": "a b c", "  a  b  ": "a b", "e\u0301": "é", "x\u0301\u0302\u0303\u0304\u0305\u0306": "x\u0301\u0302\u0303\u0304", "\u0301a": "a",
		"1\u202e2": "12", "a\u200db": "a\u200db", "1\ufe0f\u20e3": "1\ufe0f\u20e3", "\u200da \u200db": "a b", "a\u2066b\u2069": "ab", "\xff": "\ufffd", "a\u3000b": "a b", "": "", "שלום": "שלום", "\u009b31m": "31m",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q is %q; want %q", in, got, want)
		}
	}
}

// Wrapping loses nothing but spaces, and each line fits.
func TestWrap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := plain(anything().Draw(t, "text"))
		most := rapid.IntRange(4, 12).Draw(t, "columns")
		lines := wrap(in, most)
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(in, " ", "") {
			t.Fatalf("%q became %q", in, lines)
		}
		for _, line := range lines {
			if columns(line) > most || line != strings.TrimSpace(line) || line == "" {
				t.Fatalf("%q of %d in %q", line, columns(line), lines)
			}
		}
	})
}
