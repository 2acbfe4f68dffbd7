package demoday

import "strings"

// cart is what is asked for in one sale.
type cart struct {
	// name is what later steps call the sale.
	name  string
	lines []*cartLine
	backs []cartBack
	offs  []off
	pays  []tender
	who   *customer
	// number is the till's own, where it numbers its receipts itself.
	number int64
	parked *string
	// again says that it is sent twice.
	again bool
	// now says that it happens at this moment, and not at a time of the story.
	now bool
	// late says that it comes when its session is closed; it happened at the session's opening.
	late bool
}

type cartLine struct {
	of    *product
	milli int64
	// barcode names the product in place of its id; of a scale's, packages says how many were scanned.
	barcode  string
	packages int64
	// gross is what a scale printed, price what a person says, and why.
	gross, price *int64
	why          string
	offs         []off
	// card and load are the code of a gift card and what goes on it.
	card string
	load int64
}

// cartBack is what comes back: of a line of an earlier sale, or of a product without a receipt.
type cartBack struct {
	sale    string
	line    int
	of      *product
	milli   int64
	restock bool
	why     string
}

// off is a discount: a share in parts per million, or an amount.
type off struct {
	ppm, fixed int64
	why        string
}

// of is what it takes off an amount.
func (o off) of(left int64) int64 {
	if o.ppm > 0 {
		return ratio(left, o.ppm, whole)
	}
	return min(o.fixed, left)
}

// tender is how a sale is paid; given is 0 for what is left to be paid.
type tender struct {
	method    string
	given     int64
	reference string
	card      string
}

// part is one thing about a cart.
type part func(*cart)

func fill(parts []part) *cart {
	c := &cart{}
	for _, p := range parts {
		p(c)
	}
	return c
}

// pieces are so many of a product.
func pieces(n int64, p *product) part { return measure(n*unit, p) }

// measure is so much of a product, in thousandths of its unit.
func measure(n int64, p *product) part {
	return func(c *cart) { c.lines = append(c.lines, &cartLine{of: p, milli: n}) }
}

// scanned are so many of a product, named by its barcode.
func scanned(n int64, p *product) part {
	return func(c *cart) {
		c.lines = append(c.lines, &cartLine{of: p, milli: n * unit, barcode: p.barcode, packages: n})
	}
}

// weighed is a package on whose barcode a scale wrote the weight in grams.
func weighed(grams int64, p *product) part {
	return func(c *cart) {
		c.lines = append(c.lines, &cartLine{of: p, milli: grams, barcode: p.scale.code(grams), packages: 1})
	}
}

// priced is a package on whose barcode a scale wrote what it costs.
func priced(cents int64, p *product) part {
	return func(c *cart) {
		bought := ratio(cents, unit, p.base)
		c.lines = append(c.lines, &cartLine{of: p, milli: bought, gross: &cents, barcode: p.scale.code(cents), packages: 1})
	}
}

// loaded is a gift card with money on it.
func loaded(amount int64, card string, p *product) part {
	return func(c *cart) {
		c.lines = append(c.lines, &cartLine{of: p, milli: unit, card: card, load: amount})
	}
}

// back is what comes back of a line of an earlier sale, counted from 0.
func back(n int64, sale string, line int, restock bool, why string) part {
	return func(c *cart) {
		c.backs = append(c.backs, cartBack{sale: sale, line: line, milli: n, restock: restock, why: why})
	}
}

// found is what comes back without its receipt.
func found(n int64, p *product, why string) part {
	return func(c *cart) { c.backs = append(c.backs, cartBack{of: p, milli: n, restock: true, why: why}) }
}

// for the last line: at a price of one's own, and with discounts.
func atPrice(price int64, why string) part {
	return func(c *cart) {
		line := c.lines[len(c.lines)-1]
		line.price, line.why = &price, why
	}
}

func less(percent int64, why string) part {
	return func(c *cart) {
		line := c.lines[len(c.lines)-1]
		line.offs = append(line.offs, off{ppm: percent * whole / 100, why: why})
	}
}

func lessFixed(amount int64, why string) part {
	return func(c *cart) {
		line := c.lines[len(c.lines)-1]
		line.offs = append(line.offs, off{fixed: amount, why: why})
	}
}

// allLess and allLessFixed are discounts on the sale as a whole.
func allLess(percent int64, why string) part {
	return func(c *cart) { c.offs = append(c.offs, off{ppm: percent * whole / 100, why: why}) }
}

func allLessFixed(amount int64, why string) part {
	return func(c *cart) { c.offs = append(c.offs, off{fixed: amount, why: why}) }
}

func pay(t tender) part { return func(c *cart) { c.pays = append(c.pays, t) } }

// The ways to pay; 0 is what is left to be paid.
func cash(given int64) part { return pay(tender{method: methodCash, given: given}) }

func card(given int64) part {
	return pay(tender{method: methodCard, given: given, reference: "AUTH-7731"})
}

func mobile(given int64) part {
	return pay(tender{method: methodMobile, given: given, reference: "SJK4H7Q2LM"})
}
func credit(given int64) part  { return pay(tender{method: methodCredit, given: given}) }
func account(given int64) part { return pay(tender{method: methodAccount, given: given}) }
func points(given int64) part  { return pay(tender{method: methodPoints, given: given}) }

func giftCard(given int64, code string) part {
	return pay(tender{method: methodGiftCard, given: given, card: code})
}

// The ways to pay, as the graph calls them.
const (
	methodCash     = "CASH"
	methodCard     = "CARD"
	methodMobile   = "MOBILE_MONEY"
	methodGiftCard = "GIFT_CARD"
	methodCredit   = "STORE_CREDIT"
	methodAccount  = "ACCOUNT"
	methodPoints   = "LOYALTY_POINTS"
)

func whose(who *customer) part { return func(c *cart) { c.who = who } }
func called(name string) part  { return func(c *cart) { c.name = name } }
func numbered(n int64) part    { return func(c *cart) { c.number = n } }
func parkedAs(id *string) part { return func(c *cart) { c.parked = id } }
func sentTwice() part          { return func(c *cart) { c.again = true } }
func sentLate() part           { return func(c *cart) { c.late = true } }

func rightNow() part { return func(c *cart) { c.now = true } }

// input is the cart as the graph takes it, with the payments of a slip.
func (c *cart) input(d *day, own *slip) vars {
	in := vars{"lines": c.lineInputs(), "discounts": offInputs(c.offs), "returns": c.backInputs(d)}
	pays := []vars{}
	for i, t := range c.pays {
		given := own.pays[i].tendered
		if given < 0 {
			given = -given
		}
		p := vars{"method": t.method, "amount": amount(given)}
		if t.reference != "" {
			p["reference"] = t.reference
		}
		if t.card != "" {
			p["giftCardCode"] = t.card
		}
		pays = append(pays, p)
	}
	in["payments"] = pays
	if c.who != nil {
		in["customerId"] = c.who.id
	}
	return in
}

func (c *cart) lineInputs() []vars {
	lines := []vars{}
	for _, l := range c.lines {
		in := vars{"discounts": offInputs(l.offs), "quantity": quantity(l.milli)}
		if l.barcode != "" {
			in["barcode"], in["quantity"] = l.barcode, quantity(l.packages*unit)
		} else {
			in["productId"] = l.of.id
		}
		if l.price != nil {
			in["unitPrice"], in["priceReason"] = amount(*l.price), l.why
		}
		if l.card != "" {
			in["giftCardCode"], in["giftCardAmount"] = l.card, amount(l.load)
		}
		lines = append(lines, in)
	}
	return lines
}

func offInputs(offs []off) []vars {
	list := []vars{}
	for _, o := range offs {
		in := vars{"kind": "FIXED", "value": amount(o.fixed), "reason": o.why}
		if o.ppm > 0 {
			in["kind"], in["value"] = "PERCENT", decimal(o.ppm, percentPlaces)
		}
		list = append(list, in)
	}
	return list
}

func (c *cart) backInputs(d *day) []vars {
	list := []vars{}
	for _, b := range c.backs {
		in := vars{"quantity": quantity(b.milli), "restock": b.restock, "reason": b.why}
		if b.of != nil {
			in["productId"] = b.of.id
		} else {
			in["saleLineId"] = d.slips[b.sale].lines[b.line].id
		}
		list = append(list, in)
	}
	return list
}

// String says what is in the cart.
func (c *cart) String() string {
	var parts []string
	for _, l := range c.lines {
		parts = append(parts, l.of.some(l.milli))
	}
	for _, b := range c.backs {
		if b.of != nil {
			parts = append(parts, "back: "+b.of.some(b.milli))
		}
	}
	return strings.Join(parts, ", ")
}
