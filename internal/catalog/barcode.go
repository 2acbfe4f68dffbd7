package catalog

import (
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
)

const (
	mostBarcodes   = 50
	longestBarcode = 64
	// gtinDigits is how many digits the longest GTIN has; the others are it with zeros in front.
	gtinDigits = 14
	ean13      = 13
)

// gtin says that a code has the form of an EAN-8, UPC-A, EAN-13 or GTIN-14: that many digits and nothing else.
func gtin(code string) bool {
	switch len(code) {
	case len("EAN-8000"), len("UPC-A0000000"), ean13, gtinDigits:
		return digits(code)
	}
	return false
}

func digits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// CheckDigit is what completes the digits of a GTIN: weights 3 and 1 in turn from the right, up to the next ten (GS1
// General Specifications, section 7.9).
func CheckDigit(digits string) byte {
	const base, odd, even = 10, 3, 1
	sum := 0
	for i := range len(digits) {
		weight := odd
		if i%2 == 1 {
			weight = even
		}
		sum += weight * int(digits[len(digits)-1-i]-'0')
	}
	return byte('0' + (base-sum%base)%base)
}

// intact says that a GTIN's last digit is the one that the others ask for.
func intact(code string) bool {
	last := len(code) - 1
	return CheckDigit(code[:last]) == code[last]
}

// ScanKey is what a barcode is found by: a GTIN's 14 digits, so that a UPC-A and the EAN-13 that is it with a zero in
// front are one; every other code as it is.
func ScanKey(code string) string {
	if gtin(code) {
		return strings.Repeat("0", gtinDigits-len(code)) + code
	}
	return code
}

// scanned reads what a scanner sent: the code without spaces around it; false where it can be no barcode, as a GTIN
// with a wrong check digit can't.
func scanned(text string) (code string, ok bool) {
	code = strings.TrimSpace(text)
	return code, code != "" && storable(code) && (!gtin(code) || intact(code))
}

// checkBarcodes gives the barcodes of a product as they are kept, with what is wrong with them under the path.
func checkBarcodes(problems *errs.Problems, barcodes []string, path ...any) []*Barcode {
	if len(barcodes) > mostBarcodes {
		problems.Add(form.Invalid, errs.Path(path...), "A product has at most %d barcodes.", mostBarcodes)
		return nil
	}
	checked := make([]*Barcode, 0, len(barcodes))
	for i, text := range barcodes {
		at := append(slices.Clone(path), i)
		code := form.Text(problems, text, 1, longestBarcode, at...)
		switch {
		case code == "": // said already
		case gtin(code) && !intact(code):
			problems.Add(form.Invalid, errs.Path(at...), "The last digit of this barcode should be %c.",
				CheckDigit(code[:len(code)-1]))
		case slices.ContainsFunc(checked, func(b *Barcode) bool { return b.Code == ScanKey(code) }):
			problems.Add(form.Invalid, errs.Path(at...), "This barcode stands here twice.")
		default:
			checked = append(checked, &Barcode{Barcode: code, Code: ScanKey(code)})
		}
	}
	return checked
}
