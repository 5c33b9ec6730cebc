package renewal

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// offered is a credential that somebody specified, proven or not. It lives in memory until it is proven.
type offered struct {
	name, description string
	existing          *account.Account // nil: a new account
	conn              *connection
	appID, tenantID   string
	scope             []string
	roles             []string
	allowMissing      bool
	kind              account.Kind
	value             entra.Credential
	material          secret.Value
	expires           *time.Time
}

// fill checks what was given and reads the certificate, before anything is asked of Microsoft.
func (e *Engine) fill(o *offered, q ConnectRequest) (err error) {
	if o.conn, err = e.cloudOf(q.Cloud); err != nil {
		return err
	}
	if o.appID, err = guid("application_id", q.ApplicationID); err != nil {
		return err
	}
	if o.tenantID, err = tenantID(q.TenantID); err != nil {
		return err
	}
	if len(q.Subscriptions) > 0 {
		if o.scope, err = guids("subscriptions", q.Subscriptions); err != nil {
			return err
		}
	}
	o.allowMissing, o.expires = q.AllowMissing, q.ExpiresAt
	return o.take(q, e.clock.Now())
}

// tenantID accepts an id or a domain name of the tenant.
func tenantID(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if g, err := uuid.Parse(text); err == nil && len(text) == 36 {
		return g.String(), nil
	}
	if text == "" || !strings.Contains(text, ".") || strings.ContainsAny(text, " /\\?#%:@") {
		return "", fault.BadField("tenant_id", quote(text)+" is neither a tenant's id nor a domain name.", "The Azure portal shows the tenant id on the Overview page of Microsoft Entra ID.")
	}
	return text, nil
}

// take reads the secret or the certificate.
func (o *offered) take(q ConnectRequest, now time.Time) error {
	switch {
	case len(q.Certificate) > 0 && !q.Secret.Empty():
		return fault.BadField("secret", "Both a secret and a certificate were given.", "Give one of them.")
	case len(q.Certificate) > 0:
		b, err := certificate.ReadPFX(q.Certificate, q.Password, now)
		if err != nil {
			return err
		}
		o.kind, o.value.Certificate, o.material = account.Certificate, b, b.PEM()
		return nil
	case q.Secret.Empty():
		return fault.BadField("secret", "No secret and no certificate was given.", "Give the value of a client secret, or a .PFX or .P12 file.")
	}
	text := strings.TrimRight(q.Secret.Reveal(), "\r\n")
	if text != strings.TrimSpace(text) || text == "" {
		return fault.BadField("secret", "The secret begins or ends with white space, or is empty.", "Copy the value again, without anything around it.")
	}
	if len(text) > 512 {
		return fault.BadField("secret", "The secret is too long for a client secret.", "Copy the value of the client secret, not a file or a token.")
	}
	o.kind = account.Secret
	o.material = secret.New(text)
	o.value.Secret = o.material
	return nil
}

// credential is the record of what was offered, without its secret part.
func (o *offered) credential(now time.Time) account.Credential {
	c := account.Credential{
		ID: newID("cred"), ApplicationID: o.appID, Kind: o.kind, Slot: account.Current, AddedAt: now, ProvenAt: &now,
		ExpiresAt: o.expires,
	}
	if o.kind == account.Secret {
		c.Hint = o.material.Hint()
		if c.ExpiresAt == nil {
			c.EndReason = "A token does not tell when its secret ends. Run `evercred account check " + o.name +
				" --sign-in` to read it from Microsoft Graph, or give the date together with the secret."
		}
		return c
	}
	leaf := o.value.Certificate.Leaf
	start, end := leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
	c.StartsAt, c.ExpiresAt = &start, &end
	c.Thumbprint, c.Subject = o.value.Certificate.Thumbprint(), o.value.Certificate.Subject()
	return c
}
