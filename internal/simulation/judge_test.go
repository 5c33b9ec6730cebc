package simulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/store"
)

// fail tells of a violation.
func (w *world) fail(s *subject, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s != nil {
		text = s.name + ": " + text
	}
	text = time.Now().UTC().Format("2006-01-02 15:04:05") + " " + text
	w.trace("VIOLATION %s", text)
	w.fails = append(w.fails, text)
}

// works reports whether Entra would take a credential now, whatever its replicas know.
func (w *world) works(u use) bool {
	app, found := w.cloud.Look(u.appID)
	return found && !app.Deleted && app.Enabled && u.keyID != "" && !time.Now().Before(app.Begins(u.keyID)) && time.Now().Before(app.Ends(u.keyID))
}

// wrote judges a turn that has written to Graph: nothing of others may be gone, and nothing that was in use.
func (w *world) wrote(s *subject) {
	app, found := w.cloud.Look(s.appID)
	if found {
		for _, id := range s.others {
			if app.Ends(id).IsZero() {
				w.fail(s, "credential %s of somebody else is gone", id)
				s.others = slices.DeleteFunc(s.others, func(o string) bool { return o == id })
			}
		}
	}
	if !w.wire.removes || s.accountID == "" {
		return
	}
	if s.worked && !w.works(s.uses) && time.Now().Before(s.uses.end) && s.uses.appID == s.appID {
		w.fail(s, "what its software uses, %s, was taken away by Evercred", s.uses.keyID)
	}
	a := w.account(s)
	if a == nil || a.Current() == nil {
		return
	}
	now := s.useOf(a.Current())
	if s.didWork && now.credentialID == s.current.credentialID && !w.works(now) && time.Now().Before(now.end) {
		w.fail(s, "the credential in use, %s, was taken away by Evercred", now.keyID)
	}
}

// watch looks whether the account's software gets tokens, and keeps account of the times in which it does not.
func (w *world) watch(s *subject) {
	if s.uses.keyID == "" {
		return
	}
	works := w.works(s.uses)
	s.worked, s.didWork = works, w.works(s.current)
	switch {
	case works && !s.downSince.IsZero():
		w.figures.Down[s.downWhy] += time.Since(s.downSince)
		w.trace("%s: its software gets tokens again", s.name)
		s.downSince, s.downWhy = time.Time{}, ""
	case !works && s.downSince.IsZero():
		s.downSince = time.Now()
		s.downWhy = s.harm
		if s.harm == "" {
			s.downWhy = w.whyEnded(s)
		}
		w.figures.Downs[s.downWhy]++
		w.trace("%s: its software gets no tokens: %s", s.name, s.downWhy)
		w.alarm(s)
	}
}

// alarm lets somebody see to an account whose software gets no tokens, again and again until it does.
func (w *world) alarm(s *subject) {
	w.in(w.between(time.Hour, 36*time.Hour), func() {
		if s.downSince.IsZero() {
			return
		}
		if time.Since(s.downSince) > 60*day {
			w.fail(s, "its software has had no tokens for 60 days: %s", s.downWhy)
			return
		}
		w.mend(s)
		w.alarm(s)
	})
}

// Causes of a time without tokens that nothing could have avoided.
const (
	notSignedIn  = "nobody had signed in early enough"
	notDelivered = "the new credential was not handed over in time"
	forbidden    = "a policy of the tenant forbade it"
)

// inTime is how long before the end somebody must have signed in, for Evercred to be able to do its part.
const inTime = day

// whyEnded says why what the software uses has ended, and fails where that could have been avoided.
func (w *world) whyEnded(s *subject) string {
	a, u := w.account(s), s.uses
	if a == nil {
		return "violation"
	}
	c := a.Current()
	switch {
	case c != nil && c.ID != u.credentialID && (w.works(s.useOf(c)) || c.Expired(time.Now())):
		return notDelivered
	case w.weather.forbade(u.end.Add(-60*day), u.end):
		return forbidden
	case c == nil:
		w.fail(s, "its credential %s has ended, and the account has none", u.keyID)
	case c.ID != u.credentialID:
		w.fail(s, "its credential %s has ended, and the one in use since, %s, does not work", u.keyID, c.KeyID)
	case s.needsPerson(c) && (s.signedIn.Before(u.from) || u.end.Sub(s.signedIn) < inTime):
		return notSignedIn
	case s.needsPerson(c):
		w.fail(s, "its credential %s has ended, though somebody signed in at %s to renew it", u.keyID, s.signedIn.Format(time.DateTime))
	default:
		w.trace("the account: %s", inJSON(a))
		w.fail(s, "its credential %s has ended, and it needed nobody to be renewed", u.keyID)
	}
	return "violation"
}

// needsPerson reports whether a credential of the account can be renewed by a person alone.
func (s *subject) needsPerson(c *account.Credential) bool {
	return s.way == byHand || s.way == rolls && c.Kind != account.Certificate
}

// handed notes that the software was given a credential, which must work.
func (w *world) handed(s *subject, u use) {
	s.uses, s.harm, s.appID = u, w.harmDone(s, u), u.appID
	if s.harm == "" && !w.works(u) && time.Now().Before(u.end) {
		w.fail(s, "credential %s was handed over and does not work", u.keyID)
	}
	w.watch(s)
	w.in(time.Until(u.end)+time.Second, func() { w.watch(s) })
}

// harmDone is the harm that people have done to a credential since it was made.
func (w *world) harmDone(s *subject, u use) string {
	app, found := w.cloud.Look(u.appID)
	switch {
	case s.harm == "":
		return ""
	case found && !app.Deleted && app.Enabled && !app.Ends(u.keyID).IsZero():
		return ""
	}
	return s.harm
}

// audit judges an account after an operation: one credential in use, and no orphan that could have been removed.
func (w *world) audit(s *subject, op *account.Operation) {
	a := w.account(s)
	if a == nil {
		return
	}
	current := 0
	for i := range a.Credentials {
		if a.Credentials[i].Slot == account.Current {
			current++
		}
	}
	if current > 1 || current == 0 && s.harm == "" {
		w.fail(s, "it has %d current credentials", current)
	}
	s.didWork = false
	if c := a.Current(); c != nil {
		s.current = s.useOf(c)
		s.didWork = w.works(s.current)
		if s.appID != c.ApplicationID && op.State == account.OpDone {
			s.appID, s.others = c.ApplicationID, nil // a new application takes the place of one that was deleted
		}
		if !s.didWork && s.harm == "" && !c.Expired(time.Now()) {
			w.fail(s, "the credential in use, %s, does not work", c.KeyID)
		}
	}
	w.lookForOrphans(s, a, op)
}

// lookForOrphans compares what is on the application under Evercred's tag with what the program knows.
func (w *world) lookForOrphans(s *subject, a *account.Account, op *account.Operation) {
	known := map[string]bool{}
	for i := range a.Credentials {
		if c := &a.Credentials[i]; c.Slot == account.Current || c.Slot == account.Next || c.Slot == account.Retiring {
			known[c.KeyID] = true
		}
	}
	open, err := w.store.Operations(w.ctx(), account.System(), store.OperationQuery{AccountID: a.ID, OpenOnly: true})
	if err != nil {
		w.fail(s, "listing its operations: %v", err)
		return
	}
	tags := map[string]bool{}
	for _, o := range open {
		if o.State == account.OpNeedsSignIn && o.ID != op.ID {
			continue // it waits for rights: whoever has them at hand has to see to what it left
		}
		for _, t := range o.Facts.Attempts {
			tags[t.Tag] = true
		}
	}
	app, _ := w.cloud.Look(s.appID)
	if app.Deleted {
		return // nobody can remove anything from it
	}
	for _, c := range app.Credentials {
		if !strings.HasPrefix(c.Name, account.TagPrefix) || known[c.KeyID] || tags[c.Name] {
			delete(s.orphans, c.KeyID)
			continue
		}
		since, seen := s.orphans[c.KeyID]
		if !seen {
			s.orphans[c.KeyID] = time.Now()
			w.figures.Orphans++
			w.trace("%s: %s is an orphan", s.name, c.KeyID)
			continue
		}
		if since.Add(day).Before(op.CreatedAt) && w.couldTidy(op) && w.weather.calmSince(op.CreatedAt) {
			w.trace("its journal: %s", inJSON(op))
			w.trace("the account: %s", inJSON(a))
			w.fail(s, "orphan %s of %s is still there after a %s by somebody who could have removed it", c.KeyID, since.Format(time.DateTime), op.Kind.Noun())
			s.orphans[c.KeyID] = time.Now()
		}
	}
}

// couldTidy reports whether an operation was done with rights to remove credentials and looks for orphans.
func (w *world) couldTidy(op *account.Operation) bool {
	if op.State != account.OpDone || op.Kind != account.OpRenew && op.Kind != account.OpReconcile {
		return false
	}
	return op.Facts.Person == w.cloud.Owner() || op.Params.Actor != ""
}

// countWrites keeps account of the writes to Graph for one renewal: its own, and those in the background since the last.
func (w *world) countWrites(s *subject, op *account.Operation) {
	n := s.writes[op.ID]
	delete(s.writes, op.ID)
	if op.Kind != account.OpRenew || op.State != account.OpDone {
		s.writes[""] += n
		return
	}
	w.figures.Writes = append(w.figures.Writes, n+s.writes[""])
	s.writes[""] = 0
}

func inJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
