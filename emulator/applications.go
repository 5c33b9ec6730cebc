package emulator

import (
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/seed"
)

// DRApplicationID is a client id that no application of the tenant has: the one of the demo's account backup-dr, whose
// application is gone for good.
const DRApplicationID = seed.DRApplicationID

// SeededApplication is an application that is in the tenant from the start.
type SeededApplication struct {
	Name, AppID, ObjectID, ServicePrincipalID string
}

// Applications returns those of the demo's accounts: backup-prod, backup-dev, backup-archive (soft-deleted three days
// before the first start), backup-cert and backup-sql (without Key Vault Crypto Officer on the second subscription).
func (s *Server) Applications() []SeededApplication {
	var list []SeededApplication
	for _, a := range seed.Applications() {
		list = append(list, SeededApplication(a))
	}
	return list
}

// IssueSecret adds a client secret to an application, as a person does in the portal. start and end are on the
// emulator's clock. It works on a soft-deleted application too, for secrets older than its deletion.
func (s *Server) IssueSecret(appID, displayName string, start, end time.Time) (keyID, secretText string, err error) {
	text := newSecretText()
	p := newPassword(text, displayName, start, end)
	err = s.change(appID, func(a *directory.Application) {
		a.Passwords = append([]directory.Password{p}, a.Passwords...)
	})
	if err != nil {
		return "", "", fmt.Errorf("issuing a secret of application %s: %w", appID, err)
	}
	return p.KeyID, text, nil
}

// IssueCertificate adds a certificate to an application, as a person does in the portal.
func (s *Server) IssueCertificate(appID string, cert *x509.Certificate) (keyID string, err error) {
	k := newKey(cert)
	err = s.change(appID, func(a *directory.Application) { a.Keys = append([]directory.Key{k}, a.Keys...) })
	if err != nil {
		return "", fmt.Errorf("adding a certificate to application %s: %w", appID, err)
	}
	return k.KeyID, nil
}

func (s *Server) change(appID string, f func(*directory.Application)) error {
	return s.store.Write(func() error {
		a, ok := s.store.Applications.Find(appID)
		if !ok {
			return fmt.Errorf("there is no application %q", appID)
		}
		next := *a
		f(&next)
		s.store.Applications.Put(a.ID, &next)
		return nil
	})
}

// newSecretText makes a client secret as Entra does since 2021: forty characters, three random, a digit, "Q~", the rest
// random.
func newSecretText() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
	random := make([]byte, 0, 40)
	for buffer := make([]byte, 64); len(random) < cap(random); {
		_, _ = rand.Read(buffer) // never fails, says its documentation
		for _, b := range buffer {
			among := len(letters)
			if len(random) < 3 {
				among = 62 // a secret that begins with - would look like a flag
			}
			if int(b) < 3*among && len(random) < cap(random) { // the rest would favour the first letters
				random = append(random, letters[int(b)%among])
			}
		}
	}
	copy(random[3:], []byte{'0' + random[3]%10, 'Q', '~'})
	return string(random)
}

func newPassword(text, displayName string, start, end time.Time) directory.Password {
	hint := text[:3]
	return directory.Password{
		KeyID: uuid.NewString(), DisplayName: &displayName, Hint: &hint, Hash: directory.HashSecret(text),
		Start: start.UTC(), End: end.UTC(),
	}
}

// newKey is a certificate as Graph keeps it: by upper-case thumbprint, named by its subject (Microsoft Graph,
// keyCredential; recorded answers of 2025-04).
func newKey(cert *x509.Certificate) directory.Key {
	thumbprint := strings.ToUpper(fmt.Sprintf("%x", sha1.Sum(cert.Raw)))
	subject := cert.Subject.String()
	return directory.Key{
		KeyID: uuid.NewString(), DisplayName: &subject, CustomID: &thumbprint, Type: "AsymmetricX509Cert", Usage: "Verify",
		DER: cert.Raw, Start: cert.NotBefore.UTC(), End: cert.NotAfter.UTC(),
	}
}
