package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/postgres"
)

// TestWords: values that come again, one after the other or later, are the same texts, and null is none.
func TestWords(t *testing.T) {
	t.Parallel()
	var text string
	word := &postgres.Word{To: &text}
	ids := []uuid.UUID{{}, {}, {15: 1}, {0: 0xab}, {15: 1}, {}}
	for i, id := range ids {
		if err := word.ScanUUID(pgtype.UUID{Bytes: id, Valid: true}); err != nil || text != id.String() {
			t.Errorf("id %d is %q instead of %s, %v", i, text, id, err)
		}
	}
	day := time.Date(2026, time.February, 28, 0, 0, 0, 0, time.UTC)
	for i, later := range []int{0, 0, 1, 307, 0, 1} {
		at := day.AddDate(0, 0, later)
		if err := word.ScanDate(pgtype.Date{Time: at, Valid: true}); err != nil || text != at.Format(time.DateOnly) {
			t.Errorf("day %d is %q instead of %s, %v", i, text, at.Format(time.DateOnly), err)
		}
	}
	if word.ScanUUID(pgtype.UUID{}) == nil || word.ScanDate(pgtype.Date{}) == nil || word.ScanText(pgtype.Text{}) == nil {
		t.Error("null is a word")
	}
}
