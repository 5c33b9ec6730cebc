package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
)

// serveInstead makes this test program be an Evercred server: a real process that can be killed.
const serveInstead = "EVERCRED_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveInstead); dir != "" {
		if err := serveForTest(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveForTest(dir string) error {
	ctx := context.Background()
	a, err := New(ctx, Config{DataDir: dir, Listen: "127.0.0.1:0", EmulatorEnv: os.Getenv("EVERCRED_TEST_EMULATOR")})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// victim is a server in a process of its own.
type victim struct {
	t      *testing.T
	emu    *emulatortest.Emulator
	dir    string
	cmd    *exec.Cmd
	errors bytes.Buffer
	api    *client.Client
}

// start starts the server and waits until it answers.
func (v *victim) start() {
	v.t.Helper()
	env := filepath.Join(v.dir, "evercred.env")
	old, _ := os.ReadFile(env)
	v.cmd = exec.CommandContext(context.Background(), os.Args[0])
	v.cmd.Env = append(os.Environ(), serveInstead+"="+v.dir, "EVERCRED_TEST_EMULATOR="+v.emu.EnvFile())
	v.cmd.Stderr = &v.errors
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-tick.C {
		if now, err := os.ReadFile(env); err == nil && !bytes.Equal(now, old) {
			v.api = connectAPI(v.t, env)
			if _, err := v.api.Accounts(v.t.Context(), client.Filter{}, client.Page{}); err == nil {
				return
			}
		}
	}
	v.t.Fatalf("the server does not start: %s", v.errors.String())
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

// point is a remote call of a renewal at which the server is killed.
type point struct {
	name          string
	service, path string
	skip          int
	after         bool // once the work is done, before its answer
}

func points() []point {
	calls := []point{
		{name: "redeeming the device code", service: "entra", path: "*/token*", skip: 0},
		{name: "getting the first token of the person", service: "entra", path: "*/token*", skip: 1},
		{name: "getting the second token of the person", service: "entra", path: "*/token*", skip: 2},
		{name: "asking for the person's rights", service: "arm", path: "*permissions*"},
		{name: "looking up the application", service: "graph", path: "*applications(*"},
		{name: "adding the secret", service: "graph", path: "*addPassword*"},
		{name: "the first proof", service: "entra", path: "*/token*", skip: 3},
		{name: "the last proof", service: "entra", path: "*/token*", skip: 5},
		{name: "the proof before the removal", service: "entra", path: "*/token*", skip: 6},
		{name: "removing the old secret", service: "graph", path: "*removePassword*"},
		{name: "the check at the end", service: "entra", path: "*/token*", skip: 7},
	}
	var out []point
	for _, p := range calls {
		before, after := p, p
		before.name, after.name, after.after = "before "+p.name, "after "+p.name, true
		out = append(out, before, after)
	}
	return out
}

// Killed at any remote call of a renewal and started again, the server ends with a renewed account, exactly one current
// secret, and no secret on the application that it does not know.
func TestKillAtEachRemoteCall(t *testing.T) {
	t.Parallel()
	for _, p := range points() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			killAt(t, p)
		})
	}
}

func killAt(t *testing.T, p point) {
	t.Helper()
	v := &victim{t: t, emu: newEmulator(t), dir: t.TempDir()}
	seed(t, v)
	v.start()
	t.Cleanup(func() { v.kill() })
	op, err := v.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
	if err != nil {
		t.Fatal(err)
	}
	rule := emulatortest.Fault{Service: p.service, Path: p.path, Skip: p.skip, Times: 1, Delay: "5m"}
	if p.after {
		rule.Delay, rule.Drop = "", "after"
	}
	v.emu.ClearRequests()
	v.emu.SetFaults(rule)
	v.emu.Approve(op.SignIn.UserCode, owner)
	awaitFault(t, v.emu)
	spent := redeems(p, v.emu.Requests())
	v.kill()
	v.emu.SetFaults()
	v.start()
	after := follow(t, v.api, v.emu, op, owner, op.SignIn.UserCode)
	if spent && after.State == account.OpFailed {
		// The code was redeemed and the tokens died with the process: the account is as it was, and a new sign-in renews it.
		again, err := v.api.Renew(t.Context(), "backup-prod", resource.Renew{Soak: "0s"})
		if err != nil {
			t.Fatal(err)
		}
		after = follow(t, v.api, v.emu, again, owner, "")
	}
	wantDone(t, after)
	a, err := v.api.Account(t.Context(), "backup-prod")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(keyIDs(a, account.Current)); n != 1 || a.State != account.Valid {
		t.Errorf("%d current credentials, state %s: %s", n, a.State, a.Meaning)
	}
	if got := passwords(t, v.emu, a.ApplicationID); !slices.Equal(got, keyIDs(a, account.Current, account.Retiring)) {
		t.Errorf("secrets on the application %v, known %v", got, keyIDs(a, account.Current, account.Retiring))
	}
}

// redeems reports whether the disturbed call may be the one that redeems the device code: then the sign-in dies with the
// process. A poll that was under way when the code was entered is a call, too: all calls before the disturbed one were such.
func redeems(p point, requests []emulatortest.Request) bool {
	if p.service != "entra" {
		return false
	}
	before := p.skip
	for _, r := range requests {
		if before == 0 {
			break
		}
		if r.Service != "entra" || !strings.Contains(r.Path, "/token") {
			continue
		}
		if before--; r.Status != http.StatusBadRequest {
			return false
		}
	}
	return true
}

// seed fills the victim's data folder with the demo's accounts.
func seed(t *testing.T, v *victim) {
	t.Helper()
	a, err := New(t.Context(), Config{DataDir: v.dir, Listen: "127.0.0.1:0", EmulatorEnv: v.emu.EnvFile()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.seedDemo(t.Context(), v.emu.Server); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// awaitFault waits until the fault has met its request.
func awaitFault(t *testing.T, emu *emulatortest.Emulator) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); <-tick.C {
		if faultsApplied(t, emu) > 0 {
			return
		}
	}
	t.Fatalf("the call was never made: %+v", emu.Requests())
}

func faultsApplied(t *testing.T, emu *emulatortest.Emulator) (n int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, emu.BaseURL()+"/_emulator/faults", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := emu.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var rules []emulatortest.Fault
	if err := json.NewDecoder(res.Body).Decode(&rules); err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		n += r.Applied
	}
	return n
}
