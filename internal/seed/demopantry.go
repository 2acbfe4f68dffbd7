package seed

import "slices"

// cents are the prices of the shelves below.
const cents = 1

// pantryProducts is what the demo's grocery in the United States sells: food for the kitchen is untaxed, the rest
// is not. Makers' names are invented.
func pantryProducts() []productSpec {
	return slices.Concat(pantryFood(), pantryFresh(), pantryTaxed())
}

func pantryFood() []productSpec {
	return slices.Concat(
		shelf("Grocery/Bakery", cents,
			item{"BRD-SRD-24", "Mill Street Sourdough 24 oz", 599, 40, exempt},
			item{"BRD-WHT-20", "Mill Street White Bread 20 oz", 349, 70, exempt},
			item{"BGL-6", "Plain Bagels, 6", 429, 28, exempt},
			item{"TRT-FLR-10", "Flour Tortillas, 10", 399, 45, exempt},
			item{"MUF-BLB-4", "Blueberry Muffins, 4", 549, 16, exempt}),
		shelf("Grocery/Dairy & Eggs", cents,
			item{"MLK-WHL-HG", "Hill Country Whole Milk, Half Gallon", 349, 90, exempt},
			item{"MLK-2PC-GL", "Hill Country 2% Milk, Gallon", 479, 60, exempt},
			item{"OAT-MLK-64", "Oat Drink 64 oz", 499, 30, exempt},
			item{"EGG-12", "Large Eggs, Dozen", 449, 70, exempt},
			item{"BTR-16", "Salted Butter 16 oz", 579, 28, exempt},
			item{"CHS-CHD-8", "Sharp Cheddar 8 oz", 429, 30, exempt},
			item{"YOG-GRK-32", "Greek Yogurt 32 oz", 649, 22, exempt},
			item{"CRM-SOUR-16", "Sour Cream 16 oz", 299, 18, exempt}),
		shelf("Grocery/Pantry", cents,
			item{"RICE-LG-2", "Long Grain Rice 2 lb", 329, 20, exempt},
			item{"BNS-BLK-15", "Black Beans 15 oz", 129, 40, exempt},
			item{"PST-PEN-16", "Penne 16 oz", 189, 32, exempt},
			item{"SCE-MRN-24", "Marinara Sauce 24 oz", 549, 22, exempt},
			item{"SAL-MED-16", "Medium Salsa 16 oz", 449, 34, exempt},
			item{"PNB-16", "Peanut Butter 16 oz", 479, 18, exempt},
			item{"OIL-OLV-17", "Olive Oil 17 oz", 1299, 10, exempt},
			item{"FLR-AP-5", "All-Purpose Flour 5 lb", 429, 10, exempt},
			item{"SUG-4", "Cane Sugar 4 lb", 399, 14, exempt},
			item{"CER-OAT-12", "Oat Cereal 12 oz", 529, 20, exempt},
			item{"COF-GRD-12", "Front Range Ground Coffee 12 oz", 1199, 26, exempt},
			item{"TEA-BLK-20", "Black Tea, 20 Bags", 449, 8, exempt},
			item{"HON-12", "Wildflower Honey 12 oz", 799, 7, exempt}))
}

func pantryFresh() []productSpec {
	return slices.Concat(
		shelf("Produce/Fruit", cents,
			item{"PRD-BAN", "Bananas", 152, 80, weighed},
			item{"PRD-APL", "Honey Apples", 549, 35, weighed},
			item{"PRD-GRP", "Red Grapes", 659, 20, weighed},
			item{"PRD-LIM", "Limes, Each", 50, 45, exempt},
			item{"PRD-AVO", "Avocados, Each", 149, 60, exempt},
			item{"PRD-STR-16", "Strawberries 16 oz", 499, 25, exempt}),
		shelf("Produce/Vegetables", cents,
			item{"PRD-TOM", "Vine Tomatoes", 549, 45, weighed},
			item{"PRD-ONI", "Yellow Onions", 284, 35, weighed},
			item{"PRD-POT", "Russet Potatoes", 241, 26, weighed},
			item{"PRD-SPN-10", "Baby Spinach 10 oz", 449, 28, exempt},
			item{"PRD-CIL", "Cilantro, Bunch", 99, 34, exempt},
			item{"PRD-JAL", "Jalapeños", 437, 18, weighed}))
}

func pantryTaxed() []productSpec {
	return slices.Concat(
		shelf("Drinks", cents,
			item{"WTR-SPK-12", "Sparkling Water 12 oz", 129, 50, taxed},
			item{"SDA-COL-12", "Bluebonnet Cola 12 oz", 149, 55, taxed},
			item{"SDA-RTB-12", "Bluebonnet Root Beer 12 oz", 149, 25, taxed},
			item{"KMB-GNG-16", "Ginger Kombucha 16 oz", 399, 20, taxed},
			item{"CBR-16", "Cold Brew 16 oz", 449, 24, taxed}),
		shelf("Snacks", cents,
			item{"CHP-TRT-12", "Tortilla Chips 12 oz", 399, 45, taxed},
			item{"CHP-POT-8", "Kettle Chips 8 oz", 429, 35, taxed},
			item{"CHC-DRK-3", "Dark Chocolate 3 oz", 379, 24, taxed},
			item{"BAR-GRN-1", "Granola Bar", 199, 40, taxed},
			item{"NUT-TRL-8", "Trail Mix 8 oz", 649, 14, taxed}),
		shelf("Household", cents,
			item{"TP-6", "Bath Tissue, 6 Rolls", 799, 20, taxed},
			item{"PT-2", "Paper Towels, 2 Rolls", 599, 18, taxed},
			item{"DISH-16", "Dish Soap 16 oz", 399, 14, taxed},
			item{"DET-50", "Laundry Detergent 50 oz", 1149, 9, taxed},
			item{"BAG-PPR", "Paper Bag", 10, 60, taxed},
			item{"BAT-AA-4", "AA Batteries, 4", 699, 6, taxed},
			item{"UMB-1", "Folding Umbrella", 1499, 0, taxed}))
}
