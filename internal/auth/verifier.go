package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// MaxTokenBytes is the longest token that is looked at. It fits in a header
	// field of any server in front of us.
	MaxTokenBytes = 8 << 10
	// DefaultLeeway is a good leeway for clocks that NTP keeps.
	DefaultLeeway = 30 * time.Second
	// DefaultCacheSize is a good number of tokens to remember: about 3 MiB when full.
	DefaultCacheSize = 8192

	maxLeeway = 5 * time.Minute
	// outsideMemory bounds how long an outside token outlives its issuer's key.
	outsideMemory = 5 * time.Minute
)

// Identity is who a verified token speaks for. It was true when the token was
// signed: whether the user is still there and the session still open is to be
// asked of the database.
type Identity struct {
	Tenant          uuid.UUID
	User            uuid.UUID // zero when an outside issuer signed the token
	ExternalSubject string    // the outside issuer's name for the user, else empty
	Issuer          string
	Session         uuid.UUID // zero for minted and outside tokens
	Register        uuid.UUID // the register that the token is bound to; zero for most
	Support         bool      // the user is an operator's access
	TokenID         string    // jti of our own tokens
	IssuedAt        time.Time // zero when the token doesn't say
	ExpiresAt       time.Time
}

// VerifierConfig says which tokens to accept.
type VerifierConfig struct {
	// Keys, Issuer and Audience are for our own tokens; all three or none.
	Keys     *KeySet
	Issuer   string
	Audience string
	// External are the outside issuers. No two issuers have the same name.
	External []ExternalIssuer
	// Leeway is how far two clocks may differ, at most five minutes; zero is none.
	Leeway time.Duration
	// CacheSize is how many verified tokens are remembered; zero is none.
	CacheSize int
	// Now is the clock. Required.
	Now func() time.Time
	// HTTPClient fetches the outside issuers' keys; nil for a client of our own.
	// Redirects are never followed, whatever it says.
	HTTPClient *http.Client
}

// Verifier verifies access tokens. It is safe for concurrent use. Close it.
type Verifier struct {
	sources map[string]source // by issuer
	only    source            // our own, when there is no other: no need to peek then
	now     func() time.Time
	cache   *tokenCache
	closers []func()
}

// source verifies the tokens of one issuer. Its errors are for the log; Verify
// turns them into sentinels.
type source interface {
	verify(ctx context.Context, token string) (verified, error)
}

// verified is an identity and the time in which its token may be used, the
// leeway included.
type verified struct {
	identity Identity
	from     time.Time
	until    time.Time
}

func (v verified) validAt(now time.Time) bool {
	return !now.Before(v.from) && now.Before(v.until)
}

// NewVerifier makes a Verifier. It fetches nothing yet. It fails when the
// configuration is incomplete or contradicts itself.
func NewVerifier(config VerifierConfig) (*Verifier, error) {
	if config.Now == nil {
		return nil, errors.New("auth: a verifier needs a clock")
	}
	if config.Leeway < 0 || config.Leeway > maxLeeway {
		return nil, fmt.Errorf("auth: leeway %v is not between 0 and %v", config.Leeway, maxLeeway)
	}
	v := &Verifier{sources: make(map[string]source), now: config.Now, cache: newTokenCache(config.CacheSize)}
	if err := v.addOwn(config); err != nil {
		return nil, err
	}
	for _, issuer := range config.External {
		if err := v.addExternal(config, issuer); err != nil {
			return nil, err
		}
	}
	if len(v.sources) == 0 {
		return nil, errors.New("auth: a verifier needs keys of our own or an outside issuer")
	}
	if len(config.External) == 0 {
		v.only = v.sources[config.Issuer]
	}
	return v, nil
}

// Verify says whom a token speaks for. Errors: [ErrTokenInvalid],
// [ErrTokenExpired] and, for an outside issuer, [ErrKeysUnavailable], which also
// wraps the context's error when it was the context that ended. [Detail] gives
// the reason.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	if len(token) > MaxTokenBytes {
		return Identity{}, refuse(errors.New("the token is too long"))
	}
	key := hashToken(token)
	if identity, ok := v.cache.get(key, v.now()); ok {
		return identity, nil
	}
	result, err := v.verifyAnew(ctx, token)
	if err != nil {
		return Identity{}, refuse(err)
	}
	v.cache.put(key, result)
	return result.identity, nil
}

// Close ends the fetching of keys that may be under way, and waits for it. A
// token whose issuer's keys are still unknown is refused from then on.
func (v *Verifier) Close() {
	for _, stop := range v.closers {
		stop()
	}
}

func (v *Verifier) verifyAnew(ctx context.Context, token string) (verified, error) {
	// Go's base64 skips line breaks, so one token would have many texts, each to
	// be remembered on its own.
	if strings.ContainsAny(token, "\r\n") {
		return verified{}, errors.New("the token holds a line break")
	}
	from := v.only
	if from == nil {
		issuer, err := peekIssuer(token)
		if err != nil {
			return verified{}, err
		}
		if from = v.sources[issuer]; from == nil {
			return verified{}, errors.New("the token's issuer is not one of ours")
		}
	}
	return from.verify(ctx, token)
}

func (v *Verifier) addOwn(config VerifierConfig) error {
	if config.Keys == nil && config.Issuer == "" && config.Audience == "" {
		return nil
	}
	if config.Keys == nil || config.Issuer == "" || config.Audience == "" {
		return errors.New("auth: keys, issuer and audience belong together")
	}
	v.sources[config.Issuer] = newOwnSource(config)
	return nil
}

func (v *Verifier) addExternal(config VerifierConfig, issuer ExternalIssuer) error {
	if _, taken := v.sources[issuer.Issuer]; taken {
		return fmt.Errorf("auth: two issuers are named %q", issuer.Issuer)
	}
	s, err := newExternalSource(config, issuer)
	if err != nil {
		return fmt.Errorf("auth: outside issuer %q: %w", issuer.Issuer, err)
	}
	v.sources[issuer.Issuer] = s
	v.closers = append(v.closers, s.keys.close)
	return nil
}

// peekIssuer reads the iss claim of a token that nobody has verified. It serves
// to choose who verifies, and for nothing else.
func peekIssuer(token string) (string, error) {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, ok := strings.Cut(rest, ".")
	if !ok {
		return "", errors.New("the token has no three parts")
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return "", fmt.Errorf("the token's claims are not base64url: %w", err)
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		return "", fmt.Errorf("the token's claims are not JSON: %w", err)
	}
	return claims.Issuer, nil
}
