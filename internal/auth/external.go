package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// DefaultTenantClaim is where an outside token says its company.
	DefaultTenantClaim = "tenant_id"

	// maxClaimText bounds the texts of an outside token that are kept or looked up.
	maxClaimText = 255
)

// ExternalIssuer is an outside identity provider whose access tokens we accept.
type ExternalIssuer struct {
	Issuer   string // its iss, exactly
	Audience string // the aud that its tokens for us have
	// JWKSURL is where its keys are. It must be https, except on this very host.
	JWKSURL string
	// TenantClaim is the claim, at the top level, that holds our company's id;
	// empty for [DefaultTenantClaim].
	TenantClaim string
	// Algorithms are those to accept, of RS256, PS256, ES256 and EdDSA; empty for
	// all four.
	Algorithms []string
}

func knownAlgorithms() []string { return []string{"RS256", "PS256", "ES256", "EdDSA"} }

func (e ExternalIssuer) validate() error {
	if e.Issuer == "" || e.Audience == "" {
		return errors.New("issuer and audience are required")
	}
	for _, alg := range e.Algorithms {
		if !slices.Contains(knownAlgorithms(), alg) {
			return fmt.Errorf("algorithm %q is not one of %s", alg, strings.Join(knownAlgorithms(), ", "))
		}
	}
	return validateKeysURL(e.JWKSURL)
}

func validateKeysURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("the JWKS address is not a URL")
	}
	switch {
	case u.Hostname() == "" || u.User != nil:
		return errors.New("the JWKS address needs a host, and no user")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	default:
		return errors.New("the JWKS address must be https: whoever can change the answer signs any token")
	}
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// externalSource verifies the tokens of one outside issuer.
type externalSource struct {
	issuer      string
	tenantClaim string
	leeway      time.Duration
	now         func() time.Time
	parser      *jwt.Parser
	keys        *remoteKeys
}

func newExternalSource(config VerifierConfig, issuer ExternalIssuer) (*externalSource, error) {
	if err := issuer.validate(); err != nil {
		return nil, err
	}
	algorithms := slices.Clone(issuer.Algorithms)
	if len(algorithms) == 0 {
		algorithms = knownAlgorithms()
	}
	tenantClaim := issuer.TenantClaim
	if tenantClaim == "" {
		tenantClaim = DefaultTenantClaim
	}
	keys, err := newRemoteKeys(issuer.JWKSURL, config.HTTPClient, config.Now)
	if err != nil {
		return nil, err
	}
	options := append(parserOptions(config, issuer.Issuer, issuer.Audience), jwt.WithValidMethods(algorithms))
	return &externalSource{
		issuer:      issuer.Issuer,
		tenantClaim: tenantClaim,
		leeway:      config.Leeway,
		now:         config.Now,
		parser:      jwt.NewParser(options...),
		keys:        keys,
	}, nil
}

func (s *externalSource) verify(ctx context.Context, token string) (verified, error) {
	// A map, not a struct: encoding/json matches a struct's fields in any case,
	// and an issuer may let its users choose claims of their own.
	claims := jwt.MapClaims{}
	_, err := s.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		return s.key(ctx, t)
	})
	if err != nil {
		return verified{}, err
	}
	identity, err := s.identity(claims)
	if err != nil {
		return verified{}, err
	}
	v := verified{identity: identity, until: identity.ExpiresAt.Add(s.leeway)}
	if begin, err := claims.GetNotBefore(); err == nil && begin != nil {
		v.from = begin.Add(-s.leeway)
	}
	if limit := s.now().Add(outsideMemory); limit.Before(v.until) {
		v.until = limit
	}
	return v, nil
}

func (s *externalSource) key(ctx context.Context, token *jwt.Token) (any, error) {
	if !externalType(token.Header) {
		return nil, errors.New("the token's typ is not that of an access token")
	}
	if _, err := keyID(token); err != nil {
		return nil, err
	}
	return s.keys.find(ctx, token)
}

func (s *externalSource) identity(claims jwt.MapClaims) (Identity, error) {
	tenant, ok := claims[s.tenantClaim].(string)
	if !ok {
		return Identity{}, errors.New("the tenant claim is missing or no text")
	}
	subject, ok := claims["sub"].(string)
	if !ok || !plainText(subject) {
		return Identity{}, errors.New("sub is missing, too long or no plain text")
	}
	expires, err := claims.GetExpirationTime()
	if err != nil || expires == nil {
		return Identity{}, errors.New("exp is missing")
	}
	identity := Identity{Issuer: s.issuer, ExternalSubject: subject, ExpiresAt: expires.Time}
	if identity.Tenant, err = parseID(tenant); err != nil {
		return Identity{}, fmt.Errorf("the tenant claim: %w", err)
	}
	if issued, err := claims.GetIssuedAt(); err == nil && issued != nil {
		identity.IssuedAt = issued.Time
	}
	return identity, nil
}

// externalType accepts what identity providers put on access tokens: RFC 9068's
// type, plain JWT, or nothing. It refuses those of other purposes (logout+jwt,
// dpop+jwt, secevent+jwt).
func externalType(header map[string]any) bool {
	value, present := header["typ"]
	if !present {
		return true
	}
	typ, _ := value.(string)
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	return typ == "jwt" || typ == accessTokenType
}

// plainText keeps out what no database column would take (U+0000) and what
// would forge lines in a log.
func plainText(s string) bool {
	return s != "" && len(s) <= maxClaimText && !strings.ContainsFunc(s, unicode.IsControl)
}
