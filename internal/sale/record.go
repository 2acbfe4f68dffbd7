package sale

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Record records a completed sale: it looks prices and taxes up, checks the payments, takes the register's next
// receipt number and moves the stock, all in one transaction. A key that came before with the same input gives
// the sale that it made then.
//
// Errors: problems with the codes of RecordCode, all at once, and nothing is written.
func (s *Sales) Record(ctx context.Context, in RecordInput) (*Sale, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	problems := in.validate(s.now())
	register, ok := chooseRegister(&problems, scope, in.RegisterID)
	if !ok {
		return nil, problems.Err()
	}
	hash, err := in.hash(register)
	if err != nil {
		return nil, err
	}
	facts, err := s.look(ctx, register, in)
	if err != nil {
		return nil, err
	}
	if facts.key != nil {
		return s.replay(ctx, facts.key, hash)
	}
	draft := s.draft(&problems, scope, facts, in)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	draft.key.RequestHash = hash
	err = s.db.Write(ctx, draft.write)
	if !postgres.IsUnique(err) {
		return draft.sale, err
	}
	// The same key came twice at once, and the other one was faster.
	if facts, err = s.look(ctx, register, in); err != nil {
		return nil, err
	}
	if facts.key == nil {
		return nil, errors.New("a sale collided with something other than its key")
	}
	return s.replay(ctx, facts.key, hash)
}

// chooseRegister says which register sells: a register itself, or the one that a person names.
func chooseRegister(p *errs.Problems, scope *tenancy.Scope, named *id.Register) (id.Register, bool) {
	switch {
	case scope.Register.IsZero() && named == nil:
		p.Add(registerRequired, []string{"registerId"}, "Say at which register this is sold.")
		return id.Register{}, false
	case scope.Register.IsZero():
		return *named, true
	case named != nil && *named != scope.Register:
		p.Add(registerNotFound, []string{"registerId"}, "There is no such register.")
		return id.Register{}, false
	default:
		return scope.Register, true
	}
}

// facts are what a sale is made of, as the database has them.
type facts struct {
	register *company.Register
	store    *company.Store
	key      *idempotencyKey
	byID     map[id.Product]*catalog.Scanned
	byCode   map[string]*catalog.Scanned
}

// look reads all facts in one round trip, whatever the number of lines.
func (s *Sales) look(ctx context.Context, register id.Register, in RecordInput) (*facts, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	products, barcodes := in.names()
	f := &facts{byID: map[id.Product]*catalog.Scanned{}, byCode: map[string]*catalog.Scanned{}}
	var scanned []*catalog.Scanned
	itsStore := h.Select((*company.Register)(nil)).Column("store_id").Where("?TableAlias.id = ?", register)
	if err := h.Read(ctx,
		postgres.Row(&f.register, h.Select((*company.Register)(nil)).Where("?TableAlias.id = ?", register)),
		postgres.Row(&f.store, h.Select((*company.Store)(nil)).Where("store.id = (?)", itsStore)),
		postgres.Row(&f.key, h.Select((*idempotencyKey)(nil)).
			Where("?TableAlias.register_id = ?", register).Where("?TableAlias.key = ?", in.key())),
		catalog.ForSale(h, itsStore, products, barcodes, &scanned),
	); err != nil {
		return nil, err
	}
	for _, row := range scanned {
		f.byID[row.ID] = row
		if row.Barcode != nil {
			f.byCode[*row.Barcode] = row
		}
	}
	return f, nil
}

// names are the products and barcodes of an input that may not have been valid.
func (in RecordInput) names() (products []id.Product, barcodes []string) {
	for _, line := range in.Lines[:min(len(in.Lines), mostLines)] {
		if line.ProductID != nil {
			products = append(products, *line.ProductID)
		}
		if line.Barcode != nil && storable(*line.Barcode) {
			barcodes = append(barcodes, *line.Barcode)
		}
	}
	return products, barcodes
}

func (in RecordInput) key() string {
	if !storable(in.IdempotencyKey) {
		return ""
	}
	return strings.TrimSpace(in.IdempotencyKey)
}

// storable says that PostgreSQL takes a text: it refuses a zero byte and what isn't UTF-8.
func storable(text string) bool {
	return strings.ToValidUTF8(text, "") == text && !strings.ContainsRune(text, 0)
}

// replay answers a key that came before.
func (s *Sales) replay(ctx context.Context, key *idempotencyKey, hash []byte) (*Sale, error) {
	if !bytes.Equal(key.RequestHash, hash) {
		return nil, errs.Problems{{
			Code: keyReused, Field: []string{"idempotencyKey"}, Message: "This key was used for another sale before.",
		}}
	}
	sales, err := s.ByID(ctx, []id.Sale{key.SaleID})
	if err != nil {
		return nil, err
	}
	if len(sales) == 0 {
		return nil, fmt.Errorf("the sale %s of an idempotency key is gone", key.SaleID)
	}
	return sales[0], nil
}

// draft is a sale about to be written.
type draft struct {
	key       *idempotencyKey
	sale      *Sale
	lines     []*Line
	payments  []*Payment
	movements []*inventory.Movement
	levels    []*inventory.Level
}

// draft makes the sale of the facts, collecting what is wrong with it.
func (s *Sales) draft(p *errs.Problems, scope *tenancy.Scope, f *facts, in RecordInput) *draft {
	if scope.Suspended {
		p.Add(companySuspended, []string{}, "The company may not sell at the moment.")
	}
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
	place, err := time.LoadLocation(f.store.TimeZone)
	if err != nil {
		place = time.UTC // the zone was checked when it was set; this machine may know fewer
	}
	now := s.now().UTC().Truncate(time.Microsecond) // what the database keeps
	occurred := now
	if in.OccurredAt != nil {
		occurred = in.OccurredAt.UTC().Truncate(time.Microsecond)
	}
	d := &draft{sale: &Sale{
		ID: id.New[id.Sale](), Status: Completed,
		CurrencyCode: f.store.CurrencyCode, PricesIncludeTax: f.store.PricesIncludeTax,
		OccurredAt: occurred, RecordedAt: now, BusinessDate: civil.Of(occurred, place),
	}}
	d.sale.StoreID, d.sale.RegisterID = f.store.ID, f.register.ID
	if !scope.User.IsZero() {
		d.sale.CashierID = &scope.User
	}
	if in.Note != nil {
		d.sale.Note = strings.TrimSpace(*in.Note)
	}
	d.key = &idempotencyKey{Key: in.key(), SaleID: d.sale.ID, CreatedAt: now}
	d.key.StoreID, d.key.RegisterID = f.store.ID, f.register.ID
	priced := d.price(p, f, in.Lines)
	d.pay(p, in.Payments, priced)
	d.move()
	return d
}

// price makes the lines and the totals; false where a line can't be priced.
func (d *draft) price(p *errs.Problems, f *facts, lines []RecordLineInput) bool {
	before := len(*p)
	inputs := make([]LineInput, 0, len(lines))
	for i, line := range lines {
		made, input := d.line(p, f, line, i)
		if made == nil {
			continue
		}
		d.lines = append(d.lines, made)
		inputs = append(inputs, input)
	}
	if len(*p) > before || len(inputs) != len(lines) || len(lines) == 0 {
		return false
	}
	totals, err := Calculate(inputs, d.sale.PricesIncludeTax)
	if err != nil {
		p.Add(tooLarge, []string{"lines"}, "The total is too large.")
		return false
	}
	for i, t := range totals.Lines {
		d.lines[i].SubtotalMinor, d.lines[i].TaxMinor, d.lines[i].TotalMinor = t.Subtotal, t.Tax, t.Total
	}
	d.sale.SubtotalMinor, d.sale.TaxMinor, d.sale.TotalMinor = totals.Subtotal, totals.Tax, totals.Total
	return true
}

// line makes one line; nil where the product can't be sold or the quantity is known to be wrong.
func (d *draft) line(p *errs.Problems, f *facts, in RecordLineInput, i int) (*Line, LineInput) {
	product, field := f.find(in)
	if field == "" {
		return nil, LineInput{} // named twice or not at all: said already
	}
	if product == nil {
		p.Add(productNotFound, errs.Path("lines", i, field), "There is no such product.")
		return nil, LineInput{}
	}
	if product.Status != catalog.Active {
		p.Add(productArchived, errs.Path("lines", i, field), "The product is not sold any more.")
	}
	price := product.Price()
	if price == nil {
		p.Add(priceMissing, errs.Path("lines", i, field), "The product has no price in %s.", product.StoreCurrency)
	}
	quantity, err := in.Quantity.Milli()
	if err != nil || quantity <= 0 {
		return nil, LineInput{} // said already
	}
	if product.Unit == catalog.Each && quantity%milli != 0 {
		p.Add(quantityNotWhole, errs.Path("lines", i, "quantity"), "This product is sold in whole pieces.")
	}
	if price == nil {
		return nil, LineInput{}
	}
	var rate money.PPM
	if product.Taxable {
		rate = f.store.TaxRatePPM
	}
	line := &Line{
		ID: id.New[id.SaleLine](), SaleID: d.sale.ID, LineNumber: i + 1,
		ProductID: product.ID, ProductName: product.Name, SKU: product.SKU, Unit: product.Unit,
		CurrencyCode: d.sale.CurrencyCode, Milli: quantity,
		UnitPriceMinor: price.Price.Minor, PriceSource: price.Source, TaxRatePPM: rate,
	}
	line.RegisterOwned = d.sale.RegisterOwned
	return line, LineInput{Quantity: quantity, UnitPrice: price.Price.Minor, TaxRate: rate}
}

// find gives the product that a line names, and the field that names it.
func (f *facts) find(in RecordLineInput) (product *catalog.Scanned, field string) {
	switch {
	case (in.ProductID == nil) == (in.Barcode == nil):
		return nil, ""
	case in.ProductID != nil:
		return f.byID[*in.ProductID], "productId"
	default:
		return f.byCode[*in.Barcode], "barcode"
	}
}

// pay takes the payments down; whether they cover the total is known only when that is, and each of them.
func (d *draft) pay(p *errs.Problems, in []PaymentInput, priced bool) {
	before := len(*p)
	d.payments = tenders(p, in, d.sale.CurrencyCode)
	if !priced || len(*p) > before || slices.ContainsFunc(d.payments, (*Payment).worthless) {
		return
	}
	d.sale.ChangeMinor = settle(p, d.payments, d.sale.TotalMinor, d.sale.CurrencyCode)
	d.sale.TenderedMinor = d.sale.TotalMinor + d.sale.ChangeMinor
	for _, payment := range d.payments {
		payment.ID, payment.SaleID = id.New[id.Payment](), d.sale.ID
		payment.RegisterOwned = d.sale.RegisterOwned
	}
}

// move sums the lines by product, in the order of the products' ids: two sales lock levels in one order.
func (d *draft) move() {
	sums := map[id.Product]int64{}
	for _, line := range d.lines {
		sums[line.ProductID] += line.Milli
	}
	for product, sum := range sums {
		level := &inventory.Level{
			ID: id.New[id.InventoryLevel](), ProductID: product, Milli: -sum, UpdatedAt: d.sale.RecordedAt,
		}
		level.StoreID = d.sale.StoreID
		d.levels = append(d.levels, level)
	}
	slices.SortFunc(d.levels, func(a, b *inventory.Level) int { return slices.Compare(a.ProductID[:], b.ProductID[:]) })
}

// write takes the key, the number and the stock in one round trip, and writes the sale and commits in another.
func (d *draft) write(ctx context.Context, tx *postgres.Tx) error {
	var number int64
	var after []*inventory.Level
	if err := tx.Send(ctx,
		postgres.Exec(nil, tx.Insert(d.key)),
		postgres.Value(&number, tx.Update((*company.ReceiptCounter)(nil)).
			Set("next_number = ?TableAlias.next_number + 1").
			Where("?TableAlias.register_id = ?", d.sale.RegisterID).
			Returning("?TableAlias.next_number - 1")),
		inventory.Move(tx.Handle, d.levels, &after),
	); err != nil {
		return err
	}
	if number == 0 {
		return fmt.Errorf("register %s has no receipt counter", d.sale.RegisterID)
	}
	d.sale.ReceiptNumber = number
	d.movements = d.movements[:0]
	moved := map[id.Product]int64{}
	for _, level := range d.levels {
		moved[level.ProductID] = level.Milli
	}
	for _, level := range after {
		m := &inventory.Movement{
			ID: id.New[id.StockMovement](), ProductID: level.ProductID, Reason: inventory.Sale,
			Milli: moved[level.ProductID], MilliAfter: level.Milli,
			RegisterID: &d.sale.RegisterID, SaleID: &d.sale.ID,
			OccurredAt: d.sale.OccurredAt, RecordedAt: d.sale.RecordedAt,
		}
		m.StoreID = level.StoreID
		d.movements = append(d.movements, m)
	}
	statements := []postgres.Statement{
		postgres.Exec(nil, tx.Insert(d.sale)),
		postgres.Exec(nil, tx.Insert(&d.lines)),
		postgres.Exec(nil, tx.Insert(&d.movements)),
	}
	if len(d.payments) > 0 {
		statements = append(statements, postgres.Exec(nil, tx.Insert(&d.payments)))
	}
	return tx.Finish(ctx, statements...)
}
