package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// DemoConfig says where the demonstration runs.
type DemoConfig struct {
	Listen, EmulatorListen string
	DataDir                string // empty: a temporary folder, removed at the end
	Scenario               string // how the emulated cloud behaves; empty: as its folder has it, calm at first
	Out                    io.Writer
	Logger                 *slog.Logger
}

// demoLinkLifetime is how long the address of the demonstration signs in: who tries it may read first.
const demoLinkLifetime = 24 * time.Hour

// Demo runs an emulated Microsoft cloud and an Evercred server with a few service accounts, until ctx ends.
func Demo(ctx context.Context, c DemoConfig) (err error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.DataDir == "" {
		if c.DataDir, err = os.MkdirTemp("", "evercred-demo-"); err != nil {
			return fmt.Errorf("making the demo's folder: %w", err)
		}
		defer os.RemoveAll(c.DataDir)
	}
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		return fmt.Errorf("finding the demo's folder: %w", err)
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	cloud, err := emulator.Start(ctx, emulator.Config{
		Listen: c.EmulatorListen, Data: filepath.Join(c.DataDir, "emulator"), Logger: c.Logger, Scenario: c.Scenario,
		PollInterval: time.Second, // nobody looks at a demonstration to wait
	})
	if err != nil {
		return EmulatorFault(err, c.EmulatorListen)
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	envFile := filepath.Join(c.DataDir, "demo.env")
	a, err := New(ctx, Config{
		DataDir: filepath.Join(c.DataDir, "evercred"), Listen: c.Listen, EmulatorEnv: cloud.EnvFile(), EnvFile: envFile, Demo: true,
		EnvExtra: [][2]string{{"EMULATOR_ENV", cloud.EnvFile()}}, Logger: c.Logger,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if f, ok := a.clock.(*clock.Following); ok {
		if err := f.Read(ctx); err != nil {
			return err
		}
	}
	names, err := a.seedDemo(ctx, cloud)
	if err != nil {
		return err
	}
	link, err := a.authn.Link(ctx, a.admin(), demoLinkLifetime)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(c.Out, demoText(link.URL.Reveal(), a.URL(), cloud.BaseURL(), envFile)); err != nil {
		return fmt.Errorf("writing what to do next: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go a.checkAll(ctx, names)
	return a.Run(ctx)
}

// EmulatorFault says what keeps an emulator from starting: an address or a folder that is taken is the user's to mend.
func EmulatorFault(err error, listen string) error {
	if errors.Is(err, emulator.ErrUnknownScenario) {
		return fault.BadField("scenario", "The emulator does not start: "+err.Error()+".", "evercred emulator --list-scenarios says what each is.").WithCause(err)
	}
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EADDRNOTAVAIL) {
		return fault.BadField("listen", "The emulator cannot listen on "+listen+": "+err.Error()+".", "Choose another address, or stop what uses it.").WithCause(err)
	}
	return fault.New(fault.Conflict, "The emulator does not start: %s.", err).
		WithRemedy("Choose another data folder or address.").WithCause(err)
}

// demoAccount is one service account of the demonstration.
type demoAccount struct {
	name, description string
	origin            account.Origin
	kind              account.Kind
	start, end        time.Duration // from now
	endUnknown        bool
}

func demoAccounts() []demoAccount {
	const day = 24 * time.Hour
	return []demoAccount{
		{name: "backup-prod", description: "Backup of production; its secret ends soon", origin: account.Created, kind: account.Secret, start: -171 * day, end: 9 * day},
		{name: "backup-dev", description: "Backup of development; its secret ended yesterday", origin: account.Created, kind: account.Secret, start: -181 * day, end: -day},
		{name: "backup-archive", description: "Its application was deleted and can be restored", origin: account.Created, kind: account.Secret, start: -30 * day, end: 150 * day},
		{name: "backup-dr", description: "Its application is gone for good", origin: account.Created, kind: account.Secret, start: -60 * day, end: 120 * day},
		{name: "backup-cert", description: "Signs in with a certificate", origin: account.Created, kind: account.Certificate, start: -325 * day, end: 40 * day},
		{name: "backup-sql", description: "An existing application that lacks a role", origin: account.Existing, kind: account.Secret, start: -20 * day, end: 345 * day, endUnknown: true},
	}
}

// seedDemo adds the accounts that are not there yet. It returns the names of those it added.
func (a *App) seedDemo(ctx context.Context, cloud *emulator.Server) ([]string, error) {
	apps := map[string]emulator.SeededApplication{}
	for _, app := range cloud.Applications() {
		apps[app.Name] = app
	}
	marker := filepath.Join(a.config.DataDir, "demo-seeded")
	if _, err := os.Stat(marker); err == nil {
		return nil, nil // what was removed since then stays removed
	}
	var added []string
	for _, d := range demoAccounts() {
		_, err := a.store.Account(ctx, a.admin(), d.name)
		if err == nil {
			continue
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err := a.seedAccount(ctx, cloud, d, apps[d.name]); err != nil {
			return nil, fmt.Errorf("making account %s of the demo: %w", d.name, err)
		}
		added = append(added, d.name)
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return nil, fmt.Errorf("noting that the demo has its accounts: %w", err)
	}
	return added, nil
}

func (a *App) seedAccount(ctx context.Context, cloud *emulator.Server, d demoAccount, app emulator.SeededApplication) error {
	now := a.clock.Now().Truncate(time.Second)
	start, end := now.Add(d.start), now.Add(d.end)
	env := cloud.Env()
	acc := &account.Account{
		ID: "acc-" + uuid.NewString(), Name: d.name, Description: d.description, Cloud: "custom", TenantID: env["TENANT_ID"], Origin: d.origin,
		ApplicationID: app.AppID, ApplicationObjectID: app.ObjectID, ServicePrincipalID: app.ServicePrincipalID,
		RoleSet: account.DefaultRoleSet(), CreatedAt: start,
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
	}
	if app.AppID == "" { // the one that is gone for good
		acc.ApplicationID, acc.ApplicationObjectID, acc.ServicePrincipalID = uuid.NewString(), uuid.NewString(), uuid.NewString()
	}
	for id := range strings.SplitSeq(env["SUBSCRIPTION_IDS"], ",") {
		acc.Subscriptions = append(acc.Subscriptions, account.Subscription{ID: id})
	}
	c := account.Credential{
		ID: "cred-" + uuid.NewString(), AccountID: acc.ID, ApplicationID: acc.ApplicationID, ApplicationObjectID: acc.ApplicationObjectID,
		Kind: d.kind, Slot: account.Current, StartsAt: &start, ExpiresAt: &end, AddedAt: start, DisclosedAt: &start, AcknowledgedAt: &start,
	}
	if d.origin == account.Created {
		c.Tag = account.TagPrefix + a.store.Installation() + "/" + uuid.NewString()
	}
	material, err := issue(cloud, &c, app.AppID, d, start, end)
	if err != nil {
		return err
	}
	if d.endUnknown {
		c.KeyID, c.StartsAt, c.ExpiresAt = "", nil, nil
		c.EndReason = "A token does not tell when its secret ends. Run `evercred account check " + d.name + " --sign-in` to read it from Microsoft Graph."
	}
	what := store.Event{Action: "account.added", AccountID: acc.ID, AccountName: acc.Name, Detail: map[string]string{"by": "demo"}}
	return a.store.Change(ctx, a.admin(), what, func(tx *store.Tx) error {
		if err := tx.PutAccount(acc); err != nil {
			return err
		}
		if err := tx.PutCredential(c); err != nil {
			return err
		}
		return tx.PutMaterial(c.ID, material)
	})
}

// issue makes the account's credential in the emulated cloud, as the portal would.
func issue(cloud *emulator.Server, c *account.Credential, appID string, d demoAccount, start, end time.Time) (secret.Value, error) {
	if d.kind == account.Certificate {
		b, err := certificate.NewSelfSigned("CN="+d.name, 2048, start, end)
		if err != nil {
			return secret.Value{}, err
		}
		c.Thumbprint, c.Subject = b.Thumbprint(), b.Subject()
		c.KeyID, err = cloud.IssueCertificate(appID, b.Leaf)
		return b.PEM(), err
	}
	if appID == "" {
		v := secret.New("gone~" + uuid.NewString())
		c.KeyID, c.Hint = uuid.NewString(), v.Hint()
		return v, nil
	}
	name := c.Tag
	if name == "" {
		name = "Backup of SQL databases"
	}
	keyID, text, err := cloud.IssueSecret(appID, name, start, end)
	v := secret.New(text)
	c.KeyID, c.Hint = keyID, v.Hint()
	return v, err
}

// checkAll checks the accounts once, so that the list says how they stand.
func (a *App) checkAll(ctx context.Context, names []string) {
	for _, name := range names {
		if _, err := a.engine.Check(ctx, a.admin(), name, renewal.CheckRequest{}); err != nil && ctx.Err() == nil {
			a.config.Logger.WarnContext(ctx, "checking an account of the demo", "account", name, "error", err)
		}
	}
}
