package sale

import (
	"slices"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// draft is a sale about to be written.
type draft struct {
	key      *idempotencyKey
	sale     *Sale
	number   *numbering
	lines    []*Line
	inputs   []LineInput // one a line
	taxes    []*LineTax
	offs     []off
	payments []*Payment
	stock    *stock
	till     *tillSession
	effects  []effect
	cited    cited
	// claimed says that key, number and levels were taken ahead, with the facts.
	claimed bool
	levels  []*inventory.Level
	// tracks says whether the goods of a line move by their batches.
	tracks func(line *Line) bool
}

// draft makes the sale of the facts, collecting what is wrong with it.
func (s *Sales) draft(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) *draft {
	d := s.begin(p, scope, f, in)
	if d != nil {
		d.complete(p, scope, f, in)
	}
	return d
}

// begin makes what of the sale follows from its place and its time; nil without a place.
func (s *Sales) begin(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) *draft {
	scope.MaySell(p)
	if f.register == nil || f.store == nil {
		p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
		return nil
	}
	if f.register.Status != company.Open {
		p.Add(registerClosed, []string{"registerId"}, "The register does not sell any more.")
	}
	if f.store.Status != company.Open {
		p.Add(storeClosed, []string{"registerId"}, "The store does not sell any more.")
	}
	place := civil.Place(f.store.TimeZone)
	now := s.now().UTC().Truncate(time.Microsecond) // what the database keeps
	occurred := now
	if in.OccurredAt != nil {
		occurred = in.OccurredAt.UTC().Truncate(time.Microsecond)
	}
	d := &draft{sale: &Sale{
		ID: id.New[id.Sale](), Status: Completed,
		CurrencyCode: f.store.CurrencyCode, PricesIncludeTax: f.store.PricesIncludeTax,
		OccurredAt: occurred, RecordedAt: now, LocalHour: occurred.In(place).Hour(),
		BusinessDate: civil.BusinessDay(occurred, place, f.settings.BusinessDayStart),
	}}
	d.sale.StoreID, d.sale.RegisterID = f.store.ID, f.register.ID
	d.tracks = func(line *Line) bool {
		return line.goods != nil && inventory.Tracks(scope, f.settings, &line.goods.Product)
	}
	d.number = &numbering{of: d.sale.RegisterOwned}
	if in.ReceiptNumber != nil {
		d.number.given = int64(*in.ReceiptNumber)
	}
	if !scope.User.IsZero() {
		d.sale.CashierID = &scope.User
	}
	if in.Note != nil {
		d.sale.Note = strings.TrimSpace(*in.Note)
	}
	d.key = &idempotencyKey{Key: in.key(), SaleID: d.sale.ID, CreatedAt: now}
	d.key.StoreID, d.key.RegisterID = f.store.ID, f.register.ID
	d.till = &tillSession{sale: d.sale, required: f.settings.TillSessionRequired}
	return d
}

// complete makes the rest of it, of what is sold and paid.
func (d *draft) complete(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) {
	d.cite(p, f, in)
	priced := d.price(p, scope, f, in)
	settled := d.pay(p, in.Payments, f, priced)
	d.keep(p, f, in, scope.Company, settled)
	d.stock = d.moves(f.settings, civil.Place(f.store.TimeZone))
	d.carryOn(p, in.ParkedSaleID, f)
	d.giveFree(f.lapsed)
	d.useApprovals()
	d.effects = append(d.effects, d.till.effect(), d.report())
}

// pay takes the payments down; whether they cover the total is known only when that is, and each of them.
func (d *draft) pay(p *errs.Problems, in []PaymentInput, f *facts, priced bool) (settled bool) {
	before := len(*p)
	d.payments = tenders(p, in, d.sale.CurrencyCode)
	back := priced && d.sale.TotalMinor < 0
	accepted(p, d.payments, f.settings, back)
	if !priced || len(*p) > before || slices.ContainsFunc(d.payments, (*Payment).worthless) {
		return false
	}
	if back {
		payBack(d.payments)
	}
	d.round(f.store.CashRoundingMinor)
	if tendered := d.tendered(); f.estimate && unsettled(tendered, d.sale.TotalMinor) {
		d.sale.TenderedMinor, d.sale.RefundedMinor = max(tendered, 0), max(-tendered, 0)
		return false
	}
	d.sale.ChangeMinor = settle(p, d.payments, d.sale.TotalMinor, d.sale.CurrencyCode)
	d.sale.TenderedMinor = d.sale.TotalMinor + d.sale.ChangeMinor
	if d.sale.TotalMinor < 0 {
		d.sale.TenderedMinor, d.sale.RefundedMinor = 0, -d.sale.TotalMinor
	}
	for _, payment := range d.payments {
		payment.ID, payment.SaleID = id.New[id.Payment](), d.sale.ID
		payment.RegisterOwned = d.sale.RegisterOwned
	}
	return true
}

// unsettled says that payments, or refunds, don't come to the total yet.
func unsettled(tendered, total int64) bool {
	return total > 0 && tendered < total || total < 0 && tendered > total
}

// tendered is the sum of what was handed over.
func (d *draft) tendered() (sum int64) {
	for _, payment := range d.payments {
		sum += payment.TenderedMinor
	}
	return sum
}
