package postgres_test

import (
	"os"
	"testing"

	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
