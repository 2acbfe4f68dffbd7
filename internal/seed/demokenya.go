package seed

import "slices"

// shillings are the prices of the shelves below.
const shillings = 100

// kenyaProducts is what the demo's supermarket sells. Makers' names are invented.
func kenyaProducts() []productSpec {
	return slices.Concat(kenyaStaples(), kenyaFresh(), kenyaDrinks(), kenyaSnacks(), kenyaHome(), kenyaCare())
}

func kenyaStaples() []productSpec {
	return slices.Concat(
		shelf("Food/Bakery", shillings,
			item{"BRD-WHT-400", "Kijani White Bread 400 g", 65, 95, exempt},
			item{"BRD-WHT-600", "Kijani White Bread 600 g", 95, 60, exempt},
			item{"BRD-BRN-400", "Kijani Brown Bread 400 g", 70, 45, exempt},
			item{"BUN-SWT-6", "Sweet Buns 6 pieces", 80, 25, taxed},
			item{"CAKE-QTR-1", "Queen Cakes 4 pieces", 100, 18, taxed},
			item{"MANDAZI-5", "Mandazi 5 pieces", 50, 40, taxed},
			item{"CHAPATI-5", "Chapati 5 pieces", 125, 22, taxed}),
		shelf("Food/Dairy & Eggs", shillings,
			item{"MLK-FRS-500", "Malisho Fresh Milk 500 ml", 60, 100, exempt},
			item{"MLK-FRS-1L", "Malisho Fresh Milk 1 l", 115, 50, exempt},
			item{"MLK-UHT-500", "Malisho Long Life Milk 500 ml", 70, 55, exempt},
			item{"MALA-500", "Malisho Mala 500 ml", 75, 35, taxed},
			item{"YOG-STR-250", "Malisho Strawberry Yoghurt 250 ml", 85, 28, taxed},
			item{"YOG-VAN-500", "Malisho Vanilla Yoghurt 500 ml", 150, 15, taxed},
			item{"BUT-250", "Malisho Butter 250 g", 320, 8, taxed},
			item{"CHS-CHD-250", "Cheddar Cheese 250 g", 480, 5, taxed},
			item{"EGG-6", "Eggs, Tray of 6", 110, 30, exempt},
			item{"EGG-30", "Eggs, Tray of 30", 480, 20, exempt},
			item{"MRG-500", "Blossom Margarine 500 g", 240, 22, taxed}),
		shelf("Food/Flour & Grains", shillings,
			item{"UNGA-MZ-2K", "Shamba Maize Flour 2 kg", 165, 90, exempt},
			item{"UNGA-MZ-1K", "Shamba Maize Flour 1 kg", 88, 45, exempt},
			item{"UNGA-WH-2K", "Shamba Wheat Flour 2 kg", 195, 40, taxed},
			item{"UNGA-AT-2K", "Shamba Atta Flour 2 kg", 215, 18, taxed},
			item{"UJI-MIX-1K", "Uji Porridge Mix 1 kg", 170, 15, taxed},
			item{"RICE-PSH-2K", "Mwea Pishori Rice 2 kg", 460, 30, taxed},
			item{"RICE-LNG-1K", "Long Grain Rice 1 kg", 160, 26, taxed},
			item{"SPAG-400", "Spaghetti 400 g", 95, 32, taxed},
			item{"NDL-CHK-70", "Instant Noodles, Chicken 70 g", 45, 42, taxed},
			item{"OATS-500", "Rolled Oats 500 g", 210, 8, taxed},
			item{"CRN-FLK-500", "Corn Flakes 500 g", 430, 7, taxed}),
		shelf("Food/Cupboard", shillings,
			item{"SUG-1K", "Nyota Sugar 1 kg", 160, 75, taxed},
			item{"SUG-2K", "Nyota Sugar 2 kg", 310, 30, taxed},
			item{"SALT-500", "Iodised Salt 500 g", 25, 30, taxed},
			item{"OIL-500", "Alizeti Sunflower Oil 500 ml", 190, 40, taxed},
			item{"OIL-1L", "Alizeti Sunflower Oil 1 l", 350, 35, taxed},
			item{"OIL-3L", "Alizeti Sunflower Oil 3 l", 980, 10, taxed},
			item{"FAT-500", "Cooking Fat 500 g", 185, 24, taxed},
			item{"TOM-PST-70", "Tomato Paste 70 g", 30, 44, taxed},
			item{"BNS-TIN-400", "Baked Beans 400 g", 130, 12, taxed},
			item{"TUNA-170", "Tuna in Oil 170 g", 240, 6, taxed},
			item{"SPC-MCH-200", "Mchuzi Spice Mix 200 g", 145, 20, taxed},
			item{"PILAU-50", "Pilau Masala 50 g", 70, 18, taxed},
			item{"PNT-BTR-400", "Peanut Butter 400 g", 290, 12, taxed},
			item{"JAM-MXF-500", "Mixed Fruit Jam 500 g", 260, 9, taxed},
			item{"HONEY-500", "Baringo Honey 500 g", 520, 5, taxed},
			item{"BNS-DRY-1K", "Dry Beans, Rosecoco 1 kg", 190, 22, exempt},
			item{"GRN-GRM-1K", "Green Grams 1 kg", 210, 16, exempt}))
}

func kenyaFresh() []productSpec {
	return slices.Concat(
		shelf("Fresh/Vegetables", shillings,
			item{"VEG-TOM", "Tomatoes", 120, 80, weighed},
			item{"VEG-ONI", "Red Onions", 140, 65, weighed},
			item{"VEG-POT", "Potatoes", 90, 55, weighed},
			item{"VEG-CAR", "Carrots", 100, 35, weighed},
			item{"VEG-CAB", "Cabbage", 60, 28, weighed},
			item{"VEG-CAP", "Green Peppers", 160, 18, weighed},
			item{"VEG-GAR", "Garlic", 420, 12, weighed},
			item{"VEG-GIN", "Ginger", 280, 8, weighed},
			item{"VEG-SUK", "Sukuma Wiki, Bunch", 30, 60, exempt},
			item{"VEG-SPN", "Spinach, Bunch", 35, 30, exempt},
			item{"VEG-DHA", "Dhania, Bunch", 15, 40, exempt}),
		shelf("Fresh/Fruit", shillings,
			item{"FRT-BAN", "Ripe Bananas", 110, 60, weighed},
			item{"FRT-MNG", "Apple Mangoes", 150, 25, weighed},
			item{"FRT-ORA", "Oranges", 130, 24, weighed},
			item{"FRT-AVO", "Avocados", 140, 30, weighed},
			item{"FRT-PAS", "Passion Fruit", 220, 10, weighed},
			item{"FRT-WML", "Watermelon", 55, 16, weighed},
			item{"FRT-PIN", "Pineapple", 120, 12, exempt}),
		shelf("Fresh/Meat & Fish", shillings,
			item{"MEAT-BEEF", "Beef on the Bone", 620, 22, weighed},
			item{"MEAT-MINC", "Minced Beef", 720, 12, weighed},
			item{"MEAT-GOAT", "Goat Meat", 780, 8, weighed},
			item{"MEAT-CHKN", "Whole Chicken", 540, 14, weighed},
			item{"SAUS-BEEF-500", "Beef Sausages 500 g", 390, 12, taxed},
			item{"FISH-TIL", "Tilapia", 560, 8, weighed}))
}

func kenyaDrinks() []productSpec {
	return slices.Concat(
		shelf("Drinks/Soft Drinks", shillings,
			item{"SDA-COL-500", "Jua Cola 500 ml", 75, 65, taxed},
			item{"SDA-ORG-500", "Jua Orange 500 ml", 75, 48, taxed},
			item{"SDA-LEM-500", "Jua Lemon 500 ml", 75, 30, taxed},
			item{"SDA-COL-2L", "Jua Cola 2 l", 220, 22, taxed},
			item{"SDA-TNG-500", "Jua Ginger 500 ml", 80, 26, taxed},
			item{"JCE-MNG-1L", "Tunda Mango Juice 1 l", 260, 16, taxed},
			item{"JCE-TRP-250", "Tunda Tropical Juice 250 ml", 70, 26, taxed},
			item{"NRG-250", "Simba Energy Drink 250 ml", 120, 18, taxed}),
		shelf("Drinks/Water", shillings,
			item{"WTR-500", "Chemchemi Water 500 ml", 40, 70, taxed},
			item{"WTR-1L", "Chemchemi Water 1 l", 65, 40, taxed},
			item{"WTR-5L", "Chemchemi Water 5 l", 210, 14, taxed}),
		shelf("Drinks/Tea & Coffee", shillings,
			item{"TEA-LSE-250", "Kericho Valley Tea Leaves 250 g", 165, 38, taxed},
			item{"TEA-BAG-50", "Kericho Valley Tea, 50 Bags", 180, 20, taxed},
			item{"COF-INS-50", "Nyeri Instant Coffee 50 g", 240, 10, taxed},
			item{"COF-GRD-250", "Nyeri Ground Coffee 250 g", 560, 4, taxed},
			item{"COC-200", "Drinking Chocolate 200 g", 290, 10, taxed}))
}

func kenyaSnacks() []productSpec {
	return shelf("Food/Snacks", shillings,
		item{"CRS-SLT-50", "Salted Crisps 50 g", 60, 38, taxed},
		item{"CRS-CHL-100", "Chilli Lemon Crisps 100 g", 110, 24, taxed},
		item{"BSC-DIG-200", "Digestive Biscuits 200 g", 130, 20, taxed},
		item{"BSC-GLU-100", "Glucose Biscuits 100 g", 40, 44, taxed},
		item{"BSC-CRM-80", "Cream Biscuits 80 g", 50, 26, taxed},
		item{"PNT-RST-100", "Roasted Peanuts 100 g", 80, 24, taxed},
		item{"CHC-MLK-50", "Milk Chocolate 50 g", 120, 20, taxed},
		item{"SWT-MNT-1", "Mint Sweets, Roll", 30, 30, taxed},
		item{"GUM-10", "Chewing Gum, 10 Pieces", 50, 32, taxed},
		item{"POP-100", "Popcorn 100 g", 70, 12, taxed})
}

func kenyaHome() []productSpec {
	return slices.Concat(
		shelf("Household/Cleaning", shillings,
			item{"DET-PWD-500", "Safi Washing Powder 500 g", 165, 30, taxed},
			item{"DET-PWD-1K", "Safi Washing Powder 1 kg", 310, 18, taxed},
			item{"SOAP-BAR-800", "Safi Bar Soap 800 g", 190, 26, taxed},
			item{"DISH-750", "Dishwashing Liquid 750 ml", 220, 16, taxed},
			item{"BLCH-750", "Bleach 750 ml", 180, 12, taxed},
			item{"SPNG-3", "Kitchen Sponges, 3", 90, 10, taxed},
			item{"STL-WOOL-6", "Steel Wool, 6", 60, 14, taxed},
			item{"INS-SPR-400", "Insect Spray 400 ml", 420, 6, taxed}),
		shelf("Household/Paper & Kitchen", shillings,
			item{"TP-4", "Toilet Paper, 4 Rolls", 140, 34, taxed},
			item{"TP-10", "Toilet Paper, 10 Rolls", 330, 16, taxed},
			item{"SRV-100", "Serviettes, 100", 75, 14, taxed},
			item{"FOIL-8M", "Kitchen Foil 8 m", 210, 6, taxed},
			item{"MTCH-10", "Matches, 10 Boxes", 50, 20, taxed},
			item{"CNDL-6", "Candles, 6", 90, 12, taxed},
			item{"BULB-9W", "LED Bulb 9 W", 180, 8, taxed},
			item{"BAT-AA-4", "AA Batteries, 4", 200, 8, taxed},
			item{"BAG-WVN-L", "Woven Shopping Bag", 30, 55, taxed}))
}

func kenyaCare() []productSpec {
	return slices.Concat(
		shelf("Personal Care", shillings,
			item{"SOAP-BTH-125", "Lily Bath Soap 125 g", 95, 28, taxed},
			item{"TPST-100", "Tabasamu Toothpaste 100 ml", 180, 18, taxed},
			item{"TBRS-1", "Toothbrush, Medium", 90, 10, taxed},
			item{"LOT-400", "Lily Body Lotion 400 ml", 380, 9, taxed},
			item{"JELLY-250", "Petroleum Jelly 250 g", 210, 12, taxed},
			item{"SHMP-400", "Shampoo 400 ml", 420, 5, taxed},
			item{"PADS-10", "Sanitary Pads, 10", 95, 20, exempt},
			item{"DEO-150", "Deodorant Spray 150 ml", 390, 6, taxed},
			item{"DPR-M-30", "Nappies, Medium, 30", 890, 6, taxed}),
		shelf("Stationery", shillings,
			item{"EXB-96", "Exercise Book, 96 Pages", 60, 18, taxed},
			item{"PEN-BLU", "Ball Pen, Blue", 20, 24, taxed},
			item{"PNCL-HB", "Pencil HB", 15, 14, taxed},
			// Off the shelves.
			item{"CRD-SCR-100", "Scratch Card 100", 100, 0, exempt},
			item{"DVD-BLK-10", "Blank DVDs, 10", 450, 0, taxed}))
}

// dukaProducts is what fits into one room.
func dukaProducts() []productSpec {
	sold := []string{
		"BRD-WHT-400", "MANDAZI-5", "MLK-FRS-500", "MLK-UHT-500", "MALA-500", "EGG-6", "UNGA-MZ-2K", "UNGA-MZ-1K",
		"UNGA-WH-2K", "RICE-LNG-1K", "SPAG-400", "NDL-CHK-70", "SUG-1K", "SALT-500", "OIL-500", "FAT-500",
		"TOM-PST-70", "PILAU-50", "VEG-TOM", "VEG-ONI", "VEG-POT", "VEG-SUK", "VEG-DHA", "FRT-BAN", "FRT-AVO",
		"SDA-COL-500", "SDA-ORG-500", "WTR-500", "WTR-1L", "TEA-LSE-250", "CRS-SLT-50", "BSC-GLU-100", "SWT-MNT-1",
		"GUM-10", "DET-PWD-500", "SOAP-BAR-800", "TP-4", "MTCH-10", "CNDL-6", "SOAP-BTH-125", "PADS-10", "EXB-96",
		"PEN-BLU", "BAG-WVN-L",
	}
	return slices.DeleteFunc(kenyaProducts(), func(p productSpec) bool { return !slices.Contains(sold, p.sku) })
}
