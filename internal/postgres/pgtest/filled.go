package pgtest

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// preparation is a template that tests share: its rows are written once a process, since that takes longer than to
// clone it does.
type preparation struct {
	once sync.Once
	err  error
	// made is what was made, encoded, so that each test has a value of its own to change.
	made bytes.Buffer
}

// preparations are those of the process, by name.
var preparations sync.Map

// Filled makes a database for a test that has two companies with a row in every table, and drops it when the test ends.
func Filled(t testing.TB) (*Database, *Fixture) {
	t.Helper()
	return Prepared(t, "filled", func(ctx context.Context, to Blank) (*Fixture, error) { return to.Fixture(ctx) })
}

// Blank is a migrated database without rows. Who fills it leaves no connection open.
type Blank struct{ OwnerURL, SuperURL string }

// Fixture writes two companies that have a row in every table.
func (b Blank) Fixture(ctx context.Context) (*Fixture, error) {
	f, rows := &Fixture{}, &batch{}
	rows.company(&f.A, "acme", 2)
	rows.company(&f.B, "bistro", 1)
	conn, err := pgx.Connect(ctx, b.SuperURL)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	err = conn.SendBatch(ctx, &rows.Batch).Close()
	return f, errors.Join(err, conn.Close(ctx))
}

// Prepared makes a database for a test as fill leaves it, and drops it when the test ends. Under one name a process
// fills but once. What fill gives is copied for each test; only its exported fields are.
func Prepared[V any](t testing.TB, name string, fill func(context.Context, Blank) (*V, error)) (*Database, *V) {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("start a PostgreSQL for the tests: %v", err)
	}
	database := "tillgraph_" + name
	kept, _ := preparations.LoadOrStore(name, &preparation{})
	p, _ := kept.(*preparation)
	p.once.Do(func() {
		// The others wait for it, also when this test is given up.
		ctx := context.WithoutCancel(t.Context())
		_, p.err = s.admin.Exec(ctx, "create database "+database+" owner "+OwnerRole+" template "+template)
		if p.err != nil {
			return
		}
		var made *V
		made, p.err = fill(ctx, Blank{OwnerURL: s.local.URL(OwnerRole, database), SuperURL: s.local.URL(superuser, database)})
		if p.err == nil {
			p.err = gob.NewEncoder(&p.made).Encode(made)
		}
	})
	if p.err != nil {
		t.Fatalf("prepare %s: %v", name, p.err)
	}
	made := new(V)
	if err := gob.NewDecoder(bytes.NewReader(p.made.Bytes())).Decode(made); err != nil {
		t.Fatalf("copy %s: %v", name, err)
	}
	return s.clone(t, database), made
}
