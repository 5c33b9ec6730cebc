package azure_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
)

func TestReadRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		retry, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"17", "", 17 * time.Second},
		{" 0 ", "", 0},
		{"-5", "", 0},
		{"1e3", "", 0},
		{"9223372036854775807", "", 0},
		{"soon", "", 0},
		{"Sun, 01 Mar 2026 12:01:30 GMT", "", 90 * time.Second},
		{"Sun, 01 Mar 2026 11:59:00 GMT", "", 0},
		{"Sun, 01 Mar 2026 13:00:10 GMT", "Sun, 01 Mar 2026 13:00:00 GMT", 10 * time.Second}, // clocks differ by an hour
	} {
		h := http.Header{}
		h.Set("Retry-After", test.retry)
		h.Set("Date", test.date)
		if got := azure.ReadRetryAfter(h, now); got != test.want {
			t.Errorf("%q (date %q) is %v, want %v", test.retry, test.date, got, test.want)
		}
	}
}

func TestReadFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header map[string]string
		body   string
		want   azure.Failure
	}{
		"graph": {
			map[string]string{"request-id": "r1", "Retry-After": "3"},
			`{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist.\r\nAt all.","innerError":{"request-id":"r2"}}}`,
			azure.Failure{Status: 404, Code: "Request_ResourceNotFound", Message: "Resource 'x' does not exist. At all.", RequestID: "r1", RetryAfter: 3 * time.Second},
		},
		"id in the body": {nil, `{"error":{"code":"A","innerError":{"request-id":"r2"}}}`, azure.Failure{Status: 404, Code: "A", RequestID: "r2"}},
		"resource manager": {
			map[string]string{"x-ms-request-id": "r3"},
			`{"error":{"code":"SubscriptionNotFound","message":"m"}}`,
			azure.Failure{Status: 404, Code: "SubscriptionNotFound", Message: "m", RequestID: "r3"},
		},
		"no envelope":    {nil, `{"code":"A","message":"m"}`, azure.Failure{Status: 404, Code: "A", Message: "m"}},
		"page":           {nil, `<html>`, azure.Failure{Status: 404}},
		"empty":          {nil, ``, azure.Failure{Status: 404}},
		"text for error": {nil, `{"error":"A"}`, azure.Failure{Status: 404}},
		"wrong types":    {nil, `{"error":{"code":7}}`, azure.Failure{Status: 404}},
	} {
		h := http.Header{}
		for k, v := range test.header {
			h.Set(k, v)
		}
		if diff := cmp.Diff(test.want, azure.ReadFailure(404, h, []byte(test.body), time.Now())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in    string
		limit int
		want  string
	}{
		{" a\r\nb\x1b[31m c\t", 50, "a b [31m c"},
		{"äöüß", 2, "äö…"},
		{"äöüß", 4, "äöüß"},
		{"ab cd", 3, "ab …"},
		{"\xff\xfe", 5, "��"},
	} {
		if got := azure.OneLine(test.in, test.limit); got != test.want {
			t.Errorf("%q is %q, want %q", test.in, got, test.want)
		}
	}
}

func TestFaultOfFailure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		failure azure.Failure
		code    fault.Code
		says    string
	}{
		{azure.Failure{Status: 429, Code: "TooManyRequests", RetryAfter: 42 * time.Second}, fault.Azure, "42s"},
		{azure.Failure{Status: 503}, fault.Azure, "few minutes"},
		{azure.Failure{Status: 401, Code: "InvalidAuthenticationToken"}, fault.SignIn, "sign in"},
		{azure.Failure{Status: 403}, fault.Unreachable, "proxy"},
		{azure.Failure{Status: 400, Code: "Odd"}, fault.Azure, "what Microsoft says"},
	} {
		f := test.failure.Fault("the service")
		if f.Code != test.code || !strings.Contains(f.Meaning+f.Remedy, test.says) {
			t.Errorf("%+v is %+v", test.failure, f)
		}
	}
}

func FuzzReadFailure(f *testing.F) {
	f.Add([]byte(`{"error":{"code":"A","message":"m","innerError":{"request-id":"r"}}}`), "3")
	f.Add([]byte(`{"error":"x"}`), "Sun, 01 Mar 2026 12:01:30 GMT")
	f.Add([]byte(`{"error":null,"code":"A"}`), "")
	f.Fuzz(func(t *testing.T, body []byte, retry string) {
		got := azure.ReadFailure(400, http.Header{"Retry-After": {retry}}, body, time.Unix(0, 0))
		if got.Status != 400 || got.RetryAfter < 0 || len([]rune(got.Message)) > 601 || strings.ContainsAny(got.Source(), "\r\n\x00\x1b") {
			t.Errorf("%+v", got)
		}
		if got.Fault("x").Message == "" {
			t.Error("no message")
		}
	})
}
