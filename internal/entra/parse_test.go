package entra

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReadError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body   string
		want   Error
		source string
	}{
		"lines until 2023": {
			`{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure it.\r\nTrace ID: t\r\nCorrelation ID: c\r\nTimestamp: 2023-05-06 06:03:00Z","error_codes":[7000215],"trace_id":"t","correlation_id":"c","suberror":"bad_token"}`,
			Error{OAuth: "invalid_client", Code: 7000215, Codes: []int{7000215}, Description: "AADSTS7000215: Invalid client secret provided. Ensure it.", SubError: "bad_token", TraceID: "t", CorrelationID: "c"},
			"AADSTS7000215: Invalid client secret provided. (correlation id c)",
		},
		"no codes": {
			`{"error":"invalid_client","error_description":"AADSTS7000222: Ended. Trace ID: t"}`,
			Error{OAuth: "invalid_client", Code: 7000222, Description: "AADSTS7000222: Ended.", TraceID: "header"},
			"AADSTS7000222: Ended.",
		},
		"codes as text": {
			`{"error":"x","error_codes":["50076",{},50079]}`,
			Error{OAuth: "x", Code: 50076, Codes: []int{50076, 50079}, TraceID: "header"},
			"AADSTS50076: x",
		},
		"bare":        {`{"error":"slow_down"}`, Error{OAuth: "slow_down", TraceID: "header"}, "slow_down"},
		"no code":     {`{"error":"x","error_description":"Something. Else."}`, Error{OAuth: "x", Description: "Something. Else.", TraceID: "header"}, "x: Something."},
		"wrong types": {`{"error":{"code":"x"},"error_codes":7}`, Error{TraceID: "header"}, "HTTP 400"},
		"page":        {`<html>`, Error{TraceID: "header"}, "HTTP 400"},
	} {
		test.want.Status = 400
		got := readError(400, http.Header{"X-Ms-Request-Id": {"header"}}, []byte(test.body), time.Time{})
		if diff := cmp.Diff(test.want, *got, cmpopts.IgnoreUnexported(Error{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got.source() != test.source {
			t.Errorf("%s: source %q, want %q", name, got.source(), test.source)
		}
	}
}

func FuzzReadError(f *testing.F) {
	f.Add([]byte(`{"error":"invalid_client","error_description":"AADSTS7000215: Invalid. Ensure.\r\nTrace ID: t","error_codes":[7000215]}`))
	f.Add([]byte(`{"error":"x","error_codes":["1",1e99,-5]}`))
	f.Add([]byte(`{"error_description":"AADSTS99999999999999999999: x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := readError(400, http.Header{}, body, time.Time{})
		if e.Status != 400 || strings.ContainsAny(e.Error()+e.source(), "\r\n\x00\x1b") || len([]rune(e.sentence())) > 420 {
			t.Errorf("%+v", e)
		}
		if fault := e.Fault(); fault.Message == "" || fault.Source == "" || fault.Code == "" {
			t.Errorf("%+v", fault)
		}
	})
}

func FuzzPersonOf(f *testing.F) {
	f.Add("e30.eyJvaWQiOiJvIn0.c2ln")
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		if p, _, err := personOf(raw); (p == nil) == (err == nil) || p != nil && p.ObjectID == "" {
			t.Errorf("%v, %v", p, err)
		}
	})
}
