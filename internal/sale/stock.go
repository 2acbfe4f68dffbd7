package sale

import (
	"errors"
	"fmt"
	"time"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
)

// stock is what a sale does to the stock of its store: what comes back goes on the shelf before what is sold leaves
// it, and what is sold is one movement a product.
type stock struct {
	*inventory.Moves

	// refused are the products that aren't sold below what is available.
	refused map[id.Product]bool
	// fallback is what one unit of a product costs where no average is known.
	fallback map[id.Product]*money.Cost
	// original is what a returned line cost when it was sold, nil where that isn't known.
	original map[id.SaleLine]*int64
}

// moves makes the movements of the lines.
func (d *draft) moves(settings *company.Settings, place *time.Location) *stock {
	s := &stock{
		Moves: inventory.NewMoves(inventory.Occasion{
			StoreID: d.sale.StoreID, UserID: d.sale.CashierID, RegisterID: &d.sale.RegisterID, SaleID: &d.sale.ID,
			OccurredAt: d.sale.OccurredAt, RecordedAt: d.sale.RecordedAt,
			Day: civil.Of(d.sale.OccurredAt, place), Happened: d.happened(),
		}),
		refused: map[id.Product]bool{}, fallback: map[id.Product]*money.Cost{},
		original: map[id.SaleLine]*int64{},
	}
	sold := map[id.Product]int64{}
	portions := map[id.Product][]*inventory.Portion{}
	var order []id.Product
	for _, line := range d.lines {
		product := line.goods
		if product != nil {
			s.fallback[line.ProductID] = product.CostIn(product.StoreCurrency)
		}
		if line.Kind == ReturnLine {
			s.original[line.ID] = line.CostMinor
		}
		switch {
		case product != nil && !product.Stocked():
		case line.Kind == ReturnLine:
			s.restock(line, d.tracks(line))
		default:
			if sold[line.ProductID] == 0 {
				order = append(order, line.ProductID)
			}
			sold[line.ProductID] += line.Milli
			if d.tracks(line) {
				line.portion = line.out()
				portions[line.ProductID] = append(portions[line.ProductID], line.portion)
			}
			s.refused[line.ProductID] = product != nil && !product.MayRunShort(settings.NegativeStockAllowed)
		}
	}
	for _, product := range order {
		s.Add(inventory.Change{
			ProductID: product, Kind: inventory.Sale, Milli: -sold[product], UnitCost: s.fallback[product],
			Portions: portions[product],
		})
	}
	return s
}

// restock puts a returned line back on the shelf, at what it cost when it was sold. What is written off stays where
// it was lost.
func (s *stock) restock(line *Line, tracked bool) {
	if line.Restocked == nil || !*line.Restocked {
		return
	}
	change := inventory.Change{
		ProductID: line.ProductID, Kind: inventory.Return, Milli: -line.Milli, Portions: line.back(tracked),
	}
	if line.CostMinor != nil {
		if cost, err := money.UnitCostOf(*line.CostMinor, line.Milli); err == nil && cost >= 0 {
			change.UnitCost = &cost
		}
	}
	s.Add(change)
}

// applyStock computes what moves, refuses what isn't there, and says what each line cost.
func (d *draft) applyStock(p *errs.Problems) error {
	err := d.stock.Apply()
	if errors.Is(err, money.ErrTooLarge) {
		p.Add(tooLarge, []string{"lines"}, "The stock would be larger than can be kept.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("move the stock: %w", err)
	}
	for _, line := range d.lines {
		if line.Kind == SaleLine && d.stock.refused[line.ProductID] {
			d.refuseShort(p, line)
		}
		d.refuseBatch(p, line)
		d.cost(line)
	}
	return nil
}

func (d *draft) refuseShort(p *errs.Problems, line *Line) {
	available, short := d.stock.Short(line.ProductID)
	if !short {
		return
	}
	left := money.Quantity(max(available, 0))
	*p = append(*p, errs.Problem{
		Code: stockInsufficient, Field: errs.Path("lines", line.LineNumber-1, "quantity"),
		Message: fmt.Sprintf("Only %s of this product are available.", left),
		Details: map[string]any{"quantityAvailable": &left},
	})
}

// cost says what a line cost the shop: what is sold, its quantity at the average of this moment; what comes back,
// what it cost when it was sold, and nothing where it is written off, because that money stays lost.
func (d *draft) cost(line *Line) {
	if line.Kind == ReturnLine {
		if line.Restocked != nil && !*line.Restocked {
			line.CostMinor = new(int64)
			return
		}
		if line.CostMinor = d.stock.original[line.ID]; line.CostMinor != nil {
			return
		}
	}
	unit := d.stock.fallback[line.ProductID]
	if level := d.stock.After(line.ProductID); level != nil && level.Average != nil {
		unit = level.Average
	}
	line.CostMinor = nil
	if unit == nil {
		return
	}
	if minor, err := unit.Of(line.Milli); err == nil {
		line.CostMinor = &minor
	}
}

// Cost is what the goods of the line cost the shop, nil where it isn't known.
func (l *Line) Cost() *money.Money {
	if l.CostMinor == nil {
		return nil
	}
	return amount(*l.CostMinor, l.CurrencyCode)
}

// Margin is what is left of the subtotal after the cost, nil where that isn't known.
func (l *Line) Margin() *money.Money {
	if l.CostMinor == nil {
		return nil
	}
	return amount(l.SubtotalMinor-*l.CostMinor, l.CurrencyCode)
}

// CostOf is what the goods of a sale cost the shop, given its lines; nil where it isn't known of one.
func CostOf(s *Sale, lines []*Line) *money.Money {
	var sum int64
	for _, line := range lines {
		if line.CostMinor == nil {
			return nil
		}
		sum += *line.CostMinor
	}
	return amount(sum, s.CurrencyCode)
}

// MarginOf is what is left of a sale's subtotal after the cost, nil where that isn't known.
func MarginOf(s *Sale, lines []*Line) *money.Money {
	cost := CostOf(s, lines)
	if cost == nil {
		return nil
	}
	return amount(s.SubtotalMinor-cost.Minor, s.CurrencyCode)
}

// QuantityAvailable is what is available of a product that is short, nil where it isn't about that.
func (e RecordUserError) QuantityAvailable() *money.Decimal {
	quantity, _ := e.Details["quantityAvailable"].(*money.Decimal)
	return quantity
}
