package demoday

// reckon is what a cart comes to at a time in a shop.
func (d *day) reckon(time string, s *shop, c *cart) *slip {
	own := &slip{}
	for _, l := range c.lines {
		own.lines = append(own.lines, s.line(time, l))
	}
	own.share(c.offs)
	for i, line := range own.lines {
		if line.card != "" {
			continue
		}
		left := line.gross - line.off - line.share
		if s.inclusive {
			line.net, line.taxes = included(left, c.lines[i].of.taxes)
		} else {
			line.net, line.taxes = left, onTop(left, c.lines[i].of.taxes)
		}
		line.sum()
	}
	for _, b := range c.backs {
		own.lines = append(own.lines, d.lineBack(time, s, b))
	}
	for _, line := range own.lines {
		own.net += line.net
		own.tax += line.tax
		own.discount += line.off + line.share
	}
	own.total = own.net + own.tax
	own.settle(c.pays, s.coin)
	return own
}

// line is a line of a cart with its own discounts, before those of the whole and before tax.
func (s *shop) line(time string, l *cartLine) *slipLine {
	price, source := l.of.price(s, time)
	line := &slipLine{sku: l.of.sku, of: l.of, card: l.card, milli: l.milli, price: price, source: source}
	switch {
	case l.card != "":
		line.price, line.source, line.gross = l.load, sourceManual, l.load
		line.net, line.total = l.load, l.load
		return line
	case l.gross != nil:
		// What the package costs says how much is in it.
		line.milli, line.gross, line.source = ratio(*l.gross, unit, price), *l.gross, sourceBarcode
	case l.price != nil:
		line.price, line.source = *l.price, sourceManual
		fallthrough
	default:
		line.gross = ratio(line.milli, line.price, unit)
	}
	for _, o := range l.offs {
		line.off += o.of(line.gross - line.off)
	}
	return line
}

func (l *slipLine) sum() {
	l.tax = 0
	for _, t := range l.taxes {
		l.tax += t.amount
	}
	l.total = l.net + l.tax
}

// share spreads the discounts of the whole over the lines, in proportion to what they are left with.
func (s *slip) share(offs []off) {
	for _, o := range offs {
		weights, left := make([]int64, len(s.lines)), int64(0)
		for i, line := range s.lines {
			if line.card == "" {
				weights[i] = line.gross - line.off - line.share
				left += weights[i]
			}
		}
		for i, part := range spread(o.of(left), weights) {
			s.lines[i].share += part
		}
	}
}

// lineBack is a line of what comes back: at what was paid for it, or without a receipt at the price of the moment.
func (d *day) lineBack(time string, s *shop, b cartBack) *slipLine {
	line := &slipLine{back: true, restock: b.restock, milli: -b.milli}
	if b.of != nil {
		line.of, line.sku = b.of, b.of.sku
		line.price, line.source = b.of.price(s, time)
		line.gross = ratio(b.milli, line.price, unit)
		if s.inclusive {
			line.net, line.taxes = included(line.gross, b.of.taxes)
		} else {
			line.net, line.taxes = line.gross, onTop(line.gross, b.of.taxes)
		}
		line.sum()
		return line.negative()
	}
	sold := d.slips[b.sale].lines[b.line]
	line.from, line.of, line.sku, line.price, line.source = sold, sold.of, sold.sku, sold.price, sourceOriginal
	// Each amount goes with the quantity that will have come back in all, so that the parts add up to the line.
	upTo := sold.came.milli + b.milli
	due := func(all, paid int64) int64 { return ratio(all, upTo, sold.milli) - paid }
	line.off, line.share = due(sold.off, sold.came.off), due(sold.share, sold.came.share)
	line.tax = due(sold.tax, sold.came.tax)
	if s.inclusive {
		line.net = due(sold.total, sold.came.net+sold.came.tax) - line.tax
	} else {
		line.net = due(sold.net, sold.came.net)
	}
	line.total = line.net + line.tax
	if line.gross = line.net + line.off + line.share; s.inclusive {
		line.gross += line.tax
	}
	var weights []int64
	for _, t := range sold.taxes {
		weights = append(weights, t.amount)
	}
	for i, part := range spread(line.tax, weights) {
		t := levied{levy: sold.taxes[i].levy, amount: part}
		t.base = line.net + before(line.taxes, t.compound)
		line.taxes = append(line.taxes, t)
	}
	return line.negative()
}

// negative turns the amounts of what comes back.
func (l *slipLine) negative() *slipLine {
	for _, n := range []*int64{&l.gross, &l.off, &l.share, &l.net, &l.tax, &l.total} {
		*n = -*n
	}
	for i := range l.taxes {
		l.taxes[i].base, l.taxes[i].amount = -l.taxes[i].base, -l.taxes[i].amount
	}
	return l
}

// settle pays a slip, or pays back: what is settled in cash is rounded to the smallest coin.
func (s *slip) settle(tenders []tender, coin int64) {
	sign := int64(1)
	if s.total < 0 {
		sign = -1
	}
	due, byCash, inCash := s.total*sign, int64(0), false
	for _, t := range tenders {
		if t.method == methodCash {
			byCash += t.given
			inCash = true
		} else {
			due -= t.given
		}
	}
	if inCash && coin > 1 {
		rounded := ratio(due, 1, coin) * coin
		s.rounding = (rounded - due) * sign
		due = rounded
	}
	s.total += s.rounding
	for _, t := range tenders {
		p := payment{method: t.method, card: t.card, tendered: t.given, amount: t.given}
		switch {
		case t.given == 0:
			p.tendered, p.amount = due, due
		case t.method == methodCash:
			p.amount = due
		}
		p.tendered, p.amount = p.tendered*sign, p.amount*sign
		s.pays = append(s.pays, p)
	}
	switch {
	case sign < 0:
		s.refunded = -s.total
	case byCash > 0:
		s.change = byCash - due
	}
	if sign > 0 {
		s.tendered = s.total + s.change
	}
}
