package inventory

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/catalog"
	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Batch is the goods of one lot of a product that a store has or had.
type Batch struct {
	bun.BaseModel `bun:"table:stock_batches,alias:batch"`
	postgres.StoreOwned

	ID        id.StockBatch     `bun:"id,pk"`
	LevelID   id.InventoryLevel `bun:"level_id"`
	ProductID id.Product        `bun:"product_id"`
	LotNumber string            `bun:"lot_number"`
	// ExpiresOn is the last day on which it may be sold; nil for what does not expire.
	ExpiresOn      *civil.Date `bun:"expires_on"`
	ManufacturedOn *civil.Date `bun:"manufactured_on"`
	// SoldUntil is ExpiresOn, and far away for what does not expire: lists are in its order.
	SoldUntil civil.Date `bun:"sold_until"`
	// Milli is the sum of its parts of movements. It is below zero when more was sold of it than was known to be there.
	Milli       int64     `bun:"quantity"`
	Quarantined bool      `bun:"quarantined"`
	Note        string    `bun:"note"`
	Version     int       `bun:"version"`
	CreatedAt   time.Time `bun:"created_at"`
	UpdatedAt   time.Time `bun:"updated_at"`

	// made says that it is new, and moved how much it moves.
	made  bool
	moved int64
}

// Quantity is the quantity in the product's unit.
func (b *Batch) Quantity() money.Decimal { return money.Quantity(b.Milli) }

// IsNode marks Batch as the schema's Node.
func (*Batch) IsNode() {}

// expires sets the last day, nil for what does not expire.
func (b *Batch) expires(on *civil.Date) {
	b.ExpiresOn, b.SoldUntil = on, civil.Date{Year: 9999, Month: time.December, Day: 31}
	if on != nil {
		b.SoldUntil = *on
	}
}

// expired says that it is not to be sold any more on a day.
func (b *Batch) expired(day civil.Date) bool { return b.ExpiresOn != nil && b.ExpiresOn.Days(day) > 0 }

// Part is the part of a movement that was of a batch. It is never changed.
type Part struct {
	bun.BaseModel `bun:"table:stock_batch_parts,alias:part"`
	postgres.StoreOwned

	ID         id.StockBatchPart `bun:"id,pk"`
	BatchID    id.StockBatch     `bun:"batch_id"`
	MovementID id.StockMovement  `bun:"movement_id"`
	Milli      int64             `bun:"quantity"`
}

// Quantity is what came in, or below zero what went out.
func (p *Part) Quantity() money.Decimal { return money.Quantity(p.Milli) }

// The pages of batches, as the schema names them.
type (
	BatchConnection = page.Connection[Batch]
	BatchEdge       = page.Edge[Batch]
)

// Tracks says whether the goods of a product move by their batches: the company has the feature and wants it, and the
// product is one of them.
func Tracks(scope *tenancy.Scope, settings *company.Settings, product *catalog.Product) bool {
	return product != nil && product.BatchTracked && product.Stocked() && settings.BatchTrackingEnabled &&
		scope.HasFeature(tenancy.BatchTracking) == nil
}

// Lot names goods by what is printed on them.
type Lot struct {
	Number                    string
	ExpiresOn, ManufacturedOn *civil.Date
	// Make says that a batch is made of it where the store has none.
	Make bool
}

// Refusal says why goods are not of a batch that they were to be of.
type Refusal string

// The refusals.
const (
	LotUnknown       Refusal = "LOT_NOT_FOUND"
	LotDatesDiffer   Refusal = "LOT_DATES_DIFFER"
	BatchExpired     Refusal = "BATCH_EXPIRED"
	BatchQuarantined Refusal = "BATCH_QUARANTINED"
)

// Portion is a part of a change that is of one lot, or of whichever batches come first.
type Portion struct {
	// Milli comes in, or goes out where it is below zero; not looked at where the change says a level to be reached.
	Milli int64
	// Lot names the batch. Without one what goes out is of the batches that expire first, and what comes in, as what
	// Loose says, is of no known batch.
	Lot   *Lot
	Loose bool

	// Taken is what Apply made of it; what is missing is of no known batch.
	Taken []Taken
	// Refused is why that can't be, empty where it can, and Left what is left of the lot that was named.
	Refused Refusal
	Left    int64
}

// Taken is how much is of a batch.
type Taken struct {
	Batch *Batch
	Milli int64
}
