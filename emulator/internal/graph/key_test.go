package graph_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type certified struct {
	key *rsa.PrivateKey
	der []byte
}

func newCertificate(t *testing.T, subject pkix.Name, start time.Time) certified {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject, NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return certified{key, der}
}

func (c certified) base64() string { return base64.StdEncoding.EncodeToString(c.der) }

func (c certified) credential() map[string]any {
	return map[string]any{"type": "AsymmetricX509Cert", "usage": "Verify", "key": c.base64()}
}

func (c certified) proof(t *testing.T, claims map[string]any) string {
	t.Helper()
	encode := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := encode(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestKeyCredentials(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	start := c.now().Add(-time.Hour).Truncate(time.Second)
	one := newCertificate(t, pkix.Name{Country: []string{"AU"}, Province: []string{"Some-State"}, Organization: []string{"Internet Widgits Pty Ltd"}}, start)
	two := newCertificate(t, pkix.Name{CommonName: "CLI-Login"}, start)
	a, _, _ := c.app("backup")
	path := "/v1.0/applications/" + a.ID
	broken := one.credential()
	broken["key"] = one.base64()[:100] + "\n" + one.base64()[100:] // the CLI sends line breaks
	broken["@odata.type"], broken["displayName"] = "#microsoft.graph.keyCredential", nil
	c.patch(path, map[string]any{"keyCredentials": []any{broken}}).want(http.StatusNoContent)

	keys := objects(t, c.get(path).body["keyCredentials"])
	want := map[string]any{
		"customKeyIdentifier": fmt.Sprintf("%X", sha1.Sum(one.der)), "displayName": "O=Internet Widgits Pty Ltd, S=Some-State, C=AU",
		"endDateTime": start.AddDate(1, 0, 0).Format("2006-01-02T15:04:05Z"), "key": nil, "keyId": keys[0]["keyId"],
		"startDateTime": start.Format("2006-01-02T15:04:05Z"), "type": "AsymmetricX509Cert", "usage": "Verify",
	}
	if diff := cmp.Diff([]map[string]any{want}, keys); diff != "" {
		t.Errorf("keyCredentials (-want +got):\n%s", diff)
	}

	// Clients send what they read, without the key, and one more; here as PEM.
	added := two.credential()
	added["key"] = base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: two.der}))
	c.patch(path, map[string]any{"keyCredentials": []any{keys[0], added}}).want(http.StatusNoContent)
	shown := objects(t, c.get(path + "?$select=keyCredentials").body["keyCredentials"])
	if len(shown) != 2 || shown[0]["key"] != one.base64() || shown[1]["key"] != two.base64() || shown[1]["displayName"] != "CN=CLI-Login" {
		t.Errorf("got %v", shown)
	}
	if listed := c.get("/v1.0/applications?$select=keyCredentials&$filter=appId eq '" + a.AppID + "'").list()[0]; objects(t, listed["keyCredentials"])[0]["key"] != nil {
		t.Error("a list shows the certificate itself")
	}
	c.patch(path, map[string]any{"keyCredentials": []any{shown[1]}}).want(http.StatusNoContent)
	if left := objects(t, c.get(path).body["keyCredentials"]); len(left) != 1 || left[0]["keyId"] != shown[1]["keyId"] {
		t.Errorf("left: %v", left)
	}

	late := two.credential()
	late["endDateTime"] = "2999-01-01T00:00:00Z"
	c.patch(path, map[string]any{"keyCredentials": []any{late}}).fails(400, "KeyCredentialsInvalidEndDate", "Key credential end date is invalid.")
	c.patch(path, `{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"AAAA"}]}`).fails(400, "Request_BadRequest", "'key'")
	c.patch(path, `{"keyCredentials":[{"keyId":"00000000-1111-4222-8333-444444444444"}]}`).fails(400, "Request_BadRequest", "'key'")
	c.patch(path, `{"keyCredentials":[5]}`).fails(400, "Request_BadRequest", "'keyCredentials'")
	c.patch(path, `{"keyCredentials":[{"usage":"Decorate","key":"AAAA"}]}`).fails(400, "Request_BadRequest", "'usage'")
	if left := objects(t, c.get(path).body["keyCredentials"]); len(left) != 1 {
		t.Errorf("a refused change left %v", left)
	}
	c.patch(path, `{"keyCredentials":[{"type":"Symmetric","usage":"Sign","key":"AAAA","startDateTime":"2026-01-01T00:00:00Z","endDateTime":"2027-01-01T00:00:00Z"}]}`).want(http.StatusNoContent)
	if left := objects(t, c.get(path).body["keyCredentials"]); left[0]["customKeyIdentifier"] != nil {
		t.Errorf("a shared key has the thumbprint %v", left)
	}
}

func TestRollKeysWithProof(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	now := c.now()
	one := newCertificate(t, pkix.Name{CommonName: "one"}, now.Add(-time.Hour))
	two := newCertificate(t, pkix.Name{CommonName: "two"}, now.Add(-time.Hour))
	a, p, bearer := c.app("backup") // no permission at all
	_, _, other := c.app("other")
	path := "/v1.0/applications/" + a.ID
	claims := func(change ...any) map[string]any {
		m := map[string]any{"aud": "00000002-0000-0000-c000-000000000000", "iss": a.ID, "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix()}
		for i := 0; i < len(change); i += 2 {
			m[change[i].(string)] = change[i+1]
		}
		return m
	}
	add := func(bearer, proof string) result {
		return c.do(bearer, "POST", path+"/addKey", map[string]any{"keyCredential": two.credential(), "passwordCredential": nil, "proof": proof})
	}
	good := one.proof(t, claims())
	add(bearer, good).fails(http.StatusUnauthorized, "Authentication_MissingOrMalformed", "") // it has no certificate yet
	c.patch(path, map[string]any{"keyCredentials": []any{one.credential()}}).want(http.StatusNoContent)

	for name, proof := range map[string]string{
		"padded":        good + "=",
		"audience":      one.proof(t, claims("aud", "00000003-0000-0000-c000-000000000000")),
		"of another":    one.proof(t, claims("iss", p.ID)),
		"appId":         one.proof(t, claims("iss", a.AppID)),
		"too long":      one.proof(t, claims("exp", now.Add(11*time.Minute).Unix())),
		"over":          one.proof(t, claims("nbf", now.Add(-20*time.Minute).Unix(), "exp", now.Add(-11*time.Minute).Unix())),
		"without start": one.proof(t, claims("nbf", nil)),
		"another key":   two.proof(t, claims()),
		"no token":      "abc",
		"empty":         "",
	} {
		r := add(bearer, proof)
		if r.status != http.StatusUnauthorized {
			t.Errorf("%s: status %d: %s", name, r.status, r.raw)
		}
	}
	add(other, good).fails(http.StatusForbidden, "Authorization_RequestDenied", "")
	made := add(bearer, good).want(http.StatusOK)
	if made.header.Get("Location") != origin || made.text("@odata.context") != origin+"/v1.0/$metadata#microsoft.graph.keyCredential" || len(made.body) != 9 {
		t.Errorf("added: %s", made.raw)
	}
	keys := objects(t, c.get(path).body["keyCredentials"])
	if len(keys) != 2 {
		t.Fatalf("keys: %v", keys)
	}
	remove := func(id any, proof string) result {
		return c.do(bearer, "POST", path+"/removeKey", map[string]any{"keyId": id, "proof": proof})
	}
	remove("00000000-1111-4222-8333-444444444444", two.proof(t, claims())).fails(400, "Request_BadRequest", "No key credential found with keyId.")
	remove(keys[1]["keyId"], two.proof(t, claims())).want(http.StatusNoContent)
	remove(made.body["keyId"], good).want(http.StatusUnauthorized) // its certificate is gone
	c.advance(370 * 24 * time.Hour)
	later := c.now()
	remove(made.body["keyId"], two.proof(t, claims("nbf", later.Unix(), "exp", later.Add(time.Minute).Unix()))).want(http.StatusUnauthorized) // expired
	if raw := c.get(path).raw; !strings.Contains(raw, "CN=two") {
		t.Error("the key was removed all the same")
	}
}

// newPair makes a certificate that lasts for a while; its key is of a kind that is quickly made.
func newPair(t *testing.T, start time.Time, life time.Duration) certified {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pair"}, NotBefore: start, NotAfter: start.Add(life)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return certified{der: der}
}
