package renewal

import (
	"context"
	"fmt"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/graph"
)

// ladder is what is tried where a policy caps lifetimes and says not how far: most people may not read it. A refusal changes
// nothing at Microsoft.
var ladder = []time.Duration{365 * day, 180 * day, 90 * day, 60 * day, 30 * day, 14 * day, 7 * day, day} //nolint:gochecknoglobals // a constant list

const day = 24 * time.Hour

// Answers to the question of a tenant that forbids secrets.
const (
	ChoiceCertificate = "certificate"
	ChoiceCancel      = "cancel"
)

// readPolicy reads what the tenant allows for credentials, before the first of a new application is made. Most people may not
// read it: then Microsoft's refusal tells.
func readPolicy(ctx context.Context, r *run) (string, error) {
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	f, now := &r.op.Facts, r.e.clock.Now()
	p, err := client.CredentialPolicy(ctx, f.AppObjectID, now)
	switch {
	case graph.IsForbidden(err), graph.IsNotFound(err):
		f.PolicyRead = true
		return "It may not be read; Microsoft applies it all the same", nil
	case err != nil:
		return "", err
	}
	f.PolicyRead = true
	if p.SecretsForbidden && r.newKind() == account.Secret {
		return r.askForCertificate(), nil
	}
	return r.obeyCap(p), nil
}

// obeyCap takes over the cap on lifetimes from a policy, and says so where it shortens anything.
func (r *run) obeyCap(p graph.CredentialPolicy) string {
	most := p.SecretLifetime
	if r.newKind() == account.Certificate {
		most = p.CertificateLifetime
	}
	if most <= 0 || most >= r.lifetime() {
		return "It allows what is wanted"
	}
	wanted := r.lifetime()
	r.op.Facts.Cap = account.Duration(most)
	return fmt.Sprintf("It allows %s at most; %s were wanted", account.Span(most), account.Span(wanted))
}

// overruled answers a refusal by a policy: a shorter lifetime, or the question whether a certificate will do. It returns nil for
// any other error.
func (r *run) overruled(ctx context.Context, client *graph.Client, err error) error {
	switch {
	case graph.IsLifetimeRefused(err):
		return r.shorten(ctx, client, err)
	case graph.IsSecretsForbidden(err) && r.act.Rights == byPerson:
		return &asked{r.askForCertificate()}
	case graph.IsSecretsForbidden(err):
		f := explain(err)
		f.Remedy = "Give the account a certificate: `evercred account renew " + r.op.AccountName + " --certificate`. It renews itself from then on."
		return f
	}
	return nil
}

// asked is returned by a step that asks a person something instead of going on.
type asked struct{ why string }

func (a *asked) Error() string { return a.why }

// askForCertificate puts the question of a tenant that forbids secrets.
func (r *run) askForCertificate() string {
	const why = "A policy of the tenant forbids secrets on this application"
	r.op.State = account.OpWaitingChoice
	r.op.Choice = &account.Choice{
		Question: why + ". A certificate can take the place of the secret: Evercred makes it, and it renews itself from then on.",
		Options:  []string{ChoiceCertificate, ChoiceCancel},
		Hint:     "The software that uses " + r.op.AccountName + " must be able to sign in with a certificate.",
	}
	return why + "; a certificate is offered"
}

// shorten sets the lifetime that is tried next: what the policy says where it can be read, else the next shorter one of the
// ladder. It returns the retry, or the refusal where nothing shorter is left.
func (r *run) shorten(ctx context.Context, client *graph.Client, refused error) error {
	f, had := &r.op.Facts, r.lifetime()
	next := time.Duration(0)
	if f.Cap == 0 {
		p, err := client.CredentialPolicy(ctx, f.AppObjectID, r.e.clock.Now())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			next = p.SecretLifetime
			if r.newKind() == account.Certificate {
				next = p.CertificateLifetime
			}
		}
	}
	if next <= 0 || next >= had {
		next = 0
		for _, step := range ladder {
			if step < had {
				next = step
				break
			}
		}
	}
	if next == 0 {
		return refused
	}
	f.Cap = account.Duration(next)
	again := retryIn(0, "A policy of the tenant does not allow "+account.Span(had)+"; trying "+account.Span(next))
	again.store = true
	return again
}

// capped says that a lifetime was shortened.
func (r *run) capped() string {
	if r.op.Facts.Cap == 0 {
		return ""
	}
	return "; a policy of the tenant does not allow more than " + account.Span(time.Duration(r.op.Facts.Cap))
}

// startOver gives up a certificate that was made and not registered, so that another one is made.
func (r *run) startOver() {
	f := &r.op.Facts
	if c := r.a.Credential(f.CredentialID); c != nil && c.Slot == account.Next {
		r.drop(c)
	}
	f.Attempts, f.CredentialID = nil, ""
}

// answer takes a person's answer to an operation's question.
func answer(op *account.Operation, option string) {
	switch option {
	case ChoiceCertificate:
		op.Params.Kind = account.Certificate
		op.Facts.Former, op.Facts.Attempts = append(op.Facts.Former, op.Facts.Attempts...), nil // looked for once more at the end
		op.Facts.Cap, op.Facts.PolicyRead = 0, false                                            // certificates have a cap of their own
	default:
		op.Params.Choice = option
		op.Facts.AppLookedUp = false // look again: it may have taken days to answer
	}
	op.State, op.Choice = account.OpRunning, nil
}
