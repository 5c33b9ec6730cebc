package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// fleet is how many accounts BenchmarkRenewals renews at the same time.
const fleet = 500

// BenchmarkRenewals renews 500 accounts at the same time, each with a sign-in of its own. It reports the requests of one
// renewal by service, and renewals per second as a ratio to what the emulator alone could do: how fast it answers the
// token requests that a renewal consists of, asked one after another in the same run. The time that a device code waits
// for its next poll (5 s at most) is part of the figure.
func BenchmarkRenewals(b *testing.B) {
	for b.Loop() {
		emu := newEmulator(b)
		a, err := New(b.Context(), Config{DataDir: b.TempDir(), Listen: "127.0.0.1:0", EmulatorEnv: emu.EnvFile(), WritesPerSecond: 1e6})
		if err != nil {
			b.Fatal(err)
		}
		if err := a.clock.(*clock.Following).Read(b.Context()); err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		admin := newAdmin(b, emu)
		names := admin.fill(b, a)
		bare := admin.bareAnswers(b)
		emu.ClearRequests()
		ops := make([]string, 0, len(names))
		began := time.Now()
		for _, name := range names {
			soak := time.Duration(0)
			op, err := a.engine.Renew(b.Context(), a.admin(), name, renewal.RenewRequest{Soak: &soak})
			if err != nil {
				b.Fatal(err)
			}
			emu.Approve(op.SignIn.UserCode, owner)
			ops = append(ops, op.ID)
		}
		waitForAll(b, a, ops)
		perSecond := float64(len(names)) / time.Since(began).Seconds()
		requests := emu.Requests()
		counts := map[string]int{}
		for _, r := range requests {
			counts[r.Service]++
		}
		for service, n := range counts {
			b.ReportMetric(float64(n)/float64(len(names)), service+"-requests/renewal")
		}
		each := float64(len(requests)) / float64(len(names))
		b.ReportMetric(perSecond/(bare/each), "renewals/bare-answers")
		b.ReportMetric(perSecond, "renewals/s")
		stop()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// admin is the application that may do everything in the emulated tenant.
type admin struct {
	env   map[string]string
	cloud cloud.Cloud
	entra *entra.Client
	graph *graph.Client
}

func newAdmin(b *testing.B, emu *emulatortest.Emulator) *admin {
	b.Helper()
	a := &admin{env: emu.Env()}
	var err error
	if a.cloud, err = cloud.Custom(a.env["BASE_URL"], a.env["CA_FILE"]); err != nil {
		b.Fatal(err)
	}
	if a.entra, err = entra.New(entra.Config{Cloud: a.cloud, Clock: clock.System{}}); err != nil {
		b.Fatal(err)
	}
	a.graph, err = graph.New(graph.Config{Cloud: a.cloud, Token: func(ctx context.Context) (secret.Value, time.Time, error) {
		t, err := a.token(ctx)
		return t.Access, t.ExpiresAt, err
	}})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func (a *admin) token(ctx context.Context) (entra.Token, error) {
	return a.entra.AppToken(ctx, a.env["TENANT_ID"], a.env["APP_ID"], entra.Credential{Secret: secret.New(a.env["APP_SECRET"])}, a.cloud.GraphScope)
}

// bareAnswers is how many token requests a second the emulator answers, one after another, on fresh connections.
func (a *admin) bareAnswers(b *testing.B) float64 {
	b.Helper()
	const n = 200
	began := time.Now()
	for range n {
		if _, err := a.token(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return n / time.Since(began).Seconds()
}

// fill makes the applications and the accounts.
func (a *admin) fill(b *testing.B, to *App) []string {
	b.Helper()
	names := make([]string, 0, fleet)
	for i := range fleet {
		name := fmt.Sprintf("fleet-%03d", i)
		app, err := a.graph.CreateApplication(b.Context(), name, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.graph.CreateServicePrincipal(b.Context(), app.AppID); err != nil {
			b.Fatal(err)
		}
		now := time.Now().UTC()
		tag := account.TagPrefix + uuid.NewString()
		pw, text, err := a.graph.AddPassword(b.Context(), app.ObjectID, tag, now, now.Add(time.Hour))
		if err != nil {
			b.Fatal(err)
		}
		acc := &account.Account{
			ID: "acc-" + name, Name: name, Cloud: "custom", TenantID: a.env["TENANT_ID"], Origin: account.Created,
			ApplicationID: app.AppID, ApplicationObjectID: app.ObjectID, CreatedAt: now,
			Subscriptions: []account.Subscription{{ID: a.env["SUBSCRIPTION_ID"]}}, RoleSet: account.DefaultRoleSet(),
		}
		c := account.Credential{
			ID: "cred-" + name, AccountID: acc.ID, ApplicationID: app.AppID, ApplicationObjectID: app.ObjectID, Kind: account.Secret,
			Slot: account.Current, KeyID: pw.KeyID, Tag: tag, AddedAt: now, ExpiresAt: &pw.End,
		}
		err = to.store.Change(b.Context(), to.admin(), store.Event{Action: "account.added"}, func(tx *store.Tx) error {
			if err := tx.PutAccount(acc); err != nil {
				return err
			}
			if err := tx.PutCredential(c); err != nil {
				return err
			}
			return tx.PutMaterial(c.ID, text)
		})
		if err != nil {
			b.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func waitForAll(b *testing.B, a *App, ops []string) {
	b.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for _, id := range ops {
		for {
			op, err := a.engine.Operation(b.Context(), a.admin(), id)
			if err != nil {
				b.Fatal(err)
			}
			if op.State == account.OpDone {
				break
			}
			if op.State.Closed() {
				b.Fatalf("a renewal is %s: %+v", op.State, op.Problem)
			}
			<-tick.C
		}
	}
}
