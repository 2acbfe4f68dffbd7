package postgres

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// Word is where [Scan] reads an id, a day or a text into a text, as the database would write it: which is quicker than
// having it do so. It is for what few values come again and again of, each of which is made once.
type Word struct {
	// To takes the text.
	To *string

	ids  map[[16]byte]string
	days map[time.Time]string
}

var errNoWord = errors.New("scan a word: null")

// ScanUUID implements pgtype.UUIDScanner.
func (w *Word) ScanUUID(v pgtype.UUID) error {
	if !v.Valid {
		return errNoWord
	}
	text, known := w.ids[v.Bytes]
	if !known {
		if w.ids == nil {
			w.ids = map[[16]byte]string{}
		}
		text = uuid.UUID(v.Bytes).String()
		w.ids[v.Bytes] = text
	}
	*w.To = text
	return nil
}

// ScanDate implements pgtype.DateScanner.
func (w *Word) ScanDate(v pgtype.Date) error {
	if !v.Valid {
		return errNoWord
	}
	text, known := w.days[v.Time]
	if !known {
		if w.days == nil {
			w.days = map[time.Time]string{}
		}
		text = v.Time.Format(time.DateOnly)
		w.days[v.Time] = text
	}
	*w.To = text
	return nil
}

// ScanText implements pgtype.TextScanner.
func (w *Word) ScanText(v pgtype.Text) error {
	if !v.Valid {
		return errNoWord
	}
	*w.To = v.String
	return nil
}
