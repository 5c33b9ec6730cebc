package api_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// house is the API over a real store and engine. The engine is not running: what it would ask Microsoft is not asked.
type house struct {
	client *client.Client
	store  *store.Store
	now    time.Time
	clock  *clock.Manual
}

func admin() account.Caller { return account.Caller{Name: "admin", Via: "api"} }

func newHouse(t *testing.T) *house {
	t.Helper()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	log, clk := slog.New(slog.DiscardHandler), clock.NewManual(now)
	st := openStore(t, clk)
	engine, err := renewal.New(renewal.Config{Store: st, Clouds: cloud.Known(), Clock: clk, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	h, err := api.New(api.Config{Engine: engine, Answers: st, Clock: clk, Authn: doorkeeper(t, st, log), Logger: log, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := client.New(client.Config{URL: s.URL, Token: secret.New(token)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return &house{client: c, store: st, now: now, clock: clk}
}

func openStore(t testing.TB, clk clock.Clock) *store.Store {
	t.Helper()
	dir := t.TempDir()
	keys, err := seal.LoadKey(filepath.Join(dir, "key"), false)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, "db"), Keys: keys, Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// doorkeeper knows the token of these tests.
func doorkeeper(t testing.TB, st *store.Store, log *slog.Logger) *authn.Authenticator {
	t.Helper()
	if err := st.AddAPIToken(t.Context(), admin(), "admin", secret.New(token)); err != nil {
		t.Fatal(err)
	}
	a, err := authn.New(authn.Config{Store: st, BaseURL: "http://evercred.example", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (h *house) add(t *testing.T, name string, kind account.Kind, material secret.Value) *account.Account {
	t.Helper()
	ends := h.now.Add(9 * 24 * time.Hour)
	a := &account.Account{
		ID: "acc-" + name, Name: name, Cloud: "global", TenantID: "t", ApplicationID: "app-" + name, Origin: account.Created, CreatedAt: h.now,
		RoleSet: account.DefaultRoleSet(),
		Policy:  account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
	}
	c := account.Credential{
		ID: "cred-" + name, AccountID: a.ID, ApplicationID: a.ApplicationID, Kind: kind, Slot: account.Current,
		Tag: account.TagPrefix + "1", ExpiresAt: &ends, AddedAt: h.now,
	}
	err := h.store.Change(t.Context(), admin(), store.Event{Action: "account.added", AccountID: a.ID, AccountName: name}, func(tx *store.Tx) error {
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		if err := tx.PutCredential(c); err != nil {
			return err
		}
		return tx.PutMaterial(c.ID, material)
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (h *house) put(t *testing.T, o *account.Operation) {
	t.Helper()
	err := h.store.Change(t.Context(), admin(), store.Event{Action: "operation.started", OperationID: o.ID}, func(tx *store.Tx) error { return tx.PutOperation(o) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccountsAreReadByNameAndID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if all, err := h.client.Accounts(t.Context(), client.Filter{}, client.Page{}); err != nil || all.Accounts == nil || len(all.Accounts) != 0 {
		t.Errorf("an empty list: %v, %v", all, err)
	}
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	for _, ref := range []string{"backup-prod", "BACKUP-PROD", "acc-backup-prod"} {
		a, err := h.client.Account(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if a.Name != "backup-prod" || a.State != account.Expiring || a.Remedy == "" || a.Credential == nil || !a.AsOf.Equal(h.now) {
			t.Errorf("%s: %+v", ref, a)
		}
	}
	_, err := h.client.Account(t.Context(), "nobody")
	if f := fault.From(err); f.Code != fault.NotFound || f.Remedy == "" {
		t.Errorf("%+v", f)
	}
	if _, err := h.client.Operations(t.Context(), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("operations of nobody: %v", err)
	}
}

func TestHandOverOfASecret(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	got, err := h.client.HandOver(t.Context(), "backup-prod", resource.HandOverRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Secret.Take().Reveal() != "secret-text" || got.CertificatePEM != nil || got.CertificatePFX != nil {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(resource.AccountRef{ID: "acc-backup-prod", Name: "backup-prod"}, got.Account); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
	a, err := h.client.Account(t.Context(), "backup-prod")
	if err != nil || a.Credential.DisclosedAt == nil || a.Credential.AcknowledgedAt != nil {
		t.Errorf("disclosed only: %+v, %v", a.Credential, err)
	}
	if a, err = h.client.Acknowledge(t.Context(), "backup-prod"); err != nil || a.Credential.AcknowledgedAt == nil {
		t.Errorf("acknowledged: %+v, %v", a, err)
	}
}

func TestHandOverOfACertificate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b, err := certificate.NewSelfSigned("CN=backup-cert", 2048, h.now.Add(-time.Hour), h.now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	h.add(t, "backup-cert", account.Certificate, b.PEM())
	got, err := h.client.HandOver(t.Context(), "backup-cert", resource.HandOverRequest{})
	if err != nil || got.CertificatePEM.Take().Reveal() != b.PEM().Reveal() {
		t.Fatalf("PEM: %v", err)
	}
	password := secret.New("pässword")
	got, err = h.client.HandOver(t.Context(), "backup-cert", resource.HandOverRequest{Acknowledge: true, Password: &resource.Secret{Value: password}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := certificate.ReadPFX(got.CertificatePFX, password, h.now)
	if err != nil || again.Thumbprint() != b.Thumbprint() {
		t.Errorf("PFX: %v", err)
	}
	if got.Credential.AcknowledgedAt == nil || got.CertificatePEM != nil {
		t.Errorf("%+v", got.Credential)
	}
	before := h.disclosures(t)
	for _, bad := range []string{"", "correct 🐴"} {
		_, err := h.client.HandOver(t.Context(), "backup-cert", resource.HandOverRequest{Password: &resource.Secret{Value: secret.New(bad)}})
		if f := fault.From(err); f == nil || f.Code != fault.Invalid || f.Field != "password" || f.Remedy == "" {
			t.Errorf("password %q: %v", bad, err)
		}
	}
	if after := h.disclosures(t); before == 0 || after != before {
		t.Errorf("%d disclosures, then %d: what was refused was disclosed", before, after)
	}
}

// disclosures counts the audit rows of credentials given away.
func (h *house) disclosures(t *testing.T) (n int) {
	t.Helper()
	rows, err := h.store.Audit(t.Context(), admin(), store.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Action == "credential.disclosed" {
			n++
		}
	}
	return n
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := &account.Operation{
		ID: "op-1", Kind: account.OpRecreate, State: account.OpWaitingChoice, AccountName: "backup-archive", StartedBy: "admin", CreatedAt: h.now,
		Choice: &account.Choice{Question: "Restore it?", Options: []string{"restore", "new"}},
	}
	h.put(t, o)
	first, err := h.client.Operation(t.Context(), "op-1")
	if err != nil || first.Choice == nil || first.Version != o.Version {
		t.Fatal(first, err)
	}
	same, err := h.client.Wait(t.Context(), "op-1", first.Version, 250*time.Millisecond)
	if err != nil || same.Version != first.Version {
		t.Errorf("after a wait without a change: %+v, %v", same, err)
	}
	type answer struct {
		o   *resource.Operation
		err error
	}
	done := make(chan answer, 1)
	begin := time.Now()
	go func() {
		o, err := h.client.Wait(t.Context(), "op-1", first.Version, 20*time.Second)
		done <- answer{o, err}
	}()
	o.State, o.Summary = account.OpDone, "Done."
	h.put(t, o)
	got := <-done
	if got.err != nil || got.o.Version <= first.Version || got.o.Summary != "Done." {
		t.Errorf("after a change: %+v, %v", got.o, got.err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := h.client.Operation(t.Context(), "nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown operation: %v", err)
	}
}

func TestRequestsReachTheEngine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-cert", account.Certificate, secret.New("unread"))
	if _, err := h.client.Renew(t.Context(), "backup-cert", resource.Renew{Soak: "9000h"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a soak out of range: %v", err)
	}
	if _, err := h.client.Renew(t.Context(), "backup-cert", resource.Renew{Kind: "federated"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a kind that cannot be made: %v", err)
	}
	if _, err := h.client.Rollback(t.Context(), "backup-cert"); !fault.Is(err, fault.Conflict) {
		t.Errorf("nothing to go back to: %v", err)
	}
	if _, err := h.client.Reconcile(t.Context(), "nobody", resource.UseSignIn{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an account that is not there: %v", err)
	}
	_, err := h.client.Create(t.Context(), resource.Create{Kind: resource.CreateAuto, Name: "BACKUP-CERT", Subscriptions: []string{"x"}})
	if f := fault.From(err); f.Code != fault.Conflict || f.Field != "name" {
		t.Errorf("a name that is taken: %+v", f)
	}
	_, err = h.client.Connect(t.Context(), "backup-cert", resource.Connect{
		ApplicationID: "no-guid", Material: resource.Material{Secret: resource.Reveal(secret.New("secret-text"))},
	})
	if f := fault.From(err); f.Code != fault.Invalid || f.Field != "application_id" {
		t.Errorf("a wrong id: %+v", f)
	}
	if _, err := h.client.Cancel(t.Context(), "nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("cancelling nothing: %v", err)
	}
	if _, err := h.client.Choose(t.Context(), "nothing", "new"); !fault.Is(err, fault.NotFound) {
		t.Errorf("choosing for nothing: %v", err)
	}
	if _, err := h.client.SignIn(t.Context(), "nothing", resource.UseSignIn{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("signing in for nothing: %v", err)
	}
}

func TestJSONShape(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "backup-prod", account.Secret, secret.New("secret-text"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.client.URL()+"/api/v1/accounts", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var got struct{ Accounts []map[string]any }
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	a := got.Accounts[0]
	if a["method"] != "secret" || a["expires_at"] != "2026-12-02T09:00:00Z" || a["state"] != "expiring" || a["origin"] != "created" {
		t.Errorf("%v", got.Accounts[0])
	}
}
