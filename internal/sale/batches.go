package sale

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
)

// LineBatch is how much of a line was of a batch, as the batch was then.
type LineBatch struct {
	Batch uuid.UUID `json:"batch"`
	Lot   string    `json:"lot"`
	// Expires is its last day, as text; empty for what does not expire.
	Expires string `json:"expires,omitempty"`
	// Milli is below zero for what came back.
	Milli int64 `json:"quantity"`
}

// LotNumber is what was printed on the goods.
func (b *LineBatch) LotNumber() string { return b.Lot }

// Quantity is how much of the line it was.
func (b *LineBatch) Quantity() money.Decimal { return money.Quantity(b.Milli) }

// ExpiresOn is the last day on which it could be sold, nil for what does not expire.
func (b *LineBatch) ExpiresOn() *civil.Date {
	day, err := civil.Parse(b.Expires)
	if err != nil {
		return nil
	}
	return &day
}

// printed is what names the batch in any store: where the store has none of the lot, it gets one.
func (b *LineBatch) printed() *inventory.Lot {
	return &inventory.Lot{Number: b.Lot, ExpiresOn: b.ExpiresOn(), Make: true}
}

func (l RecordLineInput) lot() string { return trimmed(l.LotNumber) }

func (r ReturnInput) lot() string { return trimmed(r.LotNumber) }

func trimmed(text *string) string {
	if text == nil {
		return ""
	}
	return strings.TrimSpace(*text)
}

// happened says that the till printed the receipt before it asked: a sale that was made offline is taken down, of
// whichever batch it was.
func (d *draft) happened() bool { return d.number.given != 0 }

// lotTracked refuses a lot of goods that have no batches.
func (d *draft) lotTracked(p *errs.Problems, line *Line, list string, i int) {
	if line.lot != "" && !d.tracks(line) && !d.happened() {
		p.Add(lotNotTracked, errs.Path(list, i, "lotNumber"), "This product has no batches here.")
	}
}

// out is the portion of a change of stock that a sold line is.
func (l *Line) out() *inventory.Portion {
	p := &inventory.Portion{Milli: -l.Milli}
	if l.lot != "" {
		p.Lot = &inventory.Lot{Number: l.lot}
	}
	return p
}

// back are the portions of what comes back: of the batches that it was sold from, or of the one that was named.
func (l *Line) back(tracked bool) (portions []*inventory.Portion) {
	for _, b := range l.Batches {
		portions = append(portions, &inventory.Portion{Milli: -b.Milli, Lot: b.printed()})
	}
	if len(portions) == 0 && l.lot != "" && tracked {
		l.portion = &inventory.Portion{Milli: -l.Milli, Lot: &inventory.Lot{Number: l.lot}}
		portions = append(portions, l.portion)
	}
	return portions
}

// lotsBack says of which batches goods are that come back with their receipt: of the one that was named, or of those
// that they were sold from, one after the other. What the line was of no known batch comes back last.
func (d *draft) lotsBack(p *errs.Problems, o *original, in ReturnInput, i int, quantity int64) (lots []*LineBatch) {
	if in.lot() != "" && len(o.line.Batches) > 0 {
		for _, b := range o.line.Batches {
			if b.Lot == in.lot() {
				return []*LineBatch{{Batch: b.Batch, Lot: b.Lot, Expires: b.Expires, Milli: -quantity}}
			}
		}
		p.Add(string(inventory.LotUnknown), errs.Path("returns", i, "lotNumber"), "Nothing of this lot was sold with it.")
		return nil
	}
	from, upTo := o.before.Milli, o.before.Milli+quantity
	var start int64
	for _, b := range o.line.Batches {
		end := start + b.Milli
		if n := min(end, upTo) - max(start, from); n > 0 {
			lots = append(lots, &LineBatch{Batch: b.Batch, Lot: b.Lot, Expires: b.Expires, Milli: -n})
		}
		start = end
	}
	return lots
}

// refuseBatch says why a line can't be of its batches, and takes down which they are.
func (d *draft) refuseBatch(p *errs.Problems, line *Line) {
	portion := line.portion
	if portion == nil {
		return
	}
	list, i, field := "lines", line.LineNumber-1, "quantity"
	if line.Kind == ReturnLine {
		list, i = "returns", i-d.sold()
	}
	if line.lot != "" {
		field = "lotNumber"
	}
	path := errs.Path(list, i, field)
	switch portion.Refused {
	case inventory.LotUnknown:
		p.Add(string(portion.Refused), path, "The store has no batch with this lot number.")
	case inventory.BatchExpired:
		p.Add(string(portion.Refused), path, "It has expired, and must not be sold.")
	case inventory.BatchQuarantined:
		p.Add(string(portion.Refused), path, "It is in quarantine, and must not be sold.")
	case inventory.LotDatesDiffer:
	}
	if portion.Lot != nil && portion.Refused == "" && line.Kind == SaleLine && portion.Left < line.Milli &&
		d.stock.refused[line.ProductID] && !d.happened() {
		p.Add(stockInsufficient, path, "Only %s of this lot are there.", money.Quantity(max(portion.Left, 0)))
	}
	line.Batches = nil
	for _, t := range portion.Taken {
		b := &LineBatch{Batch: t.Batch.ID.UUID(), Lot: t.Batch.LotNumber, Milli: -t.Milli}
		if t.Batch.ExpiresOn != nil {
			b.Expires = t.Batch.ExpiresOn.String()
		}
		line.Batches = append(line.Batches, b)
	}
}

// sold is how many lines are sold; what comes back stands after them.
func (d *draft) sold() (n int) {
	for _, line := range d.lines {
		if line.Kind == SaleLine {
			n++
		}
	}
	return n
}

// portions undo what a movement of the sale was of batches. What came back moved line by line, in their order.
func (v *voiding) portions(m *inventory.Movement, back map[id.Product][]*Line) (portions []*inventory.Portion) {
	undo := func(line *Line) {
		for _, b := range line.Batches {
			portions = append(portions, &inventory.Portion{Milli: b.Milli, Lot: b.printed()})
		}
	}
	if m.Kind == inventory.Return {
		if lines := back[m.ProductID]; len(lines) > 0 {
			undo(lines[0])
			back[m.ProductID] = lines[1:]
		}
		return portions
	}
	for _, line := range v.lines {
		if line.Kind == SaleLine && line.ProductID == m.ProductID {
			undo(line)
		}
	}
	return portions
}

// restocked are the lines that put goods on the shelf, by their product.
func (v *voiding) restocked() map[id.Product][]*Line {
	lines := map[id.Product][]*Line{}
	for _, line := range v.lines {
		if line.Kind == ReturnLine && line.Restocked != nil && *line.Restocked {
			lines[line.ProductID] = append(lines[line.ProductID], line)
		}
	}
	return lines
}

// OfLot lists the sales that moved goods of a lot, the newest first: those that sold it and those that took it back.
func (s *Sales) OfLot(ctx context.Context, product id.Product, lot string, a page.Args) (*Connection, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery {
		return h.Select((*Sale)(nil)).Where("sale.id IN (?)", inventory.MovedLot(h, product, strings.TrimSpace(lot)))
	}, NewestFirst.order(), a)
}
