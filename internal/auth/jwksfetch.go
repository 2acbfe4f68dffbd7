package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/MicahParks/jwkset"
)

const (
	maxKeysBody     = 256 << 10
	maxKeysHeader   = 64 << 10
	maxOutsideKeys  = 100
	minRSABits      = 2048
	maxRSABits      = 8192
	keysContentType = "application/jwk-set+json, application/json"
)

// keysClient is the given client, or one of our own, that follows no redirect:
// the operator named the address, and https is checked there only.
func keysClient(given *http.Client) *http.Client {
	var client http.Client
	if given != nil {
		client = *given
	} else if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = transport.Clone()
		transport.MaxResponseHeaderBytes = maxKeysHeader
		client.Transport = transport
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// fetch replaces the keys by those that the issuer publishes now. When it fails
// the old ones stay. Its error wraps errNoKeys.
func (r *remoteKeys) fetch() error {
	ctx, cancel := context.WithTimeout(r.ctx, fetchTimeout)
	defer cancel()
	body, err := r.download(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoKeys, err)
	}
	keys, err := parseKeys(body)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoKeys, err)
	}
	if err := r.storage.KeyReplaceAll(ctx, keys); err != nil {
		return fmt.Errorf("%w: %w", errNoKeys, err)
	}
	return nil
}

func (r *remoteKeys) download(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", keysContentType)
	// The next fetch is minutes away; a kept connection would only keep its goroutines.
	request.Close = true
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the JWKS address answers %s", response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeysBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxKeysBody {
		return nil, fmt.Errorf("the JWKS is larger than %d bytes", maxKeysBody)
	}
	return body, nil
}

// parseKeys reads a JWK set. Keys that we can't use are passed over, as RFC 7517
// (section 5) asks: an issuer may publish others beside those for us.
func parseKeys(body []byte) ([]jwkset.JWK, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("the JWKS is not JSON: %w", err)
	}
	if len(set.Keys) > maxOutsideKeys {
		return nil, fmt.Errorf("the JWKS has more than %d keys", maxOutsideKeys)
	}
	var keys []jwkset.JWK
	for _, raw := range set.Keys {
		// The zero options: private and symmetric parts are left out, and no
		// certificate is fetched from anywhere.
		key, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err == nil && key.Marshal().KID != "" && usable(key.Key()) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the JWKS has no key that we can use")
	}
	return keys, nil
}

// usable keeps public keys of the accepted algorithms in sensible sizes. The JWT
// library checks the kind of a key, but neither an ES256 key's curve nor an RSA
// key's strength.
func usable(key any) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		return key.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits && key.N.BitLen() <= maxRSABits
	default:
		return false
	}
}
