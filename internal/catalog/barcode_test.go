package catalog

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/money"
)

// Each changed digit, and each exchange of neighbours that differ by other than five, is noticed.
func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"96385074", "036000291452", "4006381333931", "14006381333938", "00000000"} {
		if !gtin(code) || !intact(code) {
			t.Errorf("%s is refused", code)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		payload := rapid.StringMatching(`[0-9]{7}|[0-9]{11}|[0-9]{12}|[0-9]{13}`).Draw(t, "payload")
		code := payload + string(CheckDigit(payload))
		if !gtin(code) || !intact(code) {
			t.Fatalf("%s is refused", code)
		}
		at := rapid.IntRange(0, len(code)-1).Draw(t, "place")
		other := rapid.ByteRange('0', '9').Draw(t, "digit")
		changed := code[:at] + string(other) + code[at+1:]
		if intact(changed) != (changed == code) {
			t.Fatalf("%s is taken for %s", changed, code)
		}
		if at > 0 && (code[at]+10-code[at-1])%5 != 0 {
			if swapped := code[:at-1] + string(code[at]) + string(code[at-1]) + code[at+1:]; intact(swapped) {
				t.Fatalf("%s is taken for %s", swapped, code)
			}
		}
		// Zeros in front don't make another code, and don't touch the check digit.
		for _, length := range []int{8, 12, 13, 14} {
			if length < len(code) {
				continue
			}
			longer := strings.Repeat("0", length-len(code)) + code
			if ScanKey(longer) != ScanKey(code) || !intact(longer) {
				t.Fatalf("%s is not %s", longer, code)
			}
		}
	})
}

// What a scale writes by a rule is read by it, and the item is found by each of its two keys.
func TestRulesReadWhatTheyWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`2[0-9]{1,5}|02[0-9]{0,4}`).Draw(t, "prefix")
		secured := rapid.Bool().Draw(t, "secured")
		room := payloadDigits - len(prefix)
		guard := ""
		if secured {
			guard, room = rapid.StringMatching(`[0-9]`).Draw(t, "guard"), room-1
		}
		item := rapid.IntRange(1, min(9, room-1)).Draw(t, "item digits")
		rule := &BarcodeRule{
			Prefix: prefix, ItemDigits: item, ValueCheckDigit: secured, ValueDigits: room - item, ValueKind: Weight, Decimals: 3,
		}
		number := rapid.StringMatching(`[0-9]{9}`).Draw(t, "item")[:item]
		value := rapid.StringMatching(`[0-9]{11}`).Draw(t, "value")[:rule.ValueDigits]
		payload := prefix + number + guard + value
		code := payload + string(CheckDigit(payload))
		if got := ruleOf([]*BarcodeRule{rule}, inStore(code)); got != rule {
			t.Fatalf("%s is not of its rule", code)
		}
		e, ok := rule.embed(code, money.Currency("KES"))
		grams := rule.value(code)
		if !ok || strings.TrimLeft(value, "0") != strings.TrimLeft(money.Quantity(grams*1000).String(), "0") {
			t.Fatalf("%s says %d of %s", code, grams, value)
		}
		if (e.Milli == nil) != (grams == 0) || e.Milli != nil && *e.Milli != grams {
			t.Fatalf("%s weighs %v", code, e)
		}
		keys := scanKeys(code)
		for _, key := range rule.item(code) {
			if !strings.Contains(strings.Join(keys, " "), key) {
				t.Fatalf("%s is not looked up for %s", key, code)
			}
		}
		if rule.item(code)[1] != ScanKey(prefix+number) {
			t.Fatalf("the item of %s is %s", code, rule.item(code)[1])
		}
	})
}
