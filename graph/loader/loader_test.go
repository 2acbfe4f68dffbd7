package loader_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/page"
)

// calls remembers the batches that a look-up got.
type calls[K any] struct {
	mu   sync.Mutex
	keys [][]K
}

func (c *calls[K]) add(keys []K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = append(c.keys, slices.Clone(keys))
}

// squares knows the numbers below 1000, answers in an order of its own, and leaves out the odd ones.
func (c *calls[K]) squares(_ context.Context, keys []int) (map[int]int, error) {
	found := map[int]int{}
	for _, k := range keys {
		if k%2 == 0 {
			found[k] = k * k
		}
	}
	return found, nil
}

// all asks for keys at once, each from a place of its own, as fields do.
func all[K comparable, V any](ctx context.Context, l loader.Loader[K, V], keys []K) ([]V, []error) {
	values, errs := make([]V, len(keys)), make([]error, len(keys))
	var wg sync.WaitGroup
	for i, k := range keys {
		wg.Go(func() { values[i], errs[i] = l.Get(ctx, k) })
	}
	wg.Wait()
	return values, errs
}

func TestEachKeyItsValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		keys := rapid.SliceOfN(rapid.IntRange(0, 50), 1, 100).Draw(rt, "keys")
		var c calls[int]
		l := loader.Of(func(ctx context.Context, keys []int) (map[int]int, error) {
			c.add(keys)
			return c.squares(ctx, keys)
		})
		values, failed := all(t.Context(), l, keys)
		for i, k := range keys {
			want := 0
			if k%2 == 0 {
				want = k * k
			}
			if values[i] != want || failed[i] != nil {
				rt.Errorf("%d gave %d, %v", k, values[i], failed[i])
			}
		}
		distinct := map[int]bool{}
		for _, k := range keys {
			distinct[k] = true
		}
		var asked []int
		for _, batch := range c.keys {
			asked = append(asked, batch...)
		}
		slices.Sort(asked)
		if !slices.Equal(asked, slices.Sorted(maps.Keys(distinct))) {
			rt.Errorf("the batches of %v were %v", keys, c.keys)
		}
	})
}

func TestAFailureIsEveryKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("the database is gone")
		l := loader.Of(func(context.Context, []int) (map[int]int, error) { return nil, failure })
		_, failed := all(t.Context(), l, []int{1, 2, 3})
		for i, err := range failed {
			if !errors.Is(err, failure) {
				t.Errorf("key %d: %v", i, err)
			}
		}
		byKey := loader.ByKey(func(context.Context, []int) ([]*int, error) { return nil, failure }, func(v *int) int { return *v })
		if v, err := byKey.Get(t.Context(), 1); v != nil || !errors.Is(err, failure) {
			t.Errorf("by key: %v, %v", v, err)
		}
		grouped := loader.Grouped(func(context.Context, []int) ([]*int, error) { return nil, failure }, func(v *int) int { return *v })
		if v, err := grouped.Get(t.Context(), 1); v != nil || !errors.Is(err, failure) {
			t.Errorf("grouped: %v, %v", v, err)
		}
	})
}

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const capacity, many = 1000, 2500
		var c calls[int]
		l := loader.Of(func(ctx context.Context, keys []int) (map[int]int, error) {
			c.add(keys)
			return c.squares(ctx, keys)
		})
		keys := make([]int, many)
		for i := range keys {
			keys[i] = i
		}
		values, _ := all(t.Context(), l, keys)
		if values[2000] != 2000*2000 {
			t.Errorf("2000 gave %d", values[2000])
		}
		var sizes []int
		for _, batch := range c.keys {
			sizes = append(sizes, len(batch))
		}
		slices.Sort(sizes)
		if !slices.Equal(sizes, []int{many - 2*capacity, capacity, capacity}) {
			t.Errorf("%d keys went in batches of %v", many, sizes)
		}
	})
}

// TestTheWait is exact, because the clock stands still until everybody waits.
func TestTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c calls[int]
		l := loader.Of(func(ctx context.Context, keys []int) (map[int]int, error) {
			c.add(keys)
			return c.squares(ctx, keys)
		})
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 400 * time.Microsecond) // 0, 0.4, 0.8, 1.2 ms
				_, _ = l.Get(t.Context(), i)
			})
		}
		wg.Wait()
		if took := time.Since(began); took != 2200*time.Microsecond {
			t.Errorf("it took %v", took)
		}
		if len(c.keys) != 2 || len(c.keys[0]) != 3 || len(c.keys[1]) != 1 {
			t.Errorf("the batches were %v", c.keys)
		}
	})
}

func TestTwoRequestsShareNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type who struct{}
		fetch := func(ctx context.Context, keys []int) (map[int]string, error) {
			found := map[int]string{}
			for _, k := range keys {
				found[k] = fmt.Sprint(ctx.Value(who{}), k)
			}
			return found, nil
		}
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			l := loader.Of(fetch) // as each request makes its own
			for k := range 10 {
				wg.Go(func() {
					got, err := l.Get(context.WithValue(t.Context(), who{}, name), k)
					if want := fmt.Sprint(name, k); got != want || err != nil {
						t.Errorf("%q, %v; want %q", got, err, want)
					}
				})
			}
		}
		wg.Wait()
	})
}

func TestByKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := loader.ByKey(func(context.Context, []int) ([]*string, error) { // in an order of its own
			return []*string{new("333"), new("1")}, nil
		}, func(s *string) int { return len(*s) })
		values, failed := all(t.Context(), l, []int{1, 2, 3})
		if *values[0] != "1" || values[1] != nil || *values[2] != "333" || errors.Join(failed...) != nil {
			t.Errorf("%v, %v", values, failed)
		}
	})
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := loader.Grouped(func(context.Context, []int) ([]*string, error) {
			return []*string{new("bb"), new("a"), new("ab"), new("aa")}, nil
		}, func(s *string) int { return len(*s) })
		values, failed := all(t.Context(), l, []int{2, 1, 3})
		var got [][]string
		for _, group := range values {
			texts := []string{}
			for _, s := range group {
				texts = append(texts, *s)
			}
			got = append(got, texts)
		}
		if fmt.Sprint(got) != "[[bb ab aa] [a] []]" || errors.Join(failed...) != nil {
			t.Errorf("%v, %v", got, failed)
		}
		if values[2] == nil {
			t.Error("a parent without rows has no list")
		}
	})
}

func TestPagesGoByTheirArguments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c calls[string]
		l := loader.PagesOf(func(_ context.Context, parents []int, a page.Args) (map[int]*page.Connection[int], error) {
			sorted := slices.Sorted(slices.Values(parents))
			c.add([]string{a.Key(), fmt.Sprint(sorted)})
			found := map[int]*page.Connection[int]{}
			for _, p := range parents {
				if p != 9 {
					found[p] = &page.Connection[int]{TotalCount: p * *a.First}
				}
			}
			return found, nil
		})
		var wg sync.WaitGroup
		for parent := range 3 {
			for _, first := range []int{1, 2} {
				wg.Go(func() {
					got, err := l.Get(t.Context(), parent, page.Args{First: new(first)}) // a pointer of its own each time
					if err != nil || got.TotalCount != parent*first {
						t.Errorf("%d of %d: %+v, %v", first, parent, got, err)
					}
				})
			}
		}
		wg.Wait()
		if len(c.keys) != 2 {
			t.Errorf("the batches were %v", c.keys)
		}
		for _, batch := range c.keys {
			if batch[1] != "[0 1 2]" {
				t.Errorf("a batch was %v", batch)
			}
		}
		if c, err := l.Get(t.Context(), 9, page.Args{First: new(1)}); err == nil {
			t.Errorf("a parent without a page got %+v", c)
		}
	})
}

// TestLoadAll: what is asked ahead goes at once, as one batch, and each key once.
func TestLoadAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c calls[int]
		l := loader.Of(func(ctx context.Context, keys []int) (map[int]int, error) {
			c.add(keys)
			time.Sleep(time.Second)
			return c.squares(ctx, keys)
		})
		began := time.Now()
		l.LoadAll(t.Context(), []int{2, 4, 4, 5})
		l.LoadAll(t.Context(), []int{5, 2})
		l.LoadAll(t.Context(), nil)
		if took := time.Since(began); took != 0 {
			t.Errorf("asking ahead took %v", took)
		}
		values, failed := all(t.Context(), l, []int{2, 4, 5})
		if !slices.Equal(values, []int{4, 16, 0}) || errors.Join(failed...) != nil || time.Since(began) != time.Second {
			t.Errorf("%v, %v after %v", values, failed, time.Since(began))
		}
		if len(c.keys) != 1 || !slices.Equal(c.keys[0], []int{2, 4, 5}) {
			t.Errorf("the batches were %v", c.keys)
		}
		if v, err := l.Get(t.Context(), 6); v != 36 || err != nil || len(c.keys) != 2 {
			t.Errorf("what was not asked ahead: %d, %v, %v", v, err, c.keys)
		}
	})
}

func TestLoadAllIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c calls[int]
		l := loader.Of(func(ctx context.Context, keys []int) (map[int]int, error) {
			c.add(keys)
			return c.squares(ctx, keys)
		})
		keys := make([]int, 2500)
		for i := range keys {
			keys[i] = i
		}
		l.LoadAll(t.Context(), keys)
		values, _ := all(t.Context(), l, []int{0, 998, 1000, 2498})
		synctest.Wait()
		if !slices.Equal(values, []int{0, 998 * 998, 1000 * 1000, 2498 * 2498}) || len(c.keys) != 3 {
			t.Errorf("%v, in %d batches", values, len(c.keys))
		}
	})
}

func TestLoadAllFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("the database is gone")
		failing := loader.Of(func(context.Context, []int) (map[int]int, error) { return nil, failure })
		failing.LoadAll(t.Context(), []int{1, 2})
		panicking := loader.Of(func(context.Context, []int) (map[int]int, error) { panic("a mistake") })
		panicking.LoadAll(t.Context(), []int{1, 2})
		for _, key := range []int{1, 2} {
			if _, err := failing.Get(t.Context(), key); !errors.Is(err, failure) {
				t.Errorf("%d: %v", key, err)
			}
			if _, err := panicking.Get(t.Context(), key); err == nil {
				t.Errorf("%d: a panic passes for an answer", key)
			}
		}
	})
}

func TestPagesAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c calls[int]
		l := loader.PagesOf(func(_ context.Context, parents []int, _ page.Args) (map[int]*page.Connection[int], error) {
			c.add(parents)
			found := map[int]*page.Connection[int]{}
			for _, p := range parents {
				found[p] = &page.Connection[int]{TotalCount: p}
			}
			return found, nil
		})
		l.LoadAll(t.Context(), []int{1, 2}, page.Args{First: new(3)})
		if got, err := l.Get(t.Context(), 2, page.Args{First: new(3)}); err != nil || got.TotalCount != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := l.Get(t.Context(), 2, page.Args{First: new(4)}); err != nil || len(c.keys) != 2 {
			t.Errorf("other arguments: %v, %v", c.keys, err)
		}
	})
}
