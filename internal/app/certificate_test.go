package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/graph"
)

// keys lists the certificates on an application in the emulated Entra, by key id.
func keys(t *testing.T, emu *emulatortest.Emulator, appID string) []string {
	t.Helper()
	app, err := graphOf(t, emu).Application(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, k := range app.Keys {
		out = append(out, k.KeyID)
	}
	slices.Sort(out)
	return out
}

// A certificate signs for its own successor: two writes, no person, no permission.
func TestACertificateRollsItself(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Certify = nil }) // a key of the size that it is
	before := b.account("backup-cert")
	b.emu.ClearRequests()
	op, err := b.api.Renew(t.Context(), "backup-cert", resource.Renew{Soak: "0s"})
	op = b.finish(op, err, "")
	wantDone(t, op)
	a := b.account("backup-cert")
	if op.SignIn != nil || a.State != account.Valid || a.Credential.Kind != account.Certificate || a.Credential.ID == before.Credential.ID {
		t.Errorf("sign-in %+v, state %s, credential %+v", op.SignIn, a.State, a.Credential)
	}
	if got := keys(t, b.emu, a.ApplicationID); !slices.Equal(got, []string{a.Credential.KeyID}) {
		t.Errorf("certificates on the application %v, want only %s", got, a.Credential.KeyID)
	}
	if n := graphWrites(b.emu); n != 2 {
		t.Errorf("%d Graph writes, want 2", n)
	}
	h, err := b.api.HandOver(t.Context(), "backup-cert", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := certificate.ReadPEM(h.CertificatePEM.Take())
	if err != nil || bundle.Thumbprint() != a.Credential.Thumbprint || bundle.Key.N.BitLen() != 3072 {
		t.Errorf("handed over: %v, %v", bundle, err)
	}
}

// The old certificate is removed after its soak by the account itself, and a rollback before that goes back to it.
func TestAnOldCertificateIsRemovedAfterItsSoak(t *testing.T) {
	b := newBench(t)
	before := b.renewed("backup-cert")
	renewed := b.account("backup-cert").Credential
	for _, want := range []string{before.Credential.ID, renewed.ID} {
		op, err := b.api.Rollback(t.Context(), "backup-cert")
		wantDone(t, b.finish(op, err, ""))
		if a := b.account("backup-cert"); a.Credential.ID != want {
			t.Fatalf("after a rollback: %s, want %s", a.Credential.ID, want)
		}
	}
	if _, err := b.api.Acknowledge(t.Context(), "backup-cert"); err != nil {
		t.Fatal(err)
	}
	b.emu.Advance(25 * time.Hour)
	b.awaitClock()
	b.awaitClosed("backup-cert")
	if got := keys(t, b.emu, before.ApplicationID); !slices.Equal(got, []string{renewed.KeyID}) {
		t.Errorf("certificates on the application %v, want only %s", got, renewed.KeyID)
	}
}

// A soak of zero in the policy begins at the hand-over as any other: a renewal that nobody watches takes nothing away.
func TestAPolicyWithoutSoakWaitsForTheHandOver(t *testing.T) {
	b := newBench(t)
	before, none := b.account("backup-cert"), "0s"
	if _, err := b.api.Edit(t.Context(), "backup-cert", before.Version, resource.Edit{Policy: &resource.EditPolicy{Soak: &none}}); err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Renew(t.Context(), "backup-cert", resource.Renew{})
	wantDone(t, b.finish(op, err, ""))
	after := b.account("backup-cert").Credential.KeyID
	if got := keys(t, b.emu, before.ApplicationID); len(got) != 2 || !slices.Contains(got, before.Credential.KeyID) {
		t.Errorf("certificates before the hand-over %v, want %s among two", got, before.Credential.KeyID)
	}
	if _, err := b.api.Acknowledge(t.Context(), "backup-cert"); err != nil {
		t.Fatal(err)
	}
	b.awaitClosed("backup-cert")
	if got := keys(t, b.emu, before.ApplicationID); !slices.Equal(got, []string{after}) {
		t.Errorf("certificates after the hand-over %v, want only %s", got, after)
	}
}

// strange registers a certificate of somebody else on an application.
func (b *bench) strange(a *resource.Account, name string) string {
	b.t.Helper()
	now, id := b.emu.Now(), uuid.NewString()
	c, err := certificate.NewSelfSigned("CN=somebody", certificate.MinBits, now.Add(-time.Minute), now.Add(1000*time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	err = b.graph().RegisterKey(b.t.Context(), a.ApplicationObjectID, graph.NewKey{KeyID: id, DisplayName: name, DER: c.Leaf.Raw, Start: c.Leaf.NotBefore, End: c.Leaf.NotAfter})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// From a secret to a certificate and back, with a person's rights; the certificate of somebody else stays.
func TestConvertBetweenSecretAndCertificate(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	others := b.strange(before, "of somebody else")
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "certificate", Soak: "0s"})
	op = b.finish(op, err, owner)
	wantDone(t, op)
	a := b.account("backup-prod")
	want := []string{a.Credential.KeyID, others}
	slices.Sort(want)
	if a.Credential.Kind != account.Certificate || a.State != account.Valid || !slices.Equal(keys(t, b.emu, a.ApplicationID), want) || len(passwords(t, b.emu, a.ApplicationID)) != 0 {
		t.Errorf("%s in state %s, certificates %v, secrets %v", a.Credential.Kind, a.State, keys(t, b.emu, a.ApplicationID), passwords(t, b.emu, a.ApplicationID))
	}
	if !strings.Contains(op.Summary, "new certificate") {
		t.Errorf("summary %q", op.Summary)
	}
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{Kind: "secret", Soak: "0s"})
	wantDone(t, b.finish(op, err, owner))
	a = b.account("backup-prod")
	if a.Credential.Kind != account.Secret || !slices.Equal(keys(t, b.emu, a.ApplicationID), []string{others}) || !slices.Equal(passwords(t, b.emu, a.ApplicationID), []string{a.Credential.KeyID}) {
		t.Errorf("%s, certificates %v, secrets %v", a.Credential.Kind, keys(t, b.emu, a.ApplicationID), passwords(t, b.emu, a.ApplicationID))
	}
}

func TestCertificatesThroughFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		account string
		rule    emulatortest.Fault
	}{
		"the answer to addKey is lost":    {"backup-cert", emulatortest.Fault{Service: "graph", Path: "*addKey*", Times: 1, Drop: "after"}},
		"addKey is throttled":             {"backup-cert", emulatortest.Fault{Service: "graph", Path: "*addKey*", Times: 1, Answer: &emulatortest.Answer{Status: 429, RetryAfter: "1"}}},
		"the answer to removeKey is lost": {"backup-cert", emulatortest.Fault{Service: "graph", Path: "*removeKey*", Times: 1, Drop: "after"}},
		"the answer to PATCH is lost":     {"backup-prod", emulatortest.Fault{Service: "graph", Method: "PATCH", Times: 1, Drop: "after"}},
		"PATCH never arrives":             {"backup-prod", emulatortest.Fault{Service: "graph", Method: "PATCH", Times: 1, Drop: "before"}},
		"PATCH answers 503":               {"backup-prod", emulatortest.Fault{Service: "graph", Method: "PATCH", Times: 1, Answer: &emulatortest.Answer{Status: 503}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.emu.SetFaults(tc.rule)
			op, err := b.api.Renew(t.Context(), tc.account, resource.Renew{Kind: "certificate", Soak: "0s"})
			wantDone(t, b.finish(op, err, owner))
			a := b.account(tc.account)
			if got := keys(t, b.emu, a.ApplicationID); !slices.Equal(got, []string{a.Credential.KeyID}) || len(passwords(t, b.emu, a.ApplicationID)) != 0 {
				t.Errorf("certificates on the application %v, want only %s", got, a.Credential.KeyID)
			}
		})
	}
}

// An addKey that never arrived is sent again, once the account has waited for the certificate to be accepted.
func TestAnAddKeyThatNeverArrivedIsSentAgain(t *testing.T) {
	b := newBench(t)
	b.emu.SetFaults(emulatortest.Fault{Service: "graph", Path: "*addKey*", Times: 1, Drop: "before"})
	op, err := b.api.Renew(t.Context(), "backup-cert", resource.Renew{})
	for err == nil && !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "find_certificate" && s.Detail != "" }) {
		op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second)
	}
	b.emu.Advance(time.Minute)
	b.awaitClock()
	wantDone(t, b.finish(op, err, ""))
	if a := b.account("backup-cert"); len(keys(t, b.emu, a.ApplicationID)) != 2 || a.State != account.Valid {
		t.Errorf("state %s, certificates %v", a.State, keys(t, b.emu, a.ApplicationID))
	}
}

// Where the present certificate cannot sign, a person's sign-in registers the new one.
func TestAnExpiredCertificateIsRenewedWithASignIn(t *testing.T) {
	b := newBench(t)
	b.emu.Advance(41 * 24 * time.Hour)
	b.awaitClock()
	op, err := b.api.Renew(t.Context(), "backup-cert", resource.Renew{})
	if err != nil || op.SignIn == nil {
		t.Fatalf("%+v, %v, want a sign-in", op, err)
	}
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("backup-cert"); a.State != account.Valid {
		t.Errorf("state %s: %s", a.State, a.Meaning)
	}
}

// What is refused leaves the account as it was, and nothing behind.
func TestACertificateThatIsRefusedLeavesNothing(t *testing.T) {
	for name, user := range map[string]string{"backup-cert": "", "backup-prod": owner} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before := b.account(name)
			had := keys(t, b.emu, before.ApplicationID)
			refusal := &emulatortest.Answer{Status: 403}
			b.emu.SetFaults(emulatortest.Fault{Service: "graph", Path: "*addKey*", Answer: refusal}, emulatortest.Fault{Service: "graph", Method: "PATCH", Answer: refusal})
			op, err := b.api.Renew(t.Context(), name, resource.Renew{Kind: "certificate"})
			if op = b.finish(op, err, user); op.State != account.OpFailed {
				t.Fatalf("%s, %+v", op.State, op.Problem)
			}
			a := b.account(name)
			if a.Credential.ID != before.Credential.ID || len(keyIDs(a, account.Next)) != 0 || !slices.Equal(keys(t, b.emu, a.ApplicationID), had) {
				t.Errorf("current %s, next %v, certificates %v", a.Credential.ID, keyIDs(a, account.Next), keys(t, b.emu, a.ApplicationID))
			}
		})
	}
}

// One that is not accepted by all servers in time is taken back by the account itself.
func TestACertificateThatIsNotProvenIsTakenBack(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-cert")
	b.emu.SetReplicas(30*time.Minute, 2)
	op, err := b.api.Renew(t.Context(), "backup-cert", resource.Renew{})
	for err == nil && !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "prove" && strings.Contains(s.Detail, "waiting") }) {
		op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second)
	}
	b.emu.Advance(11 * time.Minute)
	b.awaitClock()
	if op = b.finish(op, err, ""); op.State != account.OpFailed || !strings.Contains(op.Problem.Message, "new certificate within 10 minutes") {
		t.Errorf("%s, %+v", op.State, op.Problem)
	}
	b.emu.SetReplication(0)
	if got := keys(t, b.emu, before.ApplicationID); !slices.Equal(got, []string{before.Credential.KeyID}) {
		t.Errorf("certificates on the application %v, want only the one before", got)
	}
}

// A certificate with our tag that nobody knows is removed as a secret is.
func TestAnOrphanedCertificateIsRemoved(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-cert")
	b.strange(before, b.tag())
	others := b.strange(before, "of somebody else")
	op, err := b.api.Reconcile(t.Context(), "backup-cert", resource.UseSignIn{})
	wantDone(t, b.finish(op, err, owner))
	want := []string{before.Credential.KeyID, others}
	slices.Sort(want)
	if got := keys(t, b.emu, before.ApplicationID); !slices.Equal(got, want) {
		t.Errorf("certificates on the application %v, want %v", got, want)
	}
}

// Killed at any remote call of a certificate's renewal and started again, the server ends with a renewed account, exactly one
// certificate in use, and none on the application that it does not know.
func TestKillARollingCertificate(t *testing.T) {
	t.Parallel()
	for _, p := range []point{
		{name: "the token for Graph", service: "entra", path: "*/token*"},
		{name: "adding the certificate", service: "graph", path: "*addKey*"},
		{name: "the first proof", service: "entra", path: "*/token*", skip: 1},
		{name: "the last proof", service: "entra", path: "*/token*", skip: 3},
		{name: "the proof before the removal", service: "entra", path: "*/token*", skip: 4},
		{name: "removing the old certificate", service: "graph", path: "*removeKey*"},
		{name: "the check at the end", service: "entra", path: "*/token*", skip: 6},
	} {
		for _, after := range []bool{false, true} {
			name := "before "
			if after {
				name = "after "
			}
			t.Run(name+p.name, func(t *testing.T) {
				t.Parallel()
				v := &victim{t: t, emu: newEmulator(t), dir: t.TempDir()}
				seed(t, v)
				v.start()
				t.Cleanup(func() { v.kill() })
				rule := emulatortest.Fault{Service: p.service, Path: p.path, Skip: p.skip, Times: 1, Delay: "5m"}
				if after {
					rule.Delay, rule.Drop = "", "after"
				}
				v.emu.SetFaults(rule)
				op, err := v.api.Renew(t.Context(), "backup-cert", resource.Renew{Soak: "0s"})
				if err != nil {
					t.Fatal(err)
				}
				awaitFault(t, v.emu)
				v.kill()
				v.emu.SetFaults()
				v.start()
				wantDone(t, follow(t, v.api, v.emu, op, owner, ""))
				a, err := v.api.Account(t.Context(), "backup-cert")
				if err != nil {
					t.Fatal(err)
				}
				if a.State != account.Valid || !slices.Equal(keys(t, v.emu, a.ApplicationID), keyIDs(a, account.Current)) {
					t.Errorf("state %s, certificates %v, in use %v", a.State, keys(t, v.emu, a.ApplicationID), keyIDs(a, account.Current))
				}
			})
		}
	}
}
