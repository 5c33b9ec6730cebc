// Package cloud knows the hosts and audiences of the Microsoft clouds. Nothing else in the code knows a host name.
package cloud

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Cloud is one Microsoft cloud. URLs have no trailing slash.
// Hosts and audiences: Microsoft's documentation of national clouds; the same table stands in Azure CLI and MSAL.
type Cloud struct {
	Name            string // global, usgov, china or custom
	Login           string // Entra ID, e.g. https://login.microsoftonline.com
	Graph           string // Microsoft Graph
	ResourceManager string // Azure Resource Manager
	ManagementScope string // scope of a Resource Manager token
	GraphScope      string // scope of a Microsoft Graph token
	VaultScope      string // scope of a Key Vault token
	StorageScope    string // scope of a Storage token; the same in all clouds
	CAFile          string // PEM file of extra trusted roots; custom cloud only
	ControlURL      string // the emulator's controls (its clock); empty for a real cloud
	Pages           string // where browsers sign in, if not at Login: an emulator has its pages over plain HTTP, too

	// InProcess answers in place of the network: an emulator within a simulation. Nil for every cloud that is real.
	InProcess http.RoundTripper
}

// storageScope: Azure Storage, authorize with Microsoft Entra ID.
const storageScope = "https://storage.azure.com/.default"

// Known returns the built-in clouds.
func Known() []Cloud {
	mk := func(name, login, graph, arm, core, vault string) Cloud {
		return Cloud{
			Name: name, Login: login, Graph: graph, ResourceManager: arm,
			ManagementScope: core + "//.default", GraphScope: graph + "/.default", VaultScope: vault + "/.default", StorageScope: storageScope,
		}
	}
	return []Cloud{
		mk("global", "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://management.azure.com", "https://management.core.windows.net", "https://vault.azure.net"),
		mk("usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net", "https://vault.usgovcloudapi.net"),
		mk("china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn", "https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn", "https://vault.azure.cn"),
	}
}

// Custom makes the cloud that serves everything at one base URL under its own CA, as the emulator does.
func Custom(baseURL, caFile string) (Cloud, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return Cloud{}, fmt.Errorf("custom cloud: %q is not an https URL", baseURL)
	}
	base := strings.TrimRight(baseURL, "/")
	return Cloud{
		Name: "custom", Login: base, Graph: base, ResourceManager: base, CAFile: caFile,
		ManagementScope: "https://management.core.windows.net//.default", GraphScope: "https://graph.microsoft.com/.default",
		VaultScope: "https://vault.azure.net/.default", StorageScope: storageScope,
	}, nil
}

// RoundTripper returns what sends requests to the cloud: InProcess, or else a Transport. Where fresh is true no connection
// is used for a second request. Call release when it is not needed any more.
func (c Cloud) RoundTripper(fresh bool) (t http.RoundTripper, release func(), err error) {
	if c.InProcess != nil {
		return c.InProcess, func() {}, nil
	}
	transport, err := c.Transport()
	if err != nil {
		return nil, nil, err
	}
	transport.DisableKeepAlives = fresh
	return transport, transport.CloseIdleConnections, nil
}

// Transport returns an HTTP transport that trusts the cloud's CA beside the system's. Each call returns a new one,
// with connections of its own: a proof must not reuse a connection that has already found a good server.
func (c Cloud) Transport() (*http.Transport, error) {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: 100, IdleConnTimeout: 90 * time.Second,
		DialContext:         (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 60 * time.Second, ExpectContinueTimeout: time.Second,
	}
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading the CA file of cloud %s: %w", c.Name, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the CA file of cloud %s has no certificate: %s", c.Name, c.CAFile)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}
