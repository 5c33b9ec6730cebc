package renewal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// addSecret adds a secret. Its tag is in the journal before the call, so that it is found again if the answer is lost;
// the answer is sealed and stored in the same transaction as the end of the step.
func addSecret(ctx context.Context, r *run) (string, error) {
	f, now := &r.op.Facts, r.e.clock.Now().Truncate(time.Second)
	tag := r.e.newTag()
	f.Attempts = append(f.Attempts, account.Attempt{Tag: tag, State: account.AttemptIntended, At: now})
	if err := r.intend(ctx); err != nil {
		return "", err
	}
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), f.AppObjectID)
	if err != nil {
		return "", err
	}
	pw, text, err := client.AddPassword(ctx, f.AppObjectID, tag, now, now.Add(r.lifetime()))
	release()
	attempt := &f.Attempts[len(f.Attempts)-1]
	if err != nil {
		if answerLost(err) && ctx.Err() == nil {
			attempt.State = account.AttemptLost
			return "The answer was lost; looking for the secret by its tag", nil
		}
		if ctx.Err() == nil {
			f.Attempts = f.Attempts[:len(f.Attempts)-1] // refused: it was not done
		}
		if again := r.overruled(ctx, client, err); again != nil {
			return "", again
		}
		if graph.IsNotFound(err) && f.MadeApp {
			return "", r.stored(r.notYet(err)) // the application itself is too new for this server
		}
		return "", err
	}
	attempt.State, attempt.KeyID = account.AttemptAdded, pw.KeyID
	return r.keepNext(pw, text.Hint(), func(tx *store.Tx, id string) error { return tx.PutMaterial(id, text) }, tag)
}

// keepNext records the new secret as the account's next credential; an added account comes into being with it.
func (r *run) keepNext(pw graph.Password, hint string, seal func(*store.Tx, string) error, tag string) (string, error) {
	f := &r.op.Facts
	end, start := pw.End, pw.Start
	if pw.Hint != "" {
		hint = pw.Hint
	}
	c := account.Credential{
		ID: newID("cred"), AccountID: r.op.AccountID, ApplicationID: f.AppID, ApplicationObjectID: f.AppObjectID,
		Kind: account.Secret, Slot: account.Next, KeyID: pw.KeyID, Tag: tag, Hint: hint,
		StartsAt: &start, ExpiresAt: &end, AddedAt: r.e.clock.Now(),
	}
	if r.a == nil {
		a := r.newAccount()
		c.AccountID, r.op.AccountID = a.ID, a.ID
		r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	}
	f.CredentialID, f.GoodAnswers, f.Proven, f.ProofSince = c.ID, 0, false, nil
	r.put(func(tx *store.Tx) error { return tx.PutCredential(c) })
	r.put(func(tx *store.Tx) error { return seal(tx, c.ID) })
	r.event, r.detail["key_id"] = "credential.added", pw.KeyID
	return fmt.Sprintf("Secret %s…, ends %s", hint, account.Moment(end)) + r.capped(), nil
}

// lifetime is that of the new credential: what was asked for, or what the account's policy says, but no more than the tenant
// allows.
func (r *run) lifetime() time.Duration {
	if most := time.Duration(r.op.Facts.Cap); most > 0 {
		return min(most, r.wantedLifetime())
	}
	return r.wantedLifetime()
}

func (r *run) wantedLifetime() time.Duration {
	switch {
	case r.op.Params.Lifetime != nil:
		return time.Duration(*r.op.Params.Lifetime)
	case r.a != nil && r.a.Policy.Lifetime > 0:
		return time.Duration(r.a.Policy.Lifetime)
	}
	return account.DefaultLifetime
}

// answerLost reports whether a write may have been done although it failed: no answer, or one from a server that broke.
// Everything that Microsoft refuses with a 4xx, throttling included, was not done; and without a token nothing was sent.
func answerLost(err error) bool {
	if _, ok := errors.AsType[*entra.Error](err); ok {
		return false
	}
	status := 0
	if e, ok := errors.AsType[*graph.Error](err); ok {
		status = e.Status
	} else if e, ok := errors.AsType[*arm.Error](err); ok {
		status = e.Status
	} else if _, ok := errors.AsType[*fault.Error](err); ok {
		return false // said by us
	}
	return status == 0 || status == http.StatusRequestTimeout || status >= 500
}

// notYet is a retry for what Entra's servers do not all know yet, and the error itself once the window is over.
func (r *run) notYet(err error) error {
	s := r.openStep()
	if s == nil || r.e.clock.Now().Sub(s.StartedAt) > r.e.window {
		return err
	}
	return retryIn(replicationPause(r.e.clock.Now().Sub(s.StartedAt)), "Not all of Microsoft's servers know it yet; waiting")
}

// replicationPause is the wait before something is asked again that servers do not all know yet, after it has been waited for so
// long: as long again, so that a few questions do, but no more than a person at the screen would wait for. Entra takes many
// requests of a kind within seconds for a client that runs in circles (AADSTS50196).
func replicationPause(waited time.Duration) time.Duration {
	return min(max(2*time.Second, waited), 15*time.Second)
}

func (r *run) attempt() *account.Attempt {
	for i := range r.op.Facts.Attempts {
		if t := &r.op.Facts.Attempts[i]; t.Tag == r.act.Target {
			return t
		}
	}
	return &account.Attempt{}
}

// findSecret looks for a secret whose answer was lost, by its tag.
func findSecret(ctx context.Context, r *run) (string, error) {
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	t := r.attempt()
	app, err := client.Application(ctx, r.op.Facts.AppID)
	if err != nil && !graph.IsNotFound(err) {
		return "", err
	}
	if err == nil {
		for _, pw := range app.Passwords {
			if pw.DisplayName == t.Tag {
				t.State, t.KeyID = account.AttemptFound, pw.KeyID
				return "Found: it is removed and added anew, because its value was lost with the answer", nil
			}
		}
	}
	t.State = account.AttemptLost
	t.LookCount++
	return "It is not there", nil
}

// removeSecret removes a secret that this operation added.
func removeSecret(ctx context.Context, r *run) (string, error) {
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	t := r.attempt()
	removal, err := r.removeKey(ctx, client, r.op.Facts.AppObjectID, t.KeyID)
	if err != nil {
		return "", err
	}
	t.State = account.AttemptRemoved
	r.event, r.detail["key_id"] = "credential.removed", t.KeyID
	if r.a == nil {
		return "", nil
	}
	for i := range r.a.Credentials {
		if c := &r.a.Credentials[i]; c.Tag == t.Tag && c.Slot == account.Next {
			r.dropAfter(removal, c)
		}
	}
	return "", nil
}

// removal is what came of the removal of a credential.
type removal int

const (
	removedFrom  removal = iota // it is not on the application any more
	removedWhole                // the application itself is not there: if it comes back, so does the credential
)

// removeKey removes a password from an application; one that is not there is fine.
func (r *run) removeKey(ctx context.Context, client *graph.Client, objectID, keyID string) (removal, error) {
	release, err := r.e.writing(ctx, r.tenant(), objectID)
	if err != nil {
		return removedFrom, err
	}
	defer release()
	return removalOf(client.RemovePassword(ctx, objectID, keyID))
}

func removalOf(err error) (removal, error) {
	switch {
	case graph.IsNoSuchKey(err):
		return removedFrom, nil
	case graph.IsNotFound(err):
		return removedWhole, nil
	}
	return removedFrom, err
}

// dropAfter is drop after a removal. A credential that went with its application is given up without a date: should the
// application be restored, it is an orphan from the first look on.
func (r *run) dropAfter(how removal, c *account.Credential) {
	r.drop(c)
	if how != removedWhole {
		return
	}
	r.event = "credential.given_up"
	c.RemovedAt, c.Note = nil, "Its application was gone when it was to be removed. If that is restored, the next sign-in removes it."
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
}

// drop records that a credential was removed, and forgets its sealed part.
func (r *run) drop(c *account.Credential) {
	now := r.e.clock.Now()
	c.Slot, c.RemovedAt = account.Removed, &now
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.put(func(tx *store.Tx) error { return tx.DropMaterial(kept.ID) })
}

// material reads the secret part of a credential, to authenticate with it.
func (e *Engine) material(ctx context.Context, c account.Credential) (entra.Credential, error) {
	v, err := e.store.Material(ctx, account.System(), c.ID)
	if err != nil {
		return entra.Credential{}, err
	}
	return e.credentialOf(c.Kind, v)
}

// credentialOf makes a secret part ready to authenticate with.
func (e *Engine) credentialOf(kind account.Kind, v secret.Value) (entra.Credential, error) {
	if kind != account.Certificate {
		return entra.Credential{Secret: v}, nil
	}
	b, err := e.bundle(v)
	return entra.Credential{Certificate: b}, err
}

// bundleMemory is how long a certificate that was read is kept ready to sign with: reading it checks its key, and a renewal needs
// it at each of a dozen steps.
const bundleMemory = 5 * time.Minute

// bundle reads a certificate with its key out of what is sealed. It is not to be changed.
func (e *Engine) bundle(material secret.Value) (*certificate.Bundle, error) {
	key, now := sha256.Sum256([]byte(material.Reveal())), e.clock.Now()
	if b, ok := e.bundles.Get(key, now); ok {
		return b, nil
	}
	b, err := certificate.ReadPEM(material)
	if err == nil {
		e.bundles.Put(key, b, now)
	}
	return b, err
}

// tryCurrent finds out whether the credential that Evercred holds still works after a restoration.
func tryCurrent(ctx context.Context, r *run) (string, error) {
	c := r.a.Current()
	r.op.Facts.TriedCurrent = true
	if c == nil || c.ApplicationID != r.op.Facts.AppID || c.Expired(r.e.clock.Now()) {
		return "There is none that could work", nil
	}
	_, _, err := r.ownToken(r.tenant(), *c, r.conn.cloud.ManagementScope)(ctx)
	if err == nil {
		r.op.Facts.CurrentWorks = true
		return "It works; nothing new is needed", nil
	}
	if f, ok := entraCode(err); ok && (f == 700016 || f == 7000229) {
		if again := r.notYet(err); again != err { //nolint:errorlint // notYet returns the very error when it gives up
			r.op.Facts.TriedCurrent = false
			return "", again
		}
	}
	if azure.Transient(err) {
		r.op.Facts.TriedCurrent = false
		return "", err
	}
	return "It does not work: " + explain(err).Message, nil
}
