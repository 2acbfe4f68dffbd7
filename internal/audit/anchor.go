package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Anchors are heads of chains that are kept where who can change the database can't reach: a JSON object a line, in a
// file or at an address.
type Anchors struct {
	file, address string
	client        *http.Client
}

var errAnchor = errors.New("the place of anchors must be file:///path or https://address")

// OpenAnchors names where they are kept. Heads are added at the end of a file; to an address they are sent by POST, and
// come from it by GET, all of them. client sends them; nil is a usual one.
func OpenAnchors(place string, client *http.Client) (*Anchors, error) {
	u, err := url.Parse(place)
	if err != nil {
		return nil, errAnchor // the cause could show a password
	}
	const longest = 30 * time.Second
	if client == nil {
		client = &http.Client{Timeout: longest}
	}
	switch {
	case u.Scheme == "file" && u.Host == "" && filepath.IsAbs(u.Path):
		return &Anchors{file: u.Path}, nil
	case u.Scheme == "https" && u.Host != "":
		return &Anchors{address: place, client: client}, nil
	default:
		return nil, errAnchor
	}
}

// Write adds heads.
func (a *Anchors) Write(ctx context.Context, heads []Anchor) error {
	var lines bytes.Buffer
	for _, head := range heads {
		line, err := json.Marshal(head)
		if err != nil {
			return fmt.Errorf("anchor: %w", err)
		}
		lines.Write(append(line, '\n'))
	}
	if a.file != "" {
		return a.append(lines.Bytes())
	}
	body, err := a.ask(ctx, http.MethodPost, &lines)
	if err != nil {
		return err
	}
	return body.Close()
}

func (a *Anchors) append(lines []byte) (err error) {
	const mine = 0o600
	f, err := os.OpenFile(a.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, mine)
	if err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(lines); err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	return f.Sync()
}

func (a *Anchors) ask(ctx context.Context, method string, lines io.Reader) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, method, a.address, lines)
	if err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := a.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	if answer.StatusCode < http.StatusOK || answer.StatusCode >= http.StatusMultipleChoices {
		return nil, errors.Join(fmt.Errorf("anchor: the answer was %s", answer.Status), answer.Body.Close())
	}
	return answer.Body, nil
}

// Read gives all heads that were added, by company.
func (a *Anchors) Read(ctx context.Context) (heads map[string][]Anchor, err error) {
	var from io.ReadCloser
	if a.file != "" {
		from, err = os.Open(a.file)
	} else {
		from, err = a.ask(ctx, http.MethodGet, http.NoBody)
	}
	if err != nil {
		return nil, fmt.Errorf("read the anchors: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	heads = map[string][]Anchor{}
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		var head Anchor
		if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
			return nil, fmt.Errorf("read the anchors: line %d: %w", n, err)
		}
		heads[head.Company] = append(heads[head.Company], head)
	}
	return heads, lines.Err()
}

// Anchorer adds the heads of all companies to the anchors, where they have moved.
type Anchorer struct {
	db  *postgres.DB
	log *slog.Logger
	to  *Anchors
	now func() time.Time
	// last is how far each company's chain was when its head was added.
	last map[id.Company]int64
}

// NewAnchorer makes an Anchorer, which does nothing until it runs.
func NewAnchorer(db *postgres.DB, log *slog.Logger, to *Anchors, now func() time.Time) *Anchorer {
	return &Anchorer{db: db, log: log, to: to, now: now, last: map[id.Company]int64{}}
}

// Run anchors every so often, until ctx ends.
func (a *Anchorer) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := a.Anchor(ctx); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "the heads of the trail weren't anchored", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Anchor adds the heads that have moved.
func (a *Anchorer) Anchor(ctx context.Context) error {
	const most = 100
	var last *id.Company
	for {
		list, err := a.db.ReportCompanies(ctx, last, most)
		if err != nil {
			return err
		}
		var heads []Anchor
		moved := map[id.Company]int64{}
		for _, company := range list {
			last = &company.Company
			h, err := a.db.Bind(tenancy.With(ctx, company.Scope()))
			if err != nil {
				return err
			}
			head, err := readHead(ctx, h)
			if err != nil {
				return err
			}
			if head.Position == a.last[company.Company] {
				continue
			}
			moved[company.Company] = head.Position
			heads = append(heads, Anchor{
				Company: company.Company.UUID().String(), Position: head.Position, Hash: hex.EncodeToString(head.Hash), At: a.now().UTC(),
			})
		}
		if len(heads) > 0 {
			if err := a.to.Write(ctx, heads); err != nil {
				return err
			}
		}
		maps.Copy(a.last, moved)
		if len(list) < most {
			return nil
		}
	}
}
