package seed

const (
	nairobi = "Africa/Nairobi"
	// kenyaVAT is the standard rate of the Value Added Tax Act, 2013.
	kenyaVAT = 160_000
)

func demoCompanies() []companySpec { return []companySpec{mamaNjeri(), savanna(), cornerPantry()} }

func kenyaCoins() []int64 { return []int64{1_00, 50_00, 100_00, 200_00, 500_00, 1000_00} }

func mamaNjeri() companySpec {
	return companySpec{
		slug: "mama-njeri", name: "Mama Njeri Duka", country: "KE", currency: "KES", coins: kenyaCoins(),
		stores: []storeSpec{{
			code: "DUKA", name: "Mama Njeri Duka", zone: nairobi, rate: kenyaVAT, inclusive: true, registers: 1,
			address: "Kangundo Road, Nairobi", phone: "+254 700 000 100", sales: 1700, mix: paymentMix{45, 0, 55},
		}},
		people: []personSpec{{
			local: "owner", name: "Njeri Kamau", role: roleOwner, sells: true,
			sees: "Everything in her one shop, where she is also the cashier",
		}},
		products: dukaProducts(),
		labels:   mamaNjeriLabels(),
		tills:    tillSpec{float: 1000_00},
	}
}

func savanna() companySpec {
	mix := paymentMix{38, 14, 48}
	return companySpec{
		slug: "savanna", name: "Savanna Supermarkets", country: "KE", currency: "KES", coins: kenyaCoins(),
		stores: []storeSpec{
			{
				code: "WESTLANDS", name: "Westlands", zone: nairobi, rate: kenyaVAT, inclusive: true, registers: 3,
				address: "Waiyaki Way, Westlands, Nairobi", phone: "+254 700 000 201", sales: 2400, mix: mix,
				prices: map[string]int64{
					"VEG-TOM": 135_00, "FRT-AVO": 160_00, "COF-GRD-250": 590_00, "CHS-CHD-250": 510_00,
					"SDA-COL-500": 80_00, "WTR-500": 45_00,
				},
			},
			{
				code: "GITHURAI", name: "Githurai", zone: nairobi, rate: kenyaVAT, inclusive: true, registers: 2,
				address: "Thika Road, Githurai, Nairobi", phone: "+254 700 000 202", sales: 1700, mix: mix,
			},
			{
				code: "MOMBASA", name: "Mombasa", zone: nairobi, rate: kenyaVAT, inclusive: true, registers: 2,
				address: "Moi Avenue, Mombasa", phone: "+254 700 000 203", sales: 1500, mix: mix,
				prices: map[string]int64{
					"FRT-MNG": 110_00, "FISH-TIL": 620_00, "VEG-POT": 105_00, "MLK-FRS-500": 64_00, "WTR-500": 35_00,
					"RICE-PSH-2K": 480_00, "UNGA-MZ-2K": 172_00,
				},
			},
		},
		people:   savannaPeople(),
		products: kenyaProducts(),

		customers: savannaCustomers(), giftCards: savannaGiftCards(), labels: savannaLabels(),
		loyalty: loyaltySpec{spend: 100_00, value: 1_00}, tills: tillSpec{float: 3000_00, limit: 200_00},
	}
}

func savannaPeople() []personSpec {
	return []personSpec{
		{local: "owner", name: "Amina Wanjiru", role: roleOwner, sees: "All three stores"},
		{
			local: "manager.westlands", name: "Peter Otieno", role: roleManager, stores: []string{"WESTLANDS"},
			sees: "Westlands only",
		},
		{
			local: "manager.mombasa", name: "Fatma Salim", role: roleManager, stores: []string{"MOMBASA"},
			sees: "Mombasa only",
		},
		{
			local: "cashier.westlands", name: "Grace Achieng", role: roleCashier, stores: []string{"WESTLANDS"},
			sells: true, sees: "Westlands only, at the till",
		},
		{
			local: "cashier2.westlands", name: "Brian Kiprop", role: roleCashier, stores: []string{"WESTLANDS"},
			sells: true, sees: "Westlands only, at the till",
		},
		{
			local: "cashier.githurai", name: "Mary Wambui", role: roleCashier, stores: []string{"GITHURAI"},
			sells: true, sees: "Githurai only, at the till",
		},
		{
			local: "cashier.mombasa", name: "Hassan Juma", role: roleCashier, stores: []string{"MOMBASA"},
			sells: true, sees: "Mombasa only, at the till",
		},
	}
}

func cornerPantry() companySpec {
	mix := paymentMix{22, 78, 0}
	return companySpec{
		slug: "corner-pantry", name: "Corner Pantry", country: "US", currency: "USD",
		coins: []int64{1, 1_00, 5_00, 10_00, 20_00, 50_00, 100_00},
		stores: []storeSpec{
			{
				code: "AUSTIN", name: "Austin", zone: "America/Chicago", rate: 82_500, registers: 2,
				address: "South Congress Avenue, Austin, TX 78704", phone: "+1 512 555 0140", sales: 1000, mix: mix,
			},
			{
				code: "BOULDER", name: "Boulder", zone: "America/Denver", rate: 88_450, registers: 1,
				address: "Pearl Street, Boulder, CO 80302", phone: "+1 303 555 0171", sales: 800, mix: mix,
				// The same half gallon of milk is 3.49 in Austin and 3.99 here.
				prices: map[string]int64{"MLK-WHL-HG": 3_99, "COF-GRD-12": 11_49, "PRD-AVO": 1_79},
			},
		},
		people: []personSpec{
			{local: "owner", name: "Dana Whitfield", role: roleOwner, sees: "Both stores"},
			{
				local: "manager", name: "Luis Ortega", role: roleManager, stores: []string{"AUSTIN", "BOULDER"},
				sees: "Both stores, as a manager",
			},
			{
				local: "cashier.austin", name: "Priya Nair", role: roleCashier, stores: []string{"AUSTIN"},
				sells: true, sees: "Austin only, at the till",
			},
			{
				local: "cashier.boulder", name: "Tom Becker", role: roleCashier, stores: []string{"BOULDER"},
				sells: true, sees: "Boulder only, at the till",
			},
		},
		products: pantryProducts(),
		labels:   pantryLabels(),
		tills:    tillSpec{float: 150_00, limit: 5_00},
	}
}
