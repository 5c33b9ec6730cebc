package contract_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every operation of the table is one that the emulator has: whatever it answers to a request without sense, it is not
// that there is no such path or method.
func TestServed(t *testing.T) {
	t.Parallel()
	var words vocabulary
	load(t, "shapes.json", &words)
	all := services(t)
	runs := map[string]*run{}
	for name, of := range all {
		runs[name] = newRun(t, of, story{As: "app"}, words)
	}
	fill := strings.NewReplacer(
		"{tenant}", runs["arm"].shapes.vars["tenant"], "{scope}", "/subscriptions/{subscription}", "/subscriptions/{id}", "/subscriptions/{subscription}",
		"{id}", "{newGUID}", "{idOrName}", "{newGUID}", "{appId}", "{newGUID}", "{name}", "none", "{user}", "none@{domain}",
		"{namespace}", "Microsoft.Authorization", "{resource}", "Microsoft.Storage/storageAccounts/none", "{operation}", "eastus/none",
		"?$filter", "?$filter=id eq '{newGUID}'",
	)
	for _, r := range table(t) {
		method, path, _ := strings.Cut(r.operation, " ")
		if plainHTTP(path) || strings.Contains(path, "{operation}") { // what is asked of resources is refused by design
			continue
		}
		in := runs[serviceOf(path)]
		path = fill.Replace(path)
		if in == runs["arm"] {
			path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "api-version=" + version(path)
		}
		s := step{Do: method + " " + path}
		if method != http.MethodGet && method != http.MethodDelete && method != http.MethodHead {
			s.Body = map[string]any{}
		}
		status, header, body := in.ask(s)
		unknown := status == http.StatusNotFound && len(body) == 0 && in == runs["entra"] || status == http.StatusMethodNotAllowed || status >= 500
		for _, says := range []string{"Resource not found for the segment", "is not served", "InvalidResourceType", "is not allowed for the request target"} {
			unknown = unknown || strings.Contains(string(body), says)
		}
		if unknown {
			t.Errorf("%s: %d %s %v", s.Do, status, body, header["Allow"])
		}
	}
}

// plainHTTP says that an operation is not on the TLS address; the tests of package emulator ask for it there.
func plainHTTP(path string) bool {
	return strings.HasPrefix(path, "/msi/") || strings.HasPrefix(path, "/metadata/identity/")
}

func serviceOf(path string) string {
	switch {
	case strings.HasPrefix(path, "/v1.0/"), strings.HasPrefix(path, "/beta/"), strings.HasPrefix(path, "/oidc/"):
		return "graph"
	case strings.HasPrefix(path, "/subscriptions"), strings.HasPrefix(path, "/tenants"), strings.HasPrefix(path, "/providers/"),
		strings.HasPrefix(path, "{scope}"), strings.HasPrefix(path, "/metadata/"):
		return "arm"
	}
	return "entra"
}

// version is an api-version that the type at the end of a path has.
func version(path string) string {
	if strings.Contains(path, "/Microsoft.Management/") {
		return "2020-05-01"
	}
	return "2022-04-01"
}
