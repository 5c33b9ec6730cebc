package script_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/emulator/script"
)

func TestScenariosAreWhatTheirFilesSay(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("scenarios")
	if err != nil {
		t.Fatal(err)
	}
	all := script.Scenarios()
	if len(all) != len(files) || all[0].Name != script.Calm {
		t.Fatalf("%d scenarios of %d files, first %q", len(all), len(files), all[0].Name)
	}
	for _, f := range files {
		s, found := script.Named(strings.TrimSuffix(f.Name(), ".json"))
		if !found || !strings.HasSuffix(s.Description, ".") {
			t.Errorf("%s: named %q, %q", f.Name(), s.Name, s.Description)
			continue
		}
		// A slip in a property's name would be a misfortune that never comes.
		raw, err := os.ReadFile("scenarios/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		in := json.NewDecoder(strings.NewReader(string(raw)))
		in.DisallowUnknownFields()
		if err := in.Decode(new(script.Scenario)); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
		if _, err := time.ParseDuration(s.Replication.Delay); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
	if _, found := script.Named("sunny"); found {
		t.Error("there is a scenario that nobody wrote")
	}
	if names := script.Actions(); !slices.Contains(names, script.RemoveOwner) || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("actions %q", names)
	}
}

func TestTextTakesNumbers(t *testing.T) {
	t.Parallel()
	var got []script.Text
	if err := json.Unmarshal([]byte(`["2s", 7, 0.5]`), &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]script.Text{"2s", "7", "0.5"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := json.Unmarshal([]byte(`[{}]`), &got); err == nil {
		t.Error("an object is no text")
	}
}
