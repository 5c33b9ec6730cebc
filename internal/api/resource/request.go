package resource

import "time"

// Kinds of a new account.
const (
	CreateAuto     = "auto"     // Evercred makes the application
	CreateExisting = "existing" // the application is there and its credential is given
)

// Create asks for a new account.
type Create struct {
	Kind          string   `json:"kind" enum:"auto,existing" doc:"auto: make an application; existing: use the one that application_id names"`
	Name          string   `json:"name"`
	Description   string   `json:"description,omitempty"`
	Cloud         string   `json:"cloud,omitempty" doc:"global, usgov, china or custom; the server's default if left out"`
	TenantID      string   `json:"tenant_id,omitempty"`
	SignIn        string   `json:"sign_in,omitempty" doc:"auto only: id of a sign-in that was made before; if left out, the operation asks for one"`
	Subscriptions []string `json:"subscriptions,omitempty" nullable:"false" doc:"Ids. Required for auto; for existing, all that the application sees if left out"`
	RoleSet       []string `json:"role_set,omitempty" nullable:"false" doc:"Names of Azure roles; the default set if left out"`

	ManagementGroup string   `json:"management_group,omitempty" doc:"Id of a management group that is the scope, in place of subscriptions"`
	Profile         string   `json:"profile,omitempty" doc:"Permission profile: what the account is for; default if left out"`
	Purposes        []string `json:"purposes,omitempty" nullable:"false" doc:"Of the profile; all if left out"`
	UsedBy          []string `json:"used_by,omitempty" nullable:"false" doc:"What stops when the account stops working"`

	Method   string `json:"method,omitempty" enum:"secret,certificate" doc:"Of the credential that is made, auto only; a secret if left out"`
	Lifetime string `json:"lifetime,omitempty" doc:"Of the new credential, auto only; e.g. 180d"`

	ApplicationID string `json:"application_id,omitempty" doc:"existing only"`
	Material
	AllowMissing bool `json:"allow_missing,omitempty" doc:"existing only: store the account although roles are missing"`
}

// Material is the credential of an existing application: a secret, or a certificate with its password.
type Material struct {
	Secret          *Secret    `json:"secret,omitempty" required:"false" writeOnly:"true"`
	SecretExpiresAt *time.Time `json:"secret_expires_at,omitempty" doc:"The end of the secret, where it is known"`
	Certificate     []byte     `json:"certificate,omitempty" writeOnly:"true" doc:"A PFX or P12 file in base64, of at most 1 MiB before that"`
	Password        *Secret    `json:"password,omitempty" required:"false" writeOnly:"true" doc:"Of the certificate file"`
}

// Connect points an account at an existing application, or gives it a new value for the same one.
type Connect struct {
	ApplicationID string   `json:"application_id,omitempty" doc:"The account's own if left out"`
	TenantID      string   `json:"tenant_id,omitempty" doc:"The account's own if left out"`
	Cloud         string   `json:"cloud,omitempty"`
	Subscriptions []string `json:"subscriptions,omitempty" nullable:"false"`
	RoleSet       []string `json:"role_set,omitempty" nullable:"false"`
	Material
	AllowMissing bool `json:"allow_missing,omitempty" doc:"Store it although roles are missing"`
}

// Renew asks for a new secret of the same application.
type Renew struct {
	Soak     string    `json:"soak,omitempty" doc:"e.g. 24h; 0s removes the old secret in the same run; the account's policy if left out"`
	Lifetime string    `json:"lifetime,omitempty" doc:"e.g. 180d; the account's policy if left out"`
	Kind     string    `json:"kind,omitempty" enum:"secret,certificate" doc:"Of the new credential; the kind the account has if left out"`
	SignIn   SignInRef `json:"sign_in,omitzero" doc:"Let a person sign in also where the account's certificate could sign for its successor"`
}

// Recreate asks for the application back.
type Recreate struct {
	Choice   string `json:"choice,omitempty" enum:"restore,new" doc:"If left out, the operation asks where both are possible"`
	Method   string `json:"method,omitempty" enum:"secret,certificate" doc:"Of the new credential, where one is needed; as the account has if left out"`
	Lifetime string `json:"lifetime,omitempty" doc:"e.g. 180d"`
	SignIn   string `json:"sign_in,omitempty" doc:"Id of a sign-in that was made before; if left out, the operation asks for one"`
}

// UseSignIn names the sign-in that an operation is to use.
type UseSignIn struct {
	SignIn string `json:"sign_in,omitempty" doc:"Id of a sign-in that was made before; if left out, the operation asks for one"`
}

// CheckRequest asks for a check.
type CheckRequest struct {
	SignIn SignInRef `json:"sign_in,omitzero" doc:"Let a person sign in, so that Microsoft Graph can tell the ends of credentials"`
}

// HandOverRequest asks for the current credential. Each hand-over is audited.
type HandOverRequest struct {
	Acknowledge bool    `json:"acknowledge,omitempty" doc:"Also record that the software that uses the account has it"`
	Password    *Secret `json:"password,omitempty" required:"false" writeOnly:"true" doc:"Gives a certificate as a PFX file under this password, instead of PEM"`
}

// HandOver is a disclosed credential: exactly one of the last three is set.
type HandOver struct {
	Account        AccountRef `json:"account"`
	ApplicationID  string     `json:"application_id"`
	TenantID       string     `json:"tenant_id"`
	Credential     Credential `json:"credential"`
	Secret         *Secret    `json:"secret,omitempty" required:"false"`
	CertificatePEM *Secret    `json:"certificate_pem,omitempty" required:"false" doc:"Private key, certificate and chain"`
	CertificatePFX []byte     `json:"certificate_pfx,omitempty" doc:"A PFX file in base64"`
}

// Choose answers an operation's question.
type Choose struct {
	Option string `json:"option" doc:"One of the options of the operation's choice"`
}

// Operations is a list of operations, newest first.
type Operations struct {
	Operations []Operation `json:"operations" nullable:"false"`
}
