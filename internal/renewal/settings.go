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
}

// Settings returns what the engine was configured with.
func (e *Engine) Settings() Settings {
	s := Settings{
		DefaultCloud: e.first, RoleSet: slices.Clone(e.roles), AzureGate: !e.skipGate, Now: e.clock.Now(),
		Policy: account.Policy{Soak: account.Duration(account.DefaultSoak), Lifetime: account.Duration(account.DefaultLifetime)},
	}
	for name := range e.clouds {
		s.Clouds = append(s.Clouds, name)
	}
	slices.Sort(s.Clouds)
	return s
}
