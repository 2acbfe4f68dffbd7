package reading

import (
	"testing"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
)

// BenchmarkWriteRows is what it takes to write a page of 50 rows, once their values are there.
func BenchmarkWriteRows(b *testing.B) {
	const rows = 50
	sale, number, at, name := id.New[id.Sale](), int64(1234), time.Unix(1_750_000_000, 0).UTC(), "Maize flour, \"2 kg\""
	o := &object{}
	for field, at := range map[string]any{"id": &sale, "receiptNumber": &number, "occurredAt": &at, "name": &name} {
		value := scalarAt(at)
		o.add(field, func(dst []byte) ([]byte, error) {
			dst, _ = value(dst)
			return dst, nil
		})
	}
	l := &level{parts: []*object{o}}
	b.ReportAllocs()
	for b.Loop() {
		l.begin()
		for range rows {
			if err := l.each(); err != nil {
				b.Fatal(err)
			}
		}
		if out := l.list(nil, l.whole(), 0); len(out) < rows*100 {
			b.Fatalf("%d bytes", len(out))
		}
	}
}
