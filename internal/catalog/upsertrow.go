package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// upsert is one run of UpsertProducts.
type upsert struct {
	in      ProductsUpsertInput
	now     time.Time
	rows    []*row
	refused bool
}

// row is one product of an upsert, being worked out.
type row struct {
	in       *ProductUpsertRow
	by       ProductUpsertKey
	now      time.Time
	key      string
	problems errs.Problems
	// before is the product as it was, nil where there was none.
	before  *Product
	product *Product
	// barcodes are all that the product has from now on; recoded says that they aren't those that it had.
	barcodes []*Barcode
	recoded  bool
}

func newUpsert(in ProductsUpsertInput, now time.Time) *upsert {
	u := &upsert{in: in, now: now.UTC().Truncate(time.Microsecond), rows: make([]*row, len(in.Rows))}
	for i := range in.Rows {
		r := &row{in: &in.Rows[i], by: in.By, now: u.now}
		r.readKey()
		u.rows[i] = r
	}
	return u
}

// readKey reads what tells the row's product from others.
func (r *row) readKey() {
	field, value, most := "sku", r.in.SKU, 64
	if r.by == ByReference {
		field, value, most = "externalReference", r.in.ExternalReference, 100
	}
	text, ok := value.ValueOK()
	if !ok || text == nil {
		r.problems.Add(form.Invalid, []string{field}, "Without it nothing tells which product the row is about.")
		return
	}
	var problems errs.Problems
	r.key = form.Text(&problems, *text, 1, most, field)
	if len(problems) > 0 {
		r.key = ""
		r.problems = problems
	}
}

// upsertFacts are what an upsert meets in the database.
type upsertFacts struct {
	currency   money.Currency
	byKey      map[string]*Product
	bySKU      map[string]id.Product
	byRef      map[string]id.Product
	byCode     map[string]id.Product
	barcodes   map[id.Product][]*Barcode
	categories map[id.Category]bool
	brands     map[string]id.Brand
	suppliers  map[string]id.Supplier
}

// wanted are the values of all rows, to be looked up at once.
type wanted struct {
	keys, skus, refs, codes, brands, suppliers []string
	categories                                 []id.Category
}

func (u *upsert) wanted() wanted {
	var w wanted
	add := func(list *[]string, text *string) {
		if text != nil && storable(*text) {
			*list = append(*list, trimmed(*text))
		}
	}
	for _, r := range u.rows {
		if r.key != "" {
			w.keys = append(w.keys, r.key)
		}
		add(&w.skus, r.in.SKU.Value())
		add(&w.refs, r.in.ExternalReference.Value())
		add(&w.brands, r.in.BrandName.Value())
		add(&w.suppliers, r.in.SupplierName.Value())
		codes := r.in.Barcodes.Value()
		for _, code := range codes[:min(len(codes), mostBarcodes)] {
			if storable(code) {
				w.codes = append(w.codes, ScanKey(trimmed(code)))
			}
		}
		if category := r.in.CategoryID.Value(); category != nil {
			w.categories = append(w.categories, *category)
		}
	}
	return w
}

// look reads, in one round trip, all that the rows are compared with, and holds the products that they are about.
func (u *upsert) look(ctx context.Context, tx *postgres.Tx) (*upsertFacts, error) {
	w := u.wanted()
	column := "sku"
	if u.in.By == ByReference {
		column = "external_reference"
	}
	match := func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.? = ANY (?::text[])", bun.Ident(column), postgres.Texts(w.keys))
	}
	var own *company.Company
	var products, skus, refs []*Product
	var codes, kept []*Barcode
	var categories []*Category
	var brands []*Brand
	var suppliers []*Supplier
	if err := tx.Send(ctx,
		exclusively(tx, "upserts"),
		postgres.Row(&own, tx.Select((*company.Company)(nil))),
		postgres.Rows(&products, match(tx.Select((*Product)(nil))).OrderExpr("?TableAlias.id").For("NO KEY UPDATE")),
		postgres.Rows(&skus, tx.Select((*Product)(nil)).Column("id", "sku").
			Where("?TableAlias.sku = ANY (?::text[])", postgres.Texts(w.skus))),
		postgres.Rows(&refs, tx.Select((*Product)(nil)).Column("id", "external_reference").
			Where("?TableAlias.external_reference = ANY (?::text[])", postgres.Texts(w.refs))),
		postgres.Rows(&codes, tx.Select((*Barcode)(nil)).
			Where("?TableAlias.code = ANY (?::text[])", postgres.Texts(w.codes))),
		postgres.Rows(&kept, tx.Select((*Barcode)(nil)).
			Where("barcode.product_id IN (?)", match(tx.Select((*Product)(nil)).Column("id"))).
			OrderExpr("?TableAlias.barcode")),
		postgres.Rows(&categories, tx.Select((*Category)(nil)).Column("id").
			Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(w.categories))),
		postgres.Rows(&brands, tx.Select((*Brand)(nil)).Column("id", "name").
			Where("?TableAlias.name = ANY (?::text[])", postgres.Texts(w.brands))),
		postgres.Rows(&suppliers, tx.Select((*Supplier)(nil)).Column("id", "name").
			Where("?TableAlias.name = ANY (?::text[])", postgres.Texts(w.suppliers))),
	); err != nil {
		return nil, err
	}
	if own == nil {
		return nil, errs.New(errs.NotFound, "There is no such company.")
	}
	f := &upsertFacts{
		currency: own.CurrencyCode, byKey: map[string]*Product{}, bySKU: map[string]id.Product{},
		byRef: map[string]id.Product{}, byCode: map[string]id.Product{}, barcodes: map[id.Product][]*Barcode{},
		categories: map[id.Category]bool{}, brands: map[string]id.Brand{}, suppliers: map[string]id.Supplier{},
	}
	f.sort(u.in.By, products, skus, refs)
	for _, code := range codes {
		f.byCode[code.Code] = code.ProductID
	}
	for _, code := range kept {
		f.barcodes[code.ProductID] = append(f.barcodes[code.ProductID], code)
	}
	for _, category := range categories {
		f.categories[category.ID] = true
	}
	for _, brand := range brands {
		f.brands[brand.Name] = brand.ID
	}
	for _, supplier := range suppliers {
		f.suppliers[supplier.Name] = supplier.ID
	}
	return f, nil
}

func (f *upsertFacts) sort(by ProductUpsertKey, products, skus, refs []*Product) {
	for _, p := range products {
		key := p.SKU
		if by == ByReference {
			key = *p.ExternalReference
		}
		f.byKey[key] = p
	}
	for _, p := range skus {
		f.bySKU[p.SKU] = p.ID
	}
	for _, p := range refs {
		f.byRef[*p.ExternalReference] = p.ID
	}
}

// work makes the row's product of what was there and what the row says.
func (r *row) work(f *upsertFacts) {
	if r.key == "" {
		return
	}
	if r.before = f.byKey[r.key]; r.before != nil {
		p := *r.before
		r.product = &p
	} else {
		r.product = r.fresh(f.currency)
	}
	change := r.in.change()
	change.apply(&r.problems, r.product)
	r.barcodes = f.barcodes[r.product.ID]
	if texts, ok := r.in.Barcodes.ValueOK(); ok {
		before := r.barcodes
		r.barcodes = checkBarcodes(&r.problems, texts, "barcodes")
		for _, code := range r.barcodes {
			code.ProductID = r.product.ID
		}
		r.recoded = !sameCodes(before, r.barcodes)
	}
	if r.product.CategoryID != nil && r.in.CategoryID.IsSet() && !f.categories[*r.product.CategoryID] {
		r.problems.Add(categoryNotFound, []string{"categoryId"}, "There is no such category.")
	}
	if name, ok := r.in.BrandName.ValueOK(); ok {
		r.product.BrandID = named(r, name, f.brands, brandNotFound, "brandName", "There is no such brand.")
	}
	if name, ok := r.in.SupplierName.ValueOK(); ok {
		r.product.SupplierID = named(r, name, f.suppliers, supplierNotFound, "supplierName", "There is no such supplier.")
	}
}

// named is what a row names, nil where it takes the name away.
func named[K any](r *row, name *string, there map[string]K, code, field, message string) *K {
	if name == nil {
		return nil
	}
	found, ok := there[trimmed(*name)]
	if !ok {
		r.problems.Add(code, []string{field}, "%s", message)
		return nil
	}
	return &found
}

// fresh is a new product that the row will fill.
func (r *row) fresh(currency money.Currency) *Product {
	for field, set := range map[string]bool{
		"sku": r.in.SKU.IsSet(), "name": r.in.Name.IsSet(), "basePrice": r.in.BasePrice.IsSet(),
	} {
		if !set {
			r.problems.Add(form.Invalid, []string{field}, "A new product needs this.")
		}
	}
	slices.SortFunc(r.problems, func(a, b errs.Problem) int { return slices.Compare(a.Field, b.Field) })
	return &Product{
		ID: id.New[id.Product](), CurrencyCode: currency, Type: Goods, Unit: Each, Taxable: true, Status: Active,
		OptionNames: []string{}, OptionValues: []string{}, Version: 1, CreatedAt: r.now, UpdatedAt: r.now,
	}
}

func sameCodes(a, b []*Barcode) bool {
	texts := func(codes []*Barcode) []string {
		list := make([]string, len(codes))
		for i, code := range codes {
			list[i] = code.Barcode
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(texts(a), texts(b))
}

// compare finds values that other products or other rows have.
func (u *upsert) compare(f *upsertFacts) {
	uses := map[[2]string]int{}
	for _, r := range u.rows {
		for _, use := range r.uses() {
			uses[use.key]++
		}
	}
	for _, r := range u.rows {
		for _, use := range r.uses() {
			owner, owned := use.owners(f)[use.key[1]]
			switch {
			case uses[use.key] > 1:
				r.problems.Add(duplicate, use.field, "Another row has this too.")
			case owned && owner != r.product.ID:
				r.problems.Add(form.Taken, use.field, "Another product has this already.")
			}
		}
	}
}

// use is a value that one product alone may have.
type use struct {
	key    [2]string
	field  []string
	owners func(*upsertFacts) map[string]id.Product
}

func (r *row) uses() []use {
	if r.product == nil {
		return nil
	}
	var list []use
	if r.product.SKU != "" {
		list = append(list, use{
			[2]string{"sku", r.product.SKU},
			[]string{"sku"},
			func(f *upsertFacts) map[string]id.Product { return f.bySKU },
		})
	}
	if ref := r.product.ExternalReference; ref != nil && *ref != "" {
		list = append(list, use{
			[2]string{"ref", *ref},
			[]string{"externalReference"},
			func(f *upsertFacts) map[string]id.Product { return f.byRef },
		})
	}
	given := r.in.Barcodes.Value()
	for _, code := range r.barcodes {
		field := []string{"barcodes"}
		if i := slices.IndexFunc(given, func(text string) bool { return ScanKey(trimmed(text)) == code.Code }); i >= 0 {
			field = errs.Path("barcodes", i)
		}
		list = append(list, use{
			[2]string{"code", code.Code},
			field,
			func(f *upsertFacts) map[string]id.Product { return f.byCode },
		})
	}
	return list
}

// action is what becomes of a good row.
func (r *row) action() ProductUpsertAction {
	switch {
	case r.before == nil:
		return RowCreated
	case r.recoded || !sameProduct(r.before, r.product):
		return RowUpdated
	default:
		return RowUnchanged
	}
}

func sameProduct(a, b *Product) bool {
	return a.SKU == b.SKU && a.Name == b.Name && a.Description == b.Description && same(a.CategoryID, b.CategoryID) &&
		same(a.BrandID, b.BrandID) && same(a.SupplierID, b.SupplierID) &&
		a.Type == b.Type && a.Unit == b.Unit && a.PriceMinor == b.PriceMinor && a.Taxable == b.Taxable &&
		a.Status == b.Status && same(a.ExternalReference, b.ExternalReference)
}

func same[K comparable](a, b *K) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
