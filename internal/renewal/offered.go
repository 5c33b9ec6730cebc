package renewal

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// offered is a credential that somebody specified: where it is to be used, its record, and its secret part.
type offered struct {
	params     account.Params
	credential account.Credential
	material   secret.Value
}

// offer checks what was given and reads the certificate, before anything is asked of Microsoft.
func (e *Engine) offer(q ConnectRequest) (*offered, error) {
	conn, err := e.cloudOf(q.Cloud)
	if err != nil {
		return nil, err
	}
	appID, err := guid("application_id", q.ApplicationID)
	if err != nil {
		return nil, err
	}
	tenant, err := tenantID(q.TenantID)
	if err != nil {
		return nil, err
	}
	subscriptions, err := guids(q.Subscriptions)
	if err != nil {
		return nil, err
	}
	if q.ExpiresAt != nil && !q.ExpiresAt.After(e.clock.Now()) {
		return nil, fault.BadField("secret_expires_at", "The secret's end is in the past: "+account.Moment(*q.ExpiresAt)+".",
			"Give the end that the portal shows for this secret, or leave it out; a secret that has ended has to be made anew.")
	}
	o := &offered{}
	if o.params, err = q.params(conn.cloud.Name, appID, tenant, subscriptions); err != nil {
		return nil, err
	}
	o.credential = account.Credential{ID: newID("cred"), ApplicationID: appID, Slot: account.Next, AddedAt: e.clock.Now(), ExpiresAt: q.ExpiresAt}
	return o, o.take(q, e.clock.Now())
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
	c := &o.credential
	switch {
	case len(q.Certificate) > 0 && !q.Secret.Empty():
		return fault.BadField("secret", "Both a secret and a certificate were given.", "Give one of them.")
	case len(q.Certificate) > 0:
		b, err := certificate.ReadPFX(q.Certificate, q.Password, now)
		if err != nil {
			return err
		}
		start, end := b.Leaf.NotBefore.UTC(), b.Leaf.NotAfter.UTC()
		c.Kind, c.StartsAt, c.ExpiresAt, c.Thumbprint, c.Subject = account.Certificate, &start, &end, b.Thumbprint(), b.Subject()
		o.material = b.PEM()
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
	o.material = secret.New(text)
	c.Kind, c.Hint = account.Secret, o.material.Hint()
	if c.ExpiresAt == nil {
		c.EndReason = "A token does not tell when its secret ends. Run `evercred account check " + q.Name +
			" --sign-in` to read it from Microsoft Graph, or give the date together with the secret."
	}
	return nil
}
