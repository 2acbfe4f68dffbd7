package demoday

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// step is one thing that happens in the day.
type step struct {
	at string
	do func(ctx context.Context) error
}

// seller is who stands at a till: a person, or nobody but the till itself.
type seller struct {
	client

	name string
	// alone says that the till acts by itself.
	alone bool
}

func (p *person) sells() seller { return seller{client: p.client, name: p.first()} }

func (t *till) byItself() seller { return seller{client: t.device, name: "-", alone: true} }

// sale is a step that sells a cart, and checks the server's calculation and receipt against the script's.
func (d *day) sale(time string, who seller, t *till, parts ...part) step {
	c := fill(parts)
	return step{time, func(ctx context.Context) error {
		own := d.reckon(time, t.shop, c)
		if !c.late {
			if err := d.calculate(ctx, time, who, t, c, own); err != nil {
				return err
			}
		}
		server, err := d.record(ctx, time, who, t, c, own)
		if err != nil {
			return err
		}
		own.id, own.number = server.id, t.number(c)
		d.differs(fmt.Sprintf("%s #%d", t.code, own.number), differ(own, server))
		if server.number != own.number {
			d.differs(t.code, []string{fmt.Sprintf("receipt #%d came as #%d", own.number, server.number)})
		}
		for i, line := range own.lines {
			line.id = server.lines[i].id
		}
		d.booked(t, c, own)
		d.sayReceipt(time, who, t, c, own)
		if c.again {
			return d.again(ctx, time, who, t, c, own)
		}
		return nil
	}}
}

// key names a sale for the server: the same cart, the same key.
func (d *day) key(time string, t *till) string { return d.run + " " + t.code + " " + time }

// input is a cart as a till sends it.
func (d *day) input(at string, who seller, t *till, c *cart, own *slip) vars {
	in := c.input(d, own)
	switch {
	case c.late:
		in["occurredAt"] = t.opened.Format(time.RFC3339Nano)
	case !c.now:
		in["occurredAt"] = d.time(at).Format(time.RFC3339Nano)
	}
	if !who.alone {
		in["registerId"] = t.id
	}
	return in
}

func (d *day) calculate(ctx context.Context, time string, who seller, t *till, c *cart, own *slip) error {
	var found struct{ Calculation soldSale }
	if err := who.change(ctx, calculateSale, vars{"in": d.input(time, who, t, c, own)}, &found); err != nil {
		return fmt.Errorf("calculate the sale of %s: %w", time, err)
	}
	server := found.Calculation.slip()
	expected := *own
	expected.pays, expected.refunded = nil, 0
	if own.refunded > 0 {
		expected.tendered = server.tendered // a calculation has no word for what goes back
	}
	d.differs(fmt.Sprintf("%s %s, calculated", t.code, time), differ(&expected, server))
	return nil
}

// calculateSale is no mutation, but has the form of one.
const calculateSale = `query($in: SaleCalculateInput!) { done: saleCalculate(input: $in) { calculation {
	lines { ` + lineFields + ` } ` + totalFields + ` } userErrors { code message field } } }`

const recordSale = `mutation($in: SaleRecordInput!) { done: saleRecord(input: $in) { sale { ` + saleFields + ` }
	userErrors { code message field amountDue { amount } balanceAvailable { amount } maximumDiscount { amount }
		quantityAvailable quantityReturnable nextReceiptNumber } } }`

func (d *day) record(ctx context.Context, time string, who seller, t *till, c *cart, own *slip) (*slip, error) {
	in := d.input(time, who, t, c, own)
	in["idempotencyKey"] = d.key(time, t)
	if c.number > 0 {
		in["receiptNumber"] = c.number
	}
	if c.parked != nil {
		in["parkedSaleId"] = *c.parked
	}
	var made struct{ Sale soldSale }
	if err := who.change(ctx, recordSale, vars{"in": in}, &made); err != nil {
		return nil, fmt.Errorf("record the sale of %s: %w", time, err)
	}
	return made.Sale.slip(), nil
}

// again sends a sale a second time: it must answer with the same one. With another cart the key must be refused.
func (d *day) again(ctx context.Context, time string, who seller, t *till, c *cart, own *slip) error {
	server, err := d.record(ctx, time, who, t, c, own)
	if err != nil {
		return err
	}
	if server.id != own.id || server.number != own.number {
		d.differs(t.code, []string{fmt.Sprintf("sent again, #%d became #%d", own.number, server.number)})
	}
	more := *c
	more.lines = append([]*cartLine{{of: d.goods.soap, milli: unit}}, c.lines...)
	_, err = d.record(ctx, time, who, t, &more, own)
	d.mustRefuse(err, "IDEMPOTENCY_KEY_REUSED", "")
	d.say(time, "%-5s sent again it is #%d still; its key with another cart is refused: IDEMPOTENCY_KEY_REUSED", t.code, own.number)
	return nil
}

// refused is a step that tries to sell a cart, and must be refused with a code, and a number that comes with it.
func (d *day) refused(time string, who seller, t *till, code, said string, parts ...part) step {
	c := fill(parts)
	return step{time, func(ctx context.Context) error {
		_, err := d.record(ctx, time, who, t, c, d.reckon(time, t.shop, c))
		if err != nil && refusedWith(err) == nil {
			return err
		}
		d.mustRefuse(err, code, said)
		if said != "" {
			said = " (" + said + ")"
		}
		d.say(time, "%-5s %-7s %s: refused, %s%s", t.code, who.name, c.story(), code, said)
		return nil
	}}
}

// mustRefuse notes where something was not refused as it should be.
func (d *day) mustRefuse(err error, code, said string) {
	r := refusedWith(err)
	switch {
	case err == nil:
		d.differs(code, []string{"it was not refused"})
	case r == nil || r[0].Code != code:
		d.differs(code, []string{fmt.Sprintf("it was refused otherwise: %v", err)})
	case r.said() != said:
		d.differs(code, []string{fmt.Sprintf("it says %q, not %q", r.said(), said)})
	}
}

// booked takes a sale into the script's own books.
func (d *day) booked(t *till, c *cart, own *slip) {
	if c.name != "" {
		d.slips[c.name] = own
	}
	d.sold++
	if c.late {
		t.late = append(t.late, own)
	} else {
		t.own.sales = append(t.own.sales, own)
	}
	if len(c.backs) > 0 && len(c.lines) == 0 {
		d.returned++
	}
	d.move(own, c.who, 1)
	d.shelve(t.shop, own, 1)
	for _, line := range own.lines {
		if from := line.from; from != nil {
			from.came.milli -= line.milli
			from.came.off -= line.off
			from.came.share -= line.share
			from.came.net -= line.net
			from.came.tax -= line.tax
		}
	}
	own.who = c.who
}

// shelve moves the stock as a slip does, or with -1 takes it back.
func (d *day) shelve(s *shop, own *slip, sign int64) {
	for _, line := range own.lines {
		if line.of.stocked() && (!line.back || line.restock) {
			s.stock[line.of] -= sign * line.milli
		}
	}
}

// voids is a step that takes a sale back whole.
func (d *day) voids(time string, who *person, t *till, name, why string) step {
	return step{time, func(ctx context.Context) error {
		own := d.slips[name]
		var done struct{ Sale soldSale }
		if err := who.change(ctx, `mutation($id: ID!, $why: String!) { done: saleVoid(id: $id, input: {reason: $why}) {
			sale { `+saleFields+` } userErrors { code message field } } }`, vars{"id": own.id, "why": why}, &done); err != nil {
			return fmt.Errorf("void a sale: %w", err)
		}
		if done.Sale.Status != "VOIDED" || done.Sale.ReceiptNumber != own.number {
			d.differs("the void", []string{fmt.Sprintf("#%d is %s", done.Sale.ReceiptNumber, done.Sale.Status)})
		}
		t.own.voided = append(t.own.voided, own)
		d.move(own, own.who, -1)
		d.shelve(t.shop, own, -1)
		d.say(time, "%-5s %-7s #%d of %s is void: %s", t.code, who.first(), own.number, pretty(own.total), strings.ToLower(why))
		return nil
	}}
}

// mayNot is a step that somebody tries and must not do.
func (d *day) mayNot(time, what, code string, do func(ctx context.Context) error) step {
	return step{time, func(ctx context.Context) error {
		err := do(ctx)
		if err != nil && refusedWith(err) == nil {
			return err
		}
		d.mustRefuse(err, code, "")
		d.say(time, "%-5s %s: refused, %s", "", what, code)
		return nil
	}}
}

// parks is a step that puts a cart aside at a till; id becomes what it is taken up with.
func (d *day) parks(time string, who seller, t *till, label string, id *string, parts ...part) step {
	c := fill(parts)
	return step{time, func(ctx context.Context) error {
		lines := []vars{}
		for _, l := range c.lines {
			lines = append(lines, vars{"productId": l.of.id, "quantity": quantity(l.milli)})
		}
		var made struct{ ParkedSale struct{ ID string } }
		if err := who.change(ctx, `mutation($in: ParkedSaleCreateInput!) { done: parkedSaleCreate(input: $in) {
			parkedSale { id } userErrors { code message field } } }`, vars{"in": vars{
			"idempotencyKey": d.key(time, t), "registerId": t.id, "label": label, "lines": lines,
		}}, &made); err != nil {
			return fmt.Errorf("park a sale: %w", err)
		}
		*id = made.ParkedSale.ID
		d.say(time, "%-5s %-7s %s is put aside for %q", t.code, who.name, c, label)
		return nil
	}}
}
