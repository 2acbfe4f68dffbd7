package wire

import (
	"encoding/json"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// TestAnswersAreWhole: answers of all lengths, many at a time, are each written whole.
func TestAnswersAreWhole(t *testing.T) {
	t.Parallel()
	const long = 128 << 10
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for _, n := range []int{0, 10, 5000, long, 2 * long, 3} {
				text := strings.Repeat(strconv.Itoa(i), n)
				w := httptest.NewRecorder()
				write(w, &graphql.Response{Data: json.RawMessage(`{"x":"` + text + `"}`)})
				if want := `{"data":{"x":"` + text + `"}}`; w.Body.String() != want {
					t.Errorf("%d bytes are written as %.40s", n, w.Body.String())
				}
			}
		})
	}
	all.Wait()
}

// TestExtensions are written in the order of their names.
func TestExtensions(t *testing.T) {
	t.Parallel()
	for want, all := range map[string]map[string]any{
		`{"data":{}}`: {},
		`{"data":{},"extensions":{"a":{"x":[1,"<"]},"b\"":[7],"c":null}}`: {
			"c": nil, "b\"": json.RawMessage(`[7]`), "a": map[string]any{"x": json.RawMessage(`[1,"<"]`)},
		},
		`{"data":{},"extensions":{"cost":{"actual":1}}}`: {"cost": json.RawMessage(`{"actual":1}`)},
	} {
		w := httptest.NewRecorder()
		write(w, &graphql.Response{Data: json.RawMessage(`{}`), Extensions: all})
		if got := strings.ReplaceAll(w.Body.String(), `\u003c`, "<"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
