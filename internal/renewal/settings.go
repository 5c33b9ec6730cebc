package renewal

import (
	"slices"
	"time"

	"github.com/evercred/evercred/internal/account"
)

// Settings are what an engine was configured with, for those who show it.
type Settings struct {
	Clouds       []string // names, in order
	DefaultCloud string
	RoleSet      []string       // of new accounts that name none
	Policy       account.Policy // of new accounts
	AzureGate    bool           // a person who signs in must be allowed to assign roles
	Now          time.Time      // on the clock of the cloud
	Proof        Proof
	Installation string  // begins the tags of what is added at Microsoft, after account.TagPrefix
	Writes       float64 // to Microsoft a second, for one tenant
}

// Proof is how a new credential is proven.
type Proof struct {
	Answers     int           // good token answers in a row
	Spread      time.Duration // from the first to the last; 0: at once
	Propagation time.Duration // how long "not yet replicated" is waited out
}

// Settings returns what the engine was configured with.
func (e *Engine) Settings() Settings {
	s := Settings{
		DefaultCloud: e.first, RoleSet: slices.Clone(e.roles), AzureGate: !e.skipGate, Now: e.clock.Now(),
		Proof:        Proof{Answers: e.proofs, Spread: max(e.spread, 0), Propagation: e.window},
		Installation: e.store.Installation(), Writes: float64(e.writes),
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
	}
	for name := range e.clouds {
		s.Clouds = append(s.Clouds, name)
	}
	slices.Sort(s.Clouds)
	return s
}
