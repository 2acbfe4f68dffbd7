package postgres

import (
	"encoding/binary"
	"errors"
	"math"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
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
	day     int32
	dayText string
}

var errNoWord = errors.New("scan a word: null")

// wordPlan is how a word is read as the database sends it; nil where pgx is to find that out.
func wordPlan(column *pgconn.FieldDescription, target any) pgtype.ScanPlan {
	if _, ok := target.(*Word); ok && column.Format == pgtype.BinaryFormatCode {
		switch column.DataTypeOID {
		case pgtype.UUIDOID:
			return binaryID{}
		case pgtype.DateOID:
			return binaryDay{}
		}
	}
	return nil
}

type (
	binaryID  struct{}
	binaryDay struct{}
)

// Scan implements pgtype.ScanPlan.
func (binaryID) Scan(src []byte, target any) error {
	var id pgtype.UUID
	id.Valid = copy(id.Bytes[:], src) == len(id.Bytes)
	return target.(*Word).ScanUUID(id) //nolint:forcetypeassert // as wordPlan found
}

// Scan implements pgtype.ScanPlan. A date is so many days from the first of 2000; the least and the most are no dates.
func (binaryDay) Scan(src []byte, target any) error {
	const long = 4
	if len(src) != long {
		return errNoWord
	}
	day := int32(binary.BigEndian.Uint32(src)) //nolint:gosec // it has a sign
	if day == math.MinInt32 || day == math.MaxInt32 {
		return errNoWord
	}
	target.(*Word).on(day) //nolint:forcetypeassert // as wordPlan found
	return nil
}

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
	w.on(int32((v.Time.Unix() - firstDay) / secondsOfDay)) //nolint:gosec // dates are within it
	return nil
}

const (
	secondsOfDay = 24 * 60 * 60
	// firstDay is the first of January 2000, in seconds.
	firstDay = 10957 * secondsOfDay
)

// on is a day, so many days from the first one.
func (w *Word) on(day int32) {
	if w.dayText == "" || day != w.day {
		w.day, w.dayText = day, dayText(day)
	}
	*w.To = w.dayText
}

// days are the texts of the days of some ninety years, each made when it first came.
var days [1 << 15]atomic.Pointer[string]

func dayText(day int32) string {
	kept := day >= 0 && int(day) < len(days)
	if kept {
		if text := days[day].Load(); text != nil {
			return *text
		}
	}
	text := time.Unix(firstDay+int64(day)*secondsOfDay, 0).UTC().Format(time.DateOnly)
	if kept {
		days[day].Store(&text)
	}
	return text
}

// ScanText implements pgtype.TextScanner.
func (w *Word) ScanText(v pgtype.Text) error {
	if !v.Valid {
		return errNoWord
	}
	*w.To = v.String
	return nil
}
