package entra

import (
	"encoding/json"
	"net"
	"net/url"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// The platforms of a registration. Which of them a redirect URI is of decides how its code is redeemed (Microsoft
// identity platform, redirect URI best practices; authorization code flow).
const (
	platformWeb    = "web"          // with a credential
	platformSPA    = "spa"          // from a browser, by a cross-origin request
	platformPublic = "publicClient" // without a credential
)

// redirects are the redirect URIs of a client, by platform.
func (x *exchanged) redirects(c *client) map[string][]string {
	if c.microsoft != nil {
		return map[string][]string{platformPublic: {
			"http://localhost", "https://login.microsoftonline.com/common/oauth2/nativeclient",
			x.baseURL(x.r) + "/common/oauth2/nativeclient", "urn:ietf:wg:oauth:2.0:oob", "ms-appx-web://microsoft.aad.brokerplugin/" + c.id,
		}}
	}
	if c.app == nil {
		return nil
	}
	return registeredRedirects(c.app)
}

func registeredRedirects(app *directory.Application) map[string][]string {
	out := map[string][]string{}
	for _, platform := range []string{platformWeb, platformSPA, platformPublic} {
		var registered struct {
			URIs []string `json:"redirectUris"`
		}
		if raw, ok := app.Properties[platform]; ok && json.Unmarshal(raw, &registered) == nil {
			out[platform] = registered.URIs
		}
	}
	return out
}

// redirect finds the redirect URI of an authorization request: the one asked for, if it is registered, or the only one
// there is.
func (x *exchanged) redirect(c *client, asked string) (uri, platform string, fail *failure) {
	registered := x.redirects(c)
	all := 0
	for _, p := range []string{platformSPA, platformPublic, platformWeb} {
		for _, known := range registered[p] {
			all++
			if asked != "" && sameRedirect(known, asked) {
				return asked, p, nil
			}
			if asked == "" {
				uri, platform = known, p
			}
		}
	}
	switch {
	case asked != "":
		return "", "", redirectMismatch(asked, c.id)
	case all == 0:
		return "", "", noRedirect()
	case all > 1:
		return "", "", missing("redirect_uri")
	}
	return uri, platform, nil
}

// sameRedirect compares as Entra does: exactly, but that the port of a loopback address does not matter, and a slash
// alone is no path (Microsoft identity platform, redirect URI restrictions: localhost exceptions).
func sameRedirect(registered, asked string) bool {
	if registered == asked {
		return true
	}
	a, errA := url.Parse(registered)
	b, errB := url.Parse(asked)
	if errA != nil || errB != nil || b.User != nil || b.Fragment != "" || a.Scheme != b.Scheme || a.Opaque != b.Opaque {
		return false
	}
	if strings.TrimSuffix(a.EscapedPath(), "/") != strings.TrimSuffix(b.EscapedPath(), "/") || a.RawQuery != b.RawQuery {
		return false
	}
	if a.Scheme == "http" && isLoopback(a.Hostname()) {
		return strings.EqualFold(a.Hostname(), b.Hostname())
	}
	return strings.EqualFold(a.Host, b.Host)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
