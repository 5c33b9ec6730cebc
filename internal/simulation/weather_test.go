package simulation

import (
	"slices"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

// weather is how the whole tenant fares. Spells of one kind do not overlap; those of different kinds do.
type weather struct {
	active   map[string][]script.Rule // by kind of spell
	slow     *script.Replication
	policies [][2]time.Time // times in which a policy forbade or shortened credentials
	calm     time.Time      // since when no spell has been active
	spells   int
}

// spell is a kind of bad time: how often it comes in a year, and how long it lasts.
type spell struct {
	name     string
	perYear  float64
	from, to time.Duration
	rules    func(w *world) []script.Rule
}

// spells are all kinds, in a fixed order.
func spells() []spell {
	answer := func(service, name string, probability float64, after string) script.Rule {
		return script.Rule{Service: service, Probability: probability, Answer: &script.Answer{Error: name, RetryAfter: script.Text(after)}}
	}
	return []spell{
		{"outage", 6, time.Hour, 8 * time.Hour, func(*world) []script.Rule {
			return []script.Rule{answer("entra", "AADSTS90033", 0, ""), answer("graph", "serviceNotAvailable", 0, "30"), answer("arm", "ServerTimeout", 0, "")}
		}},
		{"outage of Entra", 3, 30 * time.Minute, 4 * time.Hour, func(*world) []script.Rule { return []script.Rule{answer("entra", "AADSTS90033", 0, "")} }},
		{"outage of Graph", 3, 30 * time.Minute, 4 * time.Hour, func(*world) []script.Rule { return []script.Rule{answer("graph", "serviceNotAvailable", 0, "")} }},
		{"line cut", 3, 10 * time.Minute, 3 * time.Hour, func(*world) []script.Rule { return []script.Rule{{Drop: "before"}} }},
		{"throttling", 8, time.Hour, 12 * time.Hour, func(*world) []script.Rule {
			return []script.Rule{answer("graph", "TooManyRequests", 0.3, "20"), answer("graph", "TooManyRequests", 0.05, ""), answer("arm", "SubscriptionRequestsThrottled", 0.2, "10")}
		}},
		{"lost answers", 12, 6 * time.Hour, day, func(*world) []script.Rule {
			return []script.Rule{
				{Service: "graph", Method: "POST", Probability: 0.3, Drop: "after"},
				{Service: "graph", Method: "PATCH", Probability: 0.3, Drop: "after"},
				{Service: "arm", Method: "PUT", Probability: 0.3, Drop: "after"},
				{Service: "entra", Path: "/token", Probability: 0.1, Drop: "before"},
				{Service: "graph", Method: "POST", Probability: 0.1, Drop: "before"},
			}
		}},
		{"slow replication", 8, 6 * time.Hour, day, nil},
		{"replication beyond the window", 1, 6 * time.Hour, day, nil},
		{"policy", 0.3, 10 * day, 40 * day, nil},
	}
}

func (w *world) beginWeather() {
	w.apply()
	for _, kind := range spells() {
		w.in(w.untilNext(kind), func() { w.strike(kind) })
	}
	for t := w.between(day, 60*day); t < time.Until(w.end); t += w.between(5*day, 60*day) {
		w.in(t, func() { w.wire.fuse, w.wire.after = 1+w.chance.IntN(40), w.often(0.5) }) // the program is killed soon
	}
}

func (w *world) untilNext(kind spell) time.Duration {
	return time.Duration(w.chance.ExpFloat64() * float64(year) / kind.perYear)
}

// strike begins a spell, and ends it later.
func (w *world) strike(kind spell) {
	lasts := w.between(kind.from, kind.to)
	w.weather.spells++
	w.trace("%s for %s", kind.name, lasts.Round(time.Minute))
	rules := []script.Rule{}
	if kind.rules != nil {
		rules = kind.rules(w)
	}
	w.weather.active[kind.name] = rules
	switch kind.name {
	case "slow replication":
		w.weather.slow = &script.Replication{Delay: w.between(time.Minute, 9*time.Minute).Round(time.Second).String(), Replicas: 2 + w.chance.IntN(4), Order: "random", Seed: w.chance.Uint64()}
	case "replication beyond the window":
		w.weather.slow = &script.Replication{Delay: w.between(12*time.Minute, 50*time.Minute).Round(time.Second).String(), Replicas: 2 + w.chance.IntN(4), Order: "random", Seed: w.chance.Uint64()}
	case "policy":
		w.weather.policies = append(w.weather.policies, [2]time.Time{time.Now(), time.Now().Add(lasts)})
		w.policy(w.often(0.5))
	}
	w.apply()
	w.in(lasts, func() {
		delete(w.weather.active, kind.name)
		switch kind.name {
		case "slow replication", "replication beyond the window":
			w.weather.slow = nil
		case "policy":
			w.act(script.Action{Action: script.SetAppPolicy})
		}
		w.apply()
		w.in(w.untilNext(kind), func() { w.strike(kind) })
	})
}

// policy forbids secrets in the tenant, or shortens the lives of credentials.
func (w *world) policy(noSecrets bool) {
	name := "short-lives"
	if noSecrets {
		name = "no-secrets"
	}
	s, _ := script.Named(name)
	for _, a := range s.Actions {
		w.act(a)
	}
}

func (w *world) act(a script.Action) {
	w.t.Helper()
	if err := w.cloud.Do(a); err != nil {
		w.t.Fatal(err)
	}
}

// apply makes the cloud behave as the active spells say, on top of what is always so: replicas that disagree for 15
// seconds, and a hundredth of the answers to writes lost.
func (w *world) apply() {
	rules := []script.Rule{}
	for _, kind := range spells() {
		rules = append(rules, w.weather.active[kind.name]...)
	}
	rules = append(rules,
		script.Rule{Service: "graph", Method: "POST", Probability: 0.01, Drop: "after"},
		script.Rule{Service: "graph", Probability: 0.005, Answer: &script.Answer{Error: "serviceNotAvailable"}},
		script.Rule{Service: "entra", Path: "/token", Probability: 0.003, Answer: &script.Answer{Error: "AADSTS90033"}})
	for i := range rules {
		rules[i].Seed = w.chance.Uint64()
	}
	slow := w.weather.slow
	if slow == nil {
		slow = &script.Replication{Delay: "15s", Replicas: 3, Order: "random", Seed: w.chance.Uint64()}
	}
	if err := w.cloud.SetFaults(rules...); err != nil {
		w.t.Fatal(err)
	}
	if err := w.cloud.SetReplication(*slow); err != nil {
		w.t.Fatal(err)
	}
	w.weather.calm = time.Now()
}

// forbade reports whether a policy of the tenant stood in the way between two moments.
func (h *weather) forbade(from, to time.Time) bool {
	return slices.ContainsFunc(h.policies, func(p [2]time.Time) bool { return p[0].Before(to) && p[1].After(from) })
}

// calmSince reports whether no spell has been active since a moment.
func (h *weather) calmSince(t time.Time) bool { return len(h.active) == 0 && h.calm.Before(t) }

// misfortune is what people do to an account by hand.
func (w *world) misfortune(s *subject) {
	if s.accountID == "" || s.harm != "" {
		return
	}
	app, found := w.cloud.Look(s.appID)
	if !found || app.Deleted {
		return
	}
	switch draw := w.chance.Float64(); {
	case draw < 0.3 && s.created:
		s.harm = "somebody deleted the application"
		w.act(script.Action{Action: script.DeleteApplication, Application: s.appID})
	case draw < 0.5:
		s.harm = "somebody disabled the application"
		w.act(script.Action{Action: script.DisableApplication, Application: s.appID})
	default:
		s.harm = "somebody removed the credential"
		w.removeByHand(s, app.Credentials[w.chance.IntN(len(app.Credentials))].KeyID)
	}
	w.trace("%s: %s", s.name, s.harm)
	w.watch(s)
	if s.downSince.IsZero() && s.harm == "somebody removed the credential" {
		s.harm = "" // it was not the one that its software uses
		if a := w.account(s); a != nil && a.Current() != nil && !w.works(s.useOf(a.Current())) {
			s.harm = "somebody removed the new credential"
		}
	}
}

func (w *world) removeByHand(s *subject, keyID string) {
	s.others = slices.DeleteFunc(s.others, func(id string) bool { return id == keyID })
	if err := w.cloud.RemoveCredential(s.appID, keyID); err != nil {
		w.t.Fatal(err)
	}
}
