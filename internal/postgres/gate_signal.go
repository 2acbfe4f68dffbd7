package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tillgraph/tillgraph/internal/id"
)

// AddedSignals is what became of signals.
type AddedSignals struct {
	// Slug is the company's, "" where there is none.
	Slug string
	// Alerted are the kinds that follow from what the company's requests took and that the hour didn't have before.
	Alerted []string
}

// AddSignals adds what was noticed of a company's requests, and what they took, to what is there of it.
//
// It takes no scope and gives nothing away: the database's gate does it, for the one company.
func (db *DB) AddSignals(ctx context.Context, company id.Company, activity, signals any) (*AddedSignals, error) {
	took, err := json.Marshal(activity)
	if err != nil {
		return nil, fmt.Errorf("add signals: %w", err)
	}
	noticed, err := json.Marshal(signals)
	if err != nil {
		return nil, fmt.Errorf("add signals: %w", err)
	}
	var slug *string
	added := &AddedSignals{}
	err = db.write.QueryRow(ctx, "select slug, alerted from tillgraph.signal_add($1, $2, $3)", company.UUID(), string(took), string(noticed)).
		Scan(&slug, &added.Alerted)
	if err != nil {
		return nil, db.signalsFailed(err)
	}
	if slug != nil {
		added.Slug = *slug
	}
	return added, nil
}

// AddOperatorSignals adds what operators alone are told to what is there.
func (db *DB) AddOperatorSignals(ctx context.Context, signals any) error {
	noticed, err := json.Marshal(signals)
	if err != nil {
		return fmt.Errorf("add signals: %w", err)
	}
	_, err = db.write.Exec(ctx, "select tillgraph.signal_operators($1)", string(noticed))
	return db.signalsFailed(err)
}

// KeepSignals removes the signals of a company, and of none, that are too old.
func (db *DB) KeepSignals(ctx context.Context, company id.Company) error {
	_, err := db.write.Exec(ctx, "select tillgraph.signal_keep($1)", company.UUID())
	return db.signalsFailed(err)
}

func (db *DB) signalsFailed(err error) error {
	if err == nil {
		return nil
	}
	if lostConnection(err) {
		db.write.Reset()
	}
	return translate(fmt.Errorf("keep signals: %w", err))
}

// WholeCompany is a company as ReportCompanies gives it, nil where there is none.
func (db *DB) WholeCompany(ctx context.Context, company id.Company) (*Reporting, error) {
	before := company
	for i := len(before) - 1; i >= 0; i-- {
		before[i]--
		if before[i] != 0xff {
			break
		}
	}
	list, err := db.ReportCompanies(ctx, &before, 1)
	if err != nil || len(list) == 0 || list[0].Company != company {
		return nil, err
	}
	return list[0], nil
}
