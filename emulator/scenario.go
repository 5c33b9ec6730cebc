package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/script"
)

// ErrUnknownScenario is what Start returns for a Config.Scenario that there is not.
var ErrUnknownScenario = errors.New("no such scenario")

// Scenarios are the ways to behave that can be named in Config.Scenario; the first is calm.
func Scenarios() []script.Scenario { return script.Scenarios() }

// checkScenario is asked before anything is made.
func checkScenario(name string) error {
	if name == "" {
		return nil
	}
	if _, found := script.Named(name); found {
		return nil
	}
	var names []string
	for _, s := range script.Scenarios() {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return fmt.Errorf("%w: %q; there are %s", ErrUnknownScenario, name, strings.Join(names, ", "))
}

// startClock puts the emulator's clock to a time, before the tenant is seeded.
func startClock(store *directory.Store, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	err := store.Write(func() error {
		settings := store.Settings()
		settings.ClockOffset = time.Until(at)
		store.SetSettings(settings)
		return nil
	})
	if err != nil {
		return fmt.Errorf("setting the clock: %w", err)
	}
	return nil
}
