package renewal

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/store"
)

// checkNew tells whether an account of this name may be added.
func (e *Engine) checkNew(ctx context.Context, by account.Caller, name, description string) error {
	if err := account.CheckNewName(name); err != nil {
		return err
	}
	if err := account.CheckDescription(description); err != nil {
		return err
	}
	have, err := e.store.Account(ctx, by, name)
	if err == nil {
		return &fault.Error{
			Code: fault.Conflict, Field: "name", Message: "There is already an account " + quote(have.Name) + ".",
			Meaning: "Names are compared without regard to case. Nothing was changed.", Remedy: "Choose another name.",
		}
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	open, err := e.store.Operations(ctx, by, store.OperationQuery{OpenOnly: true})
	if err != nil {
		return err
	}
	for _, op := range open {
		if op.Kind == account.OpAdd && strings.EqualFold(op.AccountName, name) && op.State != account.OpWaitingSignIn {
			return inTheWay(op)
		}
	}
	return nil
}

func (e *Engine) rolesOr(roles []string) []string {
	if len(roles) > 0 {
		return roles
	}
	return e.roles
}

func duration(d *time.Duration) *account.Duration {
	if d == nil {
		return nil
	}
	v := account.Duration(*d)
	return &v
}

// checkKind refuses what Evercred does not make.
func checkKind(k account.Kind) error {
	if k == "" || k == account.Secret || k == account.Certificate {
		return nil
	}
	return fault.BadField("method", "Evercred makes no credential of kind "+quote(string(k))+".", "Use secret or certificate.")
}

// checkPolicy keeps durations within sense: Entra's portal allows a secret at most 24 months.
func checkPolicy(soak, lifetime *time.Duration) error {
	if soak != nil && (*soak < 0 || *soak > 365*24*time.Hour) {
		return fault.BadField("soak", "The soak is out of range: "+account.Span(*soak)+".", "Use 0s to 365 days, e.g. 24h.")
	}
	if lifetime != nil && (*lifetime < time.Hour || *lifetime > 730*24*time.Hour) {
		return fault.BadField("lifetime", "The lifetime is out of range: "+account.Span(*lifetime)+".", "Use one hour to 730 days, e.g. 180d.")
	}
	return nil
}

// guids checks and normalises the ids of subscriptions.
func guids(ids []string) ([]string, error) {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		g, err := guid("subscriptions", id)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

func guid(field, id string) (string, error) {
	text := strings.TrimSpace(id)
	g, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return "", fault.BadField(field, quote(id)+" is not an id.", "An id looks like 8e3af657-a8ff-443c-a75c-2fe8c4bcb635; the Azure portal shows it on the Overview page.")
	}
	return g.String(), nil
}
