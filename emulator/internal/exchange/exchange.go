// Package exchange carries what the emulator knows of one request from its services back to its request log.
package exchange

import "context"

// Caller is who an access token speaks for.
type Caller struct {
	ObjectID  string   // of the user or of the service principal
	AppID     string   // the client application
	TenantID  string   // the directory
	Name      string   // user principal name, or the client id of an application
	User      bool     // delegated (a person through a client) rather than app-only
	Scopes    []string // delegated permissions (scp)
	Roles     []string // application permissions (roles)
	Audience  string   // as in the token
	Protected bool     // the token came from a device code flow
}

// Exchange is one request. Services set Caller once they have checked the token.
type Exchange struct{ Caller string }

type key struct{}

// With returns a context that carries x.
func With(ctx context.Context, x *Exchange) context.Context { return context.WithValue(ctx, key{}, x) }

// SetCaller notes who called, for the request log: a user principal name or a client id.
func SetCaller(ctx context.Context, name string) {
	if x, ok := ctx.Value(key{}).(*Exchange); ok {
		x.Caller = name
	}
}
