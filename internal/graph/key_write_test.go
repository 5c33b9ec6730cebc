package graph_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
)

func newKey() graph.NewKey {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return graph.NewKey{KeyID: keyID, DisplayName: "evercred/1", DER: []byte("der"), Start: start, End: start.Add(time.Hour)}
}

const newKeyJSON = `{"displayName":"evercred/1","endDateTime":"2026-03-01T13:00:00Z","key":"ZGVy","keyId":"` + keyID + `","startDateTime":"2026-03-01T12:00:00Z","type":"AsymmetricX509Cert","usage":"Verify"}`

func TestAddAndRemoveKeyWithProof(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"keyId":"of-graph"}`})
	got, err := client(t, s).AddKey(t.Context(), objectID, newKey(), secret.New("the.proof.x"))
	if err != nil || got != "of-graph" {
		t.Errorf("%s, %v", got, err)
	}
	sent(t, s.Only(t), "POST /v1.0/applications/"+objectID+"/addKey", `{"keyCredential":`+newKeyJSON+`,"passwordCredential":null,"proof":"the.proof.x"}`)

	s = azuretest.Serve(t, azuretest.Answer{Body: `{"@odata.context":"x"}`}) // the documented sample
	if got, err := client(t, s).AddKey(t.Context(), objectID, newKey(), secret.New("p")); err != nil || got != keyID {
		t.Errorf("an answer without a key id: %s, %v", got, err)
	}
	s = azuretest.Serve(t, azuretest.Answer{Status: 400, Body: `{"error":{"code":"Request_BadRequest","message":"No key credential found with keyId."}}`})
	if err := client(t, s).RemoveKey(t.Context(), objectID, keyID, secret.New("p")); !graph.IsNoSuchKey(err) {
		t.Errorf("%v", err)
	}
	sent(t, s.Only(t), "POST /v1.0/applications/"+objectID+"/removeKey", `{"keyId":"`+keyID+`","proof":"p"}`)
	s = azuretest.Serve(t, azuretest.Answer{Status: 401, Body: `{"error":{"code":"Authentication_MissingOrMalformed","message":"Access Token missing or malformed."}}`})
	if err := client(t, s).RemoveKey(t.Context(), objectID, keyID, secret.New("p")); !graph.IsProofRefused(err) {
		t.Errorf("%v", err)
	}
}

// Every entry that any of several servers knows is sent back, with properties that are not known here.
func TestRegisterKeyKeepsTheOthers(t *testing.T) {
	t.Parallel()
	one, two := `{"keyId":"one","key":null,"odd":1}`, `{"keyId":"two","key":null}`
	for name, tc := range map[string]struct {
		reads []string
		do    func(*graph.Client) error
		want  string // empty: nothing is written
	}{
		"added":               {[]string{one + "," + two, one, one}, register(t), `[` + one + `,` + two + `,` + newKeyJSON + `]`},
		"the first":           {[]string{"", "", ""}, register(t), `[` + newKeyJSON + `]`},
		"there already":       {[]string{one, one + `,{"keyId":"` + keyID + `"}`, one}, register(t), ""},
		"a key that is given": {[]string{`{"keyId":"one","odd":1,"key":"ZGVy"}`, one, one}, register(t), `[{"key":null,"keyId":"one","odd":1},` + newKeyJSON + `]`},
		"removed":             {[]string{one + "," + two, one, one}, unregister(t, "ONE"), `[` + two + `]`},
		"removed, not there":  {[]string{one, one, one}, unregister(t, "three"), ""},
		"the last is removed": {[]string{one, one, one}, unregister(t, "one"), `[]`},
	} {
		var answers []azuretest.Answer
		for _, keys := range tc.reads {
			answers = append(answers, azuretest.Answer{Body: `{"id":"` + objectID + `","keyCredentials":[` + keys + `]}`})
		}
		s := azuretest.Serve(t, append(answers, azuretest.Answer{Status: 204})...)
		if err := tc.do(client(t, s)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := s.Requests()[len(tc.reads):]
		if tc.want == "" {
			if len(got) != 0 {
				t.Errorf("%s: sent %+v", name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Method != "PATCH" || got[0].Path != "/v1.0/applications/"+objectID {
			t.Fatalf("%s: sent %+v", name, got)
		}
		var body struct {
			Keys json.RawMessage `json:"keyCredentials"`
		}
		if err := json.Unmarshal([]byte(got[0].Body), &body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, string(body.Keys)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func register(t *testing.T) func(*graph.Client) error {
	return func(c *graph.Client) error { return c.RegisterKey(t.Context(), objectID, newKey()) }
}

func unregister(t *testing.T, id string) func(*graph.Client) error {
	return func(c *graph.Client) error {
		_, err := c.UnregisterKey(t.Context(), objectID, id)
		return err
	}
}
