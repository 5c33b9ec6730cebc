package script

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
)

// Scenario is a way for the cloud to behave.
type Scenario struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Replication Replication `json:"replication"`
	Skew        string      `json:"skew,omitempty"` // how far the services' clocks are ahead of the client's, e.g. "12m"
	Throttling  Throttling  `json:"throttling"`
	Faults      []Rule      `json:"faults,omitempty"`
	Actions     []Action    `json:"actions,omitempty"` // done once, when the scenario begins
	Seed        uint64      `json:"seed,omitempty"`    // of all chance in it
}

// Calm is the scenario in which nothing goes wrong.
const Calm = "calm"

//go:embed scenarios/*.json
var scenarioFiles embed.FS

// Scenarios are the built-in ones, calm first, the others by name.
func Scenarios() []Scenario {
	entries, err := scenarioFiles.ReadDir("scenarios")
	if err != nil {
		panic(fmt.Errorf("reading the built-in scenarios: %w", err)) // they are part of the program
	}
	list := make([]Scenario, 0, len(entries))
	for _, entry := range entries {
		raw, err := scenarioFiles.ReadFile("scenarios/" + entry.Name())
		var s Scenario
		if err == nil {
			err = json.Unmarshal(raw, &s)
		}
		if err != nil {
			panic(fmt.Errorf("reading the built-in scenario %s: %w", entry.Name(), err)) // they are part of the program
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Scenario) int {
		if (a.Name == Calm) != (b.Name == Calm) {
			if a.Name == Calm {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return list
}

// Named is the built-in scenario of that name.
func Named(name string) (Scenario, bool) {
	all := Scenarios()
	i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return all[i], true
}
