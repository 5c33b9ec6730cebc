package account

import (
	"time"

	"github.com/evercred/evercred/internal/fault"
)

// Action is what a person can do with an account.
type Action string

// The actions.
const (
	ActRenew              Action = "renew"
	ActRecreate           Action = "recreate"
	ActConnectSecret      Action = "connect_secret"
	ActConnectCertificate Action = "connect_certificate"
	ActCheck              Action = "check"
	ActCheckSignIn        Action = "check_sign_in"
	ActReconcile          Action = "reconcile"
	ActGrant              Action = "grant"
	ActRollback           Action = "rollback"
	ActHandOver           Action = "hand_over"
	ActAcknowledge        Action = "acknowledge"
	ActRemove             Action = "remove"
)

// Actions are all actions, in the order in which they are shown.
func Actions() []Action {
	return []Action{
		ActRenew, ActRecreate, ActConnectSecret, ActConnectCertificate, ActCheck, ActCheckSignIn, ActReconcile, ActGrant, ActRollback, ActHandOver, ActAcknowledge, ActRemove,
	}
}

// Offer says whether an action makes sense for an account now. What is offered is accepted when it is asked for. What is
// not offered is refused when it is asked for, unless Reason rests on what was last known, or says that it is done already:
// then it may be tried all the same.
type Offer struct {
	Action  Action
	Offered bool
	Reason  string // why not; empty if it is offered
}

// Refusal is the fault of an action that the account's origin or its credentials rule out at now, whatever its state; else nil.
func Refusal(a *Account, action Action, now time.Time) *fault.Error {
	c := a.Current()
	switch {
	case action == ActRecreate && a.Origin == Existing:
		return fault.New(fault.Refused, "Evercred did not make the application of %s, so it does not re-create it.", a.Name).
			WithMeaning("Nothing was changed.").
			WithRemedy("Point the account at another application: `evercred account connect %s --application-id ID --secret-file FILE`.", a.Name)
	case action == ActRollback:
		return refuseRollback(a, now)
	case action == ActGrant && c == nil:
		return fault.New(fault.Conflict, "%s has no current credential.", a.Name).
			WithMeaning("What it may do in Azure can only be read with its own credential.").WithRemedy("Run `evercred account renew %s`.", a.Name)
	case (action == ActHandOver || action == ActAcknowledge) && c == nil:
		return fault.New(fault.Conflict, "%s has no current credential.", a.Name).
			WithMeaning("There is nothing to hand over.").WithRemedy("See `evercred account show %s`.", a.Name)
	}
	return nil
}

// OffersOf says what can be done with an account now. open are its operations that have not ended.
func OffersOf(a *Account, now time.Time, open []*Operation) []Offer {
	var out []Offer
	for _, action := range Actions() {
		o := Offer{Action: action, Reason: whyNot(a, action, now, open)}
		o.Offered = o.Reason == ""
		out = append(out, o)
	}
	return out
}

func whyNot(a *Account, action Action, now time.Time, open []*Operation) string {
	if f := Refusal(a, action, now); f != nil {
		return f.Message
	}
	switch action {
	case ActCheck, ActHandOver:
		return ""
	case ActAcknowledge:
		if a.Current().AcknowledgedAt != nil && !anyUnplanned(a, open) {
			return "The hand-over of the current credential is acknowledged already."
		}
		return ""
	}
	for _, op := range open {
		switch {
		case !op.Holds():
		case op.State == OpNeedsSignIn:
			return "An interrupted " + op.Kind.Noun() + " waits for a sign-in; it is finished first."
		case op.State == OpRunning || op.Touched():
			return "A " + op.Kind.Noun() + " is under way."
		}
	}
	return whyNotNow(a, action)
}

// whyNotNow goes by what the last check found of the application.
func whyNotNow(a *Account, action Action) string {
	lost := a.Check != nil && (a.Check.State == AppNotFound || a.Check.State == ServicePrincipalMissing)
	switch {
	case action == ActRenew && lost:
		return "The application was not there at the last check, so nothing can be added to it: re-create it."
	case action == ActGrant && lost:
		return "The application was not there at the last check, so nothing can be granted to it: re-create it."
	case action == ActGrant && a.Check != nil && a.Check.State == Valid && !a.Check.AwaitsGrant() && a.CheckStale() == "" && !a.LeftOver():
		return "Nothing was missing at the last check."
	case action == ActRecreate && a.Check == nil:
		return "It has not been checked whether the application is gone."
	case action == ActRecreate && !lost:
		return "The application was there at the last check."
	case action == ActRollback && a.Former().Slot == Lost:
		return "Its former application was replaced because it was not in the tenant: restore it in Microsoft Entra first."
	}
	return ""
}

// anyUnplanned reports whether a credential is kept for rollback that Evercred made, and for which no removal is planned.
func anyUnplanned(a *Account, open []*Operation) bool {
	for _, c := range a.Retiring() {
		if c.Made() && removalOf(c, open) == nil {
			return true
		}
	}
	return false
}

// Standing is how an account stands at a moment, with what is being done to it and what can be done.
type Standing struct {
	Status
	Operation *Operation       // that has not ended: the one that holds the account, else one that waits for a person; or nil
	Offers    []Offer          // one for each action
	Fates     map[string]*Fate // by credential id; none where nothing will happen
	Steward   bool             // others of its tenant are renewed by its rights; StandingOf does not know that
}

// StandingOf says how an account stands at now. open are its operations that have not ended.
func StandingOf(a *Account, now time.Time, open []*Operation) Standing {
	s := Standing{Operation: shown(open), Offers: OffersOf(a, now, open), Fates: map[string]*Fate{}}
	var waiting *Operation
	for _, op := range open {
		if op.State == OpNeedsSignIn {
			waiting = op
			break
		}
	}
	s.Status = StatusOf(a, now, waiting)
	for i := range a.Credentials {
		c := &a.Credentials[i]
		if f := FateOf(a, c, now, open); f != nil {
			s.Fates[c.ID] = f
		}
	}
	return s
}

// shown is the operation that a person should know of first.
func shown(open []*Operation) *Operation {
	for _, wanted := range []func(*Operation) bool{
		(*Operation).Holds,
		func(o *Operation) bool { return o.State == OpNeedsSignIn },
		func(o *Operation) bool { return !o.Kind.InBackground() && (o.Kind != OpCheck || o.NextAt == nil) },
	} {
		for _, op := range open {
			if wanted(op) {
				return op
			}
		}
	}
	return nil
}
