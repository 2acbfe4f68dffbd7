package bench

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestPlot draws a table: it is well-formed, and every share stands at its bar.
func TestPlot(t *testing.T) {
	t.Parallel()
	q1, m1 := Request{Name: "Q1", Goal: 60}, Request{Name: "M1", Goal: 85}
	var out strings.Builder
	lines := []Line{
		{Request: q1, Connections: 1, Share: 61},
		{Request: m1, Connections: 1, Share: 87},
		{Request: q1, Connections: 16, Share: 62},
		{Request: m1, Connections: 16, Share: 540},
	}
	if err := Plot(&out, lines); err != nil {
		t.Fatal(err)
	}
	read := xml.NewDecoder(strings.NewReader(out.String()))
	var texts []string
	rects := 0
	for {
		token, err := read.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, &out)
		}
		switch token := token.(type) {
		case xml.CharData:
			texts = append(texts, string(token))
		case xml.StartElement:
			if token.Name.Local == "rect" {
				rects++
			}
		}
	}
	all := strings.Join(texts, "|")
	for _, want := range []string{"|61|", "|62|", "|87|", "|540|", "|Q1|", "|M1|", "|16 connections|"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is missing of %s", want, all)
		}
	}
	if strings.Contains(all, "|160%|") || !strings.Contains(all, "|140%|") {
		t.Errorf("the scale isn't cut off: %s", all)
	}
	// The ground, two of the legend, four bars.
	if rects != 1+2+4 {
		t.Errorf("%d rectangles", rects)
	}
	if err := Plot(io.Discard, nil); err != nil {
		t.Errorf("nothing was measured: %v", err)
	}
}
