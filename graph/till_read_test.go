package graph_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/id"
)

// reportOf is all that a report says.
const reportOf = `{ withheld saleCount returnCount voidCount voided { amount } gross { amount } discounts { amount } returns { amount }
	net { amount } tax { amount } taxes { name code rate base { amount } amount { amount } } rounding { amount } total { amount }
	openingFloat { amount currencyCode } paidIn { amount } paidOut { amount } cashDrops { amount } noSaleCount
	tenders { method count tendered { amount } change { amount } refunded { amount } voided { amount } amount { amount }
		expected { amount } counted { amount } variance { amount } } }`

func (b *bundle) readTills(t *testing.T, ask asker) {
	s := b.A.Stores[0]
	r := s.Registers[0]
	b.db.Exec(t, "update till_holders set handed_over_by_id = $1, count_number = 1 where session_id = $2", b.A.Manager.UUID(), r.TillSession.UUID())
	open := id.New[id.TillSession]()
	b.db.Exec(t, `insert into till_sessions (tenant_id, store_id, register_id, id, number, currency_code, opening_float, business_date, opened_at)
		values ($1, $2, $3, $4, 2, 'KES', 100, '2026-02-02', '2026-02-02T05:00:00Z')`,
		b.A.ID.UUID(), s.ID.UUID(), r.ID.UUID(), open.UUID())
	b.db.Exec(t, "update sales set till_amendment = true where id = $1", r.Sale.UUID())
	money := func(amount string) vars { return vars{"amount": amount} }
	a := ask(t, b.owner(t), `{ register(id: "`+r.ID.String()+`") { tillSession { id status openedBy { id } holder { id } closedAt zReport { id } } }
		sale(id: "`+r.Sale.String()+`") { tillSession { id } }
		tillSession(id: "`+r.TillSession.String()+`") { id number store { id } register { id } status openingFloat { amount currencyCode }
			businessDate openedAt openedBy { id } holder { id } holders { person { id } since handedOverBy { id } countNumber }
			countedAt counts { number kind countedBy { id } countedAt note tenders { method counted { amount } expected { amount }
				variance { amount } denominations { value { amount currencyCode } count } } }
			approvalRequired approvedAt approvedBy { id } approvalReason closedAt closedBy { id }
			drawerMovements `+pages+` sales `+pages+` amendments `+pages+` xReport `+reportOf+` zReport { id } }
		tillSessions(filter: {storeId: "`+s.ID.String()+`", registerId: "`+r.ID.String()+`", status: CLOSED,
			businessDateFrom: "2026-01-05", businessDateTo: "2026-01-05"}) `+pages+`
		none: tillSessions(filter: {businessDateFrom: "2026-02-03"}) { totalCount }
		zReport(id: "`+r.ZReport.String()+`") { id number store { id } register { id } tillSession { id } businessDate openedAt closedAt
			closedBy { id } countedBy { id } approvedBy { id } approvalReason figures `+reportOf+` }
		zReports(filter: {storeId: "`+s.ID.String()+`", registerId: "`+r.ID.String()+`", businessDateFrom: "2026-01-05",
			businessDateTo: "2026-01-05"}) `+pages+`
		nodes(ids: ["`+r.DrawerMovement.String()+`"]) { ... on DrawerMovement { id tillSession { id } kind amount { amount currencyCode }
			reason person { id } recordedAt } } }`)
	same(t, a.at("register", "tillSession"), vars{
		"id": open, "status": "OPEN", "openedBy": nil, "holder": nil, "closedAt": nil, "zReport": nil,
	})
	same(t, a.at("sale", "tillSession"), vars{"id": r.TillSession})
	session, _ := a.at("tillSession").(vars)
	for _, list := range []string{"drawerMovements", "sales", "amendments"} {
		page, _ := session[list].(vars)
		want := any(r.Sale)
		if list == "drawerMovements" {
			want = r.DrawerMovement
		}
		same(t, page["nodes"], []vars{{"id": want}})
		delete(session, list)
	}
	report := vars{
		"withheld": false, "saleCount": 1, "returnCount": 0, "voidCount": 0, "voided": money("0.00"), "gross": money("200.00"),
		"discounts": money("0.00"), "returns": money("0.00"), "net": money("172.42"), "tax": money("27.58"),
		"taxes": []vars{
			{"name": "VAT acme", "code": "", "rate": "16", "base": money("172.42"), "amount": money("27.58")},
		},
		"rounding": money("0.00"), "total": money("200.00"), "openingFloat": kes("500.00"), "paidIn": money("0.00"),
		"paidOut": money("10.00"), "cashDrops": money("0.00"), "noSaleCount": 0,
		"tenders": []vars{
			{
				"method": "CASH", "count": 0, "tendered": money("0.00"), "change": money("0.00"), "refunded": money("0.00"),
				"voided": money("0.00"), "amount": money("0.00"), "expected": money("490.00"), "counted": money("650.00"),
				"variance": money("160.00"),
			},
			{
				"method": "MOBILE_MONEY", "count": 1, "tendered": money("200.50"), "change": money("0.50"), "refunded": money("0.00"),
				"voided": money("0.00"), "amount": money("200.00"), "expected": money("200.00"), "counted": money("0.00"),
				"variance": money("-200.00"),
			},
		},
	}
	cashier, owner := vars{"id": s.Cashier}, vars{"id": b.A.Owner}
	same(t, session, vars{
		"id": r.TillSession, "number": 1, "store": vars{"id": s.ID}, "register": vars{"id": r.ID}, "status": "CLOSED",
		"openingFloat": kes("500.00"), "businessDate": "2026-01-05", "openedAt": "2026-01-05T05:00:00Z", "openedBy": cashier,
		"holder": cashier, "holders": []vars{{
			"person": cashier, "since": "2026-01-05T05:00:00Z", "handedOverBy": vars{"id": b.A.Manager}, "countNumber": 1,
		}},
		"countedAt": "2026-01-05T17:00:00Z", "counts": []vars{{
			"number": 1, "kind": "CLOSE", "countedBy": cashier, "countedAt": "2026-01-05T17:00:00Z", "note": "counted acme",
			"tenders": []vars{{
				"method": "CASH", "counted": money("650.00"), "expected": money("690.00"), "variance": money("-40.00"),
				"denominations": []vars{{"value": kes("50.00"), "count": 13}},
			}},
		}},
		"approvalRequired": false, "approvedAt": "2026-01-05T17:05:00Z", "approvedBy": owner, "approvalReason": "approved acme",
		"closedAt": "2026-01-05T17:10:00Z", "closedBy": cashier, "xReport": report, "zReport": vars{"id": r.ZReport},
	})
	same(t, a.at("tillSessions", "nodes"), []vars{{"id": r.TillSession}})
	same(t, a.at("none", "totalCount"), 0)
	same(t, a.at("zReports", "nodes"), []vars{{"id": r.ZReport}})
	// The report is what it was at the close, whatever became of the ledger.
	report["taxes"] = []vars{{"name": "VAT", "code": "A", "rate": "16", "base": money("172.42"), "amount": money("27.58")}}
	report["tenders"] = []vars{{
		"method": "CASH", "count": 1, "tendered": money("200.00"), "change": money("0.00"), "refunded": money("0.00"),
		"voided": money("0.00"), "amount": money("200.00"), "expected": money("690.00"), "counted": money("650.00"),
		"variance": money("-40.00"),
	}}
	same(t, a.at("zReport"), vars{
		"id": r.ZReport, "number": 1, "store": vars{"id": s.ID}, "register": vars{"id": r.ID}, "tillSession": vars{"id": r.TillSession},
		"businessDate": "2026-01-05", "openedAt": "2026-01-05T05:00:00Z", "closedAt": "2026-01-05T17:10:00Z", "closedBy": cashier,
		"countedBy": cashier, "approvedBy": owner, "approvalReason": "approved acme", "figures": report,
	})
	same(t, a.at("nodes"), []vars{{
		"id": r.DrawerMovement, "tillSession": vars{"id": r.TillSession}, "kind": "PAID_OUT", "amount": kes("10.00"),
		"reason": "milk acme", "person": cashier, "recordedAt": "2026-01-05T09:00:00Z",
	}})
	b.db.Exec(t, "delete from till_sessions where id = $1", uuid.UUID(open))
}
