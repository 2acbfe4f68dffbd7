package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Format is what kind of file a report is.
type Format string

// The formats.
const (
	CSV  Format = "CSV"
	XLSX Format = "XLSX"
)

// contentType is what a file of the format is on the wire.
func (f Format) contentType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

func (f Format) extension() string { return strings.ToLower(string(f)) }

// sheet takes a file's rows one after the other; close ends the file, discard lets go of what it keeps meanwhile.
type sheet interface {
	row(cells []string) error
	close() error
	discard()
}

func newSheet(f Format, to io.Writer, columns []head) (sheet, error) {
	titles := make([]string, len(columns))
	numbers := make([]bool, len(columns))
	for i, c := range columns {
		titles[i], numbers[i] = c.title, c.number
	}
	if f == XLSX {
		return newWorkbook(to, titles, numbers)
	}
	s := &csvSheet{to: csv.NewWriter(to), numbers: numbers}
	s.to.UseCRLF = true
	return s, s.to.Write(titles)
}

type csvSheet struct {
	to      *csv.Writer
	numbers []bool
}

func (s *csvSheet) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, text := range cells {
		if safe[i] = text; !s.numbers[i] {
			safe[i] = inert(text)
		}
	}
	return s.to.Write(safe) //nolint:wrapcheck // the file's own writer
}

func (s *csvSheet) close() error {
	s.to.Flush()
	return s.to.Error() //nolint:wrapcheck // the file's own writer
}

func (*csvSheet) discard() {}

// inert keeps a spreadsheet from taking a text for a formula: what begins like one gets an apostrophe before it.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}

// workbook writes a spreadsheet of one sheet. What it holds goes to a temporary file beyond a few megabytes, and to its
// reader at the end: a zip has to be whole before it can be opened.
type workbook struct {
	to      io.Writer
	file    *excelize.File
	stream  *excelize.StreamWriter
	numbers []bool
	rows    int
}

const sheetName = "Report"

func newWorkbook(to io.Writer, titles []string, numbers []bool) (sheet, error) {
	w := &workbook{to: to, file: excelize.NewFile(), numbers: numbers}
	if err := w.file.SetSheetName("Sheet1", sheetName); err != nil {
		return nil, fmt.Errorf("begin a spreadsheet: %w", err)
	}
	stream, err := w.file.NewStreamWriter(sheetName)
	if err != nil {
		return nil, fmt.Errorf("begin a spreadsheet: %w", err)
	}
	w.stream = stream
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, fmt.Errorf("begin a spreadsheet: %w", err)
	}
	head := make([]any, len(titles))
	for i, title := range titles {
		head[i] = title
	}
	return w, w.write(head)
}

func (w *workbook) row(cells []string) error {
	values := make([]any, len(cells))
	for i, text := range cells {
		values[i] = text // a text stays one, whatever it begins with
		if !w.numbers[i] {
			continue
		}
		if text == "" {
			values[i] = nil
		} else if n, err := strconv.ParseFloat(text, 64); err == nil {
			values[i] = n
		}
	}
	return w.write(values)
}

func (w *workbook) write(values []any) error {
	w.rows++
	if err := w.stream.SetRow("A"+strconv.Itoa(w.rows), values); err != nil {
		return fmt.Errorf("write a spreadsheet: %w", err)
	}
	return nil
}

// discard removes the temporary file.
func (w *workbook) discard() { _ = w.file.Close() }

func (w *workbook) close() error {
	if err := w.stream.Flush(); err != nil {
		return fmt.Errorf("end a spreadsheet: %w", err)
	}
	if err := w.file.Write(w.to); err != nil {
		return fmt.Errorf("end a spreadsheet: %w", err)
	}
	return nil
}
