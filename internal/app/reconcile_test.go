package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

// strand adds a secret to an account's application behind Evercred's back, under a display name.
func (b *bench) strand(a *resource.Account, name string) string {
	b.t.Helper()
	now := b.emu.Now()
	pw, _, err := b.graph().AddPassword(b.t.Context(), a.ApplicationObjectID, name, now, now.Add(24*time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	return pw.KeyID
}

// Whenever a person's rights are at hand, a secret with our tag that nobody knows is removed; what others made is listed and
// left alone.
func TestOrphansAreRemoved(t *testing.T) {
	for name, run := range map[string]func(*bench) (*resource.Operation, error){
		"by a reconciliation": func(b *bench) (*resource.Operation, error) {
			return b.api.Reconcile(b.t.Context(), "backup-prod", resource.UseSignIn{})
		},
		"by a check with a sign-in": func(b *bench) (*resource.Operation, error) {
			return b.api.Check(b.t.Context(), "backup-prod", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
		},
		"by a renewal": func(b *bench) (*resource.Operation, error) {
			return b.api.Renew(b.t.Context(), "backup-prod", resource.Renew{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before := b.account("backup-prod")
			orphan, others := b.strand(before, b.tag()), b.strand(before, "of the backup team")
			op, err := run(b)
			wantDone(t, b.finish(op, err, owner))
			a := b.account("backup-prod")
			got := passwords(t, b.emu, a.ApplicationID)
			if slices.Contains(got, orphan) || !slices.Contains(got, others) || !slices.Contains(got, before.Credential.KeyID) {
				t.Errorf("secrets on the application %v; orphan %s, of others %s, ours %s", got, orphan, others, before.Credential.KeyID)
			}
			if len(a.Check.Others) != 1 || a.Check.Others[0].KeyID != others {
				t.Errorf("listed as others': %+v", a.Check.Others)
			}
		})
	}
}

// The secret of another account on the same application is no orphan, and neither is what a forgotten account has left.
func TestWhatAnotherAccountKnowsIsNoOrphan(t *testing.T) {
	b := newBench(t)
	first := b.account("backup-prod")
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Create(t.Context(), resource.Create{
		Kind: resource.CreateExisting, Name: "second", ApplicationID: first.ApplicationID, TenantID: first.TenantID,
		Material: resource.Material{Secret: h.Secret},
	})
	wantDone(t, b.finish(op, err, ""))
	op, err = b.api.Renew(t.Context(), "second", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	want := passwords(t, b.emu, first.ApplicationID)
	reconcile := func(when string) {
		t.Helper()
		op, err := b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
		wantDone(t, b.finish(op, err, owner))
		if got := passwords(t, b.emu, first.ApplicationID); !slices.Equal(got, want) {
			t.Errorf("%s: secrets %v, want %v", when, got, want)
		}
	}
	reconcile("beside another account")
	op, err = b.api.Remove(t.Context(), "second", client.Removal{})
	wantDone(t, b.finish(op, err, ""))
	b.emu.Advance(time.Hour)
	b.awaitClock()
	reconcile("after that was forgotten")
}

// A secret in use that somebody removed is lost; the account says so, and a renewal gives it a new one.
func TestASecretThatIsGoneIsLost(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	if err := b.graph().RemovePassword(t.Context(), before.ApplicationObjectID, before.Credential.KeyID); err != nil {
		t.Fatal(err)
	}
	b.emu.Advance(11 * time.Minute)
	b.awaitClock()
	op, err := b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
	op = b.finish(op, err, owner)
	wantDone(t, op)
	if !strings.Contains(op.Summary, "1 credential found gone") {
		t.Errorf("summary %q", op.Summary)
	}
	a := b.account("backup-prod")
	if a.State != account.SecretInvalid || a.Credential != nil || !slices.Equal(keyIDs(a, account.Lost), []string{before.Credential.KeyID}) {
		t.Errorf("state %s, current %+v, lost %v", a.State, a.Credential, keyIDs(a, account.Lost))
	}
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("backup-prod"); a.State != account.Valid || a.Credential == nil {
		t.Errorf("after the renewal: %s, %+v", a.State, a.Credential)
	}
}

// A server that lags does not make a good secret lost.
func TestALaggingServerLosesNothing(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	b.emu.SetFaults(emulatortest.Fault{Service: "graph", Method: "GET", Path: "*applications(*", Times: 1, Answer: &emulatortest.Answer{
		Status: 200, Body: json.RawMessage(`{"id":"` + before.ApplicationObjectID + `","appId":"` + before.ApplicationID + `","displayName":"backup-prod","passwordCredentials":[],"keyCredentials":[]}`),
	}})
	op, err := b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("backup-prod"); a.Credential == nil || a.Credential.ID != before.Credential.ID {
		t.Errorf("current %+v", a.Credential)
	}
}

// An application whose creation was not answered, and that no look finds in time, is deleted when it turns up.
func TestALostApplicationIsDeletedWhenItTurnsUp(t *testing.T) {
	b := newBench(t)
	b.emu.SetFaults(
		emulatortest.Fault{Service: "graph", Method: "POST", Path: "*/applications", Times: 1, Drop: "after"},
		emulatortest.Fault{Service: "graph", Method: "GET", Path: "*/applications", Answer: &emulatortest.Answer{Status: 200, Body: json.RawMessage(`{"value":[]}`)}},
	)
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "backup-new", Subscriptions: ids[:1]})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(op.SignIn.UserCode, owner)
	for !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "find_application" && s.Detail != "" }) {
		if op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil || op.Closed() {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	b.emu.Advance(2 * time.Minute)
	b.awaitClock()
	wantDone(t, follow(t, b.api, b.emu, op, owner, op.SignIn.UserCode))
	b.emu.SetFaults()
	count := func() int {
		apps, err := b.graph().ApplicationsNamed(t.Context(), "backup-new")
		if err != nil {
			t.Fatal(err)
		}
		return len(apps)
	}
	if n := count(); n != 2 {
		t.Fatalf("%d applications before the last look, want the one that was lost and its replacement", n)
	}
	b.emu.Advance(11 * time.Minute)
	b.awaitClock()
	b.awaitClosed("backup-new")
	if n := count(); n != 1 {
		t.Errorf("%d applications after the last look, want 1", n)
	}
	if a := b.account("backup-new"); a.State != account.Valid {
		t.Errorf("state %s: %s", a.State, a.Meaning)
	}
}

// Killed while an orphan is removed and started again, the server ends with the orphan gone and the account as it was.
func TestKillAReconciliation(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]emulatortest.Fault{
		"before the removal": {Service: "graph", Path: "*removePassword*", Times: 1, Delay: "5m"},
		"after the removal":  {Service: "graph", Path: "*removePassword*", Times: 1, Drop: "after"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &victim{t: t, emu: newEmulator(t), dir: t.TempDir()}
			seed(t, v)
			v.start()
			t.Cleanup(func() { v.kill() })
			before, err := v.api.Account(t.Context(), "backup-prod")
			if err != nil {
				t.Fatal(err)
			}
			now := v.emu.Now()
			if _, _, err := graphOf(t, v.emu).AddPassword(t.Context(), before.ApplicationObjectID, tagOf(t, v.api), now, now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			op, err := v.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
			if err != nil {
				t.Fatal(err)
			}
			v.emu.SetFaults(rule)
			v.emu.Approve(op.SignIn.UserCode, owner)
			awaitFault(t, v.emu)
			v.kill()
			v.emu.SetFaults()
			v.start()
			wantDone(t, follow(t, v.api, v.emu, op, owner, op.SignIn.UserCode))
			if got := passwords(t, v.emu, before.ApplicationID); !slices.Equal(got, []string{before.Credential.KeyID}) {
				t.Errorf("secrets on the application %v, want only %s", got, before.Credential.KeyID)
			}
		})
	}
}

// tag is a name that this installation could have given to a credential.
func (b *bench) tag() string { return tagOf(b.t, b.api) }

func tagOf(t *testing.T, api *client.Client) string {
	t.Helper()
	s, err := api.Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return account.TagPrefix + s.Installation + "/" + uuid.NewString()
}

// What carries the tag of another installation, and what was added while this database was not written, is left alone:
// somebody may depend on it.
func TestWhatAnotherDatabaseKnowsIsLeftAlone(t *testing.T) {
	for name, made := range map[string]struct {
		tag func(*bench) string
		ago time.Duration
	}{
		"another installation":   {func(*bench) string { return account.TagPrefix + "0badf00d/" + uuid.NewString() }, 0},
		"restored from a backup": {(*bench).tag, 90 * 24 * time.Hour}, // long before the first line of this database
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before := b.account("backup-prod")
			start := b.emu.Now().Add(-made.ago)
			if _, _, err := b.graph().AddPassword(t.Context(), before.ApplicationObjectID, made.tag(b), start, start.Add(365*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			want := passwords(t, b.emu, before.ApplicationID)
			op, err := b.api.Reconcile(t.Context(), "backup-prod", resource.UseSignIn{})
			wantDone(t, b.finish(op, err, owner))
			if got := passwords(t, b.emu, before.ApplicationID); !slices.Equal(got, want) {
				t.Errorf("secrets %v, want %v", got, want)
			}
		})
	}
}
