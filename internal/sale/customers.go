package sale

import (
	"slices"
	"time"

	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/customer"
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/giftcard"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/ledger"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// lookLedgers adds what a sale knows of its customer and its gift cards: a statement for each where there are any,
// whatever their number.
func (f *facts) lookLedgers(h *postgres.Handle, in RecordInput) []postgres.Statement {
	var statements []postgres.Statement
	if who := f.buyer(in); who != nil {
		statements = append(statements, customer.Find(h, *who, &f.customer))
	}
	if hashes := in.cardHashes(h.Scope().Company); len(hashes) > 0 {
		statements = append(statements, giftcard.ByHash(h, hashes, &f.cards))
	}
	return statements
}

// buyer is who the input names, or else who bought all that comes back: what they earned is taken back.
func (f *facts) buyer(in RecordInput) *id.Customer {
	if in.CustomerID != nil {
		return in.CustomerID
	}
	var who *id.Customer
	for _, o := range f.originals {
		switch {
		case o.sale == nil || o.sale.CustomerID == nil || who != nil && *who != *o.sale.CustomerID:
			return nil
		default:
			who = o.sale.CustomerID
		}
	}
	return who
}

// cardHashes are those of all codes of an input that may not have been valid, each once and in order.
func (in RecordInput) cardHashes(of id.Company) [][]byte {
	var hashes [][]byte
	add := func(text *string) {
		if text == nil {
			return
		}
		if code, ok := giftcard.ParseCode(*text); ok {
			hashes = append(hashes, code.Hash(of))
		}
	}
	for _, line := range in.Lines[:min(len(in.Lines), mostLines)] {
		add(line.GiftCardCode)
	}
	for _, payment := range in.Payments[:min(len(in.Payments), mostPayments)] {
		add(payment.GiftCardCode)
	}
	slices.SortFunc(hashes, slices.Compare)
	return slices.CompactFunc(hashes, slices.Equal)
}

// ledgers is what a sale does to its customer's balances and to gift cards.
type ledgers struct {
	d       *draft
	company id.Company
	// customer is nil for an anonymous sale.
	customer *id.Customer
	settings *company.Settings
	hashes   [][]byte
	// fresh are cards that the sale brings into the world, where nobody else does.
	fresh []*giftcard.GiftCard

	// What the transaction found and does; another try begins anew.
	locked  customer.Locked
	cards   []*giftcard.GiftCard
	who     *customer.Customer
	entries []*ledger.Entry
}

// keep adds what the sale does to balances, having looked whether it can.
func (d *draft) keep(p *errs.Problems, f *facts, in RecordInput, of id.Company, settled bool) {
	if f.customer != nil && f.customer.ErasedAt != nil {
		f.customer = nil
	}
	if in.CustomerID != nil && f.customer == nil {
		p.Add(customerNotFound, []string{"customerId"}, "There is no such customer.")
	}
	for _, payment := range d.payments {
		if payment.Method.ofCustomer() && in.CustomerID == nil && f.customer == nil {
			p.Add(customerRequired, payment.at("method"), "This way to pay is a customer's: say whose.")
			settled = false
		}
	}
	l := &ledgers{d: d, company: of, settings: f.settings, hashes: in.cardHashes(of)}
	if f.customer != nil {
		d.sale.CustomerID, l.customer = &f.customer.ID, &f.customer.ID
		d.sale.CustomerGroupID = f.customer.CustomerGroupID
	}
	if !settled || in.CustomerID != nil && f.customer == nil {
		return
	}
	l.freshCards(f.cards)
	// The rules, before anything is locked: most of what is wrong is known by now, and told with all else.
	l.cards, l.who = append(slices.Clone(f.cards), l.fresh...), f.customer
	if l.plan(p); len(l.entries) == 0 {
		return
	}
	d.effects = append(d.effects, effect{first: l.first, check: l.check, last: l.last})
}

// freshCards are made of the lines that load a card which isn't there.
func (l *ledgers) freshCards(there []*giftcard.GiftCard) {
	known := map[string]bool{}
	for _, card := range there {
		known[string(card.CodeHash)] = true
	}
	for _, line := range l.d.lines {
		if line.card == "" || known[string(line.card.Hash(l.company))] {
			continue
		}
		card := &giftcard.GiftCard{
			ID: id.New[id.GiftCard](), CodeHash: line.card.Hash(l.company), LastFour: line.card.LastFour(),
			CurrencyCode: l.d.sale.CurrencyCode, Status: giftcard.Active, Version: 1,
			CreatedAt: l.d.sale.RecordedAt, UpdatedAt: l.d.sale.RecordedAt,
		}
		known[string(card.CodeHash)] = true
		l.fresh = append(l.fresh, card)
	}
	slices.SortFunc(l.fresh, func(a, b *giftcard.GiftCard) int { return slices.Compare(a.CodeHash, b.CodeHash) })
}

// first locks the customer and then the cards, each in one order, the new cards among them.
func (l *ledgers) first(tx *postgres.Tx) []postgres.Statement {
	var statements []postgres.Statement
	if l.ofCustomer() {
		statements = append(statements, l.locked.Statements(tx.Handle, *l.customer)...)
	}
	if len(l.fresh) > 0 {
		fresh := make([]*giftcard.GiftCard, len(l.fresh))
		for i, card := range l.fresh {
			one := *card
			one.BalanceMinor = 0
			fresh[i] = &one
		}
		statements = append(statements, giftcard.Create(tx.Handle, &fresh))
	}
	if len(l.hashes) > 0 {
		statements = append(statements, giftcard.Lock(tx.Handle, l.hashes, &l.cards))
	}
	return statements
}

// ofCustomer says whether the sale changes a balance of the customer's.
func (l *ledgers) ofCustomer() bool {
	return slices.ContainsFunc(l.entries, func(e *ledger.Entry) bool { return e.Ledger != ledger.GiftCard })
}

// check applies the rules to what is locked.
func (l *ledgers) check(p *errs.Problems) {
	l.who = nil
	if l.ofCustomer() {
		l.who = l.locked.Customer()
		if l.who == nil || l.who.ErasedAt != nil {
			p.Add(customerNotFound, []string{"customerId"}, "There is no such customer.")
			return
		}
		l.d.sale.CustomerID = &l.who.ID
	}
	l.plan(p)
}

func (l *ledgers) last(tx *postgres.Tx) []postgres.Statement {
	return saved(tx, l.who, l.cards, l.entries, l.d.sale.RecordedAt)
}

// saved are the statements that write balances and the entries that changed them.
func saved(
	tx *postgres.Tx, who *customer.Customer, cards []*giftcard.GiftCard, entries []*ledger.Entry, now time.Time,
) []postgres.Statement {
	var statements []postgres.Statement
	if who != nil {
		statements = append(statements, customer.Save(tx.Handle, who))
	}
	if len(cards) > 0 {
		statements = append(statements, giftcard.Save(tx.Handle, cards, now))
	}
	if len(entries) > 0 {
		statements = append(statements, ledger.Insert(tx.Handle, &entries))
	}
	return statements
}

// plan makes the entries, in the order of the input, each checked against what those before it left.
func (l *ledgers) plan(p *errs.Problems) {
	l.entries = nil
	byHash := map[string]*giftcard.GiftCard{}
	for _, card := range l.cards {
		byHash[string(card.CodeHash)] = card
	}
	for _, payment := range l.d.payments {
		switch {
		case payment.Method == GiftCard:
			l.payByCard(p, payment, byHash[string(payment.card.Hash(l.company))])
		case payment.Method.ofCustomer() && l.who != nil:
			l.payByCustomer(p, payment)
		}
	}
	for i, line := range l.d.lines {
		if line.card != "" {
			l.load(p, i, line, byHash[string(line.card.Hash(l.company))])
		}
	}
	l.earn()
}

// entry begins an entry of the sale.
func (l *ledgers) entry(kind ledger.Kind, reason ledger.Reason, minor int64) *ledger.Entry {
	return &ledger.Entry{
		Ledger: kind, Reason: reason, AmountMinor: minor, SaleID: &l.d.sale.ID, UserID: l.d.sale.CashierID,
		OccurredAt: l.d.sale.OccurredAt, RecordedAt: l.d.sale.RecordedAt,
	}
}

// payByCard takes money off a card, or puts it back.
func (l *ledgers) payByCard(p *errs.Problems, payment *Payment, card *giftcard.GiftCard) {
	field := payment.at("giftCardCode")
	if payment.card == "" {
		return // said already
	}
	if card == nil || l.isFresh(card) {
		p.Add(giftCardNotFound, field, "There is no such gift card.")
		return
	}
	if !l.usable(p, card, field) {
		return
	}
	if card.BalanceMinor < payment.AmountMinor {
		short(p, balanceTooLow, payment, amount(card.BalanceMinor, card.CurrencyCode), "There is less on the gift card.")
		return
	}
	payment.GiftCardID = &card.ID
	e := l.entry(ledger.GiftCard, ledger.Sale, -payment.AmountMinor)
	card.Move(e)
	l.entries = append(l.entries, e)
}

// isFresh says that nobody had the card before the sale.
func (l *ledgers) isFresh(card *giftcard.GiftCard) bool {
	return slices.ContainsFunc(l.fresh, func(f *giftcard.GiftCard) bool { return f.ID == card.ID })
}

// usable checks that a card takes part in sales of the day, in their currency.
func (l *ledgers) usable(p *errs.Problems, card *giftcard.GiftCard, field []string) bool {
	before := len(*p)
	switch {
	case card.Status != giftcard.Active:
		p.Add(giftCardBlocked, field, "The gift card is blocked.")
	case card.Expired(l.d.sale.BusinessDate):
		p.Add(giftCardExpired, field, "The gift card has expired.")
	case card.CurrencyCode != l.d.sale.CurrencyCode:
		p.Add(currencyMismatch, field, "The gift card is in %s.", card.CurrencyCode)
	}
	return len(*p) == before
}

func short(p *errs.Problems, code string, payment *Payment, available *money.Money, message string) {
	*p = append(*p, errs.Problem{
		Code: code, Field: payment.at("amount"), Message: message,
		Details: map[string]any{"balanceAvailable": available},
	})
}

// payByCustomer takes from a customer's balance, or gives back to it.
func (l *ledgers) payByCustomer(p *errs.Problems, payment *Payment) {
	who, minor := l.who, payment.AmountMinor
	if who.CurrencyCode != l.d.sale.CurrencyCode {
		p.Add(currencyMismatch, payment.at("method"), "The customer's balances are in %s.", who.CurrencyCode)
		return
	}
	var e *ledger.Entry
	switch payment.Method {
	case StoreCredit:
		if who.StoreCreditMinor < minor {
			short(p, balanceTooLow, payment, who.StoreCredit(), "The customer has less store credit.")
			return
		}
		e = l.entry(ledger.StoreCredit, ledger.Sale, -minor)
	case Account:
		if left := who.CreditLimitMinor - who.OwedMinor; minor > 0 && left < minor {
			short(p, creditLimitExceeded, payment, amount(max(left, 0), who.CurrencyCode),
				"This is more than the customer may still owe.")
			return
		}
		e = l.entry(ledger.Account, ledger.Sale, minor)
	default:
		if e = l.payByPoints(p, payment); e == nil {
			return
		}
	}
	who.Move(e)
	l.entries = append(l.entries, e)
}

func (l *ledgers) payByPoints(p *errs.Problems, payment *Payment) *ledger.Entry {
	if l.settings.LoyaltyValueMinor == nil {
		return nil // said already
	}
	value := *l.settings.LoyaltyValueMinor
	if payment.AmountMinor%value != 0 {
		p.Add(pointsNotWhole, payment.at("amount"), "A point pays %s: pay with whole points.",
			amount(value, payment.CurrencyCode))
		return nil
	}
	points := payment.AmountMinor / value
	if l.who.PointsBalance < points {
		*p = append(*p, errs.Problem{
			Code: balanceTooLow, Field: payment.at("amount"), Message: "The customer has fewer points.",
			Details: map[string]any{
				"balanceAvailable": amount(max(l.who.PointsBalance, 0)*value, payment.CurrencyCode),
				"pointsAvailable":  l.who.PointsBalance,
			},
		})
		return nil
	}
	return l.entry(ledger.Points, ledger.Sale, -points)
}

// load puts the price of a line on its card.
func (l *ledgers) load(p *errs.Problems, i int, line *Line, card *giftcard.GiftCard) {
	if card == nil || !l.usable(p, card, errs.Path("lines", i, "giftCardCode")) {
		return
	}
	line.GiftCardID = &card.ID
	if line.TotalMinor == 0 {
		return
	}
	e := l.entry(ledger.GiftCard, ledger.Sale, line.TotalMinor)
	card.Move(e)
	l.entries = append(l.entries, e)
}

// earn gives points for what was spent, and takes them back for what came back: not for money put on a card, nor for
// what points paid.
func (l *ledgers) earn() {
	per := l.settings.LoyaltySpendMinor
	if l.who == nil || per == nil || l.who.CurrencyCode != l.d.sale.CurrencyCode {
		return
	}
	var spent int64
	for _, line := range l.d.lines {
		if line.card == "" {
			spent += line.TotalMinor
		}
	}
	for _, payment := range l.d.payments {
		if payment.Method == LoyaltyPoints {
			spent -= payment.AmountMinor
		}
	}
	if spent == 0 {
		return
	}
	e := l.entry(ledger.Points, ledger.Earned, l.who.Earn(spent, *per))
	e.SpendMinor = spent
	l.who.Move(e)
	l.entries = append(l.entries, e)
}

// reversal takes back what a sale did to balances, of which entries were read with ledger.OfSale: for a void, at
// an instant and by a person. Money that is spent already can't be taken back, and is a problem; points that are, count below zero.
func reversal(
	entries []*ledger.Entry, settings *company.Settings, at time.Time, by *id.User,
) effect {
	r := &reversing{was: slices.Clone(entries), settings: settings, at: at, by: by}
	if len(entries) == 0 {
		return effect{}
	}
	slices.Reverse(r.was) // what came last goes first
	return effect{first: r.first, check: r.check, last: r.last}
}

type reversing struct {
	was      []*ledger.Entry
	settings *company.Settings
	at       time.Time
	by       *id.User

	locked  customer.Locked
	who     *customer.Customer
	cards   []*giftcard.GiftCard
	entries []*ledger.Entry
}

func (r *reversing) first(tx *postgres.Tx) []postgres.Statement {
	var statements []postgres.Statement
	var cards []id.GiftCard
	var who *id.Customer
	for _, e := range r.was {
		if e.GiftCardID != nil {
			cards = append(cards, *e.GiftCardID)
		} else {
			who = e.CustomerID
		}
	}
	if who != nil {
		statements = append(statements, r.locked.Statements(tx.Handle, *who)...)
	}
	if len(cards) > 0 {
		statements = append(statements, giftcard.LockByID(tx.Handle, cards, &r.cards))
	}
	return statements
}

func (r *reversing) check(p *errs.Problems) {
	r.who, r.entries = r.locked.Customer(), nil
	cards := map[id.GiftCard]*giftcard.GiftCard{}
	for _, card := range r.cards {
		cards[card.ID] = card
	}
	for _, was := range r.was {
		e := &ledger.Entry{
			Ledger: was.Ledger, Reason: ledger.Void, AmountMinor: -was.AmountMinor, SpendMinor: -was.SpendMinor,
			SaleID: was.SaleID, UserID: r.by, OccurredAt: r.at, RecordedAt: r.at,
		}
		if was.GiftCardID != nil {
			card := cards[*was.GiftCardID]
			if card.Move(e); card.BalanceMinor < 0 {
				spent(p, amount(card.BalanceMinor-e.AmountMinor, card.CurrencyCode), "gift card")
			}
		} else {
			r.back(p, was, e)
		}
		r.entries = append(r.entries, e)
	}
}

// back takes an entry of the customer's back.
func (r *reversing) back(p *errs.Problems, was, e *ledger.Entry) {
	if was.Reason == ledger.Earned && r.settings.LoyaltySpendMinor != nil {
		e.AmountMinor = r.who.Earn(e.SpendMinor, *r.settings.LoyaltySpendMinor)
	}
	if r.who.Move(e); r.who.StoreCreditMinor < 0 {
		spent(p, amount(r.who.StoreCreditMinor-e.AmountMinor, r.who.CurrencyCode), "store credit")
	}
}

func spent(p *errs.Problems, left *money.Money, what string) {
	p.Add(balanceSpent, []string{"id"}, "What the sale put on the %s was spent: %s is left.", what, left)
}

func (r *reversing) last(tx *postgres.Tx) []postgres.Statement {
	return saved(tx, r.who, r.cards, r.entries, r.at)
}
