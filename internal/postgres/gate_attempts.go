package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tillgraph/tillgraph/internal/limit"
)

// TakeAttempts counts attempts for all servers, in one round trip, up to the first that is refused. It takes no scope:
// the database's gate does it, before anybody is known.
func (db *DB) TakeAttempts(ctx context.Context, now time.Time, claims []limit.Claim) ([]limit.Grant, error) {
	of := func(text func(*limit.Claim) string) string {
		texts := make([]string, len(claims))
		for i := range claims {
			texts[i] = text(&claims[i])
		}
		return "{" + strings.Join(texts, ",") + "}"
	}
	var granted []bool
	var ends []time.Time
	err := db.write.QueryRow(ctx, "select granted, ends from tillgraph.take_attempts($1, $2, $3, $4, $5)", now,
		of(func(c *limit.Claim) string { return `"\\x` + hex.EncodeToString(c.Key[:]) + `"` }),
		of(func(c *limit.Claim) string { return strconv.Itoa(c.Allowed) }),
		of(func(c *limit.Claim) string { return strconv.Itoa(int(c.Window.Seconds())) }),
		of(func(c *limit.Claim) string { return strconv.FormatBool(c.Back) })).Scan(&granted, &ends)
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil || len(granted) != len(ends) {
		return nil, translate(fmt.Errorf("take attempts: %w", err))
	}
	grants := make([]limit.Grant, len(granted))
	for i := range grants {
		grants[i] = limit.Grant{Allowed: granted[i], Until: ends[i]}
	}
	return grants, nil
}
