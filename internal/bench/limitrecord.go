package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tillgraph/tillgraph/internal/audit"
	"github.com/tillgraph/tillgraph/internal/id"
)

// kind is a kind of request as the limit knows it.
type kind struct {
	Request
	// hash is that of its document, by which the server's record names it.
	hash string
}

func kindOf(q Request) *kind {
	sum := sha256.Sum256([]byte(q.document))
	return &kind{q, hex.EncodeToString(sum[:])}
}

func (k *kind) verb() audit.Kind {
	if k.change != nil {
		return audit.Mutation
	}
	return audit.Query
}

// The stores whose rows a request is about.
func noStore(scope, map[string]string) []uuid.UUID { return []uuid.UUID{} }

func askedStore(_ scope, v map[string]string) []uuid.UUID     { return []uuid.UUID{wireID(v["id"])} }
func registersStore(s scope, _ map[string]string) []uuid.UUID { return []uuid.UUID{s.store} }
func everyStore(s scope, _ map[string]string) []uuid.UUID     { return s.stores }

// record tells of an access what the server's record of it says.
func (l *Limit) record(r *http.Request, k *kind, s scope, v map[string]string, rows int, began time.Time) {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	user := id.User(s.user)
	a := &audit.Access{
		At: began, UserID: &user, Address: address, RequestID: uuid.NewString(), Operation: k.Name, Kind: k.verb(),
		Document: k.hash, Types: k.types, StoreIDs: k.stores(s, v), Rows: rows,
		Micros: l.now().Sub(began).Microseconds(), Outcome: audit.Answered,
	}
	a.TenantID = id.Company(s.tenant)
	l.accessed(a)
}
