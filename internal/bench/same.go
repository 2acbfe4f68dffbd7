package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
)

// same fails unless both answer a kind of request alike, for each shop.
func same(ctx context.Context, q Request, server, limit *side, shops []*Shop, r *rand.Rand) error {
	for _, shop := range shops {
		list, err := prepare(q, []*Shop{shop}, 1, r)
		if err != nil {
			return err
		}
		ours, err := server.post(ctx, q, shop, list[0].body)
		if err != nil {
			return err
		}
		theirs, err := limit.post(ctx, q, shop, list[0].body)
		if err != nil {
			return err
		}
		if !q.alike(ours, theirs) {
			return fmt.Errorf("%s is answered otherwise by the limit, so that nothing can be compared\n%s\nand not\n%s",
				q.Name, shortened(theirs), shortened(ours))
		}
	}
	return nil
}

func shortened(text []byte) []byte { return text[:min(len(text), 2000)] }

func (q Request) alike(a, b []byte) bool {
	x, y := dataOf(a), dataOf(b)
	if x == nil || y == nil {
		return false
	}
	if q.unordered {
		ordered(x)
		ordered(y)
	}
	if q.change != nil {
		anonymous(x)
		anonymous(y)
	}
	return reflect.DeepEqual(x, y)
}

// dataOf is what an answer says, without what it says of itself, such as its cost; nil for what is none.
func dataOf(answer []byte) any {
	var read struct {
		Data any `json:"data"`
	}
	if json.Unmarshal(answer, &read) != nil {
		return nil
	}
	return read.Data
}

// ordered puts all lists into the order of their texts.
func ordered(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, field := range v {
			ordered(field)
		}
	case []any:
		for _, item := range v {
			ordered(item)
		}
		slices.SortFunc(v, func(a, b any) int {
			x, _ := json.Marshal(a) // they come from JSON
			y, _ := json.Marshal(b)
			return bytes.Compare(x, y)
		})
	}
}

// anonymous takes away what is new each time that something is made: ids and numbers, which have to be there.
func anonymous(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			if text, _ := field.(string); name == "id" && text != "" {
				v[name] = "some"
			}
			if n, _ := field.(float64); name == "receiptNumber" && n > 0 {
				v[name] = "some"
			}
			anonymous(field)
		}
	case []any:
		for _, item := range v {
			anonymous(item)
		}
	}
}
