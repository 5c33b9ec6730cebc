package api

import (
	"maps"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/authn"
)

// documentConfig is huma's configuration: OpenAPI 3.1 at /api/openapi.json, no documentation page (huma's loads its
// script from elsewhere), no schema links in answers.
func documentConfig(version string) huma.Config {
	c := huma.DefaultConfig("Evercred", version)
	c.CreateHooks = nil
	c.OpenAPIPath = "/api/openapi"
	c.DocsPath = ""
	c.SchemasPath = ""
	c.Formats = maps.Clone(huma.DefaultFormats)
	c.RejectUnknownQueryParameters = true
	c.Transformers = []huma.Transformer{translate}
	c.Info.Description = "Keeps the service accounts of backup and automation software connected to Microsoft Azure."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token of this server"},
		"session": {Type: "apiKey", In: "cookie", Name: authn.CookieName, Description: "The session of a person at the page; the port of the server's address follows the name"},
	}
	c.Tags = []*huma.Tag{
		{Name: "accounts", Description: "Service accounts and what can be done with them"},
		{Name: "operations", Description: "What is being done, or was done: start, sign in, follow"},
		{Name: "sign-ins", Description: "A person's sign-in at Microsoft, of which several operations may make use, and what that person can reach"},
		{Name: "server", Description: "What the server is"},
		{Name: "session", Description: "A person's use of the page"},
	}
	return c
}

// finish completes what cannot be said in struct tags: one shape of error for all operations, the second status of what
// starts an operation, and objects that may be null.
func finish(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	problem := schemas.Schema(reflect.TypeFor[resource.Problem](), true, "Problem")
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Delete, item.Patch, item.Put} {
			if op == nil {
				continue
			}
			if accepted := op.Responses["202"]; accepted != nil && op.OperationID != "start-bulk" { // see operationAnswer
				accepted.Description = "The operation goes on"
				op.Responses["200"] = &huma.Response{Description: "The operation has closed already", Content: accepted.Content}
			}
			op.Responses["default"] = &huma.Response{
				Description: "A problem, as RFC 9457 writes it",
				Content:     map[string]*huma.MediaType{resource.ProblemMediaType: {Schema: problem}},
			}
		}
	}
	delete(schemas.Map(), "ErrorModel")
	delete(schemas.Map(), "ErrorDetail")
	for name, fields := range map[string][]string{
		"Account": {"credential", "check", "operation"}, "AccountSummary": {"operation"}, "BulkOperation": {"found", "problem"}, "Credential": {"fate"}, "Operation": {"sign_in", "choice", "problem"}, "SignInSession": {"problem"},
	} {
		for _, field := range fields {
			old := schemas.Map()[name].Properties[field]
			schemas.Map()[name].Properties[field] = &huma.Schema{
				Description: old.Description, AnyOf: []*huma.Schema{{Ref: old.Ref}, {Type: "null"}},
			}
		}
	}
}
