package control

import (
	"fmt"
	"net/http"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

// listScenarios shows the built-in scenarios.
func (c *Control) listScenarios(*http.Request, []string) (any, error) { return script.Scenarios(), nil }

// playing shows the scenario that was last begun. What was changed since then shows itself at the single controls.
func (c *Control) playing(*http.Request, []string) (any, error) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	return c.scenario, nil
}

// setScenario takes the name of a built-in scenario, with a seed if wanted, or a whole scenario.
func (c *Control) setScenario(r *http.Request, _ []string) (any, error) {
	var s script.Scenario
	if err := read(r, &s); err != nil {
		return nil, err
	}
	if s.Faults == nil && s.Actions == nil && s.Skew == "" && s.Replication == (script.Replication{}) && s.Throttling == (script.Throttling{}) {
		named, found := script.Named(s.Name)
		if !found {
			return nil, unknownScenario(s.Name)
		}
		if s.Seed != 0 {
			named.Seed = s.Seed
		}
		s = named
	}
	if err := c.play(s); err != nil {
		return nil, err
	}
	return c.playing(r, nil)
}

func unknownScenario(name string) error {
	return &refusal{http.StatusNotFound, "ScenarioNotFound", "name", fmt.Sprintf("There is no scenario %q. GET /_emulator/scenarios lists them.", name)}
}

// Play begins a built-in scenario. seed is that of all chance in it; 0 leaves the scenario's own.
func (c *Control) Play(name string, seed uint64) error {
	s, found := script.Named(name)
	if !found {
		return unknownScenario(name)
	}
	if seed != 0 {
		s.Seed = seed
	}
	return c.play(s)
}

// endScenario goes back to calm.
func (c *Control) endScenario(*http.Request, []string) (any, error) {
	return nil, c.Play(script.Calm, 0)
}

// play checks all of a scenario before any of it begins.
func (c *Control) play(s script.Scenario) error {
	rules := []*rule{}
	for i, in := range s.Faults {
		if in.Seed == 0 {
			in.Seed = s.Seed + uint64(i)
		}
		r, err := newRule(in, fmt.Sprintf("faults[%d]", i))
		if err != nil {
			return err
		}
		rules = append(rules, r)
	}
	for i, a := range s.Actions {
		if err := checkAction(a, fmt.Sprintf("actions[%d]", i), false); err != nil {
			return err
		}
	}
	if s.Replication.Delay == "" {
		s.Replication.Delay = "0s"
	}
	if s.Replication.Seed == 0 {
		s.Replication.Seed = s.Seed
	}
	skew := time.Duration(0)
	if s.Skew != "" {
		var err error
		if skew, err = parseSkew(s.Skew, "skew"); err != nil {
			return err
		}
	}
	if err := checkThrottling(s.Throttling, "throttling.factor"); err != nil {
		return err
	}
	if err := c.setCloud(s.Replication, skew); err != nil {
		return err
	}
	c.limits.set(s.Throttling)
	c.faults.set(rules)
	c.faults.mu.Lock()
	before := c.scenario
	c.scenario = s
	c.faults.mu.Unlock()
	if err := c.lift(before.Actions); err != nil {
		return err
	}
	for _, a := range s.Actions {
		if _, err := c.perform(a, nil); err != nil {
			return err
		}
	}
	return nil
}

// lift allows again what the actions of a scenario forbade. What they took away stays away.
func (c *Control) lift(actions []script.Action) error {
	for _, a := range actions {
		var back script.Action
		switch a.Action {
		case script.RefuseSignIn:
			back = script.Action{Action: script.AllowSignIn, Of: a.Of}
		case script.SetAppPolicy:
			back = script.Action{Action: script.SetAppPolicy}
		default:
			continue
		}
		if _, err := c.perform(back, nil); err != nil {
			return err
		}
	}
	return nil
}
