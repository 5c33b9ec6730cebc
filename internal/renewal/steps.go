package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// stepFunc does one action. Its line is open in the journal when it begins. It does at most one remote write, and leaves in
// the run what is to be stored. It returns what the line says of the outcome.
type stepFunc func(ctx context.Context, r *run) (detail string, err error)

// nature is what a step needs of the journal before it may begin.
type nature int

const (
	// asks: it asks Microsoft for something, or for a change that can be asked for again. Its open line in the journal is all
	// that has to stand there before; that is stored together with the end of the step before it.
	asks nature = iota
	// intends: what a lost answer is found by (a tag, an id) has to be in the journal before the call, so it stores that itself,
	// with intend.
	intends
	// local: it changes nothing but our own store, in the one transaction that ends it.
	local
	// tail: local, and nothing but the journal is changed by it, so that it happens in the transaction of the step before it.
	tail
)

// step is what an action does and how it is told.
type step struct {
	do     stepFunc
	nature nature
	title  func(*run) string // of the journal's line, for people; nil: it has none
}

// says is a title that is always the same.
func says(text string) func(*run) string { return func(*run) string { return text } }

func newSteps() map[Do]step {
	return map[Do]step{
		DoSignIn:    {signIn, asks, signInTitle},
		DoAuthorise: {authorise, asks, func(r *run) string { return "Checking what " + r.op.Facts.Person + " may do" }},

		DoLookUp:           {lookUp, asks, func(r *run) string { return "Looking up application " + r.a.ApplicationID }},
		DoAsk:              {ask, tail, nil},
		DoRestorePrincipal: {restorePrincipal, asks, says("Restoring the service principal")},
		DoRestoreApp:       {restoreApp, asks, says("Restoring the application")},
		DoCreateApp:        {createApp, intends, func(r *run) string { return "Creating application " + r.appName() }},
		DoFindApp:          {findApp, asks, says("Looking for an application whose answer was lost")},
		DoCreatePrincipal:  {createPrincipal, asks, says("Creating the service principal")},
		DoDeleteApp:        {deleteApp, asks, says("Deleting the application")},
		DoFindLostApp:      {findLostApp, asks, says("Looking for an application whose answer was lost")},
		DoDeleteLostApp:    {deleteLostApp, asks, says("Deleting an application that is not used")},

		DoReadPolicy:      {readPolicy, asks, says("Reading the tenant's policy for credentials")},
		DoAddSecret:       {addSecret, intends, func(r *run) string { return "Adding a secret to application " + r.appName() }},
		DoFindSecret:      {findSecret, asks, says("Looking for a secret whose answer was lost")},
		DoRemoveSecret:    {removeSecret, asks, func(r *run) string { return "Removing a secret from application " + r.appName() }},
		DoMakeCertificate: {makeCertificate, asks, says("Making a key and a certificate")},
		DoAddCertificate:  {addCertificate, intends, func(r *run) string { return "Registering the certificate on application " + r.appName() }},
		DoFindCertificate: {findCertificate, asks, says("Looking for a certificate whose answer was lost")},
		DoTakeBackCert:    {takeBackCertificate, asks, func(r *run) string { return "Removing the certificate from application " + r.appName() }},
		DoDropCertificate: {dropCertificate, local, says("Forgetting the certificate that was made")},

		DoFindMissing:  {findMissing, asks, func(r *run) string { return "Finding out what " + r.op.AccountName + " lacks" }},
		DoPutRole:      {putRole, intends, putRoleTitle},
		DoRestoreRole:  {restoreRole, asks, func(r *run) string { return "Giving custom role " + r.customRole().Name + " its former contents" }},
		DoDeleteRole:   {deleteRole, asks, func(r *run) string { return "Deleting custom role " + r.customRole().Name }},
		DoAssignRole:   {assignRole, intends, func(r *run) string { return "Assigning " + r.grant().Role + " on " + r.scopeText(r.grant().Scope) }},
		DoUnassignRole: {unassignRole, asks, func(r *run) string { return "Taking back a role assignment on " + r.grant().Scope }},

		DoProve:    {prove, asks, func(r *run) string { return "Proving the new " + r.newKind().Noun() }},
		DoSwitch:   {switchOver, local, func(r *run) string { return "Switching the account to the new " + r.newKind().Noun() }},
		DoExamine:  {examineOffered, asks, says("Checking what the application may do")},
		DoTakeOver: {takeOver, local, func(r *run) string { return "Pointing the account at application " + r.op.Params.ApplicationID }},

		DoTryCurrent:  {tryCurrent, asks, says("Trying the present credential")},
		DoProveFormer: {proveFormer, asks, func(r *run) string { return "Proving the former " + r.nounOf(r.op.Params.CredentialID) }},
		DoSwitchBack:  {switchBack, local, says("Going back to the former credential")},
		DoProveAgain:  {proveAgain, asks, says("Proving the current credential once more")},
		DoRemoveOld:   {removeOld, asks, func(r *run) string { return "Removing the old " + r.nounOf(r.act.Target) }},
		DoRemoveOrphan: {removeOrphan, asks, func(r *run) string {
			return "Removing a " + r.orphan().Kind.Noun() + " of Evercred's that nobody knows"
		}},

		DoCheck:    {check, asks, says("Checking the account with its own credential")},
		DoReadEnds: {readEnds, asks, says("Reading when the credentials end")},
		DoForget:   {forget, local, says("Removing the account from Evercred")},
		DoWait:     {wait, tail, nil},
		DoClose:    {finish, tail, nil},
	}
}

func signInTitle(r *run) string {
	if r.op.Params.SignInID != "" {
		return "Taking over the sign-in"
	}
	return "Signing in to Microsoft Azure"
}

func putRoleTitle(r *run) string {
	if c := r.customRole(); c.Before != nil {
		return "Changing custom role " + c.Name
	}
	return "Making custom role " + r.customRole().Name
}

// nounOf is what people call a credential of the account.
func (r *run) nounOf(credentialID string) string {
	if r.a != nil {
		if c := r.a.Credential(credentialID); c != nil {
			return c.Kind.Noun()
		}
	}
	return "credential"
}

// begin opens the line of the present action, before its remote call. A line that stands there already, because it was
// announced or because the step is tried again, is intent enough: nothing is stored.
func (r *run) begin(ctx context.Context, s step) error {
	now := r.e.clock.Now()
	r.op.NextAt = nil
	if s.title == nil {
		return nil
	}
	if line := r.openStep(); line != nil {
		if line.Tries == 0 {
			line.StartedAt = now
		}
		line.Title, line.Rights, line.Tries = s.title(r), r.act.Rights, line.Tries+1
		return nil
	}
	r.skipAnnounced(now)
	r.op.Steps = append(r.op.Steps, account.Step{Name: string(r.act.Do), Title: s.title(r), Rights: r.act.Rights, StartedAt: now, Tries: 1})
	if s.nature != asks {
		return nil
	}
	return r.intend(ctx)
}

// intend stores the journal in the middle of a step, before a remote call. An error of the store must not count as a failure
// of the step.
func (r *run) intend(ctx context.Context) error {
	if err := r.e.store.Change(ctx, r.by, r.auditEvent(plainStep), func(tx *store.Tx) error { return tx.PutOperation(r.op) }); err != nil {
		return &storeError{err}
	}
	return nil
}

// announce opens the line of an action that comes next, to be stored with the end of the one before it. What happens before
// the line is begun leaves it with no tries.
func (r *run) announce(next Action) {
	s := r.e.steps[next.Do]
	if s.nature != asks || next.Rights == byPerson && r.session == nil && next.Do != DoSignIn {
		return
	}
	defer func(before Action) { r.act = before }(r.act)
	r.act = next
	r.op.Steps = append(r.op.Steps, account.Step{Name: string(next.Do), Title: s.title(r), Rights: next.Rights, StartedAt: r.e.clock.Now()})
}

// skipAnnounced ends a line that was announced and never begun: something else came between.
func (r *run) skipAnnounced(now time.Time) {
	if n := len(r.op.Steps); n > 0 && r.op.Steps[n-1].Tries == 0 {
		r.skipOpen(now)
	}
}

// skipOpen ends the line that is open, if one is.
func (r *run) skipOpen(now time.Time) {
	if n := len(r.op.Steps); n > 0 && r.op.Steps[n-1].EndedAt == nil {
		r.op.Steps[n-1].EndedAt, r.op.Steps[n-1].Outcome = &now, account.StepSkipped
	}
}

// openStep returns the line of the present action that has no end yet, or nil.
func (r *run) openStep() *account.Step {
	if n := len(r.op.Steps); n > 0 && r.op.Steps[n-1].EndedAt == nil && r.op.Steps[n-1].Name == string(r.act.Do) {
		return &r.op.Steps[n-1]
	}
	return nil
}

func (r *run) endStep(outcome, detail string) {
	if s := r.openStep(); s != nil {
		now := r.e.clock.Now()
		s.EndedAt, s.Outcome, s.Detail = &now, outcome, detail
	}
}
