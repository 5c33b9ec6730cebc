package resource_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/secret"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"180d": 180 * 24 * time.Hour, "1d12h": 36 * time.Hour, "24h": 24 * time.Hour, "0s": 0, "0": 0, "0d": 0, "90m": 90 * time.Minute,
	} {
		if got, err := resource.ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "-1h", "1", "1.5d", "1d1d", "1d-1h", "106752d", "106751d24h", "99999999999d", "12h1d", "week"} {
		if got, err := resource.ParseDuration(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"180d", "1d12h", "0s", "-3h", "d", "106751d23h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := resource.ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q gives %v", text, d)
		}
		again, err := resource.ParseDuration(resource.FormatDuration(d))
		if err != nil || again != d {
			t.Fatalf("%q gives %v, written %s, read back as %v, %v", text, d, resource.FormatDuration(d), again, err)
		}
	})
}

func TestSecretTravelsInJSONAndNowhereElse(t *testing.T) {
	t.Parallel()
	in := resource.Connect{Material: resource.Material{Secret: resource.Reveal(secret.New(`pa"ss<word>`))}}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out resource.Connect
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	if got := out.Secret.Take().Reveal(); got != `pa"ss<word>` {
		t.Errorf("came back as %s", got)
	}
	if text := fmt.Sprintf("%v %+v %s", out.Secret, *out.Secret, out.Secret); strings.Contains(text, "word") {
		t.Errorf("printed: %s", text)
	}
	if strings.Contains(string(raw), "password") || strings.Contains(string(raw), "certificate") {
		t.Errorf("absent fields are written: %s", raw)
	}
}

func TestAccountInJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 2, 10, 0, 0, 987654321, time.FixedZone("CET", 3600))
	a := &account.Account{
		ID: "1", Name: "backup-prod", Origin: account.Created, TenantID: "t", ApplicationID: "app",
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
		Credentials: []account.Credential{
			{ID: "new", Kind: account.Secret, Slot: account.Current, Tag: "evercred/1", ExpiresAt: &at},
			{ID: "old", Kind: account.Secret, Slot: account.Retiring, EndReason: "nobody could read it"},
		},
	}
	raw, err := json.Marshal(resource.OfAccount(a, account.StandingOf(a, at, nil), at))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	credential := got["credential"].(map[string]any)
	all := got["credentials"].([]any)
	if credential["expires_at"] != "2026-12-02T09:00:00Z" || credential["made_by"] != "evercred" || credential["slot"] != "current" {
		t.Errorf("credential: %v", credential)
	}
	if old := all[1].(map[string]any); len(all) != 2 || old["made_by"] != "other" || old["expires_at"] != nil || old["expires_reason"] == "" {
		t.Errorf("credentials: %v", all)
	}
	if diff := cmp.Diff(map[string]any{"soak": "1d", "lifetime": "180d", "renew_before": "30d", "automatic": false}, got["policy"]); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if got["check"] != nil || got["as_of"] != "2026-12-02T09:00:00Z" {
		t.Errorf("check %v, as of %v", got["check"], got["as_of"])
	}
	for _, name := range []string{"subscriptions", "role_set"} {
		if _, ok := got[name].([]any); !ok {
			t.Errorf("%s is %v, not a list", name, got[name])
		}
	}
}

func TestOperationSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	o := &account.Operation{
		ID: "op", Kind: account.OpRenew, State: account.OpNeedsSignIn, AccountName: "backup-prod",
		Steps:   []account.Step{{Title: "Removing the old secret", StartedAt: time.Now()}},
		Problem: &account.Problem{Code: "needs_sign_in", Message: "The rights are gone."},
	}
	got := resource.OfOperation(o)
	if got.Left != "removing the old secret" || got.Problem.Fault().Message != "The rights are gone." || got.Closed() {
		t.Errorf("%+v", got)
	}
}
