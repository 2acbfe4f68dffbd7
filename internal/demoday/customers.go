package demoday

import (
	"context"
	"fmt"
	"slices"
)

// customer is somebody who buys, with the balances that they should have, in minor units and points.
type customer struct {
	id, name            string
	credit, owed, limit int64
	points, carried     int64
}

// earn gives a point for each so much that was spent; what is left over counts towards the next.
func (c *customer) earn(spent, per int64) {
	sum := c.carried + spent
	points := sum / per
	if sum%per < 0 {
		points--
	}
	c.points, c.carried = c.points+points, sum-points*per
}

// move does to the balances what a slip does, or with -1 takes it back.
func (d *day) move(s *slip, who *customer, sign int64) {
	spent := int64(0)
	for _, line := range s.lines {
		if line.card != "" {
			d.cards[line.card] += sign * line.total
		} else {
			spent += line.total
		}
	}
	for _, p := range s.pays {
		switch p.method {
		case methodGiftCard:
			d.cards[p.card] -= sign * p.amount
		case methodCredit:
			who.credit -= sign * p.amount
		case methodAccount:
			who.owed += sign * p.amount
		case methodPoints:
			who.points -= sign * p.amount / d.settings.pointValue()
			spent -= p.amount
		}
	}
	if who != nil {
		who.earn(sign*spent, d.settings.spendPerPoint())
	}
}

func (d *day) makeCustomers(ctx context.Context) error {
	d.regular = &customer{name: "Wambui of " + d.run, credit: 300_00}
	d.hotel = &customer{name: "Hotel of " + d.run, limit: 20_000_00}
	for _, c := range []*customer{d.regular, d.hotel} {
		var made struct {
			Customer struct {
				ID      string
				Version int64
			}
		}
		if err := d.manager.change(ctx, `mutation($in: CustomerCreateInput!) { done: customerCreate(input: $in) {
			customer { id version } userErrors { code message field } } }`, vars{"in": vars{"name": c.name}}, &made); err != nil {
			return fmt.Errorf("make a customer: %w", err)
		}
		c.id = made.Customer.ID
		if err := d.manager.change(ctx, `mutation($id: ID!, $version: Int!, $limit: Decimal!) {
			done: customerCreditLimitSet(id: $id, version: $version, creditLimit: $limit) { userErrors { code message field } } }`,
			vars{"id": c.id, "version": made.Customer.Version, "limit": amount(c.limit)}, nil); err != nil {
			return fmt.Errorf("give a customer a limit: %w", err)
		}
	}
	if err := d.manager.change(ctx, `mutation($in: CustomerCreditAdjustInput!) { done: customerCreditAdjust(input: $in) {
		userErrors { code message field } } }`, vars{"in": vars{
		"idempotencyKey": d.run, "customerId": d.regular.id, "ledger": "STORE_CREDIT", "amount": amount(d.regular.credit),
		"reason": "Brought forward",
	}}, nil); err != nil {
		return fmt.Errorf("give a customer credit: %w", err)
	}
	return nil
}

// settings are those of the company's that the day depends on.
type settings struct {
	Version                                 int64
	TillSessionRequired                     bool
	TillVarianceLimit                       *minor
	DiscountLimit                           rate
	LoyaltySpendPerPoint, LoyaltyPointValue *minor
	PaymentMethods, RefundMethods           []string
	ReturnDays                              *int
}

func (s *settings) spendPerPoint() int64 { return int64(*s.LoyaltySpendPerPoint) }
func (s *settings) pointValue() int64    { return int64(*s.LoyaltyPointValue) }

const settingsFields = `version tillSessionRequired tillVarianceLimit discountLimit loyaltySpendPerPoint { amount }
	loyaltyPointValue { amount } paymentMethods refundMethods returnDays`

func (d *day) readSettings(ctx context.Context) (*settings, error) {
	var data struct{ Company struct{ Settings settings } }
	if err := d.owner.ask(ctx, "{ company { settings { "+settingsFields+" } } }", nil, &data); err != nil {
		return nil, fmt.Errorf("read the company's settings: %w", err)
	}
	return &data.Company.Settings, nil
}

// needSettings changes those settings with which the day can't be: they are put back at its end.
func (d *day) needSettings(ctx context.Context) error {
	before, err := d.readSettings(ctx)
	if err != nil {
		return err
	}
	need, restore := vars{}, vars{}
	want := func(ok bool, name string, value, was any) {
		if !ok {
			need[name], restore[name] = value, was
		}
	}
	text := func(m *minor) any {
		if m == nil {
			return nil
		}
		return amount(int64(*m))
	}
	const tenPercent, twentyPercent = whole / 10, whole / 5
	want(before.TillVarianceLimit != nil && *before.TillVarianceLimit < 200_00, "tillVarianceLimit", "100", text(before.TillVarianceLimit))
	want(before.DiscountLimit >= tenPercent && before.DiscountLimit < twentyPercent,
		"discountLimit", "10", decimal(int64(before.DiscountLimit), percentPlaces))
	want(before.LoyaltySpendPerPoint != nil, "loyaltySpendPerPoint", "100", nil)
	want(before.LoyaltyPointValue != nil, "loyaltyPointValue", "1", nil)
	want(before.ReturnDays == nil || *before.ReturnDays >= 0, "returnDays", nil, before.ReturnDays)
	all := []string{methodCash, methodCard, methodMobile, methodGiftCard, methodCredit, methodAccount, methodPoints}
	want(hasAll(before.PaymentMethods, all), "paymentMethods", all, before.PaymentMethods)
	back := []string{methodCash, methodCard, methodCredit}
	want(hasAll(before.RefundMethods, back), "refundMethods", back, before.RefundMethods)
	d.restore, d.settings = restore, before
	if len(need) == 0 {
		return nil
	}
	if err := d.changeSettings(ctx, before.Version, need); err != nil {
		return err
	}
	d.settings, err = d.readSettings(ctx)
	return err
}

func hasAll(list, all []string) bool {
	return !slices.ContainsFunc(all, func(one string) bool { return !slices.Contains(list, one) })
}

func (d *day) changeSettings(ctx context.Context, version int64, in vars) error {
	in["version"] = version
	if err := d.owner.change(ctx, `mutation($in: CompanySettingsUpdateInput!) { done: companySettingsUpdate(input: $in) {
		userErrors { code message field } } }`, vars{"in": in}, nil); err != nil {
		return fmt.Errorf("change the company's settings: %w", err)
	}
	return nil
}

func (d *day) putSettingsBack(ctx context.Context) error {
	if len(d.restore) == 0 {
		return nil
	}
	now, err := d.readSettings(ctx)
	if err != nil {
		return err
	}
	return d.changeSettings(ctx, now.Version, d.restore)
}
