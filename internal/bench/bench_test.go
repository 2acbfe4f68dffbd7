package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTextIsJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text")
		var got string
		if err := json.Unmarshal(text(nil, want), &got); err != nil || got != want {
			t.Fatalf("%q is written %s: %v", want, text(nil, want), err)
		}
	})
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b      string
		unordered bool
		want      bool
	}{
		{`{"a": 1, "b": [1, 2]}`, `{"b":[1,2],"a":1}`, false, true},
		{`[1, 2]`, `[2, 1]`, false, false},
		{`{"a": [{"x": 1}, {"x": 2}]}`, `{"a": [{"x": 2}, {"x": 1}]}`, true, true},
		{`[1, 2]`, `[1, 1]`, true, false},
		{`{"a": null}`, `{}`, true, false},
		{`[`, `[`, false, false},
	} {
		if got := (Request{unordered: test.unordered}).alike([]byte(`{"data":`+test.a+`}`), []byte(`{"data":`+test.b+`,"extensions":{"cost":1}}`)); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	var s sum
	if s.perSecond() != 0 || s.percentile(99) != 0 || s.perRequest(func(o slice) time.Duration { return o.server }) != 0 {
		t.Error("nothing was done, and it is told of")
	}
	one := slice{took: time.Second, server: 40 * time.Millisecond}
	for i := range 100 {
		one.latencies = append(one.latencies, time.Duration(i+1)*time.Millisecond)
	}
	s.add(one)
	s.add(slice{took: time.Second, server: 60 * time.Millisecond, latencies: one.latencies})
	if s.requests() != 200 || s.perSecond() != 100 || s.perRequest(func(o slice) time.Duration { return o.server }) != 500 {
		t.Errorf("%d, %f a second", s.requests(), s.perSecond())
	}
	if s.percentile(50) != 51*time.Millisecond || s.percentile(99) != 100*time.Millisecond || s.percentile(100) != 100*time.Millisecond {
		t.Errorf("%s, %s", s.percentile(50), s.percentile(99))
	}
}

// TestWhatSellsIsMeasuredLast: what it leaves to be done falls on nobody who reads.
func TestWhatSellsIsMeasuredLast(t *testing.T) {
	t.Parallel()
	var got []string
	for _, m := range (Options{Connections: []int{1, 16}, Only: []string{"Q1", "Q5", "M1"}}).measurements() {
		got = append(got, fmt.Sprint(m.q.Name, " ", m.conns))
	}
	if want := []string{"Q1 1", "Q5 1", "Q1 16", "Q5 16", "M1 1", "M1 16"}; !slices.Equal(got, want) {
		t.Errorf("measured: %q", got)
	}
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc: nothing is told of processes")
	}
	if Parent(os.Getpid()) != os.Getppid() {
		t.Errorf("our parent is %d, and not %d", os.Getppid(), Parent(os.Getpid()))
	}
	own := process{pid: os.Getpid()}
	before := own.time()
	for end := time.Now().Add(10 * time.Second); own.time() == before && time.Now().Before(end); {
		_ = json.Valid([]byte(`{"busy": true}`))
	}
	if own.time() <= before || own.resident() < 1<<20 {
		t.Errorf("%s of the processor, %d bytes", own.time(), own.resident())
	}
	if (process{}).time() != 0 || (process{pid: -1}).resident() != 0 || Parent(-1) != 0 {
		t.Error("no process took something")
	}
}
