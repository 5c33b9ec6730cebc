package app

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/secret"
)

// cost is what an operation asks of Microsoft.
type cost struct{ graphWrites, graphReads, armWrites, armReads, tokens int }

func costOf(requests []emulatortest.Request) (c cost) {
	for _, r := range requests {
		write := r.Method != http.MethodGet
		switch {
		case r.Service == "entra":
			c.tokens++
		case r.Service == "graph" && write:
			c.graphWrites++
		case r.Service == "graph":
			c.graphReads++
		case write:
			c.armWrites++
		default:
			c.armReads++
		}
	}
	return c
}

// costs are the changes whose cost is kept: how each begins on account backup-prod or backup-cert, and the writes to Graph that
// it may take at most.
var costs = []struct {
	name, account, user string
	writes              int
	q                   renewal.RenewRequest
}{
	{"a secret, by a person", "backup-prod", owner, 2, renewal.RenewRequest{}},
	{"a certificate that signs for itself", "backup-cert", "", 2, renewal.RenewRequest{}},
	{"a certificate, by a person", "backup-cert", owner, 2, renewal.RenewRequest{WithSignIn: true}},
	{"a secret to a certificate, by a person", "backup-prod", owner, 2, renewal.RenewRequest{Kind: account.Certificate}},
}

// A renewal adds one credential and removes one: nothing more is written.
func TestARenewalWritesTwice(t *testing.T) {
	for _, want := range costs {
		t.Run(want.name, func(t *testing.T) {
			b := newBench(t)
			q := resource.Renew{Soak: "0s", Kind: string(want.q.Kind), SignIn: resource.SignInRef{Wish: want.q.WithSignIn}}
			b.emu.ClearRequests()
			op, err := b.api.Renew(t.Context(), want.account, q)
			wantDone(t, b.finish(op, err, want.user))
			if c := costOf(b.emu.Requests()); c.graphWrites != want.writes || c.armWrites != 0 {
				t.Errorf("%+v, want %d writes to Graph and none to Resource Manager", c, want.writes)
			}
		})
	}
}

// BenchmarkCost prints what each kind of renewal asks of Microsoft, and its time as a ratio to one bare token request.
func BenchmarkCost(b *testing.B) {
	for _, of := range costs {
		b.Run(of.name, func(b *testing.B) {
			emu := newEmulator(b)
			a, err := New(b.Context(), Config{DataDir: b.TempDir(), Listen: "127.0.0.1:0", EmulatorEnv: emu.EnvFile(), ProofSpread: -1})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = a.Close() }()
			if _, err := a.seedDemo(b.Context(), emu.Server); err != nil {
				b.Fatal(err)
			}
			if err := a.clock.(*clock.Following).Read(b.Context()); err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(b.Context())
			done := make(chan error, 1)
			go func() { done <- a.Run(ctx) }()
			defer func() { stop(); <-done }()
			var sum cost
			soak := time.Duration(0)
			for b.Loop() {
				emu.ClearRequests()
				q := of.q
				q.Soak = &soak
				op, err := a.engine.Renew(b.Context(), a.admin(), of.account, q)
				if err != nil {
					b.Fatal(err)
				}
				if op.SignIn != nil {
					emu.Approve(op.SignIn.UserCode, of.user)
				}
				waitForAll(b, a, []string{op.ID})
				if sum == (cost{}) { // the first: a certificate that took a secret's place signs for its own successors
					sum = costOf(emu.Requests())
				}
			}
			b.ReportMetric(float64(sum.graphWrites), "graph-writes")
			b.ReportMetric(float64(sum.graphReads), "graph-reads")
			b.ReportMetric(float64(sum.armReads), "arm-reads")
			b.ReportMetric(float64(sum.tokens), "token-requests")
		})
	}
}

// Writes to one tenant keep to the pace, however many renewals are under way: in no window of a second are there more than the
// burst and what a second adds. The emulator's own times are counted, so that a slow machine cannot make it fail.
func TestWritesToATenantArePaced(t *testing.T) {
	const fleet, rate, burst = 15, 10, 20
	b := newBench(t, func(c *Config) { c.WritesPerSecond = rate })
	env := b.emu.Env()
	op, err := b.api.Create(t.Context(), resource.Create{
		Kind: resource.CreateExisting, Name: "steward", ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"], AllowMissing: true,
		Material: resource.Material{Secret: resource.Reveal(secret.New(env["APP_SECRET"]))},
	})
	wantDone(t, b.finish(op, err, ""))
	if _, err := b.api.SetSteward(t.Context(), "steward"); err != nil {
		t.Fatal(err)
	}
	prod := b.account("backup-prod")
	for i := range fleet {
		pw, text, err := b.graph().AddPassword(t.Context(), prod.ApplicationObjectID, "of the backup team", b.emu.Now(), b.emu.Now().Add(1000*time.Hour))
		if err != nil {
			t.Fatal(pw, err)
		}
		op, err := b.api.Create(t.Context(), resource.Create{
			Kind: resource.CreateExisting, Name: fmt.Sprintf("fleet-%d", i), ApplicationID: prod.ApplicationID, TenantID: prod.TenantID,
			Material: resource.Material{Secret: resource.Reveal(text)},
		})
		wantDone(t, b.finish(op, err, ""))
	}
	b.emu.ClearRequests()
	ops := make([]*resource.Operation, 0, fleet)
	for i := range fleet {
		op, err := b.api.Renew(t.Context(), fmt.Sprintf("fleet-%d", i), resource.Renew{Soak: "0s"})
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
	}
	for _, op := range ops {
		wantDone(t, b.finish(op, nil, ""))
	}
	var writes []time.Time
	for _, r := range b.emu.Requests() {
		if r.Service == "graph" && r.Method != http.MethodGet {
			writes = append(writes, r.Time)
		}
	}
	if len(writes) < fleet {
		t.Fatalf("%d writes for %d renewals", len(writes), fleet)
	}
	for i := range writes {
		n := 0
		for _, at := range writes[i:] {
			if at.Sub(writes[i]) < time.Second {
				n++
			}
		}
		if n > rate+burst {
			t.Fatalf("%d writes within a second", n)
		}
	}
}
