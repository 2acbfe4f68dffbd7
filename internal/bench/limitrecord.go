package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
)

// seen is what the record of a kind of request says, whoever asks.
type seen struct {
	kind     audit.Kind
	document string
	types    []string
	stores   func(s scope, v map[string]string) []uuid.UUID
}

func seenBy(q Request) seen {
	kind, hash := audit.Query, sha256.Sum256([]byte(q.document))
	if q.change != nil {
		kind = audit.Mutation
	}
	return seen{kind: kind, document: hex.EncodeToString(hash[:]), types: q.types, stores: q.stores}
}

// The stores whose rows a request is about.
func noStore(scope, map[string]string) []uuid.UUID { return []uuid.UUID{} }

func askedStore(_ scope, v map[string]string) []uuid.UUID          { return []uuid.UUID{wireID(v["id"])} }
func registersStore(s scope, _ map[string]string) []uuid.UUID      { return []uuid.UUID{s.store} }
func everyStore(s scope, _ map[string]string) (stores []uuid.UUID) { return s.stores }

// record tells of an access what the server's record of it says.
func (l *Limit) record(r *http.Request, name string, s scope, v map[string]string, rows int, began time.Time) {
	about := l.seen[name]
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	user := id.User(s.user)
	a := &audit.Access{
		At: began, UserID: &user, Address: address, RequestID: uuid.NewString(), Operation: name, Kind: about.kind,
		Document: about.document, Types: about.types, StoreIDs: about.stores(s, v), Rows: rows,
		Micros: l.now().Sub(began).Microseconds(), Outcome: audit.Answered,
	}
	a.TenantID = id.Company(s.tenant)
	l.accessed(a)
}

// counted counts the rows that are read.
type counted struct {
	pgx.BatchResults
	rows int
}
