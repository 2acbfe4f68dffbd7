// Package auth says who somebody is, cryptographically, and nothing more: it
// hashes passwords, signs and verifies access tokens, and makes and parses the
// opaque secrets that registers and sessions hold. Whether that somebody still
// exists, still works here and may do the thing is asked of the database by
// others, on every request. So the package knows no database, no request and no
// schema, and imports nothing of ours.
//
// # Passwords
//
// [Passwords] computes Argon2id with OWASP's parameters (19 MiB, two passes, one
// lane) and writes the PHC string form, so that the cost of each hash travels
// with it and can be raised later ([NeedsRehash]). Three things are done for the
// sake of the server rather than of the hash: only so many are computed at once,
// because each one takes its 19 MiB while it runs; a stored hash is parsed with
// bounds, because its text says how much memory to take; and an unknown user
// costs as much time as a known one ([Passwords.VerifyDummy]), because otherwise
// the clock tells who has an account.
//
// # Keys and tokens
//
// Our own tokens are JWTs in RFC 9068's form (typ at+jwt), signed with Ed25519
// only. A [KeySet] holds one or several keys: the first signs, all verify. To
// rotate: put a new key in front, wait until the longest-lived token that the
// old key signed has expired, take the old key away.
//
// [Verifier] takes tokens of ours and of any number of outside issuers, whose
// keys come from a JWKS address. The iss claim is read before anything is
// verified, and only to choose who verifies; the one that was chosen then checks
// everything, iss included. Each one has its own list of algorithms and keys of
// the matching types only, so neither "none" nor an HMAC keyed with a public key
// finds a way in. An outside issuer's sub is not one of our user ids: it is
// handed on as [Identity.ExternalSubject] for the domain to look up.
//
// A token that verified is remembered by its SHA-256, since verifying costs more
// than most queries do. Each use of the memory looks at the clock again, so a
// token is never accepted outside its time. Our own keys can't change while the
// process runs; an outside issuer's can, so its tokens are remembered for five
// minutes at most.
//
// An outside issuer's keys are fetched when the first token asks for them, never
// by a timer, one fetch at a time and not more often than every fifteen seconds,
// however many tokens name keys that nobody knows. Keys of five minutes are
// renewed beside the request that noticed; keys of ten minutes are renewed
// before they are used; while the issuer cannot be reached they go on being used
// until they are an hour old. After that its tokens are refused with
// [ErrKeysUnavailable], which says "ask again later", not "who are you".
//
// # What leaves the package
//
// Refusals are sentinels: [ErrTokenInvalid] for whatever is forged, malformed or
// meant for somebody else, [ErrTokenExpired] for what was right once. Their text
// says nothing more, so that it can be shown; [Detail] gives the reason, for the
// log.
//
// # Opaque secrets
//
// A register key (tgk_...) or refresh token (tgr_...) carries in the open which
// company and which row it belongs to, so that looking it up is one read by
// primary key inside that company's scope; then 32 random bytes, of which only
// the SHA-256 is stored. 256 random bits can't be guessed, so a slow hash would
// buy nothing. The prefix and the checksum let secret scanners find a leaked one,
// and let a typo be refused without asking the database.
//
// The clock and the source of randomness are handed in. A source must be safe
// for concurrent use, as crypto/rand.Reader is.
package auth
