package emulator

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// Close lets go of the folder. Without one there is nothing to close.
func (p *InProcess) Close() error { return p.store.Close() }

// SetClock puts the clock of the cloud to an offset from that of the process.
func (p *InProcess) SetClock(offset time.Duration) error {
	err := p.store.Write(func() error {
		settings := p.store.Settings()
		settings.ClockOffset = offset
		p.store.SetSettings(settings)
		return nil
	})
	if err != nil {
		return fmt.Errorf("setting the clock: %w", err)
	}
	return nil
}

// State is all that people and programs have made in the tenant, as JSON, by kind and id: applications with their
// credentials, service principals, role definitions and assignments, users, groups. It is for holding two moments
// against each other, so its form is the emulator's own and may change.
func (p *InProcess) State() (map[string]string, error) {
	all := map[string]string{}
	var errs []error
	p.store.Read(func() {
		errs = append(errs,
			dump(all, "application", p.store.Applications.All()), dump(all, "servicePrincipal", p.store.ServicePrincipals.All()),
			dump(all, "roleDefinition", p.store.RoleDefinitions.All()), dump(all, "roleAssignment", p.store.RoleAssignments.All()),
			dump(all, "user", p.store.Users.All()), dump(all, "group", p.store.Groups.All()), dump(all, "appRole", p.store.AppRoleGrants.All()),
		)
	})
	return all, errors.Join(errs...)
}

func dump[T any](all map[string]string, kind string, objects iter.Seq2[string, *T]) error {
	for id, o := range objects {
		raw, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("reading %s %s: %w", kind, id, err)
		}
		all[kind+" "+id] = string(raw)
	}
	return nil
}

// Assignments are the role assignments of an application's service principals, alive or deleted, by id: role and scope.
func (p *InProcess) Assignments(appID string) map[string]string {
	found := map[string]string{}
	p.store.Read(func() {
		for _, sp := range p.store.ServicePrincipals.Each(appID) {
			for id, a := range p.store.RoleAssignments.All() {
				if a.PrincipalID == sp.ID {
					found[id] = a.RoleID + " on " + a.Scope
				}
			}
		}
	})
	return found
}

// IssueCertificate registers a certificate on an application under a name, as somebody would in the portal, and returns its
// key id.
func (p *InProcess) IssueCertificate(appID, name string, cert *x509.Certificate) (keyID string, err error) {
	k := newKey(cert)
	k.DisplayName = &name
	return k.KeyID, p.change(appID, func(a *directory.Application) { a.Keys = append([]directory.Key{k}, a.Keys...) })
}

// IssueSecret adds a secret with a beginning and an end of its own to an application, as somebody has done in the portal, and
// returns its key id and its text.
func (p *InProcess) IssueSecret(appID, name string, start, end time.Time) (keyID, text string, err error) {
	text = newSecretText()
	s := newPassword(text, name, start, end)
	return s.KeyID, text, p.change(appID, func(a *directory.Application) { a.Passwords = append([]directory.Password{s}, a.Passwords...) })
}
