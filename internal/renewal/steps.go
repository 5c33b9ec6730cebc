package renewal

import (
	"context"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// stepFunc does one action. Its line is open in the journal when it begins. It does at most one remote write, and leaves in
// the run what is to be stored. It returns what the line says of the outcome.
type stepFunc func(ctx context.Context, r *run) (detail string, err error)

// nature is what a step needs of the journal before it may begin.
type nature int

const (
	// asks: it asks Microsoft for a change that can be asked for again. Its open line in the journal is all that has to stand
	// there before; that is stored together with the end of the step before it.
	asks nature = iota
	// quiet: it changes nothing outside, and can be done again without a trace. Its line in the journal is for people.
	quiet
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
	writes bool              // of one that asks: for a change that may have been made though there was no answer (Facts.Unanswered)
}

// says is a title that is always the same.
func says(text string) func(*run) string { return func(*run) string { return text } }

func newSteps() map[Do]step {
	return map[Do]step{
		DoSignIn:    {do: signIn, title: signInTitle},
		DoAuthorise: {do: authorise, nature: quiet, title: func(r *run) string { return "Checking what " + r.op.Facts.Person + " may do" }},

		DoLookUp:           {do: lookUp, nature: quiet, title: func(r *run) string { return "Looking up application " + r.a.ApplicationID }},
		DoAsk:              {do: ask, nature: tail},
		DoRestorePrincipal: {do: restorePrincipal, title: says("Restoring the service principal"), writes: true},
		DoRestoreApp:       {do: restoreApp, title: says("Restoring the application"), writes: true},
		DoCreateApp:        {do: createApp, nature: intends, title: func(r *run) string { return "Creating application " + r.appName() }},
		DoFindApp:          {do: findApp, nature: quiet, title: says("Looking for an application whose answer was lost")},
		DoCreatePrincipal:  {do: createPrincipal, title: says("Creating the service principal"), writes: true},
		DoDeleteApp:        {do: deleteApp, title: says("Deleting the application"), writes: true},
		DoFindLostApp:      {do: findLostApp, nature: quiet, title: says("Looking for an application whose answer was lost")},
		DoDeleteLostApp:    {do: deleteLostApp, title: says("Deleting an application that is not used")},

		DoReadPolicy:      {do: readPolicy, nature: quiet, title: says("Reading the tenant's policy for credentials")},
		DoAddSecret:       {do: addSecret, nature: intends, title: func(r *run) string { return "Adding a secret to application " + r.appName() }},
		DoFindSecret:      {do: findSecret, nature: quiet, title: says("Looking for a secret whose answer was lost")},
		DoRemoveSecret:    {do: removeSecret, title: func(r *run) string { return "Removing a secret from application " + r.appName() }},
		DoMakeCertificate: {do: makeCertificate, nature: quiet, title: says("Making a key and a certificate")},
		DoAddCertificate:  {do: addCertificate, nature: intends, title: func(r *run) string { return "Registering the certificate on application " + r.appName() }},
		DoFindCertificate: {do: findCertificate, nature: quiet, title: says("Looking for a certificate whose answer was lost")},
		DoTakeBackCert:    {do: takeBackCertificate, title: func(r *run) string { return "Removing the certificate from application " + r.appName() }},
		DoDropCertificate: {do: dropCertificate, nature: local, title: says("Forgetting the certificate that was made")},

		DoFindMissing:  {do: findMissing, nature: quiet, title: func(r *run) string { return "Finding out what " + r.op.AccountName + " lacks" }},
		DoPutRole:      {do: putRole, nature: intends, title: putRoleTitle},
		DoRestoreRole:  {do: restoreRole, title: func(r *run) string { return "Giving custom role " + r.customRole().Name + " its former contents" }},
		DoDeleteRole:   {do: deleteRole, title: func(r *run) string { return "Deleting custom role " + r.customRole().Name }, writes: true},
		DoAssignRole:   {do: assignRole, nature: intends, title: func(r *run) string { return "Assigning " + r.grant().Role + " on " + r.a.ScopeWords(r.grant().Scope) }},
		DoUnassignRole: {do: unassignRole, title: func(r *run) string { return "Taking back a role assignment on " + r.a.ScopeWords(r.grant().Scope) }, writes: true},

		DoProve:    {do: prove, nature: quiet, title: func(r *run) string { return "Proving the new " + r.newKind().Noun() }},
		DoSwitch:   {do: switchOver, nature: local, title: func(r *run) string { return "Switching the account to the new " + r.newKind().Noun() }},
		DoExamine:  {do: examineOffered, nature: quiet, title: says("Checking what the application may do")},
		DoTakeOver: {do: takeOver, nature: local, title: func(r *run) string { return "Pointing the account at application " + r.op.Params.ApplicationID }},

		DoTryCurrent:  {do: tryCurrent, nature: quiet, title: says("Trying the present credential")},
		DoProveFormer: {do: proveFormer, nature: quiet, title: func(r *run) string { return "Proving the former " + r.nounOf(r.op.Params.CredentialID) }},
		DoSwitchBack:  {do: switchBack, nature: local, title: says("Going back to the former credential")},
		DoProveAgain:  {do: proveAgain, nature: quiet, title: says("Proving the current credential once more")},
		DoRemoveOld:   {do: removeOld, title: func(r *run) string { return "Removing the old " + r.nounOf(r.act.Target) }},
		DoRemoveOrphan: {do: removeOrphan, title: func(r *run) string {
			return "Removing a " + r.orphan().Kind.Noun() + " of Evercred's that nobody knows"
		}},

		DoCheck:    {do: check, nature: quiet, title: says("Checking the account with its own credential")},
		DoReadEnds: {do: readEnds, nature: quiet, title: says("Reading when the credentials end")},
		DoForget:   {do: forget, nature: local, title: says("Removing the account from Evercred")},
		DoWait:     {do: wait, nature: tail},
		DoClose:    {do: finish, nature: tail},
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
	r.skipOpen(now) // what was announced and is not next any more, or was broken off
	r.op.Steps = append(r.op.Steps, account.Step{Name: string(r.act.Do), Title: s.title(r), Rights: r.act.Rights, StartedAt: now, Tries: 1})
	if s.nature == asks || s.nature == quiet && !r.op.Kind.InBackground() { // nobody watches what happens in the background
		return r.intend(ctx)
	}
	return nil
}

// intend stores the journal in the middle of a step, before a remote call, with what the steps before it have found. An error
// of the store must not count as a failure of the step.
func (r *run) intend(ctx context.Context) error {
	changed := len(r.puts) > 0
	if err := r.commit(ctx); err != nil {
		return &storeError{err}
	}
	if !changed || r.op.AccountID == "" {
		return nil
	}
	if err := r.loadAccount(ctx); err != nil { // with a certificate that was made a moment ago, for instance
		return &storeError{err}
	}
	return nil
}

// announce opens the line of an action that comes next, to be stored with the end of the one before it. What happens before
// the line is begun leaves it with no tries.
func (r *run) announce(next Action) {
	s := r.e.steps[next.Do]
	if s.nature != asks && s.nature != quiet || next.Rights == byPerson && r.session == nil && next.Do != DoSignIn {
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
	n := len(r.op.Steps)
	if n == 0 || r.op.Steps[n-1].EndedAt != nil {
		return
	}
	line := &r.op.Steps[n-1]
	if line.EndedAt, line.Outcome = &now, account.StepSkipped; line.Tries > 0 {
		line.Detail = "It was broken off"
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
