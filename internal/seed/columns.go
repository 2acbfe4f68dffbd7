package seed

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// The columns of rows to insert. FlatArray is the slice that pgx encodes without reflection.
type (
	uuids = pgtype.FlatArray[pgtype.UUID]
	ints  = pgtype.FlatArray[int64]
	texts = pgtype.FlatArray[string]
	times = pgtype.FlatArray[time.Time]
	dates = pgtype.FlatArray[pgtype.Date]
	bools = pgtype.FlatArray[bool]

	// May be null.
	optionalTimes = pgtype.FlatArray[*time.Time]
	optionalTexts = pgtype.FlatArray[*string]
)

func column(v uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: v, Valid: true} }

// optional gives null for a missing id.
func optional(v *uuid.UUID) pgtype.UUID {
	if v == nil {
		return pgtype.UUID{}
	}
	return column(*v)
}
