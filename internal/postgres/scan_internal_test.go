package postgres

import (
	"database/sql"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tillgraph/tillgraph/internal/id"
)

type (
	ownText     string
	scannedText string
	readText    string
)

func (*scannedText) Scan(any) error          { return nil }
func (*readText) ScanText(pgtype.Text) error { return nil }

// TestTarget: a text of a type of its own is scanned as a text, unless its type has a way of its own; all else as it is.
func TestTarget(t *testing.T) {
	t.Parallel()
	row := struct {
		Plain   string
		Own     ownText
		Scanned scannedText
		Read    readText
		ID      id.Product
		Maybe   *ownText
		Count   int64
	}{}
	own, ok := Target(reflect.ValueOf(&row).Elem().FieldByName("Own")).(*string)
	if !ok {
		t.Fatal("a text of a type of its own isn't scanned as a text")
	}
	if *own = "KES"; row.Own != "KES" {
		t.Errorf("it is scanned into something else: %q", row.Own)
	}
	for name, want := range map[string]any{
		"Plain": &row.Plain, "Scanned": sql.Scanner(&row.Scanned), "Read": pgtype.TextScanner(&row.Read), "ID": &row.ID,
		"Maybe": &row.Maybe, "Count": &row.Count,
	} {
		if got := Target(reflect.ValueOf(&row).Elem().FieldByName(name)); got != want {
			t.Errorf("%s is scanned into a %T", name, got)
		}
	}
}
