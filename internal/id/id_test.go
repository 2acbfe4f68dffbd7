package id_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var v id.Product
		copy(v[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
		v[6], v[8] = 0x70|v[6]&0x0f, 0x80|v[8]&0x3f // version 7
		text := v.String()
		parsed, err := id.Parse(text)
		if err != nil || parsed.UUID != v.UUID() || parsed.Type() != "Product" || parsed.String() != text || parsed != v.Any() {
			t.Fatalf("%s came back as %+v, %v", text, parsed, err)
		}
		var out bytes.Buffer
		v.MarshalGQL(&out)
		if out.String() != `"`+text+`"` {
			t.Fatalf("%s is written as %s", text, &out)
		}
		var read id.Product
		if err := read.UnmarshalGQL(text); err != nil || read != v {
			t.Fatalf("%s is read as %s, %v", text, read, err)
		}
		var other id.Sale
		if err := other.UnmarshalGQL(text); err == nil || !other.IsZero() {
			t.Fatalf("%s passes for a sale's", text)
		}
		var ref id.Any
		if err := ref.UnmarshalGQL(text); err != nil || ref != v.Any() {
			t.Fatalf("%s is read as %s, %v", text, ref, err)
		}
		asJSON, err := json.Marshal(v)
		if err != nil || string(asJSON) != out.String() {
			t.Fatalf("%s is %s in JSON, %v", text, asJSON, err)
		}
	})
}

func TestWhatIsNoID(t *testing.T) {
	t.Parallel()
	good := id.New[id.Store]().String()
	body := strings.TrimPrefix(good, "store_")
	if _, err := id.Parse(good); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing":         "",
		"no prefix":       body,
		"prefix alone":    "store_",
		"unknown prefix":  "shop_" + body,
		"capital letters": "store_" + strings.ToUpper(body),
		"too short":       good[:len(good)-1],
		"too long":        good + "0",
		"a letter apart":  "store_" + strings.Repeat("u", len(body)), // Crockford has no u
		"a space":         " " + good,
		"a line break":    good + "\n",
		"a database's id": uuid.Must(uuid.NewV7()).String(),
		"another version": id.Any{Prefix: "store", UUID: uuid.New()}.String(),
		"zeros":           id.Store{}.String(),
		"two prefixes":    "store_store_" + body,
	} {
		if ref, err := id.Parse(text); errs.CodeOf(err) != errs.BadUserInput || ref != (id.Any{}) {
			t.Errorf("%s: %q is %+v, %v", name, text, ref, err)
		}
	}
	// Two bits of the last character stand for nothing: only one of four spellings is the id's.
	last := strings.IndexByte(alphabet, good[len(good)-1])
	for bits := 1; bits < 4; bits++ {
		if spelling := good[:len(good)-1] + string(alphabet[last|bits]); spelling != good {
			if _, err := id.Parse(spelling); err == nil {
				t.Errorf("%s is accepted beside %s", spelling, good)
			}
		}
	}
	for _, src := range []any{nil, 7, true, json.Number("7"), []any{good}} {
		var ref id.Any
		var store id.Store
		if ref.UnmarshalGQL(src) == nil || store.UnmarshalGQL(src) == nil {
			t.Errorf("%#v is an id", src)
		}
	}
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

func FuzzParse(f *testing.F) {
	f.Add(id.New[id.Sale]().String())
	f.Add("sale_06f3v8k2xw7j9c1d5t0r4b6n8m")
	f.Add("_")
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := id.Parse(text)
		if err != nil {
			if ref != (id.Any{}) {
				t.Errorf("%q is refused and gives %+v", text, ref)
			}
			return
		}
		if ref.String() != text || ref.Type() == "" || ref.UUID.Version() != 7 {
			t.Errorf("%q is %+v, which is written %q", text, ref, ref)
		}
	})
}

// TestNewIDsGrow: rows lie in an index in the order in which they were made.
func TestNewIDsGrow(t *testing.T) {
	t.Parallel()
	var ids []string
	for range 1000 {
		ids = append(ids, id.New[id.Sale]().String())
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(ids) {
		t.Error("new ids don't grow")
	}
}

func TestFromTheDatabase(t *testing.T) {
	t.Parallel()
	want := id.New[id.Store]()
	var got id.Store
	if err := got.ScanUUID(pgtype.UUID{Bytes: want, Valid: true}); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	if err := got.ScanUUID(pgtype.UUID{}); err == nil {
		t.Error("null is an id")
	}
	value, err := want.Value()
	if err != nil || value != want.UUID().String() {
		t.Errorf("%v, %v", value, err)
	}
	var back id.Store
	if err := back.Scan(value); err != nil || back != want {
		t.Errorf("%s, %v", back, err)
	}
}
