package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

// bulk follows a bulk to its end.
func (b *bench) bulk(r resource.BulkRequest) *resource.Bulk {
	b.t.Helper()
	started, err := b.api.StartBulk(b.t.Context(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	if started.ID == "" {
		return started
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		now, err := b.api.Bulk(b.t.Context(), started.ID, client.Page{})
		if err != nil {
			b.t.Fatal(err)
		}
		if now.State == "done" {
			now.SignInsNeeded = started.SignInsNeeded
			return now
		}
	}
	b.t.Fatalf("the bulk does not end: %+v", started)
	return nil
}

func TestCheckInBulk(t *testing.T) {
	b := newBench(t)
	all, err := b.api.Accounts(t.Context(), client.Filter{}, client.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for what, r := range map[string]resource.BulkRequest{
		"a filter": {Action: account.ActCheck, Filter: &resource.BulkFilter{}},
		"names": {Action: account.ActCheck, Accounts: func() []string {
			names := []string{"BACKUP-PROD", "nobody"}
			for _, a := range all.Accounts {
				names = append(names, a.Name)
			}
			return names
		}()},
	} {
		got := b.bulk(r)
		refused := 0
		if what == "names" {
			refused = 1
		}
		if got.Done != all.Total || got.Failed != 0 || len(got.Started) != all.Total || len(got.Refused) != refused || got.Total != all.Total+refused || got.ClosedAt == nil {
			t.Errorf("%s: %+v", what, got)
		}
		for _, s := range got.Started {
			if s.Operation.State != account.OpDone || s.Operation.Kind != account.OpCheck || s.Operation.Summary == "" || s.Account.Name == "" {
				t.Errorf("%s: %+v", what, s)
			}
		}
	}
}

// TestRenewInBulk renews what needs nobody at once, and the others of a tenant with one sign-in.
func TestRenewInBulk(t *testing.T) {
	b := newBench(t)
	names := []string{"backup-prod", "backup-dev"}
	first := b.bulk(resource.BulkRequest{Action: account.ActRenew, Accounts: names})
	if first.ID != "" || len(first.Started) != 0 || len(first.SignInsNeeded) != 1 || len(first.SignInsNeeded[0].Accounts) != 2 {
		t.Fatalf("without a sign-in: %+v", first)
	}
	need := first.SignInsNeeded[0]
	s := b.byDevice(owner, need.TenantID)
	second := b.bulk(resource.BulkRequest{Action: account.ActRenew, Accounts: names, SignIn: s.ID, Lifetime: "90d"})
	if second.Done != 2 || second.Failed+second.NeedsSignIn != 0 || len(second.SignInsNeeded) != 0 {
		t.Fatalf("with a sign-in: %+v", second)
	}
	for _, name := range names {
		a, err := b.api.Account(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if a.State != account.Valid || a.Credential.ExpiresAt.Sub(a.AsOf) > 91*24*time.Hour {
			t.Errorf("%s is %s until %s", name, a.State, a.Credential.ExpiresAt)
		}
	}
	list, err := b.api.Accounts(t.Context(), client.Filter{Search: "backup-prod"}, client.Page{})
	if err != nil || len(list.Accounts) != 1 || list.Accounts[0].State != account.Valid || !list.Accounts[0].HandOverPending {
		t.Errorf("the list: %+v (%v)", list, err)
	}
}

// TestExport holds that a download has what the list has.
func TestExport(t *testing.T) {
	b := newBench(t)
	f := client.Filter{Sort: "-state", Cloud: "custom"}
	list, err := b.api.AllAccounts(t.Context(), f)
	if err != nil || len(list.Accounts) < 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	want := []string{}
	for _, a := range list.Accounts {
		want = append(want, a.Name)
	}
	var file bytes.Buffer
	if err := b.api.Export(t.Context(), f, "csv", &file); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil || len(rows) != len(want)+1 {
		t.Fatalf("%d rows (%v)", len(rows), err)
	}
	got := []string{}
	for _, r := range rows[1:] {
		got = append(got, r[slices.Index(rows[0], "name")])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
	file.Reset()
	if err := b.api.Export(t.Context(), f, "json", &file); err != nil {
		t.Fatal(err)
	}
	var all []resource.AccountSummary
	if err := json.Unmarshal(file.Bytes(), &all); err != nil || len(all) != len(want) || all[0].Name != want[0] {
		t.Errorf("the list has %d accounts (%v)", len(all), err)
	}
}
