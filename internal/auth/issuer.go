package auth

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// accessTokenType is RFC 9068's: it keeps an access token from being taken for
// any other JWT that the same keys may sign one day.
const accessTokenType = "at+jwt"

// Claims is what one of our own access tokens says.
type Claims struct {
	Tenant  uuid.UUID // the company
	Subject uuid.UUID // the user
	Session uuid.UUID // zero for a token minted without a login
	// Register binds the token to a register, that of a login by PIN; else zero.
	Register uuid.UUID
	// Support says that the subject is an operator's access, not a user.
	Support bool
	// IssuedAt is now when it is zero. The token is valid from then on. Times are
	// cut to whole seconds, as a JWT's are.
	IssuedAt  time.Time
	ExpiresAt time.Time
	ID        string // random when it is empty
}

// wireClaims is Claims as the token holds it.
type wireClaims struct {
	jwt.RegisteredClaims

	Tenant   string `json:"tenant_id"`
	Session  string `json:"sid,omitempty"`
	Register string `json:"reg,omitempty"`
	Support  bool   `json:"sup,omitempty"`
}

// IssuerConfig is all that an [Issuer] needs; every field is required.
type IssuerConfig struct {
	Keys     *KeySet
	Issuer   string // iss: who we are, the same as the Verifier's
	Audience string // aud: whom the tokens are for, the same as the Verifier's
	Now      func() time.Time
	Rand     io.Reader
}

// Issuer signs our own access tokens. It is safe for concurrent use.
type Issuer struct{ config IssuerConfig }

// NewIssuer makes an Issuer. It fails when the configuration lacks something.
func NewIssuer(config IssuerConfig) (*Issuer, error) {
	if config.Keys == nil || config.Issuer == "" || config.Audience == "" || config.Now == nil || config.Rand == nil {
		return nil, errors.New("auth: an issuer needs keys, issuer, audience, clock and random source")
	}
	return &Issuer{config: config}, nil
}

// Issue signs a token with the first key. It fails when the claims name no
// company or user, or end before they begin.
func (i *Issuer) Issue(claims Claims) (string, error) {
	if err := i.complete(&claims); err != nil {
		return "", fmt.Errorf("auth: issue a token: %w", err)
	}
	begin := jwt.NewNumericDate(claims.IssuedAt)
	wire := wireClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    i.config.Issuer,
			Subject:   claims.Subject.String(),
			Audience:  jwt.ClaimStrings{i.config.Audience},
			ExpiresAt: jwt.NewNumericDate(claims.ExpiresAt),
			NotBefore: begin,
			IssuedAt:  begin,
			ID:        claims.ID,
		},
		Tenant: claims.Tenant.String(), Support: claims.Support,
	}
	if claims.Session != uuid.Nil {
		wire.Session = claims.Session.String()
	}
	if claims.Register != uuid.Nil {
		wire.Register = claims.Register.String()
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, wire)
	token.Header["typ"] = accessTokenType
	token.Header["kid"] = i.config.Keys.ids[0]
	text, err := token.SignedString(i.config.Keys.signing)
	if err != nil {
		return "", fmt.Errorf("auth: sign a token: %w", err)
	}
	if len(text) > MaxTokenBytes {
		return "", errors.New("auth: issue a token: it would be too long to be accepted")
	}
	return text, nil
}

// complete fills in what was left open and checks the rest.
func (i *Issuer) complete(claims *Claims) error {
	if claims.Tenant == uuid.Nil || claims.Subject == uuid.Nil {
		return errors.New("a company and a user are required")
	}
	if claims.Register != uuid.Nil && claims.Session == uuid.Nil {
		return errors.New("a register is named by a session's token only")
	}
	if claims.IssuedAt.IsZero() {
		claims.IssuedAt = i.config.Now()
	}
	if claims.ExpiresAt.Unix() <= claims.IssuedAt.Unix() {
		return errors.New("it must expire later than it is issued")
	}
	if claims.ID == "" {
		id, err := uuid.NewRandomFromReader(i.config.Rand)
		if err != nil {
			return fmt.Errorf("read an id: %w", err)
		}
		claims.ID = id.String()
	}
	return nil
}
