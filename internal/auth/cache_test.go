package auth

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// knows says whether the cache would answer for a token now.
func (b *testBundle) knows(token string) bool {
	b.verifier.cache.mu.Lock()
	defer b.verifier.cache.mu.Unlock()
	_, ok := b.verifier.cache.entries[hashToken(token)]
	return ok
}

func (b *testBundle) remembered() int {
	b.verifier.cache.mu.Lock()
	defer b.verifier.cache.mu.Unlock()
	if len(b.verifier.cache.entries) != b.verifier.cache.recent.Len() {
		return -1
	}
	return b.verifier.cache.recent.Len()
}

func TestCacheHit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := issue(t, b.issuer, b.claims())
	first, err := b.verifier.Verify(t.Context(), token)
	noError(t, err)
	// Without its key the token can't be verified anew: whoever answers is the cache.
	clear(b.keys.public)
	second, err := b.verifier.Verify(t.Context(), token)
	noError(t, err)
	equal(t, first, second)
}

func TestCacheLooksAtTheClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := issue(t, b.issuer, b.claims())
	verify := func() error {
		_, err := b.verifier.Verify(t.Context(), token)
		return err
	}
	noError(t, verify())
	b.clock.advance(15*time.Minute + DefaultLeeway - time.Second)
	noError(t, verify())
	equal(t, b.knows(token), true)
	b.clock.advance(time.Second)
	equal(t, errors.Is(verify(), ErrTokenExpired), true)
	equal(t, b.knows(token), false)

	// A clock that was set back makes it a token of the future.
	b.clock.advance(-time.Minute)
	noError(t, verify())
	equal(t, b.knows(token), true)
	b.clock.advance(-15*time.Minute - 30*time.Second)
	equal(t, errors.Is(verify(), ErrTokenInvalid), true)
}

func TestCacheKeepsNoRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 3 {
		_, err := b.verifier.Verify(t.Context(), "a.b.c")
		equal(t, errors.Is(err, ErrTokenInvalid), true)
	}
	equal(t, b.remembered(), 0)
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	size := b.verifier.cache.size
	favourite := issue(t, b.issuer, b.claims())
	_, err := b.verifier.Verify(t.Context(), favourite)
	noError(t, err)
	for range 3 * size {
		_, err := b.verifier.Verify(t.Context(), issue(t, b.issuer, b.claims()))
		noError(t, err)
		equal(t, b.knows(favourite), true) // the least recently used leave first
		_, err = b.verifier.Verify(t.Context(), favourite)
		noError(t, err)
		if n := b.remembered(); n < 1 || n > size {
			t.Fatalf("%d tokens in a cache of %d", n, size)
		}
	}
	equal(t, b.remembered(), size)
}

func TestCacheTellsTokensApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			claims := b.claims()
			token := issue(t, b.issuer, claims)
			for range 50 {
				got, err := b.verifier.Verify(t.Context(), token)
				if err != nil || got.Tenant != claims.Tenant || got.User != claims.Subject {
					t.Errorf("got %+v, %v", got, err)
				}
			}
		})
	}
	wait.Wait()
}

func TestNoCache(t *testing.T) {
	t.Parallel()
	b := setup(t)
	config := b.config()
	config.CacheSize = 0
	v := newVerifier(t, config)
	token := issue(t, b.issuer, b.claims())
	_, err := v.Verify(t.Context(), token)
	noError(t, err)
	clear(b.keys.public)
	_, err = v.Verify(t.Context(), token)
	equal(t, errors.Is(err, ErrTokenInvalid), true)
}

// An outside token is forgotten after five minutes, so that a key that its
// issuer withdrew is missed.
func TestCacheForgetsOutsideTokens(t *testing.T) {
	t.Parallel()
	b := setupOutside(t, nil)
	token := b.token(t, b.claims())
	_, err := b.verifier.Verify(t.Context(), token)
	noError(t, err)

	other := newKeys(t)
	b.provider.publishes(t, map[string]any{uuid.NewString(): other.public[other.ids[0]]})
	b.clock.advance(outsideMemory - time.Second)
	_, err = b.verifier.Verify(t.Context(), token)
	noError(t, err)
	b.clock.advance(waitAfter)
	identity, err := b.verifier.Verify(t.Context(), token)
	refused(t, identity, err, ErrTokenInvalid)
}
