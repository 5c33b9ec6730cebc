package emulatortest_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
)

// Clients of the device code flow are told to wait as long as Microsoft tells them, or as the test wants.
func TestPollInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		options []emulatortest.Option
		want    int // seconds
	}{{nil, 5}, {[]emulatortest.Option{emulatortest.WithPollInterval(2 * time.Second)}, 2}} {
		cloud := emulatortest.Start(t, c.options...)
		resp, err := cloud.HTTPClient().PostForm(cloud.BaseURL()+"/organizations/oauth2/v2.0/devicecode",
			url.Values{"client_id": {"04b07795-8ddb-461a-bbee-02f9e1bf7b46"}, "scope": {"https://management.azure.com/.default"}})
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Interval int `json:"interval"`
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		if resp.Body.Close(); err != nil || answer.Interval != c.want {
			t.Errorf("interval %d, %v; want %d", answer.Interval, err, c.want)
		}
	}
}
