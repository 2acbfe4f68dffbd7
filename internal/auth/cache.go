package auth

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// tokenHash names a token in the cache. A cryptographic hash, since whoever
// found two tokens of one hash would be let in as the other; and not the token
// itself, which should not lie about in memory for longer than its request.
type tokenHash = [sha256.Size]byte

// tokenCache remembers the tokens that verified, the least recently used one
// leaving first. A nil cache remembers nothing.
type tokenCache struct {
	size int

	mu      sync.Mutex
	entries map[tokenHash]*list.Element
	recent  *list.List // of *cacheEntry, the most recently used in front
}

type cacheEntry struct {
	key    tokenHash
	result verified
}

func newTokenCache(size int) *tokenCache {
	if size <= 0 {
		return nil
	}
	return &tokenCache{size: size, entries: make(map[tokenHash]*list.Element), recent: list.New()}
}

// get answers only within the token's own time. Otherwise it forgets the token,
// and the caller verifies anew, which finds the right error.
func (c *tokenCache) get(key tokenHash, now time.Time) (Identity, bool) {
	if c == nil {
		return Identity{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return Identity{}, false
	}
	entry := entryOf(element)
	if !entry.result.validAt(now) {
		c.remove(element)
		return Identity{}, false
	}
	c.recent.MoveToFront(element)
	return entry.result.identity, true
}

func (c *tokenCache) put(key tokenHash, result verified) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// Two requests may have verified one token at once; the later one wins.
	if element, ok := c.entries[key]; ok {
		c.remove(element)
	}
	for c.recent.Len() >= c.size {
		c.remove(c.recent.Back())
	}
	c.entries[key] = c.recent.PushFront(&cacheEntry{key: key, result: result})
}

func (c *tokenCache) remove(element *list.Element) {
	delete(c.entries, entryOf(element).key)
	c.recent.Remove(element)
}

func entryOf(element *list.Element) *cacheEntry {
	return element.Value.(*cacheEntry) //nolint:forcetypeassert // the list holds nothing else
}

// hashToken copies a token of common length to the stack, so that a hit
// allocates nothing.
func hashToken(token string) tokenHash {
	var room [1024]byte
	return sha256.Sum256(append(room[:0], token...))
}
