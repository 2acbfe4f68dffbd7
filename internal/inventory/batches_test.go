package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/id"
)

func day(n int) *civil.Date { return &civil.Date{Year: 2026, Month: time.March, Day: n} }

// shelf is a level and its batches, as a transaction finds them.
func shelf(rt *rapid.T) (*Level, []*Batch) {
	level := &Level{ID: id.New[id.InventoryLevel](), ProductID: id.New[id.Product](), Milli: rapid.Int64Range(-5, 20).Draw(rt, "loose")}
	var batches []*Batch
	for i := range rapid.IntRange(0, 5).Draw(rt, "batches") {
		b := &Batch{
			ID: id.New[id.StockBatch](), LevelID: level.ID, ProductID: level.ProductID, LotNumber: fmt.Sprint(i),
			Milli: rapid.Int64Range(-3, 10).Draw(rt, "quantity"), Quarantined: rapid.IntRange(0, 4).Draw(rt, "quarantine") == 0,
		}
		if rapid.Bool().Draw(rt, "expires") {
			b.ExpiresOn = day(rapid.IntRange(5, 15).Draw(rt, "day"))
		}
		level.Milli += b.Milli
		batches = append(batches, b)
	}
	until := func(b *Batch) string { return cmp.Or(dateText(b.ExpiresOn), "9999") }
	slices.SortStableFunc(batches, func(a, b *Batch) int { return cmp.Compare(until(a), until(b)) })
	return level, batches
}

// Whatever moves, a level is its batches and what is of none, a batch is what it was and its parts, and what leaves
// without being named leaves in the order of the days, never from a batch that isn't sold.
func TestBatchesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		level, read := shelf(rt)
		happened := rapid.Bool().Draw(rt, "happened")
		m := NewMoves(Occasion{StoreID: id.New[id.Store](), Day: *day(10), Happened: happened})
		var portions []*Portion
		var named bool
		change := Change{ProductID: level.ProductID, Kind: Sale}
		for range rapid.IntRange(1, 4).Draw(rt, "portions") {
			p := &Portion{Milli: -rapid.Int64Range(1, 12).Draw(rt, "out")}
			if rapid.IntRange(0, 2).Draw(rt, "named") == 0 {
				p.Lot, named = &Lot{Number: fmt.Sprint(rapid.IntRange(0, 6).Draw(rt, "lot")), Make: true}, true
			}
			change.Milli += p.Milli
			portions = append(portions, p)
		}
		change.Portions = portions
		m.Add(change)
		m.locked, m.batches.read = []*Level{level}, read
		if err := m.Apply(); err != nil {
			rt.Fatal(err)
		}
		before, parts := map[id.StockBatch]int64{}, map[id.StockBatch]int64{}
		for _, b := range read {
			before[b.ID] = b.Milli
		}
		for _, part := range m.batches.parts {
			parts[part.BatchID] += part.Milli
		}
		var inBatches, taken, ofParts int64
		for _, b := range m.batches.of[level.ProductID] {
			inBatches += b.Milli
			if b.Milli != before[b.ID]+parts[b.ID] {
				rt.Fatalf("lot %s has %d, of %d and %d", b.LotNumber, b.Milli, before[b.ID], parts[b.ID])
			}
		}
		for _, p := range portions {
			for _, of := range p.Taken {
				taken += of.Milli
			}
		}
		for _, n := range parts {
			ofParts += n
		}
		if taken != ofParts {
			rt.Fatalf("%d were taken, %d are in parts", taken, ofParts)
		}
		loose := level.Milli
		for _, b := range read {
			loose -= b.Milli
		}
		if after := m.After(level.ProductID).Milli; after != inBatches+loose+change.Milli-taken {
			rt.Fatalf("the level is %d, with %d in batches", after, inBatches)
		}
		if named {
			return
		}
		rest := false
		for i, b := range read {
			now := m.batches.of[level.ProductID][i]
			if b.refuses(*day(10)) != "" && now.Milli != b.Milli {
				rt.Fatalf("lot %s was sold", b.LotNumber)
			}
			if b.refuses(*day(10)) != "" || b.Milli <= 0 {
				continue
			}
			if rest && now.Milli != b.Milli {
				rt.Fatalf("lot %s was taken before its turn", b.LotNumber)
			}
			rest = rest || now.Milli > 0
		}
	})
}

// What is left when only expired goods are is refused; with goods of no batch it is not, nor what has happened.
func TestExpiredGoodsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		loose, out int64
		happened   bool
		want       Refusal
	}{
		{0, 2, false, ""}, {0, 3, false, BatchExpired}, {1, 3, false, ""}, {1, 4, false, BatchExpired}, {0, 9, true, ""},
	} {
		level := &Level{ID: id.New[id.InventoryLevel](), ProductID: id.New[id.Product](), Milli: 7 + c.loose}
		m := NewMoves(Occasion{Day: *day(10), Happened: c.happened})
		// One portion after the other: what the first took of no batch the second can't.
		one, two := &Portion{Milli: -1}, &Portion{Milli: -c.out + 1}
		m.Add(Change{ProductID: level.ProductID, Kind: Sale, Milli: -c.out, Portions: []*Portion{one, two}})
		m.locked = []*Level{level}
		m.batches.read = []*Batch{
			{ID: id.New[id.StockBatch](), ProductID: level.ProductID, LotNumber: "old", ExpiresOn: day(9), Milli: 5},
			{ID: id.New[id.StockBatch](), ProductID: level.ProductID, LotNumber: "today", ExpiresOn: day(10), Milli: 2},
		}
		if err := m.Apply(); err != nil {
			t.Fatal(err)
		}
		if one.Refused != "" || two.Refused != c.want {
			t.Errorf("%+v: %q, %q", c, one.Refused, two.Refused)
		}
	}
}
