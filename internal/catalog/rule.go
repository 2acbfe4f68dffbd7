package catalog

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// BarcodeValueKind is what a scale writes into a barcode.
type BarcodeValueKind string

// The kinds.
const (
	Weight        BarcodeValueKind = "WEIGHT"
	EmbeddedPrice BarcodeValueKind = "PRICE"
)

// BarcodeRule says how a scale writes a weight or a price into an EAN-13: prefix, item, perhaps a digit that secures
// the value, the value, and the check digit.
type BarcodeRule struct {
	bun.BaseModel `bun:"table:barcode_rules,alias:barcode_rule"`
	postgres.TenantOwned

	Prefix          string           `bun:"prefix"`
	ItemDigits      int              `bun:"item_digits"`
	ValueCheckDigit bool             `bun:"value_check_digit"`
	ValueDigits     int              `bun:"value_digits"`
	ValueKind       BarcodeValueKind `bun:"value_kind"`
	Decimals        int              `bun:"decimals"`
	Version         int              `bun:"version"`
	CreatedAt       time.Time        `bun:"created_at"`
	UpdatedAt       time.Time        `bun:"updated_at"`
}

const (
	payloadDigits  = ean13 - 1
	shortestPrefix = 2
	longestPrefix  = 6
	// A prefix and an item, and at least one digit for the value.
	leastItem = shortestPrefix + 1
	mostItem  = payloadDigits - 1
	milli     = 3
)

// inStore gives the EAN-13 of a code in the ranges that shops give themselves, which begin with 2 or 02; "" for
// every other.
func inStore(code string) string {
	if !gtin(code) {
		return ""
	}
	key := ScanKey(code)
	if strings.HasPrefix(key, "02") || strings.HasPrefix(key, "002") {
		return key[gtinDigits-ean13:]
	}
	return ""
}

// itemKeys are what the product of the first digits of an EAN-13 may have for a barcode: those digits, or the EAN-13
// that has zeros for its value.
func itemKeys(code string, digits int) [2]string {
	empty := code[:digits] + strings.Repeat("0", payloadDigits-digits)
	return [2]string{ScanKey(empty + string(CheckDigit(empty))), ScanKey(code[:digits])}
}

// scanKeys are all keys that a scanned code may be found by, whatever the company's rules.
func scanKeys(code string) []string {
	keys := []string{ScanKey(code)}
	if own := inStore(code); own != "" {
		for digits := leastItem; digits <= mostItem; digits++ {
			of := itemKeys(own, digits)
			keys = append(keys, of[:]...)
		}
	}
	return keys
}

// matches says that an EAN-13 is written by the rule.
func (r *BarcodeRule) matches(code string) bool { return strings.HasPrefix(code, r.Prefix) }

func (r *BarcodeRule) item(code string) [2]string { return itemKeys(code, len(r.Prefix)+r.ItemDigits) }

// value reads the number that a scale wrote, in units of 10^-Decimals.
func (r *BarcodeRule) value(code string) int64 {
	var value int64
	for _, digit := range []byte(code[payloadDigits-r.ValueDigits : payloadDigits]) {
		const base = 10
		value = value*base + int64(digit-'0')
	}
	return value
}

// ruleOf gives the rule that a code is written by: that of the longest prefix, nil where there is none.
func ruleOf(rules []*BarcodeRule, code string) *BarcodeRule {
	var best *BarcodeRule
	for _, r := range rules {
		if r.matches(code) && (best == nil || len(r.Prefix) > len(best.Prefix)) {
			best = r
		}
	}
	return best
}

// shift multiplies by a power of ten; false where a digit would be lost.
func shift(value int64, by int) (int64, bool) {
	const base = 10
	for ; by > 0; by-- {
		value *= base
	}
	for ; by < 0; by++ {
		if value%base != 0 {
			return 0, false
		}
		value /= base
	}
	return value, true
}

// embed reads what a code says beside its item; nothing where its value is zero.
func (r *BarcodeRule) embed(code string, currency money.Currency) (e Embedded, ok bool) {
	value := r.value(code)
	if value == 0 {
		return Embedded{}, true
	}
	if r.ValueKind == Weight {
		grams, exact := shift(value, milli-r.Decimals)
		return Embedded{Milli: &grams}, exact
	}
	minor, exact := shift(value, currency.Decimals()-r.Decimals)
	return Embedded{PriceMinor: &minor}, exact
}
