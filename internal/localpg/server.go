package localpg

import (
	"context"
	"net/url"
	"strconv"
	"strings"
)

// Server is a running PostgreSQL: a child of this process, or another process's
// that is being reused.
type Server struct {
	addr    address
	version string
	child   *child // nil when reused
}

// URL is the connection string for a user and a database over the unix socket.
// It escapes both; neither needs to exist.
func (s *Server) URL(user, database string) string { return s.addr.url(user, database) }

// Reused reports whether the server belongs to another process. Such a server
// ends when that process does.
func (s *Server) Reused() bool { return s.child == nil }

// Version is the server's version, such as 15.18.
func (s *Server) Version() string { return s.version }

// Done is closed when the child exits, asked to or not. It is never closed for a
// reused server.
func (s *Server) Done() <-chan struct{} {
	if s.child == nil {
		return nil
	}
	return s.child.done
}

// Stop shuts the child down cleanly: connections are ended, everything is
// written. When ctx ends first the server is stopped without waiting for its
// last checkpoint, which costs the next start a recovery but no data, and the
// error says so. On return nothing runs. Stop may be called more than once; on a
// reused server it does nothing.
func (s *Server) Stop(ctx context.Context) error {
	if s.child == nil {
		return nil
	}
	return s.child.stop(ctx)
}

// address is where a server listens. The port only names the socket file.
type address struct {
	socketDir string
	port      int
}

const defaultPort = 5432

func (a address) url(user, database string) string {
	u := url.URL{Scheme: "postgres", Path: "/" + database}
	if user != "" {
		u.User = url.User(user)
	}
	// libpq does not read + as a space.
	host := strings.ReplaceAll(url.QueryEscape(a.socketDir), "+", "%20")
	// sslmode keeps a PGSSLMODE meant for another server from breaking this one.
	u.RawQuery = "host=" + host + "&port=" + strconv.Itoa(a.port) + "&sslmode=disable"
	return u.String()
}
