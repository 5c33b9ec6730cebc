package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/seed"
)

// Registered is an application as Entra itself has it, whatever its replicas know.
type Registered struct {
	ObjectID    string
	Name        string
	Deleted     bool // soft-deleted
	Enabled     bool // its service principal is there and may sign in
	Credentials []Held
}

// Held is a credential on an application.
type Held struct {
	KeyID       string
	Name        string
	Certificate bool // else a secret
	Start, End  time.Time
}

// Look returns an application by its client id; false where there is none, not even a deleted one.
func (p *InProcess) Look(appID string) (out Registered, found bool) {
	p.store.Read(func() {
		a, ok := p.store.Applications.Find(strings.ToLower(appID))
		if !ok {
			return
		}
		found = true
		out = Registered{ObjectID: a.ID, Name: a.DisplayName, Deleted: a.DeletedAt != nil}
		for _, sp := range p.store.ServicePrincipals.Each(a.AppID) {
			out.Enabled = out.Enabled || sp.DeletedAt == nil && sp.Enabled
		}
		for _, s := range a.Passwords {
			out.Credentials = append(out.Credentials, Held{s.KeyID, text(s.DisplayName), false, s.Start, s.End})
		}
		for _, k := range a.Keys {
			out.Credentials = append(out.Credentials, Held{k.KeyID, text(k.DisplayName), true, k.Start, k.End})
		}
	})
	return out, found
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Register makes an application with its service principal and the roles Contributor and Key Vault Crypto Officer on the
// first seeded subscription, as somebody would in the portal. It returns its client id.
func (p *InProcess) Register(name string) (appID string, err error) {
	appID = uuid.NewString()
	return appID, p.store.Write(func() error {
		seed.Register(p.store, seed.Application{Name: name, AppID: appID, ObjectID: uuid.NewString(), ServicePrincipalID: uuid.NewString()}, p.store.Now())
		return nil
	})
}

// AddSecret adds a secret to an application, as somebody would in the portal, and returns its key id and its text.
func (p *InProcess) AddSecret(appID, name string, life time.Duration) (keyID, secret string, err error) {
	secret = newSecretText()
	err = p.change(appID, func(a *directory.Application) {
		now := p.store.Now().Truncate(time.Second)
		s := newPassword(secret, name, now, now.Add(life))
		keyID = s.KeyID
		a.Passwords = append([]directory.Password{s}, a.Passwords...)
	})
	return keyID, secret, err
}

// RemoveCredential removes a secret or a certificate from an application, as somebody would in the portal. One that is not
// there is no error.
func (p *InProcess) RemoveCredential(appID, keyID string) error {
	return p.change(appID, func(a *directory.Application) {
		a.Passwords = slices.DeleteFunc(slices.Clone(a.Passwords), func(s directory.Password) bool { return s.KeyID == keyID })
		a.Keys = slices.DeleteFunc(slices.Clone(a.Keys), func(k directory.Key) bool { return k.KeyID == keyID })
	})
}

func (p *InProcess) change(appID string, f func(*directory.Application)) error {
	return p.store.Write(func() error {
		a, ok := p.store.Applications.Find(strings.ToLower(appID))
		if !ok {
			return nil
		}
		next := *a
		f(&next)
		p.store.Applications.Put(next.ID, &next)
		return nil
	})
}

// TenantID is the seeded tenant.
func (p *InProcess) TenantID() string { return seed.TenantID }

// SubscriptionID is the tenant's first subscription.
func (p *InProcess) SubscriptionID() string { return seed.ProductionID }

// Owner is a person who may change every application and assign roles.
func (p *InProcess) Owner() string { return seed.Owner }

// OwnItself makes the service principal of an application its owner and grants it Application.ReadWrite.OwnedBy, as an
// administrator would who wants it to renew itself.
func (p *InProcess) OwnItself(appID string) error {
	return p.store.Write(func() error {
		a, ok := p.store.Applications.Find(strings.ToLower(appID))
		if !ok {
			return nil
		}
		for _, sp := range p.store.ServicePrincipals.Each(a.AppID) {
			next := *a
			next.Owners = append(slices.Clone(a.Owners), sp.ID)
			p.store.Applications.Put(next.ID, &next)
			seed.Grant(p.store, sp.ID, "Application.ReadWrite.OwnedBy", p.store.Now())
		}
		return nil
	})
}

// Begins is when a credential begins; the zero time for one that is not there.
func (r Registered) Begins(keyID string) time.Time { return r.held(keyID).Start }

// Ends is when a credential ends; the zero time for one that is not there.
func (r Registered) Ends(keyID string) time.Time { return r.held(keyID).End }

func (r Registered) held(keyID string) Held {
	for _, h := range r.Credentials {
		if h.KeyID == keyID {
			return h
		}
	}
	return Held{}
}
