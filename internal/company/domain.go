package company

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/page"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

// Domain is a host of the company's own. It names the company once it is verified.
type Domain struct {
	bun.BaseModel `bun:"table:company_domains,alias:domain"`
	postgres.TenantOwned

	ID         id.CompanyDomain `bun:"id,pk"`
	Host       string           `bun:"host"`
	Token      string           `bun:"token"`
	CreatedAt  time.Time        `bun:"created_at"`
	VerifiedAt *time.Time       `bun:"verified_at"`
	// MissingSince is since when its record isn't there any more; nil while it is.
	MissingSince *time.Time `bun:"missing_since"`
}

// IsNode marks Domain as the schema's Node.
func (*Domain) IsNode() {}

// RecordName is where the TXT record that proves the domain must stand.
func (d *Domain) RecordName() string { return recordPrefix + d.Host }

// RecordValue is what it must say.
func (d *Domain) RecordValue() string { return d.Token }

const (
	recordPrefix = "_tillgraph."
	tokenPrefix  = "tillgraph-verification=" //nolint:gosec // of a public record
	// mostDomains is how many a company has.
	mostDomains = 20
	// lookUpTime is how long a name server may take.
	lookUpTime = 5 * time.Second
)

// TXT looks TXT records up; net.Resolver does.
type TXT interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Domains answers for the hosts of the request's company.
type Domains struct {
	DomainsConfig
}

// DomainsConfig is what Domains need.
type DomainsConfig struct {
	DB *postgres.DB
	// BaseDomain is whose names are the companies' slugs: no company takes one of them for itself.
	BaseDomain string
	TXT        TXT
	Now        func() time.Time
	Rand       io.Reader
}

// NewDomains makes Domains.
func NewDomains(c DomainsConfig) *Domains { return &Domains{c} }

// ByID gives those of the domains that are the company's.
func (d *Domains) ByID(ctx context.Context, ids []id.CompanyDomain) ([]*Domain, error) {
	h, err := d.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	return page.ByKey[Domain](ctx, h, "id", ids)
}

// All gives the company's domains by host: a handful.
func (d *Domains) All(ctx context.Context) ([]*Domain, error) {
	h, err := d.DB.Bind(ctx)
	if err != nil {
		return nil, err
	}
	domains := []*Domain{}
	if err := h.Read(ctx, postgres.Rows(&domains, h.Select((*Domain)(nil)).OrderExpr("?TableAlias.host"))); err != nil {
		return nil, err
	}
	return domains, nil
}

var label = regexp.MustCompile("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")

// host reads a host as it stands in a request: small letters, labels of letters, digits and hyphens, at least two.
func (d *Domains) host(p *errs.Problems, text string) string {
	const longest = 200 // with the record's prefix, a name server's 253
	host := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ".")
	labels := strings.Split(host, ".")
	good := len(host) <= longest && len(labels) > 1 && net.ParseIP(host) == nil
	for _, l := range labels {
		good = good && label.MatchString(l)
	}
	switch {
	case !good:
		p.Add(form.Invalid, []string{"host"}, "This is no host such as till.example.com; write one with other letters in its xn-- form.")
	case host == d.BaseDomain || strings.HasSuffix(host, "."+d.BaseDomain):
		p.Add(form.Invalid, []string{"host"}, "Hosts of %s are given by slugs.", d.BaseDomain)
	}
	return host
}

// Add takes a host down, which names the company once Verify has found its record.
//
// Errors: problems INVALID, TAKEN (the company has it already) and TOO_MANY.
func (d *Domains) Add(ctx context.Context, host string) (*Domain, error) {
	var p errs.Problems
	domain := &Domain{ID: id.New[id.CompanyDomain](), Host: d.host(&p, host), CreatedAt: d.Now()}
	if err := p.Err(); err != nil {
		return nil, err
	}
	secret := make([]byte, 20)
	if _, err := io.ReadFull(d.Rand, secret); err != nil {
		return nil, fmt.Errorf("make a token: %w", err)
	}
	domain.Token = tokenPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret))
	err := d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		var count int
		if err := tx.Send(ctx, postgres.Value(&count, tx.Select((*Domain)(nil)).ColumnExpr("count(*)"))); err != nil {
			return err
		}
		if count >= mostDomains {
			return errs.Problems{{Code: "TOO_MANY", Field: []string{}, Message: fmt.Sprintf("A company has at most %d hosts.", mostDomains)}}
		}
		return tx.Finish(ctx, tx.Add(domain))
	})
	if postgres.IsUnique(err) {
		return nil, errs.Problems{{Code: form.Taken, Field: []string{"host"}, Message: "The company has this host already."}}
	}
	if err != nil {
		return nil, err
	}
	return domain, nil
}

// Verify looks for a domain's record, and makes the host name the company where it is there.
//
// Errors: problems NOT_FOUND, NOT_PROVED and TAKEN (another company has the host, and its record stands there too).
func (d *Domains) Verify(ctx context.Context, domain id.CompanyDomain) (*Domain, error) {
	found, err := d.ByID(ctx, []id.CompanyDomain{domain})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such host."}}
	}
	records, err := d.records(ctx, found[0])
	if err != nil {
		return nil, err
	}
	var outcome string
	var proved *Domain
	err = d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx,
			postgres.Value(&outcome, tx.NewSelect().ColumnExpr("tillgraph.domain_prove(?::uuid, ?::text[], ?::timestamptz)",
				domain, postgres.Texts(records), d.Now())),
			postgres.Row(&proved, tx.Select((*Domain)(nil)).Where("?TableAlias.id = ?", domain)))
	})
	switch {
	case err != nil:
		return nil, err
	case outcome == "TAKEN":
		return nil, errs.Problems{{
			Code: form.Taken, Field: []string{"id"}, Message: "Another company's record stands there too. Remove it, and try again.",
		}}
	case outcome != "PROVED" || proved == nil:
		return nil, notProved(found[0])
	}
	return proved, nil
}

func notProved(d *Domain) error {
	return errs.Problems{{
		Code: "NOT_PROVED", Field: []string{"id"},
		Message: "There is no TXT record " + d.RecordName() + " that says " + d.RecordValue() + " yet.",
	}}
}

// records are the TXT records of a domain, none where the name server has none.
func (d *Domains) records(ctx context.Context, domain *Domain) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	records, err := d.TXT.LookupTXT(ctx, domain.RecordName())
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, nil
	case err != nil:
		return nil, errs.Wrap(err, errs.Unavailable, "The name server does not answer. Try again in a while.")
	}
	for i := range records {
		records[i] = strings.ToValidUTF8(strings.ReplaceAll(strings.TrimSpace(records[i]), "\x00", ""), "")
	}
	return records, nil
}

// Remove takes a host away; it names the company no more from that moment on.
//
// Errors: problem NOT_FOUND.
func (d *Domains) Remove(ctx context.Context, domain id.CompanyDomain) (*id.CompanyDomain, error) {
	var removed int64
	err := d.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(&removed, tx.Delete((*Domain)(nil)).Where("?TableAlias.id = ?", domain)))
	})
	if err != nil {
		return nil, err
	}
	if removed == 0 {
		return nil, errs.Problems{{Code: form.NotFound, Field: []string{"id"}, Message: "There is no such host."}}
	}
	return &domain, nil
}

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	DomainAddUserErrorCode    string
	DomainVerifyUserErrorCode string
	DomainRemoveUserErrorCode string

	DomainAddUserError    = errs.User[DomainAddUserErrorCode]
	DomainVerifyUserError = errs.User[DomainVerifyUserErrorCode]
	DomainRemoveUserError = errs.User[DomainRemoveUserErrorCode]
)

// DomainAddPayload is what companyDomainAdd answers.
type DomainAddPayload struct {
	Domain     *Domain
	UserErrors []DomainAddUserError
}

// DomainVerifyPayload is what companyDomainVerify answers.
type DomainVerifyPayload struct {
	Domain     *Domain
	UserErrors []DomainVerifyUserError
}

// DomainRemovePayload is what companyDomainRemove answers.
type DomainRemovePayload struct {
	RemovedID  *id.CompanyDomain
	UserErrors []DomainRemoveUserError
}
