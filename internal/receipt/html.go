package receipt

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed receipt.html.tmpl
var page string

var pageTemplate = template.Must(template.New("receipt").Parse(page))

// view is what the page shows. All of it is plain text, which the template escapes.
type view struct {
	Company, Title, Instant, Note, ID string
	Head, Void, Footer                []string
	About                             []cells
	Items                             [][]cells
	Totals, Paid, Taxes, Balances     []cells
	Total                             cells
}

// cells are a row as the template reads it. Is marks the row with the time.
type cells struct {
	Indent, Is    bool
	Label, Amount string
}

// HTML prints the receipt as a page of its own, for a screen or a receipt printer of any paper. It needs nothing else:
// no script, no other file.
func (r *Receipt) HTML() (string, error) {
	var b strings.Builder
	if err := pageTemplate.Execute(&b, r.view()); err != nil {
		return "", fmt.Errorf("print a receipt: %w", err)
	}
	return b.String(), nil
}

func (r *Receipt) view() view {
	v := view{
		Company: plain(r.Company.Name), Title: r.title() + " " + number(r.Sale.ReceiptNumber),
		Instant: r.Sale.OccurredAt.In(r.place()).Format(time.RFC3339), Note: plain(r.Sale.Note), ID: r.Sale.ID.String(),
		Head: r.head(), Void: r.void(), Footer: rows(r.Footer()),
		About: shown(r.about()), Totals: shown(r.totals()), Paid: shown(r.paid()),
		Taxes: shown(r.taxRows()), Balances: shown(r.balanceRows()),
		Total: shown([]row{r.total()})[0],
	}
	for i := range v.About {
		v.About[i].Is = v.About[i].Label == r.LocalTime()
	}
	for _, line := range r.Lines {
		v.Items = append(v.Items, shown(r.item(line)))
	}
	return v
}

func shown(list []row) []cells {
	all := make([]cells, len(list))
	for i, r := range list {
		all[i] = cells{Indent: r.indent > 0, Label: r.label, Amount: r.amount}
	}
	return all
}
