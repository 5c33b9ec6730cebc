package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/graph"
)

// looksIn is how many of the looks within a window fall within a time.
func looksIn(d, window time.Duration) int {
	n := 0
	for n < looks && lookAfter(n, window) <= d {
		n++
	}
	return n
}

// lostApp is the creation the present action is about.
func (r *run) lostApp() *account.Attempt {
	for i := range r.op.Facts.LostApps {
		if t := &r.op.Facts.LostApps[i]; t.Tag == r.act.Target {
			return t
		}
	}
	return &account.Attempt{}
}

// findLostApp looks once more for an application whose creation was not answered, by its tag.
func findLostApp(ctx context.Context, r *run) (string, error) {
	t := r.lostApp()
	app, err := r.taggedApp(ctx, t.Tag)
	if err != nil {
		return "", err
	}
	if app != nil {
		t.State, t.KeyID = account.AttemptFound, app.ObjectID
		return "Found: it is deleted, because it is not used", nil
	}
	t.LookCount++
	return "It is not there", nil
}

// deleteLostApp deletes an application that was made without an answer and that is not used.
func deleteLostApp(ctx context.Context, r *run) (string, error) {
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	t := r.lostApp()
	release, err := r.e.writing(ctx, r.tenant(), t.KeyID)
	if err != nil {
		return "", err
	}
	defer release()
	if err := client.DeleteApplication(ctx, t.KeyID); err != nil && !graph.IsNotFound(err) {
		return "", err
	}
	if err := client.PurgeDeleted(ctx, t.KeyID); err != nil && !graph.IsNotFound(err) {
		r.log(ctx, err) // it is deleted; Entra forgets it by itself after 30 days
	}
	t.State = account.AttemptRemoved
	r.event, r.detail["tag"] = "application.deleted", t.Tag
	return "", nil
}
