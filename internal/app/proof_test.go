package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

// Servers that answer in turn and know a new secret at different times: a refusal makes the count begin anew, and in the
// end all of them have accepted it.
func TestProofOutlastsServersThatDisagree(t *testing.T) {
	b := newBench(t, func(c *Config) { c.ProofSpread = 300 * time.Millisecond })
	b.emu.SetReplicas(4*time.Second, 3)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	c := b.account("backup-prod").Credential
	if took := c.ProvenAt.Sub(c.AddedAt); took < 3*time.Second {
		t.Errorf("proven %s after it was added, before all servers knew it", took)
	}
	tokens := 0
	for _, r := range b.emu.Requests() {
		if r.Service == "entra" && strings.HasSuffix(r.Path, "/token") && r.Status >= 400 && r.Status < 500 {
			tokens++
		}
	}
	if tokens == 0 {
		t.Error("no server refused: the test proves nothing")
	}
}

// A secret that not all servers know at the end of the window is taken back, and that is said.
func TestProofGivesUpAtTheEndOfTheWindow(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	b.emu.SetReplicas(30*time.Minute, 2)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(op.SignIn.UserCode, owner)
	for !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "prove" && strings.Contains(s.Detail, "waiting") }) {
		if op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil || op.Closed() {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	b.emu.Advance(11 * time.Minute)
	b.awaitClock()
	op = follow(t, b.api, b.emu, op, owner, op.SignIn.UserCode)
	if op.State != account.OpFailed || fault.Code(op.Problem.Code) != fault.Credential || !strings.Contains(op.Problem.Message, "within 10 minutes") || op.Problem.Source == "" {
		t.Errorf("%s, %+v", op.State, op.Problem)
	}
	b.emu.SetReplication(0)
	if got := passwords(t, b.emu, before.ApplicationID); !slices.Equal(got, []string{before.Credential.KeyID}) {
		t.Errorf("secrets on the application %v, want only the one before", got)
	}
	if a := b.account("backup-prod"); a.Credential.ID != before.Credential.ID {
		t.Error("the account was changed")
	}
}

func TestProofSettingsOutOfRange(t *testing.T) {
	t.Parallel()
	for field, c := range map[string]Config{
		"proofs": {Proofs: 21}, "propagation": {Propagation: 2 * time.Hour}, "proof_spread": {ProofSpread: 6 * time.Minute},
	} {
		c.DataDir, c.Listen = t.TempDir(), "127.0.0.1:0"
		if _, err := New(t.Context(), c); fault.From(err) == nil || fault.From(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
