package token

// Application ids of Microsoft's own resources, the same in every tenant (Microsoft Entra, first-party applications).
const (
	GraphAppID      = "00000003-0000-0000-c000-000000000000"
	ManagementAppID = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
)

// GraphAudiences are the forms of aud that Microsoft Graph takes, in its global and national clouds.
func GraphAudiences() []string {
	return append(slashed("https://graph.microsoft.com", "https://graph.microsoft.us",
		"https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn"), GraphAppID)
}

// ManagementAudiences are the forms of aud that Azure Resource Manager takes, in its global and national clouds.
func ManagementAudiences() []string {
	return append(slashed("https://management.core.windows.net", "https://management.azure.com",
		"https://management.core.usgovcloudapi.net", "https://management.usgovcloudapi.net",
		"https://management.core.chinacloudapi.cn", "https://management.chinacloudapi.cn"), ManagementAppID)
}

// slashed returns each address without and with a slash at the end: a token's aud echoes the form that was asked for.
func slashed(addresses ...string) []string {
	out := make([]string, 0, 2*len(addresses)+1)
	for _, a := range addresses {
		out = append(out, a, a+"/")
	}
	return out
}
