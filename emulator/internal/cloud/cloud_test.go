package cloud_test

import (
	"slices"
	"testing"

	"github.com/evercred/evercred/emulator/internal/cloud"
)

func TestFind(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]struct {
		name    string
		service cloud.Service
	}{
		"login.microsoftonline.com":    {"AzureCloud", cloud.Login},
		"Login.MicrosoftOnline.com":    {"AzureCloud", cloud.Login},
		"graph.microsoft.com":          {"AzureCloud", cloud.Graph},
		"dod-graph.microsoft.us":       {"AzureUSGovernment", cloud.Graph},
		"management.chinacloudapi.cn":  {"AzureChinaCloud", cloud.ResourceManager},
		"login.chinacloudapi.cn":       {"AzureChinaCloud", cloud.Login},
		"localhost":                    {"AzureCloud", cloud.None},
		"":                             {"AzureCloud", cloud.None},
		"evil-graph.microsoft.com":     {"AzureCloud", cloud.None},
		"graph.microsoft.com.evil.org": {"AzureCloud", cloud.None},
	} {
		c, service := cloud.Find(host)
		if c.Name != want.name || service != want.service {
			t.Errorf("%q: %s, %q", host, c.Name, service)
		}
	}
}

// A name of two services or clouds would make the answer depend on an order.
func TestHostsAreDistinct(t *testing.T) {
	t.Parallel()
	all := cloud.Hosts()
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) || len(all) < 14 {
		t.Errorf("hosts %v", all)
	}
}
