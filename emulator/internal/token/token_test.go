package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/exchange"
	"github.com/evercred/evercred/emulator/internal/token"
)

const tenant = "11111111-0000-0000-0000-000000000001"

func signer(t testing.TB) *token.Signer {
	t.Helper()
	s, err := token.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claimsAt(now time.Time, more map[string]any) map[string]any {
	c := map[string]any{
		"aud": "https://graph.microsoft.com", "tid": tenant, "oid": "o", "appid": "a", "idtyp": "app", "roles": []string{"R.All"},
		"nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(c, more)
	return c
}

func TestVerify(t *testing.T) {
	t.Parallel()
	s, other := signer(t), signer(t)
	now := time.Now()
	sign := func(by *token.Signer, more map[string]any) string {
		raw, err := by.Sign(claimsAt(now, more))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good := sign(s, nil)
	parts := strings.Split(good, ".")
	encode := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	none := encode(map[string]string{"alg": "none", "kid": s.KeyID()}) + "." + parts[1] + "."
	confused := encode(map[string]string{"alg": "HS256", "kid": s.KeyID()}) + "." + parts[1]
	mac := hmac.New(sha256.New, []byte(s.JWK().Modulus))
	mac.Write([]byte(confused))
	confused += "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))

	for name, c := range map[string]struct {
		raw  string
		at   time.Time
		want error
	}{
		"good":            {good, now, nil},
		"at its end":      {good, now.Add(time.Hour), token.ErrExpired},
		"long before":     {good, now.Add(-6 * time.Minute), token.ErrExpired},
		"a little before": {good, now.Add(-4 * time.Minute), nil},
		"no dots":         {"abc", now, token.ErrMalformed},
		"empty":           {"", now, token.ErrMalformed},
		"not base64":      {"a.!.c", now, token.ErrMalformed},
		"huge":            {strings.Repeat("a", 1<<20), now, token.ErrMalformed},
		"other key":       {sign(other, nil), now, token.ErrSignature},
		"changed":         {parts[0] + "." + encode(claimsAt(now, map[string]any{"oid": "root"})) + "." + parts[2], now, token.ErrSignature},
		"alg none":        {none, now, token.ErrSignature},
		"key confusion":   {confused, now, token.ErrSignature},
		"other audience":  {sign(s, map[string]any{"aud": "https://vault.azure.net"}), now, token.ErrAudience},
		"other tenant":    {sign(s, map[string]any{"tid": "x"}), now, token.ErrTenant},
		"id token":        {sign(s, map[string]any{"idtyp": nil}), now, token.ErrMalformed},
		"no end":          {sign(s, map[string]any{"exp": nil}), now, token.ErrMalformed},
	} {
		if _, err := s.Verify(c.raw, c.at, tenant, token.GraphAudiences()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// What is remembered of a token is its signature, not its welcome.
func TestRememberedTokens(t *testing.T) {
	t.Parallel()
	s, now := signer(t), time.Now()
	raw, err := s.Sign(claimsAt(now, nil))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		caller, err := s.Verify(raw, now, tenant, token.GraphAudiences())
		if err != nil {
			t.Fatal(err)
		}
		caller.Roles[0] = "changed by who asked"
	}
	if caller, err := s.Verify(raw, now, tenant, token.GraphAudiences()); err != nil || caller.Roles[0] != "R.All" {
		t.Errorf("%+v %v", caller, err)
	}
	for want, verify := range map[error]func() (*exchange.Caller, error){
		token.ErrExpired: func() (*exchange.Caller, error) {
			return s.Verify(raw, now.Add(time.Hour), tenant, token.GraphAudiences())
		},
		token.ErrAudience: func() (*exchange.Caller, error) { return s.Verify(raw, now, tenant, token.ManagementAudiences()) },
		token.ErrTenant:   func() (*exchange.Caller, error) { return s.Verify(raw, now, "x", token.GraphAudiences()) },
		token.ErrSignature: func() (*exchange.Caller, error) {
			return s.Verify(raw[:len(raw)-4]+"AAAA", now, tenant, token.GraphAudiences())
		},
	} {
		if _, err := verify(); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s, now := signer(b), time.Now()
	raw, err := s.Sign(claimsAt(now, nil))
	if err != nil {
		b.Fatal(err)
	}
	audiences := token.GraphAudiences()
	for b.Loop() {
		if _, err := s.Verify(raw, now, tenant, audiences); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCallers(t *testing.T) {
	t.Parallel()
	s := signer(t)
	now := time.Now()
	for _, c := range []struct {
		more map[string]any
		want exchange.Caller
	}{
		{nil, exchange.Caller{ObjectID: "o", AppID: "a", TenantID: tenant, Name: "a", Roles: []string{"R.All"}, Audience: "https://graph.microsoft.com"}},
		{
			map[string]any{"idtyp": "user", "upn": "u@x.example", "scp": "A B", "roles": nil, "aud": token.GraphAppID},
			exchange.Caller{ObjectID: "o", AppID: "a", TenantID: tenant, Name: "u@x.example", User: true, Scopes: []string{"A", "B"}, Audience: token.GraphAppID},
		},
	} {
		raw, err := s.Sign(claimsAt(now, c.more))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Verify(raw, now, tenant, token.GraphAudiences())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSignerIsKept(t *testing.T) {
	t.Parallel()
	s := signer(t)
	again, err := token.LoadSigner(s.PEM())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	raw, err := s.Sign(claimsAt(now, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Verify(raw, now, tenant, token.GraphAudiences()); err != nil {
		t.Errorf("the loaded signer refuses the token of the saved one: %v", err)
	}
	if diff := cmp.Diff(s.JWK(), again.JWK()); diff != "" {
		t.Error(diff)
	}
	other := signer(t)
	mixed := append(append([]byte{}, s.PEM()...), other.PEM()[strings.Index(string(other.PEM()), "-----BEGIN CERT"):]...)
	for name, bad := range map[string][]byte{"empty": nil, "no key": s.PEM()[strings.Index(string(s.PEM()), "-----BEGIN CERT"):], "another's certificate": mixed} {
		if _, err := token.LoadSigner(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := signer(f)
	now := time.Unix(1_700_000_000, 0)
	raw, err := s.Sign(claimsAt(now, nil))
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(raw, ".")
	f.Add(parts[0], parts[1], parts[2])
	f.Add("e30", "e30", "")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		got, err := s.Verify(a+"."+b+"."+c, now, tenant, token.GraphAudiences())
		if err == nil && (a != parts[0] || b != parts[1] || c != parts[2]) {
			t.Errorf("a token that was never signed got through: %+v", got)
		}
	})
}
