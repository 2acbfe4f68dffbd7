package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// ownSource verifies the tokens that our own Issuer signs.
type ownSource struct {
	keys   *KeySet
	issuer string
	leeway time.Duration
	parser *jwt.Parser
}

func newOwnSource(config VerifierConfig) *ownSource {
	options := append(parserOptions(config, config.Issuer, config.Audience),
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithNotBeforeRequired(),
		jwt.WithIssuedAt(),
	)
	return &ownSource{keys: config.Keys, issuer: config.Issuer, leeway: config.Leeway, parser: jwt.NewParser(options...)}
}

// parserOptions are what every issuer's tokens are held to.
func parserOptions(config VerifierConfig, issuer, audience string) []jwt.ParserOption {
	return []jwt.ParserOption{
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(config.Leeway),
		jwt.WithTimeFunc(config.Now),
		jwt.WithStrictDecoding(),
	}
}

func (s *ownSource) verify(_ context.Context, token string) (verified, error) {
	var claims wireClaims
	if _, err := s.parser.ParseWithClaims(token, &claims, s.key); err != nil {
		return verified{}, err
	}
	if claims.IssuedAt == nil {
		return verified{}, errors.New("the token has no iat")
	}
	identity, err := s.identity(&claims)
	if err != nil {
		return verified{}, err
	}
	from := claims.NotBefore.Time
	if claims.IssuedAt.After(from) {
		from = claims.IssuedAt.Time
	}
	return verified{identity: identity, from: from.Add(-s.leeway), until: claims.ExpiresAt.Add(s.leeway)}, nil
}

// key chooses the key by the header, which has been decoded and nothing more.
func (s *ownSource) key(token *jwt.Token) (any, error) {
	if typ, _ := token.Header["typ"].(string); typ != accessTokenType {
		return nil, errors.New("the token's typ is not at+jwt")
	}
	kid, err := keyID(token)
	if err != nil {
		return nil, err
	}
	key, ok := s.keys.public[kid]
	if !ok {
		return nil, fmt.Errorf("the token's kid %q is not one of our keys", kid)
	}
	return key, nil
}

func (s *ownSource) identity(claims *wireClaims) (Identity, error) {
	identity := Identity{
		Issuer:    s.issuer,
		TokenID:   claims.ID,
		IssuedAt:  claims.IssuedAt.Time,
		ExpiresAt: claims.ExpiresAt.Time,
		Support:   claims.Support,
	}
	var err error
	if identity.Tenant, err = parseID(claims.Tenant); err != nil {
		return Identity{}, fmt.Errorf("tenant_id: %w", err)
	}
	if identity.User, err = parseID(claims.Subject); err != nil {
		return Identity{}, fmt.Errorf("sub: %w", err)
	}
	if claims.Session != "" {
		if identity.Session, err = parseID(claims.Session); err != nil {
			return Identity{}, fmt.Errorf("sid: %w", err)
		}
	}
	if claims.Register != "" {
		if identity.Register, err = parseID(claims.Register); err != nil {
			return Identity{}, fmt.Errorf("reg: %w", err)
		}
	}
	if claims.Support && (claims.Session != "" || claims.Register != "") {
		return Identity{}, errors.New("sup: an operator's access has no session and no register")
	}
	if claims.ID == "" {
		return Identity{}, errors.New("jti: it is missing")
	}
	return identity, nil
}

// keyID reads the kid of a token's header, and refuses what no issuer of ours
// has reason to send.
func keyID(token *jwt.Token) (string, error) {
	// crit names extensions that must be understood, and we understand none
	// (RFC 7515, 4.1.11).
	if _, ok := token.Header["crit"]; ok {
		return "", errors.New("the token has critical header parameters")
	}
	kid, _ := token.Header["kid"].(string)
	if kid == "" || len(kid) > maxClaimText {
		return "", errors.New("the token has no kid, or one that is too long")
	}
	return kid, nil
}

// parseID takes a UUID in its one canonical form only; uuid.Parse knows several.
func parseID(text string) (uuid.UUID, error) {
	const canonical = 36
	if len(text) != canonical {
		return uuid.Nil, errors.New("it is not a UUID")
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, errors.New("it is not a UUID")
	}
	if id == uuid.Nil {
		return uuid.Nil, errors.New("it is the zero UUID")
	}
	return id, nil
}
