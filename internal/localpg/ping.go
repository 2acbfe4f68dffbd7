package localpg

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// superuser is the data folder's first role.
const superuser = "postgres"

// ping connects, and answers the server's version.
func ping(ctx context.Context, addr address) (string, error) {
	cfg, err := pgx.ParseConfig(addr.url(superuser, "postgres"))
	if err != nil {
		return "", err
	}
	cfg.ConnectTimeout = 5 * time.Second
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return "", err
	}
	// Distributions add their own mark: 15.18 (Debian 15.18-0+deb12u1).
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
	return version, conn.Close(ctx)
}

// mayComeUp tells a server that is not there yet, or is just going, from one
// that answers and will keep refusing: a changed pg_hba.conf, a socket that is
// not ours to open, settings of this process that cannot be read.
func mayComeUp(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return !strings.HasPrefix(pgErr.Code, "28") // invalid authorization
	}
	var cfgErr *pgconn.ParseConfigError
	return !errors.Is(err, fs.ErrPermission) && !errors.As(err, &cfgErr)
}
