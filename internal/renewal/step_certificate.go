package renewal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/store"
)

// Of the certificates made here: the size of their RSA key, and how long before now they begin, since Microsoft's clock may
// be behind ours.
const (
	keyBits       = 3072
	certificateIn = 5 * time.Minute
)

// makeCertificate makes a key and a certificate for it, and seals them, before anything is asked of Microsoft. Its tag and
// its key id are one.
func makeCertificate(_ context.Context, r *run) (string, error) {
	f, now := &r.op.Facts, r.e.clock.Now().Truncate(time.Second)
	start := now.Add(-certificateIn)
	b, err := r.e.certify("CN="+r.appName(), start, start.Add(r.lifetime()))
	if err != nil {
		return "", err
	}
	id, begins, ends := uuid.NewString(), b.Leaf.NotBefore.UTC(), b.Leaf.NotAfter.UTC()
	if r.a == nil { // an added account comes into being with its first credential
		a := r.newAccount()
		r.op.AccountID = a.ID
		r.put(func(tx *store.Tx) error { return tx.PutAccount(a) })
	}
	c := account.Credential{
		ID: newID("cred"), AccountID: r.op.AccountID, ApplicationID: f.AppID, ApplicationObjectID: f.AppObjectID,
		Kind: account.Certificate, Slot: account.Next, KeyID: id, Tag: r.e.tagPrefix() + id,
		Thumbprint: b.Thumbprint(), Subject: b.Subject(), StartsAt: &begins, ExpiresAt: &ends, AddedAt: now,
	}
	f.Attempts = []account.Attempt{{Tag: c.Tag, KeyID: id, State: account.AttemptMade, At: now}}
	f.CredentialID, f.GoodAnswers, f.Proven, f.ProofSince = c.ID, 0, false, nil
	r.put(func(tx *store.Tx) error { return tx.PutCredential(c) })
	r.put(func(tx *store.Tx) error { return tx.PutMaterial(c.ID, b.PEM()) })
	r.event, r.detail["thumbprint"] = "credential.made", c.Thumbprint
	return fmt.Sprintf("Certificate %s, ends %s", c.Thumbprint, account.Moment(ends)) + r.capped(), nil
}

// addCertificate registers the certificate that was made: signed for by the account's present one, or with a person's
// rights.
func addCertificate(ctx context.Context, r *run) (string, error) {
	t := r.attempt()
	if t.LookCount >= looks {
		return "", fault.New(fault.Unreachable, "Microsoft did not answer %d times when the certificate was to be registered.", t.LookCount).
			WithMeaning("It is not on the application. Nothing was changed.").WithRemedy("Try again later.")
	}
	if t.State = account.AttemptIntended; t.LookCount == 0 {
		t.At = r.e.clock.Now()
	}
	if err := r.intend(ctx); err != nil {
		return "", err
	}
	keyID, err := r.register(ctx, t)
	if err != nil {
		if ctx.Err() == nil && (answerLost(err) || t.LookCount > 0) { // refused the second time: it may be there from the first
			t.State = account.AttemptLost
			return "It may or may not have been done; looking for the certificate", nil
		}
		if ctx.Err() == nil {
			t.State = account.AttemptMade // refused: it was not done
		}
		if graph.IsLifetimeRefused(err) && ctx.Err() == nil {
			return "", r.shorterCertificate(ctx, err)
		}
		if graph.IsProofRefused(err) || graph.IsStaleKeys(err) || graph.IsNotFound(err) && r.op.Facts.MadeApp { // the application itself is too new for this server
			return "", r.stored(r.notYet(err))
		}
		return "", err
	}
	r.registered(t, keyID)
	return "", nil
}

// shorterCertificate has another certificate made that does not last as long as the one that a policy has refused.
func (r *run) shorterCertificate(ctx context.Context, refused error) error {
	client, err := r.graphClient()
	if err != nil {
		return err
	}
	again := r.shorten(ctx, client, refused)
	if _, ok := errors.AsType[*retry](again); ok {
		r.endStep(account.StepFailed, again.Error())
		r.startOver()
	}
	return again
}

// stored makes a retry store the journal.
func (r *run) stored(err error) error {
	if again, ok := errors.AsType[*retry](err); ok {
		again.store = true
	}
	return err
}

// register sends the certificate's public part.
func (r *run) register(ctx context.Context, t *account.Attempt) (keyID string, err error) {
	f := &r.op.Facts
	c := r.a.Credential(f.CredentialID)
	cred, err := r.e.material(ctx, *c)
	if err != nil {
		return "", &storeError{err}
	}
	leaf := cred.Certificate.Leaf
	key := graph.NewKey{KeyID: t.KeyID, DisplayName: t.Tag, DER: leaf.Raw, Start: leaf.NotBefore, End: leaf.NotAfter}
	if !r.op.Params.Own {
		client, err := r.graphClient()
		if err != nil {
			return "", err
		}
		release, err := r.e.writing(ctx, r.tenant(), f.AppObjectID)
		if err != nil {
			return "", err
		}
		defer release()
		return t.KeyID, client.RegisterKey(ctx, f.AppObjectID, key)
	}
	current := r.a.Current()
	if current == nil || current.Kind != account.Certificate {
		return "", fault.New(fault.Conflict, "The account has no certificate any more that could sign for its successor.").WithMeaning("Nothing was changed.")
	}
	client, signed, err := r.proofBy(ctx, current, f.AppObjectID)
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), f.AppObjectID)
	if err != nil {
		return "", err
	}
	defer release()
	return client.AddKey(ctx, f.AppObjectID, key, signed)
}

// registered notes that the certificate is on the application.
func (r *run) registered(t *account.Attempt, keyID string) {
	t.State, t.KeyID = account.AttemptAdded, keyID
	c := r.a.Credential(r.op.Facts.CredentialID)
	c.KeyID = keyID
	kept := *c
	r.put(func(tx *store.Tx) error { return tx.PutCredential(kept) })
	r.event, r.detail["key_id"] = "credential.added", keyID
}

// seekUntil is how long a certificate is looked for before it counts as not there. Sending it again is harmless, since it has
// the same key id; giving it up is not, so that waits for the end of the window.
func (r *run) seekUntil(t *account.Attempt) time.Time {
	switch {
	case r.op.Facts.RollingBack:
		return t.At.Add(r.e.window)
	case r.op.Params.Own:
		return t.At.Add(lookAfter(min(t.LookCount+1, looks-1), r.e.window))
	}
	// A person sees the application itself, as the server that answers has it: the next looks are further apart.
	return t.At.Add(lookAfter(min(t.LookCount, looks-1), r.e.window))
}

// findCertificate finds out whether a certificate was registered though the answer was lost: a person looks for it on the
// application, the account tries it.
func findCertificate(ctx context.Context, r *run) (string, error) {
	t, c := r.attempt(), r.a.Credential(r.op.Facts.CredentialID)
	there, keyID, err := r.certificateThere(ctx, c)
	switch {
	case err != nil:
		return "", err
	case there:
		r.registered(t, keyID)
		return "Found", nil
	}
	if now := r.e.clock.Now(); now.Before(r.seekUntil(t)) {
		return "", retryIn(min(max(2*time.Second, now.Sub(t.At)/4), 15*time.Second), "It is not there yet; looking again")
	}
	t.State = account.AttemptMade
	t.LookCount++
	return "It is not there", nil
}

func (r *run) certificateThere(ctx context.Context, c *account.Credential) (there bool, keyID string, err error) {
	if r.op.Params.Own {
		_, _, err := r.ownToken(r.tenant(), *c, r.conn.cloud.ManagementScope)(ctx)
		if err != nil && entra.Unreplicated(err) {
			return false, "", nil
		}
		return err == nil, c.KeyID, err
	}
	client, err := r.graphClient()
	if err != nil {
		return false, "", err
	}
	app, err := client.Application(ctx, r.op.Facts.AppID)
	switch {
	case graph.IsNotFound(err) && r.op.Facts.MadeApp:
		return false, "", nil // the application itself is too new for this server
	case err != nil:
		return false, "", err
	}
	i := slices.IndexFunc(app.Keys, func(k graph.Key) bool { return k.KeyID == c.KeyID || strings.EqualFold(k.Thumbprint, c.Thumbprint) })
	if i < 0 {
		return false, "", nil
	}
	return true, app.Keys[i].KeyID, nil
}

// takeBackCertificate removes a certificate that this operation has registered and that is not used.
func takeBackCertificate(ctx context.Context, r *run) (string, error) {
	t, c := r.attempt(), r.a.Credential(r.op.Facts.CredentialID)
	var how removal
	var err error
	if r.op.Params.Own {
		how, err = r.removeCertificate(ctx, c)
	} else {
		how, err = r.unregister(ctx, r.op.Facts.AppObjectID, t.KeyID, t.At)
	}
	if err != nil {
		return "", err
	}
	r.event, r.detail["key_id"] = "credential.removed", t.KeyID
	t.State = account.AttemptRemoved
	r.dropAfter(how, c)
	return "", nil
}

// dropCertificate forgets a certificate that never left.
func dropCertificate(_ context.Context, r *run) (string, error) {
	r.attempt().State = account.AttemptRemoved
	if c := r.a.Credential(r.op.Facts.CredentialID); c != nil && c.Slot == account.Next {
		r.drop(c)
	}
	return "", nil
}
