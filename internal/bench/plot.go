package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// The measures of the plot, in its own units.
const (
	plotWidth, plotHeight           = 760, 360
	plotLeft, plotTop, plotBottom   = 56, 64, 300
	plotRight, plotBar, plotPercent = 740, 24, 20
	plotLegend                      = 130
	// plotMost is the highest share that is drawn.
	plotMost = 150.0
)

// Plot writes the lines as an image: for each kind of request the share of the limit, a bar for each number of connections,
// and a mark where the goal is. What is far above the limit is cut off, with its number, so that the others can be told apart.
func Plot(w io.Writer, lines []Line) error {
	most := 120.0
	var conns []int
	var names []Request
	for _, line := range lines {
		most = min(max(most, line.Share), plotMost)
		if !slices.Contains(conns, line.Connections) {
			conns = append(conns, line.Connections)
		}
		if !slices.ContainsFunc(names, func(q Request) bool { return q.Name == line.Request.Name }) {
			names = append(names, line.Request)
		}
	}
	p := &plot{w: w, most: most, scale: (plotBottom - plotTop) / most}
	p.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img">`+
		"\n<title>Requests a second, in percent of handlers that are written by hand</title>\n"+
		`<rect width="100%%" height="100%%" fill="#fff"/>`+"\n", plotWidth, plotHeight)
	p.put(`<text x="%d" y="22" font-size="15" fill="#222">Requests a second, in percent of handlers written by hand</text>`+"\n", plotLeft)
	for percent := 0; float64(percent) <= most; percent += plotPercent {
		p.put(`<path d="M%d %.0fH%d" stroke="#ddd"/><text x="%d" y="%.0f" text-anchor="end" fill="#555">%d%%</text>`+"\n",
			plotLeft, p.at(float64(percent)), plotRight, plotLeft-6, p.at(float64(percent))+4, percent)
	}
	for i, n := range conns {
		p.put(`<rect x="%d" y="34" width="12" height="12" fill="%s"/><text x="%d" y="45" fill="#222">%d connections</text>`+"\n",
			plotLeft+i*plotLegend, plotColor(i), plotLeft+18+i*plotLegend, n)
	}
	if len(names) > 0 {
		p.bars(lines, names, conns)
	}
	p.put(`<path d="M%d %d h24" stroke="#b3261e" stroke-width="2"/><text x="%d" y="%d" fill="#222">the goal at 16 connections</text>`+"\n</svg>\n",
		plotLeft, plotBottom+46, plotLeft+30, plotBottom+50)
	return p.err
}

type plot struct {
	w           io.Writer
	most, scale float64
	err         error
}

func (p *plot) put(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// at is the height of a share.
func (p *plot) at(percent float64) float64 { return plotBottom - min(percent, p.most)*p.scale }

func plotColor(i int) string {
	colors := []string{"#9ecae1", "#3182bd", "#08519c", "#6baed6", "#4a1486"}
	return colors[i%len(colors)]
}

func (p *plot) bars(lines []Line, names []Request, conns []int) {
	step := (plotRight - plotLeft) / len(names)
	bar := min(plotBar, (step-12)/len(conns)) //nolint:mnd // some space between the groups
	for i, q := range names {
		left := plotLeft + i*step + (step-bar*len(conns))/2
		var numbers []string // over the goal's mark
		for _, line := range lines {
			if line.Request.Name != q.Name {
				continue
			}
			n := slices.Index(conns, line.Connections)
			x, top := left+n*bar, p.at(line.Share)
			p.put(`<rect x="%d" y="%.1f" width="%d" height="%.1f" fill="%s"/>`+"\n", x, top, bar-2, plotBottom-top, plotColor(n))
			if line.Share > p.most {
				p.put(`<path d="M%d %.1fl%d -8" stroke="#fff" stroke-width="4"/>`+"\n", x-2, top+24, bar+2)
			}
			numbers = append(numbers, fmt.Sprintf(`<text x="%d" y="%.1f" text-anchor="middle" font-size="10" fill="#222" `+
				`stroke="#fff" stroke-width="3" paint-order="stroke">%.0f</text>`, x+bar/2-1, top-4, line.Share))
		}
		p.put(`<path d="M%d %.1fh%d" stroke="#b3261e" stroke-width="2"/><text x="%d" y="%d" text-anchor="middle" fill="#222">%s</text>`+"\n%s\n",
			left-4, p.at(float64(q.Goal)), bar*len(conns)+6, plotLeft+i*step+step/2, plotBottom+20, q.Name, strings.Join(numbers, "\n"))
	}
}
