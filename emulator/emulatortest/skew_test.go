package emulatortest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
)

// assertion is what a client of the test application signs with its certificate: good for ten minutes by its own clock.
func assertion(t *testing.T, cloud *emulatortest.Emulator) string {
	t.Helper()
	env := cloud.Env()
	pair, err := tls.LoadX509KeyPair(env["APP_PEM"], env["APP_PEM"])
	if err != nil {
		t.Fatal(err)
	}
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	thumbprint := sha256.Sum256(pair.Certificate[0])
	now := cloud.Now()
	text := part(map[string]string{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumbprint[:])}) + "." +
		part(map[string]any{
			"aud": cloud.BaseURL() + "/" + env["TENANT_ID"] + "/oauth2/v2.0/token", "iss": env["APP_ID"], "sub": env["APP_ID"], "jti": rand.Text(),
			"nbf": now.Unix(), "iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
		})
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPSS(rand.Reader, pair.PrivateKey.(*rsa.PrivateKey), crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// An assertion that lives ten minutes is dead on arrival where the clock is far ahead; where it is behind,
// a new certificate does not count yet.
func TestSkewedAssertion(t *testing.T) {
	t.Parallel()
	cloud := emulatortest.Start(t)
	env, http := cloud.Env(), cloud.HTTPClient()
	for _, c := range []struct {
		scenario string
		status   int
		error    string
	}{{"calm", 200, ""}, {"clock-ahead", 401, "AADSTS700024"}, {"clock-behind", 401, "AADSTS700027"}} {
		cloud.SetScenario(c.scenario, 0)
		resp, err := http.PostForm(cloud.BaseURL()+"/"+env["TENANT_ID"]+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"client_credentials"}, "scope": {graph + "/.default"}, "client_id": {env["APP_ID"]},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion(t, cloud)},
		})
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Description string `json:"error_description"`
		}
		err = json.NewDecoder(resp.Body).Decode(&body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || !strings.HasPrefix(body.Description, c.error) {
			t.Errorf("%s: %d %q %v", c.scenario, resp.StatusCode, body.Description, err)
		}
	}
}
