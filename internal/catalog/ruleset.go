package catalog

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// BarcodeRuleSetInput is a rule for barcodes with a weight or a price in them.
type BarcodeRuleSetInput struct {
	Prefix          string
	ItemDigits      int
	ValueCheckDigit bool
	ValueDigits     int
	ValueKind       BarcodeValueKind
	Decimals        int
}

func (in BarcodeRuleSetInput) validate(problems *errs.Problems) {
	const mostDecimals = 3
	own := strings.HasPrefix(in.Prefix, "2") || strings.HasPrefix(in.Prefix, "02")
	if !digits(in.Prefix) || len(in.Prefix) < shortestPrefix || len(in.Prefix) > longestPrefix || !own {
		problems.Add(form.Invalid, []string{"prefix"}, "This must be %d to %d digits that begin with 2 or 02.",
			shortestPrefix, longestPrefix)
	}
	if in.ItemDigits < 1 {
		problems.Add(form.Invalid, []string{"itemDigits"}, "An item needs a digit.")
	}
	if in.ValueDigits < 1 {
		problems.Add(form.Invalid, []string{"valueDigits"}, "A value needs a digit.")
	}
	sum := len(in.Prefix) + in.ItemDigits + in.ValueDigits
	if in.ValueCheckDigit {
		sum++
	}
	if sum != payloadDigits {
		problems.Add(form.Invalid, []string{"valueDigits"},
			"An EAN-13 has %d digits before its check digit; these are %d.", payloadDigits, sum)
	}
	if in.Decimals < 0 || in.Decimals > mostDecimals {
		problems.Add(form.Invalid, []string{"decimals"}, "This must be 0 to %d.", mostDecimals)
	}
}

// SetBarcodeRule adds the rule for a prefix, or changes it.
//
// Errors: problems INVALID.
func (c *Catalog) SetBarcodeRule(ctx context.Context, in BarcodeRuleSetInput) (*BarcodeRule, error) {
	var problems errs.Problems
	in.validate(&problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	now := c.now()
	var set *BarcodeRule
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		rule := &BarcodeRule{
			Prefix: in.Prefix, ItemDigits: in.ItemDigits, ValueCheckDigit: in.ValueCheckDigit,
			ValueDigits: in.ValueDigits, ValueKind: in.ValueKind, Decimals: in.Decimals,
			Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		return tx.Finish(ctx, postgres.Row(&set, tx.Insert(rule).
			On("CONFLICT (tenant_id, prefix) DO UPDATE").
			Set("item_digits = EXCLUDED.item_digits").Set("value_check_digit = EXCLUDED.value_check_digit").
			Set("value_digits = EXCLUDED.value_digits").Set("value_kind = EXCLUDED.value_kind").
			Set("decimals = EXCLUDED.decimals").Set("updated_at = EXCLUDED.updated_at").
			Set("version = ?TableAlias.version + 1").Returning("?TableAlias.*")))
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// RemoveBarcodeRule takes the rule for a prefix away; it gives the rule that was.
//
// Errors: problems NOT_FOUND.
func (c *Catalog) RemoveBarcodeRule(ctx context.Context, prefix string) (*BarcodeRule, error) {
	if !storable(prefix) {
		prefix = ""
	}
	var removed *BarcodeRule
	err := c.db.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Send(ctx, postgres.Row(&removed, tx.Delete((*BarcodeRule)(nil)).
			Where("?TableAlias.prefix = ?", prefix).Returning("?TableAlias.*"))); err != nil {
			return err
		}
		if removed == nil {
			return errs.Problems{{Code: form.NotFound, Field: []string{"prefix"}, Message: "There is no such rule."}}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// BarcodeRules lists the company's rules by prefix.
func (c *Catalog) BarcodeRules(ctx context.Context, a page.Args) (*BarcodeRuleConnection, error) {
	h, err := c.db.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.List(ctx, h, func() *bun.SelectQuery { return h.Select((*BarcodeRule)(nil)) }, rulesByPrefix(), a)
}
