package demoday

import (
	"context"
	"fmt"
	"slices"
)

// readBooks reads back what a till's session is made of: its receipts and the movements of its drawer. What customers
// paid towards accounts comes from their ledgers, which don't say at which till: the day has it all at one.
func (d *day) readBooks(ctx context.Context, t *till) (*books, error) {
	b := &books{counted: t.own.counted}
	if err := d.readSales(ctx, t, b); err != nil {
		return nil, err
	}
	var data struct {
		TillSession struct {
			OpeningFloat    minor
			DrawerMovements struct{ Nodes []moved }
		}
	}
	if err := d.manager.ask(ctx, `query($id: ID!) { tillSession(id: $id) { openingFloat { amount }
		drawerMovements(first: 100) { nodes { kind amount { amount } } } } }`, vars{"id": t.session}, &data); err != nil {
		return nil, fmt.Errorf("read the drawer of %s: %w", t.code, err)
	}
	b.float, b.moved = int64(data.TillSession.OpeningFloat), data.TillSession.DrawerMovements.Nodes
	if len(t.own.paid) == 0 {
		return b, nil
	}
	entries, err := d.entries(ctx, "customer", d.hotel.id)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Reason == "PAYMENT" {
			n := -int64(e.Amount)
			b.paid = append(b.paid, payment{method: t.own.paid[0].method, tendered: n, amount: n})
		}
	}
	return b, nil
}

const pageOfSales = 10

// readSales reads the session's receipts page by page; those that came late are not in its Z report.
func (d *day) readSales(ctx context.Context, t *till, b *books) error {
	var after *string
	for {
		var data struct {
			TillSession struct {
				Sales struct {
					Nodes    []soldSale
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		if err := d.manager.ask(ctx, `query($id: ID!, $first: Int!, $after: String) { tillSession(id: $id) {
			sales(first: $first, after: $after) { nodes { `+saleFields+` } pageInfo { hasNextPage endCursor } } } }`,
			vars{"id": t.session, "first": pageOfSales, "after": after}, &data); err != nil {
			return fmt.Errorf("read the receipts of %s: %w", t.code, err)
		}
		for _, sold := range data.TillSession.Sales.Nodes {
			s := sold.slip()
			if slices.ContainsFunc(t.late, func(late *slip) bool { return late.id == s.id }) {
				continue
			}
			b.sales = append(b.sales, s)
			if sold.Status == "VOIDED" {
				b.voided = append(b.voided, s)
			}
		}
		if !data.TillSession.Sales.PageInfo.HasNextPage {
			return nil
		}
		after = &data.TillSession.Sales.PageInfo.EndCursor
	}
}

// check compares everything at the end of the day.
func (d *day) check(ctx context.Context) error {
	for _, s := range d.shops {
		for _, t := range s.tills {
			if err := d.checkTill(ctx, t); err != nil {
				return err
			}
		}
	}
	for _, s := range d.shops {
		if err := d.checkStock(ctx, s); err != nil {
			return err
		}
	}
	return d.checkBalances(ctx)
}

func (d *day) checkTill(ctx context.Context, t *till) error {
	read, err := d.readBooks(ctx, t)
	if err != nil {
		return err
	}
	d.table(fmt.Sprintf("Z report %d of till %s in %s", t.z.Number, t.code, t.shop.name),
		t.z.Figures.figures(), t.own.figures(), read.figures())
	return nil
}

type level struct {
	Store     struct{ ID string }
	Quantity  thousandths
	Movements struct {
		Nodes []struct{ Quantity thousandths }
	}
}

// checkStock compares levels, the sums of their movements and the script's own.
func (d *day) checkStock(ctx context.Context, s *shop) error {
	products, right := 0, 0
	for _, p := range d.goods.all() {
		if !p.stocked() {
			continue
		}
		products++
		var data struct {
			Product struct {
				Inventory struct{ Nodes []level }
			}
		}
		if err := d.owner.ask(ctx, `query($id: ID!) { product(id: $id) { inventory { nodes { store { id } quantity
			movements(first: 100) { nodes { quantity } } } } } }`, vars{"id": p.id}, &data); err != nil {
			return fmt.Errorf("read the stock of %s: %w", p.name, err)
		}
		levels := data.Product.Inventory.Nodes
		at := slices.IndexFunc(levels, func(l level) bool { return l.Store.ID == s.id })
		if at < 0 {
			d.differs(p.name, []string{"it has no stock level in " + s.name})
			continue
		}
		is, sum := levels[at], thousandths(0)
		for _, m := range is.Movements.Nodes {
			sum += m.Quantity
		}
		if int64(is.Quantity) != s.stock[p] || sum != is.Quantity {
			d.differs(p.name, []string{fmt.Sprintf("there is %s of it in %s, its movements come to %s, it should be %s",
				quantity(int64(is.Quantity)), s.name, quantity(int64(sum)), quantity(s.stock[p]))})
			continue
		}
		right++
	}
	d.line("%s: the stock of %d of %d products is what it should be, and the sum of its movements.", s.name, right, products)
	return nil
}

type entry struct {
	Ledger, Reason       string
	Amount, BalanceAfter minor
}

// entries are those of a customer's ledger or a gift card's.
func (d *day) entries(ctx context.Context, kind, id string) ([]entry, error) {
	var data struct {
		Of struct {
			LedgerEntries struct{ Nodes []entry }
		}
	}
	if err := d.manager.ask(ctx, "query($id: ID!) { of: "+kind+`(id: $id) { ledgerEntries(first: 100) { nodes {
		ledger reason amount balanceAfter } } } }`, vars{"id": id}, &data); err != nil {
		return nil, fmt.Errorf("read a ledger: %w", err)
	}
	return data.Of.LedgerEntries.Nodes, nil
}

// checkBalances compares balances, the sums of their ledgers and the script's own.
func (d *day) checkBalances(ctx context.Context) error {
	for _, c := range []*customer{d.regular, d.hotel} {
		var data struct {
			Customer struct {
				StoreCredit, AccountBalance minor
				LoyaltyPoints               int64
			}
		}
		if err := d.manager.ask(ctx, `query($id: ID!) { customer(id: $id) { storeCredit { amount } accountBalance { amount }
			loyaltyPoints } }`, vars{"id": c.id}, &data); err != nil {
			return fmt.Errorf("read the balances of %s: %w", c.name, err)
		}
		entries, err := d.entries(ctx, "customer", c.id)
		if err != nil {
			return err
		}
		sums := map[string]int64{}
		for _, e := range entries {
			sums[e.Ledger] += int64(e.Amount)
		}
		d.balance(c.name+"'s store credit", int64(data.Customer.StoreCredit), c.credit, sums["STORE_CREDIT"])
		d.balance(c.name+"'s account", int64(data.Customer.AccountBalance), c.owed, sums["ACCOUNT"])
		// Points are whole, and were read as amounts.
		d.balance(c.name+"'s points", data.Customer.LoyaltyPoints*100, c.points*100, sums["LOYALTY_POINTS"])
	}
	for code, should := range d.cards {
		var data struct {
			GiftCardByCode struct {
				ID      string
				Balance minor
			}
		}
		if err := d.manager.ask(ctx, "query($code: String!) { giftCardByCode(code: $code) { id balance { amount } } }",
			vars{"code": code}, &data); err != nil {
			return fmt.Errorf("read a gift card: %w", err)
		}
		entries, err := d.entries(ctx, "giftCard", data.GiftCardByCode.ID)
		if err != nil {
			return err
		}
		sum := int64(0)
		for _, e := range entries {
			sum += int64(e.Amount)
		}
		d.balance("gift card "+code, int64(data.GiftCardByCode.Balance), should, sum)
	}
	d.line("The balances of 2 customers and %d gift cards are what they should be, and the sums of their ledgers.", len(d.cards))
	return nil
}

func (d *day) balance(what string, is, should, sum int64) {
	if is != should || sum != should {
		d.differs(what, []string{fmt.Sprintf("it is %s, its entries come to %s, it should be %s", pretty(is), pretty(sum), pretty(should))})
	}
}
