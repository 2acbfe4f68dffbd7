package sale

import (
	"context"
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/approval"
	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tax"
)

// facts are what a sale is made of, as the database has them.
type facts struct {
	register *company.Register
	store    *company.Store
	settings *company.Settings
	parked   *Parked
	// parkedLines are its lines, lapsed those of parked sales of the store whose time is over.
	parkedLines, lapsed []*ParkedLine
	goods               *catalog.Lookup
	customer            *customer.Customer
	cards               []*giftcard.GiftCard
	// originals are the sold lines of which goods come back.
	originals map[id.SaleLine]*original
	taxes     *tax.Book
	approvals []*approval.Approval
	// estimate says that nothing is to be recorded: a sale that isn't paid for yet is no problem.
	estimate bool

	till *company.Till
	// asked are the statements that read what isn't known yet.
	asked []postgres.Statement
	// named are the products of the lines, and only those where all that the sale is about is them: the place, the taxes and
	// the settings are known, and there is nothing else to look up. Otherwise there are none.
	named []id.Product
}

// look reads all facts in one round trip, whatever the number of lines.
func (s *Sales) look(ctx context.Context, register id.Register, in RecordInput) (*facts, error) {
	f, err := s.ask(ctx, register, in)
	if err != nil {
		return nil, err
	}
	return f, s.read(ctx, f)
}

// read reads what was asked.
func (s *Sales) read(ctx context.Context, f *facts) error {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return err
	}
	if err := h.Read(ctx, f.asked...); err != nil {
		return err
	}
	f.register, f.store = f.till.Register, f.till.Store
	return nil
}

// ask gives the facts as far as they are known, with the statements that read the rest.
func (s *Sales) ask(ctx context.Context, register id.Register, in RecordInput) (*facts, error) {
	h, err := s.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	originals, err := s.originals(ctx, register, in)
	if err != nil {
		return nil, err
	}
	products, barcodes := in.names()
	for _, o := range originals {
		products = append(products, o.line.ProductID)
	}
	till := company.TillOf(h, register)
	at := s.now()
	if in.OccurredAt != nil {
		at = *in.OccurredAt
	}
	f := &facts{
		register: till.Register, store: till.Store, till: till, originals: originals,
		goods: catalog.ForSale(h, till.StoreID(), at, products, barcodes),
		taxes: tax.BookAt(h, till.Known(), till.StoreID(), at),
	}
	more := append(f.parkedOf(h, in.ParkedSaleID), f.lookLedgers(h, in)...)
	if ids := in.approvals(); len(ids) > 0 {
		more = append(more, approval.Cited(h, ids, &f.approvals))
	}
	place := append(slices.Concat(till.Statements(), f.taxes.Statements()), company.ReadSettings(h, &f.settings))
	if len(more)+len(barcodes)+len(in.Returns) == 0 && postgres.Known(place...) {
		f.named = products
	}
	more = append(more, lapsed(h, till.StoreID(), s.now(), &f.lapsed))
	f.asked = slices.Concat(place, f.goods.Statements(), more)
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
	for _, back := range in.Returns[:min(len(in.Returns), mostLines)] {
		if back.ProductID != nil {
			products = append(products, *back.ProductID)
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

// find gives the product that a line names, and the field that names it.
func (f *facts) find(in RecordLineInput) (product *catalog.Scanned, field string) {
	switch {
	case (in.ProductID == nil) == (in.Barcode == nil):
		return nil, ""
	case in.ProductID != nil:
		return f.goods.Product(*in.ProductID), "productId"
	default:
		return f.goods.Scan(*in.Barcode), "barcode"
	}
}
