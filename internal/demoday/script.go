package demoday

import (
	"context"
	"slices"
)

// script is the day, in its order.
func (d *day) script() []step {
	return slices.Concat(d.early(), d.beforeNoon(), d.afterNoon(), d.handedOver(), d.kiosk(), d.endOfDay())
}

func (d *day) early() []step {
	g, grace := d.goods, d.morningShift
	t1, t2 := d.shops[0].tills[0], d.shops[0].tills[1]
	at := grace.sells()
	return []step{
		d.opens("08:00", grace, t1, 2000_00),
		d.opens("08:01", d.lateShift, t2, 1500_00),
		d.sale("08:05", at, t1, pieces(2, g.bread), pieces(1, g.milk), cash(500_00), called("breakfast")),
		d.sale("08:09", at, t1, scanned(1, g.sugar), cash(0)),
		d.sale("08:12", at, t1, pieces(3, g.soda), scanned(2, g.cake), card(0)),
		d.sale("08:20", at, t1, weighed(1255, g.tomatoes), pieces(1, g.bread), cash(300_00), called("tomatoes")),
		d.sale("08:24", at, t1, priced(431_25, g.cheese), mobile(0)),
		d.sale("08:31", at, t1, measure(2500, g.cloth), pieces(1, g.delivery), card(0)),
		d.sale("08:40", at, t1, pieces(4, g.milk), cash(250_00), sentTwice()),
		d.sale("08:47", at, t1, pieces(1, g.shirtS), pieces(2, g.shirtL), card(1000_00), cash(1000_00), called("shirts")),
		d.refused("08:50", at, t1, "PRODUCT_HAS_VARIANTS", "", pieces(1, g.shirt), cash(1000_00)),
		d.sale("08:55", at, t1, pieces(6, g.beer), card(0), called("beer")),
		d.moves("09:00", grace, t1, movePaidIn, 500_00, "Change from the bank"),
		d.sale("09:03", at, t1, pieces(2, g.oil), less(5, "Dented"), cash(1000_00), called("oil")),
		d.refused("09:06", at, t1, "DISCOUNT_TOO_LARGE", amount(35_00*int64(d.settings.DiscountLimit)/(whole/10)),
			pieces(1, g.oil), less(20, "Asked for it"), cash(1000_00)),
		d.sale("09:08", d.manager.sells(), t1, pieces(1, g.oil), less(20, "Complaint"), cash(1000_00)),
		d.refused("09:10", at, t1, "PRICE_OVERRIDE_NOT_ALLOWED", "", pieces(1, g.cake), atPrice(50_00, "Yesterday's"), cash(50_00)),
		d.sale("09:11", d.manager.sells(), t1, pieces(2, g.cake), atPrice(50_00, "Yesterday's"), pieces(1, g.soap), cash(200_00)),
		d.sale("09:20", at, t1, pieces(3, g.soap), lessFixed(10_00, "Torn wrapping"), pieces(2, g.sugar), cash(500_00)),
		d.sale("09:28", at, t1, pieces(1, g.soda), pieces(1, g.cake), pieces(1, g.bread), weighed(735, g.tomatoes),
			allLessFixed(20_00, "Regular"), cash(500_00), called("regular")),
		d.sale("09:33", at, t1, pieces(7, g.milk), priced(218_40, g.cheese), pieces(2, g.beer), allLess(3, "Staff"),
			lessFixed(25_00, "Short date"), mobile(300_00), cash(1000_00)),
	}
}

func (d *day) beforeNoon() []step {
	g, grace := d.goods, d.morningShift
	t1, t2 := d.shops[0].tills[0], d.shops[0].tills[1]
	at, by := grace.sells(), t2.byItself()
	gift := "GIFT-" + d.run
	var parked string
	return []step{
		d.sale("09:40", at, t1, loaded(1000_00, gift, g.giftCard), card(0)),
		d.sale("09:46", at, t1, pieces(1, g.sugar), pieces(1, g.oil), giftCard(0, gift)),
		d.refused("09:48", at, t1, "BALANCE_TOO_LOW", amount(490_00), pieces(3, g.cake), pieces(1, g.oil), giftCard(650_00, gift)),
		d.sale("09:50", at, t1, pieces(3, g.cake), pieces(1, g.oil), giftCard(400_00, gift), cash(500_00)),
		d.sale("09:57", at, t1, whose(d.regular), pieces(2, g.sugar), pieces(1, g.shirtL), credit(300_00), cash(0)),
		d.sale("10:02", at, t1, whose(d.regular), pieces(3, g.oil), weighed(2040, g.tomatoes), card(0)),
		d.sale("10:09", at, t1, whose(d.regular), pieces(2, g.soda), points(10*d.settings.pointValue()), cash(200_00)),
		d.sale("10:15", at, t1, whose(d.hotel), pieces(20, g.bread), pieces(10, g.milk), pieces(24, g.beer), account(0), called("hotel")),
		d.refused("10:17", at, t1, "CREDIT_LIMIT_EXCEEDED", amount(12_100_00), whose(d.hotel), pieces(40, g.oil), account(0)),
		d.pays("10:20", grace, t1, d.hotel, methodCash, 5000_00),
		d.parks("10:30", at, t1, "Mr Mwangi", &parked, pieces(2, g.oil), pieces(1, g.soap)),
		d.moves("10:33", grace, t1, movePaidOut, 250_00, "Window cleaner"),
		d.sale("10:36", d.lateShift.sells(), t2, pieces(2, g.oil), pieces(2, g.soap), parkedAs(&parked), numbered(1), cash(1000_00)),
		d.refused("10:38", at, t1, "PARKED_SALE_GONE", "", pieces(2, g.oil), parkedAs(&parked), cash(1000_00)),
		d.sale("10:50", by, t2, pieces(1, g.milk), numbered(4), cash(0)),
		d.numbers("10:51", t2, 2, 3),
		d.sale("10:44", by, t2, pieces(2, g.bread), numbered(3), cash(200_00)),
		d.sale("10:41", by, t2, pieces(5, g.soda), numbered(2), mobile(0)),
		d.numbers("10:55", t2),
		d.refused("10:56", by, t2, "RECEIPT_NUMBER_TAKEN", "5", pieces(1, g.milk), numbered(3), cash(0)),
		d.sale("11:02", at, t1, pieces(1, g.lantern), card(0)),
		d.refused("11:04", by, t2, "STOCK_INSUFFICIENT", "0", pieces(1, g.lantern), numbered(5), cash(1000_00)),
		d.moves("11:10", grace, t1, moveNoSale, 0, "Gave change for a note"),
	}
}

// afterNoon is what comes back, and new prices.
func (d *day) afterNoon() []step {
	g, grace, manager := d.goods, d.morningShift, d.manager
	t1, t2 := d.shops[0].tills[0], d.shops[0].tills[1]
	at, by := grace.sells(), t2.byItself()
	return []step{
		d.sale("11:15", at, t1, back(1*unit, "shirts", 1, true, "Too large"), cash(0), called("one shirt back")),
		d.refused("11:17", at, t1, "RETURN_TOO_MUCH", "1", back(2*unit, "shirts", 1, true, "Too large"), cash(0)),
		d.sale("11:22", at, t1, back(300, "tomatoes", 0, false, "Soft"), cash(0)),
		d.sale("11:25", at, t1, back(400, "tomatoes", 0, false, "Soft too"), cash(0)),
		d.sale("11:30", at, t1, back(1*unit, "oil", 0, true, "Leaks"), pieces(1, g.oil), pieces(1, g.soda), cash(100_00)),
		d.sale("11:34", at, t1, back(1*unit, "shirts", 0, true, "Other size"), pieces(1, g.shirtL), cash(100_00)),
		d.sale("11:38", at, t1, back(1*unit, "regular", 1, true, "Two were baked"), cash(0)),
		d.sale("11:40", at, t1, whose(d.regular), back(2*unit, "beer", 0, true, "Wrong brand"), credit(0)),
		d.refused("11:42", at, t1, "RECEIPT_REQUIRED", "", found(1*unit, g.soap, "A present"), cash(0)),
		d.sale("11:44", manager.sells(), t1, found(1*unit, g.soap, "A present"), cash(0)),
		d.sale("11:58", at, t1, pieces(2, g.soda), pieces(1, g.cake), cash(500_00), called("before noon")),
		{"12:00", d.noonPrices},
		d.sale("12:01", at, t1, pieces(2, g.soda), pieces(1, g.cake), cash(500_00), called("after noon")),
		// Made offline before noon, and sent after it: the prices of its time.
		d.sale("11:59", by, t2, pieces(2, g.soda), pieces(1, g.cake), numbered(5), cash(500_00)),
		d.sale("12:05", by, t2, pieces(2, g.soda), pieces(1, g.cake), numbered(6), cash(500_00)),
		d.sale("12:10", at, t1, back(1*unit, "before noon", 0, true, "Warm"), cash(0)),
		d.xReport("12:30", grace, t1),
		d.mayNot("12:31", grace.first()+" wants to void a sale", "FORBIDDEN", func(ctx context.Context) error {
			return grace.change(ctx, `mutation($id: ID!) { done: saleVoid(id: $id, input: {reason: "x"}) {
				userErrors { code message field } } }`, vars{"id": d.slips["breakfast"].id}, nil)
		}),
		d.voids("12:33", manager, t1, "after noon", "Rung up twice"),
		d.refused("12:36", at, t1, "RETURN_SALE_VOIDED", "", back(1*unit, "after noon", 0, true, "x"), cash(0)),
		d.moves("13:00", grace, t1, moveDrop, 6000_00, "To the safe"),
	}
}

// handedOver is the afternoon, when the other shift has the drawer.
func (d *day) handedOver() []step {
	g, brian := d.goods, d.lateShift
	t1, t2 := d.shops[0].tills[0], d.shops[0].tills[1]
	at, by := brian.sells(), t2.byItself()
	gift := "SECOND-" + d.run
	steps := []step{
		d.handsOver("13:05", d.morningShift, brian, t1),
		d.sale("13:15", at, t1, loaded(500_00, gift, g.giftCard), pieces(1, g.milk), cash(1000_00), called("card to be void")),
		d.sale("13:20", at, t1, pieces(2, g.soap), giftCard(0, gift), called("soap by card")),
		d.mayNot("13:22", d.manager.first()+" wants to void the sale of a gift card that was spent", "BALANCE_SPENT", func(ctx context.Context) error {
			return d.manager.change(ctx, `mutation($id: ID!) { done: saleVoid(id: $id, input: {reason: "x"}) {
				userErrors { code message field } } }`, vars{"id": d.slips["card to be void"].id}, nil)
		}),
		d.voids("13:24", d.manager, t1, "soap by card", "Paid by cash instead"),
		d.voids("13:25", d.manager, t1, "card to be void", "The customer left"),
		d.sale("13:40", at, t1, whose(d.regular), measure(1200, g.cheese), mobile(0)),
		d.sale("14:02", at, t1, whose(d.regular), pieces(3, g.cake), points(5*d.settings.pointValue()), card(0), called("points")),
		d.sale("14:20", at, t1, whose(d.regular), back(1*unit, "points", 0, true, "Too sweet"), card(0)),
	}
	for i, time := range []string{"14:31", "14:48", "15:04", "15:27", "15:52"} {
		n := int64(i + 1)
		steps = append(steps,
			d.sale(time, at, t1, pieces(n, g.bread), weighed(310*n, g.tomatoes), scanned(1, g.soda), cash(1000_00)))
	}
	for i, time := range []string{"15:10", "15:33", "16:05"} {
		n := int64(i + 1)
		steps = append(steps, d.sale(time, by, t2, pieces(n, g.beer), priced(99_99*n, g.cheese), numbered(6+n), card(0)))
	}
	return steps
}

// kiosk is a shop whose prices are without the taxes, and where cash isn't rounded.
func (d *day) kiosk() []step {
	g, brian, k1 := d.goods, d.lateShift, d.shops[1].tills[0]
	at := brian.sells()
	return []step{
		d.opens("16:15", brian, k1, 500_00),
		d.sale("16:18", at, k1, pieces(3, g.pen), pieces(1, g.book), cash(500_00), called("pens")),
		d.sale("16:21", at, k1, pieces(2, g.beer), pieces(1, g.milk), card(0), called("kiosk beer")),
		d.sale("16:26", at, k1, pieces(7, g.pen), less(5, "A box"), pieces(3, g.book), allLessFixed(10_00, "School"), mobile(0), called("school")),
		d.sale("16:30", at, k1, back(1*unit, "pens", 0, true, "Dry"), cash(0)),
		d.sale("16:31", at, k1, back(2*unit, "school", 0, true, "Dry"), back(1*unit, "school", 1, true, "Ruled"), cash(0)),
		d.sale("16:35", at, k1, back(1*unit, "kiosk beer", 0, true, "Warm"), pieces(1, g.book), cash(0)),
		d.sale("16:40", at, k1, weighed(463, g.tomatoes), pieces(1, g.book), cash(200_00)),
		d.sale("16:43", at, k1, pieces(1, g.pen), cash(50_00), called("one pen")),
		d.voids("16:44", d.manager, k1, "one pen", "It was free"),
		d.counts("16:50", brian, k1, 0),
		d.closes("16:55", brian, k1),
	}
}

func (d *day) endOfDay() []step {
	grace, brian, manager, owner := d.morningShift, d.lateShift, d.manager, d.owner
	t1, t2 := d.shops[0].tills[0], d.shops[0].tills[1]
	limit := int64(*d.settings.TillVarianceLimit)
	return []step{
		d.mayNot("18:00", brian.first()+" wants to close without a count", "NOT_COUNTED", func(ctx context.Context) error { return t1.close(ctx, brian) }),
		d.counts("18:02", brian, t1, limit+150_00),
		d.refused("18:03", brian.sells(), t1, "TILL_SESSION_COUNTED", "", pieces(1, d.goods.milk), rightNow(), cash(100_00)),
		d.mayNot("18:04", brian.first()+" wants to close with so much missing", "APPROVAL_REQUIRED", func(ctx context.Context) error { return t1.close(ctx, brian) }),
		d.mayNot("18:05", grace.first()+" wants to approve", "FORBIDDEN", func(ctx context.Context) error { return t1.approve(ctx, grace) }),
		d.approves("18:06", manager, t1),
		d.closes("18:10", brian, t1),
		d.counts("18:20", manager, t2, limit+1_00),
		d.mayNot("18:21", manager.first()+" wants to approve of the own count", "SAME_PERSON", func(ctx context.Context) error { return t2.approve(ctx, manager) }),
		d.approves("18:22", owner, t2),
		d.closes("18:25", manager, t2),
		d.sale("18:30", t2.byItself(), t2, pieces(2, d.goods.milk), numbered(10), sentLate(), cash(0)),
		d.amended("18:31", t2),
	}
}
