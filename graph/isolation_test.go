package graph_test

import (
	"fmt"
	"regexp"
	"testing"
)

var requestID = regexp.MustCompile(`"requestId":"[^"]*"`)

// seen is an answer without what differs between any two.
func (a *answer) seen() string {
	return fmt.Sprint(a.Status, requestID.ReplaceAllString(a.Raw, `"requestId":""`))
}

// TestARegisterSeesItsOwnReceipts, and the people of its store see those of all registers.
func TestARegisterSeesItsOwnReceipts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.A.Stores[0]
	const query = `{ sales { totalCount nodes { id } } stores { nodes { sales { totalCount nodes { id } } } }
		registers { nodes { id sales { totalCount nodes { id } } } } }`
	device := b.post(t, b.device(t, b.A, s.Registers[1]), query, nil).ok(t)
	mine := vars{"totalCount": 1, "nodes": []vars{{"id": s.Registers[1].Sale}}}
	same(t, device.Data, vars{
		"sales": mine, "stores": vars{"nodes": []vars{{"sales": mine}}},
		"registers": vars{"nodes": []vars{
			{"id": s.Registers[0].ID, "sales": vars{"totalCount": 0, "nodes": []vars{}}}, {"id": s.Registers[1].ID, "sales": mine},
		}},
	})
	if cashier := b.post(t, b.cashier(t, 0), query, nil).ok(t); cashier.at("sales", "totalCount") != 2.0 {
		t.Errorf("the cashier sees %v", cashier.at("sales"))
	}
	if owner := b.post(t, b.owner(t), query, nil).ok(t); owner.at("sales", "totalCount") != 4.0 {
		t.Errorf("the owner sees %v", owner.at("sales"))
	}
}

// TestWhoSeesWhom: who has all stores sees everybody, others see who shares a store with them.
func TestWhoSeesWhom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const query = `{ users { totalCount nodes { id email } } }`
	if a := b.post(t, b.owner(t), query, nil).ok(t); a.at("users", "totalCount") != 4.0 {
		t.Errorf("the owner sees %s", a.Raw)
	}
	same(t, b.post(t, b.manager(t), query, nil).ok(t).at("users", "nodes"), []vars{
		{"id": b.A.Stores[0].Cashier, "email": "cashier1@acme.example"}, {"id": b.A.Manager, "email": "manager@acme.example"},
	})
	// Owners have all stores without a row that says so: narrowed to one they see who works there.
	narrowed := b.post(t, b.owner(t), query, nil, "X-Store-ID", b.A.Stores[1].ID.String()).ok(t)
	same(t, narrowed.at("users", "nodes"), []vars{{"id": b.A.Stores[1].Cashier, "email": "cashier2@acme.example"}})
}
