package azure_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/secret"
)

// tenant is an emulated cloud with the clients of a person who signed in.
type tenant struct {
	*emulatortest.Emulator
	t      *testing.T
	cloud  cloud.Cloud
	env    map[string]string
	entra  *entra.Client
	graph  *graph.Client
	arm    *arm.Client
	person *entra.Person
}

func signedIn(t *testing.T, user string) *tenant {
	t.Helper()
	e := &tenant{Emulator: emulatortest.Start(t), t: t}
	e.env = e.Env()
	var err error
	if e.cloud, err = cloud.Custom(e.BaseURL(), e.env["CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	e.entra, err = entra.New(entra.Config{Cloud: e.cloud, Clock: clock.NewManual(e.Now())})
	if err != nil {
		t.Fatal(err)
	}
	code, err := e.entra.StartDeviceCode(t.Context(), e.env["TENANT_ID"], e.cloud.ManagementScope)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.entra.RedeemDeviceCode(t.Context(), e.env["TENANT_ID"], code.Device); !errors.Is(err, entra.ErrPending) {
		t.Fatalf("before it is entered: %v", err)
	}
	e.Approve(code.UserCode, user)
	management, err := e.entra.RedeemDeviceCode(t.Context(), e.env["TENANT_ID"], code.Device)
	if err != nil {
		t.Fatal(err)
	}
	e.person = management.Person
	directory, err := e.entra.Refresh(t.Context(), e.env["TENANT_ID"], management.Refresh, e.cloud.GraphScope)
	if err != nil {
		t.Fatal(err)
	}
	if e.graph, err = graph.New(graph.Config{Cloud: e.cloud, Token: holding(directory)}); err != nil {
		t.Fatal(err)
	}
	if e.arm, err = arm.New(arm.Config{Cloud: e.cloud, Token: holding(management)}); err != nil {
		t.Fatal(err)
	}
	return e
}

func holding(token entra.Token) graph.TokenFunc {
	return func(context.Context) (secret.Value, time.Time, error) { return token.Access, token.ExpiresAt, nil }
}

func (e *tenant) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// TestAgainstTheEmulator walks through the life of a service account with all three clients.
func TestAgainstTheEmulator(t *testing.T) {
	t.Parallel()
	e := signedIn(t, "owner@contoso.example")
	ctx := t.Context()
	me, err := e.graph.Me(ctx)
	e.must(err)
	if e.person == nil || me.UserPrincipalName != "owner@contoso.example" || me.ObjectID != e.person.ObjectID || e.person.UserPrincipalName != me.UserPrincipalName {
		t.Errorf("me is %+v, the person %+v", me, e.person)
	}

	app, err := e.graph.CreateApplication(ctx, "evercred test", []string{"evercred"})
	e.must(err)
	sp, err := e.graph.CreateServicePrincipal(ctx, app.AppID)
	e.must(err)
	start := e.Now()
	password, text, err := e.graph.AddPassword(ctx, app.ObjectID, "evercred/1", start, start.Add(48*time.Hour))
	e.must(err)
	read, err := e.graph.Application(ctx, app.AppID)
	e.must(err)
	if len(read.Passwords) != 1 || read.Passwords[0] != password || password.Hint != text.Hint() {
		t.Errorf("added %+v, read %+v", password, read.Passwords)
	}
	named, err := e.graph.ApplicationsNamed(ctx, "evercred test")
	e.must(err)
	if len(named) != 1 || named[0].ObjectID != app.ObjectID {
		t.Errorf("by name: %+v", named)
	}

	subscription := e.env["SUBSCRIPTION_ID"]
	scope := "/subscriptions/" + subscription
	role, err := e.arm.RoleDefinition(ctx, scope, "Contributor")
	e.must(err)
	assigned, made, err := e.arm.AssignRole(ctx, scope, role.ID, sp.ObjectID)
	e.must(err)
	if !made || !strings.HasPrefix(assigned.ID, scope) {
		t.Errorf("assigned %+v, made %v", assigned, made)
	}
	list, err := e.arm.RoleAssignments(ctx, scope, sp.ObjectID)
	e.must(err)
	if len(list) != 1 || list[0].ID != assigned.ID {
		t.Errorf("listed %+v, assigned %+v", list, assigned)
	}

	// What the application sees with its own credential.
	cred := entra.Credential{Secret: text}
	token, err := e.entra.AppToken(ctx, e.env["TENANT_ID"], app.AppID, cred, e.cloud.ManagementScope)
	e.must(err)
	own, err := arm.New(arm.Config{Cloud: e.cloud, Token: holding(token)})
	e.must(err)
	subscriptions, err := own.Subscriptions(ctx)
	e.must(err)
	if len(subscriptions) != 1 || subscriptions[0].ID != subscription {
		t.Errorf("it sees %+v", subscriptions)
	}
	may, err := own.Permissions(ctx, scope)
	e.must(err)
	if missing, _ := permission.Missing(role.Grants, may); len(missing) != 0 || permission.Allows(may, "Microsoft.Authorization/roleAssignments/write") {
		t.Errorf("it may %+v, missing %v", may, missing)
	}
	if _, _, err := own.AssignRole(ctx, scope, role.ID, e.person.ObjectID); !arm.IsForbidden(err) || arm.Explain(err).Code != fault.Permission {
		t.Errorf("it assigns roles: %v", err)
	}

	e.must(e.arm.DeleteRoleAssignment(ctx, assigned.ID))
	e.must(e.arm.DeleteRoleAssignment(ctx, assigned.ID))
	e.must(e.graph.RemovePassword(ctx, app.ObjectID, password.KeyID))
	if err := e.graph.RemovePassword(ctx, app.ObjectID, password.KeyID); !graph.IsNoSuchKey(err) {
		t.Errorf("removed twice: %v", err)
	}
	_, err = e.entra.AppToken(ctx, e.env["TENANT_ID"], app.AppID, cred, e.cloud.ManagementScope)
	if entra.StateOf(err) != account.SecretInvalid || !entra.Unreplicated(err) {
		t.Errorf("with the removed secret: %v", err)
	}

	e.must(e.graph.DeleteApplication(ctx, app.ObjectID))
	if _, err := e.graph.Application(ctx, app.AppID); !graph.IsNotFound(err) {
		t.Errorf("deleted: %v", err)
	}
	deleted, err := e.graph.DeletedServicePrincipal(ctx, app.AppID)
	e.must(err)
	e.must(e.graph.Restore(ctx, deleted.ObjectID))
	gone, err := e.graph.DeletedApplication(ctx, app.AppID)
	e.must(err)
	if gone.DeletedAt == nil || gone.ObjectID != app.ObjectID {
		t.Errorf("deleted is %+v", gone)
	}
	e.must(e.graph.Restore(ctx, gone.ObjectID))
	if back, err := e.graph.ServicePrincipal(ctx, app.AppID); err != nil || back.ObjectID != sp.ObjectID {
		t.Errorf("restored %+v, %v", back, err)
	}
	e.must(e.graph.DeleteApplication(ctx, app.ObjectID))
	e.must(e.graph.PurgeDeleted(ctx, app.ObjectID))
	if _, err := e.graph.DeletedApplication(ctx, app.AppID); !graph.IsNotFound(err) {
		t.Errorf("purged: %v", err)
	}
	_, err = e.entra.AppToken(ctx, e.env["TENANT_ID"], app.AppID, cred, e.cloud.ManagementScope)
	if entra.StateOf(err) != account.AppNotFound || entra.Explain(err).Field != "application_id" {
		t.Errorf("of a purged application: %v", err)
	}
}

func TestCertificateAgainstTheEmulator(t *testing.T) {
	t.Parallel()
	e := signedIn(t, "owner@contoso.example")
	pfx, err := os.ReadFile(e.env["APP_PFX"])
	e.must(err)
	bundle, err := certificate.ReadPFX(pfx, secret.New(e.env["APP_PFX_PASSWORD"]), e.Now())
	e.must(err)
	_, err = e.entra.AppToken(t.Context(), e.env["TENANT_ID"], e.env["APP_ID"], entra.Credential{Certificate: bundle}, e.cloud.GraphScope)
	e.must(err)
	app, err := e.graph.Application(t.Context(), e.env["APP_ID"])
	e.must(err)
	if len(app.Keys) != 1 || app.Keys[0].Thumbprint != bundle.Thumbprint() {
		t.Errorf("keys are %+v, the certificate is %s", app.Keys, bundle.Thumbprint())
	}
	stranger, err := certificate.NewSelfSigned("CN=stranger", 2048, e.Now(), e.Now().Add(time.Hour))
	e.must(err)
	_, err = e.entra.AppToken(t.Context(), e.env["TENANT_ID"], e.env["APP_ID"], entra.Credential{Certificate: stranger}, e.cloud.GraphScope)
	if entra.StateOf(err) != account.CertificateMismatch {
		t.Errorf("with a certificate that is not registered: %v", err)
	}
}

func TestRefusalsOfTheEmulator(t *testing.T) {
	t.Parallel()
	e := signedIn(t, "owner-noentra@contoso.example")
	_, _, err := e.graph.AddPassword(t.Context(), e.env["APP_OBJECT_ID"], "evercred/1", e.Now(), e.Now().Add(time.Hour))
	if f := graph.Explain(err); !graph.IsForbidden(err) || f.Code != fault.Permission {
		t.Errorf("a person without a directory role: %v", err)
	}
	wrong := func(tenant, app, text string) error {
		_, err := e.entra.AppToken(t.Context(), tenant, app, entra.Credential{Secret: secret.New(text)}, e.cloud.GraphScope)
		return err
	}
	const nobody = "00000000-1111-4111-8111-000000000000"
	for _, test := range []struct {
		err   error
		field string
		state account.State
	}{
		{wrong(e.env["TENANT_ID"], e.env["APP_ID"], "wrong"), "secret", account.SecretInvalid},
		{wrong(e.env["TENANT_ID"], nobody, "wrong"), "application_id", account.AppNotFound},
		{wrong(nobody, e.env["APP_ID"], "wrong"), "tenant_id", account.AppNotFound},
	} {
		if f := entra.Explain(test.err); f.Code != fault.Credential || f.Field != test.field || entra.StateOf(test.err) != test.state {
			t.Errorf("%v is %+v, %s", test.err, f, entra.StateOf(test.err))
		}
	}
	blocked, err := e.entra.StartDeviceCode(t.Context(), e.env["TENANT_ID"], e.cloud.GraphScope)
	e.must(err)
	e.Approve(blocked.UserCode, "blocked@contoso.example")
	_, err = e.entra.RedeemDeviceCode(t.Context(), e.env["TENANT_ID"], blocked.Device)
	if f := entra.Explain(err); f.Code != fault.SignIn || !strings.Contains(f.Message, "Conditional Access") {
		t.Errorf("blocked: %v", err)
	}
	denied, err := e.entra.StartDeviceCode(t.Context(), e.env["TENANT_ID"], e.cloud.GraphScope)
	e.must(err)
	e.Deny(denied.UserCode)
	_, err = e.entra.RedeemDeviceCode(t.Context(), e.env["TENANT_ID"], denied.Device)
	if f := entra.Explain(err); f.Code != fault.SignIn || !strings.Contains(f.Message, "declined") {
		t.Errorf("declined: %v", err)
	}
}
