package renewal

import (
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/secret"
)

// RenewRequest asks for a new credential on the same application. Nil durations mean the account's policy. An empty kind
// means the kind the account has. A certificate signs for its own renewal, without a person, unless a sign-in is asked for.
type RenewRequest struct {
	Kind       account.Kind
	WithSignIn bool
	SignIn     string // id of a sign-in that was made before; empty: one of its own, where one is needed
	Soak       *time.Duration
	Lifetime   *time.Duration
}

// RecreateRequest asks for the application back. Choice is "restore", "new" or empty: then the operation asks where
// both are possible.
type RecreateRequest struct {
	Kind     account.Kind // of the credential where a new one is needed; empty: as the account has
	SignIn   string       // as of RenewRequest
	Choice   string
	Lifetime *time.Duration
}

// AddRequest asks for a new account with an application that Evercred makes.
type AddRequest struct {
	Name, Description string
	SignIn            string   // as of RenewRequest
	Cloud             string   // empty: the configured default
	TenantID          string   // empty: the tenant of the person who signs in
	Subscriptions     []string // at least one
	RoleSet           []string // empty: the default role set
	Purpose
	Kind     account.Kind // of the credential; empty: a secret
	Lifetime *time.Duration
}

// ConnectRequest specifies an existing application by a secret or a certificate. For Connect, empty ids mean the
// account's own; for AddExisting both are required.
type ConnectRequest struct {
	Name, Description string // AddExisting only
	Cloud             string
	ApplicationID     string
	TenantID          string
	Subscriptions     []string     // empty: all that the application sees
	RoleSet           []string     // empty: the account's, or the default
	Secret            secret.Value // or
	Certificate       []byte       // a PFX/P12 file
	Password          secret.Value // of Certificate
	ExpiresAt         *time.Time   // end of Secret as the user knows it; nil: asked from Graph, else unknown
	AllowMissing      bool         // store although roles are missing
	Purpose                        // what is left out of it is the account's
}

// CheckRequest asks for a check. With WithSignIn a person signs in so that Graph can tell the ends of credentials.
type CheckRequest struct {
	WithSignIn bool
	SignIn     string // as of RenewRequest; implies WithSignIn
}

// ReconcileRequest asks for a look at what is on the application of an account.
type ReconcileRequest struct {
	SignIn string // as of RenewRequest
}

// RemoveRequest asks to forget an account, and to delete the application Evercred made for it.
type RemoveRequest struct {
	SignIn            string // as of RenewRequest
	DeleteApplication bool
	DeleteRoles       bool // take back the role assignments and custom roles that Evercred made for the account
}

// HandOver is a disclosed credential: what the software that uses the account must be given.
type HandOver struct {
	AccountName   string
	ApplicationID string
	TenantID      string
	Credential    account.Credential
	Fate          *account.Fate // of the credential; nil if nothing will happen to it
	Material      secret.Value  // the secret's text, or key and certificates in PEM
}
