package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tillgraph/tillgraph/internal/limit"
)

// TakePoints leases points of the buckets that all servers share, in one round trip. It takes no scope: the database's
// gate does it, for the one company.
func (db *DB) TakePoints(ctx context.Context, company [16]byte, asks []limit.Ask) ([]limit.Lease, error) {
	holders := make([][16]byte, len(asks))
	for i := range asks {
		holders[i] = asks[i].Holder
	}
	of := func(number func(*limit.Ask) int64) string {
		texts := make([]string, len(asks))
		for i := range asks {
			texts[i] = strconv.FormatInt(number(&asks[i]), 10)
		}
		return "{" + strings.Join(texts, ",") + "}"
	}
	var granted, left []int64
	err := db.write.QueryRow(ctx, "select granted, remaining from tillgraph.take_points($1, $2, $3, $4, $5, $6, $7)",
		company, uuidArray(holders),
		of(func(a *limit.Ask) int64 { return a.Most }), of(func(a *limit.Ask) int64 { return a.PerSecond }),
		of(func(a *limit.Ask) int64 { return a.Need }), of(func(a *limit.Ask) int64 { return a.Want }),
		of(func(a *limit.Ask) int64 { return a.Back })).Scan(&granted, &left)
	if err != nil && lostConnection(err) {
		db.write.Reset()
	}
	if err != nil || len(granted) != len(asks) || len(left) != len(asks) {
		return nil, translate(fmt.Errorf("take points: %w", err))
	}
	leases := make([]limit.Lease, len(asks))
	for i := range leases {
		leases[i] = limit.Lease{Points: granted[i], Left: left[i]}
	}
	return leases, nil
}
