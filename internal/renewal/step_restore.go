package renewal

import (
	"context"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/graph"
)

func restorePrincipal(ctx context.Context, r *run) (string, error) {
	if err := r.restore(ctx, r.op.Facts.SPObjectID, func(c *graph.Client) error {
		_, err := c.ServicePrincipal(ctx, r.op.Facts.AppID)
		return err
	}); err != nil {
		return "", err
	}
	r.op.Facts.SPRestored, r.op.Facts.SPState = true, account.AppAlive
	r.event = "service_principal.restored"
	return "Same id, same role assignments", nil
}

func restoreApp(ctx context.Context, r *run) (string, error) {
	if err := r.restore(ctx, r.op.Facts.AppObjectID, func(c *graph.Client) error {
		_, err := c.Application(ctx, r.op.Facts.AppID)
		return err
	}); err != nil {
		return "", err
	}
	r.op.Facts.AppRestored = true
	r.event = "application.restored"
	return "Same ids, same credentials", nil
}

// restore restores a deleted object. One that is not among the deleted may have been restored by a call whose answer
// was lost: then it is there.
func (r *run) restore(ctx context.Context, objectID string, isThere func(*graph.Client) error) error {
	client, err := r.graphClient()
	if err != nil {
		return err
	}
	release, err := r.e.writing(ctx, r.tenant(), r.op.Facts.AppObjectID)
	if err != nil {
		return err
	}
	defer release()
	err = client.Restore(ctx, objectID)
	if graph.IsNotFound(err) && isThere(client) == nil {
		return nil
	}
	return err
}
