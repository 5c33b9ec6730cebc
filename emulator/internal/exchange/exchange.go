// Package exchange carries what the emulator knows of one request from its services back to its request log.
package exchange

import (
	"context"
	"crypto/tls"
	"net"
)

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
type Exchange struct {
	Caller  string
	Replica int // which replica of the directory serves it: Store.View follows it
}

type key struct{}

// With returns a context that carries x.
func With(ctx context.Context, x *Exchange) context.Context { return context.WithValue(ctx, key{}, x) }

// SetCaller notes who called, for the request log: a user principal name or a client id.
func SetCaller(ctx context.Context, name string) {
	if x, ok := ctx.Value(key{}).(*Exchange); ok {
		x.Caller = name
	}
}

// Replica is which replica serves the request of ctx; false outside a request.
func Replica(ctx context.Context) (int, bool) {
	x, ok := ctx.Value(key{}).(*Exchange)
	if !ok {
		return 0, false
	}
	return x.Replica, true
}

type connection struct{}

// WithConnection returns a context that knows the connection that requests come by, so that a fault can cut it.
func WithConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connection{}, c)
}

// Cut ends the connection of the request of ctx under all of its requests; false if it is not known.
func Cut(ctx context.Context) bool {
	c, ok := ctx.Value(connection{}).(net.Conn)
	if !ok {
		return false
	}
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn() // no close_notify: a broken line says no farewell
	}
	_ = c.Close() // closed already: as good
	return true
}
