package identityendpoint_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/internal/identityendpoint"
)

type tokens struct{}

func (tokens) ManagedIdentity(_ context.Context, _, resource string) (identityendpoint.Token, error) {
	if resource == "nowhere" {
		return identityendpoint.Token{}, &identityendpoint.Refusal{Text: "AADSTS500011: The resource principal named nowhere was not found."}
	}
	return identityendpoint.Token{Access: "token of " + resource, Expires: time.Unix(1_700_000_000, 0)}, nil
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	e := identityendpoint.New(identityendpoint.Config{
		Identity: identityendpoint.Identity{ClientID: "client", ObjectID: "object", ResourceID: "/Subscriptions/s/x"},
		Header:   "h", Tokens: tokens{}, Logger: slog.New(slog.DiscardHandler),
	})
	good := map[string]any{"access_token": "token of r", "expires_on": "1700000000", "resource": "r", "token_type": "Bearer", "client_id": "client"}
	old := map[string]any{"access_token": "token of r", "expires_on": "11/14/2023 22:13:20 +00:00", "resource": "r", "token_type": "Bearer", "client_id": "client"}
	const v = "?api-version=2019-08-01&resource=r"
	for name, c := range map[string]struct {
		method, query, header, value, from string
		status                             int
		want                               map[string]any
	}{
		"good":             {"GET", v, "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 200, good},
		"IPv6":             {"GET", v, "X-IDENTITY-HEADER", "h", "[::1]:5", 200, good},
		"by client id":     {"GET", v + "&client_id=CLIENT", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 200, good},
		"by object id":     {"GET", v + "&object_id=object", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 200, good},
		"by principal id":  {"GET", v + "&principal_id=object", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 200, good},
		"by resource id":   {"GET", v + "&mi_res_id=/subscriptions/s/x", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 200, good},
		"another":          {"GET", v + "&client_id=other", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 400, nil},
		"older":            {"GET", "?api-version=2017-09-01&resource=r&clientid=client", "secret", "h", "127.0.0.1:5", 200, old},
		"older's header":   {"GET", v, "secret", "h", "127.0.0.1:5", 401, nil},
		"no header":        {"GET", v, "", "", "127.0.0.1:5", 401, nil},
		"wrong header":     {"GET", v, "X-IDENTITY-HEADER", "x", "127.0.0.1:5", 401, nil},
		"no version":       {"GET", "?resource=r", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 400, nil},
		"unknown version":  {"GET", "?resource=r&api-version=1", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 400, nil},
		"no resource":      {"GET", "?api-version=2019-08-01", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 400, nil},
		"bad query":        {"GET", v + "&x=%zz", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 400, nil},
		"unknown resource": {"GET", "?api-version=2019-08-01&resource=nowhere", "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 500, nil},
		"POST":             {"POST", v, "X-IDENTITY-HEADER", "h", "127.0.0.1:5", 405, nil},
		"another machine":  {"GET", v, "X-IDENTITY-HEADER", "h", "192.0.2.1:5", 403, nil},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/msi/token", http.NoBody)
		r.URL.RawQuery, r.RemoteAddr = c.query[1:], c.from
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		out := httptest.NewRecorder()
		e.ServeHTTP(out, r)
		var got map[string]any
		if err := json.Unmarshal(out.Body.Bytes(), &got); err != nil || out.Code != c.status {
			t.Errorf("%s: %d %s", name, out.Code, out.Body)
			continue
		}
		if c.want != nil {
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			continue
		}
		if code, _ := got["statusCode"].(float64); int(code) != c.status || got["message"] == "" || got["correlationId"] == "" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestInstance(t *testing.T) {
	t.Parallel()
	e := identityendpoint.New(identityendpoint.Config{
		Identity: identityendpoint.Identity{ClientID: "client", ObjectID: "object", ResourceID: "/Subscriptions/s/x"},
		Header:   "h", Tokens: tokens{}, Logger: slog.New(slog.DiscardHandler),
	})
	e.Now = func() time.Time { return time.Unix(1_700_000_000-3600, 0) }
	good := map[string]any{
		"access_token": "token of r", "client_id": "client", "expires_in": "3600", "expires_on": "1700000000", "ext_expires_in": "3600",
		"not_before": "1699996100", "resource": "r", "token_type": "Bearer",
	}
	for name, c := range map[string]struct {
		query, metadata, from string
		status                int
		text                  string
	}{
		"good":             {"api-version=2018-02-01&resource=r", "true", "127.0.0.1:5", 200, ""},
		"by resource id":   {"api-version=2018-02-01&resource=r&msi_res_id=/subscriptions/S/X", "True", "127.0.0.1:5", 200, ""},
		"no header":        {"api-version=2018-02-01&resource=r", "", "127.0.0.1:5", 400, "Required metadata header not specified"},
		"another":          {"api-version=2018-02-01&resource=r&client_id=x", "true", "127.0.0.1:5", 400, "Identity not found"},
		"no resource":      {"api-version=2018-02-01", "true", "127.0.0.1:5", 400, "Required query variable 'resource' is missing"},
		"no version":       {"resource=r", "true", "127.0.0.1:5", 400, "Required query variable 'api-version' is missing"},
		"unknown resource": {"api-version=2018-02-01&resource=nowhere", "true", "127.0.0.1:5", 400, "AADSTS500011: The resource principal named nowhere was not found."},
		"another machine":  {"api-version=2018-02-01&resource=r", "true", "192.0.2.1:5", 403, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metadata/identity/oauth2/token?"+c.query, http.NoBody)
		r.RemoteAddr = c.from
		if c.metadata != "" {
			r.Header.Set("Metadata", c.metadata)
		}
		for address, handler := range map[string]http.Handler{"its own": e.Instance(), "App Service's": e} {
			if address == "App Service's" && name == "no version" {
				continue // there it is a question to App Service
			}
			out := httptest.NewRecorder()
			handler.ServeHTTP(out, r)
			var got map[string]any
			if err := json.Unmarshal(out.Body.Bytes(), &got); err != nil || out.Code != c.status {
				t.Errorf("%s, %s: %d %s", name, address, out.Code, out.Body)
				continue
			}
			if diff := cmp.Diff(good, got); c.status == 200 && diff != "" {
				t.Errorf("%s, %s: %s", name, address, diff)
			}
			if c.text != "" && got["error_description"] != c.text {
				t.Errorf("%s, %s: %v", name, address, got)
			}
		}
	}
}
