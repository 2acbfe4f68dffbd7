package billing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signup"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// Models are the package's tables.
func Models() []any { return []any{(*event)(nil)} }

// event is what was told of a company.
type event struct {
	bun.BaseModel `bun:"table:billing_events,alias:billing_event"`
	postgres.TenantOwned

	Event      string        `bun:"event"`
	Kind       string        `bun:"kind"`
	Plan       *tenancy.Plan `bun:"plan"`
	OccurredAt time.Time     `bun:"occurred_at"`
	Applied    bool          `bun:"applied"`
	BodyHash   []byte        `bun:"body_hash"`
	ReceivedAt time.Time     `bun:"received_at"`
}

// The kinds of events, as messages name them, and as the database does.
const (
	signUp    = "company.sign_up"
	plan      = "company.plan"
	suspend   = "company.suspend"
	reinstate = "company.reinstate"
)

func kinds() map[string]string {
	return map[string]string{signUp: "SIGN_UP", plan: "PLAN", suspend: "SUSPEND", reinstate: "REINSTATE"}
}

// message is what comes.
type message struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	OccurredAt time.Time `json:"occurredAt"`
	Slug       string    `json:"slug"`
	Plan       string    `json:"plan"`
	// Company is the one to make.
	Company *newCompany `json:"company"`
}

type newCompany struct {
	Name            string  `json:"name"`
	CountryCode     string  `json:"countryCode"`
	BusinessType    string  `json:"businessType"`
	OwnerName       string  `json:"ownerName"`
	OwnerEmail      string  `json:"ownerEmail"`
	StoreName       *string `json:"storeName"`
	SampleCatalogue bool    `json:"sampleCatalogue"`
}

// Result is what came of an event.
type Result string

// The results.
const (
	Applied Result = "APPLIED"
	// Repeated events were told before, and did nothing this time.
	Repeated Result = "REPEATED"
	// Outdated events came after a later one of their kind, and did nothing.
	Outdated Result = "OUTDATED"

	unknown Result = "UNKNOWN"
	reused  Result = "REUSED"
	taken   Result = "TAKEN"
)

func problem(code, field, text string) error {
	return errs.Problems{{Code: code, Field: []string{field}, Message: text}}
}

// read takes a body apart and finds all that is wrong with it.
func read(body []byte, now time.Time) (*message, error) {
	m := &message{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(m); err != nil || decoder.More() {
		return nil, errs.New(errs.BadUserInput, "The body is no event.")
	}
	var p errs.Problems
	m.ID = form.Text(&p, m.ID, 1, 200, "id")
	if kinds()[m.Type] == "" {
		p.Add(form.Invalid, []string{"type"}, "There is no such type of event.")
	}
	switch {
	case m.OccurredAt.IsZero():
		p.Add(form.Invalid, []string{"occurredAt"}, "This must not be empty.")
	case m.OccurredAt.Sub(now) > tolerance:
		p.Add(form.Invalid, []string{"occurredAt"}, "This must not be in the future.")
	}
	if m.Slug == "" || strings.ContainsRune(m.Slug, 0) {
		p.Add(form.Invalid, []string{"slug"}, "This must name a company.")
	}
	known := slices.Contains(tenancy.Plans(), tenancy.Plan(m.Plan))
	if m.Type == plan && !known || m.Type == signUp && m.Plan != "" && !known {
		p.Add(form.Invalid, []string{"plan"}, "There is no such plan.")
	}
	if m.Type == signUp && m.Company == nil {
		p.Add(form.Invalid, []string{"company"}, "This must not be empty.")
	}
	return m, p.Err()
}

// Apply does what an event says, once.
//
// Errors: BAD_USER_INPUT; problems INVALID, NOT_FOUND, EVENT_ID_REUSED, and those of a sign-up.
func (h *Hook) apply(ctx context.Context, body []byte) (Result, error) {
	m, err := read(body, h.Now())
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(body)
	bill := postgres.Bill{
		Slug: m.Slug, Event: m.ID, Kind: kinds()[m.Type], Plan: m.Plan, OccurredAt: m.OccurredAt, Hash: hash[:],
	}
	result, err := h.told(ctx, bill)
	if m.Type != signUp || result != unknown {
		return result, err
	}
	err = h.signUp(ctx, m, hash[:])
	var p errs.Problems
	if errors.As(err, &p) && slices.ContainsFunc(p, func(p errs.Problem) bool { return p.Code == "SLUG_TAKEN" }) {
		// Perhaps by this very event, told twice at once.
		if again, told := h.told(ctx, bill); told == nil && again == Repeated {
			return again, nil
		}
	}
	if err != nil {
		return "", err
	}
	return Applied, nil
}

// told tells the database of an event. Without a company to make, an unknown one is a problem.
func (h *Hook) told(ctx context.Context, bill postgres.Bill) (Result, error) {
	text, err := h.DB.Bill(ctx, bill)
	switch result := Result(text); {
	case err != nil:
		return "", fmt.Errorf("apply an event: %w", err)
	case result == unknown && bill.Kind == kinds()[signUp]:
		return unknown, nil
	case result == unknown:
		return "", problem(form.NotFound, "slug", "There is no such company.")
	case result == reused:
		return "", problem("EVENT_ID_REUSED", "id", "Another event of this company had this id.")
	case result == taken:
		return "", problem("SLUG_TAKEN", "slug", "Another company has this name, or one that looks like it.")
	default:
		return result, nil
	}
}

func (h *Hook) signUp(ctx context.Context, m *message, hash []byte) error {
	row := &event{
		Event: m.ID, Kind: kinds()[signUp], OccurredAt: m.OccurredAt, Applied: true, BodyHash: hash, ReceivedAt: h.Now(),
	}
	if m.Plan != "" {
		row.Plan = new(tenancy.Plan(m.Plan))
	}
	_, err := h.SignUps.Bought(ctx, signup.CompanySignUpInput{
		Slug: m.Slug, Name: m.Company.Name, CountryCode: m.Company.CountryCode,
		BusinessType: tenancy.BusinessType(m.Company.BusinessType), OwnerName: m.Company.OwnerName,
		OwnerEmail: m.Company.OwnerEmail, StoreName: m.Company.StoreName, SampleCatalogue: m.Company.SampleCatalogue,
	}, m.Plan, func(tx *postgres.Tx) []postgres.Statement {
		return []postgres.Statement{tx.Add(row)}
	})
	return err
}
