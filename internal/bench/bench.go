package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"
)

// Options say what is measured and how long.
type Options struct {
	// ServerURL is the server's GraphQL endpoint, LimitURL the limit's root.
	ServerURL, LimitURL string
	// The processes' ids; 0 where they aren't known.
	ServerPID, LimitPID, PostgresPID int
	Shops                            []*Shop
	// Connections are how many requests are under way at once, one measurement each.
	Connections []int
	// Slice is how long one side is measured before it is the other's turn, and Turns how often.
	Slice time.Duration
	Turns int
	// Only names the kinds of requests to measure; all are, where there are none.
	Only []string
	// Counts are the statements and round trips that the server has sent so far.
	Counts func(context.Context) (Counts, error)
	// Settled says that the server has nothing left to do of what was asked before. Reports are compared, and the limit
	// reads their sums alone; and no request is to pay for those before it.
	Settled func(context.Context) (bool, error)
	Out     io.Writer
	Now     func() time.Time
}

// Counts are what the server asked the database for.
type Counts struct{ Statements, RoundTrips float64 }

// Line is the result of one kind of request over so many connections.
type Line struct {
	Request     Request
	Connections int
	// Share is the server's part of the limit's requests a second, in percent.
	Share                               float64
	ServerRate, LimitRate               float64
	ServerP50, ServerP99                time.Duration
	LimitP50, LimitP99                  time.Duration
	ServerCPU, DatabaseCPU              float64
	LimitServerCPU, LimitDatabaseCPU    float64
	StatementsPerRequest, TripsPerAsked float64
}

// Result is all that was measured.
type Result struct {
	Lines []Line
	// Resident is the most memory that the server held, in bytes.
	Resident int64
}

// Run compares the answers, and then measures.
func Run(ctx context.Context, o Options) (*Result, error) {
	most := 0
	for _, n := range o.Connections {
		most = max(most, n)
	}
	server := newSide("server", o.ServerURL, false, process{pid: o.ServerPID}, most, o.Now)
	limit := newSide("limit", o.LimitURL, true, process{pid: o.LimitPID}, most, o.Now)
	// Always the same requests, in the same order.
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nothing is secret
	if err := o.settle(ctx); err != nil {
		return nil, err
	}
	for _, q := range o.requests() {
		if err := same(ctx, q, server, limit, o.Shops[:min(len(o.Shops), 20)], r); err != nil {
			return nil, err
		}
	}
	if err := o.settle(ctx); err != nil { // after the sales that were compared
		return nil, err
	}
	result := &Result{}
	for _, m := range o.measurements() {
		line, err := measure(ctx, o, m.q, server, limit, m.conns, r)
		if err != nil {
			return nil, err
		}
		result.Lines = append(result.Lines, line)
		if _, err := fmt.Fprintln(o.Out, line.String()); err != nil {
			return nil, fmt.Errorf("print: %w", err)
		}
	}
	result.Resident = server.process.resident()
	return result, nil
}

// settle waits until nothing is left to do.
func (o Options) settle(ctx context.Context) error {
	const pause, patience = 100 * time.Millisecond, 3 * time.Minute
	for end := o.Now().Add(patience); ; time.Sleep(pause) {
		settled, err := o.Settled(ctx)
		switch {
		case err != nil || settled:
			return err
		case o.Now().After(end):
			return errUnsettled
		}
	}
}

var errUnsettled = errors.New("the server doesn't come to an end with what it does beside requests")

// measurement is one kind of request over so many connections.
type measurement struct {
	q     Request
	conns int
}

// measurements are in the order in which they are made. What reads comes first: thousands of sales leave PostgreSQL seals
// and vacuums to do for minutes, which would fall on one side's turns as it happens.
func (o Options) measurements() (all []measurement) {
	for _, changes := range []bool{false, true} {
		for _, conns := range o.Connections {
			for _, q := range o.requests() {
				if changes == (q.change != nil) {
					all = append(all, measurement{q, conns})
				}
			}
		}
	}
	return all
}

func (o Options) requests() []Request {
	return slices.DeleteFunc(Requests(), func(q Request) bool { return len(o.Only) > 0 && !slices.Contains(o.Only, q.Name) })
}

func measure(ctx context.Context, o Options, q Request, server, limit *side, conns int, r *rand.Rand) (Line, error) {
	const requests = 2048
	line := Line{Request: q, Connections: conns}
	list, err := prepare(q, o.Shops, requests, r)
	if err != nil {
		return line, err
	}
	var ours, theirs sum
	for range o.Turns {
		mine, counts, err := o.turn(ctx, server, q, list, conns)
		if err != nil {
			return line, err
		}
		other, _, err := o.turn(ctx, limit, q, list, conns)
		if err != nil {
			return line, err
		}
		ours.add(mine)
		theirs.add(other)
		if n := float64(len(mine.latencies)); n > 0 {
			line.StatementsPerRequest, line.TripsPerAsked = counts.Statements/n, counts.RoundTrips/n
		}
	}
	line.fill(&ours, &theirs)
	return line, nil
}

// turn gives a side its slice of the time, and counts what the server asked the database for in it. Each has been asked for as
// long before it is measured. What a request leaves to be done is done some time after it: so what one second leaves is done
// in another of the same turn, and what the last ones leave isn't left to the other side. That takes longest where something
// is written, and there neither finds what the other has left.
func (o Options) turn(ctx context.Context, s *side, q Request, list []prepared, conns int) (done slice, counted Counts, err error) {
	const longer = 5
	length, database := o.Slice, process{pid: o.PostgresPID, children: true}
	if q.change != nil {
		if err := o.settle(ctx); err != nil {
			return slice{}, Counts{}, err
		}
		length *= longer
	}
	if _, err := s.run(ctx, q, list, conns, length, database); err != nil {
		return slice{}, Counts{}, err
	}
	before, err := o.Counts(ctx)
	if err != nil {
		return slice{}, Counts{}, err
	}
	if done, err = s.run(ctx, q, list, conns, length, database); err != nil {
		return slice{}, Counts{}, err
	}
	after, err := o.Counts(ctx)
	return done, Counts{after.Statements - before.Statements, after.RoundTrips - before.RoundTrips}, err
}

func (l *Line) fill(ours, theirs *sum) {
	const median, tail, hundred = 50, 99, 100
	server := func(s slice) time.Duration { return s.server }
	database := func(s slice) time.Duration { return s.database }
	l.ServerRate, l.LimitRate = ours.perSecond(), theirs.perSecond()
	if l.LimitRate > 0 {
		l.Share = hundred * l.ServerRate / l.LimitRate
	}
	l.ServerP50, l.ServerP99 = ours.percentile(median), ours.percentile(tail)
	l.LimitP50, l.LimitP99 = theirs.percentile(median), theirs.percentile(tail)
	l.ServerCPU, l.DatabaseCPU = ours.perRequest(server), ours.perRequest(database)
	l.LimitServerCPU, l.LimitDatabaseCPU = theirs.perRequest(server), theirs.perRequest(database)
}

// String is a line of the table.
func (l *Line) String() string {
	us := func(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
	return fmt.Sprintf("%-3s %3d connections  %3.0f%% of the limit (%.0f/s of %.0f/s)  p50 %s (%s)  p99 %s (%s)  "+
		"CPU %.0f + %.0f us (%.0f + %.0f)  %.1f statements in %.1f round trips",
		l.Request.Name, l.Connections, l.Share, l.ServerRate, l.LimitRate, us(l.ServerP50), us(l.LimitP50),
		us(l.ServerP99), us(l.LimitP99), l.ServerCPU, l.DatabaseCPU, l.LimitServerCPU, l.LimitDatabaseCPU,
		l.StatementsPerRequest, l.TripsPerAsked)
}
