package sale

import (
	"context"
	"errors"
	"time"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// ReceiptInput is what is printed on a receipt.
type ReceiptInput struct {
	StoreCode, RegisterCode string
	ReceiptNumber           int64
}

// ForReturn is a sale as far as a return needs it.
type ForReturn struct {
	SaleID                             id.Sale
	StoreCode, StoreName, RegisterCode string
	ReceiptNumber                      int64
	Status                             Status
	OccurredAt                         time.Time
	ReturnableUntil                    *civil.Date
	Lines                              []*LineForReturn
}

// LineForReturn is a line that may come back.
type LineForReturn struct {
	SaleLineID         id.SaleLine
	LineNumber         int
	ProductName        string
	SKU                string
	Unit               catalog.Unit
	Quantity           money.Decimal
	QuantityReturnable money.Decimal
	UnitPrice          *money.Money
	AmountRefundable   *money.Money
}

// ForReturn gives what can come back of a sale, which is named by its id or its receipt: of any register of the
// request's stores, and of other stores where the company says so. It is nil where there is no such sale or it
// isn't theirs to take back.
func (s *Sales) ForReturn(ctx context.Context, sale *id.Sale, receipt *ReceiptInput) (*ForReturn, error) {
	if sale != nil && receipt != nil {
		return nil, errs.New(errs.BadUserInput, "Give either the sale or its receipt.")
	}
	if sale == nil && receipt == nil {
		return nil, nil //nolint:nilnil // nothing was named, and so nothing is there
	}
	var named id.Sale
	var printed postgres.Receipt
	if sale != nil {
		named = *sale
	} else {
		printed = postgres.Receipt{
			StoreCode: receipt.StoreCode, RegisterCode: receipt.RegisterCode, Number: receipt.ReceiptNumber,
		}
		if !storable(printed.StoreCode) || !storable(printed.RegisterCode) {
			return nil, nil //nolint:nilnil // no receipt says so
		}
	}
	found, store, err := s.db.ReturnableSale(ctx, named, printed)
	if errors.Is(err, postgres.ErrNoAccess) {
		return nil, nil //nolint:nilnil // as for what isn't there
	}
	if err != nil {
		return nil, err
	}
	return s.forReturn(ctx, found, store)
}

func (s *Sales) forReturn(ctx context.Context, sale id.Sale, store id.Store) (*ForReturn, error) {
	h, err := s.beyond(ctx, []id.Store{store})
	if err != nil {
		return nil, err
	}
	var sold *Sale
	var at *company.Store
	var register *company.Register
	var settings *company.Settings
	var lines []*Line
	var returned []*Returned
	lineIDs := h.Select((*Line)(nil)).Column("id").Where("?TableAlias.sale_id = ?", sale)
	itsRegister := h.Select((*Sale)(nil)).Column("register_id").Where("?TableAlias.id = ?", sale)
	if err := h.Read(ctx,
		postgres.Row(&sold, h.Select((*Sale)(nil)).Where("?TableAlias.id = ?", sale)),
		postgres.Row(&at, h.Select((*company.Store)(nil)).Where("?TableAlias.id = ?", store)),
		postgres.Row(&register, h.Select((*company.Register)(nil)).Where("register.id = (?)", itsRegister)),
		company.ReadSettings(h, &settings),
		postgres.Rows(&lines, h.Select((*Line)(nil)).Where("?TableAlias.sale_id = ?", sale).
			Where("?TableAlias.kind = ?", SaleLine).OrderExpr("?TableAlias.line_number")),
		postgres.Rows(&returned, h.Select((*Returned)(nil)).Where("returned.sale_line_id IN (?)", lineIDs)),
	); err != nil {
		return nil, err
	}
	if sold == nil || at == nil || register == nil {
		return nil, errors.New("the gate told of a sale that isn't there")
	}
	r := &ForReturn{
		SaleID: sold.ID, StoreCode: at.Code, StoreName: at.Name, RegisterCode: register.Code,
		ReceiptNumber: sold.ReceiptNumber, Status: sold.Status, OccurredAt: sold.OccurredAt,
		ReturnableUntil: returnableUntil(sold.BusinessDate, settings.ReturnDays),
		Lines:           make([]*LineForReturn, len(lines)),
	}
	open := sold.Status != Voided && inTime(sold.BusinessDate, civil.BusinessDay(s.now(), civil.Place(at.TimeZone), settings.BusinessDayStart), settings.ReturnDays)
	before := byLine(returned)
	for i, line := range lines {
		r.Lines[i] = line.forReturn(before[line.ID], open, sold.PricesIncludeTax)
	}
	return r, nil
}

// beyond is a handle that sees the receipts of stores, past the request's own scope: to read what comes back, and
// for nothing else. The stores must be the gate's answer.
func (s *Sales) beyond(ctx context.Context, stores []id.Store) (*postgres.Handle, error) {
	scope, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	return s.db.Bind(tenancy.With(ctx, scope.ForReceipts(stores)))
}

func byLine(rows []*Returned) map[id.SaleLine]*Returned {
	by := make(map[id.SaleLine]*Returned, len(rows))
	for _, row := range rows {
		by[row.LineID] = row
	}
	return by
}

func (l *Line) forReturn(before *Returned, open, pricesIncludeTax bool) *LineForReturn {
	r := &LineForReturn{
		SaleLineID: l.ID, LineNumber: l.LineNumber, ProductName: l.ProductName, SKU: l.SKU, Unit: l.Unit,
		Quantity: l.Quantity(), UnitPrice: l.UnitPrice(), AmountRefundable: amount(0, l.CurrencyCode),
	}
	if left := l.returnable(before); open && left > 0 {
		r.QuantityReturnable = money.Quantity(left)
		r.AmountRefundable = amount(l.part(before, left, pricesIncludeTax).total(), l.CurrencyCode)
	}
	return r
}

// returnable is how much of a line can come back, in thousandths.
func (l *Line) returnable(before *Returned) int64 {
	switch {
	case l.Kind != SaleLine || before != nil && before.Voided:
		return 0
	case before == nil:
		return l.Milli
	default:
		return l.Milli - before.Milli
	}
}

// returnableUntil is the last day on which goods come back; nil for ever.
func returnableUntil(sold civil.Date, days *int) *civil.Date {
	if days == nil {
		return nil
	}
	last := civil.Of(time.Date(sold.Year, sold.Month, sold.Day+*days, 0, 0, 0, 0, time.UTC), time.UTC)
	return &last
}

// inTime says whether goods sold on one day may come back on another.
func inTime(sold, today civil.Date, days *int) bool {
	last := returnableUntil(sold, days)
	return last == nil || today.String() <= last.String()
}
