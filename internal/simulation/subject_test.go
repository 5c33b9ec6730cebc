package simulation

import (
	"fmt"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// way is who renews an account.
type way int

const (
	byHand     way = iota // a person, with a device code, before the end of a secret or, badly, after it
	rolls                 // the account's certificate signs for its successor
	ownsItself            // the account's application owns itself and has Application.ReadWrite.OwnedBy
)

// subject is one account, and what the world knows of it that the program does not.
type subject struct {
	name     string
	way      way
	created  bool // Evercred makes its application; else somebody did
	lifetime time.Duration

	accountID string
	appID     string
	others    []string             // key ids of credentials that somebody else has put on the application
	driving   map[string]time.Time // operations, by when their next turn is
	writes    map[string]int       // to Graph, by operation; those of operations in the background under ""
	plans     int                  // counts the plans of its administrator: an older one is off

	uses      use       // the credential that the software which uses the account was given last
	worked    bool      // it worked when it was last looked at
	current   use       // the credential that the program has in use, as last read
	didWork   bool      // it worked when it was last looked at
	harm      string    // what people did to it, until its software has a new credential
	downSince time.Time // zero: its software gets tokens
	downWhy   string
	signedIn  time.Time // when a person with rights last signed in for it
	orphans   map[string]time.Time
}

// use is a credential that somebody signs in with.
type use struct {
	credentialID string
	appID, keyID string
	from         time.Time // when it was begun to be used
	end          time.Time
}

func (w *world) newSubject(i int) *subject {
	s := &subject{
		name: fmt.Sprintf("account-%04d", i), created: w.often(0.5), driving: map[string]time.Time{}, writes: map[string]int{},
		lifetime: []time.Duration{180 * day, year, year, 2 * year}[w.chance.IntN(4)], orphans: map[string]time.Time{},
	}
	switch draw := w.chance.Float64(); {
	case draw < 0.4:
		s.way = rolls
	case draw < 0.6:
		s.way = ownsItself
	}
	w.in(w.between(time.Minute, 7*day), func() { w.establish(s) })
	for t := w.between(0, 3*year); t < time.Until(w.end); t += w.between(day, 6*year) {
		w.in(t, func() { w.misfortune(s) })
	}
	for t := w.between(day, 60*day); t < time.Until(w.end); t += w.between(60*day, 120*day) {
		w.in(t, func() { w.checkUp(s) })
	}
	return s
}

func administrator() account.Caller { return account.Caller{Name: "administrator", Via: "simulation"} }

// establish makes the account known to the program.
func (w *world) establish(s *subject) {
	var op *account.Operation
	err := w.call(func() (err error) {
		if s.created {
			op, err = w.engine.Add(w.ctx(), administrator(), renewal.AddRequest{
				Name: s.name, TenantID: w.cloud.TenantID(), Subscriptions: []string{w.cloud.SubscriptionID()}, Lifetime: &s.lifetime,
			})
			return err
		}
		if s.appID == "" {
			if s.appID, err = w.cloud.Register(s.name); err != nil {
				return err
			}
		}
		now := time.Now()
		keyID, text, err := w.cloud.AddSecret(s.appID, "of the portal", s.lifetime)
		if err != nil {
			return err
		}
		end := now.Add(s.lifetime).Truncate(time.Second)
		s.uses = use{appID: s.appID, keyID: keyID, from: now, end: end}
		pass(time.Hour) // all of Microsoft's servers know it
		op, err = w.engine.AddExisting(w.ctx(), administrator(), renewal.ConnectRequest{
			Name: s.name, TenantID: w.cloud.TenantID(), ApplicationID: s.appID, Secret: secret.New(text), ExpiresAt: &end,
			Subscriptions: []string{w.cloud.SubscriptionID()},
		})
		return err
	})
	if err != nil {
		w.trace("%s: not established: %v", s.name, err)
		w.in(w.between(time.Hour, day), func() { w.establish(s) })
		return
	}
	w.begun(s, op)
}

// established follows the creation of the account.
func (w *world) established(s *subject, op *account.Operation) {
	if op.State != account.OpDone {
		w.in(w.between(time.Hour, day), func() { w.establish(s) })
		return
	}
	s.accountID = op.AccountID
	w.of[s.accountID] = s
	a := w.account(s)
	if a == nil {
		return
	}
	s.appID = a.ApplicationID
	a.Policy.Lifetime, a.Policy.Automatic = account.Duration(s.lifetime), s.way != byHand
	what := store.Event{Action: "account.changed", AccountID: a.ID, AccountName: a.Name}
	if err := w.store.Change(w.ctx(), administrator(), what, func(tx *store.Tx) error { return tx.PutAccount(a) }); err != nil {
		w.t.Fatal(err)
	}
	if w.often(0.3) {
		keyID, _, err := w.cloud.AddSecret(s.appID, "of somebody else", 30*year)
		if err != nil {
			w.t.Fatal(err)
		}
		s.others = append(s.others, keyID)
	}
	if s.created {
		w.deliver(s)
	} else {
		s.uses.credentialID = a.Current().ID
		w.watch(s)
		w.in(time.Until(s.uses.end)+time.Second, func() { w.watch(s) })
	}
	w.plan(s)
}

// account reads the account; nil while there is none.
func (w *world) account(s *subject) *account.Account {
	if s.accountID == "" {
		return nil
	}
	a, err := w.store.InUse(w.ctx(), account.System(), s.accountID)
	if err != nil {
		w.fail(s, "reading the account: %v", err)
		return nil
	}
	return a
}
