package arm

import (
	"net/http"
	"net/url"
	"strings"
)

// endpoints of the cloud that a client sees: this origin, or, when the client came through a proxy that answers for the
// real hosts, those.
type endpoints struct{ name, login, graph, manager, portal string }

func (c *call) endpoints() endpoints {
	origin := c.BaseURL(c.request)
	if u, err := url.Parse(origin); err == nil && strings.EqualFold(u.Hostname(), "management.azure.com") {
		return endpoints{"AzureCloud", "https://login.microsoftonline.com", "https://graph.microsoft.com/", "https://management.azure.com/", "https://portal.azure.com"}
	}
	return endpoints{"EvercredEmulator", origin, origin + "/", origin + "/", origin}
}

// loginEndpoint is what a challenge names: Azure's is the old host name to this day (recorded 2020-09, 2021-01).
func (c *call) loginEndpoint() string {
	if e := c.endpoints(); e.name != "AzureCloud" {
		return e.login
	}
	return "https://login.windows.net"
}

// metadata describes the cloud, without a token, in one of three shapes: the old object of 2015-01-01, a list of clouds
// for 2019-05-01 to 2020-06-01, one cloud for 2022-09-01 (as Microsoft's clients read them).
func (c *call) metadata() (*answer, error) {
	if c.method != http.MethodGet {
		return nil, c.noMethod(http.MethodGet)
	}
	e := c.endpoints()
	audiences := []string{"https://management.core.windows.net/", "https://management.azure.com/"}
	if !c.version.since("2018-01-01") {
		return ok(map[string]any{
			"galleryEndpoint": "https://gallery.azure.com/", "graphEndpoint": "https://graph.windows.net/", "portalEndpoint": e.portal,
			"authentication": map[string]any{"loginEndpoint": e.login, "audiences": audiences},
		})
	}
	cloud := map[string]any{
		"name": e.name, "portal": e.portal, "resourceManager": e.manager, "microsoftGraphResourceId": e.graph,
		"authentication": map[string]any{"loginEndpoint": e.login, "audiences": audiences, "tenant": "common", "identityProvider": "AAD"},
		"graph":          "https://graph.windows.net/", "graphAudience": "https://graph.windows.net/",
		"gallery": "https://gallery.azure.com/", "media": "https://rest.media.azure.net", "batch": "https://batch.core.windows.net/",
		"sqlManagement":           "https://management.core.windows.net:8443/",
		"activeDirectoryDataLake": "https://datalake.azure.net/",
		"vmImageAliasDoc":         "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/arm-compute/quickstart-templates/aliases.json",
		"suffixes":                suffixes(),
		"appInsightsResourceId":   "https://api.applicationinsights.io", "appInsightsTelemetryChannelResourceId": "https://dc.applicationinsights.azure.com/v2/track",
		"attestationResourceId": "https://attest.azure.net", "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
		"logAnalyticsResourceId": "https://api.loganalytics.io", "ossrDbmsResourceId": "https://ossrdbms-aad.database.windows.net",
	}
	if c.version.since("2022-01-01") {
		return ok(cloud)
	}
	return ok([]any{cloud})
}

func suffixes() map[string]string {
	return map[string]string{
		"acrLoginServer": "azurecr.io", "attestationEndpoint": "attest.azure.net", "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
		"azureDataLakeStoreFileSystem": "azuredatalakestore.net", "azureFrontDoorEndpointSuffix": "azurefd.net", "keyVaultDns": "vault.azure.net",
		"mariadbServerEndpoint": "mariadb.database.azure.com", "mhsmDns": "managedhsm.azure.net", "mysqlServerEndpoint": "mysql.database.azure.com",
		"postgresqlServerEndpoint": "postgres.database.azure.com", "sqlServerHostname": "database.windows.net", "storage": "core.windows.net",
		"storageSyncEndpointSuffix": "afs.azure.net", "synapseAnalytics": "dev.azuresynapse.net",
	}
}
