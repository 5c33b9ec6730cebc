package entra_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

func (w *world) assert(raw string, more ...string) answer {
	w.Helper()
	return w.app(append([]string{"client_assertion_type", assertionType, "client_assertion", raw}, more...)...)
}

func (w *world) assertionClaims(more map[string]any) map[string]any {
	now := time.Now()
	c := map[string]any{
		"iss": appID, "sub": appID, "aud": w.server.URL + tokenV2, "jti": "1", "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	}
	maps.Copy(c, more)
	return c
}

func sums(i identity) (sha1Sum, sha256Sum []byte) {
	a, b := sha1.Sum(i.cert.Raw), sha256.Sum256(i.cert.Raw)
	return a[:], b[:]
}

// The dialects of MSAL for Go, Python and Node, of Terraform's azuread provider, and their neighbours.
func TestAssertionDialects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s1, s256 := sums(w.cert)
	alphabets := map[string]*base64.Encoding{
		"url": base64.URLEncoding, "raw url": base64.RawURLEncoding, "std": base64.StdEncoding, "raw std": base64.RawStdEncoding,
	}
	headers := map[string]map[string]any{
		"kid in hex":           {"alg": "RS256", "kid": strings.ToUpper(hex.EncodeToString(s1))},
		"kid in lower hex":     {"alg": "PS256", "kid": hex.EncodeToString(s256)},
		"x5t beside other kid": {"alg": "RS256", "kid": "my key", "x5t": base64.RawURLEncoding.EncodeToString(s1)},
	}
	for name, e := range alphabets {
		headers["PS256 x5t#S256 "+name] = map[string]any{"alg": "PS256", "x5t#S256": e.EncodeToString(s256)}
		headers["RS256 x5t#S256 "+name] = map[string]any{"alg": "RS256", "x5t#S256": e.EncodeToString(s256)}
		headers["RS256 x5t "+name] = map[string]any{"alg": "RS256", "x5t": e.EncodeToString(s1)}
		headers["RS256 kid "+name] = map[string]any{"alg": "RS256", "kid": e.EncodeToString(s1)}
	}
	for name, header := range headers {
		a := w.assert(w.cert.jwt(t, header, w.assertionClaims(nil)))
		if a.status != 200 {
			t.Errorf("%s: %v", name, a.body)
			continue
		}
		if c := claimsOf(t, a.text("access_token")); c["appidacr"] != "2" {
			t.Errorf("%s: appidacr is %v", name, c["appidacr"])
		}
	}
	header := map[string]any{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.StdEncoding.EncodeToString(s256)}
	now := float64(time.Now().UnixNano()) / 1e9
	for name, more := range map[string]map[string]any{
		"fractions":      {"iat": now, "nbf": now - 0.25, "exp": now + 600.75},
		"no nbf":         {"nbf": nil},
		"hours":          {"exp": now + 3*3600},
		"v1":             {"aud": w.server.URL + "/" + tenantID + "/oauth2/token"},
		"domain":         {"aud": w.server.URL + "/" + domain + "/oauth2/v2.0/token"},
		"issuer":         {"aud": w.server.URL + "/" + tenantID + "/v2.0"},
		"real host":      {"aud": "https://login.microsoftonline.com/" + tenantID + "/oauth2/v2.0/token"},
		"real issuer":    {"aud": "https://login.microsoftonline.us/" + tenantID + "/v2.0"},
		"sts":            {"aud": "https://sts.windows.net/" + tenantID + "/"},
		"list":           {"aud": []string{"x", w.server.URL + tokenV2}},
		"upper-case ids": {"iss": strings.ToUpper(appID), "sub": strings.ToUpper(appID)},
	} {
		if a := w.assert(w.cert.jwt(t, header, w.assertionClaims(more))); a.status != 200 {
			t.Errorf("%s: %v", name, a.body)
		}
	}
	_, sp256 := sums(w.spCert)
	header["x5t#S256"] = base64.StdEncoding.EncodeToString(sp256)
	if a := w.assert(w.spCert.jwt(t, header, w.assertionClaims(nil))); a.status != 200 {
		t.Errorf("certificate of the service principal: %v", a.body)
	}
}

func TestAssertionErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x5t := func(i identity) map[string]any {
		s1, _ := sums(i)
		return map[string]any{"alg": "RS256", "x5t": base64.URLEncoding.EncodeToString(s1)}
	}
	good := func(more map[string]any) string { return w.cert.jwt(t, x5t(w.cert), w.assertionClaims(more)) }
	now := time.Now().Unix()
	none := strings.SplitAfter(w.cert.jwt(t, map[string]any{"alg": "none"}, w.assertionClaims(nil)), ".")
	for name, c := range map[string]struct {
		raw  string
		code int
		text string
	}{
		"not registered":   {w.stray.jwt(t, x5t(w.stray), w.assertionClaims(nil)), 700027, "[Reason - The key was not found., Thumbprint of key used by client: '" + w.stray.thumbprint() + "'"},
		"no thumbprint":    {w.cert.jwt(t, map[string]any{"alg": "RS256"}, w.assertionClaims(nil)), 700027, "The key was not found."},
		"expired":          {w.expired.jwt(t, x5t(w.expired), w.assertionClaims(nil)), 700027, "[Reason - The key used is expired., Thumbprint of key used by client: '" + w.expired.thumbprint() + "', Found key 'Start="},
		"other key":        {w.stray.jwt(t, x5t(w.cert), w.assertionClaims(nil)), 700027, "Client assertion contains an invalid signature."},
		"over":             {good(map[string]any{"nbf": now - 3600, "exp": now - 600}), 700024, "not within its valid time range"},
		"not begun":        {good(map[string]any{"nbf": now + 600, "exp": now + 1200}), 700024, ""},
		"issuer":           {good(map[string]any{"iss": publicID}), 700021, ""},
		"subject":          {good(map[string]any{"sub": publicID}), 700021, ""},
		"audience":         {good(map[string]any{"aud": "https://evil.example/" + tenantID + "/oauth2/v2.0/token"}), 700023, ""},
		"other tenant":     {good(map[string]any{"aud": w.server.URL + "/other/oauth2/v2.0/token"}), 700023, ""},
		"no end":           {good(map[string]any{"exp": nil}), 50027, ""},
		"end beyond time":  {good(map[string]any{"exp": 1e300}), 50027, ""},
		"garbage":          {"garbage", 50027, ""},
		"empty parts":      {"..", 50027, ""},
		"not an object":    {"W10.W10.x", 50027, ""},
		"alg none":         {none[0] + none[1], 5002738, "'none'"},
		"symmetric":        {w.cert.jwt(t, map[string]any{"alg": "HS256"}, w.assertionClaims(nil)), 5002738, "'HS256'"},
		"no header":        {good(nil)[strings.IndexByte(good(nil), '.'):], 50027, ""},
		"fed by a website": {good(map[string]any{"aud": 7}), 50027, ""},
	} {
		a := w.assert(c.raw)
		if a.status != 401 || a.code() != c.code || a.text("error") != "invalid_client" || !strings.Contains(a.text("error_description"), c.text) {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
	if a := w.app("client_assertion", good(nil)); a.status != 400 || a.code() != 900144 || !strings.Contains(a.text("error_description"), "'client_assertion_type'") {
		t.Errorf("no type: %v", a.body)
	}
	if a := w.app("client_assertion", good(nil), "client_assertion_type", "other"); a.status != 400 || a.code() != 9002313 {
		t.Errorf("other type: %v", a.body)
	}
	w.advance(30 * time.Minute)
	if a := w.assert(good(nil)); a.code() != 700024 {
		t.Errorf("the emulator's clock is ahead: %v", a.body)
	}
}

func FuzzAssertion(f *testing.F) {
	w := newWorld(f)
	s1, _ := sums(w.cert)
	raw := w.cert.jwt(f, map[string]any{"alg": "RS256", "x5t": base64.RawURLEncoding.EncodeToString(s1)}, w.assertionClaims(map[string]any{"exp": 1}))
	f.Add(raw)
	f.Add("e30.e30.")
	f.Add("eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOltdLCJleHAiOjFlOTl9.AA")
	f.Fuzz(func(t *testing.T, raw string) {
		w := w.in(t)
		if a := w.assert(raw); a.status != 401 && a.status != 400 && a.status != 413 {
			t.Errorf("%q: %d %v", raw, a.status, a.body)
		}
	})
}

func BenchmarkClientSecret(b *testing.B) {
	w := newWorld(b)
	body := "grant_type=client_credentials&client_id=" + appID + "&client_secret=" + secret + "&scope=" + graph
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, tokenV2, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		if w.service.ServeHTTP(rec, r); rec.Code != http.StatusOK {
			b.Fatal(rec.Body)
		}
	}
}

func BenchmarkBareSigning(b *testing.B) {
	s := shared().signer
	claims := map[string]any{"aud": "x"}
	for b.Loop() {
		if _, err := s.Sign(claims); err != nil {
			b.Fatal(err)
		}
	}
}
