package demoday

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// shop is a store of the day.
type shop struct {
	id, code, name string
	inclusive      bool
	coin           int64
	// number is its place in the day's shops.
	number int
	tills  []*till
	// stock is what should be there, by product.
	stock map[*product]int64
}

// open makes the shops with their tills, goods and prices.
func (d *day) open(ctx context.Context) error {
	for _, s := range []*shop{
		{code: d.run, name: "Demo day " + d.run, inclusive: true, coin: 100},
		{code: d.run + "-K", name: "Demo day " + d.run + ", kiosk"},
	} {
		if err := d.openShop(ctx, s); err != nil {
			return err
		}
	}
	for _, p := range []*person{d.manager, d.morningShift, d.lateShift} {
		if err := d.letIn(ctx, p); err != nil {
			return err
		}
	}
	for _, do := range []func(context.Context) error{d.makeTaxes, d.makeScales, d.makeProducts, d.makeStock, d.makeCustomers} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *day) openShop(ctx context.Context, s *shop) error {
	var made struct {
		Store struct {
			ID, TimeZone string
			CashRounding struct{ Amount string }
		}
	}
	in := vars{
		"code": s.code, "name": s.name, "timeZone": d.zoneName, "taxRate": "0", "pricesIncludeTax": s.inclusive,
		"address": "Market Street", "cashRounding": quantity(s.coin * unit / 100),
	}
	if err := d.owner.change(ctx, `mutation($in: StoreCreateInput!) { done: storeCreate(input: $in) {
		store { id timeZone cashRounding { amount } } userErrors { code message field } } }`, vars{"in": in}, &made); err != nil {
		return fmt.Errorf("open a shop: %w", err)
	}
	s.id, s.number, s.stock = made.Store.ID, len(d.shops), map[*product]int64{}
	d.shops = append(d.shops, s)
	if made.Store.CashRounding.Amount != amount(s.coin) {
		return errors.New("the prices of the script are in a currency with two decimals: the company has another")
	}
	tills := []string{"T1", "T2"}
	if !s.inclusive {
		tills = []string{"K1"}
	}
	for _, code := range tills {
		if err := d.makeTill(ctx, s, code); err != nil {
			return fmt.Errorf("put till %s into the shop: %w", code, err)
		}
	}
	return nil
}

func (d *day) makeTill(ctx context.Context, s *shop, code string) error {
	t := &till{code: code, shop: s, next: 1}
	var made struct{ Register struct{ ID string } }
	if err := d.owner.change(ctx, `mutation($in: RegisterCreateInput!) { done: registerCreate(input: $in) {
		register { id } userErrors { code message field } } }`,
		vars{"in": vars{"storeId": s.id, "code": code, "name": "Till " + code}}, &made); err != nil {
		return err
	}
	t.id = made.Register.ID
	var key struct{ DeviceKey string }
	if err := d.owner.change(ctx, `mutation($id: ID!) { done: registerKeyRotate(id: $id) {
		deviceKey userErrors { code message field } } }`, vars{"id": t.id}, &key); err != nil {
		return err
	}
	t.device = d.server.as(key.DeviceKey)
	s.tills = append(s.tills, t)
	return nil
}

// makeTaxes makes the tax categories of the day, or finds those of a day before.
func (d *day) makeTaxes(ctx context.Context) error {
	var data struct {
		TaxCategories struct{ Nodes []struct{ ID, Name string } }
	}
	if err := d.owner.ask(ctx, "{ taxCategories(first: 200) { nodes { id name } } }", nil, &data); err != nil {
		return fmt.Errorf("look for tax categories: %w", err)
	}
	for category, taxes := range levies() {
		name := "Demo day: " + category
		for _, there := range data.TaxCategories.Nodes {
			if there.Name == name {
				d.taxes[category] = there.ID
			}
		}
		if d.taxes[category] != "" {
			continue
		}
		rates := []vars{}
		for _, t := range taxes {
			rates = append(rates, vars{"name": t.name, "code": t.code, "rate": decimal(t.ppm, percentPlaces), "compound": t.compound})
		}
		var made struct{ TaxCategory struct{ ID string } }
		if err := d.owner.change(ctx, `mutation($in: TaxCategoryCreateInput!) { done: taxCategoryCreate(input: $in) {
			taxCategory { id } userErrors { code message field } } }`,
			vars{"in": vars{"name": name, "rates": rates}}, &made); err != nil {
			return fmt.Errorf("make a tax category: %w", err)
		}
		d.taxes[category] = made.TaxCategory.ID
	}
	return nil
}

type barcodeRule struct {
	Prefix                            string
	ItemDigits, ValueDigits, Decimals int
	ValueCheckDigit                   bool
	ValueKind                         string
}

// makeScales finds the company's rules for barcodes with a weight and with a price in them, or makes them.
func (d *day) makeScales(ctx context.Context) error {
	var data struct {
		BarcodeRules struct{ Nodes []barcodeRule }
	}
	if err := d.owner.ask(ctx, `{ barcodeRules { nodes { prefix itemDigits valueDigits valueCheckDigit valueKind decimals } } }`,
		nil, &data); err != nil {
		return fmt.Errorf("look for barcode rules: %w", err)
	}
	for p, rule := range map[*product]barcodeRule{
		d.goods.tomatoes: {Prefix: "27", ItemDigits: 5, ValueDigits: 5, ValueKind: "WEIGHT", Decimals: milli},
		d.goods.cheese:   {Prefix: "26", ItemDigits: 5, ValueDigits: 5, ValueKind: "PRICE", Decimals: places},
	} {
		at := slices.IndexFunc(data.BarcodeRules.Nodes, func(r barcodeRule) bool {
			return r.ValueKind == rule.ValueKind && r.Decimals == rule.Decimals && r.ValueDigits >= rule.ValueDigits
		})
		if at >= 0 {
			rule = data.BarcodeRules.Nodes[at]
		} else if err := d.makeRule(ctx, data.BarcodeRules.Nodes, rule); err != nil {
			return err
		}
		p.scale = &scale{
			prefix: rule.Prefix, itemDigits: rule.ItemDigits, checkDigit: rule.ValueCheckDigit, valueDigits: rule.ValueDigits,
		}
		if err := d.freeItem(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (d *day) makeRule(ctx context.Context, there []barcodeRule, rule barcodeRule) error {
	if slices.ContainsFunc(there, func(r barcodeRule) bool { return r.Prefix == rule.Prefix }) {
		return fmt.Errorf("the company has another rule for barcodes that begin with %s", rule.Prefix)
	}
	if err := d.owner.change(ctx, `mutation($in: BarcodeRuleSetInput!) { done: barcodeRuleSet(input: $in) {
		userErrors { code message field } } }`, vars{"in": vars{
		"prefix": rule.Prefix, "itemDigits": rule.ItemDigits, "valueDigits": rule.ValueDigits,
		"valueKind": rule.ValueKind, "decimals": rule.Decimals,
	}}, nil); err != nil {
		return fmt.Errorf("make a rule for barcodes: %w", err)
	}
	return nil
}

// freeItem finds a number by which no other product is known to the scales.
func (d *day) freeItem(ctx context.Context, p *product) error {
	most := int64(1)
	for range p.scale.itemDigits {
		most *= 10
	}
	const tries = 100
	for try := range int64(tries) {
		p.scale.item = (d.number + try*7919) % most
		var data struct{ ProductByBarcode *struct{ ID string } }
		if err := d.owner.ask(ctx, "query($code: String!) { productByBarcode(barcode: $code) { id } }",
			vars{"code": p.scale.code(1)}, &data); err != nil {
			return fmt.Errorf("look for a number for the scales: %w", err)
		}
		if data.ProductByBarcode == nil {
			p.barcode = p.scale.code(0)
			return nil
		}
	}
	return errors.New("found no number for the scales that is free")
}

func (d *day) makeProducts(ctx context.Context) error {
	d.goods.name(d.run, d.number)
	for _, p := range d.goods.all() {
		in := vars{
			"sku": p.sku, "name": p.name, "type": p.kind, "unit": p.unit, "basePrice": amount(p.base),
			"taxable": p.category != "",
		}
		if p.category != "" {
			in["taxCategoryId"] = d.taxes[p.category]
		}
		if p.barcode != "" {
			in["barcodes"] = []string{p.barcode}
		}
		if p.short {
			in["negativeStockAllowed"] = false
		} else if p.stocked() {
			in["negativeStockAllowed"] = true
		}
		if p == d.goods.shirt {
			in["optionNames"] = []string{"Size"}
		}
		if p.option != "" {
			in["parentId"], in["optionValues"] = d.goods.shirt.id, []string{p.option}
		}
		var made struct{ Product struct{ ID string } }
		if err := d.owner.change(ctx, `mutation($in: ProductCreateInput!) { done: productCreate(input: $in) {
			product { id } userErrors { code message field } } }`, vars{"in": in}, &made); err != nil {
			return fmt.Errorf("make the product %s: %w", p.name, err)
		}
		p.id = made.Product.ID
	}
	return nil
}

// makeStock counts what is in the shops, and takes a delivery in.
func (d *day) makeStock(ctx context.Context) error {
	for _, s := range d.shops {
		var counted []vars
		for _, p := range d.goods.all() {
			if p.stocked() {
				counted = append(counted, vars{
					"productId": p.id, "quantity": quantity(p.opening[s.number]), "unitCost": amount(p.base * 6 / 10),
				})
				s.stock[p] = p.opening[s.number]
			}
		}
		if err := d.manager.change(ctx, `mutation($in: StockOpeningInput!) { done: stockOpening(input: $in) {
			userErrors { code message field } } }`,
			vars{"in": vars{"idempotencyKey": "opening", "storeId": s.id, "lines": counted}}, nil); err != nil {
			return fmt.Errorf("count the stock: %w", err)
		}
	}
	bread := d.goods.bread
	if err := d.manager.change(ctx, `mutation($in: StockReceiveInput!) { done: stockReceive(input: $in) {
		userErrors { code message field } } }`, vars{"in": vars{
		"idempotencyKey": "bakery", "storeId": d.shops[0].id, "supplierReference": "Bakery 4711",
		"lines": []vars{{"productId": bread.id, "quantity": "40", "unitCost": "41.50"}},
	}}, nil); err != nil {
		return fmt.Errorf("take a delivery in: %w", err)
	}
	d.shops[0].stock[bread] += 40 * unit
	return nil
}

// noonPrices set what changes at noon: a price of the shop's own, and a price list of the company's.
func (d *day) noonPrices(ctx context.Context) error {
	from := d.time("12:00").Format(time.RFC3339)
	s, soda, cake := d.shops[0], d.goods.soda, d.goods.cake
	soda.changes = append(soda.changes, priceChange{in: s, from: "12:00", price: 72_00, source: sourceStore})
	cake.changes = append(cake.changes, priceChange{in: s, from: "12:00", price: 89_50, source: sourceList})
	if err := d.manager.change(ctx, `mutation($in: StorePriceSetInput!) { done: storePriceSet(input: $in) {
		userErrors { code message field } } }`, vars{"in": vars{
		"storeId": s.id, "productId": soda.id, "price": amount(72_00), "from": from,
	}}, nil); err != nil {
		return fmt.Errorf("set a price: %w", err)
	}
	var list struct{ PriceList struct{ ID string } }
	if err := d.owner.change(ctx, `mutation($in: PriceListCreateInput!) { done: priceListCreate(input: $in) {
		priceList { id } userErrors { code message field } } }`, vars{"in": vars{
		"name": "Demo day " + d.run + ": cake in the afternoon", "from": from, "storeIds": []string{s.id},
	}}, &list); err != nil {
		return fmt.Errorf("make a price list: %w", err)
	}
	if err := d.owner.change(ctx, `mutation($id: ID!, $in: PriceListItemsSetInput!) { done: priceListItemsSet(id: $id, input: $in) {
		userErrors { code message field } } }`, vars{"id": list.PriceList.ID, "in": vars{
		"items": []vars{{"productId": cake.id, "price": amount(89_50)}},
	}}, nil); err != nil {
		return fmt.Errorf("fill a price list: %w", err)
	}
	d.say("12:00", "%-5s noon: %s goes from %s to %s in the shop, %s from %s to %s by a price list", "",
		soda.name, pretty(soda.base), pretty(72_00), cake.name, pretty(cake.base), pretty(89_50))
	return nil
}

// close archives the goods, shuts the shops and takes them from the people again. What was sold stays to be looked at.
func (d *day) close(ctx context.Context) error {
	var faults []error
	for _, p := range d.goods.all() {
		if p.id == "" {
			continue
		}
		faults = append(faults, d.owner.change(ctx, `mutation($id: ID!, $in: ProductUpdateInput!) { done: productUpdate(id: $id, input: $in) {
			userErrors { code message field } } }`, vars{"id": p.id, "in": vars{"version": 1, "status": "ARCHIVED"}}, nil))
	}
	for _, p := range []*person{d.manager, d.morningShift, d.lateShift} {
		faults = append(faults, d.letGo(ctx, p))
	}
	for _, s := range d.shops {
		faults = append(faults, d.owner.change(ctx, `mutation($id: ID!, $in: StoreUpdateInput!) { done: storeUpdate(id: $id, input: $in) {
			userErrors { code message field } } }`, vars{"id": s.id, "in": vars{"version": 1, "status": "CLOSED"}}, nil))
	}
	faults = append(faults, d.putSettingsBack(ctx))
	return errors.Join(faults...)
}
