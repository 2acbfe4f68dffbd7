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

	ids map[[16]byte]string
	// id and day are those that came last, which mostly come again.
	id      [16]byte
	idText  string
	day     time.Time
	dayText string
}

var errNoWord = errors.New("scan a word: null")

// ScanUUID implements pgtype.UUIDScanner.
func (w *Word) ScanUUID(v pgtype.UUID) error {
	if !v.Valid {
		return errNoWord
	}
	if w.idText == "" || v.Bytes != w.id {
		w.id, w.idText = v.Bytes, w.known(v.Bytes)
	}
	*w.To = w.idText
	return nil
}

func (w *Word) known(id [16]byte) string {
	text, known := w.ids[id]
	if !known {
		if w.ids == nil {
			w.ids = map[[16]byte]string{}
		}
		text = uuid.UUID(id).String()
		w.ids[id] = text
	}
	return text
}

// ScanDate implements pgtype.DateScanner.
func (w *Word) ScanDate(v pgtype.Date) error {
	if !v.Valid {
		return errNoWord
	}
	if w.dayText == "" || !v.Time.Equal(w.day) {
		w.day, w.dayText = v.Time, v.Time.Format(time.DateOnly)
	}
	*w.To = w.dayText
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
