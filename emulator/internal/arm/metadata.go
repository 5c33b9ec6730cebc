package arm

import (
	"net/http"
	"net/url"
	"strings"
)

// endpoints of a cloud that a client sees: this origin, or, when the client came through a proxy that answers for the
// real hosts, those of the cloud asked.
type endpoints struct {
	name, login, challenge, graph, manager, portal string
	audiences                                      []string
	gallery, sqlManagement, batch                  string
	suffixes                                       map[string]string
}

// realClouds are Microsoft's (Azure CLI and Terraform, cloud environments).
func realClouds() []endpoints {
	return []endpoints{
		{
			// The old host name in challenges is Azure's to this day (recorded 2020-09, 2021-01).
			name: "AzureCloud", login: "https://login.microsoftonline.com", challenge: "https://login.windows.net",
			graph: "https://graph.microsoft.com/", manager: "https://management.azure.com/", portal: "https://portal.azure.com",
			audiences: []string{"https://management.core.windows.net/", "https://management.azure.com/"},
			gallery:   "https://gallery.azure.com/", sqlManagement: "https://management.core.windows.net:8443/", batch: "https://batch.core.windows.net/",
			suffixes: globalSuffixes(),
		},
		{
			name: "AzureChinaCloud", login: "https://login.chinacloudapi.cn", challenge: "https://login.chinacloudapi.cn",
			graph: "https://microsoftgraph.chinacloudapi.cn/", manager: "https://management.chinacloudapi.cn/", portal: "https://portal.azure.cn",
			audiences: []string{"https://management.core.chinacloudapi.cn/", "https://management.chinacloudapi.cn/"},
			gallery:   "https://gallery.chinacloudapi.cn/", sqlManagement: "https://management.core.chinacloudapi.cn:8443/", batch: "https://batch.chinacloudapi.cn/",
			suffixes: map[string]string{
				"acrLoginServer": "azurecr.cn", "keyVaultDns": "vault.azure.cn", "mhsmDns": "managedhsm.azure.cn", "sqlServerHostname": "database.chinacloudapi.cn",
				"storage": "core.chinacloudapi.cn", "mysqlServerEndpoint": "mysql.database.chinacloudapi.cn",
				"postgresqlServerEndpoint": "postgres.database.chinacloudapi.cn", "mariadbServerEndpoint": "mariadb.database.chinacloudapi.cn",
			},
		},
		{
			name: "AzureUSGovernment", login: "https://login.microsoftonline.us", challenge: "https://login.microsoftonline.us",
			graph: "https://graph.microsoft.us/", manager: "https://management.usgovcloudapi.net/", portal: "https://portal.azure.us",
			audiences: []string{"https://management.core.usgovcloudapi.net/", "https://management.usgovcloudapi.net/"},
			gallery:   "https://gallery.usgovcloudapi.net/", sqlManagement: "https://management.core.usgovcloudapi.net:8443/", batch: "https://batch.core.usgovcloudapi.net/",
			suffixes: map[string]string{
				"acrLoginServer": "azurecr.us", "keyVaultDns": "vault.usgovcloudapi.net", "mhsmDns": "managedhsm.usgovcloudapi.net",
				"sqlServerHostname": "database.usgovcloudapi.net", "storage": "core.usgovcloudapi.net", "storageSyncEndpointSuffix": "afs.azure.us",
				"mysqlServerEndpoint": "mysql.database.usgovcloudapi.net", "postgresqlServerEndpoint": "postgres.database.usgovcloudapi.net",
				"mariadbServerEndpoint": "mariadb.database.usgovcloudapi.net", "synapseAnalytics": "dev.azuresynapse.usgovcloudapi.net",
			},
		},
	}
}

func globalSuffixes() map[string]string {
	return map[string]string{
		"acrLoginServer": "azurecr.io", "attestationEndpoint": "attest.azure.net", "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
		"azureDataLakeStoreFileSystem": "azuredatalakestore.net", "azureFrontDoorEndpointSuffix": "azurefd.net", "keyVaultDns": "vault.azure.net",
		"mariadbServerEndpoint": "mariadb.database.azure.com", "mhsmDns": "managedhsm.azure.net", "mysqlServerEndpoint": "mysql.database.azure.com",
		"postgresqlServerEndpoint": "postgres.database.azure.com", "sqlServerHostname": "database.windows.net", "storage": "core.windows.net",
		"storageSyncEndpointSuffix": "afs.azure.net", "synapseAnalytics": "dev.azuresynapse.net",
	}
}

// endpoints are those of the cloud whose Resource Manager the client asked.
func (c *call) endpoints() endpoints {
	origin := c.BaseURL(c.request)
	if u, err := url.Parse(origin); err == nil {
		for _, cloud := range realClouds() {
			if strings.EqualFold(cloud.manager, "https://"+u.Hostname()+"/") {
				return cloud
			}
		}
	}
	e := realClouds()[0]
	e.name, e.login, e.challenge, e.graph, e.manager, e.portal = "EvercredEmulator", origin, origin, origin+"/", origin+"/", origin
	return e
}

// metadata describes the cloud, without a token, in one of three shapes: the old object of 2015-01-01, a list of clouds
// for 2019-05-01 to 2020-06-01, one cloud for 2022-09-01 (as Microsoft's clients read them). The list of a real cloud has
// its national siblings; that of a cloud of its own has just itself.
func (c *call) metadata() (*answer, error) {
	if c.method != http.MethodGet {
		return nil, c.noMethod(http.MethodGet)
	}
	e := c.endpoints()
	switch {
	case !c.version.since("2018-01-01"):
		return ok(map[string]any{
			"galleryEndpoint": e.gallery, "graphEndpoint": "https://graph.windows.net/", "portalEndpoint": e.portal,
			"authentication": map[string]any{"loginEndpoint": e.login, "audiences": e.audiences},
		})
	case c.version.since("2022-01-01"):
		return ok(e.describe())
	case e.name == "EvercredEmulator":
		return ok([]any{e.describe()})
	}
	var clouds []any
	for _, cloud := range realClouds() {
		clouds = append(clouds, cloud.describe())
	}
	return ok(clouds)
}

func (e endpoints) describe() map[string]any {
	return map[string]any{
		"name": e.name, "portal": e.portal, "resourceManager": e.manager, "microsoftGraphResourceId": e.graph,
		"authentication": map[string]any{"loginEndpoint": e.login, "audiences": e.audiences, "tenant": "common", "identityProvider": "AAD"},
		"graph":          "https://graph.windows.net/", "graphAudience": "https://graph.windows.net/",
		"gallery": e.gallery, "media": "https://rest.media.azure.net", "batch": e.batch, "sqlManagement": e.sqlManagement,
		"activeDirectoryDataLake": "https://datalake.azure.net/",
		"vmImageAliasDoc":         "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/arm-compute/quickstart-templates/aliases.json",
		"suffixes":                e.suffixes,
		"appInsightsResourceId":   "https://api.applicationinsights.io", "appInsightsTelemetryChannelResourceId": "https://dc.applicationinsights.azure.com/v2/track",
		"attestationResourceId": "https://attest.azure.net", "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
		"logAnalyticsResourceId": "https://api.loganalytics.io", "ossrDbmsResourceId": "https://ossrdbms-aad.database.windows.net",
	}
}
