package seed

import "fmt"

// The first digits of barcodes: 616 is Kenya's, 20 is for numbers that a shop gives itself.
const (
	prefixMade     = "616"
	prefixInternal = "20"
)

// ean13 completes a prefix and a number to 13 digits with the check digit of the GS1 General Specifications,
// section 7.9: weights 1 and 3 in turn, up to the next ten.
func ean13(prefix string, number int) string {
	code := fmt.Sprintf("%s%0*d", prefix, 12-len(prefix), number)
	sum := 0
	for i, digit := range []byte(code) {
		weight := 1 + 2*(i%2)
		sum += weight * int(digit-'0')
	}
	return fmt.Sprintf("%s%d", code, (10-sum%10)%10)
}
