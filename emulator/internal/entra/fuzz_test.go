package entra_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// serve sends a request past the network, which a fuzzer has no time for.
func (w *world) serve(method, path, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.Context(), method, "https://login.example"+path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	out := httptest.NewRecorder()
	w.service.ServeHTTP(out, r)
	return out
}

const formType = "application/x-www-form-urlencoded"

// Whatever is sent, the answer is an error of the client's with a code, and no token.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := "grant_type=client_credentials&client_id=" + appID + "&scope=" + url.QueryEscape(graph) + "&client_secret=" + url.QueryEscape(secret)
	assertion := func(text string) string {
		return "grant_type=client_credentials&client_id=" + appID + "&scope=" + url.QueryEscape(graph) +
			"&client_assertion_type=" + url.QueryEscape("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") + "&client_assertion=" + url.QueryEscape(text)
	}
	if out := w.serve("POST", tokenV2, formType, good); out.Code != 200 {
		t.Fatal(out.Body)
	}
	audience := "https://login.example/" + tenantID + "/oauth2/v2.0/token"
	jwt := func(header, claims map[string]any) string {
		h := map[string]any{"alg": "RS256", "x5t": w.cert.thumbprint()}
		c := map[string]any{"iss": appID, "sub": appID, "aud": audience, "exp": time.Now().Add(time.Hour).Unix()}
		maps.Copy(h, header)
		maps.Copy(c, claims)
		return w.cert.jwt(t, h, c)
	}
	if out := w.serve("POST", tokenV2, formType, assertion(jwt(nil, nil))); out.Code != 200 {
		t.Fatal(out.Body)
	}
	for name, c := range map[string]struct {
		kind, body string
		status     int
		code       string
	}{
		"empty":              {formType, "", 400, "AADSTS900144"},
		"JSON":               {"application/json", `{"grant_type":"client_credentials"}`, 400, "AADSTS900144"},
		"no type":            {"", good, 400, "AADSTS900144"},
		"twice":              {formType, good + "&client_id=x", 400, "AADSTS9000411"},
		"twice, unknown":     {formType, good + "&x=1&x=1", 400, "AADSTS9000411"},
		"bad escape":         {formType, good + "&x=%zz", 400, "AADSTS9002313"},
		"half escape":        {formType, good + "%", 400, "AADSTS9002313"},
		"semicolon":          {formType, good + ";x=1", 400, "AADSTS9002313"},
		"invalid UTF-8":      {formType, "grant_type=client_credentials&client_secret=x&scope=x/.default&client_id=%ff%fe", 400, "AADSTS700016"},
		"zero byte":          {formType, "grant_type=client_credentials&client_secret=x&scope=x&client_id=%00", 400, "AADSTS700016"},
		"oversized":          {formType, good + "&x=" + strings.Repeat("x", 300<<10), 413, "AADSTS9002313"},
		"long client":        {formType, "grant_type=client_credentials&client_secret=x&scope=" + url.QueryEscape(graph) + "&client_id=" + strings.Repeat("a", 9999), 400, "AADSTS700016"},
		"alg none":           {formType, assertion(jwt(map[string]any{"alg": "none"}, nil)), 401, "AADSTS5002738"},
		"key confusion":      {formType, assertion(jwt(map[string]any{"alg": "HS256"}, nil)), 401, "AADSTS5002738"},
		"other algorithm":    {formType, assertion(jwt(map[string]any{"alg": "PS256"}, nil)[:40] + "x.y.z"), 401, "AADSTS50027"},
		"other audience":     {formType, assertion(jwt(nil, map[string]any{"aud": "https://evil.example/" + tenantID + "/oauth2/v2.0/token"})), 401, "AADSTS700023"},
		"other tenant":       {formType, assertion(jwt(nil, map[string]any{"aud": "https://login.example/nowhere.example/oauth2/v2.0/token"})), 401, "AADSTS700023"},
		"expired":            {formType, assertion(jwt(nil, map[string]any{"exp": 1})), 401, "AADSTS700024"},
		"end is a text":      {formType, assertion(jwt(nil, map[string]any{"exp": "tomorrow"})), 401, "AADSTS50027"},
		"end is far":         {formType, assertion(jwt(nil, map[string]any{"exp": 1e300})), 401, "AADSTS50027"},
		"other client":       {formType, assertion(jwt(nil, map[string]any{"iss": publicID, "sub": publicID})), 401, "AADSTS700021"},
		"audience is number": {formType, assertion(jwt(nil, map[string]any{"aud": 7})), 401, "AADSTS50027"},
		"unknown grant":      {formType, "grant_type=x", 400, "AADSTS70003"},
		"no assertion type":  {formType, "grant_type=client_credentials&client_id=" + appID + "&scope=" + url.QueryEscape(graph) + "&client_assertion=x", 400, "AADSTS900144"},
	} {
		out := w.serve("POST", tokenV2, c.kind, c.body)
		if out.Code != c.status || !strings.Contains(out.Body.String(), c.code+":") || out.Body.Len() > 2000 {
			t.Errorf("%s: %d %.2000s", name, out.Code, out.Body)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if out := w.serve(method, tokenV2, formType, good); out.Code != 400 || !strings.Contains(out.Body.String(), "AADSTS900561") {
			t.Errorf("%s: %d", method, out.Code)
		}
	}
	if out := w.serve("GET", "/common/oauth2/devicecode?client_id=a&client_id=b", "", ""); out.Code != 400 || !strings.Contains(out.Body.String(), "AADSTS9000411") {
		t.Errorf("a query's parameter twice: %d %s", out.Code, out.Body)
	}
}

func FuzzToken(f *testing.F) {
	w := newWorld(f)
	w.trust(directory.FederatedCredential{Issuer: "http://127.0.0.1:1", Subject: job, Audiences: []string{exchange}})
	for _, seed := range []string{
		"grant_type=client_credentials&client_id=" + appID + "&scope=x&client_secret=y",
		"grant_type=refresh_token&client_id=" + cli + "&refresh_token=x&scope=https://graph.microsoft.com//.default",
		"grant_type=authorization_code&client_id=" + cli + "&code=x&code_verifier=y",
		"grant_type=device_code&client_id=" + cli + "&device_code=x", "grant_type=password&client_id=" + cli + "&username=a&password=b&scope=/",
		"grant_type=x&grant_type=y", "%zz", "resource=https://graph.microsoft.com&grant_type=client_credentials", "client_id=%ff",
	} {
		for path := range fuzzPaths() {
			f.Add(path, seed)
		}
	}
	f.Fuzz(func(t *testing.T, path uint8, body string) {
		w := w.in(t)
		out := w.serve("POST", fuzzPaths()[path], formType, body)
		if out.Code >= 500 || out.Code == 200 && !strings.Contains(fuzzPaths()[path], "devicecode") && !strings.Contains(fuzzPaths()[path], "authorize") {
			t.Errorf("%d %s", out.Code, out.Body)
		}
	})
}

func fuzzPaths() map[uint8]string {
	return map[uint8]string{
		0: tokenV2, 1: "/common/oauth2/token", 2: deviceV2, 3: "/common/oauth2/devicecode", 4: authorizeV2, 5: "/adfs/" + tenantID + "/oauth2/token",
	}
}

func FuzzAssertionParts(f *testing.F) {
	w := newWorld(f)
	w.trust(directory.FederatedCredential{Issuer: "http://127.0.0.1:1", Subject: job, Audiences: []string{exchange}})
	f.Add(`{"alg":"RS256","x5t":"AAAA"}`, `{"iss":"`+appID+`","sub":"`+appID+`","aud":"x","exp":1}`, "AAAA")
	f.Add(`{"alg":"none"}`, `{"iss":"http://127.0.0.1:1","sub":"`+job+`","aud":["`+exchange+`"],"exp":9999999999}`, "")
	f.Add(`{"alg":"HS256","kid":"k"}`, `{}`, "=")
	f.Add(`{"alg":"ES256"}`, `{"iss":"https://login.example/`+tenantID+`/v2.0","exp":1e400}`, "AA")
	f.Fuzz(func(t *testing.T, header, claims, signature string) {
		raw := encodeBytes([]byte(header)) + "." + encodeBytes([]byte(claims)) + "." + signature
		form := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {appID}, "scope": {graph}, "client_assertion": {raw},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}
		out := w.in(t).serve(http.MethodPost, tokenV2, formType, form.Encode())
		if out.Code != 400 && out.Code != 401 {
			t.Errorf("%d %s", out.Code, out.Body)
		}
	})
}
