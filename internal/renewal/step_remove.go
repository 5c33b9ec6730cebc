package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/secret"
)

// removeOld removes a retiring credential that Evercred made.
func removeOld(ctx context.Context, r *run) (string, error) {
	c := r.a.Credential(r.act.Target)
	c.Note = ""
	if r.act.Rights == byNone {
		c.Note = "It ended by itself."
		r.event, r.detail["key_id"] = "credential.removed", c.KeyID
		r.drop(c)
		return c.Note, nil
	}
	other, err := r.usedBy(ctx, c)
	if err != nil {
		return "", err
	}
	if other != "" {
		return "", fault.New(fault.Conflict, "Account %s signs in with the same %s.", other, c.Kind.Noun()).
			WithMeaning("It would stop working. Nothing was removed.").WithRemedy("Renew %s, too: then it is removed.", other)
	}
	var how removal
	if c.Kind == account.Certificate {
		how, err = r.removeCertificate(ctx, c)
	} else {
		var client *graph.Client
		if client, err = r.graphClient(); err == nil {
			how, err = r.removeKey(ctx, client, c.ApplicationObjectID, c.KeyID)
		}
	}
	if err != nil {
		return "", err
	}
	r.event, r.detail["key_id"] = "credential.removed", c.KeyID
	r.dropAfter(how, c)
	return c.Note, nil
}

// ownGraph acts with the rights of the account, by one of its credentials.
func (r *run) ownGraph(c account.Credential) (*graph.Client, error) {
	return graph.New(graph.Config{
		Cloud: r.conn.cloud, Token: r.ownToken(r.tenant(), c, r.conn.cloud.GraphScope), Clock: r.e.clock, Logger: r.e.log,
	})
}

// removeCertificate removes a certificate from its application. A certificate of the account on that application signs for
// it, if need be the very one; without any, a person's rights write the list of the others.
func (r *run) removeCertificate(ctx context.Context, c *account.Credential) (removal, error) {
	objectID := c.ApplicationObjectID
	if objectID == "" && c.ApplicationID == r.a.ApplicationID {
		objectID = r.a.ApplicationObjectID
	}
	signer := r.signer(c)
	if objectID == "" {
		return removedFrom, fault.New(fault.Permission, "The object id of the application is not known, so its certificate cannot be removed.")
	}
	if signer == nil {
		return r.unregister(ctx, objectID, c.KeyID, c.AddedAt)
	}
	client, proof, err := r.proofBy(ctx, signer, objectID)
	if err != nil {
		return removedFrom, err
	}
	release, err := r.e.writing(ctx, r.tenant(), objectID)
	if err != nil {
		return removedFrom, err
	}
	defer release()
	err = client.RemoveKey(ctx, objectID, c.KeyID, proof)
	if signer.ID == c.ID && gone(err) && r.e.clock.Now().Sub(c.AddedAt) > r.e.window {
		return removedFrom, nil // Entra does not know the very certificate that signs: an earlier try was done, or somebody was faster
	}
	if graph.IsProofRefused(err) {
		return removedFrom, r.notYet(err)
	}
	return removalOf(err)
}

// signs reports whether a certificate of the account can sign for the removal of c. None can for that of a secret, which takes
// a permission in Microsoft Graph.
func (r *run) signs(c *account.Credential) bool {
	return c.Kind == account.Certificate && r.signer(c) != nil
}

// signer is a credential of the account that can sign for a change of the certificates of c's application; nil if none can.
func (r *run) signer(c *account.Credential) *account.Credential {
	now := r.e.clock.Now()
	for _, s := range []*account.Credential{r.a.Current(), c} {
		if s != nil && s.Kind == account.Certificate && s.ApplicationID == c.ApplicationID && s.Slot != account.Next && !s.Expired(now) {
			return s
		}
	}
	return nil
}

// proofBy returns a client that acts as the account, and a proof that it holds the key of a certificate.
func (r *run) proofBy(ctx context.Context, c *account.Credential, objectID string) (*graph.Client, secret.Value, error) {
	material, err := r.e.store.Material(ctx, account.System(), c.ID)
	if err != nil {
		return nil, secret.Value{}, &storeError{err}
	}
	b, err := r.e.bundle(material)
	if err != nil {
		return nil, secret.Value{}, err
	}
	signed, err := entra.ProofOfPossession(b, objectID, r.e.clock.Now())
	if err != nil {
		return nil, secret.Value{}, err
	}
	client, err := r.ownGraph(*c)
	return client, signed, err
}

// unregister removes a certificate that was added at a time with the rights of the present action, by writing the list of the
// others. While servers may lag, one that none of them shows is no proof that it is not there.
func (r *run) unregister(ctx context.Context, objectID, keyID string, added time.Time) (removal, error) {
	client, err := r.graphClient()
	if err != nil {
		return removedFrom, err
	}
	release, err := r.e.writing(ctx, r.tenant(), objectID)
	if err != nil {
		return removedFrom, err
	}
	defer release()
	there, err := client.UnregisterKey(ctx, objectID, keyID)
	switch {
	case graph.IsStaleKeys(err):
		return removedFrom, r.notYet(err)
	case err == nil && !there && r.e.clock.Now().Sub(added) < r.e.window:
		return removedFrom, retryIn(replicationPause(r.e.clock.Now().Sub(added)), "No server shows it yet; looking again")
	}
	return removalOf(err)
}

// usedBy names another account that signs in with the same credential of the application; empty if none does.
func (r *run) usedBy(ctx context.Context, c *account.Credential) (string, error) {
	others, err := r.e.store.AccountsUsing(ctx, account.System(), c.ApplicationID, r.op.AccountID)
	if err != nil {
		return "", &storeError{err}
	}
	for _, a := range others {
		own := a.Current()
		if own == nil || own.ApplicationID != c.ApplicationID || own.Kind != c.Kind {
			continue
		}
		same, err := r.sameMaterial(ctx, own, c)
		if err != nil {
			return "", err
		}
		if same || own.KeyID != "" && own.KeyID == c.KeyID {
			return a.Name, nil
		}
	}
	return "", nil
}

// sameMaterial compares the secret parts of two credentials. Of one that has none nothing is known.
func (r *run) sameMaterial(ctx context.Context, one, other *account.Credential) (bool, error) {
	if one.KeyID != "" && other.KeyID != "" {
		return false, nil // their key ids tell
	}
	a, err := r.e.store.Material(ctx, account.System(), one.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, &storeError{err}
	}
	b, err := r.e.store.Material(ctx, account.System(), other.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, &storeError{err}
	}
	return a.Equal(b), nil
}
