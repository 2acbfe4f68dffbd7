package auth

import (
	"crypto/rand"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func BenchmarkVerifyCold(b *testing.B) {
	t := setup(b)
	config := t.config()
	config.CacheSize = 0
	benchmarkVerify(b, newVerifier(b, config), issue(b, t.issuer, t.claims()))
}

func BenchmarkVerifyCached(b *testing.B) {
	t := setup(b)
	benchmarkVerify(b, t.verifier, issue(b, t.issuer, t.claims()))
}

func BenchmarkVerifyCachedParallel(b *testing.B) {
	t := setup(b)
	token := issue(b, t.issuer, t.claims())
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := t.verifier.Verify(b.Context(), token); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkVerifyExternalCold(b *testing.B) {
	t := setupOutside(b, func(c *VerifierConfig) { c.CacheSize = 0 })
	public, private := rsaKeys()
	t.provider.publishes(b, map[string]any{"rsa": public})
	token := forge(b, jwt.SigningMethodRS256, private, map[string]any{"kid": "rsa"}, t.claims())
	benchmarkVerify(b, t.verifier, token)
}

func benchmarkVerify(b *testing.B, v *Verifier, token string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIssue(b *testing.B) {
	t := setup(b)
	claims := t.claims()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.issuer.Issue(claims); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyPassword(b *testing.B) {
	p := NewPasswords(1, rand.Reader)
	hash, err := p.Hash(b.Context(), goodPassword)
	noError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Verify(b.Context(), hash, goodPassword); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyDummy(b *testing.B) {
	p := NewPasswords(1, rand.Reader)
	for b.Loop() {
		noError(b, p.VerifyDummy(b.Context(), goodPassword))
	}
}

func BenchmarkParseSecret(b *testing.B) {
	text := newSecretText(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := ParseSecret(KindRegisterKey, text); err != nil {
			b.Fatal(err)
		}
	}
}
