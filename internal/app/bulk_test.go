package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
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
	return b.followed(started)
}

// followed waits for the end of a bulk.
func (b *bench) followed(started *resource.Bulk) *resource.Bulk {
	b.t.Helper()
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
		// Of each account it is told how the check found it, and of all how many are in each state.
		found, told := map[account.State]int{}, map[account.State]int{}
		for _, s := range got.Started {
			now, err := b.api.Account(t.Context(), s.Account.ID)
			if err != nil {
				t.Fatal(err)
			}
			f := s.Operation.Found
			if f == nil || f.State != now.State || f.Meaning != now.Meaning || f.Remedy != now.Remedy {
				t.Errorf("%s: of %s a check found %+v, it is %s: %s", what, s.Account.Name, f, now.State, now.Meaning)
				continue
			}
			found[f.State]++
		}
		for _, c := range got.Found {
			told[c.State] = c.Count
		}
		if len(found) < 2 || !maps.Equal(found, told) {
			t.Errorf("%s: it found %v, and tells %v", what, found, told)
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

// TestBulkGoesOnAfterARestart stops the server while most accounts of a bulk wait for their turn.
func TestBulkGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, emu: newEmulator(t), dir: t.TempDir(), logs: &lockedBuilder{}}
	stop := b.serve()
	const accounts = 40
	err := b.app.store.Change(t.Context(), account.System(), store.Event{Action: "test.filled"}, func(tx *store.Tx) error {
		for i := range accounts {
			a := &account.Account{
				ID: fmt.Sprintf("acc-%d", i), Name: fmt.Sprintf("acc-%d", i), Cloud: "custom", TenantID: b.emu.Env()["TENANT_ID"],
				ApplicationID: uuid.NewString(), Origin: account.Existing, RoleSet: account.DefaultRoleSet(),
			}
			c := account.Credential{ID: "cred-" + a.ID, AccountID: a.ID, ApplicationID: a.ApplicationID, Kind: account.Secret, Slot: account.Current, AddedAt: b.emu.Now().Add(-1000 * time.Hour)}
			if err := errors.Join(tx.PutAccount(a), tx.PutCredential(c), tx.PutMaterial(c.ID, secret.New("no secret of anything"))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := b.api.StartBulk(t.Context(), resource.BulkRequest{Action: account.ActCheck, Filter: &resource.BulkFilter{}})
	if err != nil || started.Total != accounts || started.Running > 16 || started.Waiting == 0 {
		t.Fatalf("%+v, %v", started, err)
	}
	stop()
	stop = b.serve()
	defer stop()
	ended := b.followed(started)
	if ended.Done+ended.Failed != accounts || len(ended.Started) != accounts {
		t.Errorf("%+v", ended)
	}
	operations, err := b.app.store.Operations(t.Context(), account.System(), store.OperationQuery{})
	if err != nil || len(operations) != accounts {
		t.Errorf("%d operations for %d accounts (%v)", len(operations), accounts, err)
	}
}

func TestBulkIsCancelled(t *testing.T) {
	b := newBench(t)
	if _, err := b.api.CancelBulk(t.Context(), "nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a bulk that is not there: %v", err)
	}
	done := b.bulk(resource.BulkRequest{Action: account.ActCheck, Accounts: []string{"backup-prod"}})
	if _, err := b.api.CancelBulk(t.Context(), done.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("one that has ended: %v", err)
	}
	for body, field := range map[*resource.BulkRequest]string{
		{Action: account.ActRemove, Filter: &resource.BulkFilter{}}: "action", {Action: account.ActCheck}: "accounts",
		{Action: account.ActCheck, Filter: &resource.BulkFilter{State: []account.State{"fine"}}}:         "state",
		{Action: account.ActRenew, Filter: &resource.BulkFilter{}, Lifetime: "1m"}:                       "lifetime",
		{Action: account.ActRenew, Filter: &resource.BulkFilter{}, SignIn: "nothing"}:                    "sign_in",
		{Action: account.ActCheck, Accounts: []string{"a"}, Filter: &resource.BulkFilter{}}:              "filter",
		{Action: account.ActCheck, Accounts: []string{"backup-prod"}, Kind: string(account.Certificate)}: "action",
	} {
		if _, err := b.api.StartBulk(t.Context(), *body); err == nil || fault.From(err).Field != field {
			t.Errorf("%+v: %v, want field %s", body, err, field)
		}
	}
}

// The tenants to filter a list by are those that there are.
func TestTenantsOfAccounts(t *testing.T) {
	b := newBench(t)
	got, err := b.api.Tenants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counted := 0
	for _, tenant := range got.Tenants {
		list, err := b.api.Accounts(t.Context(), client.Filter{Tenant: tenant.ID, Cloud: tenant.Cloud}, client.Page{})
		if err != nil || list.Matched != tenant.Accounts || tenant.Accounts == 0 {
			t.Errorf("%+v: the list has %+v (%v)", tenant, list, err)
		}
		counted += tenant.Accounts
	}
	if all, err := b.api.Accounts(t.Context(), client.Filter{}, client.Page{}); err != nil || counted != all.Total {
		t.Errorf("%d of the accounts are in a tenant, of %+v (%v)", counted, all, err)
	}
}
