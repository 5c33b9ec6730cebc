package renewal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
)

// softDeletedFor is how long Entra keeps a deleted application restorable (Microsoft Graph, deleted items).
const softDeletedFor = 30 * 24 * time.Hour

func (r *run) appName() string { return r.op.AccountName }

// lookUp finds out what is left of the application: only a person's Graph token can tell.
func lookUp(ctx context.Context, r *run) (string, error) {
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	f, detail := &r.op.Facts, ""
	f.AppID = r.a.ApplicationID
	app, err := client.Application(ctx, f.AppID)
	switch {
	case graph.IsNotFound(err):
		err = r.lookUpDeleted(ctx, client)
	case err == nil:
		f.AppState, f.AppObjectID = account.AppAlive, app.ObjectID
		r.learn(app)
		if r.op.Kind != account.OpRemove {
			if detail, err = r.reconcile(ctx, app); err != nil {
				return "", err
			}
		}
		if r.op.Kind != account.OpRenew {
			err = r.lookUpPrincipal(ctx, client)
		}
	}
	if err != nil {
		return "", err
	}
	judged, err := r.judge(ctx)
	if err != nil {
		return "", err
	}
	if f.AppLookedUp = true; judged == "" {
		judged = detail
	}
	return judged, r.lendRights(ctx)
}

func (r *run) lookUpDeleted(ctx context.Context, client *graph.Client) error {
	f := &r.op.Facts
	f.AppState = account.AppGone
	app, err := client.DeletedApplication(ctx, f.AppID)
	switch {
	case graph.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	f.AppState, f.AppObjectID, f.AppRestored, f.EndsRead = account.AppSoftDeleted, app.ObjectID, false, false
	if app.DeletedAt != nil {
		until := app.DeletedAt.Add(softDeletedFor)
		f.RestoreUntil = &until
	}
	return r.lookUpPrincipal(ctx, client)
}

func (r *run) lookUpPrincipal(ctx context.Context, client *graph.Client) error {
	f := &r.op.Facts
	sp, err := client.ServicePrincipal(ctx, f.AppID)
	if err == nil {
		f.SPState, f.SPObjectID = account.AppAlive, sp.ObjectID
		return nil
	}
	if !graph.IsNotFound(err) {
		return err
	}
	f.SPState = account.AppGone
	sp, err = client.DeletedServicePrincipal(ctx, f.AppID)
	if err == nil {
		f.SPState, f.SPObjectID, f.SPRestored = account.AppSoftDeleted, sp.ObjectID, false
	} else if graph.IsNotFound(err) {
		err = nil
	}
	return err
}

// judge says whether the operation makes sense for an application in the state that was found.
func (r *run) judge(ctx context.Context) (string, error) {
	f := &r.op.Facts
	switch r.op.Kind {
	case account.OpRenew:
		if f.AppState != account.AppAlive {
			return "", r.notThere()
		}
		return "", nil
	case account.OpRecreate:
		return r.judgeRecreate()
	case account.OpRemove:
		text := map[string]string{account.AppGone: "The application is gone already", account.AppSoftDeleted: "The application is deleted already"}[f.AppState]
		if f.SPObjectID == "" {
			f.SPObjectID = r.a.ServicePrincipalID // role assignments outlive their holder
		}
		if f.SPObjectID == "" {
			return text, nil
		}
		err := r.listGrants(ctx)
		if arm.IsForbidden(err) && f.AppState != account.AppAlive {
			err = nil // the account goes all the same
		}
		return text, err
	}
	return "", nil
}

func (r *run) notThere() error {
	gone := fault.New(fault.Refused, "The application of %s is not in the tenant.", r.op.AccountName)
	switch {
	case r.a.Origin == account.Existing:
		return gone.WithMeaning("A secret can only be added to an application that is there; nothing was changed.").
			WithRemedy("Point the account at another application: `evercred account connect %s --application-id ID --secret-file FILE`.", r.op.AccountName)
	case r.op.Facts.AppState == account.AppSoftDeleted:
		return gone.WithMeaning("It is soft-deleted and can be restored; nothing was changed.").
			WithRemedy("Run `evercred account recreate %s --restore`.", r.op.AccountName)
	}
	return gone.WithMeaning("It was deleted for good; nothing was changed.").
		WithRemedy("Run `evercred account recreate %s --new`.", r.op.AccountName)
}

func (r *run) judgeRecreate() (string, error) {
	f := &r.op.Facts
	switch {
	case f.AppState == account.AppAlive && f.SPState == account.AppAlive && (f.AppRestored || f.SPRestored || f.MadeSP):
		return "It is there again", nil
	case f.AppState == account.AppAlive && f.SPState == account.AppAlive && f.Unanswered:
		r.planGrants(true) // whatever was done without an answer: roles that are assigned stay so
		return "It is there again: what was asked for without an answer was done", nil
	case f.AppState == account.AppAlive && f.SPState == account.AppAlive:
		return "", fault.New(fault.Refused, "The application of %s is there.", r.op.AccountName).
			WithMeaning("Only an application that is gone is re-created; nothing was changed.").
			WithRemedy("For a new secret run `evercred account renew %s`.", r.op.AccountName)
	case f.AppState == account.AppAlive:
		r.planGrants(f.SPState == account.AppGone)
		return "The application is there; its service principal is not", nil
	case f.AppState == account.AppGone && r.op.Params.Choice == ChoiceRestore:
		return "", fault.New(fault.Refused, "The application of %s cannot be restored.", r.op.AccountName).
			WithMeaning("It is not among the deleted applications of the tenant: the 30 days are over, or somebody deleted it for good. Nothing was changed.").
			WithRemedy("Run `evercred account recreate %s --new`.", r.op.AccountName)
	case f.AppState == account.AppSoftDeleted && r.op.Params.Choice != ChoiceNew:
		r.planGrants(f.SPState == account.AppGone)
		return "The application is soft-deleted", nil
	}
	// A new application takes the place of the old one: what was learnt of the old is of no more use.
	text := "The application is gone"
	if f.AppState == account.AppSoftDeleted {
		text = "The application is soft-deleted, and a new one was asked for"
	}
	f.AppState, f.AppID, f.AppObjectID, f.SPObjectID, f.SPState = account.AppGone, "", "", "", ""
	return text, nil
}

// createApp makes the application, with a tag by which it is found if the answer is lost.
func createApp(ctx context.Context, r *run) (string, error) {
	f := &r.op.Facts
	f.AppTag, f.AppSought = r.e.newTag(), false
	if err := r.intend(ctx); err != nil {
		return "", err
	}
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), r.op.AccountName)
	if err != nil {
		return "", err
	}
	app, err := client.CreateApplication(ctx, r.appName(), []string{f.AppTag})
	release()
	if err != nil {
		if answerLost(err) && ctx.Err() == nil {
			return "The answer was lost; looking for the application by its tag", nil
		}
		if ctx.Err() == nil {
			f.AppTag = ""
		}
		return "", err
	}
	r.haveApp(app)
	return "Application " + app.AppID, nil
}

func (r *run) haveApp(app *graph.Application) {
	f := &r.op.Facts
	f.AppID, f.AppObjectID, f.MadeApp, f.AppLookedUp, f.AppState = app.AppID, app.ObjectID, true, true, account.AppAlive
	if r.op.Kind == account.OpRecreate {
		f.AppState = account.AppGone // of the old one: the plan goes on with the new
	}
	r.planGrants(true)
	r.event, r.detail["application_id"] = "application.created", app.AppID
}

// seekFor is how long an application is looked for whose creation was not answered.
const seekFor = 90 * time.Second

// findApp looks for an application whose creation was not answered, and takes it over.
func findApp(ctx context.Context, r *run) (string, error) {
	app, err := r.taggedApp(ctx, r.op.Facts.AppTag)
	if err != nil {
		return "", err
	}
	if app != nil {
		r.haveApp(app)
		return "Found, and taken over", nil
	}
	if s := r.openStep(); r.e.clock.Now().Sub(s.StartedAt) < seekFor {
		return "", retryIn(min(backoff(s.Tries, 0), soon), "It is not there yet; looking again")
	}
	f := &r.op.Facts
	f.AppSought = true
	f.LostApps = append(f.LostApps, account.Attempt{Tag: f.AppTag, State: account.AttemptLost, At: r.openStep().StartedAt, LookCount: looksIn(seekFor, r.e.window)})
	if f.RollingBack {
		f.AppTag = ""
	}
	return "It is not there; a last look follows when all of Microsoft's servers must know it", nil
}

// taggedApp looks for an application by the tag that its creation was given; nil where it is not seen.
func (r *run) taggedApp(ctx context.Context, tag string) (*graph.Application, error) {
	client, err := r.graphClient()
	if err != nil {
		return nil, err
	}
	apps, err := client.ApplicationsNamed(ctx, r.appName())
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(apps, func(a graph.Application) bool { return slices.Contains(a.Tags, tag) }); i >= 0 {
		return &apps[i], nil
	}
	return nil, nil //nolint:nilnil // not seen is no error
}

func createPrincipal(ctx context.Context, r *run) (string, error) {
	f := &r.op.Facts
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), f.AppObjectID)
	if err != nil {
		return "", err
	}
	sp, err := client.CreateServicePrincipal(ctx, f.AppID)
	release()
	if taken, ok := errors.AsType[*graph.Error](err); ok && taken.Status == http.StatusConflict { // an earlier try was done though its answer was lost
		sp, err = client.ServicePrincipal(ctx, f.AppID)
	}
	if err != nil {
		if graph.Unreplicated(err) || graph.IsNotFound(err) {
			return "", r.notYet(err)
		}
		return "", err
	}
	f.SPObjectID, f.SPState, f.MadeSP = sp.ObjectID, account.AppAlive, true
	if !f.MadeApp {
		r.planGrants(true)
	}
	r.event = "service_principal.created"
	return "", nil
}

// deleteApp deletes the application; one that this operation made in vain is deleted for good.
func deleteApp(ctx context.Context, r *run) (string, error) {
	f := &r.op.Facts
	client, err := r.graphClient()
	if err != nil {
		return "", err
	}
	release, err := r.e.writing(ctx, r.tenant(), f.AppObjectID)
	if err != nil {
		return "", err
	}
	defer release()
	if err := client.DeleteApplication(ctx, f.AppObjectID); err != nil && !graph.IsNotFound(err) {
		return "", err
	}
	f.AppDeleted = true
	r.event = "application.deleted"
	if f.RollingBack {
		for _, id := range []string{f.AppObjectID, f.SPObjectID} { // two objects, deleted and purged apart
			if id == "" {
				continue
			}
			if err := client.PurgeDeleted(ctx, id); err != nil && !graph.IsNotFound(err) {
				r.log(ctx, err) // it is deleted; Entra forgets it by itself after 30 days
			}
		}
		for i := range r.op.Facts.Attempts {
			r.op.Facts.Attempts[i].State = account.AttemptRemoved
		}
		r.dropNext()
	}
	return "", nil
}

// dropNext forgets the credential that was not taken into use.
func (r *run) dropNext() {
	if r.a == nil || r.op.Kind == account.OpAdd {
		return // an added account is removed as a whole
	}
	if c := r.a.Credential(r.op.Facts.CredentialID); c != nil && c.Slot == account.Next {
		r.drop(c)
	}
}

// newAccount is the account that an add brings into being.
func (r *run) newAccount() *account.Account {
	f, p := &r.op.Facts, r.op.Params
	a := &account.Account{
		ID: newID("acc"), Name: r.op.AccountName, Description: p.Description, Cloud: r.conn.cloud.Name, TenantID: r.tenant(),
		Origin: account.Created, ApplicationID: f.AppID, ApplicationObjectID: f.AppObjectID, ServicePrincipalID: f.SPObjectID,
		RoleSet: p.RoleSet, Profile: p.Profile, Purposes: p.Purposes, ManagementGroup: p.ManagementGroup, UsedBy: p.UsedBy, CreatedAt: r.e.clock.Now(),
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(r.lifetime()), Automatic: true},
	}
	for _, id := range p.Subscriptions {
		a.Subscriptions = append(a.Subscriptions, account.Subscription{ID: id})
	}
	return a
}
