package postgres

import "slices"

// Excepted is something that a rule of the isolation lets pass, and why.
type Excepted struct{ Name, Reason string }

// SharedTables are the tables that belong to no company. The server's roles have no grant on any of them.
func SharedTables() []Excepted {
	return []Excepted{
		{"attempts", "how often a hash of an account or address was tried, before anybody is known: counted by the gate, and never read"},
		{"company_directory", "which slug is whose, and each company's plan: asked for one slug or company at a time, by the gate"},
		{"operator_signals", "what was noticed of nobody known, and of companies' requests what they must not be told: the gate adds to it, the owner of the schema alone reads it"},
		{"server_activity", "what all requests took, by the hour: the gate adds to it, to tell whose share is large"},
		{"domain_directory", "which host is whose: asked for one host at a time, by the gate"},
		{migrationsTable, "which migrations were applied; the owner of the schema alone reads it"},
		{locksTable, "who is migrating; the owner of the schema alone reads it"},
	}
}

// Caller says who may call a function.
type Caller string

// The callers: the server's login, before a scope is entered; a scope's role; nobody, for triggers and for what functions
// call.
const (
	Login  Caller = "login"
	Scoped Caller = "scope"
	Nobody Caller = "nobody"
)

// DefinerFunction is a function that runs as its owner, who may call it, and why there is one.
type DefinerFunction struct {
	Name   string
	Caller Caller
	Reason string
}

// DefinerFunctions are the functions that run as their owner. The gate owns them, which has few grants and is under the
// policies itself, unless the reason says otherwise.
func DefinerFunctions() []DefinerFunction {
	return []DefinerFunction{
		{"tillgraph.audit_access(uuid,boolean,uuid[],uuid[],timestamp with time zone[],uuid[],uuid[],text[],text[],text[],text[],text[],text[],text[],text[],integer[],bigint[],text[],text[],bigint[])", Login, "adds accesses to one company's trail, which no role of the server can write"},
		{"tillgraph.audit_companies(uuid,integer)", Login, "which companies' trails are to be sealed or shortened: ids"},
		{"tillgraph.audit_retain(uuid,integer)", Login, "removes what one company's trail has held for longer than its settings say"},
		{"tillgraph.audit_seal(uuid,integer)", Login, "chains the records of one company's trail"},
		{"tillgraph.audited()", Nobody, "a trigger: adds each change to the trail, which no role of the server can write"},
		{"tillgraph.audited_many()", Nobody, "a trigger: the same for many rows at once, of who owns the tables"},
		{"tillgraph.clock_out()", Nobody, "a trigger: who loses a store is clocked out there, where its manager may not look"},
		{"tillgraph.companies_due()", Login, "which companies are to be deleted by now: their ids alone"},
		{
			"tillgraph.company_bill(text,text,text,text,timestamp with time zone,bytea)", Login,
			"the billing webhook, whose signature was checked: one company's plan and status",
		},
		{"tillgraph.company_by_host(text)", Login, "the slug of the company that proved a host, before anybody is known"},
		{"tillgraph.company_by_slug(text)", Login, "the id of a slug's company, for logging in"},
		{"tillgraph.company_config(uuid)", Login, "what a company may use, asked with the question who somebody is"},
		{
			"tillgraph.company_create(uuid,text,text,text,text,text,timestamp with time zone,text)", Login,
			"makes a company that has nothing yet; nobody can call it who has entered a scope",
		},
		{
			companyPurge, Login,
			"deletes a company that is due; the owner of the tables owns it, who alone may delete from all of them, and is under their policies",
		},
		{"tillgraph.company_usage()", Scoped, "counts what the scope's company has of what its plan limits, in all of its stores"},
		{"tillgraph.deletion_listed()", Nobody, "a trigger: keeps the list of companies that are to be deleted"},
		{
			"tillgraph.domain_checked(uuid,uuid,text[],timestamp with time zone,timestamp with time zone)", Login,
			"takes a host from its company whose record has been missing for too long",
		},
		{"tillgraph.documents_switch(boolean)", Scoped, "writes down which documents the scope's company answers, beside its features"},
		{"tillgraph.domains_due(timestamp with time zone,integer)", Login, "which hosts' records are to be looked for again: hosts and ids"},
		{
			"tillgraph.domain_prove(uuid,text[],timestamp with time zone)", Scoped,
			"gives the scope's company a host, which another company may have had",
		},
		{"tillgraph.fold_reports(uuid,integer)", Login, "adds up one company's reports, in all of its stores"},
		{"tillgraph.hold(uuid,uuid,uuid,uuid,bigint)", Login, "whether what a server knows of who asks still holds: an error or nothing"},
		{"tillgraph.on_the_clock(uuid,timestamp with time zone,timestamp with time zone)", Scoped, "whether a person is at work elsewhere at that time: yes or no"},
		{"tillgraph.register_access(uuid,uuid,bytea)", Login, "where a register stands, for who shows its key"},
		{"tillgraph.report_companies(uuid,integer)", Login, "which companies have reports to add up: ids of companies and stores"},
		{"tillgraph.report_listed()", Nobody, "a trigger: keeps when a company's next report is due"},
		{"tillgraph.reports_due(timestamp with time zone,integer)", Login, "which companies have reports to make or to send: ids"},
		{"tillgraph.reports_rest(uuid)", Login, "takes down when one company's next report is due"},
		{"tillgraph.returnable_lines(uuid,uuid[],uuid,uuid[])", Login, "in which stores goods were sold that may come back to the scope's"},
		{"tillgraph.returnable_sale(uuid,uuid[],uuid,text,text,bigint)", Login, "one receipt whose goods may come back to the scope's stores"},
		{"tillgraph.session_register(uuid,uuid,uuid)", Login, "whether a PIN's session still counts at its register"},
		{"tillgraph.stores_of(uuid)", Nobody, "all stores of one company, for deleting it; the owner of the schema alone may call it"},
		{"tillgraph.support_access(uuid,uuid)", Login, "an operator's access to one company, while it is open"},
		{"tillgraph.support_act(uuid,uuid,uuid,text,text)", Login, "writes what an operator does into the company's log, which no role of the server can write"},
		{"tillgraph.signal_add(uuid,jsonb,jsonb)", Login, "adds up one company's signals, which no role of the server can write; its slug"},
		{"tillgraph.signal_keep(uuid)", Login, "removes what one company's signals have held for 90 days, and what operators'"},
		{"tillgraph.signal_operators(jsonb)", Login, "adds up what operators alone are told"},
		{
			"tillgraph.take_attempts(timestamp with time zone,bytea[],integer[],integer[],boolean[])", Login,
			"counts attempts of hashes for all servers, before anybody is known: yes or no, and until when",
		},
		{
			"tillgraph.take_points(uuid,uuid[],bigint[],bigint[],bigint[],bigint[],bigint[])", Login,
			"takes points that one company's requests may cost, in what all servers share",
		},
		{"tillgraph.user_access(uuid,uuid,text,uuid)", Login, "who somebody is, what they may do and where, as of now"},
		{"tillgraph.works_elsewhere(uuid)", Scoped, "whether a person has a store that isn't the scope's: yes or no"},
	}
}

// companyPurge is the one function of the list that the gate doesn't own.
const companyPurge = "tillgraph.company_purge(uuid)"

// freeFunctions are those that the server's login may call beside the ones of DefinerFunctions: they give it nothing.
func freeFunctions() []string {
	return []string{
		"tillgraph.enter(uuid,text,uuid,uuid,text,uuid,uuid,uuid,bigint)", "tillgraph.schema_version()",
	}
}

func namesOf(list []Excepted) []string {
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = one.Name
	}
	return names
}

// definers are the names of functions that one of the callers may call; all where none is named.
func definers(callers ...Caller) []string {
	var names []string
	for _, f := range DefinerFunctions() {
		if len(callers) == 0 || slices.Contains(callers, f.Caller) {
			names = append(names, f.Name)
		}
	}
	return names
}
