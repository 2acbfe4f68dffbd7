package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
)

// Render shows the text and the parameters that a statement would be sent with.
func (h *Handle) Render(ctx context.Context, q bun.Query) (string, []any, error) {
	return h.render(ctx, q, new([]byte))
}

// RenderStatement is Render of a statement.
func (h *Handle) RenderStatement(ctx context.Context, s Statement) (string, []any, error) {
	return h.Render(ctx, s.query)
}

// Pools are the pools of reads and writes.
func (db *DB) Pools() (read, write *pgxpool.Pool) { return db.read, db.write }

// NewestMigration is the version that this program needs.
func NewestMigration() (string, error) { return newestMigration() }

// WordPlan is how a word is read.
func WordPlan(column *pgconn.FieldDescription, target any) pgtype.ScanPlan {
	return wordPlan(column, target)
}
