package graph_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
)

const (
	createStore = `mutation($input: StoreCreateInput!) { storeCreate(input: $input) {
		store { id code name timeZone currencyCode taxRate pricesIncludeTax address phone status externalReference version
			registers { totalCount } }
		userErrors { code field message } } }`
	updateStore = `mutation($id: ID!, $input: StoreUpdateInput!) { storeUpdate(id: $id, input: $input) {
		store { id code name timeZone taxRate address phone status externalReference version createdAt updatedAt }
		userErrors { code field message } } }`
	createRegister = `mutation($input: RegisterCreateInput!) { registerCreate(input: $input) {
		register { id code name status store { id } externalReference keyRotatedAt version } userErrors { code field message } } }`
	rotateKey = `mutation($id: ID!) { registerKeyRotate(id: $id) {
		deviceKey register { id version keyRotatedAt } userErrors { code field message } } }`
)

// refused says that a mutation answered with these user errors, in any order, and with nothing else.
func (a *answer) refused(t testing.TB, field, object string, want ...string) {
	t.Helper()
	a.ok(t)
	got := a.codes(field)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || a.at(field, object) != nil {
		t.Errorf("%q; want %q: %s", got, want, a.Raw)
	}
}

// done says that a mutation had no user errors.
func (a *answer) done(t testing.TB, field string) *answer {
	t.Helper()
	a.ok(t)
	if len(a.codes(field)) > 0 {
		t.Fatalf("refused: %s", a.Raw)
	}
	return a
}

func TestStoreCreate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.owner(t)
	a := b.post(t, owner, createStore, vars{"input": vars{
		"code": "N-1", "name": " Nyali ", "timeZone": "Africa/Nairobi", "taxRate": "8.875", "pricesIncludeTax": false,
		"address": " 1 Road\nTown ", "externalReference": "ext",
	}}).done(t, "storeCreate")
	if got := a.texts("code name timeZone currencyCode taxRate pricesIncludeTax address phone status externalReference version",
		"storeCreate", "store"); got != "N-1 Nyali Africa/Nairobi KES 8.875 false 1 Road\nTown  OPEN ext 1" {
		t.Errorf("%q", got)
	}
	// In the next request, with the same token, the store is there, and a register can be put into it and sell.
	store := a.at("storeCreate", "store", "id")
	seen := b.post(t, owner, `query($id: ID!) { store(id: $id) { code } viewer { stores { totalCount } } }`, vars{"id": store}).ok(t)
	if seen.at("store", "code") != "N-1" || seen.at("viewer", "stores", "totalCount") != 3.0 {
		t.Error(seen.Raw)
	}
	made := b.post(t, owner, createRegister, vars{"input": vars{"storeId": store, "code": "R1", "name": "One"}}).done(t, "registerCreate")
	input := vars{
		"idempotencyKey": "k", "registerId": made.at("registerCreate", "register", "id"),
		"lines": []vars{item(b.A.Products[1], "1")}, "payments": []vars{pay("CASH", "108.88")},
	}
	if got := b.sell(t, owner, input).texts("receiptNumber total", "saleRecord", "sale"); got != "1 108.88" {
		t.Error(got)
	}
	// Nobody else has it.
	for _, token := range []string{b.manager(t), b.cashier(t, 0), b.token(t, b.B, b.B.Owner)} {
		if a := b.post(t, token, `query($id: ID!) { store(id: $id) { code } }`, vars{"id": store}).ok(t); a.at("store") != nil {
			t.Error(a.Raw)
		}
	}
	if a := b.post(t, owner, createStore, vars{"input": vars{
		"code": "N-2", "name": "Kampala", "timeZone": "Africa/Kampala", "taxRate": "0", "pricesIncludeTax": true, "currencyCode": "UGX",
	}}).done(t, "storeCreate"); a.texts("currencyCode taxRate externalReference", "storeCreate", "store") != "UGX 0 <nil>" {
		t.Error(a.Raw)
	}
}

func TestStoreCreateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "update stores set external_reference = 'mine' where id = $1", b.A.Stores[1].ID.UUID())
	b.db.Exec(t, "update stores set external_reference = 'theirs', code = 'THEIRS' where tenant_id = $1", b.B.ID.UUID())
	before := b.books(t)
	in := func(change ...any) vars {
		input := vars{"code": "N1", "name": "N", "timeZone": "UTC", "taxRate": "16", "pricesIncludeTax": true}
		for i := 0; i+1 < len(change); i += 2 {
			input[change[i].(string)] = change[i+1]
		}
		return vars{"input": input}
	}
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{in("code", ""), []string{"INVALID code"}},
		{in("code", "n1"), []string{"INVALID code"}},
		{in("code", "-N"), []string{"INVALID code"}},
		{in("code", strings.Repeat("N", 17)), []string{"INVALID code"}},
		{in("code", "S1"), []string{"TAKEN code"}},
		{in("externalReference", "mine"), []string{"TAKEN externalReference"}},
		{in("code", "S1", "externalReference", "mine"), []string{"TAKEN code", "TAKEN externalReference"}},
		{in("name", " "), []string{"INVALID name"}},
		{in("name", strings.Repeat("é", 201)), []string{"INVALID name"}},
		{in("name", "a\x00b"), []string{"INVALID name"}},
		{in("timeZone", "Africa/Atlantis"), []string{"INVALID timeZone"}},
		{in("timeZone", ""), []string{"INVALID timeZone"}},
		{in("timeZone", "Local"), []string{"INVALID timeZone"}},
		{in("timeZone", "../../etc/passwd"), []string{"INVALID timeZone"}},
		{in("taxRate", "-1"), []string{"INVALID taxRate"}},
		{in("taxRate", "100.0001"), []string{"INVALID taxRate"}},
		{in("taxRate", "1.00001"), []string{"INVALID taxRate"}},
		{in("address", strings.Repeat("a", 501)), []string{"INVALID address"}},
		{in("phone", "\x1b"), []string{"INVALID phone"}},
		{in("externalReference", ""), []string{"INVALID externalReference"}},
		{
			in("code", "", "name", "", "timeZone", "", "taxRate", "101", "phone", strings.Repeat("1", 51)),
			[]string{"INVALID code", "INVALID name", "INVALID timeZone", "INVALID taxRate", "INVALID phone"},
		},
	} {
		b.post(t, b.owner(t), createStore, c.input).refused(t, "storeCreate", "store", c.want...)
	}
	for name, headers := range map[string][]string{
		"narrowed": {"X-Store-ID", b.A.Stores[0].ID.String()},
	} {
		if a := b.post(t, b.owner(t), createStore, in(), headers...); a.code() != "FORBIDDEN" || a.at("storeCreate") != nil {
			t.Errorf("%s: %s", name, a.Raw)
		}
	}
	b.unchanged(t, before)
	// What another company uses is free here.
	b.post(t, b.owner(t), createStore, in("code", "THEIRS", "externalReference", "theirs")).done(t, "storeCreate")
}

func TestStoreUpdate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0].ID.String()
	version := 1
	update := func(input vars) *answer {
		input["version"] = version
		version++
		return b.post(t, b.manager(t), updateStore, vars{"id": store, "input": input}).done(t, "storeUpdate")
	}
	const fields = "name timeZone taxRate address phone status externalReference version"
	all := vars{
		"name": " New ", "timeZone": "Africa/Kampala", "taxRate": "18", "address": "Road", "phone": "1", "status": "CLOSED",
		"externalReference": "ref",
	}
	if got := update(all).texts(fields, "storeUpdate", "store"); got != "New Africa/Kampala 18 Road 1 CLOSED ref 2" {
		t.Error(got)
	}
	if got := update(vars{}).texts(fields, "storeUpdate", "store"); got != "New Africa/Kampala 18 Road 1 CLOSED ref 3" {
		t.Errorf("nothing set: %s", got)
	}
	// Its own reference is not taken by itself.
	if got := update(vars{"externalReference": "ref", "name": "N"}).texts(fields, "storeUpdate", "store"); got !=
		"N Africa/Kampala 18 Road 1 CLOSED ref 4" {
		t.Error(got)
	}
	if got := update(vars{"address": nil, "phone": nil, "externalReference": nil}).texts(fields, "storeUpdate", "store"); got !=
		"N Africa/Kampala 18   CLOSED <nil> 5" {
		t.Errorf("emptied: %s", got)
	}
	a := b.post(t, b.owner(t), `query($id: ID!) { store(id: $id) { `+fields+` createdAt updatedAt } }`, vars{"id": store}).ok(t)
	if got := a.texts(fields, "store"); got != "N Africa/Kampala 18   CLOSED <nil> 5" {
		t.Errorf("kept: %s", got)
	}
	if a.at("store", "updatedAt") == a.at("store", "createdAt") {
		t.Error("the time of the change was not kept")
	}
	before := b.books(t)
	in := func(input vars) vars { input["version"] = 5; return vars{"id": store, "input": input} }
	b.post(t, b.owner(t), updateStore, in(vars{"name": nil, "timeZone": nil, "taxRate": nil, "status": nil})).refused(t, "storeUpdate", "store",
		"INVALID name", "INVALID timeZone", "INVALID taxRate", "INVALID status")
	b.post(t, b.owner(t), updateStore, in(vars{
		"name": "", "timeZone": "x", "taxRate": "101", "address": "\x00", "phone": strings.Repeat("1", 51), "externalReference": "",
	})).refused(t, "storeUpdate", "store", "INVALID name", "INVALID timeZone", "INVALID taxRate", "INVALID address",
		"INVALID phone", "INVALID externalReference")
	b.unchanged(t, before)
}

func TestStoreUpdateConflicts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.db.Exec(t, "update stores set external_reference = 'second' where id = $1", b.A.Stores[1].ID.UUID())
	b.db.Exec(t, "update stores set external_reference = 'theirs' where tenant_id = $1", b.B.ID.UUID())
	store := b.A.Stores[0].ID.String()
	update := func(token, id string, version int, change vars) *answer {
		change["version"] = version
		return b.post(t, token, updateStore, vars{"id": id, "input": change})
	}
	before := b.books(t)
	for _, version := range []int{0, 2, -1} {
		a := update(b.owner(t), store, version, vars{"name": "Lost", "timeZone": "nonsense"}).ok(t)
		if got := a.codes("storeUpdate"); !slices.Equal(got, []string{"CONFLICT version"}) {
			t.Errorf("%q", got)
		}
		// The payload says how the store is now.
		if got := a.texts("name version timeZone", "storeUpdate", "store"); got != "acme 1 Africa/Nairobi" {
			t.Errorf("the current store: %q", got)
		}
	}
	update(b.owner(t), store, 1, vars{"externalReference": "second"}).refused(t, "storeUpdate", "store", "TAKEN externalReference")
	// A made-up store, another company's, and one that the manager hasn't, all alike.
	madeUp := update(b.manager(t), id.New[id.Store]().String(), 1, vars{"name": "n"})
	madeUp.refused(t, "storeUpdate", "store", "NOT_FOUND id")
	for _, other := range []id.Store{b.A.Stores[1].ID, b.B.Stores[0].ID} {
		if a := update(b.manager(t), other.String(), 1, vars{"name": "n"}); a.Raw != madeUp.Raw {
			t.Errorf("%s; the made-up one: %s", a.Raw, madeUp.Raw)
		}
	}
	if a := update(b.owner(t), store, 1, vars{"name": "n"}); len(a.codes("storeUpdate")) > 0 {
		t.Error(a.Raw)
	}
	b.post(t, b.owner(t), updateStore, vars{"id": b.A.Stores[1].ID.String(), "input": vars{"version": 1, "name": "n"}},
		"X-Store-ID", store).refused(t, "storeUpdate", "store", "NOT_FOUND id")
	after := b.books(t)
	changed := 0
	for i := range before {
		if before[i] != after[i] {
			changed++
		}
	}
	if changed != 3 { // stores, the trail, and the version of what is kept of the company
		t.Errorf("%d tables changed", changed)
	}
	update(b.owner(t), store, 2, vars{"externalReference": "theirs"}).done(t, "storeUpdate")
}

// Of many changes at once that are based on one version, exactly one is made.
func TestStoreUpdateAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0].ID.String()
	tokens := []string{b.owner(t), b.manager(t)}
	for version := 1; version <= 10; version++ {
		answers := together(t, 4, func(i int) (*answer, error) {
			return b.ask(t.Context(), tokens[i%2], updateStore, vars{"id": store, "input": vars{"version": version, "name": fmt.Sprint("by ", i)}})
		})
		var winner any
		won := 0
		for _, a := range answers {
			if len(a.ok(t).codes("storeUpdate")) == 0 {
				won++
				winner = a.at("storeUpdate", "store", "name")
			}
		}
		for _, a := range answers {
			if a.at("storeUpdate", "store", "name") != winner || a.at("storeUpdate", "store", "version") != float64(version+1) {
				t.Errorf("%v won: %s", winner, a.Raw)
			}
		}
		if won != 1 {
			t.Fatalf("%d of 4 changes of version %d", won, version)
		}
	}
}

func TestRegisterCreate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store := b.A.Stores[0].ID.String()
	in := func(change ...any) vars {
		input := vars{"storeId": store, "code": "R9", "name": "Nine"}
		for i := 0; i+1 < len(change); i += 2 {
			input[change[i].(string)] = change[i+1]
		}
		return vars{"input": input}
	}
	b.db.Exec(t, "update registers set external_reference = 'mine' where id = $1", b.A.Stores[0].Registers[0].ID.UUID())
	b.db.Exec(t, "update registers set external_reference = 'elsewhere', code = 'R9' where id = any($1)",
		[]any{b.A.Stores[1].Registers[0].ID.UUID().String(), b.B.Stores[0].Registers[0].ID.UUID().String()})
	before := b.books(t)
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{in("code", "r9"), []string{"INVALID code"}},
		{in("code", "R1"), []string{"TAKEN code"}},
		{in("code", "R1", "externalReference", "mine"), []string{"TAKEN code", "TAKEN externalReference"}},
		{in("code", "", "name", "\x00", "externalReference", " ", "storeId", id.New[id.Store]().String()), []string{
			"INVALID code", "INVALID name", "INVALID externalReference", "STORE_NOT_FOUND storeId",
		}},
	} {
		b.post(t, b.manager(t), createRegister, c.input).refused(t, "registerCreate", "register", c.want...)
	}
	madeUp := b.post(t, b.manager(t), createRegister, in("storeId", id.New[id.Store]().String()))
	madeUp.refused(t, "registerCreate", "register", "STORE_NOT_FOUND storeId")
	for _, other := range []id.Store{b.A.Stores[1].ID, b.B.Stores[0].ID} {
		if a := b.post(t, b.manager(t), createRegister, in("storeId", other.String())); a.Raw != madeUp.Raw {
			t.Errorf("%s; the made-up one: %s", a.Raw, madeUp.Raw)
		}
	}
	b.unchanged(t, before)
	// The code and the reference of another store's register are free here.
	a := b.post(t, b.manager(t), createRegister, in("externalReference", "elsewhere")).done(t, "registerCreate")
	if got := a.texts("code name status externalReference keyRotatedAt version", "registerCreate", "register"); got != "R9 Nine OPEN elsewhere <nil> 1" {
		t.Error(got)
	}
	if got := a.at("registerCreate", "register", "store", "id"); got != store {
		t.Errorf("in store %v", got)
	}
	input := order(id.Register{}, "k", "100", item(b.A.Products[1], "1"))
	input["registerId"] = a.at("registerCreate", "register", "id")
	if n := b.sell(t, b.cashier(t, 0), input).at("saleRecord", "sale", "receiptNumber"); n != 1.0 {
		t.Errorf("its first receipt is %v", n)
	}
	b.sound(t)
}

func TestRegisterKeyRotate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0]
	fresh := b.post(t, b.manager(t), createRegister, vars{"input": vars{
		"storeId": b.A.Stores[0].ID.String(), "code": "R9", "name": "Nine",
	}}).done(t, "registerCreate").at("registerCreate", "register", "id")
	const whose = `{ viewer { register { id } } }`
	for _, of := range []any{register.ID.String(), fresh} {
		var keys []string
		for range 3 {
			a := b.post(t, b.manager(t), rotateKey, vars{"id": of}).done(t, "registerKeyRotate")
			key, _ := a.at("registerKeyRotate", "deviceKey").(string)
			if !strings.HasPrefix(key, "tgk_") || a.at("registerKeyRotate", "register", "keyRotatedAt") == nil {
				t.Fatal(a.Raw)
			}
			keys = append(keys, key)
			for i, key := range keys {
				a := b.post(t, key, whose, nil)
				if i == len(keys)-1 {
					if a.ok(t); a.at("viewer", "register", "id") != of {
						t.Errorf("the newest key is of %s", a.Raw)
					}
				} else if a.Status != http.StatusUnauthorized {
					t.Errorf("key %d of %d still works: %s", i+1, len(keys), a.Raw)
				}
			}
		}
		// Only the hash is kept, and no key stands in the log.
		key := keys[len(keys)-1]
		random, err := base64.RawURLEncoding.DecodeString(key[4:90])
		must(t, err)
		hash := sha256.Sum256(random[32:])
		if kept := pgtest.Values[[]byte](t, b.db, "select key_hash from register_keys where key_hash = $1", hash[:]); len(kept) != 1 || !bytes.Equal(kept[0], hash[:]) {
			t.Errorf("the hash of the key is there %d times", len(kept))
		}
		for _, key := range keys {
			if strings.Contains(b.logs.String(), key) || strings.Contains(b.logs.String(), key[50:90]) {
				t.Error("the key stands in the log")
			}
		}
	}
	if n := pgtest.Value[int](t, b.db, "select count(*) from register_keys"); n != 7 {
		t.Errorf("%d keys for 7 registers", n)
	}
	b.db.Exec(t, "update registers set status = 'CLOSED' where id = $1", register.ID.UUID())
	before := b.books(t)
	closed := b.post(t, b.manager(t), rotateKey, vars{"id": register.ID.String()})
	closed.refused(t, "registerKeyRotate", "register", "CLOSED id")
	madeUp := b.post(t, b.manager(t), rotateKey, vars{"id": id.New[id.Register]().String()})
	madeUp.refused(t, "registerKeyRotate", "register", "NOT_FOUND id")
	for _, other := range []id.Register{b.A.Stores[1].Registers[0].ID, b.B.Stores[0].Registers[0].ID} {
		if a := b.post(t, b.manager(t), rotateKey, vars{"id": other.String()}); a.Raw != madeUp.Raw {
			t.Errorf("%s; the made-up one: %s", a.Raw, madeUp.Raw)
		}
	}
	b.unchanged(t, before)
}

// Two rotations at once: one key works in the end, and it is one of the two.
func TestRegisterKeyRotateAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	register := b.A.Stores[0].Registers[0].ID.String()
	token := b.owner(t)
	answers := together(t, 6, func(int) (*answer, error) { return b.ask(t.Context(), token, rotateKey, vars{"id": register}) })
	works := 0
	for _, a := range answers {
		key, _ := a.done(t, "registerKeyRotate").at("registerKeyRotate", "deviceKey").(string)
		if b.post(t, key, `{ viewer { role } }`, nil).Status == http.StatusOK {
			works++
		}
	}
	if works != 1 {
		t.Errorf("%d of 6 keys work", works)
	}
}

// Every change by every role: who may not gets FORBIDDEN and nothing is written.
func TestChangesNeedTheirPermission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	store, register, product := b.A.Stores[0].ID.String(), b.A.Stores[0].Registers[0].ID.String(), b.A.Products[1].String()
	device := b.device(t, b.A, b.A.Stores[0].Registers[1])
	type call struct {
		field, query string
		variables    vars
		may          string // the roles that may
	}
	calls := []call{
		{"storeCreate", createStore, vars{"input": vars{"code": "N1", "name": "N", "timeZone": "UTC", "taxRate": "0", "pricesIncludeTax": true}}, "owner"},
		{"storeUpdate", updateStore, vars{"id": store, "input": vars{"version": 1}}, "owner manager"},
		{"registerCreate", createRegister, vars{"input": vars{"storeId": store, "code": "R9", "name": "R"}}, "owner manager"},
		{"registerKeyRotate", rotateKey, vars{"id": register}, "owner manager"},
		{"companySettingsUpdate", updateSettings, vars{"input": vars{"version": 1}}, "owner"},
		{"productCreate", createProduct, vars{"input": vars{"sku": "x", "name": "x", "basePrice": "1"}}, "owner"},
		{"productUpdate", updateProduct, vars{"id": product, "input": vars{"version": 1}}, "owner"},
		{"storePriceSet", setPrice, vars{"input": vars{"storeId": store, "productId": product, "price": "1"}}, "owner manager"},
		{"storePriceRemove", removePrice, vars{"store": store, "product": b.A.Products[0].String()}, "owner manager"},
	}
	before := b.books(t)
	tokens := map[string]string{"owner": b.owner(t), "manager": b.manager(t), "cashier": b.cashier(t, 0), "register": device}
	for role, token := range tokens {
		for _, c := range calls {
			if strings.Contains(c.may, role) {
				continue
			}
			if a := b.post(t, token, c.query, c.variables); a.code() != "FORBIDDEN" || a.at(c.field) != nil || len(a.Errors) != 1 {
				t.Errorf("%s by a %s: %s", c.field, role, a.Raw)
			}
		}
	}
	for _, c := range calls {
		if a := b.post(t, "", c.query, c.variables); a.Status != http.StatusUnauthorized || a.Data != nil {
			t.Errorf("%s by nobody: %s", c.field, a.Raw)
		}
	}
	b.unchanged(t, before)
	for _, c := range calls {
		if strings.Contains(c.may, "manager") {
			b.post(t, tokens["manager"], c.query, c.variables).done(t, c.field)
		} else {
			b.post(t, tokens["owner"], c.query, c.variables).done(t, c.field)
		}
	}
}
