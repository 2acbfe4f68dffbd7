package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
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

// TestWordsAsSent: what the database sends is read as what it writes, and what is no day or null is none.
func TestWordsAsSent(t *testing.T) {
	t.Parallel()
	rows, err := pgtest.New(t).Super().Query(t.Context(), `select d, u, d::text, u::text from
		(values ('0001-01-01'::date), ('1999-12-31'), ('2000-01-01'), ('2026-02-28'), ('2026-02-28'), ('9999-12-31'),
		('2089-09-18'), ('2089-09-19'), ('2026-02-28'), ('2089-09-18'), ('1999-12-31'), ('infinity'), ('-infinity'), (null)) days (d),
		lateral (select case when isfinite(d) then gen_random_uuid() end) ids (u)`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var day, id string
	targets := []any{&postgres.Word{To: &day}, &postgres.Word{To: &id}}
	n, none := 0, 0
	for ; rows.Next(); n++ {
		values := rows.RawValues()
		for i, word := range targets {
			*word.(*postgres.Word).To = ""
			plan := postgres.WordPlan(&rows.FieldDescriptions()[i], word)
			if plan == nil {
				t.Fatal("pgx is left to find out how a word is read")
			}
			err := plan.Scan(values[i], word)
			got, want := *word.(*postgres.Word).To, string(values[i+2])
			if finite := len(want) > len("-infinity"); finite != (err == nil) || finite && got != want {
				t.Errorf("row %d: %q instead of %q, %v", n, got, want, err)
			}
			if err != nil {
				none++
			}
		}
	}
	if n != 14 || none != 6 || rows.Err() != nil {
		t.Errorf("%d rows, %d values that are none, %v", n, none, rows.Err())
	}
}
