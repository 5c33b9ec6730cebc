//go:build unix

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/script"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// What is in every world: the account that a change is about, one that nothing is to happen to, and an application of
// somebody else that an account can be pointed at.
const (
	subject   = "backup"
	neighbour = "neighbour"
	elsewhere = "elsewhere"
)

// Of the credentials that are there from the start.
const (
	day  = 24 * time.Hour
	past = 100 * day // since they were made
	life = 90 * day  // left
)

// seeder puts into a fresh world what a kind begins with.
type seeder struct {
	*world
	ctx context.Context
}

// application registers an application with roles, and on it what others have there: a secret, a certificate, and a secret
// of another installation of Evercred.
func (s seeder) application(name string) (appID string, err error) {
	if appID, err = s.cloud.Register(name); err != nil {
		return "", err
	}
	for _, other := range []string{"of the backup team", account.TagPrefix + "0ther0ne/" + uuid.NewString()} {
		if _, _, err := s.cloud.AddSecret(appID, other, past+life); err != nil {
			return "", err
		}
	}
	b, err := s.keys.certify("CN=somebody", s.clock.Now(), s.clock.Now().Add(past+life))
	if err != nil {
		return "", err
	}
	_, err = s.cloud.IssueCertificate(appID, "CN=somebody", b.Leaf)
	return appID, err
}

// tag is as Evercred makes them.
func (s seeder) tag() string {
	return account.TagPrefix + s.store.Installation() + "/" + uuid.NewString()
}

// account adds an account whose application is there, with a credential that Evercred has made and handed over long ago.
func (s seeder) account(name string, kind account.Kind, left time.Duration) (*account.Account, error) {
	appID, err := s.application(name)
	if err != nil {
		return nil, err
	}
	start, end := s.clock.Now().Truncate(time.Second), epoch().Add(left)
	have, _ := s.cloud.Look(appID)
	a := &account.Account{
		ID: "acc-" + name, Name: name, Cloud: s.at.Name, TenantID: s.cloud.TenantID(), Origin: account.Created,
		ApplicationID: appID, ApplicationObjectID: have.ObjectID, Subscriptions: []account.Subscription{{ID: s.cloud.SubscriptionID()}},
		RoleSet: account.DefaultRoleSet(), CreatedAt: start,
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
	}
	c := account.Credential{
		ID: "cred-" + name, AccountID: a.ID, ApplicationID: appID, ApplicationObjectID: have.ObjectID, Kind: kind, Slot: account.Current,
		Tag: s.tag(), StartsAt: &start, ExpiresAt: &end, AddedAt: start, ProvenAt: &start, DisclosedAt: &start, AcknowledgedAt: &start,
	}
	material, err := s.issue(&c, start, end)
	if err != nil {
		return nil, err
	}
	return a, s.store.Change(s.ctx, hands(), store.Event{Action: "account.added", AccountID: a.ID, AccountName: name}, func(tx *store.Tx) error {
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		if err := tx.PutCredential(c); err != nil {
			return err
		}
		return tx.PutMaterial(c.ID, material)
	})
}

// issue makes a credential on its application under its tag.
func (s seeder) issue(c *account.Credential, start, end time.Time) (material secret.Value, err error) {
	if c.Kind == account.Certificate {
		var b *certificate.Bundle
		if b, err = s.keys.certify("CN="+c.AccountID, start, end); err != nil {
			return material, err
		}
		c.Thumbprint, c.Subject = b.Thumbprint(), b.Subject()
		c.KeyID, err = s.cloud.IssueCertificate(c.ApplicationID, c.Tag, b.Leaf)
		return b.PEM(), err
	}
	var text string
	c.KeyID, text, err = s.cloud.IssueSecret(c.ApplicationID, c.Tag, start, end)
	material = secret.New(text)
	c.Hint = material.Hint()
	return material, err
}

// lately lets the time pass until shortly before the change: what was made before is old, as it mostly is.
func (s seeder) lately() error { return s.advance(epoch().Add(-time.Hour).Sub(s.clock.Now())) }

// usual is what nearly every kind begins with.
func usual(kind account.Kind) func(seeder) error {
	return func(s seeder) error {
		_, err := s.account(subject, kind, life)
		return err
	}
}

// everybody adds those to whom nothing is to happen.
func (s seeder) everybody(k kind) error {
	if _, err := s.account(neighbour, account.Secret, life); err != nil {
		return err
	}
	appID, err := s.application(elsewhere)
	if err != nil || !k.elsewhere() {
		return err
	}
	return s.offer(appID)
}

// offered is what a person has who points an account at another application.
type offered struct {
	ApplicationID, Secret string
	PFX                   []byte
}

const pfxPassword = "correct horse"

// offer makes a secret and a certificate on the other application, and leaves them in the folder for whoever connects.
func (s seeder) offer(appID string) error {
	_, text, err := s.cloud.AddSecret(appID, "for the connection", past+life)
	if err != nil {
		return err
	}
	b, err := s.keys.certify("CN="+elsewhere, s.clock.Now(), s.clock.Now().Add(past+life))
	if err != nil {
		return err
	}
	if _, err := s.cloud.IssueCertificate(appID, "CN="+elsewhere, b.Leaf); err != nil {
		return err
	}
	pfx, err := b.PFX(secret.New(pfxPassword))
	if err != nil {
		return err
	}
	raw, err := json.Marshal(offered{appID, text, pfx})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "offered.json"), raw, 0o600)
}

// ownsItself begins with an account that may renew itself, and whose policy is to do so now.
func ownsItself(s seeder) error {
	a, err := s.account(subject, account.Secret, 25*day)
	if err != nil {
		return err
	}
	a.Policy.Automatic = true
	if err := s.store.Change(s.ctx, hands(), store.Event{Action: "account.edited"}, func(tx *store.Tx) error { return tx.PutAccount(a) }); err != nil {
		return err
	}
	return s.cloud.OwnItself(a.ApplicationID)
}

// lacking begins with an account whose application lacks a role, or something of a permission profile.
func lacking(profile string) func(seeder) error {
	return func(s seeder) error {
		a, err := s.account(subject, account.Secret, life)
		if err != nil {
			return err
		}
		if profile == "" {
			return s.cloud.Do(script.Action{Action: script.RemoveRoleAssignments, Of: a.ApplicationID, Role: "Key Vault Crypto Officer"})
		}
		a.Profile = profile
		return s.store.Change(s.ctx, hands(), store.Event{Action: "account.edited"}, func(tx *store.Tx) error { return tx.PutAccount(a) })
	}
}

// without begins with an account whose application was deleted; its secret has so much of its life left.
func without(left time.Duration, how string) func(seeder) error {
	return func(s seeder) error {
		a, err := s.account(subject, account.Secret, left)
		if err != nil {
			return err
		}
		if err := s.lately(); err != nil {
			return err
		}
		return s.cloud.Do(script.Action{Action: how, Application: a.ApplicationID})
	}
}

// orphans leaves on the application of the account a secret and a certificate of this installation that nobody knows.
func orphans(s seeder) error {
	a, err := s.account(subject, account.Secret, life)
	if err != nil {
		return err
	}
	if _, _, err := s.cloud.AddSecret(a.ApplicationID, s.tag(), past+life); err != nil {
		return err
	}
	b, err := s.keys.certify("CN=orphan", s.clock.Now(), s.clock.Now().Add(past+life))
	if err != nil {
		return err
	}
	_, err = s.cloud.IssueCertificate(a.ApplicationID, s.tag(), b.Leaf)
	return err
}

// renewed begins with an account just renewed, whose new credential is handed over: the former one is kept for its soak.
func renewed(k account.Kind) func(seeder) error {
	return func(s seeder) error {
		if _, err := s.account(subject, k, life); err != nil {
			return err
		}
		if err := s.lately(); err != nil {
			return err
		}
		if err := ask(renew(renewal.RenewRequest{}))(s.ctx, s.world); err != nil {
			return err
		}
		_, err := s.engine.Acknowledge(s.ctx, hands(), subject)
		return err
	}
}

// sow makes a folder with the world that a kind begins with, and returns what is in the cloud then.
func sow(ctx context.Context, dir string, keys *keyring, k kind) (map[string]string, error) {
	w, err := open(ctx, dir, keys, epoch().Add(-past), nil)
	if err != nil {
		return nil, err
	}
	defer w.close()
	s := seeder{w, ctx}
	if err := s.everybody(k); err != nil {
		return nil, fmt.Errorf("making what is not to be touched: %w", err)
	}
	if err := k.seed(s); err != nil {
		return nil, fmt.Errorf("making what %s begins with: %w", k.name, err)
	}
	return w.cloud.State()
}
