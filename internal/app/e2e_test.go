package app

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
)

const owner = "owner@contoso.example"

// bench is a running Evercred over an emulated cloud with the demo's accounts.
type bench struct {
	t    *testing.T
	emu  *emulatortest.Emulator
	app  *App
	api  *client.Client
	dir  string
	logs *lockedBuilder
}

type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newEmulator is an emulated cloud that is asked every second whether somebody has signed in.
func newEmulator(t testing.TB) *emulatortest.Emulator {
	t.Helper()
	return emulatortest.Start(t, emulatortest.WithPollInterval(time.Second))
}

func newBench(t *testing.T, options ...func(*Config)) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{t: t, emu: newEmulator(t), dir: t.TempDir(), logs: &lockedBuilder{}}
	b.open(options)
	if _, err := b.app.seedDemo(t.Context(), b.emu.Server); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, b.app.Close()); err != nil {
			t.Error(err)
		}
	})
	b.api = connectAPI(t, b.app.EnvFile())
	return b
}

func (b *bench) open(options []func(*Config)) {
	b.t.Helper()
	c := Config{
		DataDir: b.dir, Listen: "127.0.0.1:0", EmulatorEnv: b.emu.EnvFile(), ProofSpread: 20 * time.Millisecond, Certify: certify,
		Logger: slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, o := range options {
		o(&c)
	}
	a, err := New(b.t.Context(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := a.clock.(*clock.Following).Read(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.app = a
}

// rsaKeys are made once for all tests: making one takes a second with the race detector.
var rsaKeys = sync.OnceValues(func() (out [3]*rsa.PrivateKey, err error) {
	for i := range out {
		if out[i], err = rsa.GenerateKey(rand.Reader, certificate.MinBits); err != nil {
			return out, err
		}
	}
	return out, nil
})

// certify makes a certificate for one of the keys: those that follow each other have different ones.
func certify(subject string, start, end time.Time) (*certificate.Bundle, error) {
	made, err := rsaKeys()
	if err != nil {
		return nil, err
	}
	return certificate.SelfSigned(subject, made[certified.Add(1)%uint64(len(made))], start, end)
}

var certified atomic.Uint64 // counts for certify

func connectAPI(t *testing.T, envFile string) *client.Client {
	t.Helper()
	env, err := readEnv(envFile)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{URL: env["EVERCRED_URL"], Token: secret.New(env["EVERCRED_TOKEN"])})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// finish follows an operation to a state where it needs somebody, signing in as user when it asks.
func (b *bench) finish(op *resource.Operation, err error, user string) *resource.Operation {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return follow(b.t, b.api, b.emu, op, user, "")
}

// follow is finish for any server; approved is a code that was entered already.
func follow(t *testing.T, api *client.Client, emu *emulatortest.Emulator, op *resource.Operation, user, approved string) *resource.Operation {
	t.Helper()
	var err error
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		if op.State == account.OpWaitingSignIn && op.SignIn != nil && op.SignIn.UserCode != approved {
			approved = op.SignIn.UserCode
			emu.Approve(approved, user)
		}
		if op.Closed() || op.State == account.OpNeedsSignIn || op.State == account.OpWaitingChoice {
			return op
		}
		if op, err = api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("the operation does not end: %+v", op)
	return nil
}

func (b *bench) account(name string) *resource.Account {
	b.t.Helper()
	a, err := b.api.Account(b.t.Context(), name)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func wantDone(t *testing.T, op *resource.Operation) {
	t.Helper()
	if op.State != account.OpDone {
		t.Fatalf("%s is %s: %+v", op.Kind, op.State, op.Problem)
	}
}

// passwords lists the secrets on an application in the emulated Entra, by key id.
func passwords(t *testing.T, emu *emulatortest.Emulator, appID string) []string {
	t.Helper()
	app, err := graphOf(t, emu).Application(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range app.Passwords {
		out = append(out, p.KeyID)
	}
	slices.Sort(out)
	return out
}

// graphOf asks Graph as the emulator's own application, which may read and change others.
func graphOf(t *testing.T, emu *emulatortest.Emulator) *graph.Client {
	t.Helper()
	env := emu.Env()
	cl, err := cloud.Custom(env["BASE_URL"], env["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	ent, err := entra.New(entra.Config{Cloud: cl, Clock: emulatorClock{emu}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.New(graph.Config{Cloud: cl, Token: func(ctx context.Context) (secret.Value, time.Time, error) {
		tok, err := ent.AppToken(ctx, env["TENANT_ID"], env["APP_ID"], entra.Credential{Secret: secret.New(env["APP_SECRET"])}, cl.GraphScope)
		return tok.Access, time.Now().Add(time.Hour), err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

type emulatorClock struct{ emu *emulatortest.Emulator }

func (c emulatorClock) Now() time.Time { return c.emu.Now() }

// keyIDs are the key ids of an account's credentials in the given slots.
func keyIDs(a *resource.Account, slots ...account.Slot) []string {
	var out []string
	for _, c := range a.Credentials {
		if slices.Contains(slots, c.Slot) {
			out = append(out, c.KeyID)
		}
	}
	slices.Sort(out)
	return out
}

func graphWrites(emu *emulatortest.Emulator) (n int) {
	for _, r := range emu.Requests() {
		if r.Service == "graph" && r.Method != http.MethodGet {
			n++
		}
	}
	return n
}

func TestRenewKeepsTheOldSecretUntilItsTimeIsOver(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-prod")
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	after := b.account("backup-prod")
	if after.Credential.KeyID == before.Credential.KeyID || after.State != account.Valid {
		t.Fatalf("state %s, key id unchanged: %t", after.State, after.Credential.KeyID == before.Credential.KeyID)
	}
	if got, want := passwords(t, b.emu, after.ApplicationID), keyIDs(after, account.Current, account.Retiring); !slices.Equal(got, want) {
		t.Errorf("secrets on the application %v, known %v", got, want)
	}
	if n := graphWrites(b.emu); n != 1 {
		t.Errorf("%d Graph writes until the switch, want 1", n)
	}
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{Acknowledge: true})
	if err != nil || h.Secret == nil || h.Secret.Reveal() == "" {
		t.Fatalf("hand-over: %v", err)
	}
	// Its own rights do not suffice, so the old secret waits for the next sign-in after its soak.
	b.emu.Advance(25 * time.Hour)
	b.awaitClock()
	op, err = b.api.Check(t.Context(), "backup-prod", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
	wantDone(t, b.finish(op, err, owner))
	if got := passwords(t, b.emu, after.ApplicationID); !slices.Equal(got, []string{after.Credential.KeyID}) {
		t.Errorf("secrets on the application after the soak %v, want only the current one", got)
	}
	b.awaitClosed("backup-prod")
}

// awaitClosed waits until nothing is open on an account.
func (b *bench) awaitClosed(name string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		ops, err := b.api.Operations(b.t.Context(), name)
		if err != nil {
			b.t.Fatal(err)
		}
		i := slices.IndexFunc(ops, func(o resource.Operation) bool { return !o.Closed() })
		if i < 0 {
			return
		}
		if _, err := b.api.Wait(b.t.Context(), ops[i].ID, ops[i].Version, 5*time.Second); err != nil {
			b.t.Fatal(err)
		}
	}
	b.t.Fatal("an operation stays open")
}

// awaitClock waits until the server follows the emulator's clock.
func (b *bench) awaitClock() {
	b.t.Helper()
	if err := b.app.clock.(*clock.Following).Read(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestRenewWithoutSoakTakesTwoWrites(t *testing.T) {
	b := newBench(t)
	b.emu.ClearRequests()
	op, err := b.api.Renew(t.Context(), "backup-dev", resource.Renew{Soak: "0s"})
	wantDone(t, b.finish(op, err, owner))
	a := b.account("backup-dev")
	if got := passwords(t, b.emu, a.ApplicationID); !slices.Equal(got, []string{a.Credential.KeyID}) {
		t.Errorf("secrets on the application %v, want only %s", got, a.Credential.KeyID)
	}
	if n := graphWrites(b.emu); n != 2 {
		t.Errorf("%d Graph writes, want 2", n)
	}
}

func TestRenewThroughFaults(t *testing.T) {
	for name, rules := range map[string][]emulatortest.Fault{
		"the answer to addPassword is lost":    {{Service: "graph", Method: "POST", Path: "*addPassword*", Times: 1, Drop: "after"}},
		"addPassword never arrives":            {{Service: "graph", Method: "POST", Path: "*addPassword*", Times: 1, Drop: "before"}},
		"addPassword answers 503":              {{Service: "graph", Method: "POST", Path: "*addPassword*", Times: 1, Answer: &emulatortest.Answer{Status: 503}}},
		"addPassword is throttled":             {{Service: "graph", Method: "POST", Path: "*addPassword*", Times: 1, Answer: &emulatortest.Answer{Status: 429, RetryAfter: "1"}}},
		"the answer to removePassword is lost": {{Service: "graph", Method: "POST", Path: "*removePassword*", Times: 1, Drop: "after"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.emu.SetFaults(rules...)
			op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
			wantDone(t, b.finish(op, err, owner))
			a := b.account("backup-prod")
			if got := passwords(t, b.emu, a.ApplicationID); !slices.Equal(got, []string{a.Credential.KeyID}) {
				t.Errorf("secrets on the application %v, want only %s", got, a.Credential.KeyID)
			}
		})
	}
}

func TestRenewWaitsForReplication(t *testing.T) {
	b := newBench(t)
	b.emu.SetReplication(4 * time.Second)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
}

func TestRecreateWaitsForReplication(t *testing.T) {
	b := newBench(t)
	b.emu.SetReplication(3 * time.Second)
	op, err := b.api.Recreate(t.Context(), "backup-dr", resource.Recreate{Choice: "new"})
	wantDone(t, b.finish(op, err, owner))
}

// An operation whose sign-in has ended waits for the next one, says what is left, and is finished first.
func TestAnInterruptedRenewalIsFinishedByTheNextSignIn(t *testing.T) {
	b := newBench(t)
	b.emu.SetFaults(
		emulatortest.Fault{Service: "graph", Method: "POST", Path: "*addPassword*", Times: 1, Drop: "after"},
		emulatortest.Fault{Service: "graph", Method: "GET", Skip: 1, Answer: &emulatortest.Answer{Status: 503}},
	)
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	if err != nil {
		t.Fatal(err)
	}
	b.emu.Approve(op.SignIn.UserCode, owner)
	for !slices.ContainsFunc(op.Steps, func(s resource.Step) bool { return s.Name == "find_secret" }) {
		if op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil || op.Closed() {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	b.emu.Advance(61 * time.Minute)
	b.awaitClock()
	for op.State != account.OpNeedsSignIn {
		if op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second); err != nil || op.Closed() {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	if a := b.account("backup-prod"); a.State != account.NeedsSignIn || a.Remedy == "" || op.Left == "" {
		t.Errorf("state %s, remedy %q, left %q", a.State, a.Remedy, op.Left)
	}
	b.emu.SetFaults()
	again, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	if err != nil || again.ID != op.ID {
		t.Fatalf("got operation %+v, %v, want the interrupted one", again, err)
	}
	wantDone(t, b.finish(again, err, owner))
	a := b.account("backup-prod")
	if got := passwords(t, b.emu, a.ApplicationID); !slices.Equal(got, []string{a.Credential.KeyID}) {
		t.Errorf("secrets on the application %v, want only %s", got, a.Credential.KeyID)
	}
}

func TestRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		user, account string
		start         func(context.Context, *client.Client, string) (*resource.Operation, error)
		code          fault.Code
		says          string
	}{
		"no Azure role":            {"contributor@contoso.example", "backup-prod", renewNow, fault.Refused, "User Access Administrator"},
		"no Entra right":           {"owner-noentra@contoso.example", "backup-prod", renewNow, fault.Permission, "Application Administrator"},
		"Conditional Access":       {"blocked@contoso.example", "backup-prod", renewNow, fault.SignIn, "Conditional Access"},
		"renewing what is deleted": {owner, "backup-archive", renewNow, fault.Refused, "--restore"},
		"renewing what is gone":    {owner, "backup-dr", renewNow, fault.Refused, "--new"},
		"re-creating a living one": {owner, "backup-prod", recreateNew, fault.Refused, "renew"},
		"restoring what is gone":   {owner, "backup-dr", recreateRestore, fault.Refused, "--new"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before := b.account(tc.account)
			b.emu.ClearRequests()
			op, err := tc.start(t.Context(), b.api, tc.account)
			op = b.finish(op, err, tc.user)
			if op.State != account.OpFailed || op.Problem == nil || fault.Code(op.Problem.Code) != tc.code {
				t.Fatalf("%s, %+v, want failed with %s", op.State, op.Problem, tc.code)
			}
			if text := op.Problem.Message + op.Problem.Meaning + op.Problem.Remedy; !strings.Contains(text, tc.says) {
				t.Errorf("%q does not say %q", text, tc.says)
			}
			if after := b.account(tc.account); after.Credential.ID != before.Credential.ID || len(after.Credentials) != 1 {
				t.Error("the account was changed")
			}
		})
	}
}

func renewNow(ctx context.Context, c *client.Client, name string) (*resource.Operation, error) {
	return c.Renew(ctx, name, resource.Renew{})
}

func recreateNew(ctx context.Context, c *client.Client, name string) (*resource.Operation, error) {
	return c.Recreate(ctx, name, resource.Recreate{Choice: "new"})
}

func recreateRestore(ctx context.Context, c *client.Client, name string) (*resource.Operation, error) {
	return c.Recreate(ctx, name, resource.Recreate{Choice: "restore"})
}

func TestRestoreBringsBackTheSameApplication(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-archive")
	op, err := b.api.Recreate(t.Context(), "backup-archive", resource.Recreate{})
	if op = b.finish(op, err, owner); op.State != account.OpWaitingChoice || !slices.Equal(op.Choice.Options, []string{"restore", "new"}) {
		t.Fatalf("%s, %+v, want a choice", op.State, op.Problem)
	}
	op, err = b.api.Choose(t.Context(), op.ID, "restore")
	wantDone(t, b.finish(op, err, owner))
	after := b.account("backup-archive")
	if after.ApplicationID != before.ApplicationID || after.Credential.ID != before.Credential.ID || after.State != account.Valid {
		t.Errorf("restored as %s with credential %s in state %s: %s", after.ApplicationID, after.Credential.ID, after.State, after.Meaning)
	}
}

func TestRecreateMakesANewApplicationWithItsRoles(t *testing.T) {
	b := newBench(t)
	before := b.account("backup-dr")
	op, err := b.api.Recreate(t.Context(), "backup-dr", resource.Recreate{})
	wantDone(t, b.finish(op, err, owner))
	after := b.account("backup-dr")
	if after.ApplicationID == before.ApplicationID || after.State != account.Valid {
		t.Errorf("application %s in state %s: %s", after.ApplicationID, after.State, after.Meaning)
	}
	if got := keyIDs(after, account.Lost); !slices.Equal(got, []string{before.Credential.KeyID}) {
		t.Errorf("lost credentials %v, want the old one", got)
	}
}

func TestAddAutoAndRemoveWithTheApplication(t *testing.T) {
	b := newBench(t)
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "backup-new", Subscriptions: ids[:1]})
	wantDone(t, b.finish(op, err, owner))
	a := b.account("backup-new")
	if a.State != account.Valid || a.Origin != account.Created || len(a.Subscriptions) != 1 {
		t.Fatalf("%s, %s, %v: %s", a.State, a.Origin, a.Subscriptions, a.Meaning)
	}
	if _, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "Backup-NEW", Subscriptions: ids[:1]}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second account of the same name: %v", err)
	}
	op, err = b.api.Remove(t.Context(), "backup-new", client.Removal{DeleteApplication: true})
	wantDone(t, b.finish(op, err, owner))
	if _, err := b.api.Account(t.Context(), "backup-new"); !fault.Is(err, fault.NotFound) {
		t.Errorf("after the removal: %v", err)
	}
}

func TestAddThatFailsLeavesNothing(t *testing.T) {
	b := newBench(t)
	b.emu.SetFaults(emulatortest.Fault{Service: "arm", Method: "PUT", Path: "*roleAssignments*", Skip: 1, Answer: &emulatortest.Answer{Status: 403}})
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "backup-new", Subscriptions: ids})
	if op = b.finish(op, err, owner); op.State != account.OpFailed {
		t.Fatalf("%s, want failed", op.State)
	}
	if _, err := b.api.Account(t.Context(), "backup-new"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the account is there: %v", err)
	}
	deleted := false
	for _, r := range b.emu.Requests() {
		deleted = deleted || r.Service == "graph" && r.Method == http.MethodDelete && r.Status == http.StatusNoContent
	}
	if !deleted {
		t.Error("the application was not deleted")
	}
}

// A role that is not there is told before anything is made.
func TestAddWithARoleThatIsNotThere(t *testing.T) {
	b := newBench(t)
	ids := strings.Split(b.emu.Env()["SUBSCRIPTION_IDS"], ",")
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "backup-new", Subscriptions: ids, RoleSet: []string{"Contributor", "Contributer"}})
	op = b.finish(op, err, owner)
	if op.State != account.OpFailed || op.Problem == nil || op.Problem.Field != "role_set" || !strings.Contains(op.Problem.Message, `"Contributer"`) {
		t.Errorf("%s: %+v", op.State, op.Problem)
	}
	for _, r := range b.emu.Requests() {
		if r.Method != http.MethodGet && (r.Service == "graph" || r.Service == "arm") {
			t.Errorf("written: %s %s", r.Method, r.Path)
		}
	}
}

func TestSpecifyExisting(t *testing.T) {
	b := newBench(t)
	env := b.emu.Env()
	pfx, err := os.ReadFile(env["APP_PFX"])
	if err != nil {
		t.Fatal(err)
	}
	existing := func(name string) resource.Create {
		return resource.Create{Kind: resource.CreateExisting, Name: name, ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"]}
	}
	bySecret := existing("by-secret")
	bySecret.Secret = resource.Reveal(secret.New(env["APP_SECRET"]))
	op, err := b.api.Create(t.Context(), bySecret)
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("by-secret"); a.State != account.Valid || len(a.Subscriptions) != 2 || a.Origin != account.Existing {
		t.Errorf("%s, %v, %s", a.State, a.Subscriptions, a.Origin)
	}
	byFile := existing("by-file")
	byFile.Certificate, byFile.Password = pfx, resource.Reveal(secret.New(env["APP_PFX_PASSWORD"]))
	op, err = b.api.Create(t.Context(), byFile)
	wantDone(t, b.finish(op, err, owner))
	a := b.account("by-file")
	if a.Credential.Kind != account.Certificate || a.Credential.Thumbprint == "" || a.Credential.ExpiresAt == nil {
		t.Errorf("credential %+v", a.Credential)
	}
	h, err := b.api.HandOver(t.Context(), "by-file", resource.HandOverRequest{Password: resource.Reveal(secret.New("pässword"))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certificate.ReadPFX(h.CertificatePFX, secret.New("pässword"), b.emu.Now()); err != nil {
		t.Errorf("the PFX that was handed over: %v", err)
	}
}

func TestSpecifyExistingRefuses(t *testing.T) {
	b := newBench(t)
	env := b.emu.Env()
	good := resource.Connect{ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"]}
	good.Secret = resource.Reveal(secret.New(env["APP_SECRET"]))
	for name, tc := range map[string]struct {
		change func(*resource.Connect)
		field  string
		says   string
	}{
		"a wrong secret": {func(c *resource.Connect) {
			c.Secret = resource.Reveal(secret.New("nonsense8Q~aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
		}, "secret", ""},
		"the secret's id": {func(c *resource.Connect) {
			c.Secret = resource.Reveal(secret.New("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"))
		}, "secret", "id"},
		"an unknown application":  {func(c *resource.Connect) { c.ApplicationID = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" }, "application_id", ""},
		"an unknown tenant":       {func(c *resource.Connect) { c.TenantID = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" }, "tenant_id", ""},
		"an id that is none":      {func(c *resource.Connect) { c.ApplicationID = "app" }, "application_id", ""},
		"no secret":               {func(c *resource.Connect) { c.Secret = nil }, "secret", ""},
		"a file that is no PFX":   {func(c *resource.Connect) { c.Secret, c.Certificate = nil, []byte("hello") }, "certificate", ""},
		"a role that is not held": {func(c *resource.Connect) { c.RoleSet = []string{"Storage Blob Data Owner"} }, "", "Storage Blob Data Owner"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := good
			tc.change(&c)
			op, err := b.api.Connect(t.Context(), "backup-sql", c)
			f := fault.From(err)
			for err == nil && !op.Closed() {
				op, err = b.api.Wait(t.Context(), op.ID, op.Version, 10*time.Second)
			}
			if f == nil {
				if err != nil || op.State != account.OpFailed {
					t.Fatalf("%v, %v, want failed", op, err)
				}
				f = op.Problem.Fault()
			}
			if fault.Is(f, fault.Conflict) {
				t.Skip("another connection is under way")
			}
			if f.Field != tc.field || f.Remedy == "" || !strings.Contains(f.Message+f.Meaning, tc.says) {
				t.Errorf("field %q, message %q, remedy %q", f.Field, f.Message, f.Remedy)
			}
		})
	}
	t.Cleanup(func() {
		if a, err := b.api.Account(context.Background(), "backup-sql"); err == nil && (a.ApplicationID == env["APP_ID"] || len(a.Credentials) != 1) {
			t.Error("a refused connection changed the account")
		}
	})
}

// Going back to a retiring secret makes that one current again; its removal, already planned, must not take it away.
func TestGoingBackToARetiringSecretKeepsIt(t *testing.T) {
	b := newBench(t)
	first, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{Acknowledge: true})
	if err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	if _, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{Acknowledge: true}); err != nil {
		t.Fatal(err)
	}
	op, err = b.api.Connect(t.Context(), "backup-prod", resource.Connect{Material: resource.Material{Secret: first.Secret}})
	wantDone(t, b.finish(op, err, owner))
	b.emu.Advance(25 * time.Hour)
	op, err = b.api.Check(t.Context(), "backup-prod", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
	wantDone(t, b.finish(op, err, owner))
	a := b.account("backup-prod")
	if a.Credential.ID != first.Credential.ID || a.State == account.SecretInvalid {
		t.Fatalf("credential %s, state %s", a.Credential.ID, a.State)
	}
	if got := passwords(t, b.emu, a.ApplicationID); !slices.Contains(got, a.Credential.KeyID) {
		t.Errorf("the secret in use is not on the application: %v", got)
	}
}

func TestARemovalThatIsRefusedChangesNothing(t *testing.T) {
	b := newBench(t)
	op, err := b.api.Remove(t.Context(), "backup-prod", client.Removal{DeleteApplication: true})
	if op = b.finish(op, err, "owner-noentra@contoso.example"); op.State != account.OpFailed {
		t.Fatalf("%s, %+v", op.State, op.Problem)
	}
	op, err = b.api.Check(t.Context(), "backup-prod", resource.CheckRequest{})
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("backup-prod"); a.State != account.Expiring {
		t.Errorf("state %s: %s", a.State, a.Meaning)
	}
}

func TestCheckTellsWhatIsMissing(t *testing.T) {
	b := newBench(t)
	for name, want := range map[string]account.State{
		"backup-prod": account.Expiring, "backup-dev": account.Expired, "backup-archive": account.AppNotFound,
		"backup-dr": account.AppNotFound, "backup-cert": account.Valid, "backup-sql": account.PermissionsMissing,
	} {
		op, err := b.api.Check(t.Context(), name, resource.CheckRequest{})
		wantDone(t, b.finish(op, err, owner))
		if a := b.account(name); a.State != want || a.Meaning == "" {
			t.Errorf("%s is %s (%s), want %s", name, a.State, a.Meaning, want)
		}
	}
	op, err := b.api.Check(t.Context(), "backup-sql", resource.CheckRequest{SignIn: resource.SignInRef{Wish: true}})
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("backup-sql"); a.Credential.ExpiresAt == nil || len(a.Check.Others) == 0 {
		t.Errorf("with a person signed in: end %v, others %v", a.Credential.ExpiresAt, a.Check.Others)
	}
}

// Nothing that Evercred writes holds a secret in clear, as text or in base64.
func TestNoSecretIsWrittenInClear(t *testing.T) {
	b := newBench(t)
	env := b.emu.Env()
	c := resource.Connect{ApplicationID: env["APP_ID"], TenantID: env["TENANT_ID"]}
	c.Secret = resource.Reveal(secret.New(env["APP_SECRET"]))
	op, err := b.api.Connect(t.Context(), "backup-sql", c)
	wantDone(t, b.finish(op, err, owner))
	op, err = b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	wantDone(t, b.finish(op, err, owner))
	h, err := b.api.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	written := b.logs.String()
	err = filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "key" {
			return err
		}
		content, err := os.ReadFile(path)
		written += string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(written, "backup-prod") {
		t.Fatal("the scan does not find what is there in clear, so it proves nothing")
	}
	for name, text := range map[string]string{"given": env["APP_SECRET"], "made": h.Secret.Reveal()} {
		for _, form := range []string{text, base64.StdEncoding.EncodeToString([]byte(text)), base64.RawStdEncoding.EncodeToString([]byte(text))[:len(text)]} {
			if strings.Contains(written, form) {
				t.Errorf("the secret that was %s stands in what Evercred wrote", name)
			}
		}
	}
}

// A check does not hold its account: one that is removed meanwhile ends the check, not the server.
func TestRemovingAnAccountWhileItIsChecked(t *testing.T) {
	b := newBench(t)
	b.emu.SetFaults(emulatortest.Fault{Service: "entra", Path: "*/token*", Times: 1, Drop: "before"})
	checking, err := b.api.Check(t.Context(), "backup-prod", resource.CheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	op, err := b.api.Remove(t.Context(), "backup-prod", client.Removal{})
	wantDone(t, b.finish(op, err, owner))
	if op = b.finish(checking, nil, owner); !op.Closed() {
		t.Errorf("the check is %s", op.State)
	}
	if _, err := b.api.Accounts(t.Context(), client.Filter{}, client.Page{}); err != nil {
		t.Errorf("the server afterwards: %v", err)
	}
}

// With the Azure gate off only Entra decides: a person without an Azure role gets as far as Graph's own refusal.
func TestTheAzureGateIsASetting(t *testing.T) {
	b := newBench(t, func(c *Config) { c.SkipAzureGate = true })
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	if op = b.finish(op, err, "contributor@contoso.example"); op.Problem == nil || fault.Code(op.Problem.Code) != fault.Permission {
		t.Errorf("%s, %+v, want Graph's refusal", op.State, op.Problem)
	}
}

func TestTheRoleSetOfNewAccountsIsASetting(t *testing.T) {
	b := newBench(t, func(c *Config) { c.RoleSet = []string{"Reader"} })
	op, err := b.api.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "reads-only", Subscriptions: []string{b.emu.Env()["SUBSCRIPTION_ID"]}})
	wantDone(t, b.finish(op, err, owner))
	if a := b.account("reads-only"); !slices.Equal(a.RoleSet, []string{"Reader"}) || a.State != account.Valid {
		t.Errorf("roles %v, state %s", a.RoleSet, a.State)
	}
}

// A request may take longer than its body may: Microsoft is slow to give a code.
func TestARequestThatMicrosoftMakesWait(t *testing.T) {
	b := newBench(t)
	b.emu.SetFaults(emulatortest.Fault{Service: "entra", Path: "*devicecode*", Times: 1, Delay: "6s"})
	op, err := b.api.Renew(t.Context(), "backup-prod", resource.Renew{})
	if err != nil || op.SignIn == nil || op.SignIn.UserCode == "" {
		t.Fatalf("%+v, %v", op, err)
	}
	wantDone(t, b.finish(op, nil, owner))
}
