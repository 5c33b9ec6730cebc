// Package cloud knows the host names of Microsoft's clouds that the emulator answers for when a client reaches it
// through its proxy, and what differs from one cloud to the next in the answers.
package cloud

import (
	"slices"
	"strings"
	"sync"
)

// Service is one of the three services that have host names of their own.
type Service string

// The services.
const (
	None            Service = ""
	Login           Service = "login"
	Graph           Service = "graph"
	ResourceManager Service = "resource manager"
)

// Cloud is one of Microsoft's clouds (Microsoft Entra, national clouds; MSAL's built-in metadata).
type Cloud struct {
	Name            string
	Login           []string // hosts of Entra ID; the first is the one that issuers name
	Graph           []string // hosts of Microsoft Graph; the first is the default
	ResourceManager []string

	Instance      string // cloud_instance_name of discovery documents
	LegacyGraph   string // cloud_graph_host_name
	AccessControl string // rbac_url
	STS           string // issuer of version 1 tokens, before the tenant
	Region        string // tenant_region_scope of a tenant at home there
}

// All returns the clouds, the global one first. They are shared: nobody may change them.
func All() []Cloud { return all() }

// all is made once: each request asks which cloud its host belongs to.
var all = sync.OnceValue(func() []Cloud { //nolint:gochecknoglobals // a constant list
	return []Cloud{
		{
			Name:            "AzureCloud",
			Login:           []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"},
			Graph:           []string{"graph.microsoft.com"},
			ResourceManager: []string{"management.azure.com"},
			Instance:        "microsoftonline.com", LegacyGraph: "graph.windows.net", AccessControl: "https://pas.windows.net",
			STS: "https://sts.windows.net/", Region: "EU",
		},
		{
			Name:            "AzureUSGovernment",
			Login:           []string{"login.microsoftonline.us", "login.usgovcloudapi.net"},
			Graph:           []string{"graph.microsoft.us", "dod-graph.microsoft.us"},
			ResourceManager: []string{"management.usgovcloudapi.net"},
			Instance:        "microsoftonline.us", LegacyGraph: "graph.windows.net", AccessControl: "https://pasff.usgovcloudapi.net",
			STS: "https://sts.windows.net/", Region: "USGov",
		},
		{
			Name:            "AzureChinaCloud",
			Login:           []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"},
			Graph:           []string{"microsoftgraph.chinacloudapi.cn"},
			ResourceManager: []string{"management.chinacloudapi.cn"},
			Instance:        "partner.microsoftonline.cn", LegacyGraph: "graph.chinacloudapi.cn", AccessControl: "https://pas.chinacloudapi.cn",
			STS: "https://sts.chinacloudapi.cn/", Region: "AS",
		},
	}
})

// Find returns the cloud and the service of a host name, without a port and in any letter case. For any other host it
// is the global cloud and None: the emulator under a name of its own.
func Find(host string) (Cloud, Service) {
	host = strings.ToLower(host)
	for _, c := range all() {
		switch {
		case slices.Contains(c.Login, host):
			return c, Login
		case slices.Contains(c.Graph, host):
			return c, Graph
		case slices.Contains(c.ResourceManager, host):
			return c, ResourceManager
		}
	}
	return all()[0], None
}

// Hosts returns the names of all clouds and services.
func Hosts() []string {
	var hosts []string
	for _, c := range all() {
		hosts = slices.Concat(hosts, c.Login, c.Graph, c.ResourceManager)
	}
	return hosts
}
