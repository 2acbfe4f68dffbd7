package inventory

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
)

// The codes of problems, beside form.Invalid.
const (
	storeNotFound     = "STORE_NOT_FOUND"
	productNotFound   = "PRODUCT_NOT_FOUND"
	productNotStocked = "PRODUCT_NOT_STOCKED"
	alreadyCounted    = "ALREADY_COUNTED"
	quantityNotWhole  = "QUANTITY_NOT_WHOLE"
	tooPrecise        = "TOO_PRECISE"
	tooLarge          = "TOO_LARGE"
	stockInsufficient = "STOCK_INSUFFICIENT"
	keyReused         = "IDEMPOTENCY_KEY_REUSED"
	lotRequired       = "LOT_REQUIRED"
	lotNotTracked     = "LOT_NOT_TRACKED"

	// quantityAvailable is the detail of stockInsufficient.
	quantityAvailable = "quantityAvailable"
)

const (
	mostLines = 500
	// milli is how many thousandths make one unit of a product.
	milli = 1000
)

// StockAdjustInput puts levels right.
type StockAdjustInput struct {
	IdempotencyKey string
	StoreID        id.Store
	Reason         Reason
	Note           *string
	Lines          []StockAdjustLineInput
}

// StockAdjustLineInput puts one product right, by a change or to a count.
type StockAdjustLineInput struct {
	ProductID id.Product
	Change    *money.Decimal
	Count     *money.Decimal
	Lot       *LotInput
	// Unbatched says that it is about what is of no known batch.
	Unbatched *bool
}

// StockReceiveInput is a delivery.
type StockReceiveInput struct {
	IdempotencyKey    string
	StoreID           id.Store
	SupplierReference *string
	Note              *string
	Lines             []StockReceiveLineInput
}

// StockReceiveLineInput is one product of a delivery.
type StockReceiveLineInput struct {
	ProductID id.Product
	Quantity  money.Decimal
	UnitCost  money.Decimal
	Lot       *LotInput
}

// StockOpeningInput is a first count.
type StockOpeningInput struct {
	IdempotencyKey string
	StoreID        id.Store
	Note           *string
	Lines          []StockOpeningLineInput
}

// StockOpeningLineInput is one product of a first count.
type StockOpeningLineInput struct {
	ProductID id.Product
	Quantity  money.Decimal
	UnitCost  *money.Decimal
	Lot       *LotInput
}

// LowStockThresholdSetInput says when levels are low.
type LowStockThresholdSetInput struct {
	StoreID id.Store
	Lines   []LowStockThresholdLineInput
}

// LowStockThresholdLineInput says when one product is low; never without a threshold.
type LowStockThresholdLineInput struct {
	ProductID id.Product
	Threshold *money.Decimal
}

// request is what any of the mutations asks for.
type request struct {
	name      string
	kind      Kind
	key       string
	store     id.Store
	reason    *Reason
	note      string
	reference string
	lines     []requestLine
	hash      []byte
}

type requestLine struct {
	product id.Product
	// field is the one that the quantity came in.
	field string
	milli int64
	// to says that the quantity is the level to be reached.
	to bool
	// absent says that there is no quantity, as of a threshold that goes.
	absent bool
	cost   *money.Decimal
	// lot is the batch that it is about, loose that it is about what is of none.
	lot   *Lot
	loose bool
}

// quantity reads a quantity of a line.
func quantity(p *errs.Problems, value money.Decimal, i int, field string) int64 {
	n, err := value.Milli()
	switch {
	case errors.Is(err, money.ErrTooPrecise):
		p.Add(tooPrecise, errs.Path("lines", i, field), "A quantity has at most three decimals.")
	case err != nil:
		p.Add(tooLarge, errs.Path("lines", i, field), "This quantity is too large.")
	}
	return n
}

// positive is quantity, above zero.
func positive(p *errs.Problems, value money.Decimal, i int, field string) int64 {
	if value.Sign() <= 0 {
		p.Add(form.Invalid, errs.Path("lines", i, field), "This must be above zero.")
	}
	return quantity(p, value, i, field)
}

func notNegative(p *errs.Problems, value *money.Decimal, i int, field string) {
	if value != nil && value.Sign() < 0 {
		p.Add(form.Invalid, errs.Path("lines", i, field), "This must not be below zero.")
	}
}

// counted says that the number of lines is one that may come. A list of any length must not make an answer of any
// length.
func counted(p *errs.Problems, n int) bool {
	if n < 1 || n > mostLines {
		p.Add(form.Invalid, []string{"lines"}, "Give 1 to %d products.", mostLines)
		return false
	}
	return true
}

func (in StockAdjustInput) request(p *errs.Problems) *request {
	r := &request{
		name: "stockAdjust", kind: Adjustment, store: in.StoreID, reason: &in.Reason,
		key: form.Text(p, in.IdempotencyKey, 1, 100, "idempotencyKey"), note: form.OptionalText(p, in.Note, 500, "note"),
	}
	if in.Reason == Other && r.note == "" {
		p.Add(form.Invalid, []string{"note"}, "Say why.")
	}
	if !counted(p, len(in.Lines)) {
		return r
	}
	for i, l := range in.Lines {
		line := requestLine{product: l.ProductID, lot: l.Lot.lot(p, i), loose: l.Unbatched != nil && *l.Unbatched}
		switch {
		case line.lot != nil && line.loose:
			p.Add(form.Invalid, errs.Path("lines", i, "unbatched"), "Give either a lot or unbatched.")
		case (l.Change == nil) == (l.Count == nil):
			p.Add(form.Invalid, errs.Path("lines", i), "Give either change or count.")
		case l.Count != nil:
			line.field, line.to = "count", true
			notNegative(p, l.Count, i, line.field)
			line.milli = quantity(p, *l.Count, i, line.field)
		default:
			line.field = "change"
			if l.Change.Sign() == 0 {
				p.Add(form.Invalid, errs.Path("lines", i, line.field), "This must not be zero.")
			}
			line.milli = quantity(p, *l.Change, i, line.field)
		}
		r.lines = append(r.lines, line)
	}
	return r
}

func (in StockReceiveInput) request(p *errs.Problems) *request {
	r := &request{
		name: "stockReceive", kind: Receipt, store: in.StoreID,
		key: form.Text(p, in.IdempotencyKey, 1, 100, "idempotencyKey"), note: form.OptionalText(p, in.Note, 500, "note"),
		reference: form.OptionalText(p, in.SupplierReference, 100, "supplierReference"),
	}
	if !counted(p, len(in.Lines)) {
		return r
	}
	for i, l := range in.Lines {
		notNegative(p, &l.UnitCost, i, "unitCost")
		r.lines = append(r.lines, requestLine{
			product: l.ProductID, field: "quantity", milli: positive(p, l.Quantity, i, "quantity"), cost: &l.UnitCost,
			lot: l.Lot.lot(p, i),
		})
	}
	return r
}

func (in StockOpeningInput) request(p *errs.Problems) *request {
	r := &request{
		name: "stockOpening", kind: Opening, store: in.StoreID,
		key: form.Text(p, in.IdempotencyKey, 1, 100, "idempotencyKey"), note: form.OptionalText(p, in.Note, 500, "note"),
	}
	if !counted(p, len(in.Lines)) {
		return r
	}
	for i, l := range in.Lines {
		notNegative(p, l.UnitCost, i, "unitCost")
		r.lines = append(r.lines, requestLine{
			product: l.ProductID, field: "quantity", milli: positive(p, l.Quantity, i, "quantity"), cost: l.UnitCost,
			lot: l.Lot.lot(p, i),
		})
	}
	return r
}

func (in LowStockThresholdSetInput) request(p *errs.Problems) *request {
	r := &request{name: "lowStockThresholdSet", store: in.StoreID}
	if !counted(p, len(in.Lines)) {
		return r
	}
	for i, l := range in.Lines {
		line := requestLine{product: l.ProductID, field: "threshold", absent: l.Threshold == nil}
		if l.Threshold != nil {
			notNegative(p, l.Threshold, i, line.field)
			line.milli = quantity(p, *l.Threshold, i, line.field)
		}
		r.lines = append(r.lines, line)
	}
	return r
}

// goods are a product, and where it has batches one of them.
type goods struct {
	product id.Product
	lot     string
}

func (l requestLine) goods() goods {
	if l.lot == nil {
		return goods{product: l.product}
	}
	return goods{l.product, l.lot.Number}
}

// once finds products, and batches, that stand twice.
func (r *request) once(p *errs.Problems) {
	seen := make(map[goods]bool, len(r.lines))
	for i, line := range r.lines {
		if seen[line.goods()] {
			p.Add(form.Invalid, errs.Path("lines", i, "productId"), "This product stands here twice.")
		}
		seen[line.goods()] = true
	}
}

// sum tells one request from another: a key that comes again with the same request is the same change.
func (r *request) sum() error {
	type line struct {
		Product, Field string
		Milli          int64
		Cost           string
		// Requests from before there were batches keep their hash.
		Lot   *Lot `json:",omitempty"`
		Loose bool `json:",omitempty"`
	}
	canonical := struct {
		Name, Store, Reason, Note, Reference string
		Lines                                []line
	}{Name: r.name, Store: r.store.String(), Note: r.note, Reference: r.reference}
	if r.reason != nil {
		canonical.Reason = string(*r.reason)
	}
	for _, l := range r.lines {
		c := line{Product: l.product.String(), Field: l.field, Milli: l.milli, Lot: l.lot, Loose: l.loose}
		if l.cost != nil {
			c.Cost = number(*l.cost)
		}
		canonical.Lines = append(canonical.Lines, c)
	}
	raw, err := json.Marshal(canonical)
	if err != nil {
		return fmt.Errorf("hash a request: %w", err)
	}
	sum := sha256.Sum256(raw)
	r.hash = sum[:]
	return nil
}

// number writes a number so that "1" and "1.000" are one.
func number(d money.Decimal) string {
	text := d.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
