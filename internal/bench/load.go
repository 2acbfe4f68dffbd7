package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// side is one of the two that are measured.
type side struct {
	name, url string
	// perName says that each kind of request has a path of its own.
	perName bool
	process process
	client  *http.Client
	now     func() time.Time
}

func newSide(name, url string, perName bool, p process, conns int, now func() time.Time) *side {
	return &side{name: name, url: url, perName: perName, process: p, now: now, client: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: conns, MaxConnsPerHost: conns, DisableCompression: true,
	}}}
}

// post sends one request and reads the whole answer.
func (s *side) post(ctx context.Context, q Request, shop *Shop, body []byte) ([]byte, error) {
	url := s.url
	if q.change != nil {
		body = bytes.Replace(body, []byte(freshKey), []byte(uuid.NewString()), 1)
	}
	if s.perName {
		url += "/" + q.Name
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+shop.Token)
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the %s: %w", s.name, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of the %s: %w", s.name, err)
	}
	if answer.StatusCode != http.StatusOK || bytes.Contains(text, []byte(`"errors":`)) || bytes.Contains(text, []byte(`"userErrors":[{`)) {
		return nil, fmt.Errorf("the %s answers %s with status %d: %s", s.name, q.Name, answer.StatusCode, text)
	}
	return text, nil
}

// prepared are requests that are written before they are sent, so that writing them isn't measured.
type prepared struct {
	shop *Shop
	body []byte
}

func prepare(q Request, shops []*Shop, many int, r *rand.Rand) ([]prepared, error) {
	list := make([]prepared, many)
	for i := range list {
		shop := shops[r.IntN(len(shops))]
		body, err := q.body(q.variables(shop, r))
		if err != nil {
			return nil, err
		}
		list[i] = prepared{shop, body}
	}
	return list, nil
}

// slice is what one side did in a while.
type slice struct {
	took      time.Duration
	latencies []time.Duration
	server    time.Duration
	database  time.Duration
}

// run asks over so many connections at once for a while.
func (s *side) run(ctx context.Context, q Request, list []prepared, conns int, long time.Duration, db process) (slice, error) {
	before, dbBefore := s.process.time(), db.time()
	begun := s.now()
	until := begun.Add(long)
	each := make([][]time.Duration, conns)
	faults := make([]error, conns)
	var wg sync.WaitGroup
	for c := range conns {
		wg.Go(func() {
			// At least one each: a busy machine may begin with this when the while is over.
			for i := c; (i == c || s.now().Before(until)) && ctx.Err() == nil; i += conns {
				p := list[i%len(list)]
				sent := s.now()
				if _, err := s.post(ctx, q, p.shop, p.body); err != nil {
					faults[c] = err
					return
				}
				each[c] = append(each[c], s.now().Sub(sent))
			}
		})
	}
	wg.Wait()
	for _, err := range faults {
		if err != nil {
			return slice{}, err
		}
	}
	return slice{
		took: s.now().Sub(begun), latencies: slices.Concat(each...),
		server: s.process.time() - before, database: db.time() - dbBefore,
	}, ctx.Err() //nolint:wrapcheck // it was told to stop
}

// sum is all that one side did with one kind of request over so many connections.
type sum struct{ slices []slice }

func (s *sum) add(one slice) { s.slices = append(s.slices, one) }

func (s *sum) requests() (n int) {
	for _, one := range s.slices {
		n += len(one.latencies)
	}
	return n
}

func (s *sum) total(of func(slice) time.Duration) (all time.Duration) {
	for _, one := range s.slices {
		all += of(one)
	}
	return all
}

func (s *sum) perSecond() float64 {
	took := s.total(func(o slice) time.Duration { return o.took }).Seconds()
	if took == 0 {
		return 0
	}
	return float64(s.requests()) / took
}

// perRequest is the processor time that a request took, in microseconds.
func (s *sum) perRequest(of func(slice) time.Duration) float64 {
	if s.requests() == 0 {
		return 0
	}
	return float64(s.total(of).Microseconds()) / float64(s.requests())
}

// percentile is the latency that so many of a hundred requests stay below.
func (s *sum) percentile(of float64) time.Duration {
	var all []time.Duration
	for _, one := range s.slices {
		all = append(all, one.latencies...)
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	const hundred = 100
	return all[min(len(all)-1, int(of/hundred*float64(len(all))))]
}
