package demoday

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// figures are those of a Z report by name, in order.
type figures struct {
	names []string
	of    map[string]int64
}

func (f *figures) set(name string, n int64) {
	if f.of == nil {
		f.of = map[string]int64{}
	}
	if _, there := f.of[name]; !there {
		f.names = append(f.names, name)
	}
	f.of[name] += n
}

// The movements of a drawer, as the graph calls them.
const (
	movePaidIn  = "PAID_IN"
	movePaidOut = "PAID_OUT"
	moveDrop    = "CASH_DROP"
	moveNoSale  = "NO_SALE"
)

type moved struct {
	Kind   string
	Amount minor
}

// books are what a till session's figures are the sums of: the script's own, or those that were read back.
type books struct {
	float int64
	sales []*slip
	// voided are sales that were voided in the session; they are among the sales where it made them.
	voided []*slip
	moved  []moved
	// paid is what customers paid towards their accounts.
	paid    []payment
	counted map[string]int64
}

// figures adds the books up.
func (b *books) figures() *figures {
	f := &figures{}
	for _, name := range []string{figSales, figReturns, figVoids} {
		f.set(name, 0)
	}
	for _, name := range []string{"voided", "sold", "discounts", "returned", "net", "tax", "rounding", "total"} {
		f.set(name, 0)
	}
	for _, s := range b.sales {
		f.set(figSales, 1)
		if s.refunded > 0 {
			f.set(figReturns, 1)
		}
		f.add(s, 1)
	}
	for _, s := range b.voided {
		f.set(figVoids, 1)
		f.set("voided", s.total)
		f.add(s, -1)
	}
	f.set("float", b.float)
	for _, kind := range []string{movePaidIn, movePaidOut, moveDrop} {
		f.set(drawer(kind), 0)
	}
	f.set(figNoSales, 0)
	for _, m := range b.moved {
		if m.Kind == moveNoSale {
			f.set(figNoSales, 1)
		} else {
			f.set(drawer(m.Kind), int64(m.Amount))
		}
	}
	b.taxes(f)
	b.tenders(f)
	return f
}

func drawer(kind string) string { return strings.ToLower(strings.ReplaceAll(kind, "_", " ")) }

// The figures that count.
const (
	figSales   = "receipts"
	figReturns = "receipts with money back"
	figVoids   = "voids"
	figNoSales = "drawer opened for nothing"
	paymentsOf = " payments"
)

// shown writes a figure as what it is.
func shown(name string, n int64) string {
	if name == figSales || name == figReturns || name == figVoids || name == figNoSales || strings.HasSuffix(name, paymentsOf) {
		return strconv.FormatInt(n, 10)
	}
	return pretty(n)
}

func (f *figures) add(s *slip, sign int64) {
	for _, line := range s.lines {
		if line.back {
			f.set("returned", sign*(line.off+line.share-line.gross))
		} else {
			f.set("sold", sign*line.gross)
			f.set("discounts", sign*(line.off+line.share))
		}
	}
	f.set("net", sign*s.net)
	f.set("tax", sign*s.tax)
	f.set("rounding", sign*s.rounding)
	f.set("total", sign*s.total)
}

func taxName(name, code string, ppm int64) string {
	return fmt.Sprintf("%s %s %s %%", name, code, strings.TrimSuffix(strings.TrimRight(decimal(ppm, percentPlaces), "0"), "."))
}

func (b *books) taxes(f *figures) {
	for sign, slips := range map[int64][]*slip{1: b.sales, -1: b.voided} {
		for _, s := range slips {
			for _, t := range s.taxesOf() {
				name := taxName(t.name, t.code, t.ppm)
				f.set(name+", on", sign*t.base)
				f.set(name, sign*t.amount)
			}
		}
	}
}

func expectedOf(method string) string { return method + " expected" }

// tenders are the figures of each way of paying.
func (b *books) tenders(f *figures) {
	methods := map[string]bool{methodCash: true}
	tell := func(method, what string, n int64) {
		methods[method] = true
		f.set(method+what, n)
	}
	pay := func(p payment) {
		tell(p.method, paymentsOf, 1)
		tell(p.method, " tendered", max(p.tendered, 0))
		tell(p.method, " change", max(p.tendered-p.amount, 0))
		tell(p.method, " refunded", max(-p.amount, 0))
	}
	for _, s := range b.sales {
		for _, p := range s.pays {
			pay(p)
		}
	}
	for _, p := range b.paid {
		pay(p)
	}
	for _, s := range b.voided {
		for _, p := range s.pays {
			tell(p.method, " voided", p.amount)
		}
	}
	for method := range methods {
		stays := f.of[method+" tendered"] - f.of[method+" change"] - f.of[method+" refunded"] - f.of[method+" voided"]
		f.set(method+" stays", stays)
		if method == methodCash {
			stays += f.of["float"] + f.of[drawer(movePaidIn)] - f.of[drawer(movePaidOut)] - f.of[drawer(moveDrop)]
		}
		f.set(expectedOf(method), stays)
		if b.counted != nil && slices.Contains([]string{methodCash, methodCard, methodMobile}, method) {
			f.set(method+" counted", b.counted[method])
			f.set(method+" variance", b.counted[method]-stays)
		}
	}
}

// report are the figures of X and Z reports.
type report struct {
	Withheld                                                     bool
	SaleCount, ReturnCount, VoidCount, NoSaleCount               int64
	Voided, Gross, Discounts, Returns, Net, Tax, Rounding, Total minor
	OpeningFloat, PaidIn, PaidOut, CashDrops                     minor
	Taxes                                                        []soldTax
	Tenders                                                      []reportTender
}

type reportTender struct {
	Method                                     string
	Count                                      *int64
	Tendered, Change, Refunded, Voided, Amount *minor
	Expected, Counted, Variance                *minor
}

const reportFields = `withheld saleCount returnCount voidCount voided { amount } gross { amount } discounts { amount }
	returns { amount } net { amount } tax { amount } taxes { name code rate base { amount } amount { amount } }
	rounding { amount } total { amount } openingFloat { amount } paidIn { amount } paidOut { amount } cashDrops { amount }
	noSaleCount tenders { method count tendered { amount } change { amount } refunded { amount } voided { amount }
		amount { amount } expected { amount } counted { amount } variance { amount } }`

// zReport is what closed a session.
type zReport struct {
	ID                              string
	Number                          int64
	ClosedBy, CountedBy, ApprovedBy *struct{ ID string }
	Figures                         report
}

const zFields = "id number closedBy { id } countedBy { id } approvedBy { id } figures { " + reportFields + " }"

// figures are those that the report tells.
func (r *report) figures() *figures {
	f := &figures{}
	f.set(figSales, r.SaleCount)
	f.set(figReturns, r.ReturnCount)
	f.set(figVoids, r.VoidCount)
	for _, one := range []struct {
		name string
		n    minor
	}{
		{"voided", r.Voided},
		{"sold", r.Gross},
		{"discounts", r.Discounts},
		{"returned", r.Returns},
		{"net", r.Net},
		{"tax", r.Tax},
		{"rounding", r.Rounding},
		{"total", r.Total},
		{"float", r.OpeningFloat},
		{drawer(movePaidIn), r.PaidIn},
		{drawer(movePaidOut), r.PaidOut},
		{drawer(moveDrop), r.CashDrops},
	} {
		f.set(one.name, int64(one.n))
	}
	f.set(figNoSales, r.NoSaleCount)
	for _, t := range r.Taxes {
		name := taxName(t.Name, t.Code, int64(t.Rate))
		f.set(name+", on", int64(t.Base))
		f.set(name, int64(t.Amount))
	}
	for _, t := range r.Tenders {
		t.add(f)
	}
	return f
}

func (t *reportTender) add(f *figures) {
	if t.Count == nil {
		return // withheld
	}
	f.set(t.Method+paymentsOf, *t.Count)
	for _, one := range []struct {
		what string
		n    *minor
	}{
		{" tendered", t.Tendered},
		{" change", t.Change},
		{" refunded", t.Refunded},
		{" voided", t.Voided},
		{" stays", t.Amount},
		{" expected", t.Expected},
		{" counted", t.Counted},
		{" variance", t.Variance},
	} {
		if one.n != nil {
			f.set(t.Method+one.what, int64(*one.n))
		}
	}
}
