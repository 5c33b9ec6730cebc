package entra

import (
	"net/url"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/token"
)

// configurationV2 is the discovery document of the version 2 endpoints (recorded 2022-01).
func (x *exchanged) configurationV2() (any, *failure) {
	segment, fail := x.segment()
	if fail != nil {
		return nil, fail
	}
	base := x.endpoints() + "/" + segment
	doc := x.configuration(base, segment)
	doc["token_endpoint"] = base + "/oauth2/v2.0/token"
	doc["jwks_uri"] = base + "/discovery/v2.0/keys"
	doc["authorization_endpoint"] = base + "/oauth2/v2.0/authorize"
	doc["device_authorization_endpoint"] = base + "/oauth2/v2.0/devicecode"
	doc["end_session_endpoint"] = base + "/oauth2/v2.0/logout"
	doc["issuer"] = x.loginURL() + "/" + issuerTenant(segment) + "/v2.0"
	doc["userinfo_endpoint"] = "https://" + x.graphHost() + "/" + userInfoPath
	doc["response_types_supported"] = []string{"code", "id_token", "code id_token", "id_token token"}
	doc["scopes_supported"] = []string{"openid", "profile", "email", "offline_access"}
	doc["request_uri_parameter_supported"] = false
	doc["claims_supported"] = []string{
		"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud", "exp",
		"iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
	}
	return doc, nil
}

// configurationV1 is the discovery document of the version 1 endpoints. Its issuer is that of version 1 tokens.
func (x *exchanged) configurationV1() (any, *failure) {
	segment, fail := x.segment()
	if fail != nil {
		return nil, fail
	}
	base := x.endpoints() + "/" + segment
	doc := x.configuration(base, segment)
	doc["token_endpoint"] = base + "/oauth2/token"
	doc["jwks_uri"] = x.endpoints() + "/common/discovery/keys"
	doc["authorization_endpoint"] = base + "/oauth2/authorize"
	doc["device_authorization_endpoint"] = base + "/oauth2/devicecode"
	doc["end_session_endpoint"] = base + "/oauth2/logout"
	doc["check_session_iframe"] = base + "/oauth2/checksession"
	doc["issuer"] = x.sts(issuerTenant(segment))
	doc["userinfo_endpoint"] = base + "/openid/userinfo"
	doc["microsoft_multi_refresh_token"] = true
	doc["response_types_supported"] = []string{"code", "id_token", "code id_token", "token id_token", "token"}
	doc["scopes_supported"] = []string{"openid"}
	doc["claims_supported"] = []string{
		"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud", "exp",
		"iat", "auth_time", "acr", "amr", "nonce", "email", "given_name", "family_name", "nickname",
	}
	return doc, nil
}

// endpoints is the origin of the endpoints: the host asked, but sts.windows.net is a name in issuers only and sends to
// the host for signing in.
func (x *exchanged) endpoints() string {
	if base := x.baseURL(x.r); base != "https://sts.windows.net" {
		return base
	}
	return x.loginURL()
}

// graphHost is where the profile of a person is read.
func (x *exchanged) graphHost() string {
	c, _ := x.cloud()
	return c.Graph[0]
}

// configuration is what both documents have.
func (x *exchanged) configuration(base, segment string) map[string]any {
	c, _ := x.cloud()
	doc := map[string]any{
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"http_logout_supported":                 true,
		"frontchannel_logout_supported":         true,
		"kerberos_endpoint":                     base + "/kerberos",
		"tenant_region_scope":                   nil,
		"cloud_instance_name":                   c.Instance,
		"cloud_graph_host_name":                 c.LegacyGraph,
		"msgraph_host":                          c.Graph[0],
		"rbac_url":                              c.AccessControl,
	}
	if segment == x.tenant.ID {
		doc["tenant_region_scope"] = c.Region
	}
	return doc
}

// issuerTenant is the tenant in an issuer: without a certain one, clients find this very placeholder (recorded 2021).
func issuerTenant(segment string) string {
	switch segment {
	case common, organizations:
		return "{tenantid}"
	case consumers:
		return "9188040d-6c67-4c5b-b112-36a304b66dad" // the tenant of all personal accounts
	}
	return segment
}

func (x *exchanged) keysV2() (any, *failure) {
	segment, fail := x.segment()
	if fail != nil {
		return nil, fail
	}
	key := x.signer.JWK()
	c, _ := x.cloud()
	key.CloudInstance = c.Instance
	key.Issuer = x.loginURL() + "/" + issuerTenant(segment) + "/v2.0"
	return map[string]any{"keys": []token.JWK{key}}, nil
}

func (x *exchanged) keysV1() (any, *failure) {
	if _, fail := x.segment(); fail != nil {
		return nil, fail
	}
	return map[string]any{"keys": []token.JWK{x.signer.JWK()}}, nil
}

// instance is a group of names for one cloud's Entra ID.
type instance struct {
	Network string   `json:"preferred_network"`
	Cache   string   `json:"preferred_cache"`
	Aliases []string `json:"aliases"`
}

// instances are the groups that Entra names (recorded 2021-01; MSAL's built-in metadata).
func instances() []instance {
	return []instance{
		{"login.microsoftonline.com", "login.windows.net", []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"}},
		{"login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn", []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"}},
		{"login.microsoftonline.de", "login.microsoftonline.de", []string{"login.microsoftonline.de"}},
		{"login.microsoftonline.us", "login.microsoftonline.us", []string{"login.microsoftonline.us", "login.usgovcloudapi.net"}},
		{"login-us.microsoftonline.com", "login-us.microsoftonline.com", []string{"login-us.microsoftonline.com"}},
	}
}

// wellKnown says whether host is one of Microsoft's.
func wellKnown(host string) bool {
	return slices.ContainsFunc(instances(), func(i instance) bool { return slices.Contains(i.Aliases, strings.ToLower(host)) })
}

// instanceDiscovery says whether an authority is a known one. Clients that drop the port of the authority in their
// question (MSAL Python) get the origin that they asked at.
func (x *exchanged) instanceDiscovery() (any, *failure) {
	if !strings.EqualFold(x.path, common) {
		return nil, tenantNotFound(x.path)
	}
	asked := x.r.URL.Query().Get("authorization_endpoint")
	if asked == "" {
		return nil, missing("authorization_endpoint")
	}
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, unknownInstance()
	}
	base := x.baseURL(x.r)
	own, err := url.Parse(base)
	if err != nil {
		return nil, unknownInstance()
	}
	known := instances()
	switch {
	case strings.EqualFold(u.Hostname(), own.Hostname()):
		if !wellKnown(own.Hostname()) {
			known = append([]instance{{own.Host, own.Host, []string{own.Host}}}, known...)
		}
	case wellKnown(u.Host):
		base = "https://" + u.Host
	case isLoopback(u.Hostname()): // the emulator under another of its names, asked behind a proxy
		base = "https://" + u.Host
		known = append([]instance{{u.Host, u.Host, []string{u.Host}}}, known...)
	default:
		return nil, unknownInstance()
	}
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	version := ""
	if strings.HasPrefix(strings.ToLower(rest), "oauth2/v2.0/") {
		version = "/v2.0"
	}
	api := x.r.URL.Query().Get("api-version")
	if api != "1.0" {
		api = "1.1"
	}
	return map[string]any{
		"tenant_discovery_endpoint": base + "/" + url.PathEscape(tenant) + version + "/.well-known/openid-configuration",
		"api-version":               api,
		"metadata":                  known,
	}, nil
}
