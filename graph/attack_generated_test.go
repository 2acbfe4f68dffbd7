package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/graph"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/postgres/pgtest"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// attacker is somebody of company A who tries what the forge writes.
type attacker struct {
	name, token string
	// headers go with each request.
	headers []string
	forge   *forge
	// elsewhere is the store of company A that they have nothing to do with.
	elsewhere int
	// hidden are the names that must tell them nothing, by whose they are.
	hidden map[string]names
	// secret are the values that they must never read.
	secret map[string]bool
}

// Those who attack.
const (
	// anOwner must learn nothing of company B.
	anOwner = iota
	// aManager is of the first store, and must learn nothing of the second one either.
	aManager
	// aRegister is of the first store as well, and must learn nothing of what the other register of it sold.
	aRegister
	// aCashier is of the second store.
	aCashier
	// aNarrowed owner asks with a header for no more than the second store.
	aNarrowed
)

// attackerNames say who they are.
var attackerNames = []string{anOwner: "owner", aManager: "manager", aRegister: "register", aCashier: "cashier", aNarrowed: "narrowed-owner"}

// attacker is one of those who attack.
func (b *bundle) attacker(t testing.TB, who int) *attacker {
	t.Helper()
	const first, second = 0, 1
	own, other, role := first, second, tenancy.Owner
	x := &attacker{name: attackerNames[who], hidden: map[string]names{"B": namesOf(&b.B, 0, 0)}}
	switch who {
	case anOwner:
		x.token = b.owner(t)
	case aManager:
		x.token, role = b.manager(t), tenancy.Manager
	case aRegister:
		x.token, role = b.device(t, b.A, b.A.Stores[first].Registers[0]), tenancy.Register
		x.hidden["the second register"] = namesOf(&b.A, first, 1).some(ofOneRegister)
	case aCashier:
		x.token, role = b.cashier(t, second), tenancy.Cashier
		own, other = second, first
	case aNarrowed:
		x.token, x.headers = b.owner(t), []string{"X-Store-ID", b.A.Stores[second].ID.String()}
		own, other = second, first
	}
	x.elsewhere = other
	x.secret = b.secrets(t, "tenant_id = '"+b.B.ID.UUID().String()+"'")
	if who != anOwner {
		x.hidden["the other store"] = namesOf(&b.A, other, 0).some(ofOneStore)
		maps.Copy(x.secret, b.secrets(t, "tenant_id = '"+b.A.ID.UUID().String()+"' and store_id = '"+b.A.Stores[other].ID.UUID().String()+"'"))
	}
	x.forge = &forge{schema: schemaOf(t), own: namesOf(&b.A, own, 0), may: func(p string) bool {
		return slices.Contains(tenancy.PermissionsOf(role), tenancy.Permission(p))
	}}
	return x
}

// secrets are the texts, ids and greater numbers that stand in these rows and in no others.
func (b *bundle) secrets(t testing.TB, where string) map[string]bool {
	t.Helper()
	ours, others := map[string]bool{}, map[string]bool{}
	columns := map[string][]string{}
	for _, column := range pgtest.Values[string](t, b.db,
		"select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'") {
		table, name, _ := strings.Cut(column, ".")
		columns[table] = append(columns[table], name)
	}
	for table, has := range columns {
		if !slices.Contains(has, "tenant_id") {
			continue
		}
		of := where
		if !slices.Contains(has, "store_id") && strings.Contains(where, "store_id") {
			of = "false"
		}
		for theirs, into := range map[string]map[string]bool{of: ours, "not (" + of + ")": others} {
			var rows []map[string]any
			text := pgtest.Value[string](t, b.db, "select coalesce(jsonb_agg(to_jsonb(r)), '[]')::text from "+table+" r where "+theirs)
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.UseNumber()
			must(t, decoder.Decode(&rows))
			gather(rows, into)
		}
	}
	maps.DeleteFunc(ours, func(value string, _ bool) bool { return others[value] })
	return ours
}

var (
	uuids = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	times = regexp.MustCompile(`^\d{4}-\d\d-\d\dT`)
)

// gather notes the values of rows as the graph would write them.
func gather(value any, into map[string]bool) {
	const shortest, least = 6, 10_000
	switch v := value.(type) {
	case []map[string]any:
		for _, row := range v {
			gather(row, into)
		}
	case map[string]any:
		for _, column := range v {
			gather(column, into)
		}
	case []any:
		for _, item := range v {
			gather(item, into)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil && n >= least {
			into[v.String()] = true
			into[fmt.Sprintf("%d.%02d", n/100, n%100)] = true
		}
	case string:
		switch {
		case uuids.MatchString(v):
			parsed := id.Any{Prefix: "x"}
			if parsed.UUID.UnmarshalText([]byte(v)) == nil {
				_, rest, _ := strings.Cut(parsed.String(), "_")
				into[rest] = true
			}
		case len(v) >= shortest && !times.MatchString(v):
			into[v] = true
		}
	}
}

// reads gives the first secret in an answer, apart from the name that was sent and is only said back.
func (who *attacker) reads(answer any, sent string) string {
	switch v := answer.(type) {
	case map[string]any:
		for _, field := range v {
			if secret := who.reads(field, sent); secret != "" {
				return secret
			}
		}
	case []any:
		for _, item := range v {
			if secret := who.reads(item, sent); secret != "" {
				return secret
			}
		}
	case string:
		if v == sent {
			return ""
		}
		_, rest, _ := strings.Cut(v, "_")
		if who.secret[v] || who.secret[rest] || strings.Contains(v, pgtest.CanaryB) {
			return v
		}
	}
	return ""
}

// finding is what an attacker could tell.
type finding struct {
	who, whose string
	slot       slot
	told       string
}

func (f finding) String() string {
	return fmt.Sprintf("%s learns of the %s of %s at %s: %s\n    %s", f.who, f.slot.kind, f.whose, f.slot.place, f.told, f.slot.text)
}

// attack tries each slot with each hidden name. The answer must be that to a made-up name: asked before and after,
// because what is asked may itself change what comes next.
func (who *attacker) attack(t testing.TB, b *bundle, slots []slot) []finding {
	t.Helper()
	var found []finding
	n := 0
	ask := func(s slot, name string) (*answer, string) {
		n++
		query := strings.ReplaceAll(s.text, marked, strconv.Quote(name))
		a := b.post(t, who.token, strings.ReplaceAll(query, anew, fmt.Sprintf("anew%05d", n)), nil, who.headers...)
		return a, s.shown(a, name, who.forge.own.made(s.kind))
	}
	for _, s := range slots {
		if strings.Contains(s.place, "ReportExport") || strings.Contains(s.place, "zReportsExport") {
			// A person has so many files at once, and these are many places.
			b.db.Exec(t, "delete from report_exports where tenant_id = $1", b.A.ID.UUID())
		}
		if s.kind == nothing {
			if a, _ := ask(s, ""); who.reads(a.Data, "") != "" {
				found = append(found, finding{who.name, "another", s, "the secret " + who.reads(a.Data, "")})
			}
			continue
		}
		before := ""
		for whose, hidden := range who.hidden {
			name, ok := hidden[s.kind]
			if s.kind == cursors {
				name, ok = b.cursorAt(t, s, whose)
			}
			if !ok {
				continue
			}
			tell := func(told string) { found = append(found, finding{who.name, whose, s, told}) }
			if s.kind != cursors && (s.write || before == "") {
				_, before = ask(s, who.forge.own.made(s.kind))
			}
			a, shown := ask(s, name)
			if secret := who.reads(a.Data, name); secret != "" {
				tell("the secret " + secret)
			}
			for _, e := range a.Errors {
				if secret := who.reads(e.Message, ""); secret != "" || strings.Contains(e.Message, name) {
					tell("the error " + e.Message)
				}
			}
			if s.kind == cursors || shown == before {
				continue
			}
			// A key that was used stands for what was done with it: then another is as new as theirs should be.
			var after string
			if !isObject(s.kind) {
				_, after = ask(s, freshKey(s.kind, n))
			} else {
				_, after = ask(s, who.forge.own.made(s.kind))
			}
			if shown != after {
				tell(shown + "\n    instead of " + before + "\n    and        " + after)
			}
		}
	}
	return found
}

// depends are the queries whose answers are others once there is no company B: what is added up or counted shows nothing of
// what it is made of. Nothing is left of B after it.
func (who *attacker) depends(t testing.TB, b *bundle, slots []slot) []string {
	t.Helper()
	slots = slices.DeleteFunc(slices.Clone(slots), func(s slot) bool { return s.kind != nothing })
	if len(slots) == 0 {
		return nil
	}
	ask := func() []string {
		answers := make([]string, len(slots))
		for i, s := range slots {
			answers[i] = s.shown(b.post(t, who.token, s.text, nil, who.headers...))
		}
		return answers
	}
	before := ask()
	sql := "set session_replication_role = replica;" // in whatever order
	for table := range who.foreign(t, b) {
		sql += "delete from " + table + " where tenant_id = '" + b.B.ID.UUID().String() + "';"
	}
	b.db.Exec(t, sql)
	var differ []string
	for i, after := range ask() {
		if after != before[i] {
			differ = append(differ, slots[i].place+" depends on another company: "+before[i]+"\n    and then "+after)
		}
	}
	return differ
}

var (
	ids      = regexp.MustCompile(`[a-z]{2,12}_[0-9a-hjkmnp-tv-z]{26}`)
	instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
	random   = regexp.MustCompile(`"[A-Za-z0-9_=-]{30,}"|[0-9A-Z]{4}-[0-9A-Z]{4}|anew\d{5}`)
	sealed   = regexp.MustCompile(`"link":\{[^}]*\}`)
	digits   = regexp.MustCompile(`\d+`)
)

// shown is an answer without what differs between any two of its kind: of a change, which may make something, the names
// that were sent, and all ids, times, codes and numbers.
func (s slot) shown(a *answer, sent ...string) string {
	text := sealed.ReplaceAllString(a.seen(), "LINK")
	if !s.write {
		return text
	}
	for _, name := range sent {
		text = strings.ReplaceAll(text, strconv.Quote(name), `"NAME"`)
		text = strings.ReplaceAll(text, "."+name+`"`, `.NAME"`)
	}
	text = instants.ReplaceAllString(ids.ReplaceAllString(text, "ID"), "TIME")
	return digits.ReplaceAllString(random.ReplaceAllString(text, "RANDOM"), "0")
}

var cursorIn = regexp.MustCompile(`"endCursor":"([^"]+)"`)

// cursorAt is the end of the same list as its owner sees it.
func (b *bundle) cursorAt(t testing.TB, s slot, whose string) (string, bool) {
	t.Helper()
	if whose != "B" {
		return "", false
	}
	text := strings.NewReplacer(`after: `+marked+", ", "", `, after: `+marked, "", `before: `+marked+", ", "", `, before: `+marked, "").Replace(s.text)
	own, theirs := namesOf(&b.A, 0, 0), namesOf(&b.B, 0, 0)
	for kind, name := range own {
		if isObject(kind) {
			text = strings.ReplaceAll(text, name, theirs[kind])
		}
	}
	a := b.post(t, b.token(t, b.B, b.B.Owner), text, nil)
	match := cursorIn.FindStringSubmatch(a.Raw)
	if match == nil {
		return "", false
	}
	return match[1], true
}

// meant is what somebody is to learn, and why.
var meant = map[string]string{
	"register Query.saleForReturn(saleId) the second register":                   "goods come back at any till of the store",
	"register Query.saleCalculate(input.returns.saleLineId) the second register": "goods come back at any till of the store",
	"register Mutation.saleRecord(input.returns.saleLineId) the second register": "goods come back at any till of the store",
}

// personal are the kinds that are one person's alone: the statement names who asks.
var personal = []string{"Session", "ReportAlert", "ReportExport", "ReportNotice", "ReportSchedule"}

// heldBefore are the places where a rule of the trade stands before the rows are looked for, so that nothing is told even
// without the layers.
var heldBefore = map[string]string{
	"Query.salesReport(input.storeIds)":                                "a report names the stores that it adds up",
	"Query.salesReport(input.filter.registerIds)":                      "a report names the stores that it adds up",
	"Query.salesReport(input.filter.cashierIds)":                       "a report names the stores that it adds up",
	"Query.salesReport(input.filter.productIds)":                       "a report names the stores that it adds up",
	"Query.salesReport(input.filter.categoryIds)":                      "a report names the stores that it adds up",
	"Query.salesReport(input.filter.categoryTodayIds)":                 "a report names the stores that it adds up",
	"Query.salesReport(input.filter.discountReasons)":                  "a report names the stores that it adds up",
	"Query.salesReport(input.filter.brandIds)":                         "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.filter.brandIds)":         "a file is made when it is fetched",
	"Query.salesReport(input.filter.brandTodayIds)":                    "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.filter.brandTodayIds)":    "a file is made when it is fetched",
	"Query.salesReport(input.filter.supplierIds)":                      "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.filter.supplierIds)":      "a file is made when it is fetched",
	"Query.salesReport(input.filter.supplierTodayIds)":                 "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.filter.supplierTodayIds)": "a file is made when it is fetched",
	"Query.salesReport(input.filter.customerGroupIds)":                 "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.filter.customerGroupIds)": "a file is made when it is fetched",
	"Query.giftCardByCode(code)":                                       "the hash of a code has the company in it",
	"Query.saleCalculate(input.lines.giftCardCode)":                    "the hash of a code has the company in it",
	"Query.saleCalculate(input.payments.giftCardCode)":                 "the hash of a code has the company in it",
	"Query.salesOfLot(productId)":                                      "a product and its lot name it together, and one of them is one's own",
	"Query.salesOfLot(lotNumber)":                                      "a product and its lot name it together, and one of them is one's own",
	"Query.saleCalculate(input.lines.lotNumber)":                       "a lot is one of the line's product, in the store that asks",
	"Query.saleCalculate(input.returns.lotNumber)":                     "a lot is one of the line's product, in the store that asks",
	"Query.saleForReturn(saleId)":                                      "the gate names the company",
	"Query.saleForReturn(receipt.storeCode)":                           "the gate names the company",
	"Query.saleForReturn(receipt.registerCode)":                        "the gate names the company",
	"Query.saleCalculate(input.returns.saleLineId)":                    "the gate names the company",
	"Mutation.saleRecord(input.returns.saleLineId)":                    "the gate names the company",
	"Mutation.saleRecord(input.lines.productId)":                       "the sale's key is taken together with the look at it, and the database refuses one of no company",
	"Query.saleCalculate(input.approvalIds)":                           "an approval is of the register that asks",
	"Mutation.saleRecord(input.approvalIds)":                           "an approval is of the register that asks",
	"Query.saleCalculate(input.parkedSaleId)":                          "a parked sale is of the store that asks",
	"Mutation.saleRecord(input.parkedSaleId)":                          "a parked sale is of the store that asks",
	"Query.stockReport(input.storeIds)":                                "a report names the stores that it adds up",
	"Query.stockReport(input.categoryIds)":                             "a report names the stores that it adds up",
	"Query.tillVarianceReport(input.storeIds)":                         "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.storeIds)":                "a report names the stores that it adds up",
	"Mutation.salesReportExport(input.report.filter.registerIds)":      "a file is made when it is fetched",
	"Mutation.salesReportExport(input.report.filter.cashierIds)":       "a file is made when it is fetched",
	"Mutation.salesReportExport(input.report.filter.productIds)":       "a file is made when it is fetched",
	"Mutation.salesReportExport(input.report.filter.categoryIds)":      "a file is made when it is fetched",
	"Mutation.salesReportExport(input.report.filter.categoryTodayIds)": "a file is made when it is fetched",
	"Mutation.stockReportExport(input.report.storeIds)":                "a report names the stores that it adds up",
	"Mutation.stockReportExport(input.report.categoryIds)":             "a file is made when it is fetched",
	"Mutation.tillVarianceReportExport(input.report.storeIds)":         "a report names the stores that it adds up",
	"Mutation.zReportsExport(input.report.storeIds)":                   "a report names the stores that it adds up",
	"Mutation.zReportsExport(input.report.registerIds)":                "a file is made when it is fetched",
	"Mutation.reportAlertCreate(input.storeId)":                        "the scope has no such store",
	"Mutation.reportScheduleCreate(input.storeId)":                     "the scope has no such store",
	"Viewer.permissions(storeId)":                                      "the scope has no such store",
	"Mutation.approvalApprove(id)":                                     "the scope has no such store",
	"Mutation.approvalRefuse(id)":                                      "the scope has no such store",
	"Mutation.registerCreate(input.storeId)":                           "the scope has no such store",
	"Mutation.userInvite(input.storeIds)":                              "the scope has no such store",
	"Mutation.userRolesSet(input.stores.storeId)":                      "the scope has no such store",
	"Mutation.storeTaxRatesSet(input.storeId)":                         "the scope has no such store",
	"Mutation.storeTaxRatesEnd(storeId)":                               "the scope has no such store",
	"Mutation.clockIn(storeId)":                                        "the scope has no such store",
	"Mutation.timeEntryCorrect(id)":                                    "the scope has no such store",
	"Mutation.tillHandOver(input.toUserId)":                            "somebody takes over who works in the store",
	"Mutation.registerPinLogin(input.userId)":                          "a PIN is asked for at a register alone",
}

var endings = regexp.MustCompile(`(Delete|Discard|Erase|Merge|Deactivate|Close|Void|End|Revoke|Refuse)\(`)

// The order of asking: what only reads, then what changes something that is there, then what ends it, then what makes
// something, which is found by its keys from then on.
const (
	reads = iota
	changes
	finishes
	makes
)

func asked(s slot) int {
	switch {
	case !s.write:
		return reads
	case isObject(s.kind) && !endings.MatchString(s.place):
		return changes
	case isObject(s.kind):
		return finishes
	}
	return makes
}

// all are the slots in the order of asking.
func (who *attacker) all(t testing.TB) []slot {
	t.Helper()
	slots := who.forge.slots(t)
	slices.SortStableFunc(slots, func(a, b slot) int { return asked(a) - asked(b) })
	return slots
}

func setupSiege(t *testing.T, scoping bool, change ...func(*graph.Config)) *bundle {
	t.Helper()
	d, f := pgtest.Filled(t)
	b := serveOn(t, d, f, append(change, func(c *graph.Config) {
		c.DB = d.Open(t, graph.Models(), func(c *postgres.Config) { c.ProveWithoutScoping = !scoping })
		c.MaxComplexity, c.MaxDepth, c.TXT = 1_000_000_000, 30, &zone{}
	})...)
	b.distinguish(t)
	return b
}

// resolversOnly is the attack on what is resolved field by field.
const resolversOnly = "resolvers-only"

// TestGeneratedAttack names at every place of the schema what is another's, and holds the answer against that to a
// made-up name: with both layers, and with each alone.
func TestGeneratedAttack(t *testing.T) {
	t.Parallel()
	for _, layers := range []struct {
		name          string
		scoping, rows bool
		who           []int
	}{
		{"both", true, true, []int{anOwner, aManager, aRegister, aCashier, aNarrowed}},
		// Whatever the planner reads whole, once more as the resolvers read it; what is written is theirs anyway.
		{resolversOnly, true, true, []int{aManager}},
		// What a register may ask for, its manager may.
		{"policies-alone", false, true, []int{anOwner, aManager}},
		{"scoping-alone", true, false, []int{anOwner, aManager}},
	} {
		for _, who := range layers.who {
			t.Run(layers.name+"/"+attackerNames[who], func(t *testing.T) {
				t.Parallel()
				b := setupSiege(t, layers.scoping, func(c *graph.Config) { c.ResolversOnly = layers.name == resolversOnly })
				if !layers.rows {
					b.disableRowLevelSecurity(t)
				}
				x := b.attacker(t, who)
				if layers.name != "both" && layers.name != resolversOnly && who == aManager || who == aCashier || who == aNarrowed {
					delete(x.hidden, "B") // the owner, who may ask for more, asks for it
				}
				x.besiege(t, b, func(s slot) bool {
					if (who == aNarrowed || layers.name == resolversOnly) && s.write {
						return true // the statements are those of whoever has one store
					}
					// Nothing but the scoping says whose this new row is: without it the policy refuses the row.
					return !layers.scoping && s.place == "Mutation.devicePairingBegin(companySlug)"
				})
				if layers.scoping {
					b.logs.quiet(t)
				}
			})
		}
	}
}

// TestGeneratedAttackWithoutTheHeaderCheck is the same with every request naming another company and its store in the
// headers and by the host, and nobody comparing them: the credential alone says whose the answer is.
func TestGeneratedAttackWithoutTheHeaderCheck(t *testing.T) {
	t.Parallel()
	b := setupSiege(t, true, func(c *graph.Config) { c.BaseDomain, c.ProveWithoutHeaders = "shop.test", true })
	plain := map[string]string{}
	for _, who := range b.everyRole(t) {
		plain[who.token] = b.post(t, who.token, whatIsThere, nil).ok(t).seen()
	}
	b.headers = []string{"X-Tenant-ID", b.B.ID.String(), "X-Store-ID", b.B.Stores[0].ID.String(), "Host", "bistro.shop.test"}
	for token := range plain {
		if a := b.post(t, token, whatIsThere, nil); a.seen() != plain[token] {
			t.Errorf("by headers alone: %s", a.Raw)
		}
	}
	x := b.attacker(t, aManager)
	delete(x.hidden, "the other store") // whom the headers don't name
	x.besiege(t, b, func(s slot) bool {
		return s.kind == "slug" // who logs in has no credential yet, and the host says where
	})
	b.logs.quiet(t)
}

func (b *bundle) disableRowLevelSecurity(t testing.TB) {
	t.Helper()
	tables := pgtest.Values[string](t, b.db, "select relname::text from pg_class where relrowsecurity")
	if len(tables) < 15 {
		t.Fatalf("row-level security is on for %v alone", tables)
	}
	for _, table := range tables {
		b.db.Exec(t, "alter table "+table+" disable row level security")
	}
}

// besiege fails the test for all that somebody learns of others, or changes of theirs.
func (who *attacker) besiege(t *testing.T, b *bundle, except func(slot) bool) {
	t.Helper()
	before := who.foreign(t, b)
	slots := slices.DeleteFunc(who.all(t), except)
	for _, f := range who.attack(t, b, slots) {
		if meant[f.who+" "+f.slot.place+" "+f.whose] == "" {
			t.Error(f)
		}
	}
	for table, rows := range who.foreign(t, b) {
		if rows != before[table] {
			t.Errorf("another's rows of %s were changed:\n%s\nfrom\n%s", table, rows, before[table])
		}
	}
	for _, d := range who.depends(t, b, slots) {
		t.Error(d)
	}
}

// foreign are the rows of company B and of A's other store, by table.
func (who *attacker) foreign(t testing.TB, b *bundle) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, column := range []string{"tenant_id", "store_id"} {
		for _, table := range pgtest.Values[string](t, b.db, `select table_name::text from information_schema.columns
			where table_schema = 'public' and column_name = '`+column+`'`) {
			// Anybody may ask to be paired with a company whose address they know: it is a public request, and
			// waits until somebody of the company agrees.
			if table == "device_pairings" {
				continue
			}
			of := b.B.ID.UUID().String()
			if column == "store_id" {
				of = b.A.Stores[who.elsewhere].ID.UUID().String()
			}
			rows[table] += pgtest.Value[string](t, b.db, fmt.Sprintf(
				`select coalesce(string_agg(r::text, ';' order by r::text), '') from %q r where %s = '%s'`, table, column, of))
		}
	}
	return rows
}

// TestGeneratedAttackReaches is the control: with neither layer each id, and each key that something is found by, tells of
// its owner.
func TestGeneratedAttackReaches(t *testing.T) {
	t.Parallel()
	b := setupSiege(t, false)
	b.disableRowLevelSecurity(t)
	owner := b.attacker(t, anOwner)
	slots := owner.all(t)
	told := map[string]bool{}
	for _, f := range owner.attack(t, b, slots) {
		told[f.slot.place+" "+f.slot.kind] = true
	}
	for _, s := range slots {
		// A place in a list carries whose list it is, and a key of something new names nothing that is there.
		if asked(s) == makes || s.kind == cursors || s.kind == nothing {
			continue
		}
		tells, why := told[s.place+" "+s.kind], heldBefore[s.place]
		switch {
		case !tells && why == "" && !slices.Contains(personal, s.kind):
			t.Errorf("nothing is told at %s of a %s: give an example, or say in heldBefore why not: %s", s.place, s.kind, s.text)
		case tells && why != "":
			t.Errorf("something is told at %s, which is said to hold: %s", s.place, why)
		}
	}
}
